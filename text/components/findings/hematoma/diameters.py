"""Diameters of hematomas, and the slices that show them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...sought import Sought, last_of
from ..chinese_numbers import whole
from ..context.supposed import is_supposed
from ..context.timing import time_of
from .lengths import UNIT, millimeters
from .owners import owner_of, place_of
from .volumes import NOT_WITHIN

if TYPE_CHECKING:
    from ..reading import Finding, Reading
    from .mention import Mention

LARGEST_MM = 160.0
"""A brain is hardly longer."""

_N = r"\d{1,3}(?:\.\d{1,2})?"
_DIAMETERS = Sought(
    r"[0-9](?<![\d./]\d)(?=[\d. ]{0,6}[a-z厘米毫公分㎝㎜]{0,2} ?[*x])",
    rf"{NOT_WITHIN}(?P<a>{_N}) ?(?P<u1>{UNIT})? ?[*x] ?(?P<b>{_N})(?![层个\d.]| ?层)"
    rf" ?(?P<u2>{UNIT})?(?: ?[*x] ?(?P<c>{_N})(?![层个\d.]|"
    rf" ?层) ?\(?(?P<u3>{UNIT})?)?(?![\d.])(?! ?[*x] ?\d+(?:\.\d+)? ?(?:ml|%|/))",
    needs=("*", "x"),
)
_SLICES = re.compile(
    r"(?:(?P<times> ?[*x] ?(?:层[数面])?)"
    r"|(?:共|累及|占据?|跨|见于|连续|层数|层面数?|总计|涉及|约){1,3}[:为约有]{0,2})"
    r"(?P<n>\d{1,2}) ?(?:个)?(?:层(?!螺旋|楼|厚)面?|(?=[,。;\n)]|$))(?:层面)?"
)
_THICKNESS = re.compile(r"层厚[为约:]*(?P<n>\d{1,2}(?:\.\d{1,2})?) ?(?P<unit>mm|毫米|cm|厘米)")
_OTHER_LESION = re.compile(
    r"软化灶|梗死|梗塞|结节|囊肿|肿瘤|脑膜瘤|动脉瘤|占位|钙化|低密度|水肿|积液|淋巴结|硬膜|骨窗|"
    r"骨瓣|缺损|伤口|切口|褥疮|压疮|瘢痕"
    r"|脑室|瞳孔|腔隙|硬化|斑块|甲状腺|肺|肝|肾|胆|片子|胶片|血肿腔"
)
_AGAIN = re.compile(r"(?:该|此|上述|其)?(?:血肿|出血灶|病灶)(?!腔|清除|周围|周边)")
_NAMED_AGAIN = re.compile(r"[(,](?:该|此)?(?:血肿|出血灶)$")
_HEIGHT = re.compile(
    rf"(?:,|;| )?(?:上下径|头足径|头尾径|垂直径|层面高度?|高度?)(?:约|为|是|:)*"
    rf"(?P<a>{_N}) ?(?P<u1>{UNIT})(?P<b>(?!))?(?P<u2>)(?P<c>(?!))?(?P<u3>)"
)
"""The third diameter, in words of its own: 48mm×30mm，上下径约40mm."""
_LONG_AND_WIDE = Sought(
    r"长|前后径",
    rf"(?:长|前后径)(?:径|约|为|度)*(?P<a>{_N}) ?(?P<u1>{UNIT})(?:[,、]| ?[*x] ?)?"
    rf"(?:宽|左右径|横径)(?:径|约|为|度)*(?P<b>{_N}) ?(?P<u2>{UNIT})"
    rf"(?:(?:[,、]| ?[*x] ?)?(?:高|厚|上下径)(?:径|约|为|度)*(?P<c>{_N}) ?(?P<u3>{UNIT}))?",
    needs=("宽", "前后径"),
)
"""Diameters by their names: 长约5.2cm，宽约3.4cm."""


def find_diameters(record: Reading, mentions: list[Mention]) -> Iterator[Finding]:
    """Find hematoma_diameters (mm, as they are written) and hematoma_slices (层数).

    They are of the mention that a volume there would be of. Of slices, `thickness_mm` is said in
    the same sentence; of diameters, `site` is the hematoma's.
    """
    text = record.text
    ends = [mention.word_end or mention.end for mention in mentions]
    last = -1
    for match in (*_DIAMETERS.finditer(text), *_LONG_AND_WIDE.finditer(text)):
        value = _diameters(match)
        start, end = match.span()
        height = _HEIGHT.match(text, end) if value and len(value) == 2 else None
        if value and height:
            value, end = [*value, *(_diameters(height) or ())], height.end()
        slices = _SLICES.match(text, end)
        if value is None and not (slices and slices["times"]):
            continue
        certainty, owner = _owner(record, mentions, ends, start, end)
        if certainty is None or _is_other(record, owner, start):
            continue
        site, side = place_of(record, owner, start)
        if value is not None:
            yield record.finding(
            "hematoma_diameters", start, end, value, "mm", certainty, side,
            time=time_of(certainty), site=site.value if site else None,
        )  # fmt: skip
        last = end
        if slices:
            last = slices.end()
            yield _slices(record, slices, certainty, side)
    if "层" not in text:
        return
    for match in _SLICES.finditer(text):
        start, end = match.span()
        if match["times"] or start < last or "层" not in match[0] or not 1 <= int(match["n"]) <= 40:
            continue
        certainty, owner = _owner(record, mentions, ends, start, end)
        if certainty is None or _is_other(record, owner, start):
            continue
        yield _slices(record, match, certainty, place_of(record, owner, start)[1])


def _owner(
    record: Reading, mentions: list[Mention], ends: list[int], start: int, end: int
) -> tuple[str | None, Mention | None]:
    """Return how certain a size is, None if it is no hematoma's, and whose it is.

    As of a volume; in a sentence of its own that names the hematoma again, too: 血肿累及6层.
    """
    certainty, owner = owner_of(record, mentions, ends, start, end)
    sentence = record.text[record.cues.sentence_start(start, 30) : start]
    if certainty is not None or not (_AGAIN.match(sentence) or _NAMED_AGAIN.search(sentence)):
        return certainty, owner
    if record.lexicon.says("not_brain", sentence) or is_supposed(record, sentence):
        return None, None
    before = [m for m in mentions if m.end <= start and m.certainty != "negated"]
    return record.certainty(start, end, 2), before[-1] if before else None


def _diameters(match: re.Match[str]) -> list[float] | None:
    """Return two or three diameters in mm; None without a unit, and of no hematoma's size."""
    value = millimeters(match)
    if value is None or not all(1 <= n <= LARGEST_MM for n in value):
        return None
    return [whole(n) for n in value]


def _is_other(record: Reading, owner: Mention | None, start: int) -> bool:
    """Whether what is measured is another lesion, named after the bleed."""
    if owner and owner.start > start:
        return _OTHER_LESION.search(record.text, record.clause(start)[0], start) is not None
    first = max(owner.end if owner else 0, record.cues.sentence_start(start, 60))
    between = record.text[first:start]
    named = last_of(_OTHER_LESION, between)
    if named is None:
        return owner is None and re.search(r"血肿|出血|多田", between) is None
    return not re.search(r"血肿|出血|高密度|病灶", between[named.end() :])


def _slices(record: Reading, match: re.Match[str], certainty: str, side: str | None) -> Finding:
    text = record.text
    first, end = record.cues.sentence_start(match.start(), 60), record.clause(match.end(), 30)[1]
    said = _THICKNESS.search(text, first, min(len(text), end + 12))
    thickness = None
    if said:
        scale = 10 if said["unit"] in ("cm", "厘米") else 1
        thickness = whole(round(float(said["n"]) * scale, 2))
    return record.finding(
        "hematoma_slices", match.start("n"), match.end(), int(match["n"]), None, certainty, side,
        time=time_of(certainty), thickness_mm=thickness,
    )  # fmt: skip
