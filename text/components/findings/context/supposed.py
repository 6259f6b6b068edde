"""What a record only supposes, wants, warns of or limits: conditions, goals, risks, indications.

若血肿扩大, 血糖目标6-8mmol/L, 防止脑疝 and 幕上血肿>30ml为手术指征 tell of nothing that is there.
What is another person's, a guideline's or an empty form's is in `scope`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING

from ...sought import Sought, holds, last_of
from ..bounds import ABOVE, BELOW, FROM, UP_TO, UPWARD, bounded

if TYPE_CHECKING:
    from ..reading import Reading

OBSERVED = frozenset(
    ("blood_pressure", "gcs", "pupil_size", "light_reflex", "limb_power", "midline_shift")
    + ("ventricle_compression", "intraventricular_extension", "hematoma_volume")
)
"""What a record observes; where it is only a condition (若瞳孔散大) it is no finding."""
MEASURED = OBSERVED.union(("inr", "platelets", "fibrinogen", "glucose"))
"""What a record measures or observes; where it is only a goal it is no finding."""

_SUPPOSED = re.compile(
    r"(?:(?<=[,。;\n:.、)\d(])|^)(?:该?患者|病人|血肿)?"
    r"(?:若|如果|一旦|倘若|假如|假设|如(?!厕|图|下|前|常|今|此|上|期|既往|释|实)"
    r"|当(?!地|时|日|天|晚|即|前|年|月|班))|(?<![a-z])if "
)
_NO_MORE = re.compile(r"但|然而|本例|该例|目前|(?<![出发呈表])现(?!象)|今(?!后)")
"""Where a supposition ends within its sentence: 若达40ml时会手术，但本例仅14ml."""
_THEN = re.compile(r"时,?(?:我们|可|应|需|则|会|才|就|宜|须|考虑|建议|立即|及时|通知|报告)")
_GOAL = re.compile(r"目标(?!区)|预期|预计|期望|争取|力争|希望(?!能?手术)|有望")
_MAY_BE_GOAL = re.compile(r"目标|预期|预计|期望|争取|力争|希望|有望")
_MEASURED_NOW = re.compile(r"实测|实际|[复急]查|近日|当日|患者近期|复测|测得|晨测|[,;]测")
"""Where what was measured follows a goal: 目标INR 2~3，复查INR 2.6."""
_CONDITIONS = ("如", "若", "倘", "一旦", "假如", "万一", "if ")
_MAY_BE_CONDITION = re.compile(r"[若如一倘假当]|if ")
"""Without these there is neither goal nor condition; they are looked for once in a record."""
_LONGEST = 8
"""How many characters such a word has at most."""
_WHEN_BEYOND = Sought(
    r"[<>﹤﹥≤≥≦≧⩽⩾=小少低不未没至最顶大多高超逾起]",
    rf"(?:{UP_TO}|{FROM}|{BELOW}|{ABOVE})[约 =]?\d[\d./]* ?[a-z/]{{0,8}}时,?"
    r"(?=[^,。;\n]{0,6}[予给用行停通报调])",
    needs=("时",),
)
"""A condition that a number is: SBP>160mmHg时予尼卡地平."""
_ANYBODY = re.compile(r"(?:以上|以下)?的?者")


class Suppositions:
    """Where a record supposes or wants something, looked for once.

    Parameters
    ----------
    record
        The record, read.
    """

    def __init__(self, record: Reading) -> None:
        self._record = record
        self._text = record.text

    @cached_property
    def may_suppose(self) -> bool:
        """Whether any word of the record may begin a condition."""
        return holds(self._text, _CONDITIONS) or self._record.lexicon.says("supposed", self._text)

    @cached_property
    def _goals(self) -> list[int]:
        """Where a word may tell of a goal."""
        return [match.start() for match in _MAY_BE_GOAL.finditer(self._text)]

    @cached_property
    def _beyond(self) -> list[tuple[int, int]]:
        """Where a number is a condition."""
        return [match.span() for match in _WHEN_BEYOND.finditer(self._text)]

    @cached_property
    def _conditions(self) -> list[int]:
        """Where a word may tell of a condition."""
        return [match.start() for match in _MAY_BE_CONDITION.finditer(self._text)]

    def imagined(self, name: str, start: int, end: int) -> bool:
        """Whether a finding of that name, in `MEASURED`, is only a condition or a goal."""
        if name in OBSERVED and self._of_condition(start, end):
            return True
        return self._of_goal(start, end)

    def _of_condition(self, start: int, end: int) -> bool:
        """Whether text[start:end] is a condition: 如血压>180/105mmHg; 中线移位超过10mm者."""
        # 若中线移位超过5mm: the evidence begins with the condition
        if self.conditional(start + 2) or _THEN.match(self._text, end):
            return True
        return _ANYBODY.match(self._text, end) is not None

    def _of_goal(self, start: int, end: int) -> bool:
        """Whether text[start:end] is a goal or an outlook: 康复目标：左下肢肌力达4级."""
        # 康复训练，争取肌力达5级: the evidence may begin before the goal
        first = self._record.cues.sentence_start(start)
        if not _stands(self._goals, first, end):
            return False
        goals = list(_GOAL.finditer(self._text, first, end))
        if not goals or _MEASURED_NOW.search(self._text, goals[-1].end(), end):
            return False
        return not self._record.cues.now(self._text[goals[-1].end() : start])

    def conditional(self, position: int) -> bool:
        """Whether what stands at `position` is said under a condition: 如出现脑积水，则行引流."""
        first = self._record.cues.sentence_start(position)
        for start, end in self._beyond:
            if first <= start and end <= position:
                return _NO_MORE.search(self._text, end, position) is None
        if not _stands(self._conditions, first, position):
            return False
        for match in _SUPPOSED.finditer(self._text, max(0, first - 1), position):
            return _NO_MORE.search(self._text, match.end(), position) is None
        return False


def _stands(places: list[int], start: int, end: int) -> bool:
    """Whether one of the places stands in text[start:end], or may reach into it."""
    index = bisect_left(places, start - _LONGEST)
    return index < len(places) and places[index] < end


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
_IF = re.compile(
    r"(?:^|[,。;\n: ])如(?!常|下|上|前|厕|题|图|期|此)|若|一旦|倘|假如|万一|(?<![a-z])if "
)


def is_supposed(record: Reading, text: str) -> bool:
    """Whether a text names a condition: 若血肿扩大, 如瞳孔散大."""
    if not record.suppositions.may_suppose:
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
