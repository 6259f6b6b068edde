"""Earlier illnesses and stays that a record names: 上次住院（2019-11）诊断：…；本次为….

What is told of one reaches through its sentence, as a date of the past does, to a word of now, and
over a heading that goes on with it: 上次住院诊断：, 3年前因脑出血住院，头颅CT：.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...sought import holds

_ILLNESS = r"(?:脑出血|出血|中风|卒中|发病|起病|住院|入院|患病)"
_STAY = re.compile(
    rf"(?:上一?次|前一?次)(?={_ILLNESS}|出院)"
    # 本次为首次发病 is the illness of now
    rf"|(?<![为系是属])(?:首次|初次|第[一1]次)(?={_ILLNESS}"
    r"(?:时|期间|为|系|在|于|位于|诊断|部位|:|ct|头颅ct|\())"
)
_NEEDS = ("上次", "上一次", "前次", "前一次", "首次", "初次", "第一次", "第1次")
_STAY_AND_DATE = re.compile(
    rf"(?:(?:上一?次|前一?次){_ILLNESS}|出院)(?:时|期间)?\([^()\n]{{1,16}}\)(?:出院|入院)?(?:诊断)?$"
)
_IN_BRACKETS = re.compile(rf"(?:上一?次|前一?次)(?:{_ILLNESS}|出院)(?:时|期间)?\($")
_JOINTS = frozenset(",)(")
"""Behind one of these a heading may go on with a sentence."""
_YEARS_AGO = re.compile(
    rf"(?:年前|月前|[12]\d{{3}}年)[^。;\n]{{0,16}}{_ILLNESS}[^。;\n]{{0,10}}[,(](?:当时|外院|我院)?$"
)
"""Before a heading that goes on with an illness of the past."""


def dated_in(text: str, date: int) -> bool:
    """Whether a date stands in brackets behind an earlier stay: 上次住院（2021年5月）头颅CT.

    Examples
    --------
    >>> dated_in("上次住院(2021年5月)", 5), dated_in("头颅ct(2021年5月)", 5)
    (True, False)
    """
    return _IN_BRACKETS.search(text, max(0, date - 14), date) is not None


def past_stays(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a text in normal form names an earlier illness or stay.

    Examples
    --------
    >>> list(past_stays("前次住院诊断:右侧壳核出血")), list(past_stays("本次为首次发病"))
    ([(0, 2)], [])
    """
    if holds(text, _NEEDS):
        for match in _STAY.finditer(text):
            yield match.span()


def goes_on(text: str, heading: int) -> bool:
    """Whether a heading goes on with an illness of the past that the sentence before it names.

    Examples
    --------
    >>> goes_on("3年前因脑出血住院,头颅ct:", 10), goes_on("高血压5年,头颅ct:", 6)
    (True, False)
    """
    if text[heading - 1] not in _JOINTS:
        return False
    before = text[max(0, heading - 50) : heading]
    return _STAY_AND_DATE.search(before) is not None or _YEARS_AGO.search(before) is not None
