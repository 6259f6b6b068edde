"""Volumes of hematomas: stated, or from three diameters by ABC/2."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...sought import Sought
from ..chinese_numbers import FIRST, NUMBER, between, number
from ..context.timing import of_an_indication

if TYPE_CHECKING:
    from ..reading import Finding, Reading
    from .mentions import Mention
    from .sites import NamedSite

LARGEST_ML = 400.0
"""More than this is no hematoma of a brain."""
ABC_2 = "ABC/2"
_UNIT = r"(?:ml|毫升|cc|㎖|㏄|立方厘米|cm3|cm³|cm\^3)"
_VOLUME = Sought(
    r"[0-9零一二两三四五六七八九十百半](?<![\d.]\d)"
    r"(?=[\d零一二两三四五六七八九十百半点.~\-至到*x余多+ ]{0,24}[m毫c㎖㏄立])",
    rf"{FIRST}(?P<a>{NUMBER})(?: ?{_UNIT})?(?:(?P<by>[~\-至到*x])(?P<b>{NUMBER}))?"
    rf"(?:余|多|\+)? ?(?P<unit>{_UNIT})",
    needs=("ml", "毫升", "cc", "㎖", "㏄", "立方厘米", "cm"),
)
_LENGTH = r"(?: ?(?:cm|mm|厘米|毫米|公分|㎝|㎜))?"
NOT_WITHIN = (
    r"(?:(?<![\d.*x/])|(?<=[/½][*x])|(?<=/2[*x])|(?<=/2 [*x] )|(?<=0\.5[*x]))(?!0?\.5 ?[*x])"
)
"""Before the first of three diameters: no number of them, but the half of 1/2×5.0cm×3.6cm×4.0cm."""
_AXES = Sought(
    r"[0-9](?<![\d./]\d)(?=[\d. ]{0,6}[a-z厘米毫公分㎝㎜]{0,2} ?[*x])",
    rf"{NOT_WITHIN}(?P<a>\d{{1,3}}(?:\.\d{{1,2}})?){_LENGTH} ?[*x] ?"
    rf"(?P<b>\d{{1,3}}(?:\.\d{{1,2}})?){_LENGTH} ?[*x] ?"
    r"(?P<c>\d{1,3}(?:\.\d{1,2})?) ?(?P<unit>cm|mm|厘米|毫米|公分|㎝|㎜)",
    needs=("*", "x"),
)
_ITS_VOLUME = re.compile(
    r"(?:血肿|出血)(?!腔|壁|清除)[^。;\n量]{0,20}[,(、](?:(?:总?量|体积|大小|容积|现|目前|今)+[为约:]*|约)$"
)
_INTO_VENTRICLES = re.compile(r"破入[^,。;\n]{0,6}脑室(?:系统)?")
_VOLUME_OF = re.compile(r"体积|大小|容积|量|总量|估")
_BRACKETS = re.compile(r" ?\([^)]{0,20}\)?")
_SIDE_OF = re.compile(
    r"(?P<side>左|右)(?:侧|边)?(?:者|的|较[大小多少]|大者|小者|血肿|出血|病灶|灶|体积|大小|"
    r"总?量|约|为|大约|估计|[,:=(])*$"
)
"""The half that a volume is of, of a bleed on both sides: 双侧丘脑出血，左侧约3ml."""
_EACH = re.compile(r"分别(?!位|见|在)")
_APART = re.compile(r"[)、]")
"""Where what follows a volume is of something else: （约25ml）、蛛网膜下腔出血."""
_EARLIER = re.compile(
    r"(?:[由从]|原(?:有|先|来)?|[较比与对]?(?:前次|上次|前片|旧片|原片|前[次日]?ct)|[较比](?:前|入院时|首次|昨日|术前))"
    r"(?:入院时|当时|的|为|约|量|[(:])*$"
    r"|\((?:入院时?|首次|初次|术前|昨日?|前日)[^()\d]{0,6}$"
    r"|(?:[较比与同]|对比)[^,。;\n()]{0,16}?(?:片|ct|日|时|次|班|检查|结果|入院|来院|术前)[^,。;\n()\d]{0,4}\(?(?:约|为|量|体积)*$"
)
"""Before a volume that was: 血肿量由20ml增至35ml."""
_GROWN = re.compile(r"(?:增加|增大|扩大|增长|减少|缩小|增多)(?:了|约|超过|大于|近|>|≥|达)*$")
"""Before how much a volume has changed: 血肿扩大超过6ml."""
_HEMATOMA = re.compile(
    r"(?<!清除)(?<!抽吸)(?<!吸除)血肿(?!腔|清除|壁|引流|穿刺|抽)(?:(?![<>≤≥大小超不未])[^,。;\n\d]){0,8}$"
)
"""Before a volume that a hematoma without a place has: 复查血肿22ml."""
_REMOVED = re.compile(r"(?:清除|清出|吸出|吸除|抽出|抽吸出?|引出|放出)[^,。;\n\d]{0,12}$")
"""Before the volume of what was taken out: 清除血肿约35ml."""
_COMPARED = re.compile(
    r"(?:左右)?\)?[,;(]?[^,。;\n\d]{0,4}?(?:[较比由原现]|前片|上次|入院时|目前|复查)[^,。;\n\d]{0,8}"
    r"|(?:左右)?(?:明显|逐渐|已|又)?(?:扩大|增大|增加|增多|增|升|减少|缩小|减|缩|降)了?[至到为]约?"
)
"""Between two volumes of one hematoma: 约3ml，较前（约7ml）减少."""
_REST = re.compile(r"其?余(?!肢)[^。;\n]{0,12}$")
_SEEN_NOW = re.compile(r"复查|头颅ct|目前|本次|此次|今[日晨]|入院")
"""Before a volume that a new sentence tells of, after a bleed of the past."""
_LEFT = re.compile(r"残[余留存]")
_SERIES = re.compile(r"[、,及和与/;](?:体积|量|约|为)*")
"""What stands between the volumes of a list: 约10ml、6ml."""
_NEAR = 150
"""How many characters may stand between a bleed and its volume."""
_OF_ANYBODY = re.compile(r"(?:以上|以下)?的?(?:者|患者|病人|病例)|(?:或|且|伴)[^,。;\n]{1,10}者")
"""After a volume that a rule names: 出血量大于30ml者应手术."""
_OF_A_RULE = re.compile(r"幕[上下]血?肿?(?:出血)?量?(?:[<>≤≥]|大于|小于|超过)?(?:约|等于)?$")
_RULE = re.compile(
    r"(?:(?:指征|指证|适应[证症])(?!明确|存在)|标准|指南|阈值|界值|原则)[^。;\n]{0,26}$"
)
"""Before a volume that is a rule's, and nobody's: 手术指征（幕上30ml）."""
_PATIENTS = re.compile(r"[,;:](?:患者|本例|该例|[该此本]患者|该患|本患)")
"""Where a sentence turns from a rule to the patient: …为手术指征，该患者血肿约22ml."""
_THIS_ONE = re.compile(
    r"(?:血肿|出血)量[^。;\n]{0,40}(?:本例|该例|该患者|目前|现)[^,。;\n\d]{0,6}$"
)
"""Before the patient's volume, after a rule's: 达40ml时会手术，但本例仅14ml."""
_LOST = re.compile(r"(?<![脑余留存])出血(?:量)?[约为:]*,")
"""Blood that is lost in an operation: 术中清除血肿，出血约200ml."""


_GREW_FROM = re.compile(rf"血肿(?:(?!清除|抽|引)[^,。;\n\d]){{0,8}}\(约?(?P<a>{NUMBER})(?:→|->)$")
"""Before a volume that was another: 血肿增大（18→41ml）."""


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
            if value is None or not 0 < value <= LARGEST_ML:
                continue
            start, end = match.span()
            if _OF_ANYBODY.match(record.text, end):
                continue
            if _GROWN.search(record.text, max(0, start - 8), start):
                continue
            if _REMOVED.search(record.text, max(0, start - 16), start):
                continue
            certainty, owner = owner_of(record, mentions, ends, start, end, volume=True)
            if certainty is None and told and _COMPARED.fullmatch(record.text, told[0], start):
                owner = told[1]
                once = _EARLIER.search(record.text, max(0, start - 12), start)
                certainty = "historical" if once else "affirmed"
            if certainty is None:
                continue
            told = end, owner
            was = _GREW_FROM.search(record.text, max(0, start - 24), start)
            earlier = number(was["a"]) if was else None
            if was and earlier:  # the unit stands behind the later one alone
                yield record.finding(
                    "hematoma_volume", was.start("a"), was.end("a"), earlier, "mL", "historical",
                    method="stated",
                )  # fmt: skip
            site, side = place_of(record, owner, start)
            if (
                owner
                and owner.sites
                and _EACH.search(record.text, max(owner.word_end, start - 30), start)
            ):
                # 左侧额叶、右侧颞叶出血，量分别约15ml、8ml; 较大者约15ml，余两处分别约6ml、3ml
                rest = "余" in record.text[owner.word_end : start]
                sites = [s for s in owner.sites if not (rest and s is owner.largest)]
                site = sites[min(given[id(owner)], len(sites) - 1)]
                side = site.side
                given[id(owner)] += 1
            elif owner and 1 < len(owner.sites) == place[1] and owner.sites[-1].end <= start:
                site = owner.sites[place[0]]
                side = site.side
            elif owner and owner.largest and _REST.search(record.text, owner.end, start):
                site = side = None  # 最大者位于左顶叶（22ml），其余均<2ml
            yield record.finding(
                "hematoma_volume", start, end, value, "mL", certainty,
                side,
                method=ABC_2 if pattern is _AXES else "stated",
                range=ends_, site=site.value if site else None,
                measured_by="formula" if pattern is _AXES else _measured_by(record, start, end),
            )  # fmt: skip


def _listed(text: str, found: list[re.Match[str]]) -> list[tuple[int, int]]:
    """Return of each volume which one it is of its list, and how many the list has."""
    sizes: list[int] = []
    for before, match in zip([None, *found], found, strict=False):
        if before and _SERIES.fullmatch(text, before.end(), match.start()):
            sizes[-1] += 1
        else:
            sizes.append(1)
    return [(place, size) for size in sizes for place in range(size)]


def place_of(
    record: Reading, owner: Mention | None, start: int
) -> tuple[NamedSite | None, str | None]:
    """Return the site and the side of a volume at `start`: those said last of its bleed."""
    if owner is None:
        return None, None
    after = [s for s in owner.sites if owner.word_end <= s.start < start and not s.joined]
    if after and owner.largest is None:
        return after[-1], after[-1].side
    half = None
    if owner.side in ("both", None) and not owner.largest:
        half = _SIDE_OF.search(record.text, max(owner.word_end, start - 16), start)
    if half:
        side = record.side_named(half["side"])
        return next((s for s in owner.sites if s.side == side), owner.site), side
    return owner.site, owner.side


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


def _measured_by(record: Reading, start: int, end: int) -> str | None:
    """Return what a volume was measured by, as is said in brackets after it, or last before it."""
    before = record.text[record.cues.sentence_start(start, 30) : start]
    after = _BRACKETS.match(record.text, end)
    for text in (after[0] if after else "", before):
        said = list(record.lexicon.pattern["measured_by"].finditer(text))
        if said:
            return record.lexicon.value["measured_by"][said[-1][0]]
    return None


def owner_of(
    record: Reading,
    mentions: list[Mention],
    ends: list[int],
    start: int,
    end: int,
    volume: bool = False,
) -> tuple[str | None, Mention | None]:
    """Return how certain a size is, None if it is no hematoma's, and whose it is.

    A `volume` may be of a hematoma that is named without a place.
    """
    text = record.text
    clause, clause_end = record.clause(start, 30)
    sentence = text[record.cues.sentence_start(start) : start]
    after = _APART.split(text[end : min(clause_end, end + 8)], maxsplit=1)[0]
    context = text[clause:start] + "," + after
    context = _INTO_VENTRICLES.sub("", context)
    if _is_other(record, context) or record.of_others(start, end):
        return None, None
    if record.lexicon.says("supposed", text[clause:start]) or record.conditional(start):
        return None, None  # 若血肿量大于30ml则手术 says how large it isn't
    if _OF_A_RULE.search(text, max(0, start - 12), start):
        return None, None
    if of_an_indication(record, start, end):
        return None, None
    if _RULE.search(_PATIENTS.split(sentence)[-1]):
        return None, None
    labelled = record.entity(start, end) == "VOLUME"
    index = bisect_right(ends, start)
    near = mentions[bisect_left(ends, start - _NEAR) : index]
    placed = any(m.sites and m.start >= clause for m in near)
    if "术" in sentence and _LOST.search(context) and not placed:
        return None, None
    owner = _bleed_before(record, near, start, labelled)
    if owner is None and index < len(mentions):
        owner = _bleed_after(text, mentions[index], end)
    if owner is None and not labelled:
        says = (
            record.lexicon.says("says_volume", context)
            or (volume and _HEMATOMA.search(text, clause, start) is not None)
            or (volume and _GREW_FROM.search(text, clause, start) is not None)
            or _goes_on(record, sentence)
        )
        if not says:
            return None, None
    certainty = record.certainty(start, end, 2)
    if certainty == "affirmed" and owner is not None:
        certainty = owner.certainty
        if certainty == "historical" and _LEFT.search(text, clause, start):
            certainty = "affirmed"  # 脑出血术后，残余血肿约8ml
    if certainty == "affirmed" and _EARLIER.search(text, max(0, start - 24), start):
        certainty = "historical"
    return certainty, owner


def _bleed_before(
    record: Reading, mentions: list[Mention], start: int, labelled: bool
) -> Mention | None:
    """Return the last of the bleeds before a volume that it can be said of."""
    text, clause = record.text, record.clause(start, 30)[0]
    owner = next((m for m in reversed(mentions) if m.certainty != "negated"), None)
    if owner is None or not set(text[owner.end : start]) & set("。\n"):
        return owner
    # What a sentence of its own says of the present is not of a bleed of the past.
    there = (m for m in reversed(mentions) if m.certainty not in ("negated", "historical"))
    of_now = _SEEN_NOW.search(text, record.cues.sentence_start(start), start)
    owner = next(there, None if of_now else owner)
    if owner is None:
        return None
    # In a sentence of its own a volume says so: 量约30ml.
    said = record.lexicon.says("says_volume", text[clause:start]) or _VOLUME_OF.match(text, clause)
    return owner if said or labelled else None


def _bleed_after(text: str, mention: Mention, end: int) -> Mention | None:
    """Return the bleed right after a volume, if it is the volume's: 约30ml的左侧丘脑血肿."""
    near = mention.certainty != "negated" and 0 <= mention.end - end <= 40
    return mention if near and not set(text[end : mention.start]) & set("。\n;") else None


def _goes_on(record: Reading, sentence: str) -> bool:
    """Whether a sentence up to a volume told of a bleed: 血肿较前无明显扩大，量约28ml."""
    said = _ITS_VOLUME.search(sentence) or _THIS_ONE.search(sentence)
    if said is None:
        return False
    return not _is_other(record, _INTO_VENTRICLES.sub("", sentence[: said.end()]))


def _is_other(record: Reading, text: str) -> bool:
    """Whether a volume is of a bleed outside of the brain, or of something else: a drug, urine."""
    lexicon = record.lexicon
    return lexicon.says("not_brain", text) or lexicon.says("other_volume", text)
