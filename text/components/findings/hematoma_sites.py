"""Places in the brain that a record names, and on which side: 左侧基底节区, 双侧额叶."""

from __future__ import annotations

# none of while `spacy package` tries this file.
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .reading import Reading

_NEAR = 26
"""How many characters may stand between a site and the word for its bleed."""
_AFTER_SITE = re.compile(
    r"(?:半球|区域|区|中央|深部|皮层下|皮质下|皮层|背侧|外侧|内侧|前部|后部|上部|叶|部|处|旁)*"
    r"(?:偏?(?P<side>左|右)(?:侧份|侧|份)?)?"
)
_BETWEEN_SITES = re.compile(r"(?:[-~、及和与至并,]|伴|累及|延及|波及)?(?:左|右|双|两)?侧?")
_ITS_SITE = re.compile(r"(?:\((?:位于|部位:)?|,?(?:位于|部位:|累及))")
_LARGEST_AT = re.compile(
    r"[^。;\n]{0,12}?(?:[较最]大(?:者|的|一个|一处|病灶|血肿)?|大者)(?:位于|在|见于)"
)


@dataclass
class NamedSite:
    """A place that is named: `value` as in the vocabulary, "" for 颅内 and its like."""

    start: int
    end: int
    value: str
    side: str | None
    own_side: bool


def find_sites(record: Reading) -> list[NamedSite]:
    """Find the places that a record names, in their order."""
    lexicon = record.lexicon
    sites: list[NamedSite] = []
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
        sites.append(NamedSite(begin, end, value, side, side is not None))
    return sites


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
        chain.insert(0, previous)
        index -= 1
    side = None
    for site in chain:
        if site.own_side:
            side = site.side
        elif side and site.value not in ("brainstem",):
            site.side = side
    return chain


def sites_after(
    record: Reading, sites: list[NamedSite], ends: list[int], end: int
) -> list[NamedSite]:
    """Return the sites that are named right after: 脑出血(左侧基底节区), 出血位于右侧丘脑."""
    match = _ITS_SITE.match(record.text, end)
    index = bisect_right(ends, end)
    if match is None or match.end() == end or index >= len(sites):
        return []
    chain: list[NamedSite] = []
    while index < len(sites) and sites[index].value:
        reach = chain[-1].end if chain else match.end()
        if sites[index].start > reach + 1:
            break
        chain.append(sites[index])
        index += 1
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
