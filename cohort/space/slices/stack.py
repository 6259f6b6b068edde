"""The grid of parallel slices, wherever each of them lies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cohort.space.grid import Grid

SAME_MM = 0.01
"""So far from an even grid, slices are even: DICOM states positions with a few decimals."""


def grid_of_slices(
    shape: tuple[int, int], in_plane: NDArray, places: NDArray, thickness: float = 1.0
) -> Grid:
    """Return the grid of parallel slices, [I, J, K] with K the slices, wherever each lies.

    Parameters
    ----------
    shape
        Voxels of a slice along its two axes.
    in_plane
        [3, 2], RAS+ mm from a voxel to the next along the two axes.
    places
        [slices, 3], RAS+ mm of each slice's first voxel.
    thickness
        Of a single slice, in mm, which no neighbour tells.

    Raises
    ------
    ValueError
        If uneven slices are not closest to axial.

    Examples
    --------
    >>> in_plane = np.array([[-0.5, 0], [0, -0.5], [0, 0]])
    >>> grid = grid_of_slices((2, 2), in_plane, np.array([[0, 0, 0], [0, 0, 4], [0, 0, 11.0]]))
    >>> grid.thicknesses_mm
    array([4. , 5.5, 7. ])
    """
    count = len(places)
    affine = np.eye(4)
    affine[:3, :2] = in_plane
    affine[:3, 3] = places[0]
    if count > 1:
        affine[:3, 2] = (places[-1] - places[0]) / (count - 1)
    else:
        normal = np.cross(in_plane[:, 0], in_plane[:, 1])
        affine[:3, 2] = normal / np.linalg.norm(normal) * thickness
    whole = (int(shape[0]), int(shape[1]), count)
    even = places[0] + np.arange(count)[:, None] * affine[:3, 2]
    apart = float(np.linalg.norm(places - even, axis=1).max())
    if apart <= SAME_MM:
        return Grid(whole, affine)
    grid = Grid(whole, affine, np.array(places, float))
    if grid.axial_axis != 2:
        raise ValueError("uneven slices must be closest to axial")
    return grid
