"""What the network reads of each character: which it is, and what the lists know of it.

The lists speak through words of one to six characters that begin or end at a character. Which of
them begin with a pair of characters is known beforehand, so that most places cost one look-up; and
what several words say together is worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import add

import numpy as np
from numpy.typing import NDArray

from ..lexicon import NameParts

Floats = NDArray[np.float32]
Ids = NDArray[np.intp]
UNKNOWN, OUTSIDE, DIGIT, UPPER, LOWER, SPACE, BREAK = range(7)
FIRST = 7
"""Numbers below this are no character's own; the vocabulary follows."""
_LONGEST = 6
_MORE_ROWS = 4096
_SINGLE = ("common", "any_surname", "given", "given_first", "word_surname", "pure")
_WORDS = ("word2", "word3", "word4", "compound", "left", "right", "title", "kin", "field", "part")
PLURAL = {name: len(_SINGLE) + number for number, name in enumerate(_WORDS)}
"""Where a character's row says what begins there; `len(PLURAL)` further, what ends there."""
SIZE = len(_SINGLE) + 2 * len(_WORDS)
"""Features of a character beside itself."""


class _Rows:
    """Rows of features for sets of words, made when such a set is met.

    Parameters
    ----------
    told
        What each word says, row 0 being that of no word.
    """

    def __init__(self, told: Floats) -> None:
        self._told = told
        self.clear()

    def clear(self) -> None:
        """Forget the sets."""
        self._with: dict[tuple[int, int], int] = {}
        self._rows = self._told.copy()
        self._count = len(self._told)

    def added(self, row: int, word: int) -> int:
        """Return the number of the row that says what a row and a word say.

        Row 0 says nothing; a word's own row has its number.
        """
        if not row:
            return word
        found = self._with.get((row, word))
        if found is None:
            found = self._with[row, word] = self._count
            self._count += 1
            if found == len(self._rows):
                self._rows = np.concatenate([self._rows, np.zeros_like(self._rows[:_MORE_ROWS])])
            self._rows[found] = np.maximum(self._rows[row], self._told[word])
        return found

    def __len__(self) -> int:
        return self._count - len(self._told)

    def __getitem__(self, numbers: list[int]) -> Floats:
        return self._rows[numbers]


class CharacterFeatures:
    """Makes what the network reads.

    Parameters
    ----------
    parts
        What names are made of, and what stands around them.
    fields
        Words that begin the next field of a form.
    vocabulary
        The characters that the network knows, in its order.
    """

    _MOST_SETS = 50_000

    def __init__(self, parts: NameParts, fields: Iterable[str], vocabulary: str) -> None:
        self._ids = np.full(0x110000, UNKNOWN, np.intp)
        self._ids[[ord(c) for c in vocabulary]] = range(FIRST, FIRST + len(vocabulary))
        for first, last, number in (("0", "9", DIGIT), ("A", "Z", UPPER), ("a", "z", LOWER)):
            self._ids[ord(first) : ord(last) + 1] = number
        self._ids[[ord(" "), ord("\n")]] = SPACE, BREAK
        self._single = np.zeros((0x110000, len(_SINGLE)), np.float16)
        for column, known in enumerate(
            (
                parts.common,
                parts.any_surnames,
                parts.given,
                parts.given_first,
                parts.word_surnames,
                parts.pure,
            )
        ):
            self._single[[ord(c) for c in known if len(c) == 1], column] = 1.0
        told = _told(parts, fields)
        self._words = {word: number for number, word in enumerate(told, 1)}
        self._rows = _Rows(np.array([[0.0] * len(_WORDS), *told.values()], np.float32))
        longer: dict[str, set[int]] = {}
        for word in told:
            if len(word) > 1:
                sizes = longer.setdefault(word[:2], set())
                if len(word) > 2:
                    sizes.add(len(word))
        self._ones = {word: number for word, number in self._words.items() if len(word) == 1}
        self._pairs = {
            pair: (self._words.get(pair, 0), tuple(sorted(sizes))) for pair, sizes in longer.items()
        }
        column = PLURAL["left"] - len(_SINGLE)
        self._lefts = frozenset(w for w, row in told.items() if row[column] > 0)
        self._titles = frozenset(parts.titles.split("|"))
        self._most = max(map(len, self._titles))
        self._firsts = frozenset(title[0] for title in self._titles)

    def __call__(self, text: str) -> tuple[Ids, Floats]:
        """Return each character's number (n) and features (n × `SIZE`)."""
        rows = self._rows
        if len(rows) > self._MOST_SETS:
            rows.clear()
        count = len(text)
        beginning, ending = [0] * count, [0] * count
        words, added, one, find = self._words, rows.added, self._ones.get, self._pairs.get
        for at, character in enumerate(text):
            if number := one(character):
                beginning[at] = number
                ending[at] = added(ending[at], number)
        for at, pair in enumerate(map(add, text, text[1:])):
            found = find(pair)
            if found is None:
                continue
            number, longer = found
            if number:
                beginning[at] = added(beginning[at], number)
                ending[at + 1] = added(ending[at + 1], number)
            for size in longer:
                word = text[at : at + size]
                if word in words and at + size <= count:
                    number, last = words[word], at + size - 1
                    beginning[at] = added(beginning[at], number)
                    ending[last] = added(ending[last], number)
        codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
        features = np.empty((count, SIZE), np.float32)
        middle = len(_SINGLE) + len(_WORDS)
        features[:, : len(_SINGLE)] = self._single[codes]
        features[:, len(_SINGLE) : middle] = rows[beginning]
        features[:, middle:] = rows[ending]
        return self._ids[codes], features

    def is_told(self, text: str, end: int) -> bool:
        """Return whether a word that stands before names ends at a place."""
        return any(
            text[end - size : end] in self._lefts for size in range(1, min(_LONGEST, end) + 1)
        )

    def is_title(self, text: str, start: int) -> bool:
        """Return whether a title begins at a place."""
        return text[start : start + 1] in self._firsts and any(
            text[start : start + size] in self._titles
            for size in range(1, min(self._most, _LONGEST) + 1)
        )


def _told(parts: NameParts, fields: Iterable[str]) -> dict[str, list[float]]:
    """Return the words that are known, and what they are."""
    told: dict[str, list[float]] = {}

    def tell(words: Iterable[str], column: int, weight: float = 1.0) -> None:
        for word in words:
            if 0 < len(word) <= _LONGEST:
                row = told.setdefault(word, [0.0] * len(_WORDS))
                row[column] = max(row[column], weight)

    for word in sorted(parts.words):
        if 2 <= len(word) <= 4:
            tell((word,), len(word) - 2)
    tell(sorted(parts.compound), 3)
    for column, weighed in ((4, parts.left), (5, parts.right)):
        for word, weight in weighed.items():
            tell((word,), column, weight / 3.0)
    for column, words in (
        (6, parts.titles.split("|")),
        (7, parts.kin.split("|")),
        (8, fields),
        (9, parts.morphemes.split("|")),
    ):
        tell(words, column)
    return told
