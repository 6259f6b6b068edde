"""The Glasgow coma scale (GCS) at presentation, by the record.

It is that of the examination at admission, or else the first one of the present illness, or else
one that stands behind the CT in a note without headings. What is stated of the course, of earlier
times, or behind an operation that was done does not count. Of a patient who was intubated or
sedated when it was taken the total says little: the findings that tell so count where they stand
before it, and in the two sentences from it on where they tell of a state (插管状态), not of what
was done next (予气管插管).
Then the score is known if it is said to be from before, or if speech was tested all the same; from
the eyes and movements alone, if only speech could not be tested; and else not at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hich.report.compare.simplified import simplified
from hich.report.compare.surgery import told_surgery
from hich.report.messages import Message
from hich.report.model.comparison import Value
from hich.report.model.finding import Finding
from hich.report.model.score import ScorePoints, SourcePoints

POINTS = ((4, 2), (12, 1), (15, 0))
"""Up to so many points of the GCS, so many of the score."""
LEAST = 3
SPEECH = (1, 5)
"""Least and most of V, the part for speech."""

_AT_ADMISSION = ("physical_examination",)
_BEFORE = ("present_illness", "preamble", "chief_complaint", None)
_BEHIND = ("imaging_report", "diagnosis")
"""Sections that go on to the note's end where it has no further headings: 头颅CT：…。GCS 9分。"""
_LATER = re.compile(r"术后|出院|复查|复评|次日|翌日|转出|拔管|目前|现GCS|治疗后|第\s*\d+\s*天")
_ARRIVED = re.compile(r"术前|入院(?!后)|[来到]院|就诊时")
"""What goes back to the presentation, behind an operation: 行血肿清除术。术前GCS 6分."""
_ON_COMING = re.compile(r"(?:入院|入科|来院|到院|就诊|接诊)时?[^,，。；;\n]{0,8}$")
"""Before the value at presentation, where one of now follows: 入院时GCS 12分，现GCS 8分."""
_NEXT = 40
"""Characters within which it follows."""
_INTUBATED = ("intubation", "mechanical_ventilation")
_SEDATED = ("sedation",)
_TUBE = re.compile(r"[vV]\s*[（(]?[tT]|\d\s*分?\s*[（(]?[tT](?![A-Za-z]|\s*[:：=\d])")
"""VT, or T behind the total; but not what the temperature begins with."""
_FIRST = re.compile(r"(?:插管|镇静|气管切开|用药|给药)[^，,。；;\n]{0,4}(?:之?前)")
_RANGE = re.compile(r"(\d{1,2})\s*[~～\-–—至到]\s*(\d{1,2})")


def coma(findings: Sequence[Finding], text: str) -> SourcePoints | Message:
    """Return the points of the GCS at presentation, or why there are none.

    Parameters
    ----------
    findings
        Of the record.
    text
        The record.
    """
    text = simplified(text)
    stated = [f for f in findings if f.name == "gcs" and f.certainty != "negated"]
    now = [
        f
        for f in stated
        if (f.certainty != "historical" or _of_admission(f, stated, text))
        and not _LATER.search(_sentence_before(f, text))
        and not _is_after_surgery(f, findings, text)
    ]
    chosen = [f for f in now if f.section in _AT_ADMISSION]
    chosen = chosen or [f for f in now if f.section in _BEFORE]
    chosen = chosen or [
        f for f in now if f.section in _BEHIND and not _LATER.search(text[: f.start])
    ]
    if not chosen:
        return Message("ich.gcs_later" if stated else "ich.gcs_none")
    first = min(chosen, key=lambda f: f.start)
    if first.certainty == "uncertain":
        return _open(first, "ich.hedged")
    parts = first.extra.get("parts") or {}
    values = _values(first, parts)
    if not _FIRST.search(_sentence_before(first, text) + text[first.end : first.end + 8]):
        if _is_state(_SEDATED, findings, first, text):
            return _open(first, "ich.gcs_sedated")
        intubated = _is_state(_INTUBATED, findings, first, text)
        untested = _untested(first, text)
        # With a V that was tested nobody was intubated yet; 1 is what a tube is written as, too.
        if untested or (intubated and not _speaks(parts.get("V"))):
            values = _without_speech(parts) or (_of_tube(first) if untested else None)
            if values is None:
                return _open(first, "ich.gcs_sedated")
            shown = tuple(Value(n, "points") for n in values)
            return SourcePoints(points_of(*values), shown, Message("ich.gcs_speech"), (first,))
    if values is None:
        return _open(first, "ich.gcs_incomplete")
    found = points_of(*values)
    is_bound = first.value is None  # 8分以下
    total = (_as_bound(*values),) if is_bound else _each(values)
    reason = Message("ich.bound" if is_bound else "ich.several")
    return SourcePoints(found, total, reason if found.low < found.high else None, (first,))


def _of_admission(finding: Finding, stated: Sequence[Finding], text: str) -> bool:
    """Return whether a GCS that is no longer true is the one at admission, told beside today's."""
    follows = any(
        f.certainty != "historical" and finding.end <= f.start < finding.end + _NEXT for f in stated
    )
    return follows and bool(_ON_COMING.search(text[max(0, finding.start - 16) : finding.start]))


def _each(values: Sequence[float]) -> tuple[Value, ...]:
    return tuple(Value(n, "points") for n in dict.fromkeys(values))


def _as_bound(low: float, high: float) -> Value:
    """Return what a record states as the most, or else as the least, that a GCS can be."""
    return Value(high, "points", sign="≤") if low <= LEAST else Value(low, "points", sign="≥")


def points_of(low: float, high: float) -> ScorePoints:
    """Return the points of the score for a GCS from `low` to `high`.

    Examples
    --------
    >>> points_of(4, 4), points_of(12, 13)
    (ScorePoints(low=2, high=2), ScorePoints(low=0, high=1))
    """
    return ScorePoints(_points(high), _points(low))


def _points(gcs: float) -> int:
    return next(points for most, points in POINTS if gcs <= most)


def _values(finding: Finding, parts: dict[str, Any]) -> tuple[float, float] | None:
    """Return the least and the most that a stated GCS can be; None where there is no total."""
    if any(map(_is_number, parts.values())):
        ends = written = None
    else:
        ends, written = finding.extra.get("range"), _RANGE.search(finding.text)
    if ends:
        return float(ends[0]), float(ends[1])
    if written:  # files of earlier versions have no range
        low, high = sorted((float(written[1]), float(written[2])))
        if low >= 3 and high <= 15:
            return low, high
    if _is_number(finding.value):
        return float(finding.value), float(finding.value)
    return None


def _without_speech(parts: dict[str, Any]) -> tuple[float, float] | None:
    """Return the least and the most by eyes and movements, whatever speech would have been."""
    eyes, movements = parts.get("E"), parts.get("M")
    if not isinstance(eyes, int) or not isinstance(movements, int):
        return None
    return float(eyes + movements + SPEECH[0]), float(eyes + movements + SPEECH[1])


def _of_tube(finding: Finding) -> tuple[float, float] | None:
    """Return the least and the most that a total with T behind it can stand for.

    Some write eyes and movements alone, some add 1 for the tube.
    """
    if not _is_number(finding.value):
        return None
    total = float(finding.value)
    return max(total, 3.0), min(total + SPEECH[1], 15.0)


def _untested(finding: Finding, text: str) -> bool:
    """Whether speech is written as not testable."""
    written = finding.text + text[finding.end : finding.end + 5]
    return bool(_TUBE.search(written))


def _speaks(part: Any) -> bool:
    """Whether V says that the patient made a sound, which nobody with a tube does."""
    return _is_number(part) and part > SPEECH[0]


def _is_state(names: Sequence[str], findings: Sequence[Finding], first: Finding, text: str) -> bool:
    """Whether findings of these names say what the patient was in when a GCS was taken.

    Before it whatever was done counts; in its sentence what wasn't done next, and in the sentence
    behind that, what is told as a state. What is for the time of an operation alone never does.
    """
    ends = [match.start() for match in re.finditer(r"[。；;\n]|$", text[first.end :])]
    same, behind = (first.end + end for end in (*ends, ends[-1])[:2])
    for f in findings:
        told_as = f.extra.get("told_as")
        if f.name not in names or f.certainty != "affirmed" or told_as == "surgery":
            continue
        if f.start < first.end or (f.start < same and told_as != "act"):
            return True
        if f.start < behind and told_as == "state":
            return True
    return False


def _is_after_surgery(gcs: Finding, findings: Sequence[Finding], text: str) -> bool:
    """Whether a GCS stands behind an operation that was done, and nothing leads back before it."""
    ends = [f.end for f in told_surgery(findings) if f.end <= gcs.start]
    return bool(ends) and not _ARRIVED.search(text[max(ends) : gcs.start])


def _sentence_before(finding: Finding, text: str) -> str:
    """Return the sentence of a finding, from its beginning to the finding's end."""
    begin = max(text.rfind(mark, 0, finding.start) for mark in "。；;\n") + 1
    return text[begin : finding.end]


def _open(finding: Finding, key: str) -> SourcePoints:
    value = (Value(finding.value, "points"),) if _is_number(finding.value) else ()
    return SourcePoints(points_of(3, 15), value, Message(key), (finding,))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))
