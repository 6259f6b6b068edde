"""The pupils: how wide they are and whether they react to light."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from ...sought import Sought
from ..chinese_numbers import between, number
from ..context.changes import was

if TYPE_CHECKING:
    from ..reading import Finding, Reading

_END = r"(?=[,。;\n)、]|$)"
_REFLEX = (
    r"光(?:反(?:[射应]|(?=[:(灵敏迟消存好佳可均弱±+\-]))"
    rf"|(?=敏{_END})|(?<=对.)(?=[由从:均左右灵敏迟消存(]|[有无]反|o[sdu]|[lr] ?[(+±\-]))"
    r"|(?<![a-z])lr(?=[:(]?[+\-])"
)
_PUPIL = Sought(
    r"[左右双两侧眼边无直间、及和对](?=[侧眼边无直接间、及和对]{0,10}[瞳光])|瞳|光|pupil|light|lr",
    rf"(?:左|右|双|两)?[侧眼边]{{0,2}}(?:瞳孔?|无?(?:直接|间接|[、及和]){{0,3}}(?:对)?{_REFLEX})"
    r"|(?<![a-z])pupils?(?: size)?|light reflex",
    needs=("瞳", "光", "pupil", "light reflex"),
)
_SIZE = r"(?:\d(?:\.\d{1,2})?|[一二三四五六七八九](?=毫米))"
_WORDS = {
    "sluggish": "迟钝", "absent": "消失", "brisk": "灵敏", "present": "存在",
}  # fmt: skip
_SHORT = {"敏": "brisk", "灵": "brisk", "迟": "sluggish", "消": "absent", "固定": "absent"}
_WORD = "|".join((*_WORDS.values(), *_SHORT))
_SIGNS = {"-": "absent", "±": "sluggish", "+": "present"}
_MM = r"(?:mm|毫米|㎜)"
_ONE = r"(?:左|右|(?<![a-z])(?:[lr]|o[sd])(?![a-z]))"
_EYE = r"[侧眼边瞳孔]{0,3}(?:\([lr]\))?"
_PUPIL_TOKEN = Sought(
    r"[左右lro\d一二三四五六七八九迟消灵存固有无未光反(±+\-减低不欠稍差微弱阴敏正良好佳恢可阳针双两。\n鼻伸眼颈角巩结肌头口压额g神意咽耳血病出]",
    # 左:右=3:4mm, L/R 3/4mm, 左右3:4mm: the first number is of the side that is named first.
    rf"(?P<ratio>(?P<of>{_ONE}){_EYE}[:/<>]?(?:左|右|[lr]){_EYE}[)(=: ]{{0,3}}"
    rf"(?P<l>{_SIZE}) ?(?:mm|cm)?[:/](?P<r>{_SIZE})(?: ?{_MM})?)"
    # 2.5/3mm: which is the left one isn't said.
    rf"|(?P<pair>(?<![\d.])(?P<p>{_SIZE}) ?{_MM}?[:/*](?P<q>{_SIZE}) ?{_MM}(?!hg))"
    # 左/右：灵敏/消失, and 瞳孔3/3: sizes without their unit, right after the word
    rf"|(?P<words>(?:(?P<wof>{_ONE}){_EYE}[:/](?:左|右|[lr]){_EYE}[)=: ]{{0,3}})?(?P<w1>{_WORD})"
    rf"[/:](?P<w2>{_WORD}))"
    r"|(?P<plain>(?<![\d./])(?P<p1>[1-9](?:\.\d)?)(?P<s1>[+\-])?/(?P<p2>[1-9](?:\.\d)?)(?P<s2>[+\-"
    r"])?(?!"
    r"[\d./级分]))"
    # 左3右3, L 3.0: right after a side
    rf"|(?P<bare>(?<![\d.])(?P<n3>[1-9](?:\.\d)?)(?=\([+\-]|[,;。)、 左右光对rl]|/[左右rl]|$)"
    rf"(?! ?{_MM}|\(\+{{1,3}}\) ?/|\(-\) ?/))"
    r"|(?P<without>(?:无|未引出|未见)(?:直接|间接|[、及和]){0,3}对?光反[射应])"
    rf"|(?P<reflex>{_REFLEX}|light reflex|(?<=[/,、])反应(?=[(+\-:灵迟消]))"
    # 3.0(+)/3.0(-): sizes and signs; which is the left one isn't said.
    rf"|(?P<both>(?<![\d.])(?P<b1>{_SIZE}) ?{_MM}?\((?P<b2>\+{{1,3}}|-)\) ?/ ?"
    rf"(?P<b3>{_SIZE}) ?{_MM}?\((?P<b4>\+{{1,3}}|-)\))"
    # +/-, (+)(-): which is the left one isn't said, unless (L/R) stands before.
    rf"|(?P<signs>(?:\(?(?P<sof>{_ONE}){_EYE}[:/]?(?:左|右|[lr]){_EYE}\)?[:= ]{{0,2}})?"
    r"\(?(?P<s>\+{1,3}|-|±)(?:\)?[/:]\(?|\) ?[、,]? ?\(|(?<=\([+±-])[、,])(?P<t>\+{1,3}|-|±)\)?)"
    rf"|(?P<sluggish>迟钝|减弱|减退|减低|低下|不敏感|欠佳|稍?差|迟缓|迟{_END}|微弱|欠灵敏|不灵敏|"
    rf"欠敏|弱|\(±\)|(?<=[射应左右侧:lr])±)"
    r"|(?P<absent>固定(?![^。;\n左右]{0,16}光)|消失|未引出|不存在|\(-\)|阴性|无反应|(?<=[射应])无(?!法)|"
    r"(?<=[射应左右侧:lr])-(?![\d.]))"
    rf"|(?P<brisk>灵敏|敏感|正常|良?好(?!转)|佳|[敏灵]{_END}|\(\+{{2,3}}\)|"
    rf"(?<=[射应左右侧:lr])\+{{2,3}})"
    rf"|(?P<present>存在|有反应|恢复|[可存]{_END}|阳性|\(\+\)|(?<=[射应左右侧:lr])\+)"
    rf"|(?P<size>(?<![\d.])(?P<n>{_SIZE})(?:[~\-至](?P<n2>{_SIZE}))?"
    rf"(?: ?(?P<unit>{_MM}|cm|厘米)(?!hg)"
    # 左2.5右3mm, 左瞳3，右瞳5mm: the unit follows the second.
    rf"|(?=[,、;/ ]{{0,2}}{_ONE}[侧眼瞳孔直径约为:=]{{0,6}}{_SIZE} ?{_MM}(?!hg))"
    rf"|(?= ?(?:→|->) ?{_SIZE} ?{_MM}(?!hg))))"
    rf"|(?P<pinpoint>针尖(?![^左右。;\n\d]{{0,12}}\d(?:\.\d{{1,2}})? ?{_MM}))"
    r"|(?P<side>双侧|两侧|[lr]=[lr](?==)|双眼|双瞳|左侧?[=、及和]?右[侧眼]*(?=[=均各都皆等相])|左|"
    r"右|(?<![a-z])(?:[lr]|o[sdu])(?![a-z]))"
    r"|(?P<stop>[。\n]|鼻唇沟|伸舌|眼球|眼震|颈|角膜|巩膜|结膜|肌力|头颅|口唇|口角|压眶|额纹"
    r"|gcs|神志|意识|咽|耳|眼睑|眼压|血压|病理|血肿|出血)",
)
_JOINTS = ("", ",", "、", "(", " ")
"""What may stand between the sizes of the pupils and how they react."""
_REACTIONS = ("sluggish", "absent", "brisk", "present")
_BEHIND = re.compile(rf" ?\((?P<side>{_ONE})[侧眼]?\)")
"""The side that stands after what is said of it: 3mm（左）."""


_SIZED = re.compile(rf"{_ONE}[侧眼瞳孔]{{0,3}}(?:直径|大小|约|为)*{_SIZE} ?{_MM}[,、]?$")
"""Right before a reflex the size of the one eye that it is of."""
_IN_BRACKETS = tuple(
    f"{eye}{more}{size})"
    for eye in ("", "侧")
    for more in ("", "略", "稍")
    for size in ("大", "小")
)
"""After a side that brackets name: 双侧瞳孔3mm（左侧略大），光反射灵敏."""
_AFTER_DRUG = re.compile(r"\([^()\d]{1,10}后\)")
"""What brackets may say between two words that tell of the pupils: 2.5mm（甘露醇后）."""
_PUPIL_GAP = re.compile(
    r"[,:;=<>≈、约直接间径大小为各d均等正同圆分别是孔瞳侧眼()散固定缩扩不无呈样状改变稍略尚对光反"
    r"射应的及和在较至边"
    r"左右缘整齐规则形欠清晰可针尖称φΦ/于由从到转变→>|"
    r"边后前术毕入院时今昨日晨晚现目增减升降较回恢复分急至先已是因显一m"
    r" ]*(?:\d{1,2}(?::\d\d|小时|h|天|分钟)[^\d,。;\n]{0,8})?[,]?[回缩散扩大小增减为至约左右侧]*"
)
"""What may stand between two words that tell of the pupils; else it is of other things."""


def find(record: Reading) -> Iterator[Finding]:
    """Find pupil_size (mm) and light_reflex.

    A reflex that is there, without a word on how quick it is, is `present` (存在, 阳性, one plus).
    Two sizes of which nothing says which is the left one have no side, unless they are equal.
    """
    done = 0
    for match in _PUPIL.finditer(record.text):
        if match.start() < done:
            continue
        start = match.start()
        begins = start
        if match[0].startswith(("光", "对")):
            # 左侧窥不清，右侧3mm，对光灵敏: the reflex is of the eye that was measured
            sized = _SIZED.search(record.text, max(done, start - 18), start)
            start = sized.start() if sized else start
            begins = start
        last = match.end() if match[0][-1].isascii() and begins == match.start() else start
        done = yield from _pupil_region(record, start, last)


def _pupil_region(record: Reading, start: int, last: int) -> Generator[Finding, None, int]:
    """Walk through what is said of the pupils from `start` on; return where that ends."""
    side: str | None = "both"
    sized: set[str | None] = set()
    fresh = reflex = False
    size_end = side_end = -1  # of the size, and of the side, that was said last
    named: str | None = None  # the side that a ratio of sizes has named first
    at, end = start, min(len(record.text), start + 160)
    for token in _PUPIL_TOKEN.finditer(record.text, start, end):
        gap, last = record.text[last : token.start()], token.end()
        if "(" in gap:
            gap = _AFTER_DRUG.sub("", gap)
        if token["stop"] or not _PUPIL_GAP.fullmatch(gap):
            return max(token.start(), start + 1)
        if token["side"]:
            side = _side(token["side"])
            at, fresh, side_end = token.start(), True, token.end()
            continue
        if token["bare"] and (reflex or side_end < 0 or side_end < token.start() - len(gap)):
            return max(token.start(), start + 1)
        behind = _BEHIND.match(record.text, token.end(), end)
        of = _side(behind["side"]) if behind else side
        if token["reflex"]:
            reflex = True
            if fresh and gap.startswith(_IN_BRACKETS):
                side, fresh, of = "both", False, "both"
            if not fresh and len(sized) > 1:
                side = "both"
            at = at if fresh else token.start()
        elif token["without"]:
            yield record.finding("light_reflex", *token.span(), "absent", side=of)
            sized, fresh = set(), False
        elif token["words"]:
            # 2.5mm/2.5mm、灵敏/灵敏 needs no word for the reflex
            adjoins = size_end == token.start() - len(gap) and gap in _JOINTS
            if reflex or adjoins:
                first = at if reflex or fresh else token.start()
                yield from _in_words(record, token, first, None if reflex else named)
        elif token["plain"]:
            if reflex or sized or fresh:
                return max(token.start(), start + 1)
            yield from _plain(record, token)
            sized = {"left", "right"}
        elif token["both"]:
            yield from _with_signs(record, token)
            side, sized, fresh = "both", {"left", "right"}, False
        elif token["ratio"] or token["pair"]:
            yield from _two(record, token)
            side, sized, fresh = "both", {"left", "right"}, False
            size_end, named = token.end(), token["of"]
        elif token["size"] or token["pinpoint"] or token["bare"]:
            value = None
            if not token["pinpoint"]:
                value = between(number(token["n"] or token["n3"]) or 0.0, token["n2"])[0]
                value = value * 10 if token["unit"] in ("cm", "厘米") else value
            if value is None or 0.5 <= value <= 12:
                first = at if fresh or not sized else token.start()
                stop = behind.end() if behind else token.end()
                if was(record.text, first, stop):  # 由3mm散大至5mm: of the same side
                    yield record.finding(
                        "pupil_size", first, stop, value, "mm", "historical", side=of
                    )
                    continue
                yield record.finding("pupil_size", first, stop, value, "mm", side=of)
            sized.add(of)
            fresh = reflex = False
            size_end = token.end()
        elif token["signs"]:
            if reflex:
                yield from _signs(record, token, at)
        elif reflex or (size_end == token.start() - len(gap) and gap in _JOINTS):
            # 光反射迟钝; 左2.5mm，灵敏
            reacts = next(name for name in _REACTIONS if token[name])
            stop = behind.end() if behind else token.end()
            first = at if reflex else token.start()
            yield record.finding("light_reflex", first, stop, reacts, side=of)
            if was(record.text, first, stop):
                continue
            sized, fresh = set(), False
    return end


def _side(word: str) -> str:
    """Return the side that a word for one or both pupils names."""
    if word[0] == "o":
        return {"os": "left", "od": "right"}.get(word, "both")
    both = word[0] in "双两" or any(other in word[1:] for other in "右lr")
    return "both" if both else "left" if word[0] in "左l" else "right"


def _named(first: str | None) -> tuple[str | None, str | None]:
    """Return the sides of two values, of which the first is of the side that is named first."""
    if first is None:
        return None, None
    return ("left", "right") if _side(first) == "left" else ("right", "left")


def _two(record: Reading, token: re.Match[str]) -> Iterator[Finding]:
    """Find the two sizes of 左:右=3:4mm, and of 3/4mm, which doesn't say which is the left one."""
    where = token.span()
    sides = _named(token["of"])
    one, two = (token["l"], token["r"]) if token["ratio"] else (token["p"], token["q"])
    sizes = number(one) or 0.0, number(two) or 0.0
    if not token["ratio"] and sizes[0] == sizes[1]:
        yield record.finding("pupil_size", *where, sizes[0], "mm", side="both")
        return
    for size, side in zip(sizes, sides, strict=True):
        yield record.finding("pupil_size", *where, size, "mm", side=side)


def _signs(record: Reading, token: re.Match[str], at: int) -> Iterator[Finding]:
    """Find the two reactions of +/- and (+)(-), which doesn't say which is the left one."""
    words = [_SIGNS.get(token[sign], "brisk") for sign in "st"]
    sides: list[tuple[str, str | None]] = [(word, None) for word in words]
    if words[0] == words[1]:
        sides = [(words[0], "both")]
    elif token["sof"]:
        sides = list(zip(words, _named(token["sof"]), strict=True))
    for word, side in sides:
        yield record.finding("light_reflex", at, token.end(), word, side=side)


def _in_words(
    record: Reading, token: re.Match[str], at: int, named: str | None
) -> Iterator[Finding]:
    """Find the two reactions of 左/右：灵敏/消失; `named` is the side that the sizes had first."""
    name = {word: value for value, word in _WORDS.items()} | _SHORT
    one, two = name[token["w1"]], name[token["w2"]]
    if one == two:
        yield record.finding("light_reflex", at, token.end(), one, side="both")
        return
    for word, side in zip((one, two), _named(token["wof"] or named), strict=True):
        yield record.finding("light_reflex", at, token.end(), word, side=side)


def _plain(record: Reading, token: re.Match[str]) -> Iterator[Finding]:
    """Find the sizes of 瞳孔3/3, and that both react, where a plus follows each."""
    sizes = float(token["p1"]), float(token["p2"])
    one = "both" if sizes[0] == sizes[1] else None
    for size in dict.fromkeys(sizes):
        yield record.finding("pupil_size", *token.span(), size, "mm", side=one)
    if token["s1"] and token["s2"]:
        words = ["absent" if token[sign] == "-" else "present" for sign in ("s1", "s2")]
        one = "both" if words[0] == words[1] else None
        for word in dict.fromkeys(words):
            yield record.finding("light_reflex", *token.span(), word, side=one)


def _with_signs(record: Reading, token: re.Match[str]) -> Iterator[Finding]:
    """Find sizes and reactions of 3.0(+)/3.0(-); what is equal is of both."""
    sizes = [float(token["b1"]), float(token["b3"])]
    words = [{"-": "absent", "+": "present"}.get(token[sign], "brisk") for sign in ("b2", "b4")]
    where = (token.start(), token.end())
    one = None if sizes[0] != sizes[1] else "both"
    for size in dict.fromkeys(sizes):
        yield record.finding("pupil_size", *where, size, "mm", side=one)
    one = None if words[0] != words[1] else "both"
    for word in dict.fromkeys(words):
        yield record.finding("light_reflex", *where, word, side=one)
