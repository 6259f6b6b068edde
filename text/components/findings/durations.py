"""Durations as records write them, and the days, years and clocks that look like them."""

from __future__ import annotations

import re
from datetime import date

from .chinese_numbers import FIRST, NUMBER, number, whole

HOURS = {
    "分": 1 / 60, "分钟": 1 / 60, "min": 1 / 60, "小时": 1, "时": 1, "钟头": 1, "h": 1,
    "天": 24, "日": 24, "d": 24, "hours": 1, "hour": 1, "hrs": 1, "hr": 1, "mins": 1 / 60,
    "minutes": 1 / 60, "minute": 1 / 60, "days": 24, "day": 24,
    "周": 168, "星期": 168, "月": 720, "年": 8760,
}  # fmt: skip
"""Hours of a unit of time; a month is 30 days, a year 365."""

SHORT = r"(?:小时|钟头|h(?![a-z])|天|日|分钟|min(?![a-z]))"
"""The units in which one tells how long ago it was in an acute illness."""
TO = rf"(?:(?P<unit1>{SHORT})?[~\-至到](?P<n2>{NUMBER}))?"
"""What makes a range of a number: 1~2小时, 30分钟至1小时."""
DURATION = (
    rf"{FIRST}(?P<n>{NUMBER}){TO}(?P<half>个半)?(?P<more>余|多|\+)?个? ?"
    rf"(?P<unit>{SHORT})(?P<half2>半)?(?:(?P<minutes>\d{{1,2}})(?:分钟?|min))?"
)
"""A duration in such units; see `hours_of`."""

_NUMERAL = r"[\d零一二三四五六七八九十]"
_IN_THE_DAY = (
    r" ?(?:\d{1,2} ?(?:时|点|:)|[上下中]午|午[后夜间]|傍晚|凌晨|清晨|早|晨|晚|夜|半夜|黎明)"
)
_BEGINS = r"(?:(?<![^,。;:\n\"“”(（])|患者|病人|[于自从因]|[本上当该]月)(?:大?约)?"
_SETS_IN = r"[^,。;\n前后内余来]{0,10}?(?:突|骤|起病|发病|出现|发现|[感觉](?![冒染])|被)"
_NAMED_BEFORE = {
    "日": re.compile(r"(?:月|\d[./\-])$"),
    "月": re.compile(r"(?:(?:19|20)\d\d[年./\-]|[今去前当同本]年)$"),
    "时": re.compile(r"(?:[日号午晚晨早夜天]|今|昨|于)间?(?:大?约)?$"),
}
_NAMED_BEHIND = {
    "日": re.compile(_IN_THE_DAY),
    "月": re.compile(rf"(?:{_NUMERAL}{{1,3}} ?[日号]|份|初|底|末|[上中下]旬)"),
    "年": re.compile(rf"{_NUMERAL}{{1,2}}月(?:{_NUMERAL}{{1,3}} ?[日号]|份|初|底|[上中下]旬|突)"),
}
_STANDS_ALONE = re.compile(_BEGINS + "$")
_NAMED_ALONE = re.compile(_SETS_IN)
_YEAR = re.compile(r"(?:19|20)\d\d ?年|[一二][零九][零一二三四五六七八九]{2}年")


def is_date(text: str, start: int, unit: str, end: int) -> bool:
    """Whether a number with its unit names a day, a month, a year or an hour of a clock.

    Parameters
    ----------
    text
        In its normal form.
    start
        Where the number begins.
    unit
        日, 月, 年 or 时, as it stands right behind the number; no other can be a date's.
    end
        Where the unit ends.

    Examples
    --------
    >>> def told(text):
    ...     match = re.search(r"[0-9.]+(日|月|年|时)", text)
    ...     return is_date(text, match.start(), match[1], match.end())
    >>> [told(text) for text in ("3日晚突发昏迷", "3日前突发昏迷", "昏迷3日", "20日突发昏迷")]
    [True, False, False, True]
    >>> [told(text) for text in ("5月3日起病", "头晕5月", "2024年起病", "头晕24年", "8时许突发")]
    [True, False, True, False, True]
    """
    if unit == "年" and _YEAR.fullmatch(text, start, end):
        return True
    before, behind = _NAMED_BEFORE.get(unit), _NAMED_BEHIND.get(unit)
    if before and before.search(text, max(0, start - 6), start):
        return True
    if behind and behind.match(text, end):
        return True
    if unit not in ("日", "月", "年", "时") or not _NAMED_ALONE.match(text, end):
        return False
    return _STANDS_ALONE.search(text, max(0, start - 6), start) is not None


def day_of(match: re.Match[str], year: int | None = None) -> date | None:
    r"""Return the day that the groups y, m and d of a match name; None where there is none.

    `year` is that of a day without one.

    Examples
    --------
    >>> days = re.compile(r"(?:(?P<y>20\d\d)-)?(?P<m>\d+)-(?P<d>\d+)")
    >>> day_of(days.match("2024-02-29")), day_of(days.match("2024-02-30"))
    (datetime.date(2024, 2, 29), None)
    >>> day_of(days.match("2-28"), 2023), day_of(days.match("2-28"))
    (datetime.date(2023, 2, 28), None)
    """
    of_year = match["y"] or year
    if not match["m"] or not of_year:
        return None
    try:
        return date(int(of_year), int(match["m"]), int(match["d"]))
    except ValueError:  # a slip of the pen: 2024-02-30
        return None


def hours_of(match: re.Match[str]) -> tuple[float | None, list[float] | None]:
    """Return the hours of a match of a pattern with the groups of `DURATION`, and a range's ends.

    A range counts as its middle. None where the numeral can't be read, or a range doesn't rise.

    Examples
    --------
    >>> told = ("3个半小时", "30分钟至1小时", "2天", "4-2h")
    >>> [hours_of(re.match(DURATION, duration)) for duration in told]
    [(3.5, None), (0.75, [0.5, 1]), (48, None), (None, None)]
    """
    found = match.groupdict()
    scale, first = HOURS[match["unit"]], number(match["n"])
    if first is None:
        return None, None
    if found.get("half") or found.get("half2"):
        first += 0.5
    if found.get("n2"):
        last = number(match["n2"])
        ends = [first * HOURS[found.get("unit1") or match["unit"]], (last or 0.0) * scale]
        if ends[0] >= ends[1]:
            return None, None
        return _rounded(sum(ends) / 2), [_rounded(end) for end in ends]
    minutes = int(found["minutes"]) / 60 if found.get("minutes") else 0.0
    return _rounded(first * scale + minutes), None


def _rounded(hours: float) -> float:
    return whole(round(hours, 2))
