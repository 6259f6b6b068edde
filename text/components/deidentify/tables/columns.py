"""Identities in tables that stand in a note as text: what a column's heading says of its cells."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..identity import ADDRESS, AGE, DATE, EMPLOYER, HOSPITAL, NAME, NUMBER, PHONE, Identity
from ..lexicon import IdentityLists, any_of

_SEPARATORS = (
    re.compile(r"[ ]*\|[ ]*"),
    re.compile(r"[ ]*\t[ ]*"),
    re.compile(r"[ ]*,[ ]*"),
    re.compile(r"[ ]*;[ ]*"),
    re.compile(r"[ ]{1,}"),
)
_KINDS = {
    "name": NAME,
    "number": NUMBER,
    "phone": PHONE,
    "date": DATE,
    "address": ADDRESS,
    "hospital": HOSPITAL,
    "employer": EMPLOYER,
    "age": AGE,
}
_DAY = re.compile(r"(?:(?:19|20)?\d\d[-./年])?[01]?\d[-./月][0-3]?\d[日号]?")
_NAME = re.compile(r"(?P<name>[^\W\d_]+(?:[·. ][^\W\d_]+){0,3}[.]?)(?:\s?[(\d][^\n]{0,40})?")
"""A name in its cell, alone or before a number or an age: 王伟(A12345), 王伟 54岁."""
_NO_CELL = re.compile(r"[-—/\\]*$|空床?$|同上$|无$|不详$|NULL$|null$|None$")
_FEWEST = 3
_LONGEST_NAME = 20


class ColumnFinder:
    """Finds identities by the headings of columns.

    Parameters
    ----------
    lexicon
        The lists.
    """

    def __init__(self, lexicon: IdentityLists) -> None:
        columns = lexicon.all["columns"]
        self._kinds = [
            (_KINDS[kind], re.compile(rf"(?:{any_of(words)})(?:\(.{{0,4}}\))?", re.IGNORECASE))
            for kind, words in columns.items()
        ]
        self._words = frozenset(word for words in columns.values() for word in words)
        self._fields = re.compile(any_of(w for w in lexicon.all["fields"] if len(w) > 1))
        self._any = re.compile(
            any_of(word for words in columns.values() for word in words), re.IGNORECASE
        )

    def find(self, text: str) -> Iterator[Identity]:
        """Yield identities of a text in the form to be searched."""
        kinds: dict[int, str] = {}
        separator, width, start = _SEPARATORS[0], 0, 0
        for line in text.split("\n"):
            if kinds:
                cells = _cells(line, separator)
                if abs(len(cells) - width) > (separator is _SEPARATORS[2]) or len(cells) < 2:
                    kinds = {} if line.strip() and len(cells) < 2 else kinds
                else:
                    if any(self._heads_more(line[a:b]) for a, b in cells):
                        kinds = {}  # 身份证号 … 职业 工人: a form, whose headings stand in its rows
                    else:
                        yield from _found(line, cells, kinds, start)
            if len(self._any.findall(line)) >= 2:
                separator, found, width = self._headings(line) or (separator, kinds, width)
                kinds = found
            start += len(line) + 1

    def _heads_more(self, cell: str) -> bool:
        """Return whether a cell below headings is one itself."""
        return cell in self._words or self._fields.fullmatch(cell) is not None

    def _headings(self, line: str) -> tuple[re.Pattern[str], dict[int, str], int] | None:
        for separator in _SEPARATORS:
            cells = _cells(line, separator)
            if len(cells) < _FEWEST or any(re.search(r"\d", line[a:b]) for a, b in cells):
                continue
            kinds = {}
            for at, (a, b) in enumerate(cells):
                for kind, words in self._kinds:
                    if words.fullmatch(line[a:b].strip("\"' ")):
                        kinds[at] = kind
                        break
            if len(kinds) >= 2:
                return separator, kinds, len(cells)
        return None


def _cells(line: str, separator: re.Pattern[str]) -> list[tuple[int, int]]:
    """Return where the cells of a line start and end."""
    cells, last = [], 0
    for match in separator.finditer(line):
        if match.start() or separator is _SEPARATORS[0]:
            cells.append((last, match.start()))
        last = match.end()
    return [*cells, (last, len(line.rstrip()))]


def _found(
    line: str, cells: list[tuple[int, int]], kinds: dict[int, str], start: int
) -> Iterator[Identity]:
    for at, kind in kinds.items():
        if at >= len(cells):
            continue
        a, b = cells[at]
        while a < b and line[a] in "\"' ":
            a += 1
        while b > a and line[b - 1] in "\"' ":
            b -= 1
        value = line[a:b]
        if not value or _NO_CELL.match(value):
            continue
        if kind == DATE:
            match = _DAY.match(value)
            if match and not re.match(r"[-./年\d]", value[match.end() :]):
                yield Identity(start + a, start + a + match.end(), DATE, 2)
            continue
        if kind == AGE:
            match = re.match(r"(?:9\d|1[0-3]\d)(?!\d)", value)
            if match:
                yield Identity(start + a, start + a + match.end(), AGE, 2)
            continue
        if kind == NAME:
            match = _NAME.fullmatch(value)
            if match and match.end("name") <= _LONGEST_NAME:
                yield Identity(start + a, start + a + match.end("name"), NAME, 2)
            continue
        if kind in (NUMBER, PHONE) and sum(map(str.isdigit, value)) < 3:
            continue
        yield Identity(start + a, start + b, kind, 2)
