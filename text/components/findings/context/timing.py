"""When a finding is, was or shall be, and at which moment of the illness it was measured.

`time` is ``now``, ``before`` (what is historical) or ``planned`` (what is intended, advised, or
done under a condition).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...sought import last_of
from .supposed import is_supposed

if TYPE_CHECKING:
    from ..reading import Reading

_NOT_DONE = re.compile(r"(?:不|未|勿|无需|暂缓|尚未)(?:再|即|给?予|行|做|需|使用)*$")
_PLAN = re.compile(
    r"拟(?!诊)|择期|暂定|(?<![确固稳])定于|安排|明[日天晨早]|预行|预约|计划|准备|建议|consider|必要时|待(?=[^,。;\n]{0,10}(?:后|再|行))|随时|如需|"
    r"可考虑|可选择?|需|首选|视(?:病情|情况)|视[^,。;\n]{1,12}(?:决定|而?定)|酌情"
    r"|(?:认为|主张)[^,。;\n]{0,4}[应可宜]"
    r"|转(?:往|至|到|诊)?(?:上级|外院|[^,。;\n]{0,8}医院)(?![^,。;\n]{0,6}[后已])"
    r"|(?<![准设配储齐具完常后筹戒])备(?![皮血注案课用份受])"
)
"""Before something that is not done yet."""
_REFUSED_AFTER = re.compile(
    r"(?:手?术|治疗)?[,;](?:但|而)?(?:家属|患者|病人|其[^,。;\n]{1,3})[^,。;\n]{0,10}?(?:拒绝|不同意|不接受|未同意)"
    r"(?=[,。;\n]|手术|$)"
)
"""After what was advised and refused: 建议开颅手术，家属考虑后拒绝."""
_PREPARED = re.compile(r"[^,。;\n]{0,6}(?:准备|备用|待命|的?指征|(?:的|之)?可能)")
_MOMENTS = re.compile(
    r"(?P<before_onset>(?:此次)?(?:发|起|患|卒中|本次发)?病前|卒中前|脑出血前|平素|平时)"
    r"|(?P<discharge>出院(?!后?[约第]?[\d一二两三四五六半]))"
    r"|(?P<follow_up>随访|复诊|(?:术|发病|出院|病)后约?(?:\d{1,2}|[一二两三四五六半])个?月"
    r"|(?:术|发病|出院|病)?后?(?:\d{1,2}|[一二三四五六半])个?月(?:时|后|"
    r"复|随|mrs|gos)"
    r"|(?:90|180|30) ?(?:天|d|日)|[一1]年(?:后|时))"
    r"|(?P<after_operation>术后)"
    r"|(?P<before_operation>术前)"
    r"|(?P<course>\d{1,3} ?(?:h|小时)后(?!入|来|就|送|到|转)|入院(?:后?第|后\d)|次日|"
    r"第[\d二三四五六七八九十]+[天日]|复查|复评|复测|目前|现)"
    r"|(?P<admission>入院|来院|到院|急诊|入科|抵院|就诊|收住)"
)

_ANOTHER_SCORE = re.compile(r"[时的]?(?:nihss|mrs|gos|gcs)")
"""After a moment in brackets that is another score's: mRS 5（病前mRS 1）."""


def time_of(certainty: str, act: bool = False) -> str:
    """Return the time of a finding of that certainty; an `act` that isn't sure is planned."""
    if certainty == "historical":
        return "before"
    return "planned" if act and certainty == "uncertain" else "now"


def is_refused(record: Reading, end: int) -> bool:
    """Whether what is named up to `end` was refused after: 建议开颅手术，家属考虑后拒绝."""
    return _REFUSED_AFTER.match(record.text, end) is not None


def act_certainty(record: Reading, start: int, end: int) -> str:
    """Return how certain it is that something is done: what is planned is uncertain."""
    text = record.text
    certainty = record.certainty(start, end)
    clause = text[record.clause(start)[0] : start]
    if certainty in ("affirmed", "historical") and record.lexicon.says("refused", clause):
        return "negated"
    if certainty != "affirmed":
        return certainty
    sentence = text[record.cues.sentence_start(start) : start]
    if _NOT_DONE.search(clause):
        return "negated"  # 不予: 予 ends the reach of 不
    if is_supposed(record, sentence) or _PLAN.search(clause):
        return "uncertain"
    return "uncertain" if _PREPARED.match(text, end) else certainty


def measured_certainty(record: Reading, start: int, end: int, at: str | None) -> str:
    """Return how certain a number is: nobody denies one, and one of `at` is of this illness."""
    certainty = record.certainty(start, end, 0)
    if at == "before_onset":
        return "historical"
    if certainty == "historical" and at is not None and record.section(start) != "past_history":
        return "affirmed"  # 既往血糖最高20mmol/L，入院血糖9.6mmol/L
    return "affirmed" if certainty == "negated" else certainty


def moment(record: Reading, start: int, end: int | None = None, since: int = 0) -> str | None:
    """Return at which moment text[start:end] was measured: as said last before it, or behind it.

    ``before_onset``, ``admission``, ``before_operation``, ``after_operation``, ``course`` (later
    in the hospital), ``discharge`` or ``follow_up``; None where nothing from `since` on says.
    """
    text = record.text
    if end is not None and text.startswith("(", end):
        behind = _MOMENTS.match(text, end + 1)
        if behind and not _ANOTHER_SCORE.match(text, behind.end()):
            return behind.lastgroup
    said = last_of(_MOMENTS, text, max(since, record.clause(start)[0]), start)
    if said is None:
        sentence = max(since, record.cues.sentence_start(start, 30))
        said = last_of(_MOMENTS, text, sentence, start)
    return said.lastgroup if said else None
