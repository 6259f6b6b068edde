"""Entities that are likelier than not, against counting every tagging of short sequences."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, product

import numpy as np
import pytest

from text.components.ner.biluo import Biluo
from text.components.ner.crf import Packing, marginals
from text.components.ner.likely import LIMIT, likely_entities

SCHEME = Biluo(["SITE", "VOLUME"])
TAGS = len(SCHEME.tags)
LENGTHS = [3, 1, 4, 0, 2]


def found_in(
    scores: np.ndarray, transitions: np.ndarray, lengths: list[int]
) -> list[tuple[int, int, str]]:
    packing = Packing(lengths)
    possible = SCHEME.possible(scores[packing.rows], packing)
    return likely_entities(marginals(possible, transitions, packing), packing, SCHEME)


def entities_of(tags: tuple[int, ...]) -> list[tuple[int, int, str]]:
    """Return the entities of a legal tagging."""
    names = [SCHEME.tags[tag] for tag in tags]
    starts = [i for i, name in enumerate(names) if name[0] in "BU"]
    ends = [i + 1 for i, name in enumerate(names) if name[0] in "LU"]
    return [(a, b, names[a][2:]) for a, b in zip(starts, ends, strict=True)]


def probabilities(scores: np.ndarray, transitions: np.ndarray) -> Counter[tuple[int, int, str]]:
    """Return the probability of each entity of one sequence, from all its taggings."""
    of: Counter[tuple[int, int, str]] = Counter()
    total = 0.0
    for tags in product(range(TAGS), repeat=len(scores)):
        score = SCHEME.first[tags[0]] + SCHEME.last[tags[-1]]
        score += sum(scores[i, tag] for i, tag in enumerate(tags))
        score += sum(transitions[a, b] for a, b in pairwise(tags))
        if np.isfinite(score):
            total += np.exp(score)
            for entity in entities_of(tags):
                of[entity] += np.exp(score)
    return Counter({entity: weight / total for entity, weight in of.items()})


@pytest.mark.parametrize("seed", range(5))
def test_those_are_found_that_more_than_half_of_all_taggings_have(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = 3 * rng.normal(size=(sum(LENGTHS), TAGS))
    transitions = rng.normal(size=(TAGS, TAGS)) + SCHEME.transitions
    expected = []
    for start, length in zip(np.cumsum(LENGTHS) - LENGTHS, LENGTHS, strict=True):
        of = probabilities(scores[start : start + length], transitions) if length else {}
        expected += [(start + a, start + b, c) for (a, b, c), p in of.items() if p > LIMIT]
    assert expected and found_in(scores, transitions, LENGTHS) == sorted(expected)


def test_an_entity_is_left_out_where_others_together_are_likelier() -> None:
    # The likeliest tagging has one of three, which is likelier wrong than right.
    scores = np.full((1, TAGS), -50.0)
    scores[0, [SCHEME.index["U-SITE"], 0, SCHEME.index["U-VOLUME"]]] = np.log([0.4, 0.3, 0.3])
    assert found_in(scores, SCHEME.transitions, [1]) == []
    scores[0, SCHEME.index["U-SITE"]] = np.log(0.61)
    assert found_in(scores, SCHEME.transitions, [1]) == [(0, 1, "SITE")]


def test_long_entities_and_none_at_all() -> None:
    scores = np.full((2000, TAGS), 0.0)
    scores[0, SCHEME.index["B-VOLUME"]] = scores[-1, SCHEME.index["L-VOLUME"]] = 30.0
    scores[1:-1, SCHEME.index["I-VOLUME"]] = 30.0
    assert found_in(scores, SCHEME.transitions, [2000]) == [(0, 2000, "VOLUME")]
    assert found_in(np.zeros((0, TAGS)), SCHEME.transitions, [0, 0]) == []
