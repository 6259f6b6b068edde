"""A model's folder, told by its files; and the one that comes with the program.

Without torch, so that a command can tell models from scans before it loads anything.
"""

from __future__ import annotations

from pathlib import Path

from cohort.base.errors import DataError

METADATA = "configs/metadata.json"
CONFIG = "configs/train.yaml"
WEIGHTS = "models/model.pt"
PARTS = (METADATA, CONFIG, WEIGHTS)
"""What makes a folder a model."""
CARD = "README.md"
"""Of a model in the box: its model card."""
BOX = Path(__file__).resolve().parents[1] / "pretrained"
IN_THE_BOX = Path("pretrained")
"""How the model in the box is called where a model is named."""


def lacking(folder: Path) -> list[str]:
    """Return which parts of a model a folder lacks."""
    return [name for name in PARTS if not (folder / name).is_file()]


def is_model(folder: Path) -> bool:
    """Return whether a folder is a trained model, by its files."""
    return not lacking(folder)


def require_model(folder: Path) -> None:
    """Make sure that a folder is a trained model, by its files.

    Raises
    ------
    DataError
        If there is none, or parts of it are missing.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such model folder; train one with `hich train`.")
    if missing := lacking(folder):
        raise DataError(
            f"{folder}: is not a trained model (lacks {', '.join(missing)}); "
            "name a folder such as training/imaging/model-best."
        )


def boxed_model(box: Path = BOX) -> Path:
    """Return the folder of the model in the box.

    Raises
    ------
    DataError
        If there is none, or more than one.
    """
    found = [path for path in sorted(box.glob("*")) if is_model(path)]
    if len(found) == 1:
        return found[0]
    what = "holds several models" if found else "holds no model"
    raise DataError(f"{box}: {what}, so none comes with the program; name one by --model.")


def is_boxed(folder: Path) -> bool:
    """Return whether a model is the one in the box."""
    return folder.resolve().parent == BOX


def model_or_boxed(model: Path | None) -> Path:
    """Return the folder of a model that was named; that in the box for `pretrained`, or for none.

    Raises
    ------
    DataError
        If the one in the box is asked for, and there is none.
    """
    if model is None or (model == IN_THE_BOX and not model.exists()):
        return boxed_model()
    return model
