"""What the network reads of each character: which it is, and what the lists know of it.

The lists speak through words of one to six characters that begin or end at a character. They are
looked up all at once, as sorted hashes, which is what makes the network fast enough.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..lexicon import NameParts

Floats = NDArray[np.float32]
Ids = NDArray[np.intp]
UNKNOWN, OUTSIDE, DIGIT, UPPER, LOWER, SPACE, BREAK = range(7)
FIRST = 7
"""Numbers below this are no character's own; the vocabulary follows."""
_LONGEST = 6
_PRIME = np.uint64(1099511628211)
_BUCKETS = 1 << 18
_MASK, _SHIFT = np.uint64(_BUCKETS - 1), np.uint64(23)
_SINGLE = ("common", "any_surname", "given", "given_first", "word_surname", "pure")
_WORDS = ("word2", "word3", "word4", "compound", "left", "right", "title", "kin", "field", "part")
PLURAL = {name: len(_SINGLE) + number for number, name in enumerate(_WORDS)}
"""Where a character's row says what begins there; `len(PLURAL)` further, what ends there."""
SIZE = len(_SINGLE) + 2 * len(_WORDS)
"""Features of a character beside itself."""


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

    def __init__(self, parts: NameParts, fields: Iterable[str], vocabulary: str) -> None:
        self._ids = np.zeros(0x110000, np.int32)
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
        self._tables = _tables(parts, fields)

    def __call__(self, text: str) -> tuple[Ids, Floats, NDArray[np.uint32]]:
        """Return each character's number (n), features (n × `SIZE`), and code point (n)."""
        codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
        count = len(codes)
        features = np.zeros((count, SIZE), np.float32)
        features[:, : len(_SINGLE)] = self._single[codes]
        starting = features[:, len(_SINGLE) : len(_SINGLE) + len(_WORDS)]
        ending = features[:, len(_SINGLE) + len(_WORDS) :]
        hashes = np.zeros(count, np.uint64)
        wide = codes.astype(np.uint64)
        for size in range(1, min(_LONGEST, count) + 1):
            hashes = hashes[: count - size + 1] * _PRIME + wide[size - 1 :]
            may, keys, told = self._tables[size]
            places = np.flatnonzero(may[_bucket(hashes)])
            at = np.searchsorted(keys, hashes[places])
            at[at == len(keys)] = 0
            known = keys[at] == hashes[places]
            places, rows = places[known], told[at[known]]
            starting[places] = np.maximum(starting[places], rows)
            last = places + size - 1
            ending[last] = np.maximum(ending[last], rows)
        return self._ids[codes].astype(np.intp), features, codes


def _tables(
    parts: NameParts, fields: Iterable[str]
) -> dict[int, tuple[NDArray[np.bool_], NDArray[np.uint64], Floats]]:
    """Return for each length the buckets and sorted hashes of known words, and what they are."""
    told: dict[int, dict[str, list[float]]] = {size: {} for size in range(1, _LONGEST + 1)}

    def tell(words: Iterable[str], column: int, weight: float = 1.0) -> None:
        for word in words:
            if 0 < len(word) <= _LONGEST:
                row = told[len(word)].setdefault(word, [0.0] * len(_WORDS))
                row[column] = max(row[column], weight)

    for word in parts.words:
        if 2 <= len(word) <= 4:
            tell((word,), len(word) - 2)
    tell(parts.compound, 3)
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
    tables = {}
    for size, rows in told.items():
        words = list(rows) or [chr(0x10FFFF) * size]
        codes = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32).reshape(-1, size)
        hashes = np.zeros(len(words), np.uint64)
        for column in range(size):
            hashes = hashes * _PRIME + codes[:, column].astype(np.uint64)
        order = np.argsort(hashes)
        known = np.array(list(rows.values()) or [[0.0] * len(_WORDS)], np.float32)
        may = np.zeros(_BUCKETS, bool)
        may[_bucket(hashes)] = True
        tables[size] = may, hashes[order], known[order]
    return tables


def _bucket(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return where it is told at once of most words that they are not known."""
    return (hashes ^ (hashes >> _SHIFT)) & _MASK
