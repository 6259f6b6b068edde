"""How well two ways of measuring the same thing agree: bias, limits, concordance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from imaging.intervals import Z, bootstrap_ci95, rounded


def agreement(measured: ArrayLike, reference: ArrayLike, *, seed: int = 0) -> dict[str, Any]:
    """Compare measurements with those of a reference, case by case.

    Bias and limits of agreement between which 95 % of the differences are expected, with the
    confidence intervals of each by Student's t (Bland and Altman 1986,
    doi:10.1016/S0140-6736(86)90837-8; 1999, doi:10.1177/096228029900800204, whose standard error
    of a limit, s·√(1/n + z²/(2(n - 1))), is used); and Lin's concordance correlation coefficient
    (1989, doi:10.2307/2532051), 1 where both are always equal.

    Parameters
    ----------
    measured, reference
        [cases], in one unit.
    seed
        Seed of the bootstrap of the coefficient.

    Returns
    -------
    dict
        `bias`: mean of measured minus reference; `sd` of the differences; `limits`: lower and
        upper; `bias_ci95`, `lower_limit_ci95`, `upper_limit_ci95`; `ccc` and `ccc_ci95`; `n`.
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
        "ccc": None,
        "ccc_ci95": None,
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
    with np.errstate(invalid="ignore"):
        ccc = float(concordance(pairs[None])[0])
    result.update(
        bias_ci95=[rounded(bias - of_bias), rounded(bias + of_bias)],
        sd=rounded(sd),
        limits=[rounded(lower), rounded(upper)],
        lower_limit_ci95=[rounded(lower - of_limit), rounded(lower + of_limit)],
        upper_limit_ci95=[rounded(upper - of_limit), rounded(upper + of_limit)],
    )
    if np.isfinite(ccc):
        result.update(ccc=rounded(ccc), ccc_ci95=bootstrap_ci95(pairs, concordance, seed=seed))
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
