"""What a record says of a repeated CT (复查), and which of the scans at hand it means.

A statement begins with a word for a repeated scan, one that compares it with an earlier (较前增大)
or a date after that of another CT, and ends with its sentence, or before the words of another
repeated scan in it; where that word heads a line, with that line, or before the sentence of yet
another repeated scan. It counts if it states a value that
a CT shows, and not where the scan is only planned or advised. It means the only later scan there
is, unless it names another time; of several, the one scan that was taken when it says. A time is
compared with that since the first scan, though records count from the onset, the admission or
surgery as well: hence the wide margin.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from hich.report.compare.simplified import simplified
from hich.report.messages import Message
from hich.report.model.finding import Finding
from hich.report.model.follow_up import FollowedScan, RepeatStatement
from text.components.findings.chinese_numbers import number as number_in
from text.components.findings.durations import HOURS, day_of

OF_CT = (
    *("hematoma", "hematoma_volume", "hematoma_site", "hematoma_count"),
    *("intraventricular_extension", "midline_shift", "ventricle_compression"),
)
"""Findings that a CT shows."""

WITHIN_HOURS, WITHIN_SHARE = 8.0, 0.34
"""So far from a scan's time a statement's may lie: in hours, or as a share of it. Our choice: hours
between onset and first scan, and 次日 for anything from half a day to a day and a half."""

_CT = r"(?:CT|电脑断层)"
_REPEAT = re.compile(
    rf"复查|复检|再次(?:行)?(?:头颅|颅脑)|动态CT|追踪(?:性|之)?(?:头|颅|脑部|{_CT})"
    r"|术后(?:第?[\d一二三四五六七八九十两]{1,3}(?:天|日|小时|h)[，,])?[^，,。；;：:\n]{0,8}"
    rf"{_CT}|{_CT}[（(]术后|(?:残余|残留)血肿|血肿(?:残余|残留)"
    rf"|{_CT}[^。；;\n]{{0,50}}?(?:较前|与前片|对比前片)[^，,。；;\n]{{0,5}}"
    r"(?:增大|扩大|增多|增加|增高|减少|减小|缩小|吸收|进展|加重|相仿|变化不)"
)
_DATED = re.compile(
    r"(?P<y>20\d\d)\s*[-./年]\s*(?P<m>\d{1,2})\s*[-./月]\s*(?P<d>\d{1,2})(?!\d)[日号]?"
    rf"[^，,。；;\n]{{0,14}}?{_CT}"
)
_DATED_BEHIND = re.compile(
    rf"{_CT}[^，,。；;\n\d]{{0,6}}[（(]\s*"
    r"(?P<y>20\d\d)\s*[-./年]\s*(?P<m>\d{1,2})\s*[-./月]\s*"
    r"(?P<d>\d{1,2})(?!\d)"
)
_LATER_BY = range(1, 31)
"""By how many days a dated CT is a repeated one; farther back lies another illness."""
_RESIDUAL = re.compile(r"残|血肿残")
_ONLY_PLANNED = re.compile(
    r"(?:必要时|建议|拟|择期|定期|随诊|注意|予以?|计划|待|嘱|明日|动态|请|可|需)[^，,。；;\n]{0,10}$"
)
_COMPARED_WITH = re.compile(r"(?:前次|上次|首次|末次|最近|较|与|对比|同|比)[^，,。；;\n\d]{0,4}$")
"""Before a scan that the one told of is compared with: 与上次复查比较."""
_OTHER_TEST = re.compile(
    r"[^，,。；;\n]{0,3}?(?:血(?!肿)|凝血|电解质|生化|肝|肾|INR|心|胸|腹|尿|超声|彩超|感染|D-?二)"
)
"""Behind 复查, where it is no CT that was done again."""
_END = re.compile(r"[。；;\n]")
_LINE_END = re.compile(r"\n")
_COLON = re.compile(r"[^。；;，,\n]*[：:]")
_SINCE = re.compile(
    r"(?P<before>[a-z+~～—每隔年月/第后-])?(?P<n>\d{1,3}(?:\.\d)?|[一二三四五六七八九十两半]{1,3})"
    r"\s*个?(?P<half>半)?\s*(?P<unit>小时|钟头|h(?![a-z])|天|日|d(?![a-z])|周|星期|月)"
    r"(?P<behind>余?之?后|[之以]?内|\s*[一1]次)?|(?P<next_day>次日|翌日|隔日|隔天|第二天)",
    re.IGNORECASE,
)
"""When a scan was: 6小时, 3天后, 后3天, 第2天; but q8h, 每8小时, CT值65HU are of other things."""
_AFTER_SURGERY = re.compile(r"术后")


def repeat_statements(
    text: str,
    findings: Sequence[Finding],
    scans: Sequence[FollowedScan],
    hours: Sequence[float | None],
    has_first: bool = True,
) -> tuple[RepeatStatement, ...]:
    """Return what a record says of repeated CTs, each with the scan that it means.

    Parameters
    ----------
    text
        The record.
    findings
        Of the record.
    scans
        By time.
    hours
        Of each since the patient's first scan; None where that isn't known.
    has_first
        Whether the first of them is the patient's first, which no record would call repeated.
    """
    text = simplified(text)
    later = range(1 if has_first else 0, len(scans))
    found = [_of_scan(said, text, scans, hours, later) for said in _statements(text, findings)]
    return tuple(found)


def repeat_findings(text: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what a record states of repeated CTs, whichever scan each means."""
    return tuple(f for said in _statements(simplified(text), findings) for f in said.findings)


def _statements(text: str, findings: Sequence[Finding]) -> list[RepeatStatement]:
    found: list[RepeatStatement] = []
    until = line = 0  # ends of a statement, and of a line that a repeated scan heads
    marks = _marks(text)
    for number, match in enumerate(marks):
        begin = max(until, _sentence_start(text, match.start()))
        if match.start() < until or _is_planned(text, match):
            continue
        begin += len(text[begin : match.start()]) - len(text[begin : match.start()].lstrip("，, "))
        heads = text[text.rfind("\n", 0, begin) + 1 : begin].strip() == ""
        if heads and _COLON.match(text[match.end() : match.end() + 30]):
            line = _end_of(text, match.end(), _LINE_END)
        if match.start() < line:
            until = _next_scan(text, marks, match.end(), line) or line
        else:
            until = _end_of(text, match.end(), _END)
        until = _next_in_sentence(text, marks[number + 1 :], match.end(), until)
        stated = tuple(
            f for f in findings if f.name in OF_CT and match.start() <= f.start and f.end <= until
        )
        if stated:
            start = max(begin, _clause_start(text, match.start()))
            head = text[start : max(match.end(), min(f.start for f in stated))]
            hours = _hours(head, match.start() - start)
            found.append(RepeatStatement(start, until, stated, hours))
    return found


def _is_planned(text: str, match: re.Match[str]) -> bool:
    begin = _sentence_start(text, match.start())
    return _ONLY_PLANNED.search(text[begin : match.start()]) is not None


def _end_of(text: str, at: int, ends: re.Pattern[str]) -> int:
    end = ends.search(text, at)
    return end.start() if end else len(text)


def _marks(text: str) -> list[re.Match[str]]:
    """Return what says that a scan is a repeated one: its words, or the date of an earlier one."""
    found = [*_DATED.finditer(text), *_DATED_BEHIND.finditer(text)]
    dated = [(match, day) for match in found if (day := day_of(match)) is not None]
    later = [
        match
        for match, day in dated
        if any((day - before).days in _LATER_BY for _, before in dated)
    ]
    return sorted([*_REPEAT.finditer(text), *later], key=lambda match: match.start())


def _next_scan(text: str, marks: Sequence[re.Match[str]], at: int, until: int) -> int | None:
    """Return where, in a line that a repeated scan heads, a sentence tells of yet another one.

    What is left of a hematoma (残余血肿) is of the same scan.
    """
    first = _end_of(text, at, _END)
    for match in marks:
        if not first <= match.start() < until:
            continue
        if not (_RESIDUAL.match(match[0]) or _is_planned(text, match)):
            return _sentence_start(text, match.start()) - 1
    return None


def _next_in_sentence(text: str, marks: Sequence[re.Match[str]], at: int, until: int) -> int:
    """Return where the words of another repeated scan begin in a sentence; else where it ends."""
    until_here = min(until, _end_of(text, at, _END))
    for match in marks:
        if match.start() >= until_here:
            break
        if match.start() >= at and _names_another(text, match):
            last = max(text.rfind(mark, at, match.start()) for mark in "，,")
            before = max(text.rfind(mark, at, last) for mark in "，,") if last > 0 else -1
            if before > 0 and last - before <= _SHORT_CLAUSE and _SINCE.search(text, before, last):
                return before  # 28ml，3天后，复查CT
            return last if last > 0 else match.start()
    return until


_SHORT_CLAUSE = 12


def _names_another(text: str, match: re.Match[str]) -> bool:
    """Whether a mark is of another scan, not of one that is compared with, or what is left."""
    if _RESIDUAL.match(match[0]) or _is_planned(text, match):
        return False
    if (
        match.re is _REPEAT
        and match[0].startswith(("CT", "电脑断层"))
        and not match[0].endswith("术后")
    ):
        return False  # CT示血肿28ml，较前增大
    if match[0] in ("复查", "复检") and _OTHER_TEST.match(text, match.end()):
        return False
    return _COMPARED_WITH.search(text, max(0, match.start() - 8), match.start()) is None


def _of_scan(
    said: RepeatStatement,
    text: str,
    scans: Sequence[FollowedScan],
    hours: Sequence[float | None],
    later: Sequence[int],
) -> RepeatStatement:
    """Return a statement with the scan of `later` that it means, or why that can't be told."""
    if said.hours is not None and all(hours[n] is not None for n in later):
        later_at = [n for n in later if _is_near(said.hours, hours[n] or 0.0)]
        if len(later_at) == 1:
            return replace(said, scan=later_at[0])
        key = "follow.repeat_no_such" if not later_at else "follow.repeat_several"
        return replace(said, reason=Message(key))
    if len(later) == 1:
        return replace(said, scan=later[0])
    after = [n for n in later if scans[n].surgery == "seen"]
    if _AFTER_SURGERY.search(text[said.start : said.end]) and len(after) == 1:
        return replace(said, scan=after[0])
    return replace(said, reason=Message("follow.repeat_several"))


def _is_near(said: float, hours: float) -> bool:
    return abs(said - hours) <= max(WITHIN_HOURS, WITHIN_SHARE * said)


def _hours(head: str, at: int) -> float | None:
    """Return when a scan was, in hours after onset or admission; None if counted from surgery.

    `head` is what is said up to the first value, `at` where it names the scan. What is said last
    before that counts, or else what is said first behind it.

    Examples
    --------
    >>> said = ("6小时后复查头颅CT", "入院第2天复查CT", "次日复查", "复查", "3小时入院，次日复查")
    >>> [_hours(head, head.index("复查")) for head in said]
    [6.0, 36.0, 24.0, None, 24.0]
    >>> _hours("复查CT（24h），CT值", 0), _hours("予甘露醇q8h，复查CT", 9)
    (24.0, None)
    """
    if _AFTER_SURGERY.search(head):
        return None
    told = [(match, hours) for match in _SINCE.finditer(head) if (hours := _hours_of(match))]
    before = [hours for match, hours in told if match.end() <= at]
    return next(iter(before[-1:] or [hours for _, hours in told]), None)


def _hours_of(match: re.Match[str]) -> float | None:
    if match["next_day"]:
        return 24.0
    number, unit = number_in(match["n"]), match["unit"].lower()
    before, behind = match["before"] or "", match["behind"] or ""
    if number is None or match.string[: match.start()].endswith(("年", "月")):  # 5月2日后
        return None
    if before == "第":  # the second day: 24 to 48 hours
        return (number - 0.5) * 24 if unit in ("天", "日") else None
    at_once = HOURS[unit] == 1
    if before not in ("", "后") or behind.endswith(("内", "次")):
        return None
    if not (at_once or before == "后" or behind.endswith("后")):
        return None
    return (number + (0.5 if match["half"] else 0.0)) * HOURS[unit]


def _sentence_start(text: str, at: int) -> int:
    return max(text.rfind(mark, 0, at) for mark in "。；;\n") + 1


_COLON_MARK = re.compile(r"[：:](?!(?<=\d.)\d)")
"""A colon, but not that of a clock: 14:00复查."""


def _clause_start(text: str, at: int) -> int:
    """Return where the clause of a place begins, or the one before it, which may tell the time."""
    colon = max((m.end() for m in _COLON_MARK.finditer(text, max(0, at - 200), at)), default=0)
    last = max(text.rfind(mark, 0, at) for mark in "，,")
    before = max(text.rfind(mark, 0, max(last, 0)) for mark in "，,") + 1
    return max(colon, before)
