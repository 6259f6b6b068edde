"""A table of medical records, CSV or XLSX, as a hospital's information system exports it.

A row has the patient's or the examination's number and a note: its text, or the name of a file that
holds it. Columns are known by their heading, in English or Chinese.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cohort.base.errors import DataError, raise_all
from cohort.base.textfile import read_text

HEADINGS = {
    "patient": ("patientid", "patient", "mrn", "病人id", "患者id", "病人号", "患者编号", "病历号")
    + ("住院号", "登记号", "patientno", "病人编号"),
    "accession": ("accessionnumber", "accession", "accessionno", "检查号", "影像号", "检查流水号"),
    "text": ("text", "note", "record", "content", "病历", "病历内容", "文本", "内容", "记录"),
    "file": ("file", "filename", "path", "文件", "文件名", "路径"),
}
"""What a column is, to its headings, without spaces, `_` and `-`, in lower case."""
MOST_BYTES = 200_000_000
"""Of a table, unpacked."""
FIELD_LIMIT = 10_000_000


@dataclass(frozen=True)
class RecordRow:
    """A row of the table.

    Attributes
    ----------
    line
        Its number in the table, the heading being 1: messages name it, never the patient.
    patient, accession
        PatientID and accession number, as text; empty where the row has none.
    text
        The note.
    """

    line: int
    patient: str
    accession: str
    text: str


class UnreadRow(NamedTuple):
    """A row that can't be read, by its number in the table, and why."""

    line: int
    why: str


def read_record_table(
    path: Path,
    id_column: str | None = None,
    text_column: str | None = None,
    left_out: list[UnreadRow] | None = None,
) -> list[RecordRow]:
    """Read the records of a table.

    Parameters
    ----------
    path
        A CSV file (UTF-8 or GB18030; separated by commas, semicolons or tabs) or an XLSX file,
        of which the first sheet is read. Files that it names lie beside it, or in folders there.
    id_column, text_column
        Headings of the columns of ids, then taken for the patient's, and of notes; None for those
        that are known.
    left_out
        Takes the rows that can't be read, so that they don't end the rest. Rows without text are
        then returned as well.

    Raises
    ------
    DataError
        Listing all that is wrong: no such file, no column of ids or of notes; and, without
        `left_out`, a row without an id, or a file that is missing or lies outside of the table's
        folder.
    """
    rows = _xlsx_rows(path) if path.suffix.lower() == ".xlsx" else csv_rows(path)
    heading = next(rows, None)
    if heading is None:
        raise DataError(f"{path}: is empty; a heading and a row for each record are needed.")
    columns = _columns(path, heading, {"patient": id_column, "text": text_column})
    found: list[RecordRow] = []
    unread: list[UnreadRow] = []
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        values = {what: row[at].strip() if at < len(row) else "" for what, at in columns.items()}
        patient, accession = values.get("patient", ""), values.get("accession", "")
        if not (patient or accession):
            unread.append(UnreadRow(line, f"{path}, row {line}: has no id."))
            continue
        text = values.get("text", "")
        if not text and values.get("file"):
            try:
                text = _read_note(path, values["file"])
            except DataError as error:
                whys = [f"{path}, row {line}: {problem}" for problem in error.problems]
                unread += [UnreadRow(line, why) for why in whys]
                continue
        if text or left_out is not None:
            found.append(RecordRow(line, patient, accession, text))
    if not any(row.text for row in found):
        found = []
    if left_out is None or not found:
        raise_all([row.why for row in unread])
    else:
        left_out += unread
    if not found:
        raise DataError(f"{path}: holds no records, only a heading.")
    return found


def _columns(path: Path, heading: Sequence[str], asked: Mapping[str, str | None]) -> dict[str, int]:
    """Return which column is what; `asked` are headings by their own names."""
    columns: dict[str, int] = {}
    bare = [name.strip().removeprefix("\ufeff") for name in heading]
    for what, wanted in asked.items():
        if wanted is not None and bare.count(wanted) != 1:
            number = "no" if wanted not in bare else "more than one"
            raise DataError(f"{path}: its first row has {number} column {wanted!r}.")
        if wanted is not None:
            columns[what] = bare.index(wanted)
    # What is asked for stands in for all columns that are known to mean the same.
    named = {"patient": {"patient", "accession"}, "text": {"text", "file"}}
    settled = {kind for what in columns for kind in named[what]}
    for at, name in enumerate(heading):
        plain = "".join(c for c in name.lower() if c not in " _-\u3000\ufeff")
        for what, names in HEADINGS.items():
            if plain in names and what not in settled:
                if what in columns:
                    raise DataError(
                        f"{path}: the columns {heading[columns[what]]!r} and {name!r} are both "
                        f"taken for the {what}; rename one."
                    )
                columns[what] = at
    # What stands in the first row is not shown: without a heading it would be a patient's.
    shown = f"its first row has {len(heading)} columns, of which {len(columns)} are known"
    if not columns.keys() & {"patient", "accession"}:
        raise DataError(
            f"{path}: has no column of ids (PatientID, AccessionNumber, 住院号, 检查号): {shown}. "
            "The first row must be the heading; `hich read` takes another by --id."
        )
    if not columns.keys() & {"text", "file"}:
        raise DataError(
            f"{path}: has no column of notes (text, 病历) or of their files (file, 文件名): "
            f"{shown}. `hich read` takes another by --text."
        )
    return columns


def _read_note(table: Path, name: str) -> str:
    folder = table.parent.resolve()
    path = (folder / name.replace("\\", "/")).resolve()
    if folder not in path.parents:
        raise DataError("the file that it names lies outside of the table's folder.")
    if not path.is_file():
        raise DataError("the file that it names is not there.")
    return read_text(path)[0]


def csv_rows(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a CSV file, the heading first."""
    if path.is_file() and path.stat().st_size > MOST_BYTES:
        raise DataError(f"{path}: is larger than {MOST_BYTES // 1_000_000} MB; split it.")
    text, _ = read_text(path)
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    csv.field_size_limit(FIELD_LIMIT)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    except csv.Error as error:
        raise DataError(f"{path}: is not a CSV table ({error}).") from None


def _xlsx_rows(path: Path) -> Iterator[list[str]]:
    if not path.is_file():
        raise DataError(f"{path}: no such file.")
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            # A small file may unpack to any size.
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise DataError(f"{path}: is too large unpacked; export it as CSV.")
        book = load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows: Iterable[Sequence[object]] = sheet.iter_rows(values_only=True)
        for row in rows:
            yield [_cell(value) for value in row]
        book.close()
    except DataError:
        raise
    except Exception:  # a damaged file makes openpyxl raise whatever comes first
        raise DataError(f"{path}: is not an XLSX table, or damaged; export it again.") from None


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a number that Excel holds as 12345.0
    return str(value)
