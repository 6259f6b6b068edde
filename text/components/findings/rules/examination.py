"""What is measured at the bedside: blood pressure and the coma score."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...sought import Sought
from ..bounds import ABOVE, BEFORE, BEHIND, FROM, bounded, sign_of
from ..chinese_numbers import between, number, whole
from ..context.changes import WHEN, earlier_behind

if TYPE_CHECKING:
    from ..reading import Finding, Reading

MMHG_PER_KPA = 7.50062
"""1 mmHg = 133.322 Pa."""
LEAST, MOST = 3, 15
"""Of the coma score."""

Ends = list[float] | None

_PAIR = Sought(
    r"[0-9](?<![\d./]\d)(?=[\d.~\-至 mhgkpa]{1,20}[/\\])",
    r"(?<![\d./])(?P<s>\d{2,3}(?:\.\d)?)(?:[~\-至](?P<s2>\d{2,3}(?:\.\d)?))? ?(?:mm ?hg|kpa)? ?"
    r"[/\\] ?(?P<d>\d{2,3}(?:\.\d)?)(?:[~\-至](?P<d2>\d{2,3}(?:\.\d)?))?(?![\d/.]|次)"
    r"(?: ?(?P<unit>mm ?hg|毫米汞柱|kpa|千帕))?",
)
_SYSTOLIC = Sought(
    r"[收高上s]",
    r"(?:收缩压|(?<![内腔])高压|上压|sbp)(?:最?高?达?|为|约|是|在|[:= ]|波动|于|升至|"
    r"测)*(?P<s>\d{2,3})(?:[~\-至](?P<s2>\d{2,3}))?"
    r"(?: ?(?P<unit>mmhg|毫米汞柱|kpa|千帕))?(?:左右)?"
    r"(?:[,、; ]?(?:舒张压|低压|下压|dbp)(?:最?高?达?|为|约|是|在|[:= ]|波动|"
    r"于)*(?P<d>\d{2,3})(?:[~\-至](?P<d2>\d{2,3}))?"
    r"(?: ?(?:mmhg|毫米汞柱|kpa|千帕))?)?",
    needs=("收缩压", "高压", "上压", "sbp"),
)
_DASHED = Sought(
    r"血压|bp",
    r"(?:血压|bp)[:为约是 ]*(?P<s>\d{3})(?P<s2>(?!))?[~\-](?P<d>\d{2,3})(?P<d2>(?!))?(?![\d/~.\-])"
    r"(?: ?(?P<unit>mm ?hg|毫米汞柱))?",
)
"""A pressure whose numbers a dash parts: 血压190~110mmHg; the first is higher by 30 at least."""
_UNMEASURED = re.compile(r"(?:血压|bp):?(?:测不出|测不到|未测出)")
_PRESSURE = re.compile(r"血压|bp|压")
_AGAIN = re.compile(
    r"(?:[降升]|为|[至到]|测|后|时|急诊|门诊|入[院科室]|[到来转]院|现|目前|右|左|"
    r"双)[^\d,。;\n]{0,6}$"
)
"""Before a pressure that goes on from one that was named: 血压210/115，用药后158/90."""
_HIGHEST = re.compile(
    r"最高|平素|平时|自测|在家(?:中)?(?:测|血压)|家测|(?<!后)(?<!后血压)控制(?!可|良|尚|平|欠|不|后|血压后)|既往|曾|平常|以往|基础血压"
)
_MEASURED = re.compile(
    r"入院|来院|到院|急诊|查体|查:|今[日天晨早]|(?:现|目前|当时|立即|急)[^,。;\n]{0,4}测"
)
_GOAL = re.compile(
    r"目标|理想"
    # 控制血压于, 将血压降至; but 控制血压后测得 and 平素血压控制在 tell what was measured
    r"|(?:控制|(?<![素胺明平尔入注])维持|调控|保持|稳定|调整|管理|降低?|使|将|把)(?:患者|其|动脉)*(?:收缩压|舒张压|"
    r"血压|bp)[^,;测查复示后]*$"
    r"|(?:血压|收缩压|bp)(?:应|需|须|宜|要|不宜|不应|不能|不得|不超过|不高于)[^,;测查复示]*$"
    r"|[<≤]$|不低于$|避免[^,;]{0,8}$"
)
_BELOW = re.compile(r"(?:左右|上下|之间)?(?:以下|以内|之下|水平|[为即][宜佳妥可]|为好|为目标)")
_LIMIT = re.compile(rf"(?:{ABOVE}|{FROM})$")
_ALARM = re.compile(r"[^,。;\n\d]{0,4}(?:通知|报告|告知|时|予|则|立即|及时)")
"""After a pressure from which on somebody is to do something: >160/100mmHg通知医生."""
_ARM = re.compile(r"(左|右)(?:侧)?(?:上肢|臂|手)?(?:血压|bp)?\)?[:为]?$")
_ARM_AFTER = re.compile(r"\((左|右)侧?(?:上肢|上臂|臂|手)?[^()\d,]{0,4}\)")


def find(record: Reading) -> Iterator[Finding]:
    """Find blood_pressure (mmHg) and gcs."""
    yield from _pressures(record)
    yield from _coma(record)


def _pressures(record: Reading) -> Iterator[Finding]:
    for pattern in (_PAIR, _SYSTOLIC, _DASHED):
        for match in pattern.finditer(record.text):
            start, end = match.span()
            if pattern is _DASHED:
                start = match.start("s")
                if int(match["s"]) - int(match["d"]) < 30:
                    continue  # 血压140~160mmHg
            clause = record.clause(start, 24)[0]
            before = record.text[clause:start]
            named = match["unit"] or _PRESSURE.search(before)
            if pattern is _PAIR and not (named or _goes_on(record, clause, start)):
                continue
            value, ends = _mmhg(match)
            if value is None:
                continue
            earlier = record.text[record.cues.sentence_start(start, 40) : match.start("s")]
            goal = before + "收缩压" if pattern is _SYSTOLIC else before
            if _GOAL.search(goal) or _BELOW.match(record.text, end):
                continue  # what it shall be, not what it is
            if _LIMIT.search(before) and _ALARM.match(record.text, end):
                continue
            certainty = record.certainty(start, end, 0)
            usual = _HIGHEST.search(earlier)
            if certainty == "affirmed" and usual and not record.cues.now(earlier[usual.end() :]):
                certainty = "historical"
            if certainty == "affirmed" and record.section(start) == "past_history":
                # 现服药，血压控制在130/80mmHg
                certainty = "affirmed" if _MEASURED.search(earlier) else "historical"
            arm = _ARM.search(before) or _ARM_AFTER.match(record.text, end)
            yield record.finding(
                "blood_pressure", start, end, value, "mmHg", certainty,
                record.side_named(arm[1] if arm else None), range=ends,
                bound=bounded(record.text, match.start("s"), end).sign,
            )  # fmt: skip
    for match in _UNMEASURED.finditer(record.text):
        yield record.finding("blood_pressure", *match.span(), range=None, bound=None)


def _goes_on(record: Reading, clause: int, start: int) -> bool:
    """Whether numbers at `start` go on from a pressure that the sentence named before."""
    if not _AGAIN.search(record.text, clause, start):
        return False
    return _PRESSURE.search(record.text, record.cues.sentence_start(start), clause) is not None


def _mmhg(match: re.Match[str]) -> tuple[list[float | None] | None, list[Any] | None]:
    """Return systolic and diastolic pressure in mmHg, and the ends of what is a range."""
    scale = MMHG_PER_KPA if match["unit"] in ("kpa", "千帕") else 1
    systolic, across = between(float(match["s"]), match["s2"])
    if scale == 1 and match["s2"] and float(match["s"]) < 50:
        # 36.8-78-19-168/94: the pulse and the breaths before
        systolic, across = float(match["s2"]), None
    diastolic, along = between(float(match["d"]), match["d2"]) if match["d"] else (None, None)
    if scale != 1:
        systolic = round(systolic * scale)
        diastolic = None if diastolic is None else round(diastolic * scale)
        across = across and [float(round(n * scale)) for n in across]
        along = along and [float(round(n * scale)) for n in along]
    if not 40 <= systolic <= 320 or (
        diastolic is not None and not 15 <= diastolic < min(systolic, 220)
    ):
        return None, None
    value = [whole(systolic), diastolic if diastolic is None else whole(diastolic)]
    return value, [across, along] if across or along else None


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
    r"[由从]?(?P<before>\(?e[1-4]v[1-5ta]m[1-6]\)?)(?:,?(?:下|升|降|上|恢复|变|增|减|改善|好转|提高)*(?:到|至|为)|→|->)"
    r"(?P<after>\(?e[1-4]v[1-5ta]m[1-6]\)?)"
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


def _coma(record: Reading) -> Iterator[Finding]:
    text, done = record.text, 0
    for match in _SCORE.finditer(text):
        if match.start() < done:
            continue
        yield from _parts_alone(record, done, match.start())
        if parts := _PARTS_CHANGED.match(text, match.end()):
            done = parts.end()
            ends = (parts.end("before"), done)
            for place, group in enumerate(("before", "after")):
                scored = _PARTS.match(text, parts.start(group))
                if scored:
                    first = match.start() if place == 0 else parts.start(group)
                    found = _gcs(record, first, ends[place], None, _numbers(scored))
                    if place == 0 and found["certainty"] == "affirmed":
                        found["certainty"] = "historical"
                    yield found
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
