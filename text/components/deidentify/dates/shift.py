"""The same date some days earlier, in its own notation."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from .forms import MONTHS, READ

_BORN = re.compile(
    r"(?:出生(?![地体史证缺])|生日|[Bb]irth|BIRTH|[Bb]orn|D\.?O\.?B|\bdob|csrq|生于)[^\n,。;，；]{0,8}$"
)
_BORN_AFTER = re.compile(r"\s?(?:出生|生(?=[\s,，。;；、)）|人于]|$))")
_DIGITS = {
    c: str(n)
    for n, row in enumerate(("〇零○Oo0", "一", "二", "三", "四", "五", "六", "七", "八", "九"))
    for c in row
}
_AS_READ = str.maketrans("OoIlBSZ", "0011852")
"""What OCR reads for a digit."""
_PLACES = "〇一二三四五六七八九"
_YEARS = range(1000, 2999)
_MOST_TOLD = 89
"""Years: an age above says who somebody is (HIPAA, 45 CFR 164.514)."""
_AFTER = 60
"""Days after a record's latest full date at which it may still tell of one without a year."""
_SOME_DAY = date(2023, 1, 1)
"""Of a record without a full date."""
_COUNTED = 5
"""Years by which an age that is told may be above the one by dates, as 虚岁 are."""


@dataclass
class DateShift:
    """Shifts the dates of one record.

    Parameters
    ----------
    days
        How many days are added.
    reference
        The latest date of the record, for what lacks a year; None if it has none.
    age
        The highest age over 89 that the record tells of; 0 if none.
    """

    days: int
    reference: date | None = None
    age: int = 0
    _last: date | None = None

    def shifted(self, written: str, born: bool = False) -> str:
        """Return a date in its own notation, shifted; 某日 for a feast, a lunar or no real date.

        Parameters
        ----------
        written
            As the record has it.
        born
            Whether it is somebody's date of birth.

        Examples
        --------
        >>> DateShift(-7).shifted("2023年5月6日"), DateShift(-7).shifted("二〇二三年一月三日")
        ('2023年4月29日', '二〇二二年十二月二十七日')
        """
        match = read_date(written) or _day(written)
        read = None if match is None else _possible(match)
        if match is None or read is None or "lunar" in read or "feast" in read:
            return "某日"
        base = self._last or self.reference or _SOME_DAY
        month = read.get("m", base.month if "d" in read else 7)
        day = read.get("d", 15 if "m" in read else 1)
        year = read.get("y") or (self._year_of(month, day) if "m" in read else base.year)
        stated = date(year, month, min(day, monthrange(year, month)[1]))
        if "d" in read:
            self._last = stated
        moved = self.moved(stated, born) if "y" in read else stated + timedelta(self.days)
        return _rewritten(written, match, moved)

    def _year_of(self, month: int, day: int) -> int:
        """Return the year of a day without one: the last in which the record may tell of it.

        That of the date before it would do as little as any: an operation's of nine years ago.
        """
        if self.reference is None:
            return _SOME_DAY.year
        last = self.reference.year + 1
        for year in range(last, last - 9, -1):  # 29 February
            if day > monthrange(year, month)[1]:
                continue
            if (date(year, month, day) - self.reference).days <= _AFTER:
                return year
        return self.reference.year

    def moved(self, stated: date, born: bool = False) -> date:
        """Return a date some days earlier; one that tells of an age over 89 tells of one of 90.

        A date of birth does, and any other that lies so long before the record. A record without a
        date is taken to be of today, or of when who was born then had the age that it tells.
        """
        today = date.today()
        latest = self.reference or today
        of_age = date(stated.year + self.age, 1, 1)
        is_of_them = born and self.age and of_age <= today
        if is_of_them and (not self.reference or of_age.year - latest.year > _COUNTED):
            latest = of_age  # the record's own dates, if any, are all of before
        years = latest.year - stated.year
        moved = stated + timedelta(self.days)
        if years <= _MOST_TOLD and not (born and self.age and years > _MOST_TOLD - _COUNTED):
            return moved
        return date((latest + timedelta(self.days)).year - 90, moved.month, min(moved.day, 28))


def read_date(written: str) -> re.Match[str] | None:
    """Return the match of the form that a date is written in; None if none makes a real date."""
    for form in READ:
        match = form.fullmatch(written)
        if match and _possible(match) is not None:
            return match
    return None


def full_date(written: str) -> date | None:
    """Return a date that states year, month and day; None for another."""
    match = read_date(written)
    read = (_possible(match) if match else None) or {}
    if not {"y", "m", "d"} <= read.keys():
        return None
    return date(read["y"], read["m"], min(read["d"], monthrange(read["y"], read["m"])[1]))


def is_birth(text: str, start: int, end: int) -> bool:
    """Return whether a date is one of birth, by what stands around it."""
    return bool(_BORN.search(text[max(0, start - 16) : start]) or _BORN_AFTER.match(text, end))


def _day(written: str) -> re.Match[str] | None:
    """Return the match of a day that lacks a year, or a month, too."""
    return re.fullmatch(r"(?:(?P<m>[0-9]{1,2})(?P<s>[-./]))?(?P<d>[0-9]{1,2})[日号]?", written)


def _possible(match: re.Match[str]) -> dict[str, int] | None:
    """Return what a date states; None if there is no such day, as of 2023-00-00."""
    try:
        read = _values(match)
    except (KeyError, ValueError):  # 一千十十年
        return None
    is_date = 0 < read.get("m", 1) <= 12 and 0 < read.get("d", 1) <= 31
    return read if is_date and read.get("y", 2000) in _YEARS else None


def _values(match: re.Match[str]) -> dict[str, int]:
    read: dict[str, int] = {}
    for name, value in match.groupdict().items():
        if value is None or name == "s":
            continue
        if name == "roc":
            read["y"] = 1911 + int(value)
        elif name == "yy":
            read["y"] = int(value) + (1900 if int(value) > 40 else 2000)
        elif name == "zy":
            read["y"] = _zh_year(value)
        elif name == "m" and value[0].isalpha() and value[0].isascii():
            read["m"] = 1 + [m[:3].lower() for m in MONTHS.split("|")].index(value[:3].lower())
        elif name in ("y", "m", "d", "d2"):
            if any(c in " OoIlBSZ" for c in value):
                value = value.replace(" ", "").translate(_AS_READ)
            read[name[0]] = int(value) if value.isdecimal() and value.isascii() else _zh(value)
        else:
            read[name] = 0
    return read


def _zh_year(value: str) -> int:
    if "千" in value:
        rest = value.split("千")[1].lstrip("零〇")
        return 1000 * int(_DIGITS[value[0]]) + (_zh(rest) if rest else 0)
    return int("".join(_DIGITS[c] for c in value))


def _zh(value: str) -> int:
    value = value.replace("廿", "二十").replace("正", "一")
    tens, ten, ones = value.partition("十")
    if not ten:
        return int(_DIGITS[value])
    return 10 * (int(_DIGITS[tens]) if tens else 1) + (int(_DIGITS[ones]) if ones else 0)


def _to_zh(number: int) -> str:
    if number < 11:
        return _PLACES[number] if number < 10 else "十"
    tens, ones = divmod(number, 10)
    return (_PLACES[tens] if tens > 1 else "") + "十" + (_PLACES[ones] if ones else "")


def _rewritten(written: str, match: re.Match[str], moved: date) -> str:
    groups = {name: value for name, value in match.groupdict().items() if value and name != "s"}
    padded = any(value[0] == "0" for name, value in groups.items() if name[0] in "md")
    signs = match.groupdict().get("s")
    if not padded and {"m", "d"} <= groups.keys():
        # 12-25 tells not whether 1-2 would be 01-02: with a sign or nothing between, it would.
        both = len(groups["m"]) == 2 and len(groups["d"]) == 2
        padded = both and (bool(signs) or "月" not in written)
    pieces, last = [], 0
    for name, value in sorted(groups.items(), key=lambda item: match.start(item[0])):
        start, end = match.span(name)
        pieces.append(written[last:start])
        pieces.append(_part(name, value, moved, padded))
        last = end
    return "".join([*pieces, written[last:]])


def _part(name: str, value: str, moved: date, padded: bool) -> str:
    if name == "roc":
        return str(moved.year - 1911)
    if name == "yy":
        return f"{moved.year % 100:02d}"
    if name == "zy":
        zero = next((c for c in value if c in "〇零○Oo0"), "〇")
        return "".join(zero if c == "0" else _PLACES[int(c)] for c in str(moved.year))
    number = {"y": moved.year, "m": moved.month, "d": moved.day}[name[0]]
    if name == "m" and value[0].isascii() and value[0].isalpha():
        full = MONTHS.split("|")[number - 1]
        shown = full if value.capitalize() in MONTHS.split("|") and len(value) > 3 else full[:3]
        return shown.upper() if value.isupper() else shown
    if not value.isascii():
        return _to_zh(number)
    return f"{number:02d}" if padded and name != "y" else str(number)
