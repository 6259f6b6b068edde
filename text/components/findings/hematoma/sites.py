"""Places in the brain that a record names, and on which side: 左侧基底节区, 双侧额叶."""

from __future__ import annotations

# none of while `spacy package` tries this file.
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ..summary import family

if TYPE_CHECKING:
    from ..reading import Reading

_NEAR = 26
"""How many characters may stand between a site and the word for its bleed."""
_NO_SITE = re.compile(
    r"幕|扁桃体|导水管|动脉|膜|[^,。;\n]{0,3}(?:入路|造瘘)|皮[层质]?(?:切开|切口|造瘘)"
    r"|(?<=部)(?:小?骨窗|骨瓣|骨板|钻孔|锥颅|切口|开颅|穿刺|头皮)"
)
"""After the word for a place that names no place of a bleed: 颞部小骨窗, 岛叶入路."""
_LOBES = "|".join(
    rf"{lobe}[额颞顶枕岛]{{0,3}}(?=脑?内?(?:出血|血肿)|交界)"
    rf"|{lobe}(?:[、/][额颞顶枕岛]){{1,3}}[叶部]|{lobe}[额颞顶枕岛]{{1,3}}[叶部]"
    for lobe in "额颞顶枕岛"
)
_AFTER_SITE = re.compile(
    r"(?:半球|交界|区域|区|中央|深部|皮层下|皮质下|皮层|背侧|外侧|内侧|前部|后部|上部|叶|部|处|旁){0,6}"
    r"(?:偏?(?P<side>左|右)(?:侧份|侧|份)?|[,、 ](?P<apart>左|右|双|两)侧?(?=[)\]]))?"
)
_BETWEEN_SITES = re.compile(r"(?:[-~、及和与至并,]|伴|累及|延及|波及)?(?:左|右|双|两)?侧?")
_AT = (
    r"(?:分别|主要|主体|中心|均|多|大部分|大多|各)*"
    r"(?:位于|见于|在|(?:出?血)?(?:部位|位置)(?:为|在|是|:)?)"
)
_REACHES = r"(?:累及|达|侵及|侵犯|侵入|延及|波及|扩展至|延伸至|蔓延至|延至|突入)"
_ITS_SITE = re.compile(
    r"[灶]?(?:共|约|有)*(?:[数多两二三四五2-9](?:处|个|枚|灶))?"
    rf"(?:(?P<bracket> ?[(\[【〔]),?(?:{_AT})?|(?P<colon>:)|[,]?{_AT}:?"
    rf"|(?P<reach>,?(?:向[上下内外前后]+方?)?{_REACHES}))"
)
_INTO_SITE = re.compile(
    r"[灶]?\)?,?(?:并|且|同时|病灶|血肿|部分|向|[上下内外前后]方?|(?:量|约|体积){0,3}\d{1,3}(?:\.\d+)?ml,?){0,12}"
    + _REACHES
)
"""How a bleed reaches into a further site: 血肿侵及左侧丘脑, 向下延伸至中脑."""
_VOLUME = (
    r"[,(]?(?:出血量|血肿量|体积|大小|量|约|为|各|者|的)*"
    r"\d{1,3}(?:\.\d+)?(?:[~\-]\d{1,3})? ?(?:ml|毫升)\)?"
)
_MILLILITERS = re.compile(r"\d ?(?:ml|毫升)")
_ITEM = r"(?:\d{1,2}[.、)]|[①-⑳\d])"
"""What numbers the items of a list."""
_FIRST_LISTED = re.compile(rf" ?{_ITEM}|[:,]?(?:其中|其一|[一1][处个枚])(?:{_AT}:?)?")
_NEXT_LISTED = re.compile(
    rf"(?:{_VOLUME})?(?:[、,;及和与]|以及|并|另|一处|其次|为|位于)*{_ITEM}?|,?(?:向[上下内外前后]+方?)?{_REACHES}"
)
_LISTED = re.compile(r"[,、。;\n()及和与约量各者:]|\d|大小|体积|以及|出血|血肿|$|破入|均|为|均为")
"""What follows a site of a list; else the site is of something else: 右侧额叶软化灶."""
_LARGEST_AT = re.compile(
    r"[^。;\n]{0,12}?(?:[较最]大(?:者|的|一个|一处|病灶|血肿)?|大者)(?:位于|在|见于)"
)


@dataclass
class NamedSite:
    """A place that is named: `value` as in the vocabulary, "" for 颅内 and its like.

    A `joined` one is of the same bleed as the one before it: 基底节-丘脑区, 壳核出血累及丘脑.
    """

    start: int
    end: int
    value: str
    side: str | None
    own_side: bool
    joined: bool = False


def find_sites(record: Reading) -> list[NamedSite]:
    """Find the places that a record names, in their order."""
    lexicon = record.lexicon
    sites: list[NamedSite] = []
    for match in _places(lexicon.pattern["sites"]).finditer(record.text):
        start, end = match.span()
        if (sites and start < sites[-1].end) or _NO_SITE.match(record.text, end):
            continue
        value = lexicon.value["sites"].get(match[0], "lobar")
        side, begin = record.side_before(start)
        lobes = match[0] not in lexicon.value["sites"]
        if (
            (match[0].endswith("部") or lobes)
            and match[0][-1] != "叶"
            and _scalp(record, begin, end)
        ):
            continue
        if lobes and not side and len(match[0]) == 1:
            continue
        after = _AFTER_SITE.match(record.text, end)
        end = after.end() if after else end
        if after and (after["side"] or (after["apart"] and side is None)):
            side = record.side_named(after["side"] or after["apart"])
        previous = sites[-1] if sites else None
        adjoins = previous is not None and previous.end <= begin <= previous.end + 1
        joined = False
        if previous and adjoins and side is None and previous.value:
            joint = record.text[previous.end : begin]
            joined = joint in ("", "-", "~")
            bracket = joint == "(" and record.text.startswith(")", end)
            if bracket and value and family(value) == family(previous.value):
                previous.end = end + 1  # 左侧基底节区(壳核)血肿
                continue
            if (joined and value and family(value) == family(previous.value)) or (
                joint in ("", "的", "-", "~") and not value
            ):
                # 基底节壳核区, 基底节-外囊区, 顶叶脑实质: one place; its first word names it.
                previous.end = end
                continue
        sites.append(NamedSite(begin, end, value, side, side is not None, joined))
    return sites


@cache
def _places(named: re.Pattern[str]) -> re.Pattern[str]:
    """Return the pattern of the places that are named in full, or by their lobes: 左颞枕血肿."""
    return re.compile(f"{named.pattern}|{_LOBES}")


def _scalp(record: Reading, start: int, end: int) -> bool:
    """Whether 额部 and its like is the scalp's: 头顶部出血, 枕部可触及血肿."""
    if record.text[max(0, start - 1) : start] in ("头", "前", "枕", "额", "颞"):
        return True
    first, last = record.clause(start)
    return record.lexicon.says("scalp", record.text[first:last])


def sites_before(
    record: Reading, sites: list[NamedSite], index: int, start: int, used: int
) -> list[NamedSite]:
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
        chain[0].joined |= joint.startswith(("累及", "延及", "波及"))
        chain.insert(0, previous)
        index -= 1
    return _with_sides(chain, None)


def _with_sides(chain: list[NamedSite], side: str | None) -> list[NamedSite]:
    """Give the sites of a list that have no side of their own that of the one before."""
    for site in chain:
        if site.own_side:
            side = site.side
        elif side and site.value not in ("brainstem",):
            site.side = side
    return chain


def sites_after(
    record: Reading,
    sites: list[NamedSite],
    ends: list[int],
    end: int,
    several: bool,
    used: int,
    named: bool,
) -> list[NamedSite]:
    """Return the sites that are named right after: 脑出血(左侧基底节区), 出血位于右侧丘脑.

    What isn't named as a bleed must say where it is: 高密度影，位于左侧额叶.
    Of `several` bleeds the list may follow a comma alone: 多发脑出血，左侧丘脑约4ml、右侧小脑约7ml.
    Sites up to the one with the number `used` are another bleed's.
    """
    match = _ITS_SITE.match(record.text, end)
    if not named and (match is None or not match[0].endswith(("位于", "见于", "在"))):
        return []
    reach = match.end() if match else end
    if match is None or (match["colon"] and not several and reach - end < 2):
        if not several or not record.text.startswith(",", end):
            return []
        reach = end + 1
    index = bisect_right(ends, end)
    if index <= used:
        return []
    chain = _list_from(record, sites, index, reach)
    if chain and match and match["reach"]:
        chain[0].joined = True
    return _with_sides(chain, None)


def sites_reached(
    record: Reading, sites: list[NamedSite], ends: list[int], end: int, side: str | None
) -> list[NamedSite]:
    """Return the sites that a bleed of `side`, whose words end at `end`, reaches into."""
    match = _INTO_SITE.match(record.text, end)
    if match is None:
        return []
    chain = _list_from(record, sites, bisect_right(ends, end), match.end())
    for site in chain:
        site.joined = True
    return _with_sides(chain, side)


def sites_listed(
    record: Reading, sites: list[NamedSite], ends: list[int], reach: int
) -> list[NamedSite]:
    """Return the list of sites that starts at `reach`."""
    return _with_sides(_list_from(record, sites, bisect_right(ends, reach), reach), None)


def _list_from(record: Reading, sites: list[NamedSite], index: int, reach: int) -> list[NamedSite]:
    """Return the list of sites, from the one with that number on, that starts at `reach`."""
    chain: list[NamedSite] = []
    while index < len(sites) and sites[index].value:
        site = sites[index]
        joint = record.text[reach : site.start]
        if chain:
            near = len(joint) <= 24 and _NEXT_LISTED.fullmatch(joint) is not None
        else:
            near = len(joint) <= 1 or _FIRST_LISTED.fullmatch(joint) is not None
        if not near or (chain and not _LISTED.match(record.text, site.end)):
            break
        site.joined |= bool(chain) and re.search(_REACHES, joint) is not None
        # 左枕叶6ml、小脑2ml: each item of such a list says its own side, or none
        site.own_side |= (
            bool(chain) and chain[0].own_side and _MILLILITERS.search(joint) is not None
        )
        chain.append(site)
        reach, index = site.end, index + 1
    return chain


def largest_after(
    record: Reading, sites: list[NamedSite], ends: list[int], end: int
) -> NamedSite | None:
    """Return where the largest of several is, as it is said after them: 较大者位于左额叶."""
    match = _LARGEST_AT.match(record.text, end)
    index = bisect_right(ends, end)
    if match is None or index >= len(sites):
        return None
    site = sites[index]
    return site if site.value and 0 <= site.start - match.end() <= 1 else None
