"""The `annotations.jsonl` that `text.annotate` writes, read again; offsets are code points."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cohort.errors import DataError
from text.formats.offsets import CODE_POINTS, Mark, to_note
from text.formats.rows import rows
from text.notes import Kind, Note, Tally

TITLE = "annotations.jsonl of text.annotate"


def is_row(row: dict[str, Any]) -> bool:
    """Return whether `row` can be one of `text.annotate`."""
    return isinstance(row.get("text"), str) and isinstance(row.get("spans"), list)


def read(path: Path, record: Path | None, tally: Tally) -> Iterator[Note]:
    """Yield the records."""
    for line, row in rows(path):
        try:
            if not is_row(row):
                raise TypeError
            marks = [_mark(span, line) for span in row["spans"]]
        except (KeyError, TypeError):
            raise DataError(
                f"{path}, line {line}: is not like the rows that text.annotate writes."
            ) from None
        name = str(row.get("id") or f"{path.stem}-{line}")
        yield to_note(path, name, row["text"], marks, (CODE_POINTS,), tally)
    tally.kinds[Kind(TITLE, "", "UTF-8")] += 1


def _mark(span: dict[str, Any], line: int) -> Mark:
    start, end, label, quote = span["start"], span["end"], span["label"], span.get("text")
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(label, str) and label):
        raise TypeError
    if not (quote is None or isinstance(quote, str)):
        raise TypeError
    return Mark(start, end, label, quote, line)
