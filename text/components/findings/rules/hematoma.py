"""Hematomas as a record names them: where, on which side, how many, how large."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from ...sought import Sought
from ..chinese_numbers import number, whole
from ..hematoma.diameters import find_diameters
from ..hematoma.mentions import find_mentions
from ..hematoma.volumes import find_volumes
from ..summary import family

if TYPE_CHECKING:
    from ..hematoma.mention import Mention
    from ..reading import Finding, Reading

_SECTIONS = ("imaging_report", "diagnosis", "present_illness")
_MANY = Sought(
    r"[两二三四五六2-9](?=[处个枚灶])|出血|血肿",
    r"(?P<n>[两二三四五六2-9])(?:处|个|枚|灶)(?:脑内|颅内|脑)?(?:出血|血肿)"
    r"|(?:出血|血肿)灶?(?:共|约|有|数)*(?P<after>[两二三四五六2-9])(?:处|个(?!月|小时|半|多)|枚|灶)",
    needs=("出血", "血肿"),
)


def find(record: Reading) -> Iterator[Finding]:
    """Find hematoma, hematoma_site, hematoma_volume (mL), hematoma_count, diameters and slices."""
    mentions = find_mentions(record)
    for mention in mentions:
        yield from _named(record, mention)
    volumes = list(find_volumes(record, mentions))
    yield from volumes
    yield from _count(record, mentions, volumes)
    yield from find_diameters(record, mentions)


def _named(record: Reading, mention: Mention) -> Iterator[Finding]:
    apart = [site for site in mention.sites if not site.joined] or mention.sites
    sides = [(next(its).start, side) for side, its in groupby(apart, attrgetter("side"))]
    if mention.half or len(sides) < 2:
        sides = [(mention.start, mention.half or mention.side)]
    for start, side in sides:
        yield record.finding("hematoma", start, mention.end, certainty=mention.certainty, side=side)
    if mention.certainty == "negated":
        return
    for site in mention.sites:
        doubted = record.text.startswith(("?", "(?)"), site.end)  # 右侧壳核？丘脑？
        yield record.finding(
            "hematoma_site", site.start, site.end, site.value,
            certainty="uncertain" if doubted else mention.certainty, side=site.side,
        )  # fmt: skip


def _count(record: Reading, mentions: list[Mention], volumes: list[Finding]) -> Iterator[Finding]:
    """Count the hematomas of the section that should know: two that are named twice stay two."""
    stated = _MANY.search(record.text)
    if stated and record.certainty(*stated.span()) == "affirmed":
        count = stated["n"] or stated["after"]
        yield record.finding("hematoma_count", *stated.span(), whole(number(count) or 0))
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
    total = sum(2 if side == "both" else 1 for _, side, _ in places)
    total = total or max(2 if mention.half == "both" else 1 for mention in chosen)
    # 左侧额叶及左侧丘脑血肿，量分别约12ml、1ml: each volume is one hematoma's.
    measured = {
        (family(v["site"]), v["side"])
        for v in volumes
        if v["section"] == section and v["certainty"] == "affirmed" and v["site"]
    }
    total = max(total, len(measured))
    # 多发血肿 doesn't say how many.
    value = None if total == 1 and any(mention.several for mention in chosen) else total
    certainty = "affirmed" if any(m.certainty == "affirmed" for m in chosen) else "uncertain"
    yield record.finding("hematoma_count", last.start, last.end, value, certainty=certainty)


def _places(mentions: list[Mention]) -> list[tuple[Mention, str | None, set[str]]]:
    places: list[tuple[Mention, str | None, set[str]]] = []
    for mention in mentions:
        groups: dict[str | None, set[str]] = {}
        # 壳核出血，血肿侵及丘脑: a site that is joined is of the bleed before it.
        last = places[-1][2] if places else None
        for site in mention.sites:
            if not site.joined or last is None:
                last = groups.setdefault(site.side, set())
            last.add(family(site.value))
        for side, sites in groups.items():
            for _, known_side, known in places:
                if known & sites and (known_side == side or None in (known_side, side)):
                    known |= sites
                    break
            else:
                places.append((mention, side, sites))
    return places
