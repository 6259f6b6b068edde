"""How well two ways of measuring the same thing agree: bias, limits, concordance, ICC."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from imaging.scores.intervals import Z, bootstrap_ci95, rounded


def agreement(measured: ArrayLike, reference: ArrayLike, *, seed: int = 0) -> dict[str, Any]:
    """Compare measurements with those of a reference, case by case.

    Bias and limits of agreement between which 95 % of the differences are expected, with the
    confidence intervals of each by Student's t (Bland and Altman 1986,
    doi:10.1016/S0140-6736(86)90837-8; 1999, doi:10.1177/096228029900800204, whose standard error
    of a limit, s·√(1/n + z²/(2(n - 1))), is used); and Lin's concordance correlation coefficient
    (1989, doi:10.2307/2532051) and the intraclass correlation ICC(A,1), both 1 where all are
    equal; and the mean of the absolute differences.

    Parameters
    ----------
    measured, reference
        [cases], in one unit.
    seed
        Seed of the bootstrap of the coefficients.

    Returns
    -------
    dict
        `bias`: mean of measured minus reference; `sd` of the differences; `limits`: lower and
        upper; `bias_ci95`, `lower_limit_ci95`, `upper_limit_ci95`; `mae`, the mean absolute
        difference, and `mae_ci95`; `ccc` and `ccc_ci95`; `icc` and `icc_ci95`; `n`.
        What one case can't tell is None.

    Examples
    --------
    >>> result = agreement([11.0, 19.0, 32.0], [10.0, 20.0, 30.0])
    >>> round(result["bias"], 2), round(result["sd"], 2)
    (0.67, 1.53)
    """
    one, two = np.asarray(measured, dtype=float), np.asarray(reference, dtype=float)
    differences, n = one - two, len(one)
    result: dict[str, Any] = {
        "bias": rounded(differences.mean()) if n else None,
        "bias_ci95": None,
        "sd": None,
        "limits": None,
        "lower_limit_ci95": None,
        "upper_limit_ci95": None,
        "mae": rounded(np.abs(differences).mean()) if n else None,
        "mae_ci95": bootstrap_ci95(np.abs(differences), np.mean, seed=seed),
        "ccc": None,
        "ccc_ci95": None,
        "icc": None,
        "icc_ci95": None,
        "n": n,
    }
    if n < 2:
        return result
    bias, sd = differences.mean(), differences.std(ddof=1)
    lower, upper = bias - Z * sd, bias + Z * sd
    t = float(stdtrit(n - 1, 0.975))
    of_bias = t * sd / np.sqrt(n)
    of_limit = t * sd * np.sqrt(1 / n + Z**2 / (2 * (n - 1)))
    pairs = np.stack([one, two], axis=1)
    result.update(
        bias_ci95=[rounded(bias - of_bias), rounded(bias + of_bias)],
        sd=rounded(sd),
        limits=[rounded(lower), rounded(upper)],
        lower_limit_ci95=[rounded(lower - of_limit), rounded(lower + of_limit)],
        upper_limit_ci95=[rounded(upper - of_limit), rounded(upper + of_limit)],
    )
    for name, coefficient in (("ccc", concordance), ("icc", intraclass_correlation)):
        with np.errstate(divide="ignore", invalid="ignore"):
            value = float(coefficient(pairs[None])[0])
        if np.isfinite(value):
            interval = bootstrap_ci95(pairs, coefficient, seed=seed)
            result |= {name: rounded(value), f"{name}_ci95": interval}
    return result


def concordance(pairs: NDArray, axis: int = 1) -> NDArray:
    """Return Lin's concordance correlation coefficient of pairs [..., cases, 2].

    `axis` is that of the cases. NaN where all values are one and the same.
    """
    means = pairs.mean(axis=axis, keepdims=True)
    one, two = np.moveaxis(pairs - means, -1, 0)
    covariance = (one * two).mean(axis=axis)
    variances = np.square(one).mean(axis=axis) + np.square(two).mean(axis=axis)
    apart = np.square(np.diff(means, axis=-1)[..., 0]).squeeze(axis)
    return 2 * covariance / (variances + apart)


def intraclass_correlation(ratings: NDArray, axis: int = 1) -> NDArray:
    """Return the intraclass correlation of ratings [..., cases, raters].

    ICC(A,1) of McGraw and Wong 1996, doi:10.1037/1082-989X.1.1.30, which is ICC(2,1) of Shrout
    and Fleiss 1979, doi:10.1037/0033-2909.86.2.420: two-way, absolute agreement, of a single
    rating. `axis` is that of the cases. NaN where all values are one and the same.
    """
    n, raters = ratings.shape[axis], ratings.shape[-1]
    of_cases = ratings.mean(axis=-1, keepdims=True)
    of_raters = ratings.mean(axis=axis, keepdims=True)
    mean = of_raters.mean(axis=-1, keepdims=True)
    error = np.square(ratings - of_cases - of_raters + mean).sum(axis=(axis, -1))
    between_cases = raters * np.square(of_cases - mean).sum(axis=(axis, -1)) / (n - 1)
    between_raters = n * np.square(of_raters - mean).sum(axis=(axis, -1)) / (raters - 1)
    error = error / ((n - 1) * (raters - 1))
    within = (raters - 1) * error + raters / n * (between_raters - error)
    return (between_cases - error) / (between_cases + within)
