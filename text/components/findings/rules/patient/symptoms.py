"""The chief symptoms, with the side that they are of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...reading import Finding, Reading

_SET_IN = re.compile(r"[年月]前[^,。;\n]{0,16}(?:出现|发生|开始)")


_ACROSS = re.compile(r"(左|右|双|两|四)(?:侧|边|半|肢|上|下|手|脚|腿|足|面|眼|身|大|$)")


def find_symptoms(record: Reading, chief: tuple[int, int]) -> Iterator[Finding]:
    """Find chief_symptom in the chief complaint, which stands at `chief`."""
    lexicon = record.lexicon
    values = lexicon.value["symptoms"]
    side, last = None, chief[0]
    for match in lexicon.pattern["symptoms"].finditer(record.text, *chief):
        start, end = match.span()
        gap = record.text[last:start]
        named = list(_ACROSS.finditer(gap))
        if named:
            side = record.side_named(named[-1][1])
            # The evidence begins with the side: 右侧肢体无力.
            if len(gap) - named[-1].start() <= 10:
                start = last + named[-1].start()
        elif not re.fullmatch(r"[、及和与后并伴,]{0,2}(?:随后|继而|继之|并发)?", gap):
            side = None
        own = (
            side
            if values[match[0]]
            in ("weakness", "numbness", "facial_droop", "vision", "seizure", "gait")
            else None
        )
        if values[match[0]] == "gait" and not named:
            own = None  # 两脚发软、走路不稳
        if values[match[0]] == "facial_droop" and not named and not _listed_palsy(match[0], gap):
            own = None  # 左侧肢体无力，口角歪斜: to which side isn't said
        last = end
        certainty = record.certainty(start, end, 0)
        if certainty == "historical" and _SET_IN.search(
            record.text, record.clause(start)[0], start
        ):
            certainty = "affirmed"  # 5年前出现头晕 has lasted since
        yield record.finding(
            "chief_symptom", start, end, values[match[0]], certainty=certainty, side=own
        )


def _listed_palsy(word: str, gap: str) -> bool:
    """Whether a facial palsy is of the side of the list it is in: 右侧肢体无力、面瘫."""
    return word == "面瘫" and "," not in gap
