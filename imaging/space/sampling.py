"""Values of a volume at any place in the world, such as on another scan's grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from cohort.space.grid import Grid


def indices_at(grid: Grid, mm: NDArray) -> NDArray[np.float64]:
    """Return the voxel indices [..., 3] of places in RAS+ mm [..., 3]: `Grid.to_mm` the other way.

    Where slices are uneven, a place beyond the outermost slices is outside, one slice away.
    """
    at = np.asarray(mm, float)
    if grid.places is None:
        turn = np.linalg.inv(grid.affine[:3, :3])
        return np.asarray((at - grid.affine[:3, 3]) @ turn.T)
    axis = grid.axial_axis
    others = [other for other in range(3) if other != axis]
    in_plane = grid.affine[:3, others]
    normal = np.cross(*in_plane.T)
    normal = normal / np.linalg.norm(normal)
    levels = (grid.places - grid.places[0]) @ normal
    if levels[-1] < levels[0]:
        normal, levels = -normal, -levels
    heights = (at - grid.places[0]) @ normal
    last = len(levels)
    k = np.interp(heights, levels, np.arange(last), left=-1.0, right=float(last))
    near = np.clip(k, 0, last - 1)
    below = np.minimum(near.astype(int), max(0, last - 2))
    share = (near - below)[..., None]
    above = np.minimum(below + 1, last - 1)
    start = grid.places[below] * (1 - share) + grid.places[above] * share
    found = np.empty(at.shape)
    found[..., others] = (at - start) @ np.linalg.pinv(in_plane).T
    found[..., axis] = k
    return found


def sample_at(
    volume: NDArray, grid: Grid, mm: NDArray, *, outside: float, nearest: bool = False
) -> NDArray:
    """Return the values of a volume at places in the world.

    Parameters
    ----------
    volume
        [I, J, K] on `grid`.
    grid
        Where its voxels lie.
    mm
        Places [..., 3], RAS+ mm.
    outside
        The value of places beyond the volume.
    nearest
        Take the nearest voxel's value, as for masks; else it goes straight between voxels.
    """
    at = np.moveaxis(indices_at(grid, mm), -1, 0)
    return np.asarray(
        map_coordinates(volume, at, order=0 if nearest else 1, mode="constant", cval=outside)
    )
