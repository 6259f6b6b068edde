"""What a record says of a repeated CT (复查), and which of the scans at hand it means.

A statement begins with a word for a repeated scan and ends with its sentence; where that word heads
a line, with that line, or before the sentence of yet another repeated scan. It counts if it states
a value that a CT shows, and not where the scan is only planned or advised. It means the only later
scan there is, unless it names another time; of several, the one scan that was taken when it says. A
time is compared with that since the first scan, though records count from the onset, the admission
or surgery as well: hence the wide margin.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from hich.report.messages import Message
from hich.report.model.finding import Finding
from hich.report.model.follow_up import FollowedScan, RepeatStatement
from text.components.findings.chinese_numbers import number as number_in

OF_CT = (
    *("hematoma", "hematoma_volume", "hematoma_site", "hematoma_count"),
    *("intraventricular_extension", "midline_shift", "ventricle_compression"),
)
"""Findings that a CT shows."""

WITHIN_HOURS, WITHIN_SHARE = 8.0, 0.34
"""So far from a scan's time a statement's may lie: in hours, or as a share of it. Our choice: hours
between onset and first scan, and 次日 for anything from half a day to a day and a half."""

_REPEAT = re.compile(
    r"复查|复检|再次(?:行)?(?:头颅|颅脑)|动态CT"
    r"|术后(?:第?[\d一二三四五六七八九十两]{1,3}(?:天|日|小时|h)[，,])?[^，,。；;：:\n]{0,8}CT"
    r"|CT[（(]术后|(?:残余|残留)血肿|血肿(?:残余|残留)"
)
_RESIDUAL = re.compile(r"残|血肿残")
_ONLY_PLANNED = re.compile(
    r"(?:必要时|建议|拟|择期|定期|随诊|注意|予以?|计划|待|嘱|明日|动态|请|可|需)[^，,。；;\n]{0,10}$"
)
_END = re.compile(r"[。；;\n]")
_LINE_END = re.compile(r"\n")
_COLON = re.compile(r"[^。；;，,\n]*[：:]")
_HOURS = re.compile(r"([\d.]+|[一二三四五六七八九十两]+)\s*(?:小时|h|H)")
_DAYS = re.compile(r"([\d.]+|[一二三四五六七八九十两]+)\s*(?:天|日|d)后")
_DAY_NUMBER = re.compile(r"第\s*([\d.]+|[一二三四五六七八九十两]+)\s*(?:天|日)")
_NEXT_DAY = re.compile(r"次日|翌日|第二天")
_AFTER_SURGERY = re.compile(r"术后")


def repeat_statements(
    text: str, findings: Sequence[Finding], scans: Sequence[FollowedScan]
) -> tuple[RepeatStatement, ...]:
    """Return what a record says of repeated CTs, each with the scan that it means.

    Parameters
    ----------
    text
        The record.
    findings
        Of the record.
    scans
        By time; the first is not one that a record would call repeated.
    """
    found = [_of_scan(said, text, scans) for said in _statements(text, findings)]
    return tuple(found)


def repeat_findings(text: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what a record states of repeated CTs, whichever scan each means."""
    return tuple(f for said in _statements(text, findings) for f in said.findings)


def _statements(text: str, findings: Sequence[Finding]) -> list[RepeatStatement]:
    found: list[RepeatStatement] = []
    until = line = 0  # ends of a statement, and of a line that a repeated scan heads
    for match in _REPEAT.finditer(text):
        begin = _sentence_start(text, match.start())
        if match.start() < until or _is_planned(text, match):
            continue
        heads = text[text.rfind("\n", 0, begin) + 1 : begin].strip() == ""
        if heads and _COLON.match(text[match.end() : match.end() + 30]):
            line = _end_of(text, match.end(), _LINE_END)
        if match.start() < line:
            until = _next_scan(text, match.end(), line) or line
        else:
            until = _end_of(text, match.end(), _END)
        stated = tuple(
            f for f in findings if f.name in OF_CT and match.start() <= f.start and f.end <= until
        )
        if stated:
            start = max(begin, _clause_start(text, match.start()))
            said = text[start:until]
            found.append(RepeatStatement(start, until, stated, _hours(said)))
    return found


def _is_planned(text: str, match: re.Match[str]) -> bool:
    begin = _sentence_start(text, match.start())
    return _ONLY_PLANNED.search(text[begin : match.start()]) is not None


def _end_of(text: str, at: int, ends: re.Pattern[str]) -> int:
    end = ends.search(text, at)
    return end.start() if end else len(text)


def _next_scan(text: str, at: int, until: int) -> int | None:
    """Return where, in a line that a repeated scan heads, a sentence tells of yet another one.

    What is left of a hematoma (残余血肿) is of the same scan.
    """
    first = _end_of(text, at, _END)
    for match in _REPEAT.finditer(text, first, until):
        if not (_RESIDUAL.match(match[0]) or _is_planned(text, match)):
            return _sentence_start(text, match.start()) - 1
    return None


def _of_scan(said: RepeatStatement, text: str, scans: Sequence[FollowedScan]) -> RepeatStatement:
    """Return a statement with the scan that it means, or why that can't be told."""
    later = range(1, len(scans))
    if said.hours is not None and all(scans[n].hours is not None for n in later):
        later_at = [n for n in later if _is_near(said.hours, scans[n].hours or 0.0)]
        if len(later_at) == 1:
            return replace(said, scan=later_at[0])
        key = "follow.repeat_no_such" if not later_at else "follow.repeat_several"
        return replace(said, reason=Message(key))
    if len(later) == 1:
        return replace(said, scan=1)
    after = [n for n in later if scans[n].surgery == "seen"]
    if _AFTER_SURGERY.search(text[said.start : said.end]) and len(after) == 1:
        return replace(said, scan=after[0])
    return replace(said, reason=Message("follow.repeat_several"))


def _is_near(said: float, hours: float) -> bool:
    return abs(said - hours) <= max(WITHIN_HOURS, WITHIN_SHARE * said)


def _hours(said: str) -> float | None:
    """Return when a scan was, in hours after onset or admission; None if counted from surgery.

    Examples
    --------
    >>> _hours("6小时后复查头颅CT"), _hours("入院第2天复查CT"), _hours("次日复查"), _hours("复查")
    (6.0, 36.0, 24.0, None)
    """
    if _AFTER_SURGERY.search(said):
        return None
    for pattern, factor in ((_HOURS, 1.0), (_DAYS, 24.0)):
        if match := pattern.search(said):
            number = number_in(match[1])
            return None if number is None else number * factor
    if match := _DAY_NUMBER.search(said):
        number = number_in(match[1])
        return None if number is None else (number - 0.5) * 24  # the second day: 24 to 48 hours
    return 24.0 if _NEXT_DAY.search(said) else None


def _sentence_start(text: str, at: int) -> int:
    return max(text.rfind(mark, 0, at) for mark in "。；;\n") + 1


def _clause_start(text: str, at: int) -> int:
    """Return where the clause of a place begins, or the one before it, which may tell the time."""
    colon = max(text.rfind(mark, 0, at) for mark in "：:") + 1
    last = max(text.rfind(mark, 0, at) for mark in "，,")
    before = max(text.rfind(mark, 0, max(last, 0)) for mark in "，,") + 1
    return max(colon, before)
