"""The Glasgow coma scale (GCS) at presentation, by the record.

It is that of the examination at admission, or else the first one of the present illness; what is
stated of the course, or of earlier times, is none. Of a patient who was intubated or sedated when
it was taken the total says little: the words that tell so are looked for before it, and in the two
sentences from it on where they tell of a state (插管状态), not of what was done next (予气管插管).
Then the score is known if it is said to be from before, or if speech was tested all the same; from
the eyes and movements alone, if only speech could not be tested; and else not at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hich.report.messages import Message
from hich.report.model.comparison import Value
from hich.report.model.finding import Finding
from hich.report.model.score import ScorePoints, SourcePoints

POINTS = ((4, 2), (12, 1), (15, 0))
"""Up to so many points of the GCS, so many of the score."""
SPEECH = (1, 5)
"""Least and most of V, the part for speech."""

_AT_ADMISSION = ("physical_examination",)
_BEFORE = ("present_illness", "preamble", "chief_complaint", None)
_LATER = re.compile(r"术后|出院|复查|复评|次日|翌日|转出|拔管|目前|现GCS|治疗后|第\s*\d+\s*天")
_INTUBATED = re.compile(r"插管|气管切开|气切|机械通气|呼吸机|人工气道")
_SEDATED = re.compile(r"镇静|咪达唑仑|丙泊酚|右美托咪定|肌松|麻醉未醒|药物性昏迷")
_NOT = re.compile(
    r"(?:未|无|没有|非|拒绝|不予|未予|未行|否认|暂不|必要时|准备|拟|停用?)[^，,。；;\n]{0,4}$"
)
_DONE_NEXT = re.compile(
    r"(?<!已)(?<!已经)(?:予|行|遂|立即|急诊|急查|紧急|即|改|后|拟|建议|需|家属)[^，,。；;\n]{0,8}$"
)
"""Before such a word behind the GCS: what was done, or thought of, after it was taken."""
_STATE = re.compile(
    r"(?:插管|镇静|气切|切开|呼吸机)[^，,。；;\n]{0,6}(?:状态|在位|中|下(?!行)|固定|通气|呼吸)"
    r"|带[^，,。；;\n]{0,6}插管|机械通气|呼吸机辅助"
)
"""In the sentence behind that of the GCS."""
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
    stated = [f for f in findings if f.name == "gcs" and f.certainty != "negated"]
    now = [
        f
        for f in stated
        if f.certainty != "historical" and not _LATER.search(_sentence_before(f, text))
    ]
    chosen = [f for f in now if f.section in _AT_ADMISSION]
    chosen = chosen or [f for f in now if f.section in _BEFORE]
    if not chosen:
        return Message("ich.gcs_later" if stated else "ich.gcs_none")
    first = min(chosen, key=lambda f: f.start)
    if first.certainty == "uncertain":
        return _open(first, "ich.hedged")
    parts = first.extra.get("parts") or {}
    values = _values(first, parts)
    if not _FIRST.search(_sentence_before(first, text) + text[first.end : first.end + 8]):
        before = text[: first.start]
        if _happened(_SEDATED, before) or _is_state(_SEDATED, first, text):
            return _open(first, "ich.gcs_sedated")
        intubated = _happened(_INTUBATED, before) or _is_state(_INTUBATED, first, text)
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
    shown = tuple(Value(n, "points") for n in dict.fromkeys(values))
    found = points_of(*values)
    reason = Message("ich.several") if found.low < found.high else None
    return SourcePoints(found, shown, reason, (first,))


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
    written = _RANGE.search(finding.text)
    if written and not any(map(_is_number, parts.values())):
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


def _is_state(words: re.Pattern[str], finding: Finding, text: str) -> bool:
    """Whether the words behind a GCS tell of a state that the patient was in when it was taken."""
    same, *others = re.split(r"[。；;\n]", text[finding.end : finding.end + 200])
    if _happened(words, same, _DONE_NEXT):
        return True
    return any(
        words.search(match[0]) and not _DONE_NEXT.search(others[0][: match.start()])
        for match in (_STATE.finditer(others[0]) if others else ())
        if not _NOT.search(others[0][: match.start()])
    )


def _happened(words: re.Pattern[str], text: str, besides: re.Pattern[str] | None = None) -> bool:
    """Whether a text says that something was done, and does not deny or only plan it.

    Nor where the pattern `besides` is found before it.
    """
    return any(
        not _NOT.search(before) and not (besides and besides.search(before))
        for match in words.finditer(text)
        for before in [text[max(0, match.start() - 12) : match.start()]]
    )


def _sentence_before(finding: Finding, text: str) -> str:
    """Return the sentence of a finding, from its beginning to the finding's end."""
    return re.split(r"[。；;\n]", text[: finding.start])[-1] + finding.text


def _open(finding: Finding, key: str) -> SourcePoints:
    value = (Value(finding.value, "points"),) if _is_number(finding.value) else ()
    return SourcePoints(points_of(3, 15), value, Message(key), (finding,))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))
