"""doccano's JSONL (and its JSON): a record per line.

All generations are read: `{"text": …, "label": [[0, 2, "SIDE"]]}`, which any version imports and
which is written here (in some versions the text stands under `data`, or the list under `labels`),
and `{"text": …, "entities": [{"start_offset": 0, "end_offset": 2, "label": "SIDE"}]}`, which
projects with relations export (relations are left out). The first doccano's `{"text": …,
"annotations": [{"label": 7, "start_offset": 0, …}]}` is refused: it holds numbers for labels.

A row without any list of annotations was not annotated: it is counted and left out.

**Offsets** are UTF-16 units: doccano takes them from the browser (github.com/doccano/doccano,
issue 2290). A project set to count grapheme clusters exports other offsets, which nothing in the
file tells: leave that setting off.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from text.corpus.annotated import RELATIONS, WHOLE, Kind, MarkedRecord, ReadingTally
from text.corpus.formats.keys import is_offset, note_unread, unannotated
from text.corpus.formats.offsets import CODE_POINTS, UTF_16, Mark, to_note, utf16_offsets
from text.corpus.formats.rows import rows

NAME = "doccano"
TITLE = "doccano JSONL"
FILE = "doccano.jsonl"
_KEYS = ("label", "labels", "entities", "annotations")
_TEXTS = ("text", "data")
_OTHERS = ("relations", "Comments", "comments", "meta", "metadata")
_WHOLE = "cats"  # labels of whole records, of projects with intents and slots
_FORM = 'like [0, 2, "SIDE"] or {"start_offset": 0, "end_offset": 2, "label": "SIDE"}'


def is_row(row: dict[str, Any]) -> bool:
    """Return whether `row` can be doccano's."""
    # Label Studio's JSON-MIN has text and label too, but its labels have no offsets of that name.
    lists = [row[key] for key in _KEYS if isinstance(row.get(key), list)]
    return any(isinstance(row.get(key), str) for key in _TEXTS) and not any(
        isinstance(mark, dict) and "start_offset" not in mark for marks in lists for mark in marks
    )


def text_of(row: dict[str, Any]) -> str | None:
    """Return the record of a row, None if it has none."""
    return next((row[key] for key in _TEXTS if isinstance(row.get(key), str)), None)


def name_of(path: Path, line: int, row: dict[str, Any]) -> str:
    """Return the id of a row's record.

    It is the `record` that `Writer` gave it, which doccano keeps, or else the file's name with
    doccano's `id` or the line's number.
    """
    return str(row.get("record") or f"{path.stem}-{row.get('id', line)}")


def read(path: Path, record: Path | None, tally: ReadingTally) -> Iterator[MarkedRecord]:
    """Yield the records of an export that were annotated; see `name_of` for their ids."""
    for line, row in rows(path):
        text = text_of(row)
        if text is None:
            raise DataError(f"{path}, line {line}: has no text.")
        note_unread(path, line, row, (*_TEXTS, *_KEYS, *_OTHERS, _WHOLE), tally)
        tally.remarks[RELATIONS] += _length(row.get("relations"))
        tally.remarks[WHOLE] += _length(row.get(_WHOLE))
        lists = [_list(path, line, row, key) for key in _KEYS if row.get(key) is not None]
        if not lists:
            tally.remarks[unannotated(row, _KEYS)] += 1
            continue
        marks = [_mark(path, line, mark) for its_marks in lists for mark in its_marks]
        yield to_note(path, name_of(path, line, row), text, marks, (UTF_16, CODE_POINTS), tally)
    tally.kinds[Kind(TITLE, "", "UTF-8")] += 1


class Writer:
    """Writes `doccano.jsonl`."""

    def __init__(self, folder: Path, labels: Sequence[str]) -> None:
        self._file = (folder / FILE).open("w", encoding="utf-8", newline="\n")

    def add(self, note: MarkedRecord) -> None:
        """Write a record; doccano keeps `record` as its metadata and exports it again."""
        at = utf16_offsets(note.text)
        marks = [[at[start], at[end], label] for start, end, label in note.entities]
        row = {"text": note.text, "label": marks, "record": note.id}
        self._file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _length(value: object) -> int:
    return len(value) if isinstance(value, list) else 0


def _list(path: Path, line: int, row: dict[str, Any], key: str) -> list[Any]:
    if not isinstance(row[key], list):
        raise DataError(f"{path}, line {line}: {key!r} is not a list of annotations, each {_FORM}.")
    return row[key]


def _mark(path: Path, line: int, mark: object) -> Mark:
    values = mark
    if isinstance(mark, dict):
        values = [mark.get(key) for key in ("start_offset", "end_offset", "label")]
    if isinstance(values, list) and len(values) == 3:
        start, end, label = values
        if is_offset(start) and is_offset(end) and isinstance(label, str) and label:
            return Mark(start, end, label, None, line)
        if is_offset(start) and is_offset(end) and is_offset(label):
            raise DataError(
                f"{path}, line {line}: an annotation has the label {label}, a number; export from "
                "doccano with the labels' names (JSONL (Text label) in its first versions)."
            )
    shown = json.dumps(mark, ensure_ascii=False)[:80]
    raise DataError(f"{path}, line {line}: the annotation {shown} is not {_FORM}.")
