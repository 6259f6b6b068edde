"""Identities that others beside them tell: cells of a column of names, dates behind signatures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..identity import ADDRESS, DATE, EMPLOYER, NAME, Identity
from ..lexicon import NameParts, compiled
from ..names.shapes import is_han

_SEPARATORS = tuple(re.compile(p) for p in (r"[ ]*\|[ ]*", r"[ ]*\t[ ]*", r"[ ]*;[ ]*", r"[ ]{2,}"))
_FEWEST_CELLS, _FEWEST_ROWS = 3, 2
_MAY_BE_NAME = compiled(r"(?!空床|周[一二三四五六日末])[HAN]{2,4}|[HAN]{1,8}(?:·[HAN]{1,8}){1,3}")
_SIGNED_ON = re.compile(
    r"[ ]{1,6}(?P<date>(?:0?[1-9]|1[0-2])[./-](?:0?[1-9]|[12]\d|3[01]))(?=[ ]*(?:\n|$))"
)

_GAP = 5
_IN_ADDRESS = compiled(r"(?:(?![在于到因患至从由与和住])[HAN\dA-Z]){1,5}")
_SIDE = r"(?:旁边?|附近|对面|后面|前面|门口|东头|西头|南头|北头|隔壁|拐角|路口)"
_ROOM = (
    r"(?:之[一二三四五六七八九十\d]{1,3})?(?:[A-Z]?\d{1,4}(?:-\d{1,4}){0,3}[A-Z]?"
    r"(?:[号室房]|(?=[ ,。;)\n]|$))"
    r"|[A-Z]?区?\d{1,4}(?:-\d{1,4}){1,3}|地下|[一二三四五六七八九十]{1,2}[队社组]|院内平房|平房|内平房)"
)
_MORE = compiled(
    rf"(?:[村镇乡庄屯](?![民医卫长里干]))?(?:{_ROOM})?(?:[HAN]{{0,5}}?{_SIDE})?(?:(?<=邻)[HAN]{{1,4}}\d{{1,4}}号)?(?:(?<=[座厝里坊])\d{{1,4}}[巷弄号](?:\d{{1,4}}号)?)?"
)
_BESIDE = compiled(rf"(?:{_SIDE}|[一二三四五六七八九十]{{1,2}}队)")
"""With what an address goes on: 88号|之二1203房, 三桥村小学|旁边."""


def dates_behind(text: str, found: list[Identity]) -> Iterator[Identity]:
    """Yield days that end a line right behind a name: 张伟 5.30."""
    for one in found:
        if one.kind == NAME and (match := _SIGNED_ON.match(text, one.end)):
            yield Identity(*match.span("date"), DATE)


def towns_between(text: str, found: list[Identity]) -> Iterator[Identity]:
    """Yield the first characters of towns that no pattern took, between county and village."""
    ends = {one.end for one in found if one.kind == ADDRESS and text[one.end - 1] in "省市县区旗州"}
    for one in found:
        if one.kind != ADDRESS:
            continue
        for size in (1, 2):
            if one.start - size in ends and is_han(text[one.start - size : one.start]):
                yield Identity(one.start - size, one.end, ADDRESS, one.sure)


def addresses_going_on(text: str, found: list[Identity]) -> Iterator[Identity]:
    """Yield addresses with what no pattern took: between two pieces of one, and at its end."""
    spans = sorted((one for one in found if one.kind == ADDRESS), key=lambda one: one.start)
    for one, other in zip(spans, spans[1:], strict=False):
        gap = text[one.end : other.start]
        if 0 < len(gap) <= _GAP and _IN_ADDRESS.fullmatch(gap):
            yield Identity(one.start, other.end, ADDRESS, max(one.sure, other.sure))
    for one in found:
        if one.kind == ADDRESS or one.kind == EMPLOYER:
            more = (_MORE if one.kind == ADDRESS else _BESIDE).match(text, one.end)
            if more and more.end() > one.end:
                yield Identity(one.start, more.end(), ADDRESS, one.sure)


def cells_beside(text: str, found: list[Identity], parts: NameParts) -> Iterator[Identity]:
    """Yield cells that may be names in columns at least half of whose cells are some.

    Parameters
    ----------
    text
        In the form to be searched.
    found
        What was found in it.
    parts
        What names are made of.
    """
    starts = {one.start: one.end for one in found if one.kind == NAME}
    if not starts:
        return
    rows: list[list[tuple[int, int]]] = []
    which: re.Pattern[str] | None = None
    at = 0
    for line in [*text.split("\n"), ""]:
        separator, cells = _parted(line, at)
        if rows and (separator is not which or len(cells) != len(rows[0])):
            yield from _columns(text, rows, starts, parts)
            rows = []
        if separator is not None:
            rows.append(cells)
        which = separator
        at += len(line) + 1


def _parted(line: str, at: int) -> tuple[re.Pattern[str] | None, list[tuple[int, int]]]:
    for separator in _SEPARATORS:
        cells, last = [], 0
        for match in separator.finditer(line):
            cells.append((at + last, at + match.start()))
            last = match.end()
        cells.append((at + last, at + len(line.rstrip())))
        if len(cells) >= _FEWEST_CELLS:
            return separator, cells
    return None, []


def _columns(
    text: str, rows: list[list[tuple[int, int]]], starts: dict[int, int], parts: NameParts
) -> Iterator[Identity]:
    if len(rows) < _FEWEST_ROWS:
        return
    for column in zip(*rows, strict=True):
        cells = [(start, end) for start, end in column if end > start]
        named = sum(start in starts for start, _ in cells)
        if not named or 2 * named < len(cells) or named == len(cells):
            continue
        for start, end in cells:
            match = None if start in starts else _MAY_BE_NAME.match(text, start, end)
            if match is None or match.end() != end:
                continue
            if "·" in match[0] or parts.surname_of(match[0], rare=True):
                yield Identity(start, end, NAME)
