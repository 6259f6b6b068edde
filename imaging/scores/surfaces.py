"""How far the surfaces of two masks are apart: Hausdorff distance and surface Dice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from monai.metrics.utils import (
    get_code_to_measure_table,
)
from numpy.typing import NDArray
from scipy.spatial import KDTree

from cohort.space.grid import Grid
from cohort.space.shapes.pieces import indices_of

ROUNDING_MM = 1e-6
"""Five voxels of 0.4 mm are 2 mm, whatever their sum is in binary."""


def hd95_mm(prediction: NDArray, reference: NDArray, grid: Grid) -> float:
    """Return the 95th percentile Hausdorff distance of two masks in mm.

    The larger of the two directed distances: the 95th percentile of the distances from the
    surface voxels of one mask to the nearest surface voxel of the other (Huttenlocher et al.
    1993, doi:10.1109/34.232073; Maier-Hein et al. 2024, doi:10.1038/s41592-023-02151-z).
    Surface voxels are those with a face neighbour outside the mask. In a volume of one slice
    they are those of the outline in the slice.

    Parameters
    ----------
    prediction, reference
        Boolean masks on one grid, [X, Y, Z]; not both empty.
    grid
        Where their voxels lie; distances are those of the patient, however slices are tilted and
        however uneven they are.

    Returns
    -------
    float
        The distance, or the diagonal of the grid where one of the masks is empty.
    """
    if not prediction.any() or not reference.any():
        return grid.diagonal_mm
    flat = _flat_axes(prediction.shape)
    one, other = (
        grid.metric(_whole(_surface_voxels(np.squeeze(mask, flat)), flat))
        for mask in (prediction, reference)
    )
    there, back = KDTree(other).query(one)[0], KDTree(one).query(other)[0]
    return float(max(np.percentile(there, 95), np.percentile(back, 95)))


def surface_dice(
    prediction: NDArray,
    reference: NDArray,
    grid: Grid,
    tolerances: Sequence[float],
) -> list[float]:
    """Return the normalised surface Dice (NSD) of two masks at some tolerances.

    The share of both surfaces that lies within a tolerance of the other surface (Nikolov et al.
    2021, doi:10.2196/26151, arXiv:1809.04430). As in their `surface-distance`, a surface runs
    between voxels: it is made of pieces, one for each cube of 2 × 2 × 2 neighbouring voxels that
    is partly inside the mask, and each piece counts by its area in mm². So a long thin slab of
    thick slices is not judged by its many voxels in the plane alone. What touches the border of
    the grid has a surface there. In a volume of one slice the pieces are those of the outline,
    counted by their length.

    The areas are from MONAI's table, and the result is that of its
    `compute_surface_dice(use_subvoxels=True)`; but both surfaces are found once for all
    tolerances, and without its convolution, which takes a second where specks are scattered over
    a scan.

    Parameters
    ----------
    prediction, reference
        Boolean masks on one grid, [X, Y, Z]; not both empty.
    grid
        As `hd95_mm` has it. The pieces' areas, which are weights alone, are those of a grid at
        right angles; between uneven slices, of one with the distance between these two.
    tolerances
        Distances in mm.

    Returns
    -------
    list of float
        A share from 0 to 1 for each tolerance; 0 where one of the masks is empty.
    """
    if not prediction.any() or not reference.any():
        return [0.0] * len(tolerances)
    flat = _flat_axes(prediction.shape)
    one, size_one = _pieces(np.squeeze(prediction, flat), grid, flat)
    other, size_other = _pieces(np.squeeze(reference, flat), grid, flat)
    farthest = max(tolerances) + 2 * ROUNDING_MM  # what is farther need not be known
    there = KDTree(other).query(one, distance_upper_bound=farthest)[0]
    back = KDTree(one).query(other, distance_upper_bound=farthest)[0]
    distances, sizes = np.concatenate([there, back]), np.concatenate([size_one, size_other])
    return [float(sizes[distances <= t + ROUNDING_MM].sum() / sizes.sum()) for t in tolerances]


def _whole(indices: NDArray, flat: tuple[int, ...]) -> NDArray:
    """Return indices [n, axes] with those along `flat` axes, which were left out: 0."""
    whole = indices
    for axis in flat:
        whole = np.insert(whole, axis, 0, axis=1)
    return whole


def _pieces(mask: NDArray, grid: Grid, flat: tuple[int, ...]) -> tuple[NDArray, NDArray]:
    """Return the places in mm [n, 3] and the areas (lengths in 2D) of a surface's pieces [n].

    A piece is known by which corners of its cube are inside: one bit of a code for each.
    """
    spacing = np.delete(np.asarray(grid.spacing), flat)
    table, bits = get_code_to_measure_table(spacing.tolist())
    padded = np.pad(mask, 1)
    code = np.zeros([size - 1 for size in padded.shape], np.uint8)
    for corner, bit in np.ndenumerate(bits.numpy()[0, 0].astype(np.uint8)):
        window = tuple(slice(at, at + size) for at, size in zip(corner, code.shape, strict=True))
        code |= padded[window].view(np.uint8) * bit
    # Inside and outside, all corners are alike.
    places = indices_of((code != 0) & (code != len(table) - 1))
    codes, found = code[tuple(places.T)], _whole(places, flat)
    if grid.even or flat:
        areas = table.numpy()[codes].astype(float)
    else:
        areas = _uneven_areas(codes, found[:, grid.axial_axis], grid)
    # A piece lies half a voxel before the corner of its cube, all alike.
    return grid.metric(found - 0.5 * (not grid.even)), areas


def _uneven_areas(codes: NDArray, cubes: NDArray, grid: Grid) -> NDArray:
    """Return the areas of pieces, each by the distance of the two slices that its cube spans.

    Parameters
    ----------
    codes, cubes
        Of each piece, [n]: its code, and the index of its cube along the slices; cube k spans the
        slices k - 1 and k, of which those beyond the grid are as far as the next within it.
    """
    gaps = np.abs(np.diff(grid.levels_mm)).round(4)
    gaps = np.concatenate([gaps[:1], gaps, gaps[-1:]])
    areas = np.zeros(len(codes))
    for gap in np.unique(gaps):
        spacing = list(grid.spacing)
        spacing[grid.axial_axis] = float(gap)
        of = gaps[cubes] == gap
        areas[of] = get_code_to_measure_table(spacing)[0].numpy()[codes[of]]
    return areas


def _surface_voxels(mask: NDArray) -> NDArray:
    """Return the indices [n, axes] of the voxels of a mask with a face neighbour outside."""
    padded = np.pad(mask, 1)
    inner = mask.copy()
    for axis, size in enumerate(mask.shape):
        for start in (0, 2):
            window = [slice(1, -1)] * mask.ndim
            window[axis] = slice(start, start + size)
            inner &= padded[tuple(window)]
    return indices_of(mask & ~inner)


def common_box(prediction: NDArray, reference: NDArray) -> tuple[slice, ...]:
    """Return the smallest box that holds both masks and one voxel around them, in the grid.

    The surfaces in the box are those in the grid: the voxel around keeps a mask that fills one
    of many slices from looking like a volume of one slice.

    Examples
    --------
    >>> mask = np.zeros((9, 9, 1), bool)
    >>> mask[0, 3:5] = True
    >>> common_box(mask, mask)
    (slice(0, 2, None), slice(2, 6, None), slice(0, 1, None))
    """
    either = (prediction != 0) | (reference != 0)
    axes = range(either.ndim)
    box = []
    for axis in axes:
        inside = np.flatnonzero(either.any(axis=tuple(other for other in axes if other != axis)))
        first, last = (inside[0], inside[-1]) if len(inside) else (0, 0)
        box.append(slice(int(max(first - 1, 0)), int(min(last + 2, either.shape[axis]))))
    return tuple(box)


def _flat_axes(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the axis of a single slice, if there is one.

    There every voxel touches the outside along the third axis, so that all of them would be
    surface and hide the distance between the outlines.
    """
    flat = [axis for axis, size in enumerate(shape) if size == 1]
    return tuple(flat[-1:]) if len(shape) > 2 else ()
