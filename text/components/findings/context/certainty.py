"""Whether a record affirms what it names: cues of negation and doubt, and how far they reach.

After ConText (Harkema et al. 2009, doi:10.1016/j.jbi.2009.05.002), for Chinese: a cue reaches
forward over an enumeration (无A、B及C) to the end of its clause, or to a word that turns the
sentence (但). Who is meant, and 有, belong to the cue (否认患者有). 否认 and 无 reach over commas,
too, where the enumeration ends in 史 only later (否认高血压，糖尿病，心脏病病史). Other cues stand
after what they judge (脑出血待排); those in brackets with words of their own judge these, not the
bleed (脑出血（CAA？）), and a cause that is sought leaves what it caused (脑出血原因待查). Dates of
the past and earlier stays are cues of it, see `past_dates` and `past_stays`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property

from ...sought import any_of
from .past_dates import past_dates
from .past_stays import goes_on, past_stays

REACH = 60
"""How many characters before something a cue for it is looked for."""
REACH_AFTER = 4
"""How many characters may stand between something and the cue after it."""
_SENTENCE_END = re.compile(r"[。;\n!?]")
_CLAUSE_END = re.compile(r"[,。;\n!?: ]")
_WHOM = re.compile(
    r"(?:患者|病人|患儿|本人|其|他|她|自己|家属|及|既往|以往|过去|曾经|曾|近期|明确|存在)*(?:患有|"
    r"服用|有过?|患过?)?"
)
"""What may follow 否认 before what is denied."""
_CAUSE = re.compile(r"\(.|\d[.、)]|原因|病因|诱因|性质|来源|时间|剂量|用量|何时|具体")
"""Between something and a cue that judges its cause, what brackets say, or the next of a list."""
_OF_WHAT_FOLLOWS = re.compile(r"[\u4e00-\u9fff]")
_OLD = re.compile(r"陈旧性?$")
_FORWARD = ("可能", "可疑")
"""Cues after something that judge what follows them instead, where anything does: 可能累及."""
_DAYS_AFTER = re.compile(r" ?第?\d{1,2} ?(?:天|日|h(?![a-z])|小时|d(?![a-z]))|复查|当[日天晚]")
"""After 术后 where the operation was of this stay: 小脑出血术后第3日."""
_DENIED = re.compile(
    r"(?:药物|药品|药|制剂|剂|类|治疗|服用|使用|应用|病|史"
    r"|[、/及和与]抗(?:凝|血小板|栓))*[: \-]{0,3}\(?(?:均?无|否认?|"
    r"-|(?:暂?未|没有|暂?不)(?:曾|在)?(?:服用?|使用|用|应用)(?:药物?)?)\)?(?=[ ,;。\n、|抗]|$)"
)
"""The answer of a form after what it asks for: 抗凝药 无."""
_ANSWERED = re.compile(r"(?:病?史)?[:(] ?[有是](?=[,。;\n )、]|$)")
"""The answer that what a form asks for is there."""
_MAY_BE_DENIED = tuple("药制剂类治服使应病史: (均无否-、/及和与未没不暂")
"""What such an answer begins with."""
_LISTED = re.compile(r"[,、]?[^,。;\n!?: \d有患服曾现予示]{1,10}")


class Cues:
    """Finds the certainty of what stands in a text in normal form.

    Parameters
    ----------
    before, after
        Kind of cue to its words: ``negated``, ``uncertain``, ``historical``; before also
        ``nothing``, for words that hold a cue but are none (无力, and 出现, which is no 现),
        ``stop``, for words where a cue's reach ends, and ``now``, for words where the past ends.
    """

    def __init__(self, before: dict[str, list[str]], after: dict[str, list[str]]) -> None:
        kinds = {kind: words for kind, words in before.items() if kind not in ("stop", "now")}
        self._kind = {word: kind for kind, words in kinds.items() for word in words}
        self._before = re.compile(any_of(list(self._kind)))
        self._stop = re.compile(any_of(before.get("stop", [])))
        self._now = set(before.get("now", []))
        self._now_or_not = re.compile(any_of([*self._now, *before.get("nothing", [])]))
        self._kind_after = {word: kind for kind, words in after.items() for word in words}
        self._after = re.compile(any_of(list(self._kind_after)))

    def read(self, text: str, sections: Iterable[int] = ()) -> CuesRead:
        """Find the cues of a text whose sections start at `sections`."""
        return CuesRead(self, text, sections)


class CuesRead:
    """The cues of one text; see `Cues`."""

    def __init__(self, cues: Cues, text: str, sections: Iterable[int]) -> None:
        self._cues = cues
        self._text = text
        # A section ends the sentence before it: 【既往】高血压 【查体】BP 180/100mmHg.
        ends = {match.start() for match in _SENTENCE_END.finditer(text)}
        headings = (start for start in sections if start and not goes_on(text, start))
        self._ends = sorted(ends.union(start - 1 for start in headings))

    @cached_property
    def _past(self) -> list[tuple[int, int, bool]]:
        """Where dates stand, and whether they are of the past."""
        return list(past_dates(self._text))

    @cached_property
    def _later(self) -> list[int]:
        """Where the dates of now stand."""
        return [start for start, _, past in self._past if not past]

    @cached_property
    def _found(self) -> list[tuple[int, int, str]]:
        """Where cues stand, and their kinds."""
        cues = self._cues
        found = [
            (match.start(), _end(match), kind)
            for match in cues._before.finditer(self._text)
            if (kind := cues._kind[match[0]]) != "nothing"
        ]
        past = [(start, end, "historical") for start, end, past in self._past if past]
        past += [(start, end, "historical") for start, end in past_stays(self._text)]
        if past:
            found += past
            found.sort()
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _, _ in self._found]

    def certainty(self, start: int, end: int, reach_after: int = REACH_AFTER) -> str:
        """Return ``affirmed``, ``negated``, ``uncertain`` or ``historical`` for text[start:end].

        The nearest cue that reaches it counts, but a negation farther out negates what it finds
        doubtful (未见可疑出血), and what the past is said of may be negated (否认既往脑出血).
        """
        kinds = self._kinds_before(start)
        after = self._kind_after(end, reach_after)
        if "uncertain" in kinds and _ANSWERED.match(self._text, end):
            return "affirmed"  # 有无高血压：有
        if "negated" in kinds or after == "negated":
            return "negated"
        if "uncertain" in kinds or after == "uncertain":
            return "uncertain"
        return "historical" if "historical" in kinds or after == "historical" else "affirmed"

    def is_past_date(self, position: int) -> bool:
        """Whether a date of the past begins at `position`."""
        return any(past and start == position for start, _, past in self._past)

    def now(self, text: str) -> bool:
        """Whether `text` turns from the past to now: 既往血压最高180/100，入院时160/90."""
        return any(match[0] in self._cues._now for match in self._cues._now_or_not.finditer(text))

    def sentence_start(self, position: int, reach: int = REACH) -> int:
        """Return where the sentence of `position` begins, or `reach` characters before it."""
        index = bisect_left(self._ends, position) - 1
        return max(0, position - reach, self._ends[index] + 1 if index >= 0 else 0)

    def _kinds_before(self, start: int) -> set[str]:
        earliest = self.sentence_start(start)
        index = bisect_left(self._starts, start) - 1
        kinds: set[str] = set()
        while index >= 0 and self._starts[index] >= earliest:
            cue_start, cue_end, kind = self._found[index]
            if cue_end <= start and kind not in kinds and self._reaches(cue_end, start, kind):
                kinds.add(kind)
            index -= 1
        return kinds

    def _reaches(self, cue_end: int, start: int, kind: str) -> bool:
        gap = self._text[cue_end:start]
        if kind == "historical":
            # The past reaches through the sentence: 5年前左侧基底节区出血，行手术治疗.
            # A lesion that is old is so alone: 陈旧性腔梗，左侧壳核出血.
            old = _OLD.search(self._text, max(0, cue_end - 3), cue_end)
            if old and not set(",;)").isdisjoint(gap):
                return False
            later = bisect_left(self._later, cue_end)
            dated = later < len(self._later) and self._later[later] < start
            return not dated and not self.now(gap)
        if self._cues._stop.search(gap):
            return False
        end = _CLAUSE_END.search(gap)
        return end is None or (kind == "negated" and self._listed(cue_end, start))

    def _listed(self, cue_end: int, start: int) -> bool:
        """Whether the clauses from a cue on are items of one list, which ends in 史 or 等."""
        text, position = self._text, cue_end
        while position < start and text[position:start] not in (",", "、"):
            item = _LISTED.match(text, position, start)
            if item is None or item[0].endswith(("史", "等", "症状")):
                return False
            position = item.end()
        tail = _CLAUSE_END.split(text[start : start + 40])
        return any(part.endswith(("史", "病史")) for part in tail[:3])

    def _kind_after(self, end: int, reach: int) -> str | None:
        text = self._text
        if reach and text[end : end + 1] in _MAY_BE_DENIED and _DENIED.match(text, end):
            return "negated"
        match = self._cues._after.search(self._text, end, end + reach + 8)
        if match is None or match.start() > end + reach:
            return None
        if match[0] == "术后" and _DAYS_AFTER.match(self._text, match.end()):
            return None
        if match[0] in _FORWARD and _OF_WHAT_FOLLOWS.match(self._text, match.end()):
            return None
        gap = self._text[end : match.start()]
        if set(gap) & set(",。;\n!? 、") or _CAUSE.search(gap):
            return None
        return self._cues._kind_after[match[0]]


def _end(cue: re.Match[str]) -> int:
    """Return where a cue ends: 否认患者有 as a whole."""
    if not cue[0].startswith("否认"):
        return cue.end()
    whom = _WHOM.match(cue.string, cue.end())
    return whom.end() if whom else cue.end()
