"""The conditional random field against counting every tagging of short sequences."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from text.components.ner.biluo import Biluo
from text.components.ner.crf import IMPOSSIBLE, Packing, expectations

LENGTHS = [3, 1, 4, 0, 2]
SCHEME = Biluo(["SITE", "VOLUME"])
TAGS = len(SCHEME.tags)


def random_scores(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = 3 * rng.normal(size=(sum(LENGTHS), TAGS))
    return scores, rng.normal(size=(TAGS, TAGS)) + SCHEME.transitions


def every_tagging(scores: np.ndarray, transitions: np.ndarray) -> dict[tuple[int, ...], float]:
    """Return the score of each tagging of one sequence."""
    scores = scores.copy()
    scores[0] += SCHEME.first
    scores[-1] += SCHEME.last
    return {
        tags: sum(scores[i, tag] for i, tag in enumerate(tags))
        + sum(transitions[a, b] for a, b in pairwise(tags))
        for tags in product(range(TAGS), repeat=len(scores))
    }


def sequences(scores: np.ndarray) -> list[np.ndarray]:
    return [part for part in np.split(scores, np.cumsum(LENGTHS)[:-1]) if len(part)]


def test_log_z_and_its_gradients_are_those_of_every_tagging() -> None:
    scores, transitions = random_scores()
    log_z, tags, pairs = 0.0, [], np.zeros((TAGS, TAGS))
    for sequence in sequences(scores):
        of = every_tagging(sequence, transitions)
        z = np.log(sum(np.exp(score) for score in of.values()))
        log_z += z
        expected = np.zeros(sequence.shape)
        for tagging, score in of.items():
            probability = np.exp(score - z)
            expected[range(len(sequence)), tagging] += probability
            for a, b in pairwise(tagging):
                pairs[a, b] += probability
        tags.append(expected)
    packing = Packing(LENGTHS)
    possible = SCHEME.possible(scores[packing.rows], packing)
    found = expectations(possible, transitions, packing)
    assert found[0] == pytest.approx(log_z, abs=1e-9)
    np.testing.assert_allclose(found[1], np.concatenate(tags)[packing.rows], atol=1e-12)
    np.testing.assert_allclose(found[2], pairs, atol=1e-12)


def test_scores_that_would_overflow_are_no_trouble() -> None:
    packing = Packing([2000])
    scores = np.zeros((2000, 5))
    scores[:, 0] = 1e4
    log_z, tags, _ = expectations(scores, np.zeros((5, 5)), packing)
    assert log_z == pytest.approx(2000 * 1e4)
    assert tags[:, 0].min() == pytest.approx(1)


def test_no_sequences_have_nothing_to_say() -> None:
    packing = Packing([0, 0])
    log_z, tags, pairs = expectations(np.zeros((0, TAGS)), SCHEME.transitions, packing)
    assert log_z == 0 and tags.shape == (0, TAGS) and not pairs.any()


def test_packing_takes_each_row_once_and_knows_the_one_before() -> None:
    packing = Packing(LENGTHS)
    assert sorted(packing.rows.tolist()) == list(range(sum(LENGTHS)))
    assert (packing.rows[packing.before] + 1 == packing.rows[~packing.first]).all()
    assert packing.rows[packing.first].tolist() == [4, 0, 8, 3]  # the longest first
    assert sorted(packing.rows[packing.last].tolist()) == [2, 3, 7, 9]


def test_a_tag_follows_only_where_an_entity_stays_whole() -> None:
    allowed = {
        (a, b)
        for i, a in enumerate(SCHEME.tags)
        for j, b in enumerate(SCHEME.tags)
        if SCHEME.transitions[i, j] == 0
    }
    for a in SCHEME.tags:
        for b in SCHEME.tags:
            inside = a[0] in "BI"
            goes_on = b[0] in "IL"
            assert ((a, b) in allowed) == (inside == goes_on and (not inside or a[2:] == b[2:]))
    assert [SCHEME.tags[i] for i in np.flatnonzero(SCHEME.first == IMPOSSIBLE)] == [
        *("I-SITE", "L-SITE", "I-VOLUME", "L-VOLUME")
    ]
    assert [SCHEME.tags[i] for i in np.flatnonzero(SCHEME.last == IMPOSSIBLE)] == [
        *("B-SITE", "I-SITE", "B-VOLUME", "I-VOLUME")
    ]


def test_unknown_tags_leave_everything_open() -> None:
    allowed = SCHEME.allowed(["O", None, "U-VOLUME"])
    assert allowed.sum(axis=1).tolist() == [1, TAGS, 1]
    assert allowed[2, SCHEME.index["U-VOLUME"]]
    with pytest.raises(KeyError, match="B-AGE"):
        SCHEME.allowed(["B-AGE"])
