"""A tube in the airway, a ventilator and sedation: with them speech can't be tested."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..context.supposed import is_supposed, is_warned_of
from ..context.timing import act_certainty, time_of
from ..lexicon import within_word

if TYPE_CHECKING:
    from ..reading import Finding, Reading

NAMES = ("intubation", "mechanical_ventilation", "sedation")
_OTHER_TUBE = re.compile(r"(?:静脉|动脉|胃|尿|导管|尿道|胸腔|脑室|腰大池|股)[^,。;\n、]{0,3}$")
_ENDED_AFTER = re.compile(
    r"(?:[^,。;\n及并]{0,6}?,?(?:现|今日?|已|后|于|成功|顺利|予|患者)*)?(?:已?(?:拔除|拔出|拔管|"
    r"撤除|撤机|[撤停](?=[,。;\n\d药]|$)|脱机|脱离|停用|停机|撤离)(?!困难|指征|失败|训练|前))"
)
_ENDED_LATER = re.compile(
    r"[^。\n]{0,40}?[,;](?:[^,。;\n未拟待再若如可试考准不能]{0,12})"
    r"(?:封管|拔管|拔除|脱机|撤机|停机|闭管|拔出|撤除)(?!困难|指征|失败|训练|前|试验|条件|后再)"
)
"""After a tube or a ventilator that a later clause ends: 气管切开、呼吸机支持9天，7月28日封管."""
_ENDED_BEFORE = re.compile(
    r"(?:拔除|拔出|撤除|撤离|脱离|停用|停止|试停|停)[^,。;\n]{0,4}$|(?<![未难法拟])撤$"
)
_STATE = re.compile(
    r"(?:术后|套管|导管|接)?[^,。;\n]{0,6}?(?:状态|在位|中(?!心)|下(?!行)|固定|通气(?!治疗)|"
    r"呼吸(?!科|道|内|机相)|气道|持续|患者)"
)
_IN_STATE = re.compile(r"(?:带|带入|带有|留置|持续|维持)[^,。;\n]{0,8}$")
_WELL = r"(?!困难|训练|试验|失败|指征|拔管失败)"
_WEANED = re.compile(
    r"(?:已|成功|顺利|今[日晨])[^,。;\n未拟试拔]{0,4}(?P<off>脱机|"
    r"撤机)(?P<out>[并及后、]?拔管)?(?!困难|训练|试验|失败|指征)"
    r"|(?P<off2>脱机|撤机)(?P<out2>[并及后、]?拔管)?(?=成功|顺利)"
    r"|(?:(?<=[,。日])|^)(?P<off3>脱机|撤机)(?P<out3>[并及后、]?拔管)(?=后(?!再|若|如|可))"
    rf"|(?P<out4>拔管)[、,并及后]{{0,2}}(?P<off4>脱机|撤机){_WELL}"
    rf"|(?<=拔除气管插管)[、,并及后]{{0,2}}(?P<off5>脱机|撤机){_WELL}"
    rf"|(?P<off6>脱机|撤机)[、,并及后]{{1,2}}(?P<out6>拔(?:除|出)(?:气管)?(?:插管|导管))"
)
"""Off the ventilator, without a word for it: 已脱机拔管."""
_TO_COME = re.compile(r"(?:拟|待|可|若|如|能否|争取|尝试|试|准备|计划|评估|未)[^,。;\n]{0,6}$")
"""Before what is not done yet: 拟明日拔管脱机."""
_ACT = re.compile(
    r"(?<!已)(?<!已经)(?:予|行|遂|立即|急诊|急查|紧急|即|改|后|拟|建议|需|家属)[^,。;\n]{0,8}$"
)
"""Before what is done next: 予气管插管."""
_ANESTHESIA = re.compile(r"(?:全麻|麻醉)[^,。;\n]{0,3}$")
_FOR_SURGERY = re.compile(r"[^,。;\n]{0,3}(?:全麻|全身麻醉|静脉复合麻醉|麻醉(?!未醒))")


def find(record: Reading) -> Iterator[Finding]:
    """Find intubation, mechanical_ventilation and sedation.

    `told_as` is ``state`` (气管插管状态) or ``act`` (予气管插管), None where neither is said. A
    tube that was taken out, or a ventilator that was, is historical; one for the time of an
    operation alone (插管全麻下) has ``surgery``.
    """
    text = record.text
    for name in NAMES:
        done = -1  # where the one before ends: BiPAP辅助通气, 咪达唑仑镇静 are one
        for match in record.lexicon.pattern[name].finditer(text):
            value = record.lexicon.value[name][match[0]]
            start, end = match.span()
            if (
                value == "other"
                or start == done
                or text.startswith("过敏", end)
                or record.of_others(start, end)
            ):
                continue
            if within_word(text, start, end):
                continue
            if match[0] == "插管" and _OTHER_TUBE.search(text, max(0, start - 8), start):
                continue
            if is_warned_of(record, start, end) and not is_supposed(
                record, text[record.clause(start)[0] : start]
            ):
                continue
            yield _finding(record, name, value or None, start, end)
            done = end
    for match in _WEANED.finditer(text) if "脱机" in text or "撤机" in text else ():
        if "呼吸机" in text[max(0, match.start() - 20) : match.end() + 20]:
            continue  # told there
        if _TO_COME.search(text, record.clause(match.start())[0], match.start()):
            continue
        for name, group in (("mechanical_ventilation", "off"), ("intubation", "out")):
            said = any(name.startswith(group) for name, one in match.groupdict().items() if one)
            if said and not record.of_others(match.start(), match.end()):
                yield record.finding(
                    name, match.start(), match.end(), certainty="historical",
                    time="before", told_as=None,
                )  # fmt: skip


def _finding(record: Reading, name: str, value: str | None, start: int, end: int) -> Finding:
    text = record.text
    # 气管切开术后: the tube is there
    behind = end + 2 if value == "tracheotomy" and text.startswith("术后", end) else end
    certainty = act_certainty(record, start, behind)
    clause = text[record.clause(start)[0] : start]
    if certainty == "affirmed" and (
        _ENDED_BEFORE.search(clause)
        or _ENDED_AFTER.match(text, end)
        or _ENDED_LATER.match(text, end)
    ):
        certainty = "historical"
    told_as = None
    if _FOR_SURGERY.match(text, end) or _ANESTHESIA.search(clause):
        told_as = "surgery"
    elif _ACT.search(clause):
        told_as = "act"
    elif _STATE.match(text, end) or _IN_STATE.search(clause) or text.startswith("呼吸机", start):
        told_as = "state"
    return record.finding(
        name, start, end, value, certainty=certainty,
        time=time_of(certainty, act=True), told_as=told_as,
    )  # fmt: skip
