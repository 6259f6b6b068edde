"""An embedding of characters by the n-grams around them, registered as `hich.CharGramEmbed.v1`.

With one token a character, a token's prefix, suffix and shape say nothing; what says where a word
starts and ends are the characters beside it. Conditional random fields for Chinese live on
features such as "this character and the next are 血压"; here each such n-gram has a vector,
looked up in a table by hashing (Svenstrup et al. 2017, arXiv 1709.03933).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from spacy.ml.featureextractor import FeatureExtractor
from spacy.strings import get_string_id
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import (
    Dropout,
    HashEmbed,
    Maxout,
    Model,
    chain,
    concatenate,
    list2ragged,
    ragged2list,
    with_array,
)
from thinc.types import Floats2d, Ints2d

from ..normal_form import HALF_WIDTH
from .crf import Array

ATTRIBUTES = ["LOWER", "IS_DIGIT", "SPACY"]

_DIGIT, _EDGE = np.uint64(1), np.uint64(2)  # beside the hashes of strings, which are random
# Full-width characters count as the half-width ones: records mix ＢＰ and BP.
_HALF_OF = {
    get_string_id(chr(full).lower()): get_string_id(chr(half).lower())
    for full, half in HALF_WIDTH.items()
}
_FULL_KEYS = np.array(sorted(_HALF_OF), dtype="uint64")
_HALF_KEYS = np.array([_HALF_OF[key] for key in sorted(_HALF_OF)], dtype="uint64")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio (Knuth, TAOCP 3, 6.4)


@registry.architectures("hich.CharGramEmbed.v1")
def char_gram_embed(
    width: int, grams: list[list[int]], rows: list[int], gram_width: int, dropout: float
) -> Model[list[Doc], list[Floats2d]]:
    """Embed each character with the n-grams around it.

    Parameters
    ----------
    width
        Width of the output.
    grams
        The n-grams, each as the places of its characters: `[0]` is the character itself,
        `[-1, 0]` it and the one before. Full-width letters, digits and signs count as half-width
        ones, and digits as one character, so that 36.5 and 37.1 look alike; `[0]` has a second
        table that tells digits apart.
    rows
        Rows of each n-gram's table.
    gram_width
        Width of each n-gram's vector.
    dropout
        Share of the vectors' values that are left out in training, whatever the training's own.

    Raises
    ------
    ValueError
        If there are not as many `rows` as `grams`.
    """
    if len(rows) != len(grams):
        raise ValueError(f"{len(grams)} grams want as many rows, not {len(rows)}")
    tables: list[Model[Ints2d, Floats2d]] = [
        HashEmbed(gram_width, n_rows, column=column, seed=column + 1, dropout=0.0)
        for column, n_rows in enumerate([rows[0], *rows])
    ]
    both = len(tables) * gram_width
    mix = Maxout(width, both, nP=3, normalize=True, dropout=0.0)
    return chain(
        FeatureExtractor(ATTRIBUTES),
        _gram_keys(grams),
        list2ragged(),
        with_array(chain(concatenate(*tables), Dropout(dropout), mix)),
        ragged2list(),
    )


def _gram_keys(grams: list[list[int]]) -> Model[list[Ints2d], list[Ints2d]]:
    return Model("gram_keys", _forward, attrs={"grams": grams})


def _forward(
    model: Model[list[Ints2d], list[Ints2d]], features: list[Ints2d], is_train: bool
) -> tuple[list[Ints2d], Callable[[list[Ints2d]], list[Ints2d]]]:
    ops = model.ops
    keys: list[Any] = [gram_keys(ops.to_numpy(array), model.attrs["grams"]) for array in features]
    return [ops.asarray2i(array, dtype="uint64") for array in keys], lambda gradient: []


def gram_keys(features: Array, grams: list[list[int]]) -> Array:
    """Return `(n, 1 + grams)`: a key of each character, digits told apart, and of its n-grams.

    Parameters
    ----------
    features
        `(n, 3)`, the `ATTRIBUTES` of each character.
    grams
        As for `char_gram_embed`.
    """
    lower, is_digit, space_after = features.T.astype("uint64")
    lower = _half_width(lower)
    characters = np.where(is_digit, _DIGIT, lower)
    # A single space is no token of its own; it changes the key of the one before it.
    characters = characters + space_after
    reach = max(abs(place) for gram in grams for place in gram)
    edge = np.full(reach, _EDGE)
    padded = np.concatenate([edge, characters, edge])
    n = len(characters)
    columns = [lower]
    for gram in grams:
        key = np.zeros(n, dtype="uint64")
        for place in gram:
            key = _mixed(key * _MULTIPLIER + padded[reach + place : reach + place + n])
        columns.append(key)
    return np.stack(columns, axis=1)


def _half_width(keys: Array) -> Array:
    at = np.searchsorted(_FULL_KEYS, keys) % len(_FULL_KEYS)
    return np.where(_FULL_KEYS[at] == keys, _HALF_KEYS[at], keys)


def _mixed(key: Array) -> Array:
    # The finalizer of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))
