"""Confidence intervals over cases."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from imaging.scores.intervals import bootstrap_ci95, wilson_ci95


@pytest.mark.parametrize("statistic", [np.mean, np.median])
def test_bootstrap_equals_scipy(statistic: object) -> None:
    values = np.random.default_rng(0).gamma(2, 5, 40)
    theirs = stats.bootstrap(
        (values,), statistic, n_resamples=20000, method="percentile", random_state=1
    ).confidence_interval
    ours = bootstrap_ci95(values, statistic)
    assert ours == pytest.approx(list(theirs), rel=0.03)


def test_rows_of_a_case_are_drawn_together() -> None:
    def difference(draws: np.ndarray, axis: int) -> np.ndarray:
        return (draws[..., 0] - draws[..., 1]).mean(axis=axis)

    one = np.random.default_rng(0).normal(0, 10, 30)
    assert bootstrap_ci95(np.stack([one, one - 2], axis=1), difference) == [2.0, 2.0]


def test_draws_where_the_statistic_is_undefined_are_left_out() -> None:
    def ratio(draws: np.ndarray, axis: int) -> np.ndarray:
        hits, n = np.moveaxis(draws.sum(axis=axis), -1, 0)
        return hits / n

    assert bootstrap_ci95([(1, 2), (0, 0)], ratio) == [0.5, 0.5]
    assert bootstrap_ci95([(0, 0), (0, 0)], ratio) is None


def test_one_case_has_no_interval() -> None:
    assert bootstrap_ci95([0.5]) is None
    assert bootstrap_ci95([]) is None


@pytest.mark.parametrize(("hits", "n"), [(0, 12), (7, 12), (95, 100), (12, 12)])
def test_interval_of_a_share_equals_scipy(hits: int, n: int) -> None:
    theirs = stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert wilson_ci95(hits, n) == pytest.approx([theirs.low, theirs.high], abs=1e-5)


def test_share_of_nothing_has_no_interval() -> None:
    assert wilson_ci95(0, 0) is None


def test_interval_covers_the_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(200):
        low, high = bootstrap_ci95(rng.uniform(0.4, 1, 30)) or (1, 0)
        hits += low <= 0.7 <= high
    assert 0.88 <= hits / 200 <= 0.99


def test_many_cases_are_drawn_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).normal(5, 1, 50)
    whole = bootstrap_ci95(values)
    monkeypatch.setattr("imaging.scores.intervals.VALUES_AT_ONCE", 700)
    assert bootstrap_ci95(values) == pytest.approx(whole, abs=0.02)
