"""A bleed that no word names, but its size, its edema or a sign of it tells."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from ..bounds import UPWARD
from .mention import Mention
from .sites import NamedSite, sites_listed

if TYPE_CHECKING:
    from ..reading import Reading

_IMPLIED = re.compile(
    r"(?P<of>出血|血肿)(?:[由从]约?\d{1,3}(?:\.\d)? ?ml"
    r"|量|总量|体积|容积|大小|范围|最大径|最大直径|直径|最大层面"
    r"|形态|边[缘界]|周[围边](?:低密度|环状)?(?:水肿|低密度)|ct值|内?(?:呈|可?见)(?:岛|黑洞|混合|漩涡|点)征)"
)
"""What only a bleed has; where no word names the bleed, this does."""
_SIDE_FIELD = re.compile(r"[^。\n]{0,40}?侧别?[:为](?P<side>左|右|双)")
"""The side of a bleed in a form: 侧别：左；部位：基底节."""
_LATER_AT = re.compile(
    r"[^。;\n]{0,48}?(?:[,(](?:位于|在|(?:出?血)?(?:部位|位置)[为:])|\((?=[左右双]))"
    r"|[^。\n]{0,48}?;(?:出?血)?(?:部位|位置)[为:]"
)


def implied_bleeds(record: Reading, sites: list[NamedSite], ends: list[int]) -> list[Mention]:
    """Return the bleed that is told by its size or edema alone: 出血量约40ml，位于左颞叶."""
    for match in _IMPLIED.finditer(record.text):
        start, end = match.start(), match.end("of")
        if record.certainty(start, match.end()) != "affirmed" or record.of_others(start, end):
            continue
        around = record.text[record.clause(start, 16)[0] : match.end()]
        others = (record.lexicon.says(group, around) for group in ("not_brain", "other_volume"))
        if (
            any(others)
            or record.conditional(start)
            or _NOBODYS.search(around + record.text[match.end() : match.end() + 6])
        ):
            continue
        later = _LATER_AT.match(record.text, match.end())
        chain = sites_listed(record, sites, ends, later.end()) if later else []
        field = _SIDE_FIELD.match(record.text, match.end())
        for site in chain:
            if field and site.side is None:
                site.side = record.side_named(field["side"])
        before = bisect_right(ends, start) - 1
        if not chain and before >= 0 and ends[before] == start and sites[before].value:
            chain = [sites[before]]  # 左侧基底节区血肿周围水肿带宽约8mm
        certain = Mention(start, end, chain, "affirmed", word_end=end)
        return [certain]
    return []


_NOBODYS = re.compile(rf"(?<![不未])(?:{UPWARD})|[<≤]|小于|指征|标准|术后?中?$|清除|引流")
"""Beside what is a rule's, or was taken out. 不超过30ml is the patient's."""
