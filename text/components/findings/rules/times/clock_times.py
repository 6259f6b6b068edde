"""How long after its onset an illness was seen on CT, by the clock: 08:10发病，10:40行头颅CT."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from ....sought import Sought
from ...durations import day_of

if TYPE_CHECKING:
    from ...reading import Reading

LONGEST_HOURS = 72
"""What lies farther apart is no illness and its first CT, as far as clocks can tell."""

_DAY = (
    r"(?:(?:(?P<y>20\d\d)[年./\-])?(?P<m>\d{1,2})[月./\-](?P<d>\d{1,2})[日号]?[,t ]?"
    r"|(?P<word>今[日天]?|昨[日天]?|前[日天]|当[日天]|同日|次日|翌日)[,]?)?"
)
_CLOCK = (
    r"(?P<half_day>上午|下午|中午|傍晚|晚上?|夜间?|凌晨|清晨|早上?|晨)? ?"
    r"(?P<h>[012]?\d)(?::(?P<min>[0-5]\d)(?::[0-5]\d)?(?![\d.:/]| ?mm)"
    r"|(?:时|点)(?:(?P<min2>[0-5]?\d)分?|(?P<min3>半))?(?!间))"
)
_WHEN = rf"(?<![\d./年月\-])(?<!\d:){_DAY} ?{_CLOCK}"
_FIRST = r"[今昨前当同次翌上下中傍晚夜凌清早晨\d](?<![\d./年月\-]\d)(?<!\d:\d)"
_ABOUT = r"(?:左右|许|钟|前后|,|时|分)*"
_ONSET = r"(?:发病|起病|突发|突然|突感|突觉|突起|骤起|骤然|出现(?!在))"
_CT = r"(?:急诊|急查|行|查|完善|我院|本院|外院|当地|医院|的|首次|初次|头颅|头部|颅脑|头|脑|平扫)*ct"
_ANY_CLOCK = re.compile(r"\d(?::[0-5]\d|[时点])")
_ONSET_AT = Sought("[发起]", rf"(?:发病|起病)(?:日期|时间|时刻)?[:为于是约 ]*{_WHEN}")
_AT_ONSET = Sought(_FIRST, rf"{_WHEN}{_ABOUT}[^,。;\n\d]{{0,20}}?{_ONSET}")
_CT_AT = Sought("c", rf"ct(?:检查|扫描|平扫|完成|拍摄|拍片)*(?:日期|时间|时刻)?[:为于是 (]*{_WHEN}")
_AT_CT = Sought(_FIRST, rf"{_WHEN}{_ABOUT}[^,。;\n\d报]{{0,6}}?{_CT}(?!时间|时刻)")
_AFTERNOON = ("下午", "傍晚", "晚", "晚上", "夜", "夜间")
_WORDS = {"昨": -1, "前": -2, "次": 1, "翌": 1}
_MIDNIGHT = re.compile(r"次日|翌日")
_REACH = 700
"""How many characters may stand between the onset and its CT."""
_BEGAN_BEFORE = re.compile(r"[\d一二两三四五六七八九十半几数]余?个?(?:天|日|周|星期|月)余?前")
_NO_CT = re.compile(r"复查|再次|第二次|动态|拟|预约|建议|报告|cta|ctp")


def first_ct(record: Reading) -> tuple[int, int, float] | None:
    """Return where the first CT's time is told and how many hours after the onset it is.

    None where one of them has no time, or where the day can't be told: two clocks without a date
    are of one day if the later one is the CT's.
    """
    text = record.text
    if len(_ANY_CLOCK.findall(text)) < 2:
        return None
    onsets = [m for p in (_ONSET_AT, _AT_ONSET) for m in p.finditer(text) if _own(record, m)]
    if not onsets:
        return None
    onset = min(onsets, key=lambda match: match.start())
    if _BEGAN_BEFORE.search(text, max(0, onset.start() - 80), onset.start()):
        return None  # 3天前头痛，今晨6时突发昏迷: what began by the clock was not the illness
    scans = [
        match
        for pattern in (_CT_AT, _AT_CT)
        for match in pattern.finditer(text, onset.end(), min(len(text), onset.end() + _REACH))
        if _own(record, match)
        and not _NO_CT.search(text, max(match.start() - 4, 0), match.end() + 3)
    ]
    if not scans:
        return None
    scan = min(scans, key=lambda match: match.start())
    hours = _between(onset, scan)
    return None if hours is None else (*scan.span(), hours)


def _own(record: Reading, match: re.Match[str]) -> bool:
    """Whether what happened then is of this illness, and of the patient."""
    start, end = match.span()
    if record.section(start) in ("past_history", "personal_history", "family_history"):
        return False
    return record.certainty(start, end, 0) == "affirmed" and not record.of_others(start, end)


def _between(onset: re.Match[str], scan: re.Match[str]) -> float | None:
    """Return the hours from one time to another, None where the days can't be told."""
    began, seen = _minutes(onset), _minutes(scan, after=onset)
    if began is None or seen is None:
        return None
    days = _days(onset, scan)
    if days is None:
        return None
    hours = round((seen - began) / 60 + 24 * days, 2)
    return hours if 0 < hours <= LONGEST_HOURS else None


def _minutes(match: re.Match[str], after: re.Match[str] | None = None) -> int | None:
    """Return the minutes since midnight; a clock goes on in the half of the day before it."""
    hour = int(match["h"])
    minute = 30 if match["min3"] else int(match["min"] or match["min2"] or 0)
    half = match["half_day"]
    if half is None and after and hour < 12 and not (match["m"] or match["word"]):
        half = after["half_day"] if int(after["h"]) <= hour else None
    if half in _AFTERNOON and hour < 12:
        hour += 12
    if half == "中午" and hour < 3:
        hour += 12
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def _days(onset: re.Match[str], scan: re.Match[str]) -> int | None:
    """Return how many days lie between two times."""
    if scan["word"] and _MIDNIGHT.match(scan["word"]):
        return 1
    year = next((int(match["y"]) for match in (onset, scan) if match["y"]), 2000)
    first, second = day_of(onset, year), day_of(scan, year)
    if first and second:
        return (second - first) // timedelta(days=1)
    if first and scan["word"]:
        return 0 if scan["word"].startswith(("当", "同")) else None
    if second:
        return None
    if onset["word"] and scan["word"]:
        return _offset(scan["word"]) - _offset(onset["word"])
    return None if scan["word"] and _offset(scan["word"]) else 0


def _offset(word: str) -> int:
    return _WORDS.get(word[0], 0)
