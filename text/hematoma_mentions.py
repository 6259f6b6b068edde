"""Words for a bleed in a record, each with the places that it is said of."""

# Without `from __future__ import annotations`: see `hematoma_sites.py`.
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

# `spacy package --code` imports each file by its path, outside any package.
__package__ = __package__ or "text"

from .hematoma_sites import Site, find_sites, sites_after, sites_before

if TYPE_CHECKING:
    from text.reading import Reading


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


def find_mentions(record: "Reading") -> list[Mention]:
    """Find the words for a bleed, in their order, and the sites that the model alone names."""
    lexicon, text = record.lexicon, record.text
    sites = find_sites(record)
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
        chain = sites_before(record, sites, index, start, used)
        outside = text[chain[-1].end if chain else record.clause(start, 12)[0] : start]
        if lexicon.pattern["not_brain"].search(outside) or "吸收" in text[end : end + 3]:
            continue
        if not chain and kind != "dense":
            chain = sites_after(record, sites, ends, end)
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
