"""Writing a spreadsheet, `.xlsx`, in which text is never a formula and no number is changed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from cohort.base.files import atomic_file

MOST_CHARACTERS = 32_767
"""What a cell holds; Excel's own limit, beyond which openpyxl cuts without a word."""

CUT_SHORT = " […]"
"""What a text ends with of which a cell can't hold the rest."""

_MOST_DIGITS = 15
"""Digits of a number that Excel keeps; of a longer one, an identity number's, the rest become 0."""

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_workbook(
    path: Path, rows: Iterable[Sequence[Any]], *, sheet: str = "Sheet", freeze: str | None = None
) -> None:
    """Write `rows`, the heading first, as the only sheet of a workbook.

    Numbers, dates and empty cells stay what they are; everything else is text, also where it
    begins with `=`. Control characters, which a sheet can't hold, are left out. Whole numbers of
    more than 15 digits become text, since Excel would round them.

    Parameters
    ----------
    path
        The file, which appears when it is complete.
    rows
        Values of each row.
    sheet
        The sheet's name.
    freeze
        The cell above and left of which nothing scrolls, as "B2".
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    page.freeze_panes = freeze
    for row in rows:
        page.append([safe_cell(page, value) for value in row])
    with atomic_file(path) as temporary:
        book.save(temporary)


def safe_cell(page: Any, value: Any) -> Any:
    """Return what a row of the sheet `page` takes for a value; see `write_workbook`."""
    from openpyxl.cell import WriteOnlyCell

    if value is None or isinstance(value, (date, datetime, time, timedelta)):
        return value
    if isinstance(value, (int, float)) and _is_kept(value):
        return value
    text = _NOT_IN_XML.sub("", str(value))
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - len(CUT_SHORT)] + CUT_SHORT
    cell = WriteOnlyCell(page, text)
    cell.data_type = "s"  # else one that begins with = would be a formula
    return cell


def _is_kept(number: float) -> bool:
    if isinstance(number, float):
        return math.isfinite(number)
    return abs(number) < 10**_MOST_DIGITS
