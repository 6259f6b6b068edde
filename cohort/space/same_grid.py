"""Whether the voxels of two grids lie at the same places."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cohort.space.affine import times
from cohort.space.grid import Grid

SAME_SHARE = 0.1
"""Grids are the same if no voxel lies farther apart than this share of the smallest voxel side:
room for rounding in headers."""


def grid_difference(grid: Grid, reference: Grid) -> str | None:
    """Say how a grid differs from that of an image, if it does.

    Grids are the same when their shapes are equal and no voxel lies farther apart than a tenth
    of the smallest voxel side.
    """
    if grid.shape != reference.shape:
        return f"has {times(grid.shape)} voxels, the image {times(reference.shape)}"
    apart = float(np.linalg.norm(_corners(grid) - _corners(reference), axis=1).max())
    if grid.even != reference.even or not grid.even:
        lines = grid.to_mm(_slice_corners(grid)), reference.to_mm(_slice_corners(grid))
        apart = max(apart, float(np.abs(lines[0] - lines[1]).max()))
    if apart <= SAME_SHARE * min(reference.spacing):
        return None
    if grid.axcodes != reference.axcodes:
        return f"has orientation {grid.axcodes}, the image {reference.axcodes}"
    return f"lies up to {apart:.1f} mm away from the image (their affines differ)"


def offset_in(part: Grid, whole: Grid) -> tuple[int, int, int] | None:
    """Return the voxel of a grid where that of a part of it has its first, if they share a lattice.

    They do where each voxel of the part lies on one of `whole`, or would if that went on
    beyond its edges, along the same axes. What may differ is as in `grid_difference`.

    Examples
    --------
    >>> whole = Grid((8, 8, 4), np.diag([0.5, 0.5, 5.0, 1.0]))
    >>> affine = np.diag([0.5, 0.5, 5.0, 1.0])
    >>> affine[:3, 3] = 1, 1.5, -5
    >>> offset_in(Grid((2, 2, 2), affine), whole)
    (2, 3, -1)
    >>> affine[0, 3] = 1.2
    >>> offset_in(Grid((2, 2, 2), affine), whole) is None
    True
    """
    if part.axial_axis != whole.axial_axis:
        return None
    points, axis = _slice_corners(part), whole.axial_axis
    begin = part.to_mm(np.zeros(3))
    first = np.linalg.solve(whole.affine[:3, :3], begin - whole.affine[:3, 3])
    if whole.places is not None:
        # Where slices are uneven the affine tells of none of them.
        heights = whole.levels_mm - float((begin - whole.places[0]) @ whole.normal)
        first[axis] = nearest = int(np.abs(heights).argmin())
        others = [other for other in range(3) if other != axis]
        first[others] = np.linalg.lstsq(whole.in_plane, begin - whole.places[nearest], rcond=None)[
            0
        ]
    offset = np.rint(first)
    apart = float(np.linalg.norm(part.to_mm(points) - whole.to_mm(points + offset), axis=1).max())
    if apart > SAME_SHARE * min(whole.spacing):
        return None
    i, j, k = map(int, offset)
    return i, j, k


def _corners(grid: Grid) -> NDArray[np.float64]:
    last = np.array(grid.shape) - 1
    corners = np.array(np.meshgrid(*[(0, n) for n in last])).reshape(3, -1)
    return np.asarray(corners.T @ grid.affine[:3, :3].T + grid.affine[:3, 3])


def _slice_corners(grid: Grid) -> NDArray[np.float64]:
    """Return the indices of each slice's corners, [4 × slices, 3]."""
    ends: list[Any] = [(0, n - 1) for n in grid.shape]
    ends[grid.axial_axis] = np.arange(grid.shape[grid.axial_axis])
    return np.stack(np.meshgrid(*ends), axis=-1).reshape(-1, 3).astype(float)
