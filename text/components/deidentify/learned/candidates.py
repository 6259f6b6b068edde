"""Pieces of a text that may be names, judged by a small network.

A piece begins with a surname and has one to three characters more, or is a surname alone before a
title. The network reads the characters of the piece and those around it, and what the lists know
of them; what it says is how likely the piece is a name, from its first character to its last.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..lexicon import IdentityLists, NameParts
from .features import OUTSIDE, PLURAL, SIZE, CharacterFeatures, Floats, Ids

LEFT, RIGHT, WITHIN = 6, 6, 4
"""How many characters before, after and of a piece are read."""
ROWS = (-2, -1, 0, 1)
"""Where features are read, from the beginning of a piece; from its end likewise."""
_LONGEST = 4
EXTRA = _LONGEST + 3
_PAD = 8
_CALLED, _NO_SURNAME = frozenset("老小姓阿"), frozenset("时便子家")
"""What stands before surnames that people are called by, as 老张; what is another word with it."""

Pieces = list[tuple[int, int]]


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
        self._compound = parts.compound
        self._doubled = frozenset(word[0] for word in parts.compound)
        self._frequent = frozenset(c for c in parts.surnames if len(c) == 1)
        self._rare = frozenset(c for c in parts.any_surnames if len(c) == 1) - self._frequent
        self._any = self._frequent | self._rare | self._doubled

    def pieces(self, text: str) -> Pieces:
        """Return where pieces start and end, in order."""
        found: Pieces = []
        title = self._features.is_title
        known, last = self._any, len(text)
        for at, character in enumerate(text):
            if character not in known:
                continue
            more = _han_from(text, at + 1, min(at + _LONGEST, last)) - at
            sizes: set[int] = set()
            if self._may_begin(text, at):
                sizes.update(range(2, more + 1))
                after = at + 1
                if (
                    title(text, after)
                    or (text[after : after + 1] == " " and title(text, after + 1))
                    or (text[at - 1 : at] in _CALLED and at and character not in _NO_SURNAME)
                ):
                    sizes.add(1)
            if character in self._doubled and text[at : at + 2] in self._compound:
                after = at + 2
                sizes.update(range(3, max(more, 2) + 1))
                if title(text, after) or (
                    text[after : after + 1] == " " and title(text, after + 1)
                ):
                    sizes.add(2)
            found += [(at, at + size) for size in sorted(sizes)]
        return found

    def _may_begin(self, text: str, at: int) -> bool:
        """Return whether a surname of one character may begin a name at a place."""
        character = text[at]
        if character in self._frequent:
            return True
        return character in self._rare and (
            at == 0 or not _is_han(text[at - 1]) or self._features.is_told(text, at)
        )

    def read(self, text: str, pieces: Pieces) -> tuple[Ids, Floats]:
        """Return the characters of pieces and those around them, and their features."""
        ids, rows = self._features(text)
        first, last = np.array(pieces, np.intp).reshape(-1, 2).T
        return _read(ids, rows, rows[:, PLURAL["compound"]] > 0, first, last)


def _is_han(character: str) -> bool:
    return (
        "\u4e00" <= character <= "\u9fff"
        or "\u3400" <= character <= "\u4dbf"
        or "\U00020000" <= character <= "\U0003ffff"
    )


def _han_from(text: str, at: int, end: int) -> int:
    """Return where the Chinese characters from a place on end, `end` at the latest."""
    while at < end and _is_han(text[at]):
        at += 1
    return at


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

    def __call__(
        self, text: str, forbid: Callable[[int, int], bool] | None = None
    ) -> list[tuple[float, int, int]]:
        """Return the log odds, start and end of each piece that may be a name.

        Parameters
        ----------
        text
            The text.
        forbid
            Says of a start and an end that there is none.
        """
        pieces = self._candidates.pieces(text)
        if forbid is not None:
            pieces = [piece for piece in pieces if not forbid(*piece)]
        if not pieces:
            return []
        characters, features = self._candidates.read(text, pieces)
        value = (
            self._embedding[characters].reshape(len(pieces), len(self._of_characters))
            @ self._of_characters
        )
        value += features @ self._of_features
        value += self._bias
        np.maximum(value, 0.0, out=value)
        odds = value @ self._outcome + self._outcome_bias
        return [(one, *piece) for one, piece in zip(odds.tolist(), pieces, strict=True)]


def judge_of(lexicon: IdentityLists, network: dict[str, Any]) -> Judge:
    """Return the network that `network.json` holds, made ready for the lists."""
    arrays = {
        name: np.frombuffer(base64.b64decode(array["data"]), "<f2").reshape(array["shape"])
        for name, array in network["arrays"].items()
    }
    features = CharacterFeatures(lexicon.names, lexicon.all["fields"], network["vocabulary"])
    return Judge(Candidates(lexicon.names, features), arrays)
