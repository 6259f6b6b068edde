"""Blood outside the brain: in the subarachnoid space, below the dura."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...sought import Sought
from ..context.supposed import is_warned_of
from ..context.timing import time_of

if TYPE_CHECKING:
    from ..reading import Finding, Reading

_WHAT = r"(?P<what>出血|积血|血肿|高密度(?!.{0,4}钙化)|血性密度|血凝块)"
_SUBARACHNOID = Sought(
    r"[外自动蛛破tas脑侧环鞍纵基大]",
    rf"(?:外伤性|自发性|动脉瘤性)?(?:蛛网膜下腔|蛛网膜下|"
    rf"蛛膜下腔)(?P<gap>[^,。;\n]{{0,12}}?){_WHAT}"
    r"|破入(?:脑室(?:系统)?(?:、|及|和))?蛛网膜下腔"
    r"|(?<![a-z])(?P<sah>[ta]?sah)(?![a-z])"
    r"|(?P<sulci>脑沟|脑池|侧裂池|外侧裂|脑裂|环池|鞍上池|纵裂池|基底池|"
    r"大脑纵裂)(?P<gap2>[^,。;\n]{0,12}?)"
    r"(?P<what2>(?:线|条|铸|片|带|点|絮|弧|斑)?[样状形型片条]*(?:稍)?高密度(?!.{0,4}钙化)|积血|"
    r"出血)",
)
_SUBDURAL = Sought(
    r"[慢亚急外左右双两侧额颞顶枕叶部硬acs颅]",
    r"(?P<stage>慢性|亚急性|急性)?(?:外伤性)?(?:左|右|双|"
    r"两)?侧?[额颞顶枕叶部]{0,5}(?P<at>硬脑?膜下)(?P<gap>[^,。;\n积]{0,12}?)"
    rf"{_WHAT}"
    r"|(?<![a-z])(?P<sdh>[ac]?sdh)(?![a-z])"
    r"|(?:颅骨?内板下|颅板下)(?P<gap2>[^,。;\n]{0,8}?)(?:新月(?:形|状|样)|条带状|"
    r"弧形)[^,。;\n梭]{0,4}?(?P<what2>高密度)",
)
_STAGES = {"慢性": "chronic", "亚急性": "subacute", "急性": "acute"}
_OPERATED = re.compile(r"[^,。;\n]{0,3}(?:清除|穿刺|引流|钻孔|碎吸|抽吸|冲洗|切除|分流)")
_LONG_AGO = re.compile(
    r"(?:\([^()]{1,12}\))?[^,。;\n]{0,8}?术后(?:近|约)?(?:\d{1,2}|[一二三四五六半])余?个?(?:月|年)"
)
"""After blood of the past: 慢性硬膜下血肿（左额颞顶）钻孔术后半年."""
_GONE = re.compile(r"[^,。;\n]{0,4}(?:吸收|消失|消退)(?!期|好转)")
_APART = re.compile(r"[^。;\n]{0,12}?(?:鉴别|区别)")
_LIME = re.compile(r"[^。;\n]{0,12}?钙化")
_NOT_BLOOD = re.compile(r"增宽|增深|囊肿|间隙|积液|扩大|钙化")


def find(record: Reading) -> Iterator[Finding]:
    """Find subarachnoid_blood and subdural_blood (acute, subacute or chronic).

    What shines in sulci and cisterns counts as blood, as it does in ventricles. Fluid below the
    dura (积液) is no blood, and an operation's name (硬膜下血肿清除术) says nothing of the present.
    """
    text = record.text
    if "蛛" in text or "sah" in text or "高密度" in text or "积血" in text or "池" in text:
        for match in _SUBARACHNOID.finditer(text):
            finding = _finding(record, "subarachnoid_blood", match)
            if finding:
                yield finding
    if "膜下" in text or "sdh" in text or "板下" in text:
        for match in _SUBDURAL.finditer(text):
            finding = _finding(record, "subdural_blood", match)
            if finding:
                yield finding


def _finding(record: Reading, name: str, match: re.Match[str]) -> Finding | None:
    text = record.text
    start, end = match.span()
    groups = match.groupdict()
    if _NOT_BLOOD.search(groups["gap"] or groups["gap2"] or ""):
        return None
    if _OPERATED.match(text, end) or _GONE.match(text, end):
        return None
    if groups["what2"] and _LIME.match(text, end):
        return None
    if record.of_others(start, end) or is_warned_of(record, start, end):
        return None
    at = match.start("what" if groups["what"] else "what2" if groups["what2"] else 0)
    side, start = record.side_before(start)
    certainty = record.certainty(at, end)
    if certainty == "affirmed":
        certainty = record.certainty(start, end)
    if certainty == "affirmed" and _LONG_AGO.match(text, end):
        certainty = "historical"
    if certainty == "affirmed" and _APART.match(text, end):
        certainty = "uncertain"
    value = None
    if name == "subdural_blood":
        value = _STAGES.get(groups["stage"] or "") or {
            "a": "acute", "c": "chronic"}.get((groups["sdh"] or "s")[0])  # fmt: skip
        inside = re.match(r"(?:慢性|亚急性|急性)?(?:外伤性)?(?P<side>左|右|双|两)侧?", match[0])
        if inside:
            side = record.side_named(inside["side"])
        sided = re.search(r"左|右|双|两", groups["gap"] or "")
        if side is None and sided:
            side = record.side_named(sided[0])
    behind = None if side else record.side_behind(end)
    if behind:
        side, end = behind
    return record.finding(
        name, start, end, value, certainty=certainty, side=side, time=time_of(certainty)
    )
