from __future__ import annotations

import random

import pytest

from cohort.tags.scheme import Span
from text.scores.alignment import EntityPair, align


@pytest.mark.parametrize(
    ("gold", "predicted", "kind"),
    [
        (Span(2, 6, "SITE"), Span(2, 6, "SITE"), "correct"),
        (Span(2, 6, "SITE"), Span(2, 6, "SYMPTOM"), "label"),
        (Span(2, 6, "SITE"), Span(4, 6, "SITE"), "boundary"),
        (Span(2, 6, "SITE"), Span(5, 9, "SYMPTOM"), "boundary, label"),
    ],
)
def test_two_that_share_characters_are_one_pair(gold: Span, predicted: Span, kind: str) -> None:
    pairs = align([gold], [predicted])
    assert pairs == [EntityPair(gold, predicted)]
    assert pairs[0].kind == kind


def test_neighbours_that_share_no_character_are_missed_and_spurious() -> None:
    pairs = align([Span(2, 4, "SITE")], [Span(4, 6, "SITE"), Span(0, 2, "SITE")])
    assert [(pair.kind, pair.start, pair.end) for pair in pairs] == [
        ("spurious", 0, 2),
        ("missed", 2, 4),
        ("spurious", 4, 6),
    ]


def test_an_exact_hit_is_not_given_up_for_a_longer_neighbour() -> None:
    one, other = Span(0, 2, "SYMPTOM"), Span(2, 9, "SYMPTOM")
    assert [pair.kind for pair in align([one, other], [one])] == ["correct", "missed"]
    long = Span(1, 12, "SYMPTOM")
    pairs = align([one, other], [long])
    assert [(pair.gold, pair.kind) for pair in pairs] == [(one, "missed"), (other, "boundary")]


def test_of_two_predictions_in_one_annotation_the_larger_answers() -> None:
    whole = Span(0, 10, "SITE")
    pairs = align([whole], [Span(0, 3, "SITE"), Span(3, 10, "VOLUME")])
    assert pairs == [EntityPair(None, Span(0, 3, "SITE")), EntityPair(whole, Span(3, 10, "VOLUME"))]
    assert [pair.kind for pair in pairs] == ["spurious", "boundary, label"]


def test_of_equal_overlaps_the_same_label_answers() -> None:
    pairs = align([Span(0, 4, "SITE")], [Span(0, 2, "VOLUME"), Span(2, 4, "SITE")])
    assert EntityPair(Span(0, 4, "SITE"), Span(2, 4, "SITE")) in pairs
    assert EntityPair(None, Span(0, 2, "VOLUME")) in pairs


def entities(rng: random.Random) -> list[Span]:
    edges = sorted(rng.sample(range(60), 16))
    spans = [Span(a, b, rng.choice("AB")) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return rng.sample(spans, rng.randint(0, len(spans)))


def test_every_entity_is_in_one_pair_and_overlapping_ones_are_never_both_left_over() -> None:
    rng = random.Random(0)
    for _ in range(300):
        gold, predicted = entities(rng), entities(rng)
        pairs = align(gold, predicted)
        assert sorted(pair.gold for pair in pairs if pair.gold) == sorted(gold)
        assert sorted(pair.predicted for pair in pairs if pair.predicted) == sorted(predicted)
        missed = [pair.gold for pair in pairs if pair.gold and not pair.predicted]
        spurious = [pair.predicted for pair in pairs if pair.predicted and not pair.gold]
        for one in missed:
            assert all(one.end <= other.start or other.end <= one.start for other in spurious)
        correct = sum(pair.kind == "correct" for pair in pairs)
        assert correct == len({*gold} & {*predicted})
