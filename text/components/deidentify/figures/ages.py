"""Ages over 89, of which there are so few people that one says who it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..identity import AGE, Identity

_ONES = "零一二三四五六七八九"
_ZH = r"(?:九十[一二三四五六七八九]?|一?百(?:零?[一二三四五六七八九]|一十[一二三四五六七八九]?)?)"
_AGES = (
    re.compile(
        r"(?<![\d.~\-])(?<!\d/)(?:9\d|1[0-3]\d)[ ]?(?:余|多|\+)?[ ]?"
        r"(?:周?岁|-?(?:Y|y|yo|yrs?|years?)(?![A-Za-z]))(?:[ ]?(?:以上|高龄|老人))?"
    ),
    re.compile(r"(?<=年龄)(?P<gap>[\s:|=_]{0,6})(?P<age>9\d|1[0-3]\d)(?![\d.]|[ ]?(?:周?岁|[Yy]))"),
    re.compile(
        r"(?:[Aa]ge|AGE)(?P<gap>[\s:|=>\"'_]{1,6}(?:[MFmf男女][ ]?[/|,][ ]?)?)"
        r"(?P<age>9\d|1[0-3]\d)(?![\d.]|[ ]?(?:周?岁|[Yy]))"
    ),
    re.compile(
        r"[男女]性?(?P<gap>[\s,;/|、]{1,4})(?P<age>9\d|1[0-3]\d)(?=[\s,;/|、]"
        r"|$)(?![\s,;/|、]*(?:次|mm|kg|cm)|/\d\d?/\d)"
    ),
    re.compile(
        r"(?:虚岁|今年|享年|寿)(?P<gap>已?经?)(?P<age>9\d|1[0-3]\d)"
        r"(?![\d.]|[ ]?(?:周?岁|[Yy]|次|月))"
    ),
    re.compile(r"\b[MF](?P<gap>[ ]?[/|\t][ ]?)(?P<age>9\d|1[0-3]\d)(?=[\s,/|;)]|[Yy]|$)"),
    re.compile(r"[男女FM]['\"]?(?P<gap>[,;])(?P<age>9\d|1[0-3]\d)(?=[,;])"),
    re.compile(rf"{_ZH}(?:余|多)?周?岁(?:高龄)?"),
)


def find_ages(text: str) -> Iterator[Identity]:
    """Yield the ages over 89 in a text in the form to be searched, with their unit, if any."""
    for pattern in _AGES:
        for match in pattern.finditer(text):
            group = "age" if "age" in match.re.groupindex else 0
            yield Identity(*match.span(group), AGE, 2)


def age_told(written: str) -> int:
    """Return the years of an age over 89 as the text has it; 0 where they can't be read.

    Examples
    --------
    >>> age_told("93岁"), age_told("九十三岁"), age_told("一百零二岁")
    (93, 93, 102)
    """
    digits = re.match(r"\d{2,3}", written)
    if digits:
        return int(digits[0])
    spoken = re.match(r"(九)?十|一?百", written)
    if not spoken:
        return 0
    rest = [_ONES.index(c) for c in written[spoken.end() :] if c in _ONES]
    return (90 if spoken[1] else 100) + (rest[-1] if rest else 0)


def without_age(written: str) -> str:
    """Return what stands in for an age over 89, in its notation.

    Examples
    --------
    >>> without_age("93岁"), without_age("九十三岁"), without_age("95")
    ('90岁以上', '九十岁以上', '90')
    """
    unit = re.search(r"周?岁|[Yy][a-z]*", written)
    number = "九十" if not written[0].isascii() else "90"
    if unit is None:
        return number
    return f"{number}{unit[0]}以上" if not unit[0].isascii() else f"{number}{unit[0]}"
