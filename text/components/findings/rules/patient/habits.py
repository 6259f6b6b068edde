"""Smoking and drinking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ....sought import Sought
from ...chinese_numbers import FIRST, NUMBER, between, number, whole
from ...context.supposed import is_supposed
from ...context.timing import time_of

if TYPE_CHECKING:
    from ...reading import Finding, Reading

PACK = 20
"""Cigarettes."""
ML_PER_LIANG = 50
"""Of a drink, as 1 两 is 50 g."""

_HABIT = Sought(
    r"[嗜吸抽烟饮喝酗好酒戒sad]",
    r"(?P<both>嗜?(?:吸烟(?:、|及|和|或|与)?饮酒|烟(?:、|及|和)?酒(?!精)"
    r"|(?<=不)(?:烟[,、]?不酒|抽[,、]?不喝)(?=[,。;\n]|$)))"
    r"|(?P<smoking>(?:吸|抽|嗜)(?:食|用)?(?:香|卷|旱|纸)?烟|烟龄|(?<=[有无、认,:及和])烟史|"
    r"(?<![吸抽嗜戒卷香旱无禁劝控限手雾喷])烟(?=:|[每一][天日]|日均?\d|约?\d{1,3} ?[支包根])"
    r"|(?<![a-z])smoking)"
    r"|(?P<drinking>(?:饮|喝|嗜|酗)(?:用)?(?:自酿|自家|家酿|农家|散装|少量|点)?"
    r"(?:白|啤|黄|红|葡萄|米|药|烈性)?酒|酒龄|"
    r"(?<![饮喝白啤黄红嗜烈药米萄酗戒烟])酒(?=:|[每一][天日晚]|日\d|偶"
    r"|约?[\d半一二两三四五]{1,4} ?(?:斤|两|ml|毫升|瓶))"
    r"|酒量(?=[大好可佳约每])|(?<=[,。;素时常])好酒(?=[,。;每]|$)|(?<![a-z])(?:alcohol|drinking))"
    r"|(?P<quit_both>戒(?:烟(?:、|及|和)?酒|除烟酒))|(?P<quit_smoking>戒烟)|(?P<quit_drinking>戒酒)",
)
_TITLE = re.compile(r"(?:等不良)?(?:嗜好|习惯|爱好)?(?:病?史)?")
_OF_FORM = re.compile(r":(?=[^,。;\n]{0,8}[吸抽饮喝不无否从偶每已戒])")
_NO_HABIT = re.compile(
    r"(?:[酒烟]?(?:后|时|过程|期间|中(?!等)|应酬|当天|当晚|过量|过多)|约?[\d两一二半]+(?:ml|两|"
    r"斤|毫升|瓶|杯)(?:左右)?[后时]|可|会|易|增加|者应)"
)
_NOT_OWN = re.compile(
    r"(?:被动|二手|劝|勿|忌|禁|限|限制|避免|不宜|不能|不要|应|需|宜|嘱|建议|宣教|鼓励|减少|控制|"
    r"防止|严禁|停止|防)"
    r"[^,。;\n认]{0,5}$"
)
_ONCE = re.compile(r"曾|(?:既往|以往|过去)(?!史|病史|个人|及)")
_STARTED = re.compile(r"年前[^,。;\n]{0,4}(?:开始|起)")
_NEVER = re.compile(
    r"[:(]?(?:均?不沾|均不|(?:均|:|\()?无(?:特殊|明显)?(?:嗜好|\)|$|[,。;\n])|(?:\(|"
    r":)?-\)?(?!\d)|:?否认?(?:\)|[,。;\n]|$))"
)
_AMOUNT = re.compile(
    rf"{FIRST}(?P<n>{NUMBER})(?:[~\-至到](?P<n2>{NUMBER}))?(?:余|多|\+|来|几)?个? ?"
    r"(?P<unit>年|ppd|支|根|包|盒|ml|毫升|两|斤|g(?![a-z])|克|瓶|杯|口)(?P<half>半)?"
)
_DAILY = re.compile(
    r"(?:每日|每天|每晚|日均|天天|一天|一日|(?<![\d生])日(?=[吸饮抽喝均]))[^,。;\n\d]{0,8}$"
)
_A_DAY = re.compile(r"(?:以上|左右)?(?:[/每]|每|一)(?:日|天|d(?![a-z])|晚)|左右[/每](?:日|天)")
# Each 前 is taken in one way only: where it could be in two, so many of them took for ever.
_QUIT = re.compile(
    r"(?:现|目前|已|后|自行|于|近|至今|均|[^,。;\n前]{0,8}前|[,、;(]){0,8}(?:已)?(?:戒烟酒|戒烟|"
    r"戒酒|戒除|戒掉|戒断|已戒|戒(?=[了,。;\n\d)]|$))"
)
_STILL = re.compile(r"未戒|没戒|尚未戒")
_TODAY = re.compile(r"[发起患]?病前|[昨今][天日晚晨]|当[晚天日]|中午|晚餐|聚餐|宴")
_MUCH = re.compile(r"[酗嗜]酒")
_END = re.compile(
    r"[。;\n]|否认|高血压|糖尿病|冠心病|病史|手术|无(?=[吸饮烟酒])|不(?=[吸饮抽喝])|冶游|婚|家族"
)
_DRINKS = (
    *(("白", "spirits"), ("烈性", "spirits"), ("啤", "beer"), ("葡萄酒", "wine")),
    *(("红酒", "wine"), ("黄酒", "rice_wine"), ("米酒", "rice_wine")),
)
_ADVICE = ("treatment",)


def find(record: Reading) -> Iterator[Finding]:
    """Find smoking (cigarettes/day) and drinking (mL of `beverage`/day), with `years`.

    Who has given it up is historical. A drink before the illness (饮酒后突发), advice (戒烟限酒)
    and other people's smoke are none.
    """
    text = record.text
    if not any(word in text for word in ("烟", "酒", "smoking", "alcohol", "drinking")):
        return
    found = list(_HABIT.finditer(text))
    done = 0
    for index, match in enumerate(found):
        start, end = match.span()
        if start < done:
            continue
        kind = match.lastgroup or ""
        if record.of_others(start, end) or _is_none(record, start, end):
            continue
        names = ("smoking", "drinking") if kind.endswith("both") else (kind.removeprefix("quit_"),)
        if kind.startswith("quit_"):
            if not _goes_with(text, found, index, names):
                yield from _quit(record, names, start, end)
            continue
        title = _TITLE.match(text, end)
        end = title.end() if title else end
        if _OF_FORM.match(text, end) and any(
            following.start() < end + 16 and not set(text[end : following.start()]) & set("。;\n")
            for following in found[index + 1 : index + 2]
        ):
            continue  # 吸烟饮酒史：既往吸烟: the title of what follows
        done = stop = _stop(text, found, index, end)
        for name in names:
            finding = _habit(record, name, start, end, stop)
            # 无酗酒史 doesn't say that somebody never drinks
            if finding["certainty"] != "negated" or not _MUCH.fullmatch(match[0]):
                yield finding


def _stop(text: str, found: list[re.Match[str]], index: int, end: int) -> int:
    """Return where what is said of a habit ends; 饮酒20年，每日饮白酒100ml is one."""
    limit = _END.search(text, end, min(len(text), end + 60))
    last = min(limit.start() if limit else end + 60, len(text))
    own = found[index].lastgroup or ""
    for following in found[index + 1 :]:
        kind = following.lastgroup or ""
        if following.start() >= last:
            break
        if kind not in (own, f"quit_{own}", "quit_both"):
            return following.start()
    return last


def _is_none(record: Reading, start: int, end: int) -> bool:
    text = record.text
    clause = text[record.clause(start)[0] : start]
    if record.section(start) in _ADVICE or is_supposed(record, clause):
        return True
    if _NO_HABIT.match(text, end) or _NOT_OWN.search(clause):
        return True
    return "酒" in text[start:end] and _TODAY.search(clause) is not None


def _goes_with(text: str, found: list[re.Match[str]], index: int, names: tuple[str, ...]) -> bool:
    """Whether the habit that is given up was named before in the sentence: 吸烟20年，已戒烟5年."""
    for before in reversed(found[:index]):
        if set(text[before.end() : found[index].start()]) & set("。;\n"):
            return False
        kind = before.lastgroup or ""
        if kind == "both" or kind.removeprefix("quit_") in names:
            return True
    return False


def _quit(record: Reading, names: tuple[str, ...], start: int, end: int) -> Iterator[Finding]:
    certainty = record.cues.certainty(start, end)
    if certainty in ("negated", "uncertain") or _STILL.search(record.text, max(0, start - 2), end):
        return
    for name in names:
        yield record.finding(
            name, start, end, certainty="historical", time="before", years=None, beverage=None,
            range=None,
        )  # fmt: skip


def _habit(record: Reading, name: str, start: int, end: int, stop: int) -> Finding:
    text = record.text
    certainty = record.cues.certainty(start, end)
    clause = text[record.clause(start)[0] : start]
    if _NEVER.match(text, end):
        certainty = "negated"
    if certainty == "negated":
        return record.finding(
            name,
            start,
            end,
            None,
            None,
            certainty,
            time="now",
            years=None,
            beverage=None,
            range=None,
        )
    gone = _QUIT.search(text, end, stop)
    quits = gone is not None and not _STILL.search(text, max(end, gone.start() - 2), stop)
    if certainty in ("affirmed", "historical"):
        once = _ONCE.search(clause) and not _STARTED.search(clause)
        certainty = "historical" if quits or once else "affirmed"
    amount = _amounts(text, name, start, end, gone.start() if gone else stop)
    last = max(amount.pop("end"), gone.end() if quits and gone else 0, end)
    value = amount.pop("value")
    unit = "cigarettes/day" if name == "smoking" else "mL/day"
    return record.finding(
        name, start, last, value, unit, certainty, time=time_of(certainty), **amount
    )


def _amounts(text: str, name: str, named: int, start: int, stop: int) -> dict[str, Any]:
    """Return how many years, and how much a day, text[start:stop] says, and where that ends.

    The habit itself is named from `named` on: 每日吸烟1包.
    """
    said: dict[str, Any] = {"value": None, "years": None, "beverage": None, "range": None, "end": 0}
    for match in _AMOUNT.finditer(text, start, stop):
        unit = match["unit"]
        first = number(match["n"])
        if first is None:
            continue
        first += 0.5 if match["half"] else 0  # 1包半
        value, ends = between(first, match["n2"])
        if unit == "年":
            if said["years"] is None and value <= 90 and not text.startswith("前", match.end()):
                said["years"], said["end"] = whole(value), max(said["end"], match.end())
            continue
        day = match if unit == "ppd" else _A_DAY.match(text, match.end())
        if not day and not _DAILY.search(
            text, max(0, named - 4, match.start() - 12), match.start()
        ):
            continue
        scale = _scale(name, unit)
        if scale is None or said["value"] is not None:
            continue
        said["value"] = whole(round(value * scale, 2))
        said["range"] = ends and [whole(n * scale) for n in ends]
        said["end"] = max(said["end"], day.end() if day else match.end())
    if name == "drinking":
        around = text[max(0, start - 4) : stop]
        said["beverage"] = next((drink for word, drink in _DRINKS if word in around), None)
    return said


def _scale(name: str, unit: str) -> float | None:
    """Return what to multiply an amount in `unit` by; None where it is none of that habit."""
    if name == "smoking":
        return {"ppd": PACK, "支": 1, "根": 1, "包": PACK, "盒": PACK}.get(unit)
    return {"ml": 1, "毫升": 1, "两": ML_PER_LIANG, "斤": 10 * ML_PER_LIANG}.get(unit)
