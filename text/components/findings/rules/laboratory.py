"""Laboratory values that decide about reversal, surgery and outcome."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..chinese_numbers import between, whole
from ..context.changes import earlier_behind
from ..context.supposed import is_usual, is_wanted
from ..context.timing import measured_certainty, moment, time_of

if TYPE_CHECKING:
    from ..reading import Finding, Reading

MG_DL_PER_MMOL_L = 18.016
"""Of glucose, whose molar mass is 180.16 g/mol."""
UNITS = {"inr": None, "platelets": "10^9/L", "fibrinogen": "g/L", "glucose": "mmol/L"}
LIMITS = {
    "inr": (0.5, 20.0),
    "platelets": (1.0, 2000.0),
    "fibrinogen": (0.1, 20.0),
    "glucose": (0.5, 80.0),
}
"""Least and most that a laboratory reports of a living patient: what lies beyond was misread."""

_GAP = re.compile(
    r"(?: ?\(?[a-z]{2,4}\)?(?![a-z/])|\([\u4e00-\u9fff\dh]{2,12}\))?"
    r"(?: ?\((?P<unit>[*x]?10\^?9/l|mmol/l|g/l|mg/dl)\))?"
    r"(?:测定|检测|水平|浓度|含量|计数|数值|值|结果|监测|测|查|波动|[复急]查|实测|测得|大?约|为|是|在|于|示|"
    r"提示|达|高|"
    r"降至|升至|低至|仅|由|从|控制|维持|保持|最高|最低|(?:较(?:前|昨日|上次)?)?[偏稍略较降升减增][低高少]|延长|缩短|正常|[:=,↑↓|]|\d小时"
    r"| |(?<=[低高少常长短:])\(){0,6}"
)
_NOW = r"今[日天晨早晚]|现在?|目前|当[前日]|急|复|晨|\d{1,2}:\d\d"
_GOAL = re.compile(
    r"[^,。;\n\d]{0,6}(?:目标|靶值|要求)[^,。;\n\d]{0,6}[\d.~\-至<>≤≥]{1,12} ?[a-z0-9/^*]{0,8}"
    rf"[^,。;\n\d]{{0,6}}[,;(](?=(?:{_NOW})*(?:随机|空腹|餐后)?(?:实际|实测|测|查|为|血糖))"
    rf"(?:{_NOW}|实际|实测|测|查|得|值|为|约){{1,4}}"
)
"""A goal between a name and what was measured: 血糖控制目标6-8mmol/L，今晨实测11.2mmol/L."""
_GOAL_WORD = re.compile(r"目标|靶值|要求")
_NUMBER = re.compile(
    r"(?P<n>\d{1,6}(?:\.\d{1,3})?)(?:[~\-至](?P<n2>\d{1,4}(?:\.\d{1,3})?))? ?(?:\(?[↑↓hl]\)?(?"
    r"![a-z]))? ?"
    r"(?P<unit>(?:[*x]? ?10(?:\^?(?:9|1[0-2])|⁹|e9)\)?(?:/l|个/l)?|mmo[l1]?(?:/l)?|mg/dl|"
    r"mg/l|g/l|"
    r"万(?:/(?:ul|μl|mm3))?|k(?![a-z])|/(?:ul|μl|mm3)))?"
)
_CHANGED = re.compile(
    rf" ?(?:→|->|[降升增恢纠回上下改][^\d,。;\n]{{0,5}}[至到为])[约 ]?{_NUMBER.pattern}"
)
"""What follows a value that changed: 4.8降至1.3, 4.8→1.3."""
_AIMED_AT = {(2.0, 3.0), (2.0, 2.5), (1.8, 2.5), (1.5, 2.5), (1.6, 2.5), (2.5, 3.5)}
"""Ranges that anticoagulation aims at, and nobody measures."""
_PER_NL = ("", "g/l", "k")
"""Units of platelets that are 10^9/L: giga per litre, thousands per microlitre."""
_POWER = re.compile(r"10\^?(1[0-2])")
"""Another power of ten than the usual one: 1.2*10^11/L."""
_SAID_OF_MORE = ("fg", "bs", "f/s", "sugar")
"""Short names that are of blood only where a unit follows."""
_GOES_ON = re.compile(
    r"[\d.a-z%/*^~\-+:]| ?u(?![a-z])| ?(?:个|支|单位|袋|治疗量|片|粒|次|年|月|日|天|岁|两|斤|周|"
    r"级|倍|秒)"
)
_TAKEN = re.compile(r"(?P<fasting>空腹|fpg)|(?P<random>随机)|(?P<after_meal>餐后)")
_NOT_BLOOD = re.compile(
    r"(?:脑脊液|尿|胸水|腹水|引流液|csf)[^,。;\n]{0,8}$|(?:输注?|备|申请)[^,。;\n]{0,3}$"
)


def find(record: Reading) -> Iterator[Finding]:
    """Find inr, platelets (10^9/L), fibrinogen (g/L) and glucose (mmol/L).

    A unit that isn't written is the usual one where the number can't be anything else. Goals,
    reference ranges, bounds (<1.4) and drugs (葡萄糖250ml) are no values. A range counts as its
    middle.
    """
    text, done = record.text, 0
    for match in record.lexicon.pattern["laboratory"].finditer(text):
        name = record.lexicon.value["laboratory"][match[0]]
        start, end = match.span()
        if start < done or (name not in UNITS and name != "fbg"):
            continue
        latin = match[0].isascii()
        if latin and text[start - 1 : start].isascii() and text[start - 1 : start].isalpha():
            continue
        aimed = _GOAL.match(text, end) if _GOAL_WORD.search(text, end, end + 16) else None
        gap = aimed or _GAP.match(text, end)
        at = gap.end() if gap else end
        if latin and at == end and text[end : end + 1].isalpha():
            continue
        said = _NUMBER.match(text, at)
        if said is None:
            continue
        unit = said["unit"] or (gap["unit"] if gap and not aimed else None)
        if name == "fbg":  # fibrinogen or fasting blood glucose, as its unit tells
            name = {"mmol/l": "glucose", "g/l": "fibrinogen"}.get(unit or "", "")
        if match[0] in _SAID_OF_MORE and not unit:
            continue
        value = _value(name, said, unit) if name else None
        last = said.start() + len(said[0].rstrip())
        if value is None or (not unit and _GOES_ON.match(text, last)):
            continue
        start = said.start() if aimed else start
        finding = _finding(record, name, start, said.start(), last, value)
        if finding:
            done = said.end()
            changed = _CHANGED.match(text, last)
            later = _value(name, changed, changed["unit"] or unit) if changed else None
            if changed and later:
                finding.update(certainty="historical", time="before")
            behind = None if changed else earlier_behind(text, last)
            before = _NUMBER.match(text, behind.start("n")) if behind else None
            earlier = _value(name, before, before["unit"] or unit) if before else None
            then = None
            if before and earlier:
                then = _finding(record, name, before.start(), before.start(), before.end(), earlier)
                done = before.end()
                finding["at"] = moment(record, start)  # what brackets say is of the earlier one
            yield finding
            if then:
                yield {**then, "certainty": "historical", "time": "before"}
            if changed and later:
                first, done = changed.start("n"), changed.end()
                then = _finding(record, name, first, first, done, later)
                if then:
                    yield then


def _value(
    name: str, said: re.Match[str], unit: str | None
) -> tuple[float, list[float] | None] | None:
    """Return what a number says in the finding's unit, and the ends of a range."""
    scale = _scale(name, unit, said["n"], said["n2"] is not None)
    if scale is None:
        return None
    value, ends = between(float(said["n"]), said["n2"])
    if said["n2"] and ends is None:
        return None
    if name == "inr" and tuple(ends or ()) in _AIMED_AT:
        return None
    least, most = LIMITS[name]
    value, ends = round(value * scale, 2), ends and [round(n * scale, 2) for n in ends]
    return (whole(value), ends) if least <= value <= most else None


def _scale(name: str, unit: str | None, written: str, is_range: bool) -> float | None:
    """Return what to multiply a number in `unit` by; None where it is no value of that name."""
    unit = unit or ""
    if name == "inr":  # 2-3 is what is aimed at
        return 1.0 if not unit and ("." in written or not is_range) else None
    if name == "platelets":
        if unit.startswith("万"):
            return 10.0
        if power := _POWER.search(unit):
            return 10.0 ** (int(power[1]) - 9)
        return (
            0.001
            if "l" in unit and unit[0] == "/"
            else 1.0
            if unit in _PER_NL or "10" in unit
            else None
        )
    if name == "fibrinogen":
        if not unit:
            return 1.0 if "." in written else None
        return {"g/l": 1.0, "mg/dl": 0.01, "mg/l": 0.001}.get(unit)
    if not unit:
        return 1.0 if "." in written else None
    if unit.startswith("mmo"):
        return 1.0
    return 1 / MG_DL_PER_MMOL_L if unit == "mg/dl" else None


def _finding(
    record: Reading,
    name: str,
    start: int,
    number: int,
    end: int,
    value: tuple[float, list[float] | None],
) -> Finding | None:
    """Return the value of a name at `start` that stands at text[number:end], if it is one."""
    text = record.text
    before = text[record.clause(start, 12)[0] : start]
    if _NOT_BLOOD.search(before) or record.of_others(start, end):
        return None
    if is_wanted(record, start, number, end):
        return None
    at = moment(record, start, end)
    certainty = measured_certainty(record, start, end, at)
    if certainty == "affirmed" and at is None and is_usual(record, start, number):
        certainty = "historical"
    more = {}
    if name == "glucose":
        taken = _TAKEN.search(text, max(record.clause(start)[0], start - 6), number)
        more["taken"] = taken.lastgroup if taken else None
    return record.finding(
        name, start, end, value[0], UNITS[name], certainty,
        time=time_of(certainty), at=at, range=value[1], **more,
    )  # fmt: skip
