"""The plane in which the inner table of a skull is most nearly its own mirror image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imaging.measure.skull.inner_table import InnerTable

ODD_MM = 1.5
"""What lies so far from its mirror image begins to count less."""
FAR_MM = 6.0
"""What lies farther counts as this far, where a first guess is looked for."""
LEAST_SLICES = 4
"""From so many on, how a head is tilted to a side can be told."""
SCALES, STEP = (10.0, 0.1, 0.1), 0.01
"""Of a plane's place in mm and its slopes; steps by which their effect is tried, times these."""
TURNS = (-20.0, -10.0, 0.0, 10.0, 20.0)
"""Degrees of the turned heads that are tried first, toward the left."""


def plane_of_symmetry(table: InnerTable) -> tuple[float, float, float] | None:
    """Return the plane x = a + b y + c z between a head's halves; a, b and c, in mm.

    Of all planes the one is found across which the mirror image of the inner table lies nearest
    to the inner table itself, by least squares with a robust loss: a flap, a sinus or a
    flattened occiput are in one half only. The head may be turned and tilted to a side. What
    shift is measured from (the middle between the inner tables) is so defined by the guidelines
    of Bullock et al. 2006, doi:10.1227/01.NEU.0000210364.29290.C9, in one slice.

    Parameters
    ----------
    table
        The inner table, in mm (`Grid.upright`).

    Returns
    -------
    tuple or None
        None where too little bone shows.
    """
    from scipy.optimize import least_squares

    points = table.points
    if len(points) < 100:
        return None
    middle = points.mean(axis=0)

    def apart(numbers: Sequence[float]) -> NDArray:
        a, b, c = _plane(numbers)
        way = np.array([1.0, -b, -c])
        off = (points - middle) @ way - a
        mirrored = points - np.outer(2 * off / (way @ way), way)
        return table.beyond(mirrored)

    tall = len(table.centres) >= LEAST_SLICES
    starts = [
        [1.0, 1 + float(np.tan(np.radians(turn))) / SCALES[1], 1.0][: 2 + tall] for turn in TURNS
    ]
    start = min(starts, key=lambda s: float(np.minimum(np.abs(apart(s)), FAR_MM).sum()))
    fit = least_squares(apart, start, loss="cauchy", f_scale=ODD_MM, diff_step=STEP)
    a, b, c = _plane(fit.x)
    return a + float(middle[0] - b * middle[1] - c * middle[2]), b, c


def _plane(numbers: Sequence[float]) -> tuple[float, float, float]:
    """Return the plane that some numbers near 1 stand for: no step from them is too small."""
    a, b, c = (float(n - 1) * s for n, s in zip((*numbers, 1.0)[:3], SCALES, strict=True))
    return a, b, c
