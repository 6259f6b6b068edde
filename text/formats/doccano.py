"""doccano's JSONL (and its JSON): a record a line.

Both generations are read: `{"text": …, "label": [[0, 2, "SIDE"]]}`, which any version imports and
which is written here, and `{"text": …, "entities": [{"start_offset": 0, "end_offset": 2, "label":
"SIDE"}]}`, which projects with relations export (relations are left out).

**Offsets** are UTF-16 units: doccano takes them from the browser (github.com/doccano/doccano,
issue 2290). A project set to count grapheme clusters exports other offsets, which nothing in the
file tells: leave that setting off.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cohort.errors import DataError
from text.formats.offsets import CODE_POINTS, UTF_16, Mark, to_note, utf16_offsets
from text.formats.rows import rows
from text.notes import Kind, Note, Tally

NAME = "doccano"
TITLE = "doccano JSONL"
FILE = "doccano.jsonl"
_KEYS = ("label", "labels", "entities")
_FORM = 'like [0, 2, "SIDE"] or {"start_offset": 0, "end_offset": 2, "label": "SIDE"}'


def is_row(row: dict[str, Any]) -> bool:
    """Return whether `row` can be doccano's."""
    # Label Studio's JSON-MIN has text and label too, but its labels have no offsets of that name.
    lists = [row[key] for key in _KEYS if isinstance(row.get(key), list)]
    return isinstance(row.get("text"), str) and not any(
        isinstance(mark, dict) and "start_offset" not in mark for marks in lists for mark in marks
    )


def read(path: Path, record: Path | None, tally: Tally) -> Iterator[Note]:
    """Yield the records of an export.

    Their ids are the `record` that `Writer` gave them, which doccano keeps, or else the file's
    name with doccano's `id` or the line's number.
    """
    for line, row in rows(path):
        text = row.get("text")
        if not isinstance(text, str):
            raise DataError(f"{path}, line {line}: has no text.")
        lists = [_list(path, line, row, key) for key in _KEYS if key in row]
        marks = [_mark(path, line, mark) for its_marks in lists for mark in its_marks]
        name = row.get("record") or f"{path.stem}-{row.get('id', line)}"
        yield to_note(path, str(name), text, marks, (UTF_16, CODE_POINTS), tally)
    tally.kinds[Kind(TITLE, "", "UTF-8")] += 1


class Writer:
    """Writes `doccano.jsonl`."""

    def __init__(self, folder: Path, labels: Sequence[str]) -> None:
        self._file = (folder / FILE).open("w", encoding="utf-8", newline="\n")

    def add(self, note: Note) -> None:
        """Write a record; doccano keeps `record` as its metadata and exports it again."""
        at = utf16_offsets(note.text)
        marks = [[at[start], at[end], label] for start, end, label in note.entities]
        row = {"text": note.text, "label": marks, "record": note.id}
        self._file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _list(path: Path, line: int, row: dict[str, Any], key: str) -> list[Any]:
    if not isinstance(row[key], list):
        raise DataError(f"{path}, line {line}: {key!r} is no list of annotations, each {_FORM}.")
    return row[key]


def _mark(path: Path, line: int, mark: object) -> Mark:
    if isinstance(mark, dict):
        mark = [mark.get(key) for key in ("start_offset", "end_offset", "label")]
    if isinstance(mark, list) and len(mark) == 3:
        start, end, label = mark
        if isinstance(start, int) and isinstance(end, int) and isinstance(label, str) and label:
            return Mark(start, end, label, None, line)
    shown = json.dumps(mark, ensure_ascii=False)[:80]
    raise DataError(f"{path}, line {line}: the annotation {shown} is not {_FORM}.")
