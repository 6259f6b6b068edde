from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

import text.scores.charts as charts
from cohort.tags.scheme import Span
from text.scores.alignment import EntityPair
from text.scores.charts import confusion_array, font_for, save_charts
from text.scores.scores import EntityScore, Tally


def tally_of(*pairs: tuple[Span | None, Span | None]) -> Tally:
    tally = Tally()
    for pair in pairs:
        tally.add(EntityPair(*pair))
    return tally


ONE, OTHER = Span(0, 2, "症状"), Span(0, 2, "A$B$_{")
TALLY = tally_of((ONE, ONE), (ONE, OTHER), (ONE, Span(0, 3, "症状")), (ONE, None), (None, OTHER))


def test_the_matrix_has_a_place_for_every_pair() -> None:
    assert confusion_array(TALLY, ["症状", "A$B$_{"]).tolist() == [
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


def test_matplotlibs_own_font_is_taken_where_it_has_the_characters() -> None:
    assert font_for(["SYMPTOM", "größe"]) == "DejaVu Sans"


def test_labels_that_no_font_has_are_numbered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts, "FONTS", ("DejaVu Sans",))
    assert save_charts(tmp_path, TALLY) == {"A$B$_{": "1", "症状": "2"}
    for name in (charts.SCORES, charts.CONFUSION):
        with Image.open(tmp_path / name) as picture:
            assert picture.format == "PNG" and min(picture.size) > 150


def test_an_installed_chinese_font_writes_chinese_labels(tmp_path: Path) -> None:
    if font_for(["症状"]) is None:
        pytest.skip("no Chinese font here")
    assert save_charts(tmp_path, TALLY) == {}
