"""Tables as they are read and written: CSV, or XLSX with its sheets."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cohort.base.errors import DataError
from cohort.base.files import open_table
from cohort.base.workbook import safe_cell
from cohort.importing.record_table import MOST_BYTES, csv_rows

WORKBOOK = ".xlsx"
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
TABLES = (".csv", ".tsv", WORKBOOK)


class Sheet(NamedTuple):
    """A table's rows, the heading first; its title in a workbook, "" elsewhere.

    `without_value` are its formulas of which the workbook holds no value, as a program leaves them
    that writes workbooks and doesn't reckon: row and column, from 1. Their cells are empty.
    """

    title: str
    rows: list[Sequence[Any]]
    without_value: Sequence[tuple[int, int]] = ()


def read_sheets(path: Path) -> list[Sheet]:
    """Read a table; of a workbook the sheets that hold anything, hidden ones, too.

    Raises
    ------
    DataError
        If it is not a table, damaged, too large unpacked, or empty.
    """
    if path.suffix.lower() == WORKBOOK:
        sheets = _of_workbook(path)
    else:
        sheets = [Sheet("", [list(row) for row in csv_rows(path)])]
    sheets = [sheet for sheet in sheets if any(map(_holds, sheet.rows))]
    if not sheets:
        raise DataError(f"{path}: is empty; a heading and a row for each record are needed.")
    return sheets


def write_sheets(target: Path, sheets: Sequence[Sheet]) -> None:
    """Write a table; in a workbook a text stays a text, and who wrote it isn't told."""
    if target.suffix.lower() != WORKBOOK:
        with open_table(target, "w") as file:
            comma = "\t" if target.suffix.lower() == ".tsv" else ","
            csv.writer(file, delimiter=comma).writerows(sheets[0].rows)
        return
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for number, (title, rows, _) in enumerate(sheets, start=1):
        sheet = book.create_sheet(title or f"Sheet{number}")
        for row in rows:
            sheet.append([safe_cell(sheet, value) for value in row])
    book.save(target)


def _sheets(path: Path, data_only: bool) -> list[Sheet]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=data_only)
    sheets = [
        Sheet(sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in book.worksheets
    ]
    book.close()
    return sheets


def _without_value(
    rows: Sequence[Sequence[Any]], written: Sequence[Sequence[Any]]
) -> list[tuple[int, int]]:
    """Return where a formula is written and no value is held."""
    return [
        (line, column)
        for line, (row, other) in enumerate(zip(rows, written, strict=False), start=1)
        for column, (value, formula) in enumerate(zip(row, other, strict=False), start=1)
        if value is None and formula is not None
    ]


def _holds(row: Sequence[Any]) -> bool:
    return any(value is not None and str(value).strip() for value in row)


def _of_workbook(path: Path) -> list[Sheet]:
    try:
        with zipfile.ZipFile(path) as archive:
            # A small file may unpack to any size.
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise DataError(f"{path}: is too large unpacked; export it as CSV.")
            names = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
            has_formulas = any(_FORMULA.search(archive.read(name)) for name in names)
        sheets = _sheets(path, data_only=True)
        if has_formulas:
            written = _sheets(path, data_only=False)
            sheets = [
                sheet._replace(without_value=_without_value(sheet.rows, other.rows))
                for sheet, other in zip(sheets, written, strict=True)
            ]
    except FileNotFoundError:
        raise DataError(f"{path}: no such file.") from None
    except DataError:
        raise
    except Exception:  # a damaged file makes openpyxl raise whatever comes first
        raise DataError(f"{path}: is not an XLSX table, or damaged; export it again.") from None
    return sheets
