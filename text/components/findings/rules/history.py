"""What the patient had and took, and what is done: hypertension, blood thinners, treatment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..context.timing import act_certainty, is_refused
from ..lexicon import within_word
from .operation import OPERATIONS, is_advised, operation

if TYPE_CHECKING:
    from ..reading import Finding, Reading

_YEARS = re.compile(
    r"(?:病)?史?[: ]?(?:[有是],)?"
    r"(?:\d{0,2}|[一二三四五六七八九十]{1,3}|数|好?几)\+?(?:余|多|来|几)?"
    r"(?:年| ?y(?![a-z]))|(?:病)?史|多年"
)
_FOR_YEARS = re.compile(r"(?:病)?史?\d{1,2}(?:余|多)?年")
_REMOVED = re.compile(r"(?:停用|停止|停|拔除|撤除|撤)[^,。;\n、]{0,4}$")
"""Before a treatment that has ended: 已拔除气管插管."""
_REMOVED_AFTER = re.compile(
    r"[管术]?(?:(?:已|均|现|于|后|顺利|今[日晨]|昨[日天晨晚])[^,。;\n未拟]{0,8})?(?:拔除|拔出|拔管|撤除)"
    r"(?!指征|困难|前)"
)
"""After a tube that was taken out: 腰大池引流已于昨日拔除."""
_REMOVED_TOO = re.compile(r"拔[除出][^,。;\n]{1,14}[、及和]$")
"""Before another tube that was taken out: 拔除胃管、脑室外引流管."""
_TUBES = frozenset(
    ("external_ventricular_drain", "lumbar_drain", "burr_hole_drainage", "intubation")
    + ("minimally_invasive_aspiration", "tracheotomy")
)
_STOPPED = re.compile(
    r"[^,。;\n]{0,6}(?:[,、]?(?:已|现已|后|自行|近)?[^,。;\n]{0,6}?(?<![未不没无])(?:停药|停用|停服|停止|中断|"
    r"已停|起停|暂缓|暂停|先停|停(?=[,。;\n]|$)))"
    # 服用4年，近2周因牙龈出血自行停药: no other drug is named in between
    r"|[^,。;\n]{0,14},[^,。;\n]{0,14}?(?:自行停|(?<![未无没不])停药)"
)
_STOPPED_BEFORE = re.compile(
    r"(?:停用|停服|停止服用|停止口服|已停|停|中和|逆转|反转|拮抗|暂缓)[^,。;\n]{0,6}$"
)
_STOPPED_NOW = re.compile(r"(?:入院|来院|住院)(?![^,。;\n]{0,6}前)|病后|急诊|即刻|立即|今[日晨天]")
"""That a drug was stopped for this bleed: it was taken until then."""
_LEFT_FOR = re.compile(r"(?:治疗)?(?:→|->)(?:今[日天晨]?|现)?改")
"""After a treatment that another has followed: 内科保守→今日改为软通道置管引流."""
_ALLERGY = re.compile(r"[^,。;\n]{0,6}过敏")
_HOW = {"内镜": "endoscopic_evacuation", "立体定向": "minimally_invasive_aspiration",
        "微创": "minimally_invasive_aspiration", "穿刺": "minimally_invasive_aspiration",
        "钻孔": "burr_hole_drainage", "锥颅": "burr_hole_drainage"}  # fmt: skip
"""How a hematoma was removed, where 血肿清除 alone would be a craniotomy."""
_BY = re.compile(rf"({'|'.join(_HOW)})(?:(?!开颅|骨窗|骨瓣)[^,。;\n+、])*$")
_WARD = re.compile(r"[经心脏血管吸化肾瘤普液尿谢童年]$|门诊$")
"""Before 内科治疗 where it is a ward's: 转神经内科治疗."""
_REMOVAL = re.compile(r"血[肿块](?:清除|移除)|(?:清除|移除)血[肿块]")
_OF_AN_ACCOUNT = re.compile(r"(?:总?量|[大共]?约|共计?|暗红色)*\d{1,3}(?:\.\d)? ?(?:ml|毫升)")
"""After a removal of which an account of an operation says how much it was."""
_ONE_NAME = re.compile(r"[^,。;:+、\n()]{0,6}")
"""Between two words of an operation's one name."""
_INDICATED = re.compile(r"(?:手术)?(?:的)?(?:指征|指证|适应[证症])")
_TOO_SMALL = re.compile(r"(?:小于|低于|未达到?|未到|不够|不足|不符合)[^,。;\n]{0,4}$")
"""Before an indication that isn't there: 出血量小于手术指征."""
_FOUND = re.compile(
    r"(?:岁|年|月)(?:时|前|起|余|多|以?来)*[^,。;\n]{0,8}(?:发现|查出|测得|诊断)[^,。;\n]{0,4}$"
)
"""Before a pressure that was found high long ago: 38岁起发现血压增高."""
_USUALLY = re.compile(r"(?:平时|平素|平日|素来|一贯|以前|长期|一直)[^,。;\n\d]{0,4}$")
"""Before a pressure that is always high: 平时血压高."""
_TALKED_OF = re.compile(
    r"(?:手术|治疗)?的?(?:死亡率|病死率|致[死残]率|风险|危险|利弊|预后|费用|效果[差不欠]|(?:难以|无法)奏效)"
)
"""After a treatment that is weighed, and not told as given: 保守治疗死亡率高."""
_CONSERVATIVE = re.compile(r"中(?![心枢])|[,。;\n)]|$")
"""After 保守 alone, where it is the treatment: 保守中, 继续保守."""
_AIRWAY = ("intubation", "tracheotomy", "mechanical_ventilation")
_TO_BEGIN = re.compile(r"(?:拟|计划|择期|(?<!已)(?:启动|重启|恢复))(?!期)[^,。;\n]{0,12}$")
_SAID_OF_ILLNESS = re.compile(r" ?(?:\d{1,2}\+? ?(?:余|年|y)|\([+\-]|病|史|[,、/])")
"""After HT that is hypertension, and no height."""
_ANESTHETIC_RISK = re.compile(r"[ :为]{0,2}(?:[Ⅰ-Ⅴⅰ-ⅴ]|[1-5iv]{1,3}级|分级|评[分级])")
"""After ASA where it is the class of the American Society of Anesthesiologists: ASA Ⅲ级."""
_IN_GENERAL = re.compile(
    r"(?:治疗)?(?:前(?!列)|为[主宜佳]|是主要|与否|(?:的)?(?:必要|利弊|时机|指征|方案))"
)
"""After a treatment that is talked of, and not told as taken: 仍以抗凝为主, 抗凝前查INR."""
_ONCE = re.compile(r"曾|年前|月前|既往")


def find(record: Reading) -> Iterator[Finding]:
    """Find hypertension, anticoagulant, antiplatelet, treatment and operation.

    What a relative has is no finding. A disease in the past history, or with years, is
    historical; a drug of the past history that is taken is affirmed, one that was stopped
    historical. What is planned or advised is uncertain, what is refused negated.
    """
    yield from _hypertension(record)
    for name in ("anticoagulant", "antiplatelet"):
        yield from _drugs(record, name)
    yield from _treatments(record)


def _hypertension(record: Reading) -> Iterator[Finding]:
    lexicon, text = record.lexicon, record.text
    for match in lexicon.pattern["hypertension"].finditer(text):
        if lexicon.value["hypertension"][match[0]] == "other":
            continue
        start, end = match.span()
        if record.of_others(start, end):
            continue
        if within_word(text, start, end):
            continue
        if match[0] == "ht" and not _SAID_OF_ILLNESS.match(text, end):
            continue
        certainty = record.certainty(start, end)
        if certainty == "negated" and _FOR_YEARS.match(text, end):
            certainty = "historical"  # 无糖尿病、高血压病史10年: nobody lacks it for ten years
        clause = record.clause(start)[0]
        long_ago = (
            _YEARS.match(text, end)
            or _FOUND.search(text, clause, start)
            or (match[0].startswith("血压") and _USUALLY.search(text, clause, start))
        )
        if certainty == "affirmed" and long_ago:
            certainty = "historical"
        told = certainty == "historical" and (match[0] != "血压偏高" or long_ago)
        if match[0].startswith("血压") and not told:
            continue  # a pressure that is high today is no hypertension
        yield record.finding("hypertension", start, end, certainty=certainty)


def _drugs(record: Reading, name: str) -> Iterator[Finding]:
    lexicon, text = record.lexicon, record.text
    for match in lexicon.pattern[name].finditer(text):
        value = lexicon.value[name][match[0]]
        start, end = match.span()
        if value == "other" or _ALLERGY.match(text, end) or record.of_others(start, end):
            continue
        if not value and _named_before(record, start):
            continue  # 阿司匹林抗血小板聚集 is one drug
        if within_word(text, start, end):
            continue
        if match[0] == "asa" and _ANESTHETIC_RISK.match(text, end):
            continue
        certainty = record.certainty(start, end, 8)
        clause = text[record.clause(start)[0] : start]
        sentence = text[record.cues.sentence_start(start) : start]
        if certainty in ("affirmed", "historical"):
            behind = _STOPPED.match(text, end)
            words = behind[0] if behind else clause
            said = behind or _STOPPED_BEFORE.search(clause)
            stopped = said and not _STOPPED_NOW.search(words)  # 入院后停用: taken until then
            once = _ONCE.search(clause)
            taken = lexicon.says("taken", sentence[-24:]) and not once
            if stopped or (once and certainty == "historical"):
                certainty = "historical"
            elif taken or certainty == "affirmed":
                certainty = "affirmed"
            if certainty == "affirmed" and (
                _TO_BEGIN.search(clause)
                or _IN_GENERAL.match(text, end)
                or record.conditional(start)
            ):
                certainty = "uncertain"  # 拟1月后恢复利伐沙班
        if match[0].startswith(("抗栓", "抗血栓")) and certainty not in ("negated", "historical"):
            continue  # which of the two isn't said
        yield record.finding(name, start, end, value or None, certainty=certainty)


def _named_before(record: Reading, start: int) -> bool:
    before = record.text[max(0, start - 9) : start]
    patterns = (record.lexicon.pattern[name] for name in ("anticoagulant", "antiplatelet"))
    return any(m.end() == len(before) for p in patterns for m in p.finditer(before))


def _treatments(record: Reading) -> Iterator[Finding]:
    lexicon, text = record.lexicon, record.text
    named = ("", 0)  # the treatment before, and where its name ends
    for match in lexicon.pattern["treatment"].finditer(text):
        value = lexicon.value["treatment"][match[0]]
        start, end = match.span()
        if value == "other" or record.of_others(start, end):
            continue
        clause = text[record.clause(start)[0] : start]
        if _REMOVAL.match(match[0]) and _OF_AN_ACCOUNT.match(text, end):
            sentence = text[record.cues.sentence_start(start) : start]
            operations = lexicon.pattern["treatment"].finditer(sentence)
            if any(lexicon.value["treatment"][m[0]] in OPERATIONS for m in operations):
                continue  # 行神经内镜下…术，清除血肿约45ml: how much, not how
        if _TALKED_OF.match(text, end):
            continue
        if match[0] == "保守" and not _CONSERVATIVE.match(text, end):
            continue
        if match[0].startswith("内科") and _WARD.search(clause) and "保守" not in match[0]:
            continue
        by = _BY.search(clause) if _REMOVAL.match(match[0]) else None
        if by:  # 神经内镜血肿清除术 is one operation, and no craniotomy
            value, start = _HOW[by[1]], start - len(by[0])
            if named[0] == value and named[1] >= start:
                continue
        if value == named[0] and _ONE_NAME.fullmatch(text, named[1], start):
            named = (value, end)
            continue  # 立体定向血肿穿刺引流术
        named = (value, end)
        certainty = record.certainty(start, end)
        if value in (*OPERATIONS, "surgery") and is_refused(record, end):
            certainty = "negated"
        if certainty == "affirmed" and value in (*OPERATIONS, "surgery"):
            certainty = act_certainty(record, start, end)
            if certainty == "affirmed" and is_advised(record, start, end):
                certainty = "uncertain"
        if value in _AIRWAY and certainty == "affirmed":
            certainty = act_certainty(record, start, end)  # 备气管插管, 需呼吸机辅助
        if certainty == "affirmed" and lexicon.says("refused", clause):
            certainty = "negated"
        if certainty == "affirmed" and (
            _REMOVED.search(clause)
            or _LEFT_FOR.match(text, end)
            or (value in _TUBES and _REMOVED_AFTER.match(text, end))
            or (value in _TUBES and _REMOVED_TOO.search(clause))
        ):
            certainty = "historical"
        if certainty == "affirmed" and _INDICATED.match(text, end):
            certainty = "uncertain"  # 有开颅手术指征 is not done
        if certainty == "affirmed" and match[0] == "手术指征":
            certainty = "negated" if _TOO_SMALL.search(clause) else "uncertain"
        if certainty == "affirmed" and _on_condition(record, start):
            certainty = "uncertain"  # 如血肿扩大，行开颅血肿清除术
        yield record.finding("treatment", start, end, value, certainty=certainty)
        if value in OPERATIONS:
            yield operation(record, value, start, end, certainty)


def _on_condition(record: Reading, start: int) -> bool:
    if record.conditional(start):
        return True
    if not record.suppositions.may_suppose:
        return False
    sentence = record.text[record.cues.sentence_start(start) : start]
    return record.lexicon.says("supposed", sentence)
