"""Hematomas as a record names them: where, on which side, how many, how large."""

# Without `from __future__ import annotations`: a dataclass would look for its module, which it has
# none of while `spacy package` tries this file.
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

try:
    from .chinese_numbers import FIRST, NUMBER, between, number, whole
except ImportError:  # `spacy package` tries each file on its own, outside any package
    from text.chinese_numbers import FIRST, NUMBER, between, number, whole

if TYPE_CHECKING:
    from text.reading import Finding, Reading

LARGEST_ML = 400.0
"""More than this is no hematoma of a brain."""
ABC_2 = "ABC/2"
_NEAR = 26
"""How many characters may stand between a site and the word for its bleed."""
_AFTER_SITE = re.compile(
    r"(?:半球|区域|区|中央|深部|皮层下|皮质下|皮层|背侧|外侧|内侧|前部|后部|上部|叶|部|处|旁)*"
    r"(?:偏?(?P<side>左|右)(?:侧份|侧|份)?)?"
)
_BETWEEN_SITES = re.compile(r"(?:[-~、及和与至并,]|伴|累及|延及|波及)?(?:左|右|双|两)?侧?")
_ITS_SITE = re.compile(r"(?:\((?:位于|部位:)?|,?(?:位于|部位:|累及))")


@dataclass
class Site:
    """A place that is named: `value` as in the vocabulary, "" for 颅内 and its like."""

    start: int
    end: int
    value: str
    side: str | None
    own_side: bool


@dataclass
class Mention:
    """A word for a bleed with the sites that it is said of.

    `dense` is what CT shows before it is named (高密度影); it is `seen` even where its nature is
    only thought to be a bleed (高密度影，考虑出血).
    """

    start: int
    end: int
    sites: list[Site]
    certainty: str
    dense: bool
    seen: bool = False

    @property
    def side(self) -> str | None:
        """The side of all its sites, None if they differ."""
        sides = {site.side for site in self.sites}
        return sides.pop() if len(sides) == 1 else None


def find(record: "Reading") -> Iterator["Finding"]:
    """Find hematoma, hematoma_site, hematoma_volume (mL) and hematoma_count.

    A volume stated as a range counts as its middle (`range` holds the ends); three diameters
    count as A·B·C / 2 (Kothari et al. 1996, doi:10.1161/01.STR.27.8.1304; `method`), two numbers
    with a sign of multiplication as their product.
    """
    mentions = _mentions(record)
    for mention in mentions:
        yield from _named(record, mention)
    volumes = list(_volumes(record, mentions))
    yield from volumes
    yield from _count(record, mentions)


def _sites(record: "Reading") -> list[Site]:
    lexicon = record.lexicon
    sites: list[Site] = []
    for match in lexicon.pattern["sites"].finditer(record.text):
        start, end = match.span()
        if record.text.startswith(("幕", "扁桃体", "导水管", "动脉", "膜"), end):
            continue
        value = lexicon.value["sites"][match[0]]
        side, begin = record.side_before(start)
        if match[0].endswith("部") and _scalp(record, begin, end):
            continue
        after = _AFTER_SITE.match(record.text, end)
        end = after.end() if after else end
        if after and after["side"]:
            side = record.side_named(after["side"])
        previous = sites[-1] if sites else None
        adjoins = previous is not None and previous.end <= begin <= previous.end + 1
        if previous and adjoins and side is None and value and previous.value:
            joint = record.text[previous.end : begin]
            if joint in ("", "-", "~"):
                # 基底节壳核区, 基底节-外囊区: one place; its first word names it.
                previous.end = end
                continue
        sites.append(Site(begin, end, value, side, side is not None))
    return sites


_TOUCHED = re.compile(r"触|压痛|肿胀|伤口|外伤|裂伤|打伤|摔伤|皮|包扎|缝合|疼|痛")


def _scalp(record: "Reading", start: int, end: int) -> bool:
    """Whether 额部 and its like is the scalp's: 头顶部出血, 枕部可触及血肿."""
    first, last = record.clause(start)
    return record.text[max(0, start - 1) : start] in ("头", "前", "枕", "额", "颞") or bool(
        _TOUCHED.search(record.text, first, last)
    )


def _mentions(record: "Reading") -> list[Mention]:
    lexicon, text = record.lexicon, record.text
    sites = _sites(record)
    ends = [site.end for site in sites]
    mentions: list[Mention] = []
    used = -1
    for match in lexicon.pattern["bleed"].finditer(text):
        kind = lexicon.value["bleed"][match[0]]
        start, end = match.span()
        if kind == "whole" and text[start - 1 : start] in tuple("丘小中间桥端"):
            start, kind = start + 1, "sited"  # 丘脑出血 is no 脑出血 after 丘
        if kind == "other" or record.of_others(start, end):
            continue
        index = bisect_right(ends, start) - 1
        if kind == "amount":  # 脑干出血量约6ml names a bleed, 出血量约6ml tells of one
            if index < 0 or sites[index].end != start or not sites[index].value:
                continue
            end, kind = start + 2, "sited"
        chain = _chain(record, sites, index, start, used)
        outside = text[chain[-1].end if chain else record.clause(start, 12)[0] : start]
        if lexicon.pattern["not_brain"].search(outside) or "吸收" in text[end : end + 3]:
            continue
        if not chain and kind != "dense":
            chain = _sites_after(record, sites, ends, end)
        real = [site for site in chain if site.value]
        if kind == "dense" and (not chain or "钙化" in text[max(0, start - 8) : end + 8]):
            continue
        if not chain and kind in ("sited", "any"):
            continue
        certainty = _certainty(record, start, end, chain)
        if kind == "dense" and not real and certainty != "negated":
            continue
        if kind == "any" and (real or certainty != "negated" or not _nothing(text, chain, start)):
            continue
        before = mentions[-1] if mentions else None
        if before and before.dense and chain and chain == before.sites:
            # ...见高密度影，考虑出血: the second word says what the first was.
            before.seen = before.certainty == "affirmed" and certainty != "negated"
            before.end, before.dense, before.certainty = end, False, certainty
            continue
        first = min(chain[0].start, start) if chain else start
        last = max(chain[-1].end, end) if chain else end
        mentions.append(Mention(first, last, real, certainty, kind == "dense"))
        used = max(used, index)
    return _with_entities(record, sites, mentions)


def _with_entities(record: "Reading", sites: list[Site], mentions: list[Mention]) -> list[Mention]:
    """Add the sites that the model calls SITE and that no word for a bleed belongs to."""
    known = {site.start for mention in mentions for site in mention.sites}
    for site in sites:
        if site.value and site.start not in known and record.entity(site.start, site.end) == "SITE":
            certainty = record.certainty(site.start, site.end)
            mentions.append(Mention(site.start, site.end, [site], certainty, False))
    return sorted(mentions, key=lambda mention: mention.end)


_NOTHING = re.compile(
    r"(?:平扫|检查|扫描|示|提示|显示|回报|[:,]|实质|内|均|未见|未|明显|见|无|确切)*"
)


def _nothing(text: str, chain: list[Site], start: int) -> bool:
    """Whether 未见异常 is said of the whole brain, not of the rest of it or of something else."""
    if not chain or not _NOTHING.fullmatch(text, chain[-1].end, start):
        return False
    return "余" not in text[max(0, chain[0].start - 3) : chain[0].start]


def _certainty(record: "Reading", start: int, end: int, chain: list[Site]) -> str:
    certainty = record.certainty(start, end)
    if certainty == "affirmed" and chain and chain[0].start < start:
        certainty = record.certainty(chain[0].start, end)
    return certainty


def _chain(record: "Reading", sites: list[Site], index: int, start: int, used: int) -> list[Site]:
    """Return the sites before `start` that belong to it: the last one and its list."""
    text = record.text
    if index < 0 or start - sites[index].end > _NEAR:
        return []
    gap = text[sites[index].end : start]
    if set(gap) & set("。;\n!?"):
        return []
    if "," in gap and (index <= used or gap.count(",") > 1) and "高密度" not in gap:
        return []
    chain = [sites[index]]
    while index > 0 and chain[0].value:
        previous = sites[index - 1]
        joint = text[previous.end : chain[0].start]
        if not previous.value or len(joint) > 4 or not _BETWEEN_SITES.fullmatch(joint):
            break
        chain.insert(0, previous)
        index -= 1
    side = None
    for site in chain:
        if site.own_side:
            side = site.side
        elif side and site.value not in ("brainstem",):
            site.side = side
    return chain


def _sites_after(record: "Reading", sites: list[Site], ends: list[int], end: int) -> list[Site]:
    """Return the site that is named right after: 脑出血(左侧基底节区), 出血位于右侧丘脑."""
    match = _ITS_SITE.match(record.text, end)
    index = bisect_right(ends, end)
    if match is None or match.end() == end or index >= len(sites):
        return []
    chain: list[Site] = []
    while index < len(sites) and sites[index].value:
        reach = chain[-1].end if chain else match.end()
        if sites[index].start > reach + 1:
            break
        chain.append(sites[index])
        index += 1
    return chain


def _named(record: "Reading", mention: Mention) -> Iterator["Finding"]:
    groups: list[list[Site]] = []
    for site in mention.sites:
        if groups and groups[-1][0].side == site.side:
            groups[-1].append(site)
        else:
            groups.append([site])
    for group in groups or [[]]:
        start = group[0].start if len(groups) > 1 else mention.start
        yield record.finding(
            "hematoma", start, mention.end,
            certainty=mention.certainty, side=group[0].side if group else None,
        )  # fmt: skip
    if mention.certainty == "negated":
        return
    for site in mention.sites:
        yield record.finding(
            "hematoma_site", site.start, site.end, site.value,
            certainty=mention.certainty, side=site.side,
        )  # fmt: skip


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
    r"|盐水|葡萄糖|水囊|口服|胸腔|腹腔|膀胱|前列腺|残余|肝|肾(?!形)|脾|肺|冲洗|积液|脑脊液|红细胞|血浆"
    r"|每日|每天|每次|头皮|皮下|硬膜|甘油果糖|泵|造影剂|溶液|皮肤|伤口|囊肿|结节|肌瘤|卵巢|子宫"
)
_SAYS_VOLUME = re.compile(
    r"出血量|血肿量|血肿体积|血肿大小|血肿容积|出血约|血肿约|血肿总量|出血总量"
)


def _volumes(record: "Reading", mentions: list[Mention]) -> Iterator["Finding"]:
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
            site = owner.sites[0] if owner and owner.sites else None
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
    record: "Reading", mentions: list[Mention], ends: list[int], start: int, end: int
) -> tuple[str | None, Mention | None]:
    """Return how certain a volume is, None if it is no hematoma's, and whose it is."""
    text = record.text
    clause = record.clause(start, 30)
    context = text[clause[0] : start] + text[end : min(clause[1], end + 8)]
    labelled = record.entity(start, end) == "VOLUME"
    outside = record.lexicon.pattern["not_brain"].search(context)
    if outside or _OTHER_VOLUME.search(context) or record.of_others(start, end):
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
    if owner is None and not labelled and not _SAYS_VOLUME.search(context):
        return None, None
    certainty = record.certainty(start, end, 2)
    if certainty == "affirmed" and owner is not None:
        certainty = owner.certainty
    return certainty, owner


_SECTIONS = ("imaging_report", "diagnosis", "present_illness")
_MANY = re.compile(r"(?P<n>[两二三四2-9])(?:处|个|枚|灶)(?:脑内|颅内)?(?:出血|血肿)")
_FAMILY = {"putamen": "basal_ganglia"}


def _count(record: "Reading", mentions: list[Mention]) -> Iterator["Finding"]:
    """Count the hematomas of the section that should know: two that are named twice stay two."""
    stated = _MANY.search(record.text)
    if stated and record.certainty(*stated.span()) == "affirmed":
        yield record.finding("hematoma_count", *stated.span(), whole(number(stated["n"]) or 0))
        return
    there = [m for m in mentions if m.certainty == "affirmed" or m.seen]
    counted = there or [m for m in mentions if m.certainty == "uncertain" and m.sites]
    if not counted:
        return
    labels = [record.section(m.start) for m in counted]
    section = next((s for s in _SECTIONS if s in labels), labels[0])
    chosen = [m for m, label in zip(counted, labels, strict=True) if label == section]
    places = _places(chosen)
    last = places[-1][0] if places else chosen[0]
    total = sum(2 if side == "both" else 1 for _, side, _ in places) or 1
    certainty = "affirmed" if any(m.certainty == "affirmed" for m in chosen) else "uncertain"
    yield record.finding("hematoma_count", last.start, last.end, total, certainty=certainty)


def _places(mentions: list[Mention]) -> list[tuple[Mention, str | None, set[str]]]:
    places: list[tuple[Mention, str | None, set[str]]] = []
    for mention in mentions:
        groups: dict[str | None, set[str]] = {}
        for site in mention.sites:
            groups.setdefault(site.side, set()).add(_FAMILY.get(site.value, site.value))
        for side, sites in groups.items():
            for _, known_side, known in places:
                if known & sites and (known_side == side or None in (known_side, side)):
                    known |= sites
                    break
            else:
                places.append((mention, side, sites))
    return places
