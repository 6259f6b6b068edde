"""The cases as a spreadsheet, `.xlsx`: a row each, with the columns of `cases.csv`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cohort.base.files import atomic_file
from cohort.base.workbook import safe_cell


def write_workbook(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a sheet with a heading; numbers stay numbers, and text stays text.

    A text that begins with `=` is no formula; characters that a sheet can't hold are left out.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("cases")
    sheet.freeze_panes = "B2"
    sheet.append([_cell(sheet, name) for name in columns])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    with atomic_file(path) as temporary:
        book.save(temporary)


def _cell(sheet: Any, value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return round(value, 4) if isinstance(value, float) else value
    return safe_cell(sheet, str(value))
