"""The pupils: how wide they are and whether they react to light."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from ..chinese_numbers import between

if TYPE_CHECKING:
    from ..reading import Finding, Reading

_REFLEX = r"光反(?:[射应]|(?=[:(灵迟消存]))"
_PUPIL = re.compile(rf"(?:左|右|双|两|双侧)?[侧眼]{{0,2}}瞳孔?|(?:直接|间接|对)?{_REFLEX}")
_SIZE = r"\d(?:\.\d{1,2})?"
_PUPIL_TOKEN = re.compile(
    r"(?P<ratio>(?:左[:/]右|l[:/]r|左右|左\(l\):右\(r\))[=: ]?"
    rf"(?P<l>{_SIZE}) ?(?:mm|cm)?[:/](?P<r>{_SIZE})(?: ?(?:mm|毫米))?)"
    rf"|(?P<reflex>{_REFLEX})"
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


def find(record: Reading) -> Iterator[Finding]:
    """Find pupil_size (mm) and light_reflex."""
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
