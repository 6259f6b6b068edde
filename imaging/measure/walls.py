"""What the walls of the lateral ventricles say about a septum that a network is unsure of.

The septum pellucidum lies between the frontal horns. Where probabilities have two ridges, the one
beside the horns is the septum's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cohort.space.grid import Grid
from cohort.space.shapes.cut import Cut
from imaging.measure.septum import Septum

LEVELS = 255
BESIDE_MM, SPREAD_MM = 3.5, 2.5
"""How far from the inner wall of one horn the middle is, about, and one sigma of that."""
WIDEST_MM = 16.0
"""Horns that are farther from each other than this aren't both beside the septum."""
LEAST = 0.15
"""What a probability far from the horns still counts, of itself."""
ADDED = 0.25
"""The probability that the horns lend to the place between them."""


def beside_horns(
    levels: NDArray[np.uint8], left: Cut | None, right: Cut | None, septum: Septum, grid: Grid
) -> NDArray[np.uint8]:
    """Return a midline's probabilities with what the horns say of the septum.

    Parameters
    ----------
    levels
        Probabilities in 255ths, [X, Y, Z], axes LPS.
    left, right
        What was found of both lateral ventricles.
    septum
        Where it is.
    grid
        Of the scan.
    """
    found = levels.copy("K")  # a volume of a file lies slice by slice
    across, pitch, _ = grid.spacing
    start = grid.upright([0, 0, 0])
    first, last = ((np.array(septum.backward) - start[1]) / pitch).round().astype(int)
    low, high = septum.upward
    heights = grid.upright(np.outer(np.arange(levels.shape[2]), [0, 0, 1]))[:, 2]
    place = np.arange(levels.shape[0]) * across
    rows = np.arange(max(first, 0), min(last + 1, levels.shape[1]))
    for k in map(int, np.flatnonzero((heights >= low - across) & (heights <= high + across))):
        middle, sigma = _between(
            _walls(left, rows, k, least=True) * across, _walls(right, rows, k, least=False) * across
        )
        told = np.isfinite(middle)
        near = np.exp(-0.5 * np.square((place[:, None] - middle[told]) / sigma[told]))
        one = levels[:, rows[told], k] * (LEAST + (1 - LEAST) * near) + ADDED * LEVELS * near
        found[:, rows[told], k] = np.minimum(one, LEVELS)
    return found


def _walls(cut: Cut | None, rows: NDArray, k: int, least: bool) -> NDArray:
    """Return the column of a ventricle's inner wall in some rows; NaN where it isn't seen."""
    walls = np.full(len(rows), np.nan)
    if cut is None or not 0 <= k - cut.corner[2] < cut.mask.shape[2]:
        return walls
    inside = (rows >= cut.corner[1]) & (rows < cut.corner[1] + cut.mask.shape[1])
    marked = cut.mask[:, rows[inside] - cut.corner[1], k - cut.corner[2]]
    inner = marked.argmax(axis=0) if least else len(marked) - 1 - marked[::-1].argmax(axis=0)
    walls[inside] = np.where(marked.any(axis=0), cut.corner[0] + inner, np.nan)
    return walls


def _between(left: NDArray, right: NDArray) -> tuple[NDArray, NDArray]:
    """Return in mm about where the septum is in each row, and one sigma of it; NaN if untold.

    By the inner walls of both horns, or of the one that is seen.
    """
    apart = left - right
    both = ~np.isnan(apart)
    middle = np.where(np.isnan(left), right + BESIDE_MM, left - BESIDE_MM)
    middle = np.where(both, (left + right) / 2, middle)
    middle[both & ((apart < 0) | (apart > WIDEST_MM))] = np.nan
    return middle, np.where(both, np.maximum(1.5, apart / 4), SPREAD_MM)
