"""Pieces of a text that may be names, judged by a small network.

A piece begins with a surname and has one to three characters more, or is a surname alone before a
title. The network reads the characters of the piece and those around it, and what the lists know
of them; what it says is how likely the piece is a name, from its first character to its last.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..lexicon import IdentityLists, NameParts
from .features import OUTSIDE, PLURAL, SIZE, SPACE, CharacterFeatures, Floats, Ids

LEFT, RIGHT, WITHIN = 6, 6, 4
"""How many characters before, after and of a piece are read."""
ROWS = (-2, -1, 0, 1)
"""Where features are read, from the beginning of a piece; from its end likewise."""
_LONGEST = 4
EXTRA = _LONGEST + 3
_PAD = 8


class Candidates:
    """Finds the pieces that may be names, and makes what the network reads of them.

    Parameters
    ----------
    parts
        What names are made of.
    features
        What the lists know of characters.
    """

    def __init__(self, parts: NameParts, features: CharacterFeatures) -> None:
        self._features = features
        self._frequent = _mask(parts.surnames)
        self._rare = _mask(parts.any_surnames) & ~self._frequent

    def __call__(self, text: str) -> tuple[Ids, Ids, Ids, Floats]:
        """Return where pieces start and end, their characters, and their features."""
        ids, rows, codes = self._features(text)
        count = len(codes)
        han = (codes >= 0x4E00) & (codes < 0xA000) | (codes >= 0x3400) & (codes < 0x4DC0)
        han |= (codes >= 0x20000) & (codes < 0x40000)
        han_at = np.concatenate([han, np.zeros(_PAD, bool)])
        compound = rows[:, PLURAL["compound"]] > 0
        before = np.concatenate([[True], ~han[:-1]])
        told = np.concatenate([[True], rows[:-1, PLURAL["left"] + len(PLURAL)] > 0])
        may = self._frequent[codes] | self._rare[codes] & (before | told)
        title = np.concatenate([rows[:, PLURAL["title"]] > 0, np.zeros(_PAD, bool)])
        called = np.concatenate([[False], _CALLED[codes[:-1]]]) & ~_NO_SURNAME[codes]
        ids_at = np.concatenate([ids, np.full(_PAD, OUTSIDE)])
        starts: list[Ids] = []
        ends: list[Ids] = []
        single = np.flatnonzero(may)
        for size in (1, 2, 3, 4):
            at = single
            for more in range(1, size):
                at = at[han_at[at + more]]
            if size == 1:
                spaced = (ids_at[at + 1] == SPACE) & title[at + 2]
                at = at[title[at + 1] | spaced | called[at]]
            starts.append(at)
            ends.append(at + size)
        double = np.flatnonzero(compound)
        for size in (2, 3, 4):
            at = double
            for more in range(2, size):
                at = at[han_at[at + more]]
            if size == 2:
                at = at[title[at + 2] | (ids_at[at + 2] == SPACE) & title[at + 3]]
            starts.append(at)
            ends.append(at + size)
        first, last = np.concatenate(starts), np.concatenate(ends)
        kept = last <= count
        first, last = first[kept], last[kept]
        return first, last, *_read(ids, rows, compound, first, last)


def _read(
    ids: Ids, rows: Floats, compound: NDArray[np.bool_], first: Ids, last: Ids
) -> tuple[Ids, Floats]:
    padded = np.concatenate([np.full(_PAD, OUTSIDE), ids, np.full(_PAD, OUTSIDE)])
    wide = np.concatenate(
        [np.zeros((_PAD, SIZE), np.float32), rows, np.zeros((_PAD, SIZE), np.float32)]
    )
    first, last = first + _PAD, last + _PAD
    size = last - first
    within = padded[first[:, None] + np.arange(WITHIN)]
    within[np.arange(WITHIN) >= size[:, None]] = OUTSIDE
    characters = np.concatenate(
        [
            padded[first[:, None] + np.arange(-LEFT, 0)],
            within,
            padded[last[:, None] + np.arange(RIGHT)],
        ],
        axis=1,
    )
    places = np.concatenate(
        [first[:, None] + np.array(ROWS), last[:, None] + np.array(ROWS)], axis=1
    )
    extra = np.zeros((len(first), EXTRA), np.float32)
    extra[np.arange(len(first)), size - 1] = 1.0
    extra[:, _LONGEST] = compound[first - _PAD]
    features = np.concatenate(
        [wide[places].reshape(len(first), len(ROWS) * 2 * SIZE), extra], axis=1
    )
    return characters, features


def _mask(characters: Iterable[str]) -> NDArray[np.bool_]:
    mask = np.zeros(0x110000, bool)
    mask[[ord(c) for c in characters if len(c) == 1]] = True
    return mask


_CALLED, _NO_SURNAME = _mask("老小姓阿"), _mask("时便子家")
"""What stands before surnames that people are called by, as 老张; what is another word with it."""


class Judge:
    """Says how likely pieces are names.

    Parameters
    ----------
    candidates
        Finds them.
    weights
        Arrays of the network: `embedding`, `hidden`, `hidden_bias`, `outcome`, `outcome_bias`.
    """

    def __init__(self, candidates: Candidates, weights: dict[str, NDArray[Any]]) -> None:
        self._candidates = candidates
        floats = {name: np.asarray(array, np.float32) for name, array in weights.items()}
        self._embedding = floats["embedding"]
        width = (LEFT + WITHIN + RIGHT) * self._embedding.shape[1]
        self._of_characters = floats["hidden"][:width]
        self._of_features = floats["hidden"][width:]
        self._bias = floats["hidden_bias"]
        self._outcome, self._outcome_bias = floats["outcome"], float(floats["outcome_bias"][0])

    def __call__(self, text: str) -> list[tuple[float, int, int]]:
        """Return the log odds, start and end of each piece that may be a name."""
        if not text:
            return []
        first, last, characters, features = self._candidates(text)
        value = (
            self._embedding[characters].reshape(len(first), len(self._of_characters))
            @ self._of_characters
        )
        value += features @ self._of_features
        value += self._bias
        np.maximum(value, 0.0, out=value)
        odds = value @ self._outcome + self._outcome_bias
        return list(zip(odds.tolist(), first.tolist(), last.tolist(), strict=True))


def judge_of(lexicon: IdentityLists, network: dict[str, Any]) -> Judge:
    """Return the network that `network.json` holds, made ready for the lists."""
    arrays = {
        name: np.frombuffer(base64.b64decode(array["data"]), "<f2").reshape(array["shape"])
        for name, array in network["arrays"].items()
    }
    features = CharacterFeatures(lexicon.names, lexicon.all["fields"], network["vocabulary"])
    return Judge(Candidates(lexicon.names, features), arrays)
