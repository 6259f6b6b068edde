"""Rosters: a row of what was measured for each moment, below a line that names the columns,

    时间 | BP(mmHg) | GCS | 瞳孔 左/右(mm) | 光反射 左/右
    13:20 | 182/90 | 13 | 2.5/2.5 | 灵敏/灵敏

or, turned round, a column for each moment and a row for each thing:

    项目 | 13:20 | 14:20
    血压 | 182/90 | 160/84

A cell says what it is of only by its column (or its row), so the rules are given it with the column's name; the
evidence stays the cell. What a later row tells anew is, in the earlier ones, of the past.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..normal_form import NormalForm

Cell = tuple[int, int]

_BAR = re.compile(r" *[|│┃] *")
_GAP = re.compile(r" +(?![^()\n]*\))")
_NAMES = ("bp", "血压", "gcs", "瞳孔", "nihss")
_TIME = ("时间", "日期", "时刻", "time", "项目", "指标", "参数")
_MOMENT = re.compile(
    r"\d{1,2}:\d\d|(?:\d{4}[\-/.])?\d{1,2}[\-/.月]\d{1,2}日?|(?:入院|术后|发病)?第?\d{1,2}(?:天|日|h|小时)|入院时?|出院时?"
)
_UNIT = r"[ (]{0,2}(?:mm ?hg|mm|分|l/r|左/右)?\)?"
_EACH = r"(?P<each>\(?(?:左/右|l/r)\)?)?"
_COLUMNS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("bp", rf"[na]?bp{_UNIT}|(?:有创|无创)?血压{_UNIT}"),
        ("gcs", rf"gcs(?:评分)?{_UNIT}|昏迷评分"),
        ("nihss", rf"nihss(?:评分)?{_UNIT}"),
        ("reflex", rf"(?:瞳孔)?对?光反[射应]? ?{_EACH}"),
        ("pupils", rf"双?瞳孔(?:大小|直径)? ?{_EACH} ?{_UNIT}"),
    )
)
_PRESSURE = re.compile(r"\d{2,3}/\d{2,3}")
_SCORE = re.compile(r"\d{1,2}分?")
_PARTS = re.compile(r"e[1-4]v[1-5t]m[1-6]")
_SIZES = re.compile(r"(\d(?:\.\d)?)(?:mm)?/(\d(?:\.\d)?)(?:mm)?")
_WORD = r"灵敏|敏感|存在|迟钝|消失|固定|\+{1,3}|-|±"
_REACTIONS = re.compile(rf"\(?({_WORD})\)?/\(?({_WORD})\)?")


def may_stand_in(text: str) -> bool:
    """Whether a text in normal form may hold a roster: it names a time and what is measured."""
    return "\n" in text and _says(_TIME, text) and _says(_NAMES, text)


def put_into(form: NormalForm, written: str) -> list[Cell]:
    """Put the names of the columns before the cells of rosters; return the cells of earlier rows.

    Parameters
    ----------
    form
        The normal form of the record, before other words are put into it.
    written
        The record, each character in its normal form, but bars for tabs.
    """
    words: list[tuple[int, int, str]] = []
    earlier: list[Cell] = []
    for cells in _columns(written):
        for number, (start, end, word) in enumerate(cells):
            words.append((form.normal(start), form.normal(end), word))
            if number < len(cells) - 1:
                earlier.append((start, end))
    form.put(sorted(words))
    return earlier


def _columns(written: str) -> Iterator[list[tuple[int, int, str]]]:
    """Yield the cells of each column that says something, with what they say, from the top."""
    yield from _turned(written)
    kinds: dict[int, tuple[str, bool]] = {}
    found: dict[int, list[tuple[int, int, str]]] = {}
    breaks = [-1, *(m.start() for m in re.finditer("\n", written)), len(written)]
    for before, end in pairwise(breaks):
        line = written[before + 1 : end]
        cells = _cells(line, before + 1)
        heads = _says(_TIME, line) and _says(_NAMES, line)
        named = _named(written, cells) if heads else {}
        if len(named) > 1 or (kinds and len(cells) <= max(kinds)):
            yield from found.values()
            kinds, found = named if len(named) > 1 else {}, {}
            continue
        for place, (kind, each) in kinds.items():
            first, last = cells[place]
            word = _said(kind, each, written[first:last])
            if word:
                found.setdefault(place, []).append((first, last, word))
    yield from found.values()


def _turned(written: str) -> Iterator[list[tuple[int, int, str]]]:
    """Yield the cells of each row that says something, where the columns are moments."""
    moments, at = 0, 0
    for line in written.split("\n"):
        cells = _cells(line, at)
        at += len(line) + 1
        if len(cells) > 2 and all(_MOMENT.fullmatch(written[a:b]) for a, b in cells[1:]):
            moments = len(cells)
            continue
        named = _named(written, cells[:1]) if len(cells) == moments else {}
        if not named:
            moments = moments if len(cells) == moments else 0
            continue
        kind, each = named[0]
        said = [(a, b, _said(kind, each, written[a:b])) for a, b in cells[1:]]
        yield [(a, b, word) for a, b, word in said if word]


def _says(words: tuple[str, ...], text: str) -> bool:
    return any(word in text for word in words)


def _cells(line: str, at: int) -> list[Cell]:
    separator = _BAR if _BAR.search(line) else _GAP
    marks = [(m.start(), m.end()) for m in separator.finditer(line)]
    edges = [(0, 0), *marks, (len(line), len(line))]
    return [(at + first, at + last) for (_, first), (last, _) in pairwise(edges)]


def _named(written: str, cells: list[Cell]) -> dict[int, tuple[str, bool]]:
    """Return the columns that are known, and whether they tell left and right apart."""
    named = {}
    for place, (start, end) in enumerate(cells):
        for kind, pattern in _COLUMNS:
            match = pattern.fullmatch(written[start:end])
            if match:
                named[place] = kind, bool(match.groupdict().get("each"))
                break
    return named


def _said(kind: str, each: bool, cell: str) -> str | None:
    """Return a cell as a sentence would say it; None where it isn't what its column holds."""
    if kind == "bp":
        return f"bp{cell}mmhg" if _PRESSURE.fullmatch(cell) else None
    if kind in ("gcs", "nihss"):
        if kind == "gcs" and _PARTS.fullmatch(cell):
            return f"gcs{cell}"
        return f"{kind}{cell.rstrip('分')}分" if _SCORE.fullmatch(cell) else None
    pair = (_SIZES if kind == "pupils" else _REACTIONS).fullmatch(cell)
    if pair is None:
        return None
    what, unit = ("瞳孔", "mm") if kind == "pupils" else ("光反射", "")
    if kind == "reflex" and not pair[1].isalpha():
        return f"{what}左({pair[1]})右({pair[2]})" if each else f"{what}{pair[1]}/{pair[2]}"
    if pair[1] == pair[2]:
        return f"双侧{what}{pair[1]}{unit}"
    if each:
        return f"左侧{what}{pair[1]}{unit},右侧{what}{pair[2]}{unit}"
    return f"{what}{pair[1]}/{pair[2]}{unit}"
