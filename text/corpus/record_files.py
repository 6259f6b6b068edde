"""Files of records to annotate, each read as what it is.

=======================  ==========================================================================
name ends in             what is read
=======================  ==========================================================================
.json, .jsonl, .ndjson   the records of doccano, Label Studio, Prodigy, `text.annotate`, or rows
                         with a `text`; annotations that stand there are passed over
.csv, .tsv               the column `text` (or the like, see `_TEXTS`) of a table with a header
.bio, .bioes, .conll, …  the characters of a tag file, or the record beside it
.ann                     the record beside it
.docx                    the whole Word document is one record (`text.corpus.docx`)
.txt and others          the whole file is one record, unless it begins with tag lines or JSON
=======================  ==========================================================================
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from cohort.base.errors import DataError
from cohort.base.textfile import is_plainly_utf8, read_text
from cohort.tags.tag_reader import TagReader
from text.corpus.annotated import ReadingTally
from text.corpus.formats import bioes, brat, doccano
from text.corpus.formats.label_studio_tasks import Tasks, is_task
from text.corpus.formats.label_studio_tasks import name_of as name_of_task
from text.corpus.formats.offsets import refuse_half_characters
from text.corpus.formats.rows import rows
from text.corpus.record_text import RECORD_SUFFIX, is_word, read_record, record_beside, with_lf

_JSON = (".json", ".jsonl", ".ndjson")
_TABLES = (".csv", ".tsv")
_DOCUMENTS = (
    *(".doc", ".htm", ".html", ".odt", ".pdf", ".rtf", ".xls", ".xlsx", ".xml", ".zip"),
    *(".gz", ".spacy"),
)
_TEXTS = ("text", "record", "report", "note", "content", "病历", "病历文本", "文本", "内容")
_IDS = ("id", "record_id", "case", "case_id", "编号", "病历号", "住院号")
_TAG_LINE = re.compile(rb"[^\s]{0,4}[ \t]+(?:O|[BIMESLWU][-_]\S+|\S+[-_][BIMESLWU])\r?")
_JSON_START = re.compile(rb'\s*(?:\[\s*)?\{\s*"')
_LARGE = 4_000_000  # bytes of a table from which on it is read row by row
_TAG_LINES = 3  # so many lines of tags show a tag file
_LONGEST_CELL = 1 << 30  # characters; csv's own limit is 131,072


class Record(NamedTuple):
    """A record to annotate: its id, its text with LF line ends, the encoding of its file."""

    id: str
    text: str
    encoding: str


def is_one_record(path: Path) -> bool:
    """Return whether the whole file at `path` is one record.

    Raises
    ------
    DataError
        If it is a document of another program, of which only that one shows the text.
    """
    suffix = path.suffix.lower()
    if suffix in _DOCUMENTS:
        raise DataError(
            f"{path}: is not a text file; save each record as {RECORD_SUFFIX} in UTF-8 or as "
            ".docx, or all as .csv with the columns id and text."
        )
    if is_word(path):
        return True
    others = (*_JSON, *_TABLES, brat.SUFFIX, *bioes.SUFFIXES)
    if suffix in others and suffix != RECORD_SUFFIX:
        return False
    return not (_has_tag_lines(path) or _begins_as_json(path))


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a file that is not one record.

    Raises
    ------
    DataError
        With file and line, if it is not what its name says, or lacks texts.
    """
    suffix = path.suffix.lower()
    beside = record_beside(path)
    if suffix in _JSON or (suffix not in _TABLES and _begins_as_json(path)):
        yield from _of_json(path)
    elif suffix in _TABLES and not _has_tag_lines(path):
        yield from _of_table(path)
    elif suffix != RECORD_SUFFIX and beside:
        yield Record(path.stem, *read_record(beside))
    elif suffix == brat.SUFFIX:
        name = f"{path.stem}{RECORD_SUFFIX}"
        raise DataError(f"{path}: has no {name} beside it, the record that it annotates.")
    else:
        reader = TagReader(path)
        for note in bioes.numbered(path.stem, reader.documents()):
            yield Record(note.id, note.text, reader.encoding)


def _of_json(path: Path) -> Iterator[Record]:
    tasks = Tasks(path, ReadingTally())
    for line, row in rows(path):
        if is_task(row):
            name, text = name_of_task(path, line, row), tasks.text(line, row)
        else:
            found = doccano.text_of(row)
            if found is None:
                raise DataError(
                    f"{path}, line {line}: has no text; a row is like "
                    '{"id": "p1", "text": "…"}, or a task of Label Studio.'
                )
            own = row.get("id")
            name = own if isinstance(own, str) and own else doccano.name_of(path, line, row)
            text = found
        refuse_half_characters(path, name, name + text)
        yield Record(name, with_lf(text), "UTF-8")


def _of_table(path: Path) -> Iterator[Record]:
    with _opened(path) as (file, encoding):
        yield from _rows_of_table(path, file, encoding)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[TextIO, str]]:
    """Open a table and give its encoding; a large one is not held in memory where that is sure."""
    if path.is_file() and path.stat().st_size > _LARGE and is_plainly_utf8(path):
        with path.open(encoding="utf-8", newline="") as file:
            yield file, "UTF-8"
    else:
        content, encoding = read_text(path)
        yield StringIO(content, newline=""), encoding


def _rows_of_table(path: Path, file: TextIO, encoding: str) -> Iterator[Record]:
    head = ""
    while not head.strip() and (first := file.readline()):
        head = first  # of blank lines before the header csv makes nothing
    file.seek(0)
    csv.field_size_limit(_LONGEST_CELL)
    table = csv.DictReader(file, delimiter=_separator(head), strict=True)
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
            yield Record(name, with_lf(row[text_column]), encoding)
    except csv.Error as error:
        # The table's own count stands at the last row that was whole.
        line = table.reader.line_num
        raise DataError(f"{path}, line {line}: is not a table ({error}).") from None


def _is_blank(row: dict[str | Any, str | Any]) -> bool:
    """Return whether no cell holds anything; cells behind the header's last are a list."""
    cells = [cell for value in row.values() for cell in (value if value else [])]
    return not any(cell.strip() for cell in cells)


def _separator(content: str) -> str:
    """Return what parts the cells of the header: a comma, a semicolon or a tab."""
    header = content.lstrip().partition("\n")[0]
    return max(",;\t", key=header.count)


def _text_column(path: Path, header: dict[str, str]) -> str:
    known = [header[name] for name in _TEXTS if name in header]
    if "text" in header or len(known) == 1:
        return known[0]
    columns = ", ".join(header.values()) or "none"
    raise DataError(
        f"{path}: its header does not tell which column holds the records (its columns: "
        f"{columns}); name that column text."
    )


def _has_tag_lines(path: Path) -> bool:
    lines = [line for line in _start(path).split(b"\n") if line.strip()][:_TAG_LINES]
    return len(lines) == _TAG_LINES and all(map(_TAG_LINE.fullmatch, lines))


def _begins_as_json(path: Path) -> bool:
    return _JSON_START.match(_start(path)) is not None


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1 << 12).removeprefix(b"\xef\xbb\xbf")
