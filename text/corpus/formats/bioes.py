"""Files of character tags (see `cohort.tags.tag_file`), with or without the record beside them.

Written are `<id>.txt`, the record, and `<id>.bioes`, its tags, as in a cohort's `records` folder.
A tag file alone knows no line breaks; the record beside it keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from cohort.base.files import write_text
from cohort.tags.scheme import Span, bioes
from cohort.tags.tag_file import LINE_BREAKS, read_record_entities, write_bioes
from cohort.tags.tag_reader import Document, TagReader
from text.corpus.annotated import REPAIRED, UNTAGGED, Kind, MarkedRecord, ReadingTally
from text.corpus.record_text import read_record

NAME = "bioes"
TITLE = "tag files"
SUFFIXES = (
    *(".txt", ".tsv", ".conll", ".iob", ".iob2", ".bio", ".bioes", ".bieos", ".bmes", ".bmewo"),
    *(".bilou", ".char", ".tag", ".tags"),
)


def read(path: Path, record: Path | None, tally: ReadingTally) -> Iterator[MarkedRecord]:
    """Yield the documents of a tag file, or the one record that it tags."""
    if record:
        text, _ = read_record(record)
        reader, entities = read_record_entities(path, text)
        yield MarkedRecord(path.stem, text, entities)
    else:
        reader = TagReader(path)
        yield from numbered(path.stem, reader.documents())
    tally.kinds[Kind(reader.scheme, reader.separator, reader.encoding)] += 1
    tally.remarks[UNTAGGED] += len(reader.untagged)
    tally.remarks[REPAIRED] += len(reader.repaired)


def numbered(name: str, documents: Iterator[Document]) -> Iterator[MarkedRecord]:
    """Yield the documents as `name` if there is one, as `name-1`, `name-2`, … if there are more."""
    start = list(islice(documents, 2))
    for number, (text, entities, _) in enumerate(chain(start, documents), 1):
        yield MarkedRecord(f"{name}-{number}" if len(start) > 1 else name, text, entities)


class Writer:
    """Writes `<id>.txt` and `<id>.bioes` into the folder `bioes`."""

    def __init__(self, folder: Path, labels: Sequence[str]) -> None:
        self._folder = folder / NAME
        self._folder.mkdir()

    def add(self, note: MarkedRecord) -> None:
        """Write a record; line breaks at the edges of an entity carry no tag, so they fall away."""
        entities = []
        for start, end, label in note.entities:
            while start < end and note.text[start] in LINE_BREAKS:
                start += 1
            while start < end and note.text[end - 1] in LINE_BREAKS:
                end -= 1
            if start < end:
                entities.append(Span(start, end, label))
        write_text(self._folder / f"{note.id}.txt", note.text)
        write_bioes(self._folder / f"{note.id}.bioes", note.text, bioes(entities, len(note.text)))

    def close(self) -> None:
        """Nothing is left to do."""
