"""Grades of both sides in one word: 肌力（左/右）：上肢2/5，下肢3/5; R/L: upper 1/5, lower 2/5."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ....sought import Sought
from ...chinese_numbers import grade
from .tokens import POWER, ROMAN

if TYPE_CHECKING:
    from ...reading import Finding, Reading

_SIDE = r"(?:[左右]侧?|(?<![a-z])[lr](?![a-z]))"
_HEAD = Sought(
    r"[左右lr](?=侧?/)",
    rf"(?P<first>{_SIDE})/{_SIDE}\)?",
    needs=("左/右", "右/左", "左侧/右", "右侧/左", "l/r", "r/l"),
)
"""Of which side the first of two grades is."""
_N = rf"(?:[0-5]|[{ROMAN}]{{1,3}})"
_ITEM = re.compile(
    r"[,、;: ]{0,2}(?:(?P<arm>上肢?|ue|upper(?: limbs?| extremit(?:y|ies))?|arms?)"
    r"|(?P<leg>下肢?|le|lower(?: limbs?| extremit(?:y|ies))?|legs?)|四肢|肢体)?"
    rf"(?:{POWER}|为|约|[:= (]){{0,4}}"
    rf"(?P<a>{_N})(?P<as>[+\-])?级?/(?P<b>{_N})(?P<bs>[+\-])?(?:级|(?![\d./a-z]))(?! ?mm)"
)
_LIMB_BEFORE = re.compile(r"(?:(?P<arm>上肢?)|(?P<leg>下肢?))(?:肌力)?\($")
"""The limb that stands before the sides: 上肢（左/右）：2/5级."""
_POWER_BEFORE = re.compile(rf"(?:{POWER})[^,。;\n瞳光]{{0,8}}$")
_POWER_BEHIND = re.compile(rf"[^,。;\n瞳光]{{0,6}}(?:{POWER})")


class Paired(NamedTuple):
    """Where a list of grades of both sides stands, and what is found in it."""

    start: int
    end: int
    findings: list[Finding]


def find_paired(record: Reading) -> list[Paired]:
    """Find the lists of grades of both sides, whose head says which side is named first."""
    text = record.text
    lists: list[Paired] = []
    for head in _HEAD.finditer(record.text):
        start, at = head.span()
        again = lists and text[lists[-1].end : start].strip(",、; (") == ""
        told = _POWER_BEFORE.search(text, max(0, start - 16), start)
        if not (told or again or _POWER_BEHIND.match(text, at)):
            continue
        begin = told.start() if told else start
        limb = _LIMB_BEFORE.search(text, max(0, start - 6), start)
        first = "left" if head["first"][0] in "左l" else "right"
        sides = (first, "right" if first == "left" else "left")
        found: list[Finding] = []
        while item := _ITEM.match(text, at):
            of = next(
                (kind for m in (item, limb) for kind in ("arm", "leg") if m and m[kind]), "limbs"
            )
            for side, number in zip(sides, "ab", strict=True):
                value = grade(item[number])
                if value is not None:
                    found.append(
                        record.finding(
                            "limb_power",
                            begin,
                            item.end(),
                            float(value),
                            "MRC",
                            side=side,
                            limb=of,
                            modifier=item[f"{number}s"],
                        )  # fmt: skip
                    )
            begin = at = item.end()
        # 左/右：肩2/5: of what part of a limb isn't known, so that nothing is said of it
        lists.append(Paired(start, at if found else record.clause(at, 60)[1], found))
    return lists
