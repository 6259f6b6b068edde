"""brat's standoff files: `<id>.txt`, the record, and `<id>.ann`, a line an annotation.

Read are the text-bound annotations (T lines); relations, events, attributes and notes are counted
and left out, and any other line is refused. brat makes an empty `.ann` for each record, so one that
nobody has opened looks like one without entities: such files are read as the second, and counted.

An annotation in pieces is read as one from its first piece to its last, as brat's
own `anntoconll.py` does; pieces parted by white space alone are no exception worth counting, since
brat cuts every annotation at line breaks (github.com/nlplab/brat, issues 786 and 1042), as
`Writer` does. (brat.nlplab.org/standoff.html)

**Offsets** are code points of the text file as it stands, so a Windows line end counts two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from cohort.base.errors import DataError
from cohort.base.files import write_text
from cohort.base.textfile import read_text
from cohort.tags.scheme import Span
from text.corpus.annotated import DISCONTINUOUS, Kind, MarkedRecord, ReadingTally
from text.corpus.formats.offsets import CODE_POINTS, UTF_16, Mark, to_note

NAME = "brat"
TITLE = "brat standoff"
SUFFIX = ".ann"
CONFIG = "annotation.conf"
_OTHERS = "relations, events, attributes and notes of brat, left out"
_PIECE = "[0-9]{1,15} [0-9]{1,15}"
_LINE = re.compile(rf"(T\d+\S*)\t(\S+) ({_PIECE}(?:;{_PIECE})*)(?:\t(.*))?")
_FORM = "T1, a tab, the label, start and end with spaces between, a tab, the marked text"
_OTHER = re.compile(r"(?:[REAMN]\S+|\*|#\S*)\t")
_EMPTY = "empty .ann files of brat, read as records without entities"
_BREAK = re.compile(r"\s*\n\s*")


def read(path: Path, record: Path | None, tally: ReadingTally) -> Iterator[MarkedRecord]:
    """Yield the record that `path` annotates."""
    if record is None:
        raise DataError(f"{path}: has no {path.stem}.txt beside it, the record that it annotates.")
    text, _ = read_text(record)
    lines, encoding = read_text(path)
    marks = []
    for number, line in enumerate(lines.replace("\r\n", "\n").split("\n"), 1):
        if line.startswith("T"):
            marks.append(_mark(path, number, line, text, tally))
        elif _OTHER.match(line):
            tally.remarks[_OTHERS] += 1
        elif line.strip():
            raise DataError(f"{path}, line {number}: is not a line of brat's, such as {_FORM}.")
    tally.remarks[_EMPTY] += not lines.strip() and bool(text.strip())
    yield to_note(path, path.stem, text, marks, (CODE_POINTS, UTF_16), tally)
    tally.kinds[Kind(TITLE, "", encoding)] += 1


class Writer:
    """Writes the folder `brat`, for brat's data folder: records and `annotation.conf`."""

    def __init__(self, folder: Path, labels: Sequence[str]) -> None:
        self._folder = folder / NAME
        self._folder.mkdir()
        self._labels = set(labels)

    def add(self, note: MarkedRecord) -> None:
        """Write a record and its annotations.

        Raises
        ------
        DataError
            If a label holds white space.
        """
        self._labels.update(span.label for span in note.entities)
        for label in self._labels:
            if any(character.isspace() for character in label):
                raise DataError(f"The label {label!r} holds white space, which brat cannot take.")
        lines: list[str] = []
        for span in note.entities:
            pieces = _pieces(note.text, span)
            if pieces:
                offsets = ";".join(f"{start} {end}" for start, end in pieces)
                words = " ".join(note.text[start:end] for start, end in pieces)
                lines.append(f"T{len(lines) + 1}\t{span.label} {offsets}\t{words}\n")
        write_text(self._folder / f"{note.id}.txt", note.text)
        write_text(self._folder / f"{note.id}{SUFFIX}", "".join(lines))

    def close(self) -> None:
        """Name the labels in brat's configuration."""
        entities = "".join(f"{label}\n" for label in sorted(self._labels))
        sections = f"[entities]\n{entities}\n[relations]\n\n[events]\n\n[attributes]\n"
        write_text(self._folder / CONFIG, sections)


def _mark(path: Path, number: int, line: str, text: str, tally: ReadingTally) -> Mark:
    match = _LINE.fullmatch(line)
    if not match:
        raise DataError(f"{path}, line {number}: is not like this: {_FORM}.")
    _, label, offsets, quote = match.groups()
    pieces = [(int(a), int(b)) for a, b in (piece.split() for piece in offsets.split(";"))]
    first, last = min(pieces)[0], max(end for _, end in pieces)
    # As it stands, or as it stood before its line ends became those of Windows.
    for reading in (text, text.replace("\r\n", "\n")):
        found = "".join(reading[start:end] for start, end in pieces)
        if quote is None or _bare(found) == _bare(quote):
            break
    else:
        reading = text
    if _bare(found) != _bare(reading[first:last]):
        # The marked text lacks what stands between the pieces, or has twice where they overlap.
        if quote is not None and _bare(found) != _bare(quote):
            raise DataError(
                f"{path}, line {number}: the pieces {offsets} should be {quote!r}, but the record "
                f"has {found!r} there; was the record changed after it was annotated?"
            )
        tally.remarks[DISCONTINUOUS] += 1
        quote = reading[first:last]
    return Mark(first, last, label, quote, number)


def _bare(text: str) -> str:
    return "".join(text.split())


def _pieces(text: str, span: Span) -> list[tuple[int, int]]:
    """Return the lines of an entity, which brat marks one by one."""
    pieces, start = [], span.start
    for found in _BREAK.finditer(text, span.start, span.end):
        pieces.append((start, found.start()))
        start = found.end()
    pieces.append((start, span.end))
    return [(start, end) for start, end in pieces if start < end]
