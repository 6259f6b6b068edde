"""Files of records to annotate, each read as what it is.

=======================  ==========================================================================
name ends in             what is read
=======================  ==========================================================================
.json, .jsonl, .ndjson   the records of doccano, Label Studio, Prodigy, `text.annotate`, or rows
                         with a `text`; annotations that stand there are passed over
.csv, .tsv               the column `text` (or the like, `TEXTS`) of a table with a header
.bio, .bioes, .conll, …  the characters of a tag file, or the record beside it
.ann                     the record beside it
.docx                    the whole Word document is one record (`text.corpus.docx`)
.txt and others          the whole file is one record, unless it begins with tag lines or JSON
=======================  ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cohort.base.errors import DataError
from cohort.tags.tag_reader import TagReader
from text.corpus.annotated import ReadingTally
from text.corpus.formats import bioes, brat, doccano
from text.corpus.formats.label_studio_tasks import Tasks, is_task
from text.corpus.formats.label_studio_tasks import name_of as name_of_task
from text.corpus.formats.offsets import refuse_half_characters
from text.corpus.formats.rows import rows
from text.corpus.record_text import RECORD_SUFFIX, is_word, read_record, record_beside, with_lf
from text.corpus.table_rows import table_rows

_JSON = (".json", ".jsonl", ".ndjson")
_TABLES = (".csv", ".tsv")
_DOCUMENTS = (
    *(".doc", ".htm", ".html", ".odt", ".pdf", ".rtf", ".xls", ".xlsx", ".xml", ".zip"),
    *(".gz", ".spacy"),
)
_TAG_LINE = re.compile(rb"[^\s]{0,4}[ \t]+(?:O|[BIMESLWU][-_]\S+|\S+[-_][BIMESLWU])\r?")
_JSON_START = re.compile(rb'\s*(?:\[\s*)?\{\s*"')
_TAG_LINES = 3  # so many lines of tags show a tag file


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
    for row in table_rows(path):
        yield Record(row.name, with_lf(row.text), row.encoding)


def _has_tag_lines(path: Path) -> bool:
    lines = [line for line in _start(path).split(b"\n") if line.strip()][:_TAG_LINES]
    return len(lines) == _TAG_LINES and all(map(_TAG_LINE.fullmatch, lines))


def _begins_as_json(path: Path) -> bool:
    return _JSON_START.match(_start(path)) is not None


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1 << 12).removeprefix(b"\xef\xbb\xbf")
