"""Bias, limits of agreement and concordance."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from imaging.scores.agreement import agreement, intraclass_correlation

# Peak expiratory flow in l/min by two meters, Bland and Altman 1986, table 1, first readings.
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def test_bias_and_limits_are_those_that_bland_and_altman_published() -> None:
    result = agreement(WRIGHT, MINI)
    assert result["n"] == 17
    assert result["bias"] == pytest.approx(-2.1, abs=0.05)
    assert result["sd"] == pytest.approx(38.8, abs=0.05)
    # They round 1.96 to 2 and get -79.7 and 75.5.
    bias, sd = result["bias"], result["sd"]
    assert result["limits"] == pytest.approx([bias - 1.96 * sd, bias + 1.96 * sd], abs=0.01)
    assert result["limits"] == pytest.approx([-79.7, 75.5], abs=2)
    assert result["bias_ci95"] == pytest.approx([-22.0, 17.8], abs=0.1)
    # By the standard error that they round to √(3 s²/n): -114.3 to -45.1 and 40.9 to 110.1.
    assert result["lower_limit_ci95"] == pytest.approx([-114.3, -45.1], abs=2)
    assert result["upper_limit_ci95"] == pytest.approx([40.9, 110.1], abs=2)


def test_interval_of_the_bias_is_that_of_the_t_test() -> None:
    rng = np.random.default_rng(0)
    one, two = rng.normal(30, 10, (2, 12))
    interval = stats.ttest_rel(one, two).confidence_interval(0.95)
    assert agreement(one, two)["bias_ci95"] == pytest.approx(list(interval), abs=1e-5)


def test_limits_hold_95_of_100_differences() -> None:
    rng = np.random.default_rng(1)
    reference = rng.uniform(1, 80, 3000)
    low, high = agreement(reference + rng.normal(2, 3, 3000), reference)["limits"]
    assert (low, high) == pytest.approx((2 - 1.96 * 3, 2 + 1.96 * 3), abs=0.3)


def test_intervals_of_the_limits_cover_them_as_often_as_they_say() -> None:
    rng, hits = np.random.default_rng(2), 0
    for _ in range(400):
        differences = rng.normal(0, 1, 25)
        low, high = agreement(differences, np.zeros(25))["upper_limit_ci95"]
        hits += low <= 1.96 <= high
    assert 0.91 <= hits / 400 <= 0.98


def test_concordance_by_hand() -> None:
    # Means 2 and 3, variances 2/3 each, covariance 2/3: 2 · 2/3 ÷ (4/3 + 1) = 4/7.
    assert agreement([1, 2, 3], [2, 3, 4])["ccc"] == pytest.approx(4 / 7, abs=1e-6)


def test_concordance_is_correlation_less_bias() -> None:
    rng = np.random.default_rng(3)
    one = rng.normal(30, 10, 40)
    two = one + rng.normal(1, 4, 40)
    r = np.corrcoef(one, two)[0, 1]
    scale, location = np.std(one) / np.std(two), one.mean() - two.mean()
    bias = 2 / (scale + 1 / scale + location**2 / (np.std(one) * np.std(two)))
    result = agreement(one, two)
    assert result["ccc"] == pytest.approx(r * bias, abs=1e-6)
    assert result["ccc_ci95"][0] < result["ccc"] < result["ccc_ci95"][1] < 1


def test_intraclass_correlation_is_that_of_shrout_and_fleiss() -> None:
    # Their table 2: six targets by four judges, of which ICC(2,1) is .29.
    ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    assert intraclass_correlation(np.array([ratings], float))[0] == pytest.approx(0.29, abs=0.005)


def test_intraclass_correlation_by_hand() -> None:
    # Cases 3 mean squares of 2, raters 1.5, error 0: 2 ÷ (2 + 2/3 · 1.5).
    result = agreement([1, 2, 3], [2, 3, 4])
    assert result["icc"] == pytest.approx(2 / 3, abs=1e-6)
    assert result["mae"] == 1


def test_mean_absolute_error_counts_both_ways() -> None:
    result = agreement([12.0, 17.0, 30.0], [10.0, 20.0, 29.0])
    assert (result["bias"], result["mae"]) == (0, 2)
    assert result["mae_ci95"][0] < 2 < result["mae_ci95"][1]


def test_equal_measurements_agree_fully() -> None:
    result = agreement([1.0, 2.0, 5.0], [1.0, 2.0, 5.0])
    assert (result["bias"], result["sd"], result["limits"], result["ccc"]) == (0, 0, [0, 0], 1)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_what_cannot_be_told_is_null_never_nan(n: int) -> None:
    result = agreement([3.0] * n, [3.0] * n)
    json.dumps(result, allow_nan=False)
    for coefficient in ("ccc", "icc"):
        assert result[coefficient] is result[f"{coefficient}_ci95"] is None
    assert result["n"] == n
    assert (result["limits"] is None) == (n < 2)
    assert (result["bias"] is None) == (n < 1)
