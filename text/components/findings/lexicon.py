"""The vocabulary of findings, compiled."""

from __future__ import annotations

import re

from ..normal_form import translation
from ..sought import ways_of
from .context.certainty import Cues
from .line_breaks import LineBreaks
from .other_words import OtherWords

Vocabulary = dict[str, dict[str, list[str]]]


class _Patterns(dict[str, re.Pattern[str]]):
    """Group to pattern; a group that isn't there has a pattern that finds nothing.

    A `defaultdict` would need a function of its own, which no other process could be sent: spaCy
    sends whole pipelines to its processes where these aren't forked.
    """

    def __missing__(self, group: str) -> re.Pattern[str]:
        return re.compile(r"(?!)")


class Lexicon:
    """The vocabulary, compiled once for all records.

    Attributes
    ----------
    value
        Group of the vocabulary to its words, and each word's value: the key it stands under.
    pattern
        Group to the pattern of any of its words, the longest first.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.value = {
            group: {word: value for value, words in values.items() for word in words}
            for group, values in vocabulary.items()
        }
        # An older pipeline's vocabulary may lack a group, where no file is beside this one.
        self.pattern = _Patterns(
            (g, re.compile("|".join(ways_of(words)) or r"(?!)")) for g, words in self.value.items()
        )
        self.cues = Cues(vocabulary.get("cues", {}), vocabulary.get("cues_after", {}))
        self.table = translation(*vocabulary.get("traditional", {}).get("", ["", ""]))
        self.other_words = OtherWords(vocabulary.get("other_words", {}))
        self.line_breaks = LineBreaks(self.value, self.table)

    def says(self, group: str, text: str) -> bool:
        """Whether `text` holds a word of `group`; those under "other" only look like one."""
        values = self.value.get(group, {})
        return any(values[m[0]] != "other" for m in self.pattern[group].finditer(text))


def within_word(text: str, start: int, end: int) -> bool:
    """Whether a name in Latin letters goes on: MRSA is no MRS."""
    before, after = text[start - 1 : start], text[end : end + 1]
    latin_before = before.isascii() and before.isalpha() and text[start].isascii()
    return latin_before or (after.isascii() and after.isalpha() and text[end - 1].isascii())
