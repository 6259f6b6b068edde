"""The `annotations.jsonl` that `text.annotate` writes, read again, and Prodigy's JSONL.

Both are rows of `{"text": …, "spans": [{"start": 0, "end": 2, "label": "SIDE"}]}`, offsets in code
points. Prodigy (prodi.gy/docs/api-interfaces) adds the annotator's `answer`: only what was
accepted counts. Its binary recipes (`"_view_id": "ner"`) ask of one entity a row whether it is
right, which leaves the rest of the record unannotated: such rows are left out too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from text.corpus.annotated import RELATIONS, Kind, MarkedRecord, ReadingTally
from text.corpus.formats.keys import is_offset, note_unread, unannotated
from text.corpus.formats.offsets import CODE_POINTS, Mark, to_note
from text.corpus.formats.rows import rows

TITLE, PRODIGY = "annotations.jsonl of text.annotate", "Prodigy JSONL"
_READ = ("spans", "sections", "findings")
_OF_PRODIGY = ("tokens", "meta", "relations", "options", "config", "_session_id", "versions")
_BINARY = "yes or no answers of Prodigy to one entity a record, left out"


def is_row(row: dict[str, Any]) -> bool:
    """Return whether `row` can be one of `text.annotate` or Prodigy."""
    return isinstance(row.get("text"), str) and (
        isinstance(row.get("spans"), list) or "answer" in row or "_input_hash" in row
    )


def name_of(path: Path, line: int, row: dict[str, Any]) -> str:
    """Return the id of a row's record: its `id`, or the file's name with the line's number."""
    return str(row.get("id") or f"{path.stem}-{line}")


def read(path: Path, record: Path | None, tally: ReadingTally) -> Iterator[MarkedRecord]:
    """Yield the records that were annotated, and accepted where there was a choice."""
    title = TITLE
    for line, row in rows(path):
        if "answer" in row or "_input_hash" in row:
            title = PRODIGY
        if not isinstance(row.get("text"), str):
            raise DataError(_broken(path, line))
        note_unread(path, line, row, (*_READ, *_OF_PRODIGY), tally)
        if isinstance(row.get("relations"), list):
            tally.remarks[RELATIONS] += len(row["relations"])
        reason = _left_out(path, line, row)
        if reason:
            tally.remarks[reason] += 1
            continue
        try:
            marks = [_mark(span, line) for span in row["spans"]]
        except (KeyError, TypeError):
            raise DataError(_broken(path, line)) from None
        name = name_of(path, line, row)
        yield to_note(path, name, row["text"], marks, (CODE_POINTS,), tally)
    tally.kinds[Kind(title, "", "UTF-8")] += 1


def _left_out(path: Path, line: int, row: dict[str, Any]) -> str | None:
    """Return why a row is left out, None if it is not."""
    answer = row.get("answer", "accept")
    if answer not in ("accept", "reject", "ignore"):
        raise DataError(
            f"{path}, line {line}: has the answer {str(answer)[:80]!r}; Prodigy's answers are "
            "accept, reject and ignore."
        )
    if row.get("_view_id") == "ner":
        return _BINARY
    if answer != "accept":
        return f"rows with the answer {answer!r}, left out"
    return unannotated(row, ("spans",)) if row.get("spans") is None else None


def _broken(path: Path, line: int) -> str:
    return f"{path}, line {line}: is not like the rows that text.annotate writes."


def _mark(span: dict[str, Any], line: int) -> Mark:
    start, end, label, quote = span["start"], span["end"], span["label"], span.get("text")
    if not (is_offset(start) and is_offset(end) and isinstance(label, str) and label):
        raise TypeError
    if not (quote is None or isinstance(quote, str)):
        raise TypeError
    return Mark(start, end, label, quote, line)
