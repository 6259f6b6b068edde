"""Which formats of annotated records there are, and which one a file is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from cohort.base.errors import DataError
from text.corpus.annotated import MarkedRecord, ReadingTally
from text.corpus.formats import bioes, brat, doccano, label_studio, own, table
from text.corpus.formats.rows import first_row


class Writer(Protocol):
    """Writes annotated records into a folder; `labels` are all that can come."""

    def __init__(self, folder: Path, labels: Sequence[str]) -> None: ...

    def add(self, note: MarkedRecord) -> None:
        """Write one record."""

    def close(self) -> None:
        """Finish the files."""


Reader = Callable[[Path, "Path | None", ReadingTally], Iterator[MarkedRecord]]
"""Yields the records of a file; the second path is the text that it annotates, if beside it."""

WRITERS: dict[str, type[Writer]] = {
    module.NAME: module.Writer for module in (bioes, doccano, label_studio, brat)
}
"""Name of each format that is written to its writer."""

SUFFIXES = (*bioes.SUFFIXES, ".json", ".jsonl", brat.SUFFIX, table.SUFFIX)
"""Names of files with annotations end in one of these."""

_WORKBOOKS = (".xls", ".xlsx")


def reader_of(path: Path) -> Reader:
    """Return what reads the file `path`, by its name and, of JSON, its first row.

    Raises
    ------
    DataError
        If it is JSON of another kind, or a workbook.
    """
    suffix = path.suffix.lower()
    if suffix == brat.SUFFIX:
        return brat.read
    if suffix == table.SUFFIX:
        return table.read
    if suffix in _WORKBOOKS:
        raise DataError(
            f"{path}: is a workbook, of which annotations are not read; save its sheet as CSV, or "
            "export JSON or JSONL from the annotation tool."
        )
    if suffix not in (".json", ".jsonl"):
        return bioes.read
    row = first_row(path)
    for module in (label_studio, own, doccano):
        if module.is_row(row):
            return module.read
    raise DataError(
        f"{path}: is JSON ({_shown(row)}), but not like that of doccano (text or data; label, "
        "labels or entities), Label Studio (data, annotations or predictions; its export named "
        "JSON, not JSON-MIN), Prodigy or text.annotate (text and spans)."
    )


def _shown(row: dict[str, Any]) -> str:
    return "its first row has " + (", ".join(row) or "no keys")
