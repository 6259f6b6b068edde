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
            marks = [
                Mark(int(s["start"]), int(s["end"]), str(s["label"]), s.get("text"), line)
                for s in row["spans"]
            ]
            text, name = row["text"], str(row.get("id") or f"{path.stem}-{line}")
        except (KeyError, TypeError, ValueError):
            raise DataError(
                f"{path}, line {line}: is not like the rows that text.annotate writes."
            ) from None
        yield to_note(path, name, text, marks, (CODE_POINTS,), tally)
    tally.kinds[Kind(TITLE, "", "UTF-8")] += 1
