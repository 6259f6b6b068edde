"""Cells of spreadsheets, `.xlsx`, that hold what they are given and nothing else."""

from __future__ import annotations

from typing import Any


def safe_cell(sheet: Any, value: Any) -> Any:
    """Return a cell for `sheet.append`; numbers, dates and times are what they are.

    A text that begins with `=` is no formula; characters that a sheet can't hold are left out.
    """
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"  # else one that begins with = would be a formula
    return cell
