"""The power of the limbs, graded 0 to 5 (MRC)."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from .paired import Paired, find_paired
from .sentence import Sentence, side_of
from .tokens import ENGLISH, ENGLISH_POWER, ROMAN, TOKEN, TOLD

if TYPE_CHECKING:
    from ...reading import Finding, Reading

_SENTENCE_END = re.compile(
    r"[。\n]|;(?! ?(?:[左右双余健患]|其余)[侧边上下肢体近远端均为约、 ]{0,8}(?:肌力)?[:为约均]{0,2}"
    rf"(?:[0-5]|[{ROMAN}]))"
)
"""Where a sentence ends; a semicolon between two limbs ends none: 左上肢3级；右侧5级."""


def find(record: Reading) -> Iterator[Finding]:
    """Find limb_power (MRC) of each limb or side."""
    yield from _english(record)
    paired = find_paired(record)
    for found in paired:
        yield from found.findings
    done = 0
    for match in TOLD.finditer(record.text):
        if match.start() >= done:
            start = max(done, record.cues.sentence_start(match.start(), 40))
            done = yield from _region(record, start, match.start(), paired)


def _region(
    record: Reading, start: int, position: int, paired: list[Paired]
) -> Generator[Finding, None, int]:
    """Walk through a sentence that tells of power, around `paired`; return where it ends."""
    stop = _SENTENCE_END.search(record.text, position, position + 200)
    end = stop.start() if stop else min(len(record.text), position + 200)
    sentence = Sentence(record)
    for token in TOKEN.finditer(record.text, start, end):
        if any(found.start <= token.start() < found.end for found in paired):
            continue
        if token["twin"]:
            yield from sentence.take_twin(token)
        elif token["normal"] or token["bare"] or token["grade"] or token["loose"]:
            yield from sentence.take_grade(token)
        elif token.lastgroup == "series":
            yield from sentence.take_series(token)
        else:
            sentence.take_word(token)
    return end


def _english(record: Reading) -> Iterator[Finding]:
    """Find the grades of limbs named in English, after a word for power."""
    if not any(
        word in record.text for word in ("ue", "le", "u/e", "l/e", "arm", "limb", "extremity")
    ):
        return
    for match in ENGLISH.finditer(record.text):
        start, end = match.span()
        line = max(record.text.rfind(mark, 0, start) for mark in "\n。")
        if ENGLISH_POWER.search(record.text, max(line, start - 80, 0), start):
            yield record.finding(
                "limb_power", start, end, float(match["g"]), "MRC",
                side=side_of(record, match["side"] or match["side2"]),
                limb="arm" if match["limb"][0] in "ua" else "leg",
                modifier=match["s"],
            )  # fmt: skip
