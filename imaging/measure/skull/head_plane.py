"""The plane that halves a head, told by its skull: for scans where no midline is marked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cohort.space.grid import Grid
from imaging.measure.midplane import Midplane, fit_plane
from imaging.space.skull import coarse_bone

PIXEL_MM = 2.0
"""A skull is found as well on every n-th pixel, so that one is about this large."""
LEAST_WIDTH_MM = 90.0
"""Of a slice's skull from left to right: narrower ones are vertex, neck or jaw."""
LONGER = 1.05
"""How many times as long as wide a slice of the head must be, for its long axis to be known."""
MOST_TURNED = 30.0
"""Degrees by which a head lies turned at most; slices that seem more so are of another shape."""


def head_plane(hu: NDArray, grid: Grid) -> Midplane | None:
    """Return the plane between the left and the right half of a head; None where no bone shows.

    In each axial slice the region that the skull surrounds has a centre and a long axis, which
    runs from front to back: those of an ellipse of the same moments. The plane goes through the
    centres, at the median of the axes' angles. A head is not an ellipse, and an asymmetric one is
    some millimetres off.

    Parameters
    ----------
    hu
        The scan, [X, Y, Z], axes LPS, in HU.
    grid
        Where its voxels lie.
    """
    bone = coarse_bone(hu, grid.spacing, PIXEL_MM)
    if bone is None:
        return None
    found = []
    for k in range(bone.mask.shape[2]):
        moments = _moments(bone.mask[..., k], bone.pixel)
        if moments is not None:
            found.append((*moments, float(grid.levels_mm[k])))
    if not found:
        return None
    x, y, angles, levels = np.array(found).T
    slope = float(np.tan(np.median(angles)))
    # Of the centres' places, what the angle doesn't say: how they move from slice to slice.
    place, _, upward = fit_plane(np.zeros_like(x), levels, x - slope * y)
    return Midplane(place, slope, upward, "head")


def _moments(bone: NDArray[np.bool_], pixel: NDArray) -> tuple[float, float, float] | None:
    """Return centre and angle of what the skull of a slice surrounds, in mm and radians.

    The angle is that of the long axis from straight back toward the left. None where the slice
    shows no skull that is wide and long enough, and turned as heads are.
    """
    if np.count_nonzero(bone.any(axis=1)) * pixel[0] < LEAST_WIDTH_MM:
        return None
    # Between bone to the left and bone to the right, in the same row.
    inside = np.maximum.accumulate(bone, axis=0) & np.maximum.accumulate(bone[::-1], axis=0)[::-1]
    points = np.argwhere(inside) * pixel
    x, y = points.mean(axis=0)
    (xx, xy), (_, yy) = np.cov(points.T)
    half, across = (yy - xx) / 2, np.hypot((yy - xx) / 2, xy)
    middle = (xx + yy) / 2
    if middle + across < LONGER**2 * (middle - across):
        return None
    angle = float(0.5 * np.arctan2(xy, half))
    return (float(x), float(y), angle) if abs(angle) < np.radians(MOST_TURNED) else None
