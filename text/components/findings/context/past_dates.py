"""Calendar dates that a record names as the past: 2017年右侧壳核出血，现左侧丘脑出血.

A date is of the past where it lies two months or more before the newest full date of the record.
Where the record has no full date, a year alone, or a year with a month, is of the past, unless an
examination or the admission follows it (2022年3月头颅CT). A year that somebody was born in is not.
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
    full = [_months(match) for match in found if match["d"] and not _BORN.match(text, match.end())]
    newest = max(full, default=None)
    for match in found:
        if _BORN.match(text, match.end()) or text.endswith("生", 0, match.start()):
            continue
        if newest is None:
            past = _OF_NOW.match(text, match.end()) is None or dated_in(text, match.start())
        elif match["m"]:
            past = newest - _months(match) >= _APART
        else:
            past = _months(match) // 12 < newest // 12
        yield match.start(), match.end(), past


def _months(match: re.Match[str]) -> int:
    year = int(match["y"])
    return (year if year >= 1900 else 2000 + year) * 12 + int(match["m"] or 1) - 1
