"""95 % confidence intervals over cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 2000
VALUES_AT_ONCE = 1 << 22
Z = 1.959963984540054
"""97.5th percentile of the normal distribution."""


def bootstrap_ci95(
    values: ArrayLike, statistic: Callable[..., NDArray] = np.mean, *, seed: int = 0
) -> list[float] | None:
    """Return the percentile bootstrap interval of a statistic over cases.

    Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13. Whole cases are
    drawn, so that several lesions of one patient don't count as independent; the same seed draws
    the same cases for every statistic of as many cases.

    Parameters
    ----------
    values
        [cases] or [cases, columns].
    statistic
        Reduces draws [resamples, cases, ...] to [resamples]; called with `axis=1`. A draw where
        it is not defined gives NaN and is left out.
    seed
        Seed of the draws.

    Returns
    -------
    list of float or None
        Lower and upper bound. None for fewer than two cases, since one says nothing about the
        spread over cases, and where the statistic is not defined.

    Examples
    --------
    >>> bootstrap_ci95([0.8, 0.9, 1.0, 0.9], np.median)
    [0.8, 1.0]
    """
    array = np.asarray(values, dtype=float)
    if len(array) < 2:
        return None
    rng = np.random.default_rng(seed)
    # Many draws at once, but not so many that thousands of cases fill the memory.
    at_once = max(1, VALUES_AT_ONCE // array.size)
    pieces = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for start in range(0, RESAMPLES, at_once):
            size = (min(at_once, RESAMPLES - start), len(array))
            pieces.append(statistic(array[rng.integers(len(array), size=size)], axis=1))
    found = np.concatenate(pieces)
    found = found[np.isfinite(found)]
    return [rounded(bound) for bound in np.percentile(found, [2.5, 97.5])] if found.size else None


def wilson_ci95(hits: int, n: int) -> list[float] | None:
    """Return the score interval of a share (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    Unlike the bootstrap's it has a width where all cases are alike: 10 of 10 does not
    prove 100 %.

    Examples
    --------
    >>> wilson_ci95(10, 10)
    [0.722467, 1.0]
    """
    if not n:
        return None
    from scipy.stats import binomtest

    found = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    return [rounded(found.low), rounded(found.high)]


def rounded(value: float | np.floating[Any]) -> float:
    """Return a value as it stands in files of metrics."""
    return round(float(value), 6)
