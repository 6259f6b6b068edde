"""What the arguments of `imaging.predict` name: a model, or none, and scans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cohort.base.errors import DataError, UsageError
from cohort.schema.manifest import MANIFEST
from cohort.space.file_types import may_be_scan
from imaging.model.folder import PARTS, is_model, lacking, model_or_boxed, require_model

ONE_MODEL = "name one model, as the first argument or by --model"


def model_and_scans(named: Sequence[Path], model: Path | None = None) -> tuple[Path, list[Path]]:
    """Return the folder of the model, and the scans.

    Parameters
    ----------
    named
        The arguments. The first one is the model if it is one by its files; else that in the box
        is taken.
    model
        The option `--model`.

    Raises
    ------
    DataError
        If the model is not whole, or the first of several arguments is neither model nor scan.
    UsageError
        If it is not clear which model is meant, or whether a folder is a model or scans; or there
        is no scan.
    """
    first, *others = named
    scans = list(named)
    if model is not None:
        model = model_or_boxed(model)
        require_model(model)
    elif is_model(first):
        if _holds_scans(first):
            raise UsageError(
                f"{first}: is a model and holds scans or a cohort, too; name the model by --model."
            )
        model, scans = first, others
        if not scans:
            raise UsageError(f"{first}: is a model; name the scans after it.")
    else:
        _refuse_what_may_be_meant_as_model(first, others)
        model = model_or_boxed(None)
    for folder in scans:
        if is_model(folder) and not _holds_scans(folder):
            raise UsageError(f"{folder}: is a model and stands among the scans; {ONE_MODEL}.")
    return model, scans


def _holds_scans(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() or any(map(may_be_scan, folder.iterdir()))


def _refuse_what_may_be_meant_as_model(first: Path, others: Sequence[Path]) -> None:
    """Refuse a first argument that was likely meant as a model: another one must not stand in."""
    if first.is_dir() and len(lacking(first)) < len(PARTS):
        require_model(first)
    if not others or (first.is_file() or may_be_scan(first)):
        return
    from cohort.space.address import Address
    from imaging.scans.given import find_scans

    if not first.exists():
        if Address.of(first).file.exists():
            return
        raise DataError(
            f"{first}: no such scan or model folder; train one with `hich train`, or "
            "name scans alone, for the model that comes with the program."
        )
    if not (first / MANIFEST).is_file() and not find_scans([first]).scans:
        best = first / "model-best"
        hint = f"name {best}" if is_model(best) else f"{ONE_MODEL}, and scans after it"
        raise DataError(
            f"{first}: is neither a trained model (lacks {', '.join(lacking(first))}) nor a folder "
            f"of scans; {hint}."
        )
