"""What is found at the bedside: blood pressure, coma score, pupils, power of the limbs."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

try:
    from .chinese_numbers import between, grade, number, whole
except ImportError:  # `spacy package` tries each file on its own, outside any package
    from text.chinese_numbers import between, grade, number, whole

if TYPE_CHECKING:
    from text.reading import Finding, Reading

MMHG_PER_KPA = 7.50062
"""1 mmHg = 133.322 Pa."""

_PAIR = re.compile(
    r"(?<![\d./])(?P<s>\d{2,3}(?:\.\d)?)(?:[~\-至](?P<s2>\d{2,3}))? ?(?:mmhg)? ?[/\\] ?"
    r"(?P<d>\d{2,3}(?:\.\d)?)(?:[~\-至](?P<d2>\d{2,3}))?(?![\d/.]|次)"
    r"(?: ?(?P<unit>mmhg|毫米汞柱|kpa|千帕))?"
)
_SYSTOLIC = re.compile(
    r"收缩压(?:最?高?达?|为|约|是|在|:|波动|于|升至|测)*(?P<s>\d{2,3})(?:[~\-至](?P<s2>\d{2,3}))?"
    r"(?: ?(?P<unit>mmhg|毫米汞柱|kpa|千帕))?(?:左右)?"
    r"(?:[,、;]?舒张压(?:最?高?达?|为|约|是|在|:|波动|于)*(?P<d>\d{2,3})(?:[~\-至](?P<d2>\d{2,3}))?"
    r"(?: ?(?:mmhg|毫米汞柱|kpa|千帕))?)?"
)
_UNMEASURED = re.compile(r"(?:血压|bp):?(?:测不出|测不到|未测出)")
_PRESSURE = re.compile(r"血压|bp|压")
_HIGHEST = re.compile(r"最高|平素|平时|控制|既往|曾|平常|以往|基础血压")
_GOAL = re.compile(r"目标|理想")
_BELOW = re.compile(r"(?:左右)?(?:以下|以内|之下|水平)")
_ARM = re.compile(r"(左|右)(?:侧)?(?:上肢|臂|手)?[:为]?$")


def find(record: Reading) -> Iterator[Finding]:
    """Find blood_pressure (mmHg), gcs, pupil_size (mm), light_reflex and limb_power (MRC)."""
    yield from _pressures(record)
    yield from _coma(record)
    yield from _pupils(record)
    yield from _power(record)


def _pressures(record: Reading) -> Iterator[Finding]:
    for pattern in (_PAIR, _SYSTOLIC):
        for match in pattern.finditer(record.text):
            start, end = match.span()
            clause = record.clause(start, 24)[0]
            before = record.text[clause:start]
            if pattern is _PAIR and not (match["unit"] or _PRESSURE.search(before)):
                continue
            value, ends = _mmhg(match)
            if value is None:
                continue
            earlier = record.text[record.cues.sentence_start(start, 40) : start]
            if _GOAL.search(before) or _BELOW.match(record.text, end):
                continue  # what it shall be, not what it is
            certainty = record.certainty(start, end, 0)
            highest = _HIGHEST.search(earlier)
            if certainty == "affirmed" and highest and not record.cues.now(earlier[highest.end() :]):
                certainty = "historical"
            arm = _ARM.search(before)
            yield record.finding(
                "blood_pressure", start, end, value, "mmHg", certainty,
                record.side_named(arm[1] if arm else None), range=ends,
            )  # fmt: skip
    for match in _UNMEASURED.finditer(record.text):
        yield record.finding("blood_pressure", *match.span(), range=None)


def _mmhg(match: re.Match[str]) -> tuple[list[float | None] | None, list[Any] | None]:
    systolic, across = between(float(match["s"]), match["s2"])
    diastolic, along = between(float(match["d"]), match["d2"]) if match["d"] else (None, None)
    if match["unit"] in ("kpa", "千帕"):
        systolic = round(systolic * MMHG_PER_KPA)
        diastolic = None if diastolic is None else round(diastolic * MMHG_PER_KPA)
    if not 40 <= systolic <= 320 or (
        diastolic is not None and not 15 <= diastolic < min(systolic, 220)
    ):
        return None, None
    return [whole(systolic), diastolic if diastolic is None else whole(diastolic)], [
        across,
        along,
    ] if across or along else None


_SCORE = re.compile(
    r"(?:gcs|格拉斯哥(?:昏迷)?(?:评分|量表|指数)?|昏迷(?:评分|指数))(?:\(gcs\))?"
    r"(?:昏迷)?(?:评分|评|计分|量表|分数|得分)?(?:\(gcs\))?[:为约=是 ,计]*"
)
_PARTS = re.compile(
    r"\(?e(?P<e>[1-4ct])分?[+,、 /]?v(?P<v>[1-5t])分?[+,、 /]?m(?P<m>[1-6])分?\)?"
    r"|\(?睁眼(?:反应)?(?P<e3>[1-4])分?[+,、 ]?(?:言语|语言)(?:反应)?(?P<v3>[1-5])分?[+,、 ]?"
    r"(?:运动|肢体活动)(?:反应)?(?P<m3>[1-6])分?\)?"
)
_BARE_PARTS = re.compile(r"\(?(?P<e>[1-4])\+(?P<v>[1-5])\+(?P<m>[1-6])\)?")
_TOTAL = re.compile(
    r"[=:,共计为总分(]{0,3}(?P<n>\d{1,2}|[三四五六七八九]|十[一二三四五]?)"
    r"(?:[~\-至](?P<n2>\d{1,2}))?(?P<unit>分)?(?![\d+.])"
)


def _coma(record: Reading) -> Iterator[Finding]:
    done = 0
    for match in _SCORE.finditer(record.text):
        if match.start() < done:
            continue
        found = _score(record.text, match.end())
        if found is not None:
            total, parts, done = found
            yield _gcs(record, match.start(), done, total, parts)
    for match in _PARTS.finditer(record.text):
        if match["e"] and match.start() >= done or match["e3"]:
            if _seen(record, match.start()):
                continue
            parts = _numbers(match)
            end, total = match.end(), None
            equals = re.compile(r"[=,共计为]{1,3}(\d{1,2})分?").match(record.text, end)
            if equals:
                end, total = equals.end(), float(equals[1])
            yield _gcs(record, match.start(), end, total, parts)


def _seen(record: Reading, start: int) -> bool:
    return bool(_SCORE.search(record.text, max(0, start - 16), start))


def _score(text: str, at: int) -> tuple[float | None, dict[str, int | None], int] | None:
    parts: dict[str, int | None] = {"E": None, "V": None, "M": None}
    total: float | None = None
    end = at
    match = _PARTS.match(text, at) or _BARE_PARTS.match(text, at)
    if match:
        parts, end = _numbers(match), match.end()
        written = _TOTAL.match(text, end)
        if written and (text[end] in "=共计为总(" or written["unit"]):
            total, end = number(written["n"]), written.end()
        return total, parts, end
    written = _TOTAL.match(text, at)
    if written is None:
        return None
    first = number(written["n"])
    if first is None:
        return None
    total, end = between(first, written["n2"])[0], written.end()
    match = _PARTS.match(text, end) or _BARE_PARTS.match(text, end)
    if match is None and text[end : end + 1] in (",", "(", "、"):
        match = _PARTS.match(text, end + 1) or _BARE_PARTS.match(text, end + 1)
    if match:
        parts, end = _numbers(match), match.end()
    return total, parts, end


def _numbers(match: re.Match[str]) -> dict[str, int | None]:
    groups = match.groupdict()
    written = {p: groups.get(p.lower()) or groups.get(f"{p.lower()}3") or "" for p in "EVM"}
    return {part: int(n) if n.isdecimal() else None for part, n in written.items()}


def _gcs(
    record: Reading, start: int, end: int, total: float | None, parts: dict[str, int | None]
) -> Finding:
    given = [part for part in parts.values() if part is not None]
    if total is None and len(given) == 3:
        total = float(sum(given))
    if total is not None and not 3 <= total <= 15:
        total = None
    certainty = record.certainty(start, end, 0)
    total = None if total is None else whole(total)
    return record.finding("gcs", start, end, total, "points", certainty, parts=parts)


_PUPIL = re.compile(r"(?:左|右|双|两|双侧)?[侧眼]{0,2}瞳孔?|(?:直接|间接|对)?光反(?:[射应]|(?=[:(灵迟消存]))")
_SIZE = r"\d(?:\.\d{1,2})?"
_PUPIL_TOKEN = re.compile(
    r"(?P<ratio>(?:左[:/]右|l[:/]r|左右|左\(l\):右\(r\))[=: ]?"
    rf"(?P<l>{_SIZE}) ?(?:mm|cm)?[:/](?P<r>{_SIZE})(?: ?(?:mm|毫米))?)"
    r"|(?P<reflex>光反(?:[射应]|(?=[:(灵迟消存])))"
    r"|(?P<sluggish>迟钝|减弱|迟缓|微弱|欠灵敏|不灵敏|欠敏|弱|\(±\))"
    r"|(?P<absent>消失|未引出|不存在|\(-\)|阴性|无反应|(?<=[射应])无)"
    r"|(?P<brisk>灵敏|敏感|存在|正常|良好|\(\+{1,2}\))"
    rf"|(?P<size>(?<![\d.])(?P<n>{_SIZE})(?:[~\-](?P<n2>{_SIZE}))?"
    r" ?(?P<unit>mm|毫米|㎜|cm|厘米)(?!hg))"
    r"|(?P<pinpoint>针尖(?![^左右。;\n\d]{0,12}\d(?:\.\d{1,2})? ?(?:mm|毫米)))"
    r"|(?P<side>双侧|两侧|双眼|双瞳|左|右)"
    r"|(?P<stop>[。\n]|鼻唇沟|伸舌|眼球|眼震|颈|角膜|巩膜|结膜|肌力|头颅|口唇|口角|压眶|额纹"
    r"|gcs|神志|意识|咽|耳|眼睑|血压|病理|血肿|出血)"
)


_PUPIL_GAP = re.compile(
    r"[,:;=、约直接间径大小为各d均等正同圆分别是孔瞳侧眼()散固定缩扩不无呈样状改变稍略尚对光反射应的及和在较"
    r"边缘整齐规则形欠清晰可针尖 ]*"
)
"""What may stand between two words that tell of the pupils; else it is of other things."""


def _pupils(record: Reading) -> Iterator[Finding]:
    done = 0
    for match in _PUPIL.finditer(record.text):
        if match.start() < done:
            continue
        start = match.start()
        if "瞳" not in match[0] and not match[0].startswith(("光", "对", "直", "间")):
            continue
        done = yield from _pupil_region(record, start)


def _pupil_region(record: Reading, start: int) -> Generator[Finding, None, int]:
    """Walk through what is said of the pupils from `start` on; return where that ends."""
    side: str | None = "both"
    sized: set[str | None] = set()
    fresh = reflex = False
    at, end, last = start, min(len(record.text), start + 160), start
    for token in _PUPIL_TOKEN.finditer(record.text, start, end):
        gap, last = record.text[last : token.start()], token.end()
        if token["stop"] or not _PUPIL_GAP.fullmatch(gap):
            return max(token.start(), start + 1)
        if token["side"]:
            side = record.side_named(token["side"][0])
            at, fresh = token.start(), True
        elif token["reflex"]:
            reflex = True
            if not fresh and len(sized) > 1:
                side = "both"
            at = at if fresh else token.start()
        elif token["ratio"]:
            for name, group in (("left", "l"), ("right", "r")):
                yield record.finding(
                    "pupil_size", token.start(), token.end(), float(token[group]), "mm", side=name
                )
            side, sized, fresh = "both", {"left", "right"}, False
        elif token["size"] or token["pinpoint"]:
            value = None
            if token["size"]:
                value = between(float(token["n"]), token["n2"])[0]
                value = value * 10 if token["unit"] in ("cm", "厘米") else value
            if value is None or 0.5 <= value <= 12:
                first = at if fresh or not sized else token.start()
                yield record.finding("pupil_size", first, token.end(), value, "mm", side=side)
            sized.add(side)
            fresh = reflex = False
        elif reflex:
            reacts = next(name for name in ("sluggish", "absent", "brisk") if token[name])
            yield record.finding("light_reflex", at, token.end(), reacts, side=side)
            sized, fresh = set(), False
    return end


_G = r"[0-5ⅠⅡⅢⅣⅤ零一二三四五]|iii|ii|iv|i|v"
_POWER_TOKEN = re.compile(
    r"(?P<normal>肌力(?:(?:[、及和,]|以及)?肌张力)?:?(?:均|皆|大致|基本|检查)?正常)"
    rf"|(?P<bare>肌力:?(?:约|均|为|均为|达)?(?P<b>[ⅠⅡⅢⅣⅤ]|[0-5](?![\d.]))(?P<bs>[+\-])?(?:/5)?(?=[,。;\n]|$))"
    r"|(?P<power>肌力)"
    rf"|(?P<grade>(?<![\d.a-z/])(?P<g>{_G})(?P<s>[+\-])?(?:[~\-至到、](?P<g2>{_G})(?P<s2>[+\-])?)?(?:(?:/5)?级|/5(?!\d))(?P<s3>[+\-](?!\d))?)"
    r"|(?P<limb>上[、及]?下肢|上肢[、及和]下肢|上肢|下肢|肢体|肢)"
    r"|(?P<side>左|右|双|两侧|四(?=肢))"
    r"|(?P<each>分别)"
    r"|(?P<off>肌张力|反射|征|感觉|心功能|高血压|浮肿|水肿|压疮|血压)"
)
_LIMBS = {"上肢": ["arm"], "下肢": ["leg"], "肢体": ["limbs"], "肢": ["limbs"]}


def _power(record: Reading) -> Iterator[Finding]:
    done = 0
    position = record.text.find("肌力")
    while position >= 0:
        if position >= done:
            start = max(done, record.cues.sentence_start(position, 24))
            done = yield from _power_region(record, start, position)
        position = record.text.find("肌力", max(done, position + 2))


def _power_region(record: Reading, start: int, position: int) -> Generator[Finding, None, int]:
    """Walk through a sentence that tells of power; return where it ends."""
    stop = re.compile(r"[。\n;]").search(record.text, position, position + 200)
    end = stop.start() if stop else min(len(record.text), position + 200)
    side: str | None = None
    limbs: list[str] = []
    begin: int | None = None
    active = False
    shared = -1
    for token in _POWER_TOKEN.finditer(record.text, start, end):
        if token["off"]:
            active, begin, limbs = False, None, []
        elif token["side"]:
            begin, side, limbs = token.start(), record.side_named(token["side"][0]), []
        elif token["limb"]:
            both = "上" in token[0] and "下" in token[0]
            # 上肢及下肢, and 肢体肌力上肢: the narrower one counts.
            limbs = ["arm", "leg"] if both else _LIMBS[token[0]]
            begin = token.start() if begin is None else begin
            shared = -1
        elif token["each"]:
            shared = 0
        elif token["power"]:
            active = True
            begin = token.start() if begin is None else begin
        elif token["grade"] and not (active and begin is not None):
            continue
        else:
            active = active or not token["grade"]
            begin = token.start() if begin is None else begin
            split = token["grade"] and token["g2"] and shared == 0 and "、" in token[0]
            for written, sign, limb in _grades(token, limbs, shared, bool(split)):
                value = 5.0 if token["normal"] else written
                if value is None or side is None:
                    continue
                certainty = record.certainty(begin, token.end(), 0)
                if certainty in ("negated", "uncertain"):
                    certainty = "affirmed"
                yield record.finding(
                    "limb_power", begin, token.end(), value, "MRC", certainty, side,
                    limb=limb, modifier=sign,
                )  # fmt: skip
            if shared >= 0:
                shared += 1
                begin = token.end() if shared < len(limbs) else None
            else:
                begin, limbs = None, limbs
    return end


def _grades(
    token: re.Match[str], limbs: list[str], shared: int, split: bool
) -> Iterator[tuple[float | None, str | None, str]]:
    limb = limbs[0] if len(limbs) == 1 else "limbs"
    if token["normal"]:
        yield 5.0, None, limb
    elif token["bare"]:
        yield _float(token["b"]), token["bs"], limb
    elif split:
        yield _float(token["g"]), token["s"], limbs[0] if limbs else limb
        yield _float(token["g2"]), token["s2"], limbs[-1] if limbs else limb
    else:
        if shared >= 0 and shared < len(limbs):
            limb = limbs[shared]
        first = _float(token["g"])
        if first is not None and token["g2"]:
            second = _float(token["g2"])
            first = first if second is None else (first + second) / 2
        yield first, token["s"] or token["s3"], limb


def _float(written: str) -> float | None:
    value = grade(written)
    return None if value is None else float(value)
