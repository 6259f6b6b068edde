"""What is less or more than a number that is written: <30ml, 不超过30ml, 30ml以上, 近30ml.

The words of less and more stand here once. A finding whose number one of them bounds has it as its
`bound`: ``<``, ``≤``, ``>``, ``≥``, or ``≈`` for nearly (近), which is short of the number by so
little that nobody says how much. 约30ml and 达30ml bound nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BELOW = r"(?:(?<!=)[<﹤](?!=)|小于|少于|不足|不到|低于|不及|不满|未达|未到|未及|未满)"
UP_TO = (
    r"(?:[≤≦⩽]|<=|(?<==)<|(?:不会?|未曾?|没有?)(?:超过|大于|多于|高于|超出|超)|(?:小于|少于|低于)或?等于"
    r"|至多|最多|顶多)"
)
ABOVE = r"(?:(?<![-=~])[>﹥](?!=)|大于|多于|超过|高于|超出|不止|逾|(?<![b彩])超)"
FROM = (
    r"(?:[≥≧⩾]|>=|(?<![\da-z分])=>|(?:不会?|未曾?|没有?)(?:小于|少于|低于|下于|下)|(?:大于|多于|高于)或?等于"
    r"|至少|最少|起码)"
)
NEARLY = r"(?:(?<![最附较远靠邻将接])近|接近|将近|几近)"
ABOUT = r"(?:了|到|有|大?约|为|于|达|在|[: ]){0,3}"
"""What may stand between such a word and the number: 至少约30ml."""

# 不超过 before 超过, and 小于等于 before 小于: of two that begin at one place the first counts.
_BEFORE = (
    rf"(?:(?P<up_to>{UP_TO})|(?P<start>{FROM})|(?P<below>{BELOW})|(?P<above>{ABOVE})"
    rf"|(?P<nearly>{NEARLY})){ABOUT}"
)
BEFORE = re.compile(_BEFORE)
"""A bound whose word stands before the number."""
ANY = rf"(?:{UP_TO}|{FROM}|{BELOW}|{ABOVE}|{NEARLY}){ABOUT}"
"""The same, for patterns that take it in."""
_BEFORE_NUMBER = re.compile(_BEFORE + "$")
BEHIND = re.compile(
    r" ?(?:左右)?(?:[及或]|\(?含\)?)?(?:(?P<up_to>以下|以内|之内|之下)|(?P<start>以上|之上|开外))"
    r"(?!情况|诊断|内容|病[史情]|所述|结果|检查|原因|因素|治疗|症状|均)"
)
"""A bound whose word stands behind the number and its unit."""
UPWARD = rf"(?:{ABOVE}|{FROM})"
SIGNS = {"up_to": "≤", "start": "≥", "below": "<", "above": ">", "nearly": "≈"}
_LONGEST = 14


@dataclass(frozen=True)
class Bounded:
    """A number with what bounds it.

    Attributes
    ----------
    sign
        What it is a bound of; None of a number that is stated.
    start, end
        Where it begins and ends in the text, with the words that bound it.
    """

    sign: str | None
    start: int
    end: int


def sign_of(match: re.Match[str]) -> str:
    """Return the sign of what `BEFORE` or `BEHIND` has matched."""
    return next(SIGNS[kind] for kind, said in match.groupdict().items() if said)


def bounded(text: str, start: int, end: int) -> Bounded:
    """Return what bounds the number that stands, with its unit, at text[start:end].

    Examples
    --------
    >>> bounded("出血量不超过30ml", 6, 10), bounded("约30ml以上", 1, 5)
    (Bounded(sign='≤', start=3, end=10), Bounded(sign='≥', start=1, end=7))
    >>> [bounded(t, len(t) - 4, len(t)).sign for t in ("小于30ml", "不小于30ml", "至少约30ml")]
    ['<', '≥', '≥']
    >>> [bounded(t, len(t) - 4, len(t)).sign for t in ("20ml->30ml", "达30ml", "将近30ml")]
    [None, None, '≈']
    """
    before = _BEFORE_NUMBER.search(text, max(0, start - _LONGEST), start)
    behind = BEHIND.match(text, end)
    last = behind.end() if behind else end
    if before:
        return Bounded(sign_of(before), before.start(), last)
    return Bounded(sign_of(behind) if behind else None, start, last)
