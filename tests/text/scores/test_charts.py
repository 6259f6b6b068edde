from __future__ import annotations

import re

import pytest

from cohort.tags.scheme import Span
from text.scores.alignment import EntityPair
from text.scores.charts import score_bars, training_charts
from text.scores.scores import EntityScore, Tally
from text.training.learning_curve import Step


def tally_of(*pairs: tuple[Span | None, Span | None]) -> Tally:
    tally = Tally()
    for pair in pairs:
        tally.add(EntityPair(*pair))
    return tally


ONE, OTHER = Span(0, 2, "症状"), Span(0, 2, "A$B$_{")
TALLY = tally_of((ONE, ONE), (ONE, OTHER), (ONE, Span(0, 3, "症状")), (ONE, None), (None, OTHER))


def test_the_matrix_has_a_place_for_every_pair() -> None:
    assert TALLY.confusion.rows(["症状", "A$B$_{"]) == [
        [1, 1, 1, 1],
        [0, 0, 0, 0],
        [0, 1, 0, 0],
    ]


def test_scores_that_are_undefined_are_none() -> None:
    score = TALLY.labels["A$B$_{"]
    assert (score.gold, score.predicted) == (0, 2)
    assert (score.precision, score.recall, score.f1) == (0.0, None, 0.0)
    assert EntityScore(gold=3).precision is None
    assert TALLY.all.recall == pytest.approx(1 / 4)
    assert TALLY.all.precision == pytest.approx(1 / 4)
    assert TALLY.all.wrong == 6


def test_worst_labels_come_first_and_of_equals_the_most_annotated() -> None:
    a, b, c = Span(0, 1, "A"), Span(0, 1, "B"), Span(0, 1, "C")
    assert tally_of((a, a), (b, None), (c, None), (c, None)).worst_first() == ["C", "B", "A"]


def test_bars_are_as_wide_as_the_scores_and_say_them() -> None:
    svg = score_bars("A$B$_{", TALLY.labels["症状"])
    assert re.findall(r'width="([\d.]+)%" height="[\d.]+"><title>(.*?)<', svg) == [
        ("50.00", "precision 0.500"),
        ("25.00", "recall 0.250"),
        ("33.33", "F1 0.333"),
    ]
    assert 'aria-label="A$B$_{: precision 0.500, recall 0.250, F1 0.333"' in svg
    assert "recall –" in score_bars("A", TALLY.labels["A$B$_{"])


def test_training_is_drawn_as_losses_and_scores_from_0_to_1() -> None:
    scores = {"ents_f": 60.0, "ents_p": 50.0, "ents_r": 75.0}
    steps = [Step(0, 0, {"ner": 8.0}, dict.fromkeys(scores, 0.0)), Step(1, 4, {"ner": 8.0}, scores)]
    loss, score = training_charts(steps)
    assert [name for _, name in loss.legend] == ["ner"]
    assert [name for _, name in score.legend] == ["precision", "recall", "F1"]
    assert score.caption == "Best F1 0.600 at batch 4."
    assert "1</text>" in score.svg and "60" not in re.findall(r">([\d.]+)</text>", score.svg)
