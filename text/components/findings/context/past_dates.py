"""Calendar dates that a record names as the past: 2017年右侧壳核出血，现左侧丘脑出血.

A date is of the past where it lies two months or more before the newest full date of the record, or
before the day that its head names as that of the admission: a long stay is one illness. Days of
appointments, of printing and the like, which come later than all that is told, are not asked.
Where the record has no full date, a year alone, or a year with a month, is of the past, unless an
examination or the admission follows it (2022年3月头颅CT). A day or year that somebody was born on
is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...sought import holds
from .past_stays import dated_in

_DATE = re.compile(
    r"(?P<y>[012](?:(?<=1)9\d\d|(?<=2)0\d\d|(?<=0)\d(?=年)))"
    r"(?:年|[-./](?=(?:0?[1-9]|1[0-2])(?!\d)))"
    r"(?:(?P<m>0?[1-9]|1[0-2])(?!\d)(?:月份?|[-./]|(?=[^\d.%年]|$)))?(?:(?P<d>[0-3]?\d)(?!\d)[日号]?)?"
)
_NEEDS = ("年", "19", "20")
_BORN = re.compile(r" ?出?生(?!活)")
_BORN_BEFORE = re.compile(
    r"(?:出?生(?:日期?|年月日?|时间|于)?|dob|birth ?(?:day|date)?)[:为 ]{0,3}$"
)
_ADMITTED_BEFORE = re.compile(r"入院(?:日期|时间|年月日)[:为 ]{0,3}$")
_LATER_BEFORE = re.compile(
    r"(?:下次|复诊|预约|随访|打印|导出|有效期?|失效|到期|截止|拟于|定于|约于)[^,。;\n\d]{0,8}$"
)
_PRINTED_BEHIND = re.compile(r"(?: ?\d{1,2}:\d\d(?::\d\d)?)? ?(?:打印|导出)")
_ASKED_BEFORE = re.compile(r"[请于拟约定] ?$")
_VISIT_BEHIND = re.compile(r" ?(?:前来|来院|返院|来我院|门诊|再来){0,2}(?:复诊|随访|复查)")
_LOOKED_BACK = 16
"""Characters before a date that say what day it is."""
_WITHIN = tuple("0123456789.年")
"""What stands before a number that is no year."""
_OF_NOW = re.compile(r"[^,。;\n]{0,6}?(?:ct|mr|检查|复查|入院|来院|就诊|转入|收入|我院|本院|查房)")
_APART = 2
"""How many months earlier than the newest date a date of the past is."""


def past_dates(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield the start and end of each date of a text in normal form, and whether it is past."""
    if not holds(text, _NEEDS):
        return
    found = [m for m in _DATE.finditer(text) if text[m.start() - 1 : m.start()] not in _WITHIN]
    if not found:
        return
    found = [match for match in found if not _is_born(text, match)]
    full = [match for match in found if match["d"]]
    of_stay = [match for match in full if _before(_ADMITTED_BEFORE, text, match)]
    told = of_stay or [match for match in full if not _is_later(text, match)]
    newest = max(map(_months, told), default=None)
    for match in found:
        if newest is None:
            past = _OF_NOW.match(text, match.end()) is None or dated_in(text, match.start())
        elif match["m"]:
            past = newest - _months(match) >= _APART
        else:
            past = _months(match) // 12 < newest // 12
        yield match.start(), match.end(), past


def _before(pattern: re.Pattern[str], text: str, match: re.Match[str]) -> bool:
    return pattern.search(text, max(0, match.start() - _LOOKED_BACK), match.start()) is not None


def _is_born(text: str, match: re.Match[str]) -> bool:
    """Whether somebody was born then."""
    return _BORN.match(text, match.end()) is not None or _before(_BORN_BEFORE, text, match)


def _is_later(text: str, match: re.Match[str]) -> bool:
    """Whether the day is one of an appointment, of printing or the like."""
    if _before(_LATER_BEFORE, text, match) or _PRINTED_BEHIND.match(text, match.end()):
        return True
    # 请于2024-08-10门诊复诊; but 2023-08-30 复诊 heads the note of that day
    asked = _before(_ASKED_BEFORE, text, match)
    return asked and _VISIT_BEHIND.match(text, match.end()) is not None


def _months(match: re.Match[str]) -> int:
    year = int(match["y"])
    return (year if year >= 1900 else 2000 + year) * 12 + int(match["m"] or 1) - 1
