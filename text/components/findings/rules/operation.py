"""Operations on a hematoma or its pressure, and when they were, or are planned."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..context.timing import act_certainty, time_of
from ..durations import DURATION, day_of, hours_of

if TYPE_CHECKING:
    from ..reading import Finding, Reading

OPERATIONS = (
    *("craniotomy", "decompressive_craniectomy", "burr_hole_drainage"),
    *("minimally_invasive_aspiration", "endoscopic_evacuation"),
    *("external_ventricular_drain", "lumbar_drain"),
)
"""Treatments that are operations."""

_DATE = re.compile(
    r"(?<![\d.])(?P<y>20\d\d)[年./\-](?P<m>\d{1,2})[月./\-](?P<d>\d{1,2})[日号]?"
    r"(?: ?(?:上午|下午|晚)?(?P<h>\d{1,2})(?::|时|点)(?P<min>\d{1,2})?)?"
)
_AFTERNOON = re.compile(r"下午|晚")
_SINCE = re.compile(
    r"(?:(?P<onset>发病|起病|出血)|(?P<admission>入院|来院))后?的?(?P<nth>第)?约?"
    rf"{DURATION}(?P<in>之?内)?"
)


_ADVICE = re.compile(
    r"(?:(?<!诊断)意见|建议|计划|方案|拟)[:]|(?:拟|预定|拟定|计划|待)(?!诊)[^,。;\n:]{0,8}:"
)
_ITEM = re.compile(r" ?(?:[(]?\d{1,2}[.、)]|[①-⑳])")
_ADVICE_TITLE = re.compile(r"[^。;\n]{0,16}(?:意见|建议|计划|方案|拟[^,。;\n]{0,8}):\n")
_DONE = re.compile(r"已|昨|今[日晨晚]|曾|完成|术后|\d[日时点]")
_AFTERWARDS = re.compile(r"后(?!颅)|[^,。;\n]{0,8}?(?:术后|完成|后(?:第|改变|状态|复查))")


def is_advised(record: Reading, start: int, end: int) -> bool:
    """Whether what is to be done stands under a heading of advice or plans: 意见：急诊手术."""
    text = record.text
    clause = text[record.clause(start)[0] : start]
    if _DONE.search(clause) or _AFTERWARDS.match(text, end):
        return False
    line = max(text.rfind("\n", 0, start) + 1, start - 120)
    if _ADVICE.search(text, line, start) or _listed_advice(text, line):
        return True
    label = record.section(start)
    heading = next((text[a : a + 12] for a, b in record.spans(label or "") if a <= start < b), "")
    return _ADVICE.search(heading) is not None


def _listed_advice(text: str, line: int) -> bool:
    """Whether a line is an item of a list, whose title, a line before it, is of advice or plans."""
    while line and _ITEM.match(text, line):
        line = text.rfind("\n", 0, line - 1) + 1
        if _ADVICE_TITLE.match(text, line):
            return True
    return False


def operation(record: Reading, value: str, start: int, end: int, certainty: str) -> Finding:
    """Return the operation that a treatment is.

    `date` is the day, with the time where one is said, in ISO 8601; `hours` how long after `since`
    (``onset`` or ``admission``); all None where the sentence says nothing of it.
    """
    if certainty == "affirmed":
        certainty = act_certainty(record, start, end)
    when = _when(record, start, end)
    return record.finding(
        "operation",
        start,
        end,
        value,
        certainty=certainty,
        time=time_of(certainty, act=True),
        **when,
    )


def _when(record: Reading, start: int, end: int) -> dict[str, Any]:
    text = record.text
    first = record.cues.sentence_start(start, 50)
    said: dict[str, Any] = {"date": None, "hours": None, "since": None}
    dates = list(_DATE.finditer(text, first, start))
    behind = _DATE.match(text, end + 1) if text.startswith("(", end) else None
    dates += [behind] if behind else []
    if dates:
        said["date"] = _iso(dates[-1])
    since = [m for m in _SINCE.finditer(text, first, start) if not (m["in"] or m["nth"])]
    if since:
        said["hours"], _ = hours_of(since[-1])
        if said["hours"] is not None:
            said["since"] = "onset" if since[-1]["onset"] else "admission"
    return said


def _iso(match: re.Match[str]) -> str | None:
    """Return a date as ISO 8601 has it; None where there is no such day."""
    day = day_of(match)
    if day is None:
        return None
    date = day.isoformat()
    if match["h"] is None:
        return date
    hour = int(match["h"])
    hour += 12 if _AFTERNOON.search(match[0]) and hour < 12 else 0
    minute = int(match["min"] or 0)
    return f"{date}T{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else date
