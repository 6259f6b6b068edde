"""The Glasgow coma score, with its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...sought import Sought
from ..bounds import BEFORE, BEHIND, sign_of
from ..chinese_numbers import between, number, whole
from ..context.changes import WHEN, earlier_behind

if TYPE_CHECKING:
    from ..reading import Finding, Reading

LEAST, MOST = 3, 15
Ends = list[float] | None

_SCORE = Sought(
    r"gcs|glas|格拉斯|昏迷(?=[评指程])|evm",
    r"(?:gcs|glasgow(?: ?coma)?(?: ?scale)?(?: ?score)?"
    r"|格拉斯哥(?:昏迷)?(?:评分|量表|指数)?|昏迷(?:评分|指数|程度)|(?<![a-z])evm)(?:\(gcs\))?"
    r"(?:昏迷)?(?:评分|评|计分|量表|分数|得分)?(?:\(gcs\)|[(:]?e[\-+/]?v[\-+/]?m\)?)?"
    # 满分15分，该患评9分: how far the scale goes is no score
    r"(?:[,(:为]?(?:满分|总分)为?15分?\)?[,;:]?(?:现|今|目前|实际|该患者?|本例|患者|评|得|为|计|分){1,6}(?=\d{1,2}分?))?"
    # 较昨日上升3分，为11分: the difference is no score
    r"(?:[,(]?较[^,。;\n\d]{0,8}(?:上升|下降|升高|降低|增加|减少|提高|改善|好转|"
    r"恢复)了?(?:\d{1,2}分)?,?)?"
    r"(?:[:为]?(?:入院|术前|术后|出院|目前|现|今日|来院|急诊|入科|昨日|当时|复测|复评)时?)?"
    r"(?:一度)?(?:下降|降|升|恢复|增|减)?(?:至(?!少)|到)?[:为约=是 ,计]*",
)
_PARTS = Sought(
    r"[(e睁]",
    r"\(?e[:= (]?(?P<e>[1-4ctn])\)?分?[+,、; /\-]{0,2}v[:= (]?(?P<v>[1-5taen])\)?分?[+,、; /\-]{0,"
    r"2}"
    r"m[:= (]?(?P<m>[1-6])分?\)?"
    r"|\(?睁眼(?:反应)?[:(]?(?P<e3>[1-4])\)?分?[+,、; ]{0,2}(?:言语|"
    r"语言)(?:反应)?[:(]?(?P<v3>[1-5])\)?分?[+,、; ]{0,2}"
    r"(?:最佳)?(?:运动|动作|肢体活动|肢体运动)(?:反应)?[:(]?(?P<m3>[1-6])\)?分?\)?",
)
_BARE_PARTS = re.compile(r"\(?(?P<e>[1-4c])[+\-](?P<v>[1-5t])[+\-](?P<m>[1-6])(?!\d)\)?")
_TOTAL = re.compile(
    r"[=:,共计合为总分( ]{0,4}(?P<n>\d{1,2}|[三四五六七八九]|十[一二三四五]?)"
    r"(?:[~\-至](?P<n2>\d{1,2}))?(?P<unit>分)?(?![\d+.]| ?(?:小时|h|天|日|次|周|月))"
)
_CHANGED = re.compile(
    r"(?:由|从)?(?:昨日|昨天|昨晚|昨|来院|到院|外院|发病|入院|转入|术前|当时|原来|原|的|时)*(?P<n>\d{1,2})分?"
    r"(?P<to>(?:下|升|降|上|涨|掉|跌|恢复|变|增|减|改善|好转|提高|加|少)*"
    r"(?:到|至|为)(?:现在|目前|今日|今晨|现|的|约)*|→|->|,?(?:今日|今晨|今天|今|现在?|"
    r"目前)(?:降至|升至|为)?)(?P<n2>\d{1,2})分?"
)
_PARTS_CHANGED = re.compile(
    r"[由从]?(?P<a>\(?e[1-4]v[1-5ta]m[1-6]\)?)(?:,?(?:下|升|降|上|恢复|变|增|减|改善|好转|提高)*(?:到|至|为)|→|->)"
    r"(?P<b>\(?e[1-4]v[1-5ta]m[1-6]\)?)"
)
"""Parts of a score that change: GCS由E2V2M5升至E3V4M6."""
_FULL = re.compile(r"满分(?!15|十五|为|\d)")
"""GCS满分: nothing is lost."""
_THEN = re.compile(rf"(?:→|->){WHEN}(?P<n>\d{{1,2}})分?(?![\d.])")
"""A score that changes: GCS由13分降至8分, GCS 15→13→9分; all but the last are of the past."""
_AT_ANOTHER_TIME = re.compile(
    r"[,、;/]?(?:入院|术前|术后|出院|目前|现|今日|来院|急诊|入科|转入|\d{1,2}[h天日])(?:时|后|"
    r"第\d{1,2}[天日])?"
    r"(?:[^\d,。;\n]{0,2}?|恢复[至到]|[升降][至到])(?P<n>\d{1,2})分(?!钟)"
)
_BOUND = re.compile(r"[(: ]{0,2}" + BEFORE.pattern)
"""GCS≤8分, GCS 8分以下: no score, but the most, or the least, that it can be."""
_DIFFERENCE = tuple("降升增减")
_EQUALS = re.compile(r"(?:[=共计为]|,(?=\d{1,2}分)){1,3}(?P<n>\d{1,2})分?(?![\d.])")


def find(record: Reading) -> Iterator[Finding]:
    """Find gcs (points)."""
    text, done = record.text, 0
    for match in _SCORE.finditer(text):
        if match.start() < done:
            continue
        yield from _parts_alone(record, done, match.start())
        if both := _PARTS_CHANGED.match(text, match.end()):
            done = both.end()
            yield from _changed_parts(record, match.start(), both)
            continue
        if full := _FULL.match(text, match.end()):
            done = full.end()
            yield _gcs(record, match.start(), done, float(MOST), dict.fromkeys("EVM"))
            continue
        changed = _CHANGED.match(text, match.end())
        if changed:
            scores, done = [changed["n"], changed["n2"]], changed.end()
            while then := _THEN.match(text, done):
                scores.append(then["n"])
                done = then.end()
            for place, written in enumerate(scores, 1):
                total, ends = number(written), None
                if place == len(scores):
                    total, ends, done = _bound_behind(text, total, done)
                found = _gcs(record, match.start(), done, total, dict.fromkeys("EVM"), ends)
                if place < len(scores) and found["certainty"] == "affirmed":
                    found["certainty"] = "historical"
                yield found
            continue
        score = _score(text, match.end())
        if score is not None:
            total, parts, ends, done = score
            yield _gcs(record, match.start(), done, total, parts, ends)
            if (before := earlier_behind(text, done)) and LEAST <= float(before["n"]) <= MOST:
                done = before.end("n") + text.startswith("分", before.end("n"))
                found = _gcs(
                    record, before.start("n"), done, float(before["n"]), dict.fromkeys("EVM")
                )
                yield {**found, "certainty": "historical"}
            while then := _AT_ANOTHER_TIME.match(text, done):
                scored = dict.fromkeys("EVM")
                total = number(then["n"])
                total, ends, done = _bound_behind(text, total, then.end())
                yield _gcs(record, then.start("n"), done, total, scored, ends)
        else:
            done = match.end()
    yield from _parts_alone(record, done, len(text))


def _changed_parts(record: Reading, start: int, both: re.Match[str]) -> Iterator[Finding]:
    """Find the two scores of E2V2M5升至E3V4M6, of which the first is of the past."""
    earlier, later = (_PARTS.match(both.string, both.start(group)) for group in ("a", "b"))
    if earlier is None or later is None:
        return
    found = _gcs(record, start, both.end("a"), None, _numbers(earlier))
    if found["certainty"] == "affirmed":
        found["certainty"] = "historical"
    yield found
    yield _gcs(record, both.start("b"), both.end(), None, _numbers(later))


def _parts_alone(record: Reading, first: int, last: int) -> Iterator[Finding]:
    """Find E3V5M6 where no score is named, nor was right before it (GCS 14分，其中E4V4M6)."""
    for match in _PARTS.finditer(record.text, first, last):
        start, end = match.span()
        if _SCORE.search(record.text, record.cues.sentence_start(start, 16), start):
            continue
        equals = _EQUALS.match(record.text, end, last)
        total = float(equals["n"]) if equals else None
        yield _gcs(record, start, equals.end() if equals else end, total, _numbers(match))


def _score(text: str, at: int) -> tuple[float | None, dict[str, int | None], Ends, int] | None:
    """Return the total, the parts, the ends of a range or bound, and where a score at `at` ends.

    None if no score begins there.
    """
    parts: dict[str, int | None] = {"E": None, "V": None, "M": None}
    total: float | None = None
    end = at
    match = _PARTS.match(text, at) or _BARE_PARTS.match(text, at)
    if match:
        parts, end = _numbers(match), match.end()
        written = _TOTAL.match(text, end)
        if written and (text[end] in "=共计为总合(" or written["unit"]):
            total, end = number(written["n"]), written.end()
        return total, parts, None, end
    at += text.startswith("在", at)
    sign = None if text[:at].endswith(_DIFFERENCE) else _BOUND.match(text, at)
    written = _TOTAL.match(text, sign.end() if sign else at)
    if written is None:
        return None
    first = number(written["n"])
    if first is None or (written["n"], written["n2"]) == ("3", "15"):
        return None  # GCS（3~15分） says how far the scale goes
    (total, ends), end = between(first, written["n2"]), written.end()
    if sign:
        total, ends = None, _bound(sign_of(sign), first)
        if ends is None:
            return None
    elif ends is None:
        total, ends, end = _bound_behind(text, first, end)
    match = _PARTS.match(text, end) or _BARE_PARTS.match(text, end)
    if match is None and text[end : end + 1] in (",", "(", "、"):
        match = _PARTS.match(text, end + 1) or _BARE_PARTS.match(text, end + 1)
    if match:
        parts, end = _numbers(match), match.end()
    return total, parts, ends, end


def _bound(sign: str, total: float) -> Ends:
    """Return the least and the most that a score can be beside a sign such as ≤, if it can be."""
    if sign == "≈":
        return None
    below, above = (LEAST, total - (sign == "<")), (total + (sign == ">"), MOST)
    ends: list[float] = list(below if sign in "<≤" else above)
    return ends if LEAST <= total <= MOST and ends[0] <= ends[1] else None


def _bound_behind(text: str, total: float | None, end: int) -> tuple[float | None, Ends, int]:
    """Return the total, the ends of a bound whose word stands behind it, and where it ends.

    A bound (8分以下) is no total.
    """
    sign = BEHIND.match(text, end)
    ends = _bound(sign_of(sign), total) if sign and total is not None else None
    return (None, ends, sign.end()) if sign and ends else (total, None, end)


def _numbers(match: re.Match[str]) -> dict[str, int | None]:
    groups = match.groupdict()
    written = {p: groups.get(p.lower()) or groups.get(f"{p.lower()}3") or "" for p in "EVM"}
    return {part: int(n) if n.isdecimal() else None for part, n in written.items()}


def _gcs(
    record: Reading,
    start: int,
    end: int,
    total: float | None,
    parts: dict[str, int | None],
    ends: Ends = None,
) -> Finding:
    given = [part for part in parts.values() if part is not None]
    if total is not None and not LEAST <= total <= MOST:
        total = ends = None
    if total is None and len(given) == 3:
        total, ends = float(sum(given)), None
    if ends and ends[0] == ends[1]:
        total, ends = ends[0], None
    certainty = record.certainty(start, end, 0)
    value = None if total is None else whole(total)
    shown = ends and [whole(one) for one in ends]
    return record.finding("gcs", start, end, value, "points", certainty, parts=parts, range=shown)
