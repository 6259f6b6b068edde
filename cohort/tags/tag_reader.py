"""Reading a file of character tags document by document, in memory that its length does not change.

The file is read twice. The first reading understands each *distinct* line once (tag files repeat
a few thousand lines over and over), finds the scheme and refuses what is not a tag file; the second
turns lines to numbers, a block at a time, and numpy reads the entities off them. The rules are
those of `cohort.tags.scheme`; `tests/cohort/tags/test_tag_reader.py` holds both readings together.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cohort.base.errors import DataError
from cohort.base.textfile import CODECS, read_text
from cohort.tags.scheme import OUTSIDE, Scheme, Span, detect

_FORM = "a line holds one character, a tab or a space, and its tag"
_BLOCK = 1 << 21  # characters read at once
_LETTERS = "OBIES"  # a tag's letter as a number: its place here
_O, _B, _I, _E, _S = range(5)


class Document(NamedTuple):
    """One document of a tag file: its characters, its entities, the line of its first character."""

    text: str
    entities: list[Span]
    line: int


class TagReader:
    """A file of character tags of any common kind.

    Parameters
    ----------
    path
        The file.

    Attributes
    ----------
    encoding, separator, scheme
        See `cohort.tags.tag_file.TagFile`.
    untagged, repaired
        Line numbers, from 1; complete when `documents` has come to its end.

    Raises
    ------
    DataError
        See `cohort.tags.tag_file.read_tag_file`.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.untagged: list[int] = []
        self.repaired: list[int] = []
        # Most tag files are one record's: what is read in one block is not read again.
        self._block: list[str] | None = None
        self.encoding, counts = self._count()
        parsed = {line: _parse(line.removesuffix("\r")) for line in counts}
        _refuse_untagged(self, counts, parsed)
        self._refuse({line: row.problem for line, row in parsed.items() if row.problem}, _FORM)
        scheme = detect(row.tag for row in parsed.values() if row.character)
        self.scheme = str(scheme) if scheme else "none"
        self.separator = _separator(parsed.values())
        self._table = _Table(parsed, self._to_bioes(parsed, scheme), scheme)

    def documents(self) -> Iterator[Document]:
        """Yield the documents; blank lines part them."""
        waiting: list[npt.NDArray[np.int64]] = []  # of a document whose end is not read yet
        line, lines_read = 1, 0
        for lines in self._lines():
            rows = self._table.rows(lines)
            lines_read += len(rows)
            (blank,) = np.nonzero(self._table.blank[rows])
            if not len(blank):
                waiting.append(rows)
                continue
            end = int(blank[-1]) + 1
            yield from self._read(np.concatenate([*waiting, rows[:end]]), line)
            line = lines_read - len(rows) + end + 1
            waiting = [rows[end:]]
        yield from self._read(np.concatenate(waiting), line)

    def _read(self, rows: npt.NDArray[np.int64], line: int) -> Iterator[Document]:
        table = self._table
        starts, ends, illegal = table.entities(rows)
        self.repaired += (illegal + line).tolist()
        self.untagged += (np.flatnonzero(table.untagged[rows]) + line).tolist()
        labels = table.label[rows[starts]].tolist()
        text = table.code[rows].tobytes().decode("utf-32-le")
        bounds = np.flatnonzero(np.append(table.blank[rows], True))
        first = np.concatenate([[0], bounds[:-1] + 1])
        # Entities never go over a blank line, so each document's stand together.
        since, until = np.searchsorted(starts, first), np.searchsorted(starts, bounds)
        start, end = starts.tolist(), ends.tolist()
        for a, b, i, j in zip(
            first.tolist(), bounds.tolist(), since.tolist(), until.tolist(), strict=True
        ):
            if a < b:
                entities = [
                    Span(start[k] - a, end[k] - a, table.names[labels[k]]) for k in range(i, j)
                ]
                yield Document(text[a:b], entities, line + a)

    def _count(self) -> tuple[str, Counter[str]]:
        """Return the encoding and how often each line stands there."""
        counts: Counter[str] = Counter()
        self.encoding = "UTF-8"
        try:
            with self.path.open("rb") as file:
                if file.read(3) == codecs.BOM_UTF8:
                    self.encoding = "UTF-8 with BOM"
            for number, lines in enumerate(self._lines()):
                counts.update(lines)
                self._block = lines if number == 0 else None
        except FileNotFoundError:
            raise DataError(f"{self.path}: no such file.") from None
        except UnicodeDecodeError:
            text, self.encoding = read_text(self.path)  # which refuses what is not text
            self._block = text.split("\n")
            counts = Counter(self._block)
        if any("\0" in line for line in counts):
            read_text(self.path)  # which names the line
        return self.encoding, counts

    def _lines(self) -> Iterator[list[str]]:
        if self._block is not None:
            yield self._block
            return
        with self.path.open(encoding=CODECS[self.encoding], newline="") as file:
            rest = ""
            while True:
                block = file.read(_BLOCK)
                lines = (rest + block).split("\n")
                if len(block) < _BLOCK:
                    yield lines
                    return
                rest = lines.pop()
                yield lines

    def _to_bioes(self, parsed: dict[str, _Row], scheme: Scheme | None) -> dict[str, str]:
        tag_of: dict[str, str] = {}
        bad: dict[str, str] = {}
        for line, row in parsed.items():
            tag = _bioes(scheme, row.tag) if scheme else row.tag
            if tag is None or (scheme is None and tag != OUTSIDE):
                named = f", as the others are of {scheme}" if scheme else ""
                bad[line] = f"has the unknown tag {row.tag!r}{named}"
            else:
                tag_of[line] = tag
        self._refuse(bad, "a tag is O, or like B-TYPE in BIO, BIOES or BMES, or like TYPE-B")
        return tag_of

    def _refuse(self, bad: dict[str, str], advice: str, most: int = 5) -> None:
        if not bad:
            return
        found = [(number, line) for number, line in self._numbered() if line in bad]
        problems = [f"{self.path}, line {n}: {bad[line]}; {advice}." for n, line in found[:most]]
        if len(found) > most:
            problems.append(f"{self.path}: {len(found) - most} more lines like these.")
        raise DataError(*problems)

    def _numbered(self) -> Iterator[tuple[int, str]]:
        yield from enumerate((line for lines in self._lines() for line in lines), 1)


@lru_cache(maxsize=1 << 16)
def _bioes(scheme: Scheme, tag: str) -> str | None:
    return scheme.to_bioes(tag)


class _Table:
    """What each distinct line means, as arrays, so that a file is an array of line numbers."""

    def __init__(
        self, parsed: dict[str, _Row], tag_of: dict[str, str], scheme: Scheme | None
    ) -> None:
        self._number = {line: number for number, line in enumerate(parsed)}
        rows = list(parsed.values())
        tags = [tag_of[line] for line in parsed]
        self.names = sorted({tag[2:] for tag in tags})
        numbers = {name: number for number, name in enumerate(self.names)}
        self.label = np.array([numbers[tag[2:]] for tag in tags])
        self.letter = np.array([_LETTERS.index(tag[0]) for tag in tags], dtype=np.int8)
        self.blank = np.array([not row.character for row in rows])
        self.untagged = np.array([row.untagged for row in rows])
        self.code = np.array([ord(row.character or "\n") for row in rows], dtype="<u4")
        self._bio = scheme is not None and scheme.name == "BIO"

    def rows(self, lines: list[str]) -> npt.NDArray[np.int64]:
        """Return the number of each line."""
        return np.fromiter(map(self._number.__getitem__, lines), np.int64, len(lines))

    def entities(
        self, rows: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return start and end of each entity and the places of illegal tags.

        It is the repair rule of `cohort.tags.scheme`; a blank line is outside, so it ends all.
        """
        letter, label = self.letter[rows], self.label[rows]
        tagged = letter != _O
        follows = np.zeros(len(rows), dtype=bool)  # goes on with the entity before it
        follows[1:] = (
            ((letter[1:] == _I) | (letter[1:] == _E))
            & ((letter[:-1] == _B) | (letter[:-1] == _I))
            & (label[1:] == label[:-1])
        )
        begins = tagged & ~follows
        ends = tagged.copy()
        ends[:-1] &= (letter[:-1] == _E) | (letter[:-1] == _S) | ~follows[1:]
        legal = np.where(begins, _B, _I)
        if not self._bio:
            legal[ends] = np.where(begins[ends], _S, _E)
        return (
            np.flatnonzero(begins),
            np.flatnonzero(ends) + 1,
            np.flatnonzero(tagged & (legal != letter)),
        )


class _Row(NamedTuple):
    """What a line holds; a blank line has no character, a malformed line has a problem."""

    character: str = ""
    tag: str = OUTSIDE
    separator: str = ""
    untagged: bool = False
    problem: str = ""


@lru_cache(maxsize=1 << 16)  # for folders of a file per record: the same lines in all of them
def _parse(line: str) -> _Row:
    if not line.strip():
        return _Row()
    character, rest = line[0], line[1:].strip()
    if not rest:
        return _Row(character, untagged=True)
    if character.isspace():
        separator = ""  # `" O"` and `"  O"` are both a space, so neither tells
    elif line[1].isspace():
        separator = "tab" if line[1] == "\t" else "space"
    elif len(line.split()) == 1:
        return _Row(problem="holds more than one character and no tag", untagged=True)
    else:
        return _Row(problem="holds more than one character before its tag")
    columns = len(rest.split()) + 1
    if columns > 2:
        return _Row(problem=f"has {columns} columns")
    return _Row(character, rest, separator)


def _refuse_untagged(reader: TagReader, counts: Counter[str], parsed: dict[str, _Row]) -> None:
    tagged = untagged = 0
    for line, row in parsed.items():
        if row.untagged:
            untagged += counts[line]
        elif row.character or row.problem:
            tagged += counts[line]
    if not tagged and not untagged:
        raise DataError(f"{reader.path}: is empty; {_FORM}.")
    if untagged > tagged:
        first = next(number for number, line in reader._numbered() if line.strip())
        raise DataError(
            f"{reader.path}, line {first}: the file holds no tags, or too few "
            f"({untagged} of its lines have none); {_FORM}."
        )


def _separator(rows: Iterable[_Row]) -> str:
    found = {row.separator for row in rows if row.separator}
    return " and ".join(sorted(found, reverse=True)) or "space"
