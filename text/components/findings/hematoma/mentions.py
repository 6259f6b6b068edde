"""Words for a bleed in a record, each with the places that it is said of."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from ..context.supposed import of_an_indication
from .implied import implied_bleeds
from .mention import Mention
from .sites import (
    NamedSite,
    find_sites,
    largest_after,
    sites_after,
    sites_before,
    sites_reached,
)

if TYPE_CHECKING:
    from ..reading import Reading


_SEVERAL = re.compile(
    r"(?:双侧|两侧|多发|多处|多个|多枚|数个|数枚|散在)性?(?:大小不[等一]|[斑点团块小]?[片块]状|圆形|小|的|高密度|脑内|颅内|脑)*$"
)


_GONE = re.compile(
    r"(?:现|均|已经?|基本|完全|全部)*(?:吸收|消失|消散)(?!期|中|较|好|[^。;\n]{0,8}\d)"
)
_AFTERWARDS = re.compile(r"后(?:遗留|遗|[^,。;\n\d]{0,16}\d{1,2}余?个?多?[月年])")
"""After a bleed that is long over: 脑出血后左侧肢体活动不利4个月."""
_NUMBERED = re.compile(r"[灶]?(?:共|约|有|数)*[两二三四五六2-9](?:处|个(?!月|小时|半)|枚|灶)")


_NOT_YET = re.compile(r"(?:的|发生|复发|再发)*(?:风险|危险|几率|概率|发生率|倾向|高危)")
"""After a bleed that is only feared: 脑出血风险高."""
_ITS_SIDE = re.compile(r"[(:]?(?P<side>左|右|双|两)侧?(?=[),:]|\d|约|$)")
"""A side that is said after a bleed: 基底节出血（左）."""
_ITS_PLACE = re.compile(r"(?:[^。;\n左右双两]{0,24}[,、(])?[ :,(\-]?$")
"""What stands between a bleed and a place that is a clause of its own: 脑出血，右基底节，20ml."""
_PLACE_ENDS = re.compile(r"[,;。、()\n ]|约|量|\d|破入|$")
_CHANGE = re.compile(r"[^,。;\n]{0,4}?(?:扩大|增大|增多|进展|复发|周[围边]|形成|的?(?:原因|病因))")
"""After a word for a bleed that is there, or of which something else is denied: 未见血肿扩大."""
_WATCHED = re.compile(
    r"(?:警惕|注意|当心|提防|了解)(?:有无|是否有?|残余血肿|及|和|、|再次?|新发?|迟发性?|术后){0,5}$"
)
"""Before a bleed that is looked out for: 注意迟发血肿, 了解有无再出血."""
_OF_SCAN = re.compile(r"脑|颅|ct|mri|中线|密度|占位|梗死|梗塞|软化")
"""What a scan tells of: 脑干密度不均，少量出血不能排除."""
_OR_LIME = re.compile(
    r"钙化(?:灶|可能性?大?|\?){0,2}[与和或及、,?](?:少量|小量|微量|少许|新鲜|急性|陈旧性?|小)?$"
)
"""Before a bleed that calcification is an alternative to: 钙化与出血鉴别."""
_OPERATION_SHOWS = re.compile(r"术中(?=所?见|探查|发现|证实|可见|于)")
"""Before a bleed that an operation shows, and not one that it causes: 术中见右侧丘脑血肿."""
_BEFORE_NUMBERED = re.compile(r"[两二三四五六2-9](?:处|个|枚|灶)[^,。;\n\d]{0,6}$")


def _says_several(text: str, start: int, end: int) -> bool:
    """Whether a word for a bleed is of several: 多发脑出血, 脑出血2处."""
    before = max(0, start - 16)
    return bool(
        _SEVERAL.search(text, before, start)
        or _BEFORE_NUMBERED.search(text, before, start)
        or _NUMBERED.match(text, end)
    )


def find_mentions(record: Reading) -> list[Mention]:
    """Find the words for a bleed, in their order, and the sites that the model alone names."""
    lexicon, text = record.lexicon, record.text
    sites = find_sites(record)
    ends = [site.end for site in sites]
    mentions: list[Mention] = []
    used = -1  # the last site that a word for a bleed has taken
    for match in lexicon.pattern["bleed"].finditer(text):
        kind, start, end = _kind(record, match, sites, ends)
        if kind == "other" or record.of_others(start, end):
            continue
        if kind in ("whole", "sited") and (
            of_an_indication(record, start, end)
            or _WATCHED.search(text, record.clause(start)[0], start)
        ):
            continue
        index = bisect_right(ends, start) - 1
        if index + 1 < len(sites) and sites[index + 1].start < start and sites[index + 1].value:
            index += 1  # 右额叶脑内血肿: the site ends within the word
        chain = sites_before(record, sites, index, start, used)
        if _is_elsewhere(record, chain, start, end):
            continue
        if not any(site.value for site in chain) and (
            record.conditional(start)
            or lexicon.says("supposed", text[record.clause(start)[0] : start])
        ):
            continue  # 头颅CT若血肿增大: a bleed that may come is none
        largest = largest_after(record, sites, ends, end) if kind in ("whole", "sited") else None
        if not any(site.value for site in chain) and not largest and kind != "any":
            several = _says_several(text, start, end)
            after = sites_after(record, sites, ends, end, several, used, kind != "dense")
            chain = after or chain
            largest = largest_after(record, sites, ends, after[-1].end) if after else None
        if not chain and not largest and kind in ("whole", "sited"):
            chain = _place_after(record, sites, ends, end)
        real = [site for site in chain if site.value]
        certainty = _certainty(record, start, end, chain)
        if not (
            largest
            or _is_bleed(text, kind, chain, certainty, start, end)
            or (
                (kind == "sited" or "出血" in text[start:end])
                and _on_scan(record, start, end, certainty)
            )
        ):
            continue
        before = mentions[-1] if mentions else None
        if before and before.dense and chain and chain == before.sites:
            # ...见高密度影，考虑出血: the second word says what the first was.
            before.seen = before.certainty == "affirmed" and certainty != "negated"
            before.end, before.dense, before.certainty = end, False, certainty
            continue
        first = min(chain[0].start, start) if chain else start
        if certainty == "negated" and real and "," in text[chain[-1].end : start]:
            # 左侧基底节区软化灶，未见新鲜出血: denied is a bleed anywhere, not there.
            chain, real, first = [], [], record.clause(start)[0]
        last = max(chain[-1].end, end) if chain else end
        mention = Mention(first, last, real, certainty, kind == "dense")
        if chain and not real:
            mention.half = chain[0].side
        elif not chain and kind == "whole":
            mention.half, at = record.side_before(start)
            mention.start = min(mention.start, at)
        if mention.half == "both" and certainty == "negated":
            mention.half = None  # in neither half: nowhere
        its_side = _ITS_SIDE.match(text, end)
        if its_side and mention.side is None and not any(site.own_side for site in real):
            for site in real:
                site.side = record.side_named(its_side["side"])
            mention.half = None if real else record.side_named(its_side["side"])
            mention.end = max(mention.end, its_side.end("side"))
        mention.several = _says_several(text, start, end)
        if largest:
            _set_largest(mention, largest)
        elif real and certainty != "negated" and kind in ("whole", "sited", "dense"):
            reached = sites_reached(record, sites, ends, end, mention.side)
            known = {(site.value, site.side) for site in real}
            mention.sites += [s for s in reached if (s.value, s.side) not in known]
            index = max([index, *(bisect_right(ends, s.end) - 1 for s in reached)])
        mention.word_end = end
        mentions.append(mention)
        used = max(used, index, bisect_right(ends, chain[-1].end) - 1 if chain else -1)
    if all(mention.certainty == "negated" for mention in mentions):
        mentions += implied_bleeds(record, sites, ends)
    return _with_entities(record, sites, mentions)


_OPERATED = re.compile(r"血肿(?:清除|抽吸|穿刺|引流|碎吸|粉碎)")
"""A bleed in the name of an operation: it is there, whether it is operated on or not."""
_ONCE = re.compile(r"曾|既往|年前|[12]\d{3}年")


def _kind(
    record: Reading, match: re.Match[str], sites: list[NamedSite], ends: list[int]
) -> tuple[str, int, int]:
    """Return the kind of a word for a bleed, as the vocabulary has it, and where it stands."""
    kind = record.lexicon.value["bleed"][match[0]]
    start, end = match.span()
    if kind == "whole" and record.text[start - 1 : start] in tuple("丘小中间桥端"):
        return "sited", start + 1, end  # 丘脑出血 is no 脑出血 after 丘
    if kind == "whole" and match[0] == "脑出血" and record.text[start - 1 : start] == "大":
        return kind, start - 1, end
    if kind == "amount":  # 脑干出血量约6ml names a bleed, 出血量约6ml tells of one
        index = bisect_right(ends, start) - 1
        sited = index >= 0 and sites[index].end == start and sites[index].value
        return ("sited", start, start + 2) if sited else ("other", start, end)
    if kind == "other" and _OPERATED.match(record.text, start):  # 左侧壳核血肿清除术
        index = bisect_right(ends, start) - 1
        if index >= 0 and sites[index].end == start and sites[index].value and sites[index].side:
            return "sited", start, start + 2
    return kind, start, end


def _is_elsewhere(record: Reading, chain: list[NamedSite], start: int, end: int) -> bool:
    """Whether what bleeds is not the brain, or the bleed is gone (出血吸收)."""
    outside = record.text[chain[-1].end if chain else record.clause(start, 12)[0] : start]
    outside = _OPERATION_SHOWS.sub("", _OR_LIME.sub("", outside))
    outside = outside.rpartition(",未见")[2]  # 双侧苍白球钙化，未见颅内出血
    gone = _GONE.match(record.text, end) or _NOT_YET.match(record.text, end)
    return gone is not None or record.lexicon.says("not_brain", outside)


def _place_after(
    record: Reading, sites: list[NamedSite], ends: list[int], end: int
) -> list[NamedSite]:
    """Return the place that a clause of its own gives a bleed: 脑出血 左侧基底节区 30ml."""
    index = bisect_right(ends, end)
    if index == len(sites) or not sites[index].value or sites[index].side is None:
        return []
    site, text = sites[index], record.text
    if not _ITS_PLACE.fullmatch(text, end, site.start) or not _PLACE_ENDS.match(text, site.end):
        return []
    return [site]


def _on_scan(record: Reading, start: int, end: int, certainty: str) -> bool:
    """Whether a scan is said to show no bleed, or one that isn't sure, without a place."""
    if certainty not in ("negated", "uncertain") or record.conditional(start):
        return False
    if _CHANGE.match(record.text, end):
        return False
    sentence = record.text[record.cues.sentence_start(start) : record.clause(start, 20)[1]]
    scan = record.section(start) == "imaging_report" or _OF_SCAN.search(sentence)
    return bool(scan) and not record.lexicon.says("not_brain", sentence)


def _is_bleed(
    text: str, kind: str, chain: list[NamedSite], certainty: str, start: int, end: int
) -> bool:
    """Whether a word names a bleed of the brain, or denies one, with the sites that it has."""
    real = any(site.value for site in chain)
    if kind == "whole":
        return True
    if kind == "sited" or not chain:
        return bool(chain)
    if kind == "dense":
        return (real or certainty == "negated") and "钙化" not in text[max(0, start - 8) : end + 8]
    # Any abnormality: only that there is none says something of bleeds.
    return not real and certainty == "negated" and _is_nothing(text, chain, start)


def _set_largest(mention: Mention, largest: NamedSite) -> None:
    """Note where the largest is: at one of the mention's sites, or at one more."""
    for site in mention.sites:
        if site.value == largest.value and largest.side in (None, site.side):
            mention.largest = site
            break
    else:
        mention.largest = largest
        mention.sites = [*mention.sites, largest]
    mention.end, mention.several = largest.end, True


def _with_entities(
    record: Reading, sites: list[NamedSite], mentions: list[Mention]
) -> list[Mention]:
    """Add the sites that the model calls SITE and that no word for a bleed belongs to."""
    known = {site.start for mention in mentions for site in mention.sites}
    for site in sites:
        if site.value and site.start not in known and record.entity(site.start, site.end) == "SITE":
            certainty = record.certainty(site.start, site.end)
            mentions.append(Mention(site.start, site.end, [site], certainty))
    return sorted(mentions, key=lambda mention: mention.end)


_NOTHING = re.compile(
    r"(?:平扫|检查|扫描|示|提示|显示|回报|[:,]|实质|内|均|未见|未|明显|见|无|确切)*"
)


def _is_nothing(text: str, chain: list[NamedSite], start: int) -> bool:
    """Whether 未见异常 is said of the whole brain, not of the rest of it or of something else."""
    if not chain or not _NOTHING.fullmatch(text, chain[-1].end, start):
        return False
    return "余" not in text[max(0, chain[0].start - 3) : chain[0].start]


def _certainty(record: Reading, start: int, end: int, chain: list[NamedSite]) -> str:
    if _OPERATED.match(record.text, start):
        sentence = record.text[record.cues.sentence_start(start) : start]
        past = record.section(start) == "past_history" or _ONCE.search(sentence)
        return "historical" if past and not record.cues.now(sentence) else "affirmed"
    certainty = record.certainty(start, end)
    if certainty == "affirmed" and chain and chain[0].start < start:
        certainty = record.certainty(chain[0].start, end)
    dated = record.text.startswith("(", end) and record.cues.is_past_date(end + 1)
    if certainty == "affirmed" and (dated or _AFTERWARDS.match(record.text, end)):
        return "historical"  # 脑出血（2019年）
    return certainty
