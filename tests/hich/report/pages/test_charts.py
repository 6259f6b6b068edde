"""Charts: values stand where the axes say, and words tell what is drawn."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from cohort.base.html.plot import Plot, Scale
from hich.report.model.cohort import BlandAltman, CohortReport, Curve
from hich.report.pages.charts import (
    MOST_LINKED,
    bland_altman,
    histogram,
    learning_curves,
    verdict_bar,
)
from hich.report.pages.charts import verdicts as count_verdicts
from hich.report.pages.words import Words

EN = Words("en")
PAIR = BlandAltman(
    *("volume", "record", "ml", ("a b", "<c>")),
    *((30.0, 10.0), (20.0, 14.0)),
    {"bias": 3.0, "limits": [-10.0, 16.0], "ccc": 0.9, "n": 2},
)


@pytest.mark.parametrize(
    "values", [[0.0], [], [5.0, 5.0], [-3.0, 700.0], [1e-4, 3e-4], [0.99, 1.0], [-12.0, -2.0]]
)
def test_a_scale_holds_its_values_between_round_ticks(values: list[float]) -> None:
    for zero in (True, False):
        scale = Scale.around(values, 0, 100, zero=zero)
        assert all(scale.low <= v <= scale.high for v in values)
        ticks = scale.ticks()
        assert ticks[0] == pytest.approx(scale.low) and ticks[-1] == pytest.approx(scale.high)
        assert 2 <= len(ticks) <= 13


def test_points_of_bland_altman_are_means_and_differences() -> None:
    svg = bland_altman(PAIR, {"a b": "cases/a b.html", "<c>": "cases/<c>.html"}, EN).svg
    plot = Plot("", "", Plot.x_scale([25, 12]), Plot.y_scale([10, -4, -10, 16]), "", "")
    places = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', svg)
    expected = [(plot.x(25), plot.y(10)), (plot.x(12), plot.y(-4))]
    assert [(float(x), float(y)) for x, y in places] == expected
    assert 'href="cases/a%20b.html"' in svg
    assert "<c>" not in svg


def test_bland_altman_says_bias_and_limits() -> None:
    caption = bland_altman(PAIR, {}, EN).caption
    assert caption == (
        "n = 2: bias 3.0 mL, 95 % limits of agreement \u221210.0 mL to 16.0 mL. "
        "Lin's concordance 0.90."
    )
    one = replace(PAIR, cases=("a",), measured=(1.0,), other=(2.0,), summary={"n": 1, "bias": -1.0})
    assert "too few" in bland_altman(one, {}, EN).caption


def test_thousands_of_points_are_one_path() -> None:
    count = MOST_LINKED + 1
    values = tuple(float(i) for i in range(count))
    pair = replace(PAIR, cases=tuple(map(str, range(count))), measured=values, other=values)
    svg = bland_altman(pair, {}, EN).svg
    assert "<circle" not in svg
    assert svg.count("h0") == count


def test_a_histogram_counts_every_value_once() -> None:
    chart = histogram([0.0, 1.0, 1.0, 99.0, 100.0], "Volume", "mL", EN)
    counts = [int(n) for n in re.findall(r": (\d+)</title>", chart.svg)]
    assert sum(counts) == 5
    assert chart.caption == "n = 5: median 1.0, from 0.0 to 100.0."


def test_verdicts_are_counted_by_aspect(cohort: CohortReport) -> None:
    counted = dict(count_verdicts(cohort.cases))
    assert dict(counted["volume"])["differ"] == 2
    bar = verdict_bar(counted["volume"], "Volume", EN)
    widths = [float(w) for w in re.findall(r'width="([\d.]+)%"', bar)]
    assert sum(widths) == pytest.approx(100, abs=0.1)


def test_a_series_without_a_value_is_no_curve() -> None:
    curve = Curve("text", "step", (0, 1), {"ents_f": (None, None), "loss": (1.0, 2.0)})
    (loss,) = learning_curves(curve, EN)
    assert loss.caption == "From 1.000 to 2.000."
    assert learning_curves(Curve("text", "step", (0,), {"loss": (None,)}), EN) == []


def test_learning_curves_part_losses_from_scores_and_leave_out_rates() -> None:
    curve = Curve(
        "imaging",
        "epoch",
        (1, 2, 3),
        {
            "loss": (1.0, 0.5, 0.4),
            "learning_rate": (0.1, 0.1, 0.1),
            "val_dice_hematoma": (None, 0.5, 0.8),
        },
    )
    loss, score = learning_curves(curve, EN)
    assert loss.caption == "From 1.000 to 0.400."
    assert [name for _, name in score.legend] == ["Dice: hematoma"]
    assert score.svg.count('class="curve') == 1
