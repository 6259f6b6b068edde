"""Tables (CSV) of annotated records: a row for each, its annotations as JSON in a cell.

Read are the columns `text` and, if it has one, `id` (see `text.corpus.table_rows`), and one column
of annotations, called `label`, `labels`, `entities`, `spans` or 标注: a list like
`[[0, 2, "SIDE"]]`, or of objects with start (or start_offset), end (or end_offset) and label (or
labels), as Label Studio's export named CSV has them, which also writes the marked text. Other
columns are passed over.

A row whose cell of annotations is empty was not annotated: it is counted and left out. One that was
looked at and has none holds `[]`.

**Offsets** are code points, or UTF-16 units where only these fit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from text.corpus.annotated import Kind, MarkedRecord, ReadingTally
from text.corpus.formats.keys import is_offset
from text.corpus.formats.offsets import CODE_POINTS, UTF_16, Mark, to_note
from text.corpus.table_rows import TEXTS, TableRow, headings_of, table_rows

SUFFIX = ".csv"
TITLE = "table with annotations"
_COLUMNS = ("label", "labels", "entities", "spans", "标注")
_UNANNOTATED = "rows with an empty cell of annotations, left out"
_FORM = 'a list like [[0, 2, "SIDE"]] or [{"start": 0, "end": 2, "label": "SIDE"}]'


def is_annotated(path: Path) -> bool:
    """Return whether a table has a column of records and one of annotations.

    By its headings, and by its first cell below one of `_COLUMNS` that isn't empty: in a table of
    a hospital's own a column `label` may be a diagnosis.
    """
    headings = headings_of(path)
    named = [name for name in _COLUMNS if name in headings]
    if not named or not any(name in headings for name in TEXTS):
        return False
    try:
        cells = (row.cells[name].strip() for row in table_rows(path) for name in named)
        return next(filter(None, cells), "").startswith("[")
    except DataError:
        return True  # said where it is read


def read(path: Path, record: Path | None, tally: ReadingTally) -> Iterator[MarkedRecord]:
    """Yield the records that were annotated."""
    encoding = ""
    for row in table_rows(path):
        encoding = row.encoding
        cell = row.cells[_column(path, row)]
        if not cell.strip():
            tally.remarks[_UNANNOTATED] += 1
            continue
        found = _list(path, row.line, cell)
        marks = [mark for one in found for mark in _marks(path, row.line, one)]
        yield to_note(path, row.name, row.text, marks, (CODE_POINTS, UTF_16), tally)
    tally.kinds[Kind(TITLE, "", encoding)] += 1


def _column(path: Path, row: TableRow) -> str:
    found = [name for name in _COLUMNS if name in row.cells]
    if len(found) == 1:
        return found[0]
    has = f"several columns of annotations ({', '.join(found)})" if found else "no column of them"
    raise DataError(
        f"{path}: is a table whose annotations are not to be told: it has {has}. Call one column "
        f"label, each cell {_FORM}; or export JSON or JSONL from the annotation tool."
    )


def _list(path: Path, line: int, cell: str) -> list[Any]:
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        shown = " ".join(cell.split())[:80]
        raise DataError(f"{path}, line {line}: the annotations {shown} are not {_FORM}.")
    return found


def _marks(path: Path, line: int, mark: object) -> Iterator[Mark]:
    """Yield what an annotation marks, one for each of its labels."""
    start: Any = None
    end: Any = None
    labels: Any = None
    quote = None
    if isinstance(mark, dict):
        start, end = (mark.get(key, mark.get(f"{key}_offset")) for key in ("start", "end"))
        labels, quote = mark.get("labels", [mark.get("label")]), mark.get("text")
    elif isinstance(mark, list) and len(mark) == 3:
        start, end, labels = mark[0], mark[1], mark[2:]
    are_labels = isinstance(labels, list) and all(isinstance(one, str) and one for one in labels)
    is_quote = quote is None or isinstance(quote, str)
    if not (is_offset(start) and is_offset(end) and labels and are_labels and is_quote):
        shown = json.dumps(mark, ensure_ascii=False)[:80]
        raise DataError(f"{path}, line {line}: the annotation {shown} is not as in {_FORM}.")
    for label in labels:
        yield Mark(start, end, label, quote, line)
