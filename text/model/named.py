"""What the arguments of `text.annotate` name: a pipeline, or none, and records.

Without spaCy where files tell, so that a typing error is told at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cohort.base.errors import DataError, UsageError

PARTS = ("config.cfg", "meta.json")
"""What makes a folder a spaCy pipeline."""
ONE_PIPELINE = "name one pipeline, as the first argument or by --pipeline"


def is_pipeline(folder: Path) -> bool:
    """Return whether a folder is a trained spaCy pipeline, by its files."""
    return all((folder / name).is_file() for name in PARTS)


def require_pipeline(named: str) -> None:
    """Make sure that what is named is the folder of a pipeline, or an installed one.

    Raises
    ------
    DataError
        If it is neither.
    """
    folder = Path(named)
    if not folder.exists():
        if not _is_installed(named):
            raise DataError(f"{named}: no such folder, nor an installed pipeline of that name.")
    elif not is_pipeline(folder):
        lacking = next(name for name in PARTS if not (folder / name).is_file())
        raise DataError(
            f"{named}: is not a spaCy pipeline (no {lacking}); train one with "
            "`python -m spacy train configs/text/ner_cnn.cfg --output training/text` "
            "and name its model-best, or name none, for sections and findings by rules."
        )


def pipeline_and_records(
    named: Sequence[Path], pipeline: str | None = None
) -> tuple[str | None, list[Path]]:
    """Return the pipeline, None for that of rules only, and the records.

    Parameters
    ----------
    named
        The arguments. The first one is the pipeline if it is one by its files, or if it is no file
        and the name of an installed package.
    pipeline
        The option `--pipeline`.

    Raises
    ------
    DataError
        If the pipeline is not whole, or the first of several arguments is neither a pipeline nor
        a record.
    UsageError
        If there is no record, or more than one pipeline.
    """
    first, *others = named
    records = list(named)
    if pipeline is not None:
        require_pipeline(pipeline)
    elif is_pipeline(first) or (not first.exists() and _is_installed(str(first))):
        pipeline, records = str(first), others
        if not records:
            raise UsageError(f"{first}: is a pipeline; name the records after it.")
    else:
        _refuse_what_may_be_meant_as_pipeline(first, others)
    for folder in records:
        if is_pipeline(folder):
            raise UsageError(
                f"{folder}: is a pipeline and stands among the records; {ONE_PIPELINE}."
            )
    return pipeline, records


def _refuse_what_may_be_meant_as_pipeline(first: Path, others: Sequence[Path]) -> None:
    """Refuse a first argument that was likely meant as a pipeline: rules must not stand in."""
    if first.is_dir() and any((first / name).is_file() for name in PARTS):
        require_pipeline(str(first))
    if first.is_dir() and is_pipeline(first / "model-best"):
        raise DataError(
            f"{first}: is not a spaCy pipeline, but holds one; name {first / 'model-best'}."
        )
    if others and not first.exists():
        raise DataError(
            f"{first}: no such record or folder, nor an installed pipeline of that name; name "
            "records alone for sections and findings by rules."
        )


def _is_installed(name: str) -> bool:
    """Return whether a package is installed under that name, as `spacy.load` takes one."""
    from importlib.metadata import PackageNotFoundError, distribution

    if not name.replace("-", "_").isidentifier():
        return False
    try:
        distribution(name)
    except (PackageNotFoundError, ValueError):
        return False
    return True
