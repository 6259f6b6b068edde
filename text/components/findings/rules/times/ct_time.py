"""How long after its onset an illness was seen on CT."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....sought import Sought
from ...chinese_numbers import whole
from ...context.timing import act_certainty, time_of
from ...durations import DURATION, hours_of
from .clock_times import first_ct

if TYPE_CHECKING:
    from ...reading import Finding, Reading

_ONSET = r"(?:发病|起病|症状(?:出现|发作|开始)|本次发病)"
_CT = (
    r"(?:(?:我院|本院|当地|外院|急诊|急查|首次|初次|复查|行|查|完善|床旁|的|头颅|头部|颅脑|头|"
    r"脑|平扫)*ct(?!值))"
)
_PATTERNS = (
    Sought(
        "[发起症本]",
        rf"{_ONSET}(?:后|以来)?(?:大?约|近|(?P<nth>第))*{DURATION}(?P<late>之?后|左右|时|"
        rf"许)*(?:,?(?:于|在|就)?(?P<gap>[^,。;\n\d]{{0,10}}?)){_CT}",
    ),
    Sought(
        "[发起症本]",
        rf"{_ONSET}(?:至|到|-)(?:{_CT})(?:检查|扫描|平扫|完成)*的?(?:时间|间隔|间期)*(?:为|约|是|"
        rf":| )*{DURATION}",
    ),
    Sought(
        "距",
        rf"距(?:离)?{_ONSET}(?:时间)?(?:为|约|大约|:|"
        rf"已)*{DURATION}(?P<gap>[^,。;\n\d]{{0,8}}?){_CT}",
    ),
    Sought(
        "c",
        rf"ct[^。;\n,\d]{{0,8}}[(,]?距(?:离)?{_ONSET}(?:时间)?(?:为|约|大约|:|已)*{DURATION}",
        needs=("距",),
    ),
    Sought(
        "[我本当外急首初复行查完床的头颅脑平c]",
        rf"{_CT}(?:检查|平扫)?\((?:[^()\d,。;\n]{{1,8}},)?(?:{_ONSET})(?:后)?(?:约)?{DURATION}[^()\d,。;\n]{{0,8}}\)",
        needs=("发病", "起病", "症状"),
    ),
)
_ELSEWHERE = re.compile(r"入院|来院|就诊|送|转|未|收住|收入")
_REPEAT = re.compile(r"复查|再次|第二次|动态")


def find(record: Reading) -> Iterator[Finding]:
    """Find onset_to_ct (h); `scan` is ``first``, or ``repeat`` where it is said to be one (复查).

    A bound (6小时内) is no time, nor is the time of an admission that a CT followed.
    Where no duration is told, the clock may tell it; see `clock_times`.
    """
    text = record.text
    if "ct" not in text:
        return
    taken: list[tuple[int, int]] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < last and first < end for first, last in taken):
                continue
            gap = match.groupdict().get("gap") or ""
            if match.groupdict().get("nth"):
                continue
            if _ELSEWHERE.search(gap) or text.startswith(("内", "之内", "以内"), match.end("unit")):
                continue
            hours, ends = hours_of(match)
            if hours is None or record.of_others(start, end):
                continue
            certainty = act_certainty(record, end - 2, end)
            if certainty == "negated":
                continue
            taken.append((start, end))
            around = match[0] + text[max(0, start - 4) : start]
            yield record.finding(
                "onset_to_ct", start, end, hours, "h", certainty,
                time=time_of(certainty, act=True),
                scan="repeat" if _REPEAT.search(around) else "first", range=ends,
            )  # fmt: skip

    by_clock = first_ct(record) if not taken else None
    if by_clock:
        start, end, value = by_clock
        yield record.finding(
            "onset_to_ct", start, end, whole(value), "h", time="now", scan="first", range=None
        )
