"""Tables of records (CSV, TSV): a heading, then a row for each record, read one after the other."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from cohort.base.errors import DataError
from cohort.base.textfile import CODECS, plain_encoding, read_text

TEXTS = ("text", "record", "report", "note", "content", "病历", "病历文本", "文本", "内容")
_IDS = ("id", "record_id", "case", "case_id", "编号", "病历号", "住院号")
_LARGE = 4_000_000  # bytes of a table from which on it is read row by row
_LONGEST_CELL = 1 << 30  # characters; csv's own limit is 131,072


class TableRow(NamedTuple):
    """A row of a table.

    Attributes
    ----------
    line
        The line of the file on which it ends.
    name, text
        The record's id and text, as they stand there; without an id, the file's name and the line.
    cells
        Heading, without white space at its edges and in small letters, to the cell.
    encoding
        Encoding of the file.
    """

    line: int
    name: str
    text: str
    cells: Mapping[str, str]
    encoding: str


def headings_of(path: Path) -> list[str]:
    """Return the headings of a table as `TableRow.cells` has them; [] if it cannot be read."""
    try:
        with _opened(path) as (file, _):
            table = csv.reader(file, delimiter=_separator(_head(file)))
            return [name.strip().casefold() for name in next(table, [])]
    except (DataError, csv.Error):
        return []


def table_rows(path: Path) -> Iterator[TableRow]:
    """Yield the rows of a table that hold anything.

    Raises
    ------
    DataError
        With file and line: what is no table, has no column of records, or a row of more or fewer
        cells than the heading.
    """
    with _opened(path) as (file, encoding):
        yield from _rows(path, file, encoding)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[TextIO, str]]:
    """Open a table and give its encoding; a large one is not held in memory where that is sure."""
    is_large = path.is_file() and path.stat().st_size > _LARGE
    if is_large and (encoding := plain_encoding(path)):
        with path.open(encoding=CODECS[encoding], newline="") as file:
            yield file, encoding
    else:
        content, encoding = read_text(path)
        yield StringIO(content, newline=""), encoding


def _head(file: TextIO) -> str:
    """Return the line of the headings: of blank lines before it csv makes nothing."""
    head = ""
    while not head.strip() and (first := file.readline()):
        head = first
    file.seek(0)
    return head


def _rows(path: Path, file: TextIO, encoding: str) -> Iterator[TableRow]:
    csv.field_size_limit(_LONGEST_CELL)
    table = csv.DictReader(file, delimiter=_separator(_head(file)), strict=True)
    try:
        if not table.fieldnames:
            raise DataError(f"{path}: is empty.")
        header = {name.strip().casefold(): name for name in table.fieldnames}
        if len(header) < len(table.fieldnames):
            raise DataError(f"{path}: two columns of its header have one name; rename one of them.")
        text_column = _text_column(path, header)
        id_column = next((header[name] for name in _IDS if name in header), None)
        for row in table:
            if _is_blank(row):
                continue  # spreadsheets write rows of empty cells behind the last one
            if None in row or None in row.values():
                raise DataError(
                    f"{path}, line {table.line_num}: has more or fewer cells than the header; a "
                    "text with a comma or a line break stands in quotation marks."
                )
            name = row[id_column] if id_column else f"{path.stem}-{table.line_num}"
            cells = {heading: row[own] for heading, own in header.items()}
            yield TableRow(table.line_num, name, row[text_column], cells, encoding)
    except csv.Error as error:
        # The table's own count stands at the last row that was whole.
        line = table.reader.line_num
        raise DataError(f"{path}, line {line}: is not a table ({error}).") from None


def _is_blank(row: dict[str | Any, str | Any]) -> bool:
    """Return whether no cell holds anything; cells behind the header's last are a list."""
    cells = [cell for value in row.values() for cell in (value if value else [])]
    return not any(cell.strip() for cell in cells)


def _separator(head: str) -> str:
    """Return what parts the cells of the header: a comma, a semicolon or a tab."""
    return max(",;\t", key=head.count)


def _text_column(path: Path, header: dict[str, str]) -> str:
    known = [header[name] for name in TEXTS if name in header]
    if "text" in header or len(known) == 1:
        return known[0]
    columns = ", ".join(header.values()) or "none"
    raise DataError(
        f"{path}: its header does not tell which column holds the records (its columns: "
        f"{columns}); name that column text."
    )
