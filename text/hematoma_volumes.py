"""Volumes of hematomas: stated, or from three diameters by ABC/2."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

# `spacy package --code` imports each file by its path, outside any package.
__package__ = __package__ or "text"

from .chinese_numbers import FIRST, NUMBER, between, number

if TYPE_CHECKING:
    from text.hematoma_mentions import Mention
    from text.reading import Finding, Reading

LARGEST_ML = 400.0
"""More than this is no hematoma of a brain."""
ABC_2 = "ABC/2"
_UNIT = r"(?:ml|毫升|cc|㎖|㏄|立方厘米|cm3|cm³|cm\^3)"
_VOLUME = re.compile(
    rf"{FIRST}(?P<a>{NUMBER})(?: ?{_UNIT})?(?:(?P<by>[~\-至到*x])(?P<b>{NUMBER}))?"
    rf"(?:余|多)? ?(?P<unit>{_UNIT})"
)
_LENGTH = r"(?: ?(?:cm|mm|厘米|毫米|公分|㎝|㎜))?"
_AXES = re.compile(
    rf"(?<![\d.*x])(?P<a>\d{{1,3}}(?:\.\d{{1,2}})?){_LENGTH} ?[*x] ?"
    rf"(?P<b>\d{{1,3}}(?:\.\d{{1,2}})?){_LENGTH} ?[*x] ?"
    r"(?P<c>\d{1,3}(?:\.\d{1,2})?) ?(?P<unit>cm|mm|厘米|毫米|公分|㎝|㎜)"
)
_OTHER_VOLUME = re.compile(
    r"甘露醇|静滴|滴注|注射|推注|静点|饮酒|白酒|啤酒|尿|引流|输血|补液|液体|入量|术中|呕|失血|咯血|便血"
    r"|盐水|葡萄糖|水囊|口服|胸腔|腹腔|膀胱|前列腺|残余尿|肝|肾(?!形)|脾|肺|冲洗|积液|脑脊液|红细胞|血浆"
    r"|每日|每天|每次|头皮|皮下|硬膜|甘油果糖|泵|造影剂|溶液|皮肤|伤口|囊肿|结节|肌瘤|卵巢|子宫"
)
_SAYS_VOLUME = re.compile(
    r"出血量|血肿量|血肿体积|血肿大小|血肿容积|出血约|血肿约|血肿总量|出血总量"
)
_ITS_VOLUME = re.compile(
    r"(?:血肿|出血)(?!腔|壁|清除)[^。;\n量]{0,16}[,(](?:总?量|体积|大小|容积)[为约:]*$"
)
_INTO_VENTRICLES = re.compile(r"破入[^,。;\n]{0,6}脑室(?:系统)?")
_LOST = re.compile(r"(?<!脑)出血(?:量)?[约为:]*,")
"""Blood that is lost in an operation: 术中清除血肿，出血约200ml."""


def find_volumes(record: Reading, mentions: list[Mention]) -> Iterator[Finding]:
    """Find hematoma_volume (mL), of the mentions that they are said of.

    A volume stated as a range counts as its middle (`range` holds the ends); three diameters
    count as A·B·C / 2 (Kothari et al. 1996, doi:10.1161/01.STR.27.8.1304; `method`), two numbers
    with a sign of multiplication as their product.
    """
    ends = [mention.end for mention in mentions]
    given: Counter[int] = Counter()
    for pattern in (_VOLUME, _AXES):
        for match in pattern.finditer(record.text):
            value, ends_ = _milliliters(match)
            if value is None or not 0 < value <= LARGEST_ML:
                continue
            start, end = match.span()
            certainty, owner = _owner(record, mentions, ends, start, end)
            if certainty is None:
                continue
            site = owner.site if owner else None
            side = owner.side if owner else None
            if owner and site and "分别" in record.text[owner.end : start]:
                # 左侧额叶、右侧颞叶出血，量分别约15ml、8ml
                site = owner.sites[min(given[id(owner)], len(owner.sites) - 1)]
                side = site.side
                given[id(owner)] += 1
            yield record.finding(
                "hematoma_volume", start, end, value, "mL", certainty,
                side,
                method=ABC_2 if pattern is _AXES else "stated",
                range=ends_, site=site.value if site else None,
            )  # fmt: skip


def _milliliters(match: re.Match[str]) -> tuple[float | None, list[float] | None]:
    groups = match.groupdict()
    first = number(groups["a"])
    if first is None:
        return None, None
    if "c" in groups:
        product = first * float(groups["b"]) * float(groups["c"])
        scale = 1000 if groups["unit"] in ("mm", "毫米", "㎜") else 1
        return round(product / 2 / scale, 2), None
    if groups["b"] and groups["by"] in "*x":
        second = number(groups["b"])
        return (None if second is None else round(first * second, 2)), None
    return between(first, groups["b"])


def _owner(
    record: Reading, mentions: list[Mention], ends: list[int], start: int, end: int
) -> tuple[str | None, Mention | None]:
    """Return how certain a volume is, None if it is no hematoma's, and whose it is."""
    text = record.text
    clause = record.clause(start, 30)
    context = text[clause[0] : start] + "," + text[end : min(clause[1], end + 8)]
    context = _INTO_VENTRICLES.sub("", context)
    labelled = record.entity(start, end) == "VOLUME"
    outside = record.lexicon.pattern["not_brain"].search(context)
    if outside or _OTHER_VOLUME.search(context) or record.of_others(start, end):
        return None, None
    if record.lexicon.pattern["supposed"].search(text, clause[0], start):
        return None, None  # 若血肿量大于30ml则手术 says how large it isn't
    sentence = text[record.cues.sentence_start(start) : start]
    if _LOST.search(context) and "术" in sentence:
        return None, None
    index = bisect_right(ends, start) - 1
    while index >= 0 and mentions[index].certainty == "negated":
        index -= 1
    owner = mentions[index] if index >= 0 and start - ends[index] <= 150 else None
    if owner is not None and set(text[owner.end : start]) & set("。\n"):
        near = _SAYS_VOLUME.search(text[clause[0] - 1 : start]) or labelled
        owner = (
            owner
            if near or re.match(r"[,。]?(?:体积|大小|容积|量|总量|估)", text[clause[0] :])
            else None
        )
    if owner is None and index + 1 < len(mentions):
        following = mentions[index + 1]
        if following.certainty != "negated" and 0 <= following.end - end <= 40:
            owner = following if not set(text[end : following.start]) & set("。\n;") else None
    says = _SAYS_VOLUME.search(context) or _of_bleed_before(record, sentence)
    if owner is None and not labelled and not says:
        return None, None
    certainty = record.certainty(start, end, 2)
    if certainty == "affirmed" and owner is not None:
        certainty = owner.certainty
    return certainty, owner


def _of_bleed_before(record: Reading, sentence: str) -> bool:
    """Whether a sentence up to a volume told of a bleed: 血肿较前无明显扩大，量约28ml."""
    said = _ITS_VOLUME.search(sentence)
    if said is None:
        return False
    named = _INTO_VENTRICLES.sub("", sentence[: said.end()])
    other = record.lexicon.pattern["not_brain"].search(named) or _OTHER_VOLUME.search(named)
    return other is None
