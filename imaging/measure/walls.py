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
    found = levels.copy()
    across, pitch, _ = grid.spacing
    start = grid.upright([0, 0, 0])
    first, last = ((np.array(septum.backward) - start[1]) / pitch).round().astype(int)
    low, high = septum.upward
    heights = np.array([grid.upright([0, 0, k])[2] for k in range(levels.shape[2])])
    place = np.arange(levels.shape[0]) * across
    for k in map(int, np.flatnonzero((heights >= low - across) & (heights <= high + across))):
        for row in range(max(first, 0), min(last + 1, levels.shape[1])):
            walls = _wall(left, row, k, least=True), _wall(right, row, k, least=False)
            middle = _between(*(None if w is None else w * across for w in walls))
            if middle is None:
                continue
            near = np.exp(-0.5 * np.square((place - middle[0]) / middle[1]))
            one = levels[:, row, k] * (LEAST + (1 - LEAST) * near) + ADDED * LEVELS * near
            found[:, row, k] = np.minimum(one, LEVELS)
    return found


def _wall(cut: Cut | None, row: int, k: int, least: bool) -> int | None:
    """Return the column of a ventricle's inner wall in a row; None if it isn't seen there."""
    if cut is None:
        return None
    y, z = row - cut.corner[1], k - cut.corner[2]
    if not (0 <= y < cut.mask.shape[1] and 0 <= z < cut.mask.shape[2]):
        return None
    columns = np.flatnonzero(cut.mask[:, y, z])
    if not len(columns):
        return None
    return int(cut.corner[0] + (columns[0] if least else columns[-1]))


def _between(left: float | None, right: float | None) -> tuple[float, float] | None:
    """Return in mm about where the septum is, and one sigma of it, by one inner wall or two."""
    if left is not None and right is not None:
        if not 0 <= left - right <= WIDEST_MM:
            return None
        return (left + right) / 2, max(1.5, (left - right) / 4)
    if left is not None:
        return left - BESIDE_MM, SPREAD_MM
    return None if right is None else (right + BESIDE_MM, SPREAD_MM)
