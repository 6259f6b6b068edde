"""Names alone behind a word that says whose name follows: 文书:舒畅, 医师签名区瑞, 父咸丰收."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ..identity import NAME, Identity
from ..lexicon import NameParts, compiled
from .plain import EITHER, GOES_ON, WordsOfText
from .shapes import is_han
from .slots import NameSlots
from .terms import TermsOfText

_RUN = compiled(r"[HAN]{2,}")
_BETWEEN = re.compile(r"[ \t_]{0,6}[:|]?[ \t_]{0,6}$")
_SPEAKER = compiled(
    r"(?:^|(?<=\n))[ ]?(?:[HAN]{2,4}科 ?)?(?P<name>[HAN]{2,4}) ?(?:\([HAN\d:]{1,8}\))?:"
)
_FEWEST_SPEAKERS = 4
"""Lines that begin as what somebody says does, from which on a note is talk."""
_BEFORE_DATE = compiled(
    r"(?:^|(?<=[\n。;])|(?<=  ))[ ]*(?P<name>[HAN]{2,4})(?:[ ]?[/、 ][ ]?(?P<second>[HAN]{2,4}))?"
    r"[ ]{1,12}"
    r"(?:(?:19|20)?\d\d[-./年]\d\d?[-./月]\d\d?日?|\d\d?[./月]\d\d?[日号]?"
    r"|[一二][〇零一二三四五六七八九]{3}年[HAN]{1,3}月[HAN]{1,3}日)"
    r"(?=[ ]*(?:\d\d?:\d\d)?[ ]*(?:\n|$))"
)
_CUE, _ROLE = 1.7, 2.6
"""What the word before has to say where the name is no word, and where it is one."""
_TOLD_AFTER = 2.2
"""What says who it is behind a name: a relative in brackets, sex and age."""
_ENDS = frozenset(",。;、)\n/")
_PERSONS = ("患者", "病人", "老人", "家属", "患儿")
"""Whom a sentence may go on about: 患者安静, 家属同意."""
_ACTS = (
    "检查",
    "诊断",
    "护理",
    "麻醉",
    "治疗",
    "监护",
    "评估",
    "住院",
    "穿刺",
    "置管",
    "换药",
    "翻身",
)
"""What is done, rather than who does it: 检查:头颅."""
_PREDICATES = frozenset("在有能可应并都时从由与和及同于向但且均无对未不已是做")


class CuedNames:
    """Finds such names.

    Parameters
    ----------
    parts
        What names are made of.
    slots
        Weighs what stands around them.
    never
        Words that are no names.
    """

    def __init__(self, parts: NameParts, slots: NameSlots, never: Collection[str]) -> None:
        self._of, self._slots = parts, slots
        self._firsts = (
            frozenset(word[0] for word in (*parts.any_surnames, *parts.compound)) - _PREDICATES
        )
        self._title = re.compile(rf"(?:{parts.titles})(?![工组室室])")
        self._titles = frozenset(parts.titles.split("|"))
        self._never = {*never, *parts.left, *parts.right, *parts.titles.split("|")}

    def find(self, text: str, words: WordsOfText, terms: TermsOfText) -> Iterator[Identity]:
        """Yield the names in a text in the form to be searched.

        Parameters
        ----------
        text
            The text.
        words
            Where words stand in it.
        terms
            Where words are that are no names.
        """
        yield from self._called(text, words, terms)
        yield from self._signed(text, terms)
        for run in _RUN.finditer(text):
            end = run.end()
            for size in (3, 2, 4):
                start = end - size
                if start < run.start():
                    continue
                if text[start] not in self._firsts:
                    continue
                given = size - self._of.surname_of(text[start:end], rare=True)
                if given not in (1, 2) or text[start:end] in self._never:
                    continue
                if terms.forbid(start, end):
                    continue
                last = text[end - 1]
                if last in GOES_ON and last not in EITHER or text[start + 1 : end] in self._titles:
                    continue
                if self._is_one(text, start, end, run.start(), words):
                    yield Identity(start, end, NAME)
                    break

    def _called(self, text: str, words: WordsOfText, terms: TermsOfText) -> Iterator[Identity]:
        """Yield words that people are called, too, behind a role or before a title."""
        speakers = {m.span("name") for m in _SPEAKER.finditer(text)}
        named = sum(text[start] in self._of.surnames for start, _ in speakers)
        speaking = len(speakers) >= _FEWEST_SPEAKERS and 2 * named > len(speakers)
        for start, end in words.called:
            name = text[start:end]
            if name in self._never or terms.forbid(start, end):
                continue
            if words.inner[start] or words.inner[end] or text[start - 1 : start] in ("的", "是"):
                continue
            between = _BETWEEN.search(text, max(0, start - 13), start)
            cue = between.start() if between else start
            told = self._slots.word(text, cue) >= (_CUE if ":" in text[cue:start] else _ROLE)
            alone = start == 0 or not is_han(text[start - 1])
            title = self._title.match(text, end) if alone else None
            titled = title is not None and name not in self._of.not_before_title
            if told and text[max(0, cue - 2) : cue] in _PERSONS and cue == start:
                told = self._slots.right(text, end) >= _CUE
            told = told or (
                (alone or self._slots.word(text, start) >= 1.1)
                and self._slots.right(text, end) >= _TOLD_AFTER
            )
            if told or titled or (speaking and (start, end) in speakers):
                yield Identity(start, end, NAME)

    def _signed(self, text: str, terms: TermsOfText) -> Iterator[Identity]:
        """Yield what stands alone before a date that ends its line: a signature."""
        for match in _BEFORE_DATE.finditer(text):
            for start, end in (match.span("name"), match.span("second")):
                name = text[start:end]
                size = self._of.surname_of(name, rare=True)
                if (
                    len(name) - size in (1, 2)
                    and size
                    and name not in self._never
                    and not terms.forbid(start, end)
                ):
                    yield Identity(start, end, NAME)

    def _is_one(self, text: str, start: int, end: int, first: int, words: WordsOfText) -> bool:
        cue, told = start, False
        if start == first:  # nothing but a colon or spaces may stand between
            between = _BETWEEN.search(text, max(0, start - 13), start)
            cue = between.start() if between else start
            told = cue < start and ":" in text[cue:start]
            if cue == start:
                return False
        elif words.inner[start]:
            return False
        weight = self._slots.word(text, cue)
        is_word = text[start:end] in self._of.words or any(words.inner[start + 1 : end])
        if not is_word:
            known = self._of.surnames if text[end - 1] in self._of.given else self._of.common
            return weight >= (_CUE if text[start] in known else _ROLE)
        if text[start] not in (self._of.any_surnames if told else self._of.surnames):
            return False
        if text[max(0, cue - 2) : cue] in _ACTS:
            return False
        if text[end : end + 1] not in ("", *_ENDS) and not text.startswith("  ", end):
            return False
        if text[max(0, cue - 2) : cue] in _PERSONS:
            return False
        return weight >= (_CUE if told else _ROLE)
