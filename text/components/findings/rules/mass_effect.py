"""What a hematoma does to midline and ventricles, as the CT report says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...sought import Sought
from ..bounds import ANY as BOUND
from ..bounds import bounded
from ..chinese_numbers import FIRST, NUMBER, between, number
from ..context.changes import was
from ..context.supposed import of_an_indication

if TYPE_CHECKING:
    from ..reading import Finding, Reading


def find(record: Reading) -> Iterator[Finding]:
    """Find midline_shift (mm), ventricle_compression and intraventricular_extension.

    A shift without a number has no value; 中线居中 is a negated shift, 脑室形态正常 a negated
    compression. A range counts as its middle.
    """
    yield from _midline(record)
    yield from _ventricles(record)
    yield from _extension(record)


_MIDLINE = Sought(
    r"[中透大]",
    r"(?<![骨腋正肩身])中线|透明隔(?!腔)|大脑镰(?!下疝|旁|脑膜|密度|及)",
    needs=("中线", "透明隔", "大脑镰"),
)
_STRAIGHT = re.compile(
    r"(?:中线|透明隔|大脑镰)(?:结构|位置|移位)?[:]?(?:基本|大致|尚|均|仍|位置)*(?:居中|正常|对称|无殊|不偏|不移|无偏移?|未偏移?|未移位?|无移位?|0(?![\d.])|"
    r"未见异常|未见明显异常|无异常|无明显异常)"
)
_SHIFTED = re.compile(
    r"[不欠未非]居中|移位|位移|偏移|推移|移向|偏向|左移|右移|左偏|右偏|偏左|偏右|移|偏"
)
_TOWARD = re.compile(r"(?:向|偏|移|往|→|to )(?P<a>左|右)|(?P<b>左|右)侧?(?:移|偏)")
_LENGTH = r"(?:mm|毫米|cm|厘米|㎜|㎝|公分)"
_MM = re.compile(
    rf"{FIRST}(?P<n>{NUMBER})(?:(?P<by>[~\-至到]| ?{_LENGTH}[~\-])(?P<n2>{NUMBER}))? ?"
    rf"(?P<unit>{_LENGTH})"
)
_GOES_ON = re.compile(
    rf",(?=(?:(?:轻度|稍|略|明显|局部|现|目前|仍|由|已|未见|无)*"
    rf"(?:(?:{BOUND}|达){NUMBER} ?{_LENGTH}|"
    r"向|约|移位|最大|偏|受压|移动|距离|左移|右移|左偏|右偏|程度|幅度|由|从|居中)))"
)
_RESTORED = re.compile(
    r"(?:已|基本|完全|大致)(?:复位|回位|恢复)|(?<![不欠未非见])居中|(?<=[线构])复位(?=[。;\n]|$)"
)
_BEFORE = re.compile(r"由|从|原|较前|前片|上次|至")
"""Where a shift is compared with an earlier one, the last size is the present one."""
_FROM = re.compile(r"[由从](?:原来?|入院时|左移|右移|左偏|右偏|移位|的|约)*$")
_BACK = re.compile(r"恢复|回|现|今|已|至|到")
"""Between a shift that was and the word that it is gone: 由左移4mm恢复至居中."""
_WAS = re.compile(
    rf"[,(](?:较|比|原|与|对比)?(?:前片|旧片|原片|上次|前次|术前|入院时|首次|昨日|前|原)(?:片|ct|时|为|约|移位|右移|左移|右偏|"
    rf"左偏|[(:])*{FIRST}(?P<n>{NUMBER}) ?(?P<unit>mm|毫米|cm|厘米)"
)
"""After a shift: how large it was, 右偏约2mm，前片约6mm."""
_OF_EARLIER = re.compile(
    r"\((?:与|较|比|对比)?(?:[前旧原]片|前[日天次]|上次|术前|入院|来院|首次|初次|昨[日天晚]?|外院|当时|发病)"
    r"(?!后)(?!.{0,12}(?:今|现|目前|本次))"
)
"""Where brackets begin that tell of an earlier scan: 向左偏移约3mm（前片无移位）."""
_CM = ("cm", "厘米", "㎝", "公分")
_OPPOSITE = re.compile(r"(?:向|偏|移|偏向|移向|往)[对健]侧")
_OF_ELSE = re.compile(r"脑|池|松果|钙化|组织")
"""Between 居中 and a shift that is of something else: 中线居中侧脑室受压左移."""
_ONE_SIDE = re.compile(r"左|右")
_ONCE = re.compile(r"(?:原|原有|原来|前次|上次|术前|此前|先前|既往)的?$")


def _midline(record: Reading) -> Iterator[Finding]:
    text = record.text
    done = 0
    for match in _MIDLINE.finditer(text):
        if match.start() < done:
            continue
        start, end = record.clause(match.start(), 30)
        start = max(start, done)
        for _ in range(2):  # 居中，略右偏，约2mm
            more = _GOES_ON.match(text, end)
            end = record.clause(more.end(), 30)[1] if more else end
        following = _MIDLINE.search(text, match.end(), end)
        end = following.start() if following else end
        done = end
        yield from _shift(record, start, match.start(), end)


def _shift(record: Reading, start: int, midline: int, end: int) -> Iterator[Finding]:
    text = record.text
    bracket = _OF_EARLIER.search(text, midline, end)
    before = _WAS.search(text, midline, end + 16)
    before = before if before and before.start() <= end else None
    end = bracket.start() if bracket else end
    straight = _STRAIGHT.match(text, midline, end)
    if straight and not _moves_all_the_same(record, straight.end(), end):
        yield _denied(record, midline, straight.end())
        return
    now = _RESTORED.search(text, straight.end() if straight else midline, end)
    words = list(_SHIFTED.finditer(text, midline, now.start() if now else end))
    back = bool(now and words and _BACK.search(text, words[-1].end(), now.end()))
    if now and (not words or back or _ONCE.search(text, start, midline)):
        for word in words[-1:]:
            yield _moved(record, start, midline, now.start(), word, "historical")
        first = max(midline, record.clause(now.start())[0])
        yield _denied(record, first, now.end())
        return
    words = list(_SHIFTED.finditer(text, midline, end))
    if words:
        end = min(end, before.start()) if before else end
        sizes = list(_MM.finditer(text, midline, end))
        for size in sizes[:-1]:
            if was(text, midline, size.end()):
                yield _moved(record, start, midline, size.end(), words[0], "historical")
        if sizes and of_an_indication(record, sizes[-1].start(), sizes[-1].end()):
            return  # 中线移位超过5mm，有手术指征
        present = _moved(record, start, midline, end, words[-1])
        if sizes and _changes(text, midline, sizes[-1]):
            first_mm = _millimeters(sizes[-1], "n")
            span = midline, sizes[-1].end("n")
            yield record.finding(
                "midline_shift", *span, first_mm, "mm", "historical", present["side"],
                range=None, bound=None,
            )  # fmt: skip
        yield present
        earlier = number(before["n"]) if before else None
        if before and earlier is not None and present["certainty"] == "affirmed":
            scale = 10 if before["unit"] in _CM else 1
            yield record.finding(
                "midline_shift", before.start("n"), before.end("unit"), round(earlier * scale, 2),
                "mm", "historical", present["side"], range=None, bound=None,
            )  # fmt: skip


def _changes(text: str, midline: int, size: re.Match[str]) -> bool:
    """Whether two numbers are what a shift was and what it is, and no range: 由8至3mm."""
    return size["by"] in ("至", "到") and _FROM.search(text, midline, size.start()) is not None


def _millimeters(size: re.Match[str], group: str) -> float | None:
    written = number(size[group])
    return None if written is None else round(written * (10 if size["unit"] in _CM else 1), 2)


def _denied(record: Reading, start: int, end: int) -> Finding:
    return record.finding("midline_shift", start, end, certainty="negated", range=None, bound=None)


def _moves_all_the_same(record: Reading, start: int, end: int) -> bool:
    """Whether a midline that is said to be straight is said to be shifted as well: 居中，略左移."""
    for word in _SHIFTED.finditer(record.text, start, end):
        if _OF_ELSE.search(record.text, start, word.start()):
            return False
        if record.certainty(word.start(), word.end()) in ("affirmed", "uncertain"):
            return True
    return False


def _moved(
    record: Reading,
    start: int,
    midline: int,
    end: int,
    moved: re.Match[str],
    certainty: str | None = None,
) -> Finding:
    """Return the shift that text[midline:end] tells of, up to the word `moved` and its size."""
    text = record.text
    sizes = list(_MM.finditer(text, midline, end))
    size = next(iter(sizes[-1:] if _BEFORE.search(text, midline, end) else sizes), None)
    bound = bounded(text, size.start(), size.end()) if size else None
    last = max(moved.end(), bound.end if bound else 0)
    if certainty is None:
        certainty = record.certainty(moved.start(), moved.end())
        if certainty == "affirmed":
            certainty = record.certainty(midline, moved.end())
    toward = next(reversed(list(_TOWARD.finditer(text, midline, end))), None)
    side = record.side_named(toward["a"] or toward["b"]) if toward else None
    if toward is None and _OPPOSITE.search(text, midline, end):
        side = _opposite(text[record.cues.sentence_start(midline) : midline])
    value, ends = None, None
    if size and _changes(text, midline, size):
        value = _millimeters(size, "n2")
    elif size and (first := number(size["n"])) is not None:
        scale = 10 if size["unit"] in _CM else 1
        value, ends = between(first, size["n2"])
        value = round(value * scale, 2)
        ends = [round(n * scale, 2) for n in ends] if ends else None
    first_at = midline
    if certainty in ("negated", "uncertain"):
        side = None if certainty == "negated" else side
        first_at = start if len(text[start:midline]) <= 10 else midline
    return record.finding(
        "midline_shift", first_at, last, value, "mm", certainty, side,
        range=ends, bound=bound.sign if bound and not ends else None,
    )  # fmt: skip


def _opposite(before: str) -> str | None:
    """Return the side across from the only one that was named before; None if both were."""
    named = set(_ONE_SIDE.findall(before))
    return {"左": "right", "右": "left"}[named.pop()] if len(named) == 1 else None


_PRESSED = re.compile(
    r"(?:脑室系统|脑室|脑室枕角)(?:系统)?(?P<gap>(?:[^,。;\n(血]|\([左右双]侧?\)){0,22}?)(?P<what>受压|[变稍略偏较]窄|变形|变小|变扁|缩小|闭塞|推压|受推移?|推移|消失|狭窄)"
)
_SMALLER = ("缩小", "变小")
_RELIEVED = re.compile(r"(?:已|基本|完全)*解除")
_COMPARES = re.compile(r"较前|复查|术后|对比|前片|原")
"""Where a scan is compared with an earlier one, 受压消失 is relief, else all of the ventricle."""
_DENIAL = re.compile(r"(?:未见|无|未)[^,。;\n]{0,8}$")
_OPEN = re.compile(
    r"(?:脑室系统|脑室)(?:系统)?(?:形态|大小|位置|及?脑池|结构|密度|[、及和与,])*(?:均|基本|大致|尚)*(?:对称|正常|如常|无殊|未见异常|未见明显异常|无异常|无明显异常|大小形态正常)"
)


def _ventricles(record: Reading) -> Iterator[Finding]:
    text = record.text
    for match in _PRESSED.finditer(text):
        start, end = match.span()
        what = match.start("what")
        if match["what"] in _SMALLER and _COMPARES.search(match["gap"]):
            continue  # 脑室较前缩小 tells of ventricles that were wide
        side, start = _pressed_sides(record, start, what)
        certainty = record.certainty(what, end)
        if certainty == "affirmed":
            certainty = record.certainty(start, end)
        if certainty == "affirmed" and _RELIEVED.match(text, end):
            certainty = "negated"
        if certainty == "affirmed" and text.startswith(
            "消失", end
        ):  # the pressure, or the ventricle
            before = text[record.cues.sentence_start(start, 60) : end]
            certainty = "negated" if _COMPARES.search(before) else certainty
        if certainty == "negated":
            denial = _DENIAL.search(text[max(0, start - 12) : start])
            start -= len(denial[0]) if denial else 0
        yield record.finding("ventricle_compression", start, end, certainty=certainty, side=side)
    for match in _OPEN.finditer(text):
        if _PRESSED.search(text, match.start(), match.end() + 6):
            continue
        side, start = record.side_before(match.start())
        yield record.finding(
            "ventricle_compression", start, match.end(), certainty="negated", side=side
        )


_OF_A_SIDE = re.compile(r"(?<![较比])(?P<side>左|右|双|两)(?:侧侧|侧|边)?脑室")
_MIDDLE = re.compile(r"(?:第?[三四34][、及和与])?第?[三四34]$")


def _pressed_sides(record: Reading, start: int, end: int) -> tuple[str | None, int]:
    """Return the side of the ventricles of a list, and where it begins: 第三脑室、右侧脑室受压."""
    first, begin = record.side_before(start)
    if first is None:
        middle = _MIDDLE.search(record.text, max(0, start - 6), start)
        begin = middle.start() if middle else start
    named = [record.side_named(m["side"]) for m in _OF_A_SIDE.finditer(record.text, start, end)]
    sides = {side for side in (first, *named) if side}
    return ("both" if len(sides) > 1 else next(iter(sides), None)), begin


_INTO = Sought(
    r"[破溃穿突流进涌渗侵延累波脑,](?<![^室],)",
    r"(?:破入|破溃入|溃入|穿破|突破|突入|流入|进入|涌入|破至|渗入|侵入|延伸至|累及|波及)(?:了|到)?(?P<side>左|右|双|两)?侧?(?:侧脑室|(?:第?[三四][、及和])?第?[三四]脑室|脑室系统|脑室)(?:系统)?"
    r"|(?:脑室系统|脑室)(?:系统)?(?![旁周])(?:[内中]|后角|枕角|前角|体部|三角区|及|第三|第四)*"
    r"(?P<gap>[^,。;\n脑旁周]{0,8}?)(?P<blood>积血|出血|铸型|液平|血肿|高密度(?!.{0,4}钙化)|血凝块|(?<=[内中])约?\d{1,2}(?:\.\d)?ml)"
    r"|脑室(?:系统)?(?![旁周])[^,。;\n脑]{0,8},(?:均|亦|也)?(?P<no_blood>(?:未见|无)(?:明显)?积血)"
    r"|(?<=脑室),(?:均|尚|目前)*(?P<not_into>(?:未见|未)(?:明显)?破入)(?!脑)",
    needs=("脑室",),
)
_GONE = re.compile(
    r"(?:的积血|积血)?(?:现|均|已经?|基本|完全|全部|大部)*(?:吸收|消失|清除)(?!期|中|较|好|不)"
)
_NOT_YET = re.compile(r"(?:的|之)?(?:风险|危险|几率)")
_CATHETER = re.compile(r"引流|穿刺|术(?!后)")
_OPERATION = re.compile(r"(?:引流|穿刺|钻孔|置管|造瘘|分流|切开)[^后内见示]*$")
"""Between the ventricles and blood that is another operation's: 侧脑室外引流术+血肿清除术."""


def _extension(record: Reading) -> Iterator[Finding]:
    text = record.text
    for match in _INTO.finditer(text):
        start, end = match.span()
        if _CATHETER.match(text, end) or _NOT_YET.match(text, end):
            continue
        if record.of_others(start, end) or text.startswith(("旁", "周"), end):
            continue
        if match["blood"] and _OPERATION.search(match["gap"]):
            continue
        if match["not_into"] or match["no_blood"]:
            yield record.finding("intraventricular_extension", start, end, certainty="negated")
            continue
        side = record.side_named(match["side"])
        at = start
        if match["blood"]:
            side, start = record.side_before(start)
            behind = None if side else record.side_behind(end)
            if behind:
                side, end = behind
            at = match.start("blood")
        certainty = record.certainty(at, end)
        if certainty == "affirmed":
            certainty = record.certainty(start, end)
        if certainty == "affirmed" and _GONE.match(text, end):
            certainty = "historical"
        yield record.finding(
            "intraventricular_extension", start, end, certainty=certainty, side=side
        )
