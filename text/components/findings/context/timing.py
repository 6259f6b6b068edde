"""When a finding is, was or shall be, and at which moment of the illness it was measured.

`time` is ``now``, ``before`` (what is historical) or ``planned`` (what is intended, advised, or
done under a condition). What a sentence only warns of, wants to prevent, or treats is no finding
(防止脑疝, 脑疝风险, 减轻脑水肿), nor is a goal (控制血糖于8~10mmol/L) or a condition (若出现脑疝).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..bounds import UPWARD, bounded

if TYPE_CHECKING:
    from ..reading import Reading

_WARNED = re.compile(
    r"(?:预防|防止|防治|防范|谨防|避免|以免|以防|减轻|缓解|改善|消除|减少|降低|治疗|抗|消退?|脱水|"
    r"(?:可能?|会|易|随时|有)(?:再次|进一步)?(?:导致|引起|致|并发|出现|发生|继发|形成|引发|诱发|"
    r"加重))"
    r"[^,。;\n]{0,12}$"
)
_TOLD_OF = re.compile(
    r"(?:随时|交代|告知|谈话|沟通)[^。;\n]{0,40}$|(?:注意|当心|提防)(?![^,。;\n]*[示见:])[^,。;\n]{0,16}$"
)
"""Before a risk that is told or watched for: 随时有血肿扩大、脑疝可能, 注意脑积水."""
_LISTED_RISK = re.compile(
    r"(?:[、及和与或][^,。;\n、]{1,8}){0,6}等?[^,。;\n、]{0,3}(?:可能(?!性)|风险|危险)"
)
_WATCHED = re.compile(r"注意|当心|提防")
_WHEN = re.compile(r"时,?(?:及时|立即|随时|再)?(?:调整|停用|改用|加用|行|予|给予|急诊|复查|处理)")
"""After what is only a condition: CT示脑积水时调整引流高度."""
_RISK = re.compile(r"(?:[、及和与或]?[^,。;\n]{0,14}?)(?:风险|危险|并发症|高峰期?|可能(?=危及))")
_WANTED = re.compile(
    r"(?:目标|理想|参考值?|参考范围|正常值|正常范围|标准)[^,。;\n]{0,10}$"
    r"|(?:控制|维持|调控|保持|稳定|调整|管理|纠正|使|将|把)[^,。;\n测查复示后]{0,8}$"
)
_TO_BE = re.compile(
    r"(?:控制|维持|保持|调整|纠正|稳定)(?:在|于|至|为|到)?|应|宜|目标|不超过|不低于"
)
_USUALLY = re.compile(r"平素|平时|既往|以往|平常|曾|自测|在家|家中|最高|最低")
_IF = re.compile(r"(?:^|[,。;\n: ])如(?!常|下|上|前|厕|题|图|期|此)|若|一旦|倘|假如|万一")
_NOT_DONE = re.compile(r"(?:不|未|勿|无需|暂缓|尚未)(?:再|即|给?予|行|做|需|使用)*$")
_PLAN = re.compile(
    r"拟(?!诊)|择期|暂定|(?<![确固稳])定于|安排|明[日天晨早]|预行|预约|计划|准备|建议|必要时|待(?=[^,。;\n]{0,10}(?:后|再|行))|随时|如需|"
    r"可考虑|可选择?|需|首选|视(?:病情|情况)|视[^,。;\n]{1,12}(?:决定|而?定)|酌情"
    r"|转(?:往|至|到|诊)?(?:上级|外院|[^,。;\n]{0,8}医院)(?![^,。;\n]{0,6}[后已])"
    r"|(?<![准设配储齐具完常后筹戒])备(?![皮血注案课用份受])"
)
"""Before something that is not done yet."""
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


def last_of(
    pattern: re.Pattern[str], text: str, start: int = 0, end: int | None = None
) -> re.Match[str] | None:
    """Return the last of the pieces of text[start:end] that a pattern finds."""
    found = None
    for match in pattern.finditer(text, start, len(text) if end is None else end):
        found = match
    return found


def time_of(certainty: str, act: bool = False) -> str:
    """Return the time of a finding of that certainty; an `act` that isn't sure is planned."""
    if certainty == "historical":
        return "before"
    return "planned" if act and certainty == "uncertain" else "now"


def is_supposed(record: Reading, text: str) -> bool:
    """Whether a text names a condition: 若血肿扩大, 如瞳孔散大."""
    if not record.may_suppose:
        return False
    return record.lexicon.says("supposed", text) or _IF.search(text) is not None


def is_warned_of(record: Reading, start: int, end: int) -> bool:
    """Whether text[start:end] is only warned of, to be prevented or treated, or supposed."""
    text = record.text
    clause = text[record.clause(start)[0] : start]
    if _WARNED.search(clause) or is_supposed(record, clause):
        return True
    told = _TOLD_OF.search(text, record.cues.sentence_start(start), start)
    if told and (_WATCHED.match(told[0]) or _LISTED_RISK.match(text, end)):
        return True
    return _RISK.match(text, end) is not None or _WHEN.match(text, end) is not None


_INDICATES = re.compile(
    rf"(?:血?肿?量?(?:{UPWARD})?[约 ]?\d{{1,3}}(?:\.\d)? ?(?:ml|mm|毫升|毫米|cm)(?:以上)?)?"
    r"[^。;\n]{0,40}?手术(?:治疗)?的?(?:指征|指证|适应[证症])"
)
_INDICATED_BY = re.compile(
    r"手术(?:治疗)?的?(?:指征|指证|适应[证症])(?:为|是|包括|:|\()[^。;\n]{0,30}$"
)
_BOUND_BEFORE = re.compile(rf"{UPWARD}(?:约)?$")
_BOUND_AFTER = re.compile(rf"(?:出?血?量)?{UPWARD}")
_TREATED = re.compile(
    r"(?:以[上下内])?(?:的|时|则|就|才|方)?(?:可以?|应|宜|需|须|首选|建议|考虑)"
    r"(?:先|暂|行|予|采[取用]|给予)?[^,。;\n]{0,6}(?:保守|手术|内科|开颅|穿刺|微创|观察)"
)
"""After a bound of what is to be treated so, without a comma: 出血量小于30ml可保守治疗."""
_PATIENT_AGAIN = re.compile(r"本例|该例|[该此本]患|但|无手术|没有手术|不[具符]|未达")
_HAS = re.compile(r"(?<!均)(?:有|具备|具有|存在|符合)[^,。;\n]{0,4}手术")
_OF_PATIENT = re.compile(r"已经?$|(?:患者|病人|本例|该例|[该此本]患)[^。;\n者]*$")
"""Before a bound that the patient has gone beyond: 血肿量已超过30ml，有手术指征."""


def of_an_indication(record: Reading, start: int, end: int) -> bool:
    """Whether text[start:end] is bounded, or a bound, in what indicates an operation.

    幕上血肿>30ml、小脑血肿>10ml为手术指征 tells of nobody's hematoma.
    """
    text = record.text
    number = bounded(text, start, end)
    sentence = text[record.cues.sentence_start(start, 40) : number.start]
    of_patient = number.sign is not None and _OF_PATIENT.search(sentence) is not None
    if number.sign and not of_patient and _TREATED.match(text, end):
        return True
    if not (_BOUND_BEFORE.search(text, max(0, start - 4), start) or _BOUND_AFTER.match(text, end)):
        return False
    if (named := _INDICATED_BY.search(sentence)) and not _PATIENT_AGAIN.search(named[0]):
        return True
    indicates = _INDICATES.match(text, end)
    if indicates is None or _PATIENT_AGAIN.search(indicates[0]):
        return False
    return not (of_patient and _HAS.search(indicates[0]))


def is_wanted(record: Reading, start: int, number: int, end: int) -> bool:
    """Whether a number is a goal or a reference, not measured.

    `start` is where its name begins, `number` where it begins itself, and `end` where it ends.
    """
    text = record.text
    clause = text[record.clause(start)[0] : start]
    if is_supposed(record, clause) or text.startswith(
        ("以下", "以上", "以内", "为宜", "之间为", "为目标"), end
    ):
        return True
    if _TO_BE.search(text, start, number):
        return _USUALLY.search(clause) is None
    return _WANTED.search(clause) is not None


def is_usual(record: Reading, start: int, number: int) -> bool:
    """Whether a number is of other times: 平素血糖, 血糖最高20mmol/L; 既往…，入院时 is of now."""
    text = record.text
    earlier = text[record.cues.sentence_start(start, 40) : number]
    said = last_of(_USUALLY, earlier)
    return said is not None and not record.cues.now(earlier[said.end() :])


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
