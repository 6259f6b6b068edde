"""Where the septum pellucidum is: at what distance from the front, and on what level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cohort.schema.scans.measurements import SeptumBy
from cohort.space.grid import Grid
from cohort.space.shapes.cut import Cut
from cohort.space.shapes.pieces import indices_of
from imaging.measure.skull.inner_table import InnerTable

HORN_MM = 35.0
"""Length of a frontal horn, from its tip to the foramen of Monro and a bit beyond."""
BEHIND_TIP_MM = (8.0, 28.0)
"""Where the septum lies behind the tips of the frontal horns."""
TALL_MM = 12.0
"""Height over which it is looked for."""
LEAST_HORNS_ML = 0.5
"""Less than this of both frontal horns may be a scrap."""
STRAY_PERCENT = 3.0
"""Of the ventricles' voxels may lie in front of the horns' tips by mistake."""
LEAST_LONG_MM = 30.0
"""Ventricles of less than this length, front to back, are some other piece of them."""
BEHIND_FRONT = 0.37
"""Of the skull's inner length, front to back, lies in front of the septum's middle (Talairach and
Tournoux 1988)."""
APART_MM = 10.0
"""What horns and skull tell may differ by so much."""
LEAST_BELOW_MM = 20.0
"""So much of the skull is seen below that level, or a wider one may lie below the scan."""
LARGE = 0.97
"""The septum lies near the level on which the skull surrounds so much of what it does at most."""


@dataclass(frozen=True)
class Septum:
    """A place between the hemispheres, in mm (`Grid.upright`).

    Attributes
    ----------
    backward, upward
        From where to where it reaches.
    source
        What told it.
    """

    backward: tuple[float, float]
    upward: tuple[float, float]
    source: SeptumBy


def find_septum(ventricles: Sequence[Cut], table: InnerTable | None, grid: Grid) -> Septum | None:
    """Return where the septum pellucidum is; None where neither ventricles nor skull tell.

    Parameters
    ----------
    ventricles
        What was found of the lateral ventricles.
    table
        The skull's inner table.
    grid
        Of the scan, axes LPS.
    """
    by_skull = _by_skull(table) if table else None
    by_horns = _by_horns(ventricles, grid)
    if by_horns and by_skull:
        apart = abs(np.mean(by_horns.backward) - np.mean(by_skull.backward))
        if apart > APART_MM:
            # What is seen of the ventricles is another part of them than their frontal horns.
            return by_skull
    return by_horns or by_skull


def _by_horns(ventricles: Sequence[Cut], grid: Grid) -> Septum | None:
    if not ventricles:
        return None
    every = np.concatenate([indices_of(cut.mask) + cut.corner for cut in ventricles])
    _, y, z = grid.upright(every).T
    tip, end = np.percentile(y, [STRAY_PERCENT, 100 - STRAY_PERCENT])
    horn = (y >= tip) & (y <= tip + HORN_MM)
    ml = np.count_nonzero(horn) * float(grid.voxels_ml.mean())
    if ml < LEAST_HORNS_ML or end - tip < LEAST_LONG_MM:
        return None
    level = float(np.median(z[horn]))
    back = tip + BEHIND_TIP_MM[0], tip + BEHIND_TIP_MM[1]
    return Septum(back, (level - TALL_MM / 2, level + TALL_MM / 2), "ventricles")


def _by_skull(table: InnerTable) -> Septum | None:
    """Return about where the septum is; None where too little of a head is seen to tell."""
    areas = np.nansum(np.square(table.radii), axis=1) / np.isfinite(table.radii).sum(axis=1)
    large = np.flatnonzero(areas >= LARGE * areas.max())
    level = float(table.centres[large[-1], 2])
    if level - float(table.centres[0, 2]) < LEAST_BELOW_MM:
        return None
    y = table.points[np.abs(table.points[:, 2] - level) < TALL_MM][:, 1]
    front, back = np.percentile(y, [1, 99])
    middle = float(front + BEHIND_FRONT * (back - front))
    half = (BEHIND_TIP_MM[1] - BEHIND_TIP_MM[0]) / 2
    up = level - TALL_MM / 2, level + TALL_MM / 2
    return Septum((middle - half, middle + half), up, "skull")
