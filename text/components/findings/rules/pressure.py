"""Blood pressure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...sought import Sought
from ..bounds import ABOVE, FROM, bounded
from ..chinese_numbers import between, whole

if TYPE_CHECKING:
    from ..reading import Finding, Reading

MMHG_PER_KPA = 7.50062
"""1 mmHg = 133.322 Pa."""
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
_TREATED = re.compile(r"降至|降为|复测|后[^,。;\n]{0,4}测|后血压")
"""After the highest pressure a later one: 夜间血压最高178/96mmHg，予降压后降至152/86mmHg."""
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
    """Find blood_pressure (mmHg)."""
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
            since = earlier[usual.end() :] if usual else ""
            if (
                certainty == "affirmed"
                and usual
                and not (record.cues.now(since) or _TREATED.search(since))
            ):
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
