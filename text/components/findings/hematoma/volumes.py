"""Volumes of hematomas: stated, or from three diameters by ABC/2."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...sought import Sought
from ..bounds import ANY as BOUND
from ..bounds import bounded
from ..chinese_numbers import FIRST, NUMBER, between, number
from .lengths import UNIT, millimeters
from .owners import EARLIER, GREW_FROM, owner_of, place_of

if TYPE_CHECKING:
    from ..reading import Finding, Reading
    from .mention import Mention
    from .sites import NamedSite

LARGEST_ML = 400.0
"""More than this is no hematoma of a brain."""
ABC_2 = "ABC/2"
_UNIT = r"(?:ml|毫升|cc|㎖|㏄|立方厘米|cm3|cm³|cm\^3)"
_MM3 = r"(?:mm3|mm³|mm\^3|立方毫米)"
_VOLUME = Sought(
    r"[0-9零一二两三四五六七八九十百半](?<![\d.]\d)"
    r"(?=[\d零一二两三四五六七八九十百半点.~\-至到*x余多+± )]{0,28}[m毫c㎖㏄立])",
    rf"{FIRST}(?<!±)(?P<a>{NUMBER})(?: ?{_UNIT})?(?:(?P<by>[~\-至到*x]|--)(?P<b>{NUMBER}))?"
    rf"(?:余|多|\+|±[\d.]{{1,4}})?\)? ?(?P<unit>{_UNIT})"
    rf"|(?<![\d.*x])(?P<cubic>\d{{2,6}}) ?(?P<mm3>{_MM3})",
    needs=("ml", "毫升", "cc", "㎖", "㏄", "立方厘米", "cm", "mm3", "mm³", "mm^3", "立方毫米"),
)
NOT_WITHIN = (
    r"(?:(?<![\d.*x/])|(?<=[/½][*x])|(?<=/[26][*x])|(?<=/2 [*x] )|(?<=0\.5[*x]))(?!0?\.5 ?[*x])"
)
"""Before the first of three diameters: no number of them, but the half of 1/2×5.0cm×3.6cm×4.0cm."""
_AXES = Sought(
    r"[0-9](?<![\d./]\d)(?=[\d. ]{0,6}[a-z厘米毫公分㎝㎜]{0,2} ?[*x])",
    rf"{NOT_WITHIN}(?P<a>\d{{1,3}}(?:\.\d{{1,2}})?)(?: ?(?P<u1>{UNIT}))? ?[*x] ?"
    rf"(?P<b>\d{{1,3}}(?:\.\d{{1,2}})?)(?: ?(?P<u2>{UNIT}))? ?[*x] ?"
    rf"(?P<c>\d{{1,3}}(?:\.\d{{1,2}})?) ?\(?(?P<u3>{UNIT})",
    needs=("*", "x"),
)
_FACTOR = re.compile(r"[\da-z米分] ?[*x] ?$")
"""Before the last factors of a product."""
_BRACKETS = re.compile(r" ?\([^)]{0,20}\)?")
_EACH = re.compile(r"分别(?!位|见|在)")
_FROM = re.compile(r"[由从](?:原来?|入院时|当时|的|约)*$")
_GROWN = re.compile(rf"(?:增加|增大|扩大|增长|减少|缩小|增多)(?:了|约|达)*(?:{BOUND})?$")
"""Before how much a volume has changed: 血肿扩大超过6ml."""
_REMOVED = re.compile(r"(?:清除|清出|吸出|吸除|抽出|抽吸出?|引出|放出)[^,。;\n\d]{0,12}$")
"""Before the volume of what was taken out: 清除血肿约35ml."""
_COMPARED = re.compile(
    r"(?:左右)?\)?[,;(]?[^,。;\n\d]{0,4}?(?:[较比由原现]|前片|上次|入院时|目前|复查)[^,。;\n\d]{0,8}"
    r"|(?:左右)?(?:明显|逐渐|已|又)?(?:扩大|增大|增加|增多|增|升|减少|缩小|减|缩|降)了?[至到为]约?"
)
"""Between two volumes of one hematoma: 约3ml，较前（约7ml）减少."""
_REST = re.compile(r"其?余(?!肢)[^。;\n]{0,12}$")
_SERIES = re.compile(r"[、,及和与/;](?:体积|量|约|为)*")
"""What stands between the volumes of a list: 约10ml、6ml."""
_OF_ANYBODY = re.compile(r"(?:以上|以下)?的?(?:者|患者|病人|病例)|(?:或|且|伴)[^,。;\n]{1,10}者")
"""After a volume that a rule names: 出血量大于30ml者应手术."""


def find_volumes(record: Reading, mentions: list[Mention]) -> Iterator[Finding]:
    """Find hematoma_volume (mL), of the mentions that they are said of.

    A volume stated as a range counts as its middle (`range` holds the ends); three diameters
    count as A·B·C / 2 (Kothari et al. 1996, doi:10.1161/01.STR.27.8.1304; `method`), two numbers
    with a sign of multiplication as their product. `measured_by` is what a stated volume was
    measured by, `formula` (多田公式) or `software`, where the record says so.
    """
    ends = [mention.word_end or mention.end for mention in mentions]
    given: Counter[int] = Counter()
    for pattern in (_VOLUME, _AXES):
        told: tuple[int, Mention | None] | None = None  # where the last volume ends, and whose
        found = list(pattern.finditer(record.text))
        listed = _listed(record.text, found)
        for match, place in zip(found, listed, strict=True):
            value, ends_ = _milliliters(match)
            start, end = match.span()
            changed = pattern is _VOLUME and _is_change(record.text, match)
            if changed:  # 由20ml至35ml is no range
                value, ends_, start = number(match["b"]), None, match.start("b")
            if value is None or not 0 < value <= LARGEST_ML:
                continue
            if _is_no_size(record.text, start, end, pattern is _VOLUME):
                continue
            bound = bounded(record.text, start, end)
            certainty, owner = owner_of(
                record, mentions, ends, match.start() if changed else start, end, bound
            )
            if (
                changed
                and certainty == "historical"
                and not (owner and owner.certainty == certainty)
            ):
                certainty = "affirmed"
            if certainty is None and told and _COMPARED.fullmatch(record.text, told[0], start):
                owner = told[1]
                once = EARLIER.search(record.text, max(0, bound.start - 12), bound.start)
                certainty = "historical" if once else "affirmed"
            if certainty is None:
                continue
            told = bound.end, owner
            was = match if changed else GREW_FROM.search(record.text, max(0, start - 24), start)
            earlier = number(was["a"]) if was else None
            if was and earlier:  # the unit may stand behind the later one alone
                yield record.finding(
                    "hematoma_volume", was.start("a"), was.end("a"), earlier, "mL", "historical",
                    method="stated", range=None, bound=None, site=None, measured_by=None,
                )  # fmt: skip
            site, side = _place_in_list(record, owner, start, place, given)
            yield record.finding(
                "hematoma_volume", bound.start, bound.end, value, "mL", certainty,
                side,
                method=ABC_2 if pattern is _AXES else "stated",
                range=ends_, bound=None if ends_ else bound.sign, site=site.value if site else None,
                measured_by="formula" if pattern is _AXES else _measured_by(record, start, end),
            )  # fmt: skip


def _is_change(text: str, match: re.Match[str]) -> bool:
    """Whether two numbers are what a volume was and what it is."""
    if match["by"] not in ("至", "到") or number(match["b"]) is None:
        return False
    return _FROM.search(text, max(0, match.start() - 8), match.start()) is not None


def _is_no_size(text: str, start: int, end: int, stated: bool) -> bool:
    """Whether a number of mL is a rule's, a growth, taken out, or the end of a product."""
    if _OF_ANYBODY.match(text, end) or _GROWN.search(text, max(0, start - 8), start):
        return True
    if _REMOVED.search(text, max(0, start - 16), start):
        return True
    # 4.5×3.2×3.0cm³ are three diameters
    return stated and _FACTOR.search(text, max(0, start - 6), start) is not None


def _place_in_list(
    record: Reading,
    owner: Mention | None,
    start: int,
    place: tuple[int, int],
    given: Counter[int],
) -> tuple[NamedSite | None, str | None]:
    """Return the site and the side of a volume, one of a list maybe.

    `place` is which one it is and how many there are; `given` counts the sites of a bleed that
    have got theirs.
    """
    site, side = place_of(record, owner, start)
    if owner is None:
        return site, side
    if owner.sites and _EACH.search(record.text, max(owner.word_end, start - 30), start):
        # 左侧额叶、右侧颞叶出血，量分别约15ml、8ml; 较大者约15ml，余两处分别约6ml、3ml
        rest = "余" in record.text[owner.word_end : start]
        sites = [s for s in owner.sites if not (rest and s is owner.largest)]
        site = sites[min(given[id(owner)], len(sites) - 1)]
        given[id(owner)] += 1
        return site, site.side
    if 1 < len(owner.sites) == place[1] and owner.sites[-1].end <= start:
        return owner.sites[place[0]], owner.sites[place[0]].side
    if owner.largest and _REST.search(record.text, owner.end, start):
        return None, None  # 最大者位于左顶叶（22ml），其余均<2ml
    return site, side


def _listed(text: str, found: list[re.Match[str]]) -> list[tuple[int, int]]:
    """Return of each volume which one it is of its list, and how many the list has."""
    sizes: list[int] = []
    for before, match in zip([None, *found], found, strict=False):
        if before and _SERIES.fullmatch(text, before.end(), match.start()):
            sizes[-1] += 1
        else:
            sizes.append(1)
    return [(place, size) for size in sizes for place in range(size)]


def _milliliters(match: re.Match[str]) -> tuple[float | None, list[float] | None]:
    groups = match.groupdict()
    if "c" in groups:
        lengths = millimeters(match)
        return (round(math.prod(lengths) / 2000, 2) if lengths else None), None
    if groups["cubic"]:
        return round(float(groups["cubic"]) / 1000, 2), None
    first = number(groups["a"])
    if first is None:
        return None, None
    if groups["b"] and groups["by"] in "*x":
        second = number(groups["b"])
        return (None if second is None else round(first * second, 2)), None
    return between(first, groups["b"])


def _measured_by(record: Reading, start: int, end: int) -> str | None:
    """Return what a volume was measured by, as is said in brackets after it, or last before it."""
    before = record.text[record.cues.sentence_start(start, 30) : start]
    after = _BRACKETS.match(record.text, end)
    for text in (after[0] if after else "", before):
        said = list(record.lexicon.pattern["measured_by"].finditer(text))
        if said:
            return record.lexicon.value["measured_by"][said[-1][0]]
    return None
