"""What a CT report says beside the hematoma: pressure, edema, fluid, signs that it will grow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...sought import Sought
from ..bounds import bounded
from ..chinese_numbers import FIRST, NUMBER, between, number, whole
from ..context.supposed import is_supposed, is_warned_of
from ..context.timing import time_of

if TYPE_CHECKING:
    from ..reading import Finding, Reading


def find(record: Reading) -> Iterator[Finding]:
    """Find hydrocephalus, herniation, cistern_compression, fourth_ventricle_compression.

    And edema (mm: how wide its rim is) and growth_sign (blend, black_hole, island, swirl,
    satellite, spot). What is only warned of, or to be prevented or treated, is no finding.
    """
    text = record.text
    if "积水" in text:
        yield from _hydrocephalus(record)
    if "疝" in text:
        yield from _herniation(record)
    if "池" in text:
        yield from _cisterns(record)
    if "脑室" in text:
        yield from _fourth_ventricle(record)
    if "水肿" in text:
        yield from _edema(record)
    if "征" in text or "sign" in text or "卫星灶" in text:
        yield from _growth_signs(record)


def _present(
    record: Reading, name: str, start: int, end: int, at: int | None = None, **more: Any
) -> Finding:
    """Return a finding of what is there or not; `at` is where its certainty is judged, too."""
    certainty = record.certainty(start if at is None else at, end)
    if certainty == "affirmed" and at is not None:
        certainty = record.certainty(start, end)
    return record.finding(
        name, start, end, certainty=certainty, **{"time": time_of(certainty), **more}
    )


_FLUID = re.compile(
    r"(?P<kind>梗阻性|非交通性|阻塞性|交通性|正常(?:颅内)?压力?性?|正压性)?(?:急性|慢性|继发性|"
    r"轻度|中度|重度|明显){0,4}"
    r"(?:脑积水|脑室(?:系统)?(?:扩张|扩大)?(?:伴|、|及)?积水)"
)
_FLUID_KINDS = (("非交通", "obstructive"), ("交通", "communicating"), ("正", "normal_pressure"))


def _hydrocephalus(record: Reading) -> Iterator[Finding]:
    for match in _FLUID.finditer(record.text):
        start, end = match.span()
        if record.of_others(start, end) or is_warned_of(record, start, end):
            continue
        kind = match["kind"]
        value = next((v for word, v in _FLUID_KINDS if kind and kind.startswith(word)), None)
        value = value or ("obstructive" if kind else None)
        at = start + match[0].index("脑")
        finding = _present(record, "hydrocephalus", start, end, at, value=value)
        if finding["certainty"] == "affirmed" and _RELIEVED.match(record.text, end):
            finding |= {"certainty": "historical", "time": "before"}
        yield finding


_NOT_YET = re.compile(r"(?:形成)?(?:的)?(?:前期|先兆|倾向|趋势|早期可能|危象)")


def _herniation(record: Reading) -> Iterator[Finding]:
    lexicon, text = record.lexicon, record.text
    for match in lexicon.pattern["herniation"].finditer(text):
        start, end = match.span()
        value = lexicon.value["herniation"][match[0]]
        if value == "other" or record.of_others(start, end) or is_warned_of(record, start, end):
            continue
        side, start = record.side_before(start)
        end += 2 if text.startswith("形成", end) else 0
        finding = _present(record, "herniation", start, end, match.start(), value=value or None)
        finding["side"] = side
        if finding["certainty"] == "affirmed" and _NOT_YET.match(text, end):
            finding["certainty"] = "uncertain"
        yield finding


_NAMED_CISTERN = (
    r"(?:环池|基底池|基底部脑池|鞍上池|四叠体池|脚间池|桥前池|桥池|桥小脑角池|外侧裂池|侧裂池|"
    r"枕大池|小脑延髓池|脑干周围池|脑底池|脑池|环状池)"
)
_NOTHING_WRONG = r"(?![^,。;\n无未不]{0,6}?(?:受压|变窄|变浅|变小|狭窄|消失|闭塞|模糊|变形|欠清))"
"""Behind a word for what is as it should be: 环池存在受压变窄, 正常形态消失 say the contrary."""
_RELIEVED = re.compile(r"[^,。;\n]{0,3}?(?:已|基本|完全)(?:缓解|消失|解除|吸收|好转)")
_CISTERN = re.compile(
    rf"{_NAMED_CISTERN}(?P<gap>[^。;\n,积]{{0,20}}?)(?:(?P<effaced>消失|闭塞|填塞|封闭|不可见|"
    rf"未显示|显示不清|未见显示)"
    r"|(?P<pressed>受压|变窄|变浅|变小|狭窄|缩小|模糊(?:不清)?|变形|变细)"
    r"|(?P<open>清晰|清楚|存在|尚在|正常|对称|未见(?:明显)?异常|无(?:明显)?异常|如常|清(?=[,。;\n]|$)|"
    r"可见(?=[,。;\n]|$)|规则|无殊|尚可(?!见)|可辨|(?<=[示影])可(?=[,。;\n]|$))"
    rf"{_NOTHING_WRONG})"
)
_NOT_PRESSED = re.compile(r"高密度|出血|增宽|扩大|增深|扩张|积血|囊肿|低密度|钙化|增大|铸型")


def _cisterns(record: Reading) -> Iterator[Finding]:
    text = record.text
    done = 0
    for match in _CISTERN.finditer(text):
        start, end = match.span()
        if start < done or _NOT_PRESSED.search(match["gap"]) or record.of_others(start, end):
            continue
        if is_warned_of(record, start, end):
            continue
        side, start = record.side_before(start)
        done = end
        if match["open"]:
            if match["gap"].endswith(("欠", "不", "未")):
                continue
            yield record.finding(
                "cistern_compression", start, end, certainty="negated", side=side, time="now"
            )
            continue
        value = "effaced" if match["effaced"] else "compressed"
        at = match.start("effaced" if match["effaced"] else "pressed")
        finding = _present(record, "cistern_compression", start, end, at, value=value, side=side)
        yield finding


_FOURTH = Sought(
    r"[第四4iⅳ]",
    r"(?:第?四|第?4|第?iv|第?[Ⅳⅳ])脑室(?P<gap>[^。;\n,(]{0,14}?)"
    r"(?:(?P<closed>(?:受压)?闭塞|消失|未显示|显示不清)|(?P<pressed>受压|变窄|变形|变小|缩小|狭窄|受推|"
    r"推压|推移)"
    r"|(?P<open>正常|居中|清晰|清楚|通畅|未见(?:明显)?异常|无(?:明显)?异常|如常|无殊)"
    rf"{_NOTHING_WRONG})",
    needs=("四脑室", "4脑室", "iv脑室", "Ⅳ脑室", "ⅳ脑室"),
)


def _fourth_ventricle(record: Reading) -> Iterator[Finding]:
    text = record.text
    for match in _FOURTH.finditer(text):
        start, end = match.span()
        if _NOT_PRESSED.search(match["gap"]) or record.of_others(start, end):
            continue
        if match["open"]:
            yield record.finding(
                "fourth_ventricle_compression", start, end, certainty="negated", time="now"
            )
            continue
        value = "effaced" if match["closed"] else "compressed"
        at = match.start("closed" if match["closed"] else "pressed")
        yield _present(record, "fourth_ventricle_compression", start, end, at, value=value)


_BRAIN = re.compile(
    r"脑|血肿|病灶|灶周|灶旁|出血|周围|周边|周缘|边缘|其旁|低密度|额|颞|顶|枕|基底节|丘脑|中线|"
    r"占位|白质|环形|片状|带状"
)
_BODY = re.compile(
    r"肛门?|痔|切口|创口|皮瓣|下肢|上肢|双肢|四肢|肢体|患肢|眼睑|球?结膜|颜面|面部|皮肤|皮下|头皮|肺|喉|咽|视乳头|"
    r"视神经乳头|视盘|乳头|眼底|胸壁|腹壁|阴囊"
    r"|足|踝|膝|全身|凹陷|手背|双手|声带|黏膜|粘膜|牙龈|肠|胆囊|肾|软组织|关节|胫前|腰骶|骨髓|"
    r"伤口|切口|会阴|球囊|营养"
)
_RIM = re.compile(
    rf"(?:带|区|影|范围|灶)?[^,。;\n\d]{{0,8}}?(?:,[^,。;\n\d]{{0,4}}?(?=最?[宽厚]|范围))?(?:最?[宽厚][度处]?|"
    rf"直径|范围)?[约为:]*{FIRST}(?P<n>{NUMBER})(?:[~\-至](?P<n2>{NUMBER}))? ?(?P<unit>mm|毫米|"
    rf"cm|厘米)(?! ?[*x])"
)
_DEGREES = (
    ("severe", re.compile(r"重度|严重|显著|明显|大片|广泛|弥漫")),
    ("moderate", re.compile(r"中度|中等")),
    ("mild", re.compile(r"轻度|轻微|少许|少量|稍|略|(?<!减)轻$|较轻|薄|小片")),
)
_DEGREE_AFTER = re.compile(
    r"(?:带|区|影|灶|形成|范围|程度)*(?:较)?(?:为)?(?P<what>明显|显著|严重|重|轻微|轻|"
    r"不重)(?!减|好)"
)
_NOT_STATED = re.compile(r"(?:高峰|期|吸收期|液|性脑病|药|治疗)")
_WITHOUT = re.compile(r"(?:带|区|影)?(?:不明显|不显著|未见|无(?=[,。;\n]|$)|已?(?:消退|吸收|消失))")


def _edema(record: Reading) -> Iterator[Finding]:
    text = record.text
    for match in re.finditer(r"水肿", text):
        at, end = match.span()
        clause = record.clause(at)[0]
        before = text[clause:at]
        body, brain = list(_BODY.finditer(before)), list(_BRAIN.finditer(before))
        own = before.endswith("脑")
        if (
            not brain
            or (body and body[-1].end() + 2 > brain[-1].start())
            or _NOT_STATED.match(text, end)
        ):
            continue
        if not own and _BODY.search(text, end, min(len(text), end + 4)):
            continue
        if record.of_others(at, end) or is_warned_of(record, at, end):
            continue
        certainty = record.certainty(at, end)
        gone = _WITHOUT.match(text, end)
        if gone:
            certainty, end = "negated", gone.end()
        rim = _RIM.match(text, end)
        value = ends = bound = None
        if rim and (first := number(rim["n"])) is not None and not gone:
            scale = 10 if rim["unit"] in ("cm", "厘米") else 1
            value, ends = between(first, rim["n2"])
            value, ends = whole(round(value * scale, 2)), ends and [n * scale for n in ends]
            if not 0 < value <= 80:
                value = ends = None
            else:
                end = rim.end()
                bound = None if ends else bounded(text, rim.start("n"), end).sign
        start = clause + brain[-1].start()
        yield record.finding(
            "edema", start, end, value, "mm", certainty,
            time=time_of(certainty), degree=_degree(before, text, match.end()), range=ends,
            bound=bound,
        )  # fmt: skip


def _degree(before: str, text: str, end: int) -> str | None:
    """Return how much edema is said to be there, right before it or right behind."""
    behind = _DEGREE_AFTER.match(text, end)
    if behind:
        return "mild" if "轻" in behind["what"] or "不重" in behind["what"] else "severe"
    near = before[-8:]
    return next((degree for degree, said in _DEGREES if said.search(near)), None)


_ALL_ABSENT = re.compile(
    r"(?:[、,及和与]*(?:混合|混杂|黑洞|岛|漩涡|旋涡|涡流|卫星|斑?点样?)征){0,8}(?:均|都|皆)?(?:为|呈)?"
    r"(?:阴性|\(-\)|未见|不明显)"
)
"""After one of several signs that are all absent: 混合征及黑洞征均阴性."""
_SEEN = re.compile(r"(?<!未)(?<!未可)[可示]?见[^,。;\n]{0,12}$")
"""Before signs that are there, whatever is said of the next: 可见黑洞征及岛征，漩涡征阴性."""
_CJK = re.compile(r"[\u4e00-\u9fff]$")
_SIGN_BEFORE = re.compile(r"(?:[见无有性呈现及和与或伴为示cta的]|明显|阳性)$")


def _growth_signs(record: Reading) -> Iterator[Finding]:
    lexicon, text = record.lexicon, record.text
    for match in lexicon.pattern["growth_sign"].finditer(text):
        start, end = match.span()
        value = lexicon.value["growth_sign"][match[0]]
        before = text[max(0, start - 3) : start]
        if value == "other" or text.startswith(("询", "求", "兵"), end):
            continue
        if match[0] == "点征" and _CJK.search(before) and not _SIGN_BEFORE.search(before):
            continue
        if is_supposed(record, text[record.clause(start)[0] : start]):
            continue
        if record.of_others(start, end):
            continue
        if _ALL_ABSENT.match(text, end) and not _SEEN.search(text, record.clause(start)[0], start):
            yield record.finding("growth_sign", start, end, value, certainty="negated", time="now")
            continue
        yield _present(record, "growth_sign", start, end, value=value)
