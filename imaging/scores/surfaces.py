"""How far the surfaces of two masks are apart: Hausdorff distance and surface Dice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from monai.metrics.utils import (
    get_code_to_measure_table,
)
from numpy.typing import NDArray
from scipy.spatial import KDTree

Spacing = Sequence[float] | NDArray

ROUNDING_MM = 1e-6
"""Five voxels of 0.4 mm are 2 mm, whatever their sum is in binary."""


def hd95_mm(
    prediction: NDArray, reference: NDArray, spacing: Spacing, axes: NDArray | None = None
) -> float:
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
    spacing
        Distance between voxels along each axis, in mm.
    axes
        [3, 3], from indices to mm, of a grid whose axes lean (a tilted gantry); None where they
        are at right angles.

    Returns
    -------
    float
        The distance, or the diagonal of the grid where one of the masks is empty.
    """
    if not prediction.any() or not reference.any():
        return diagonal_mm(prediction.shape, spacing)
    flat = _flat_axes(prediction.shape)
    to_mm = _to_mm(spacing, axes, flat)
    one = _surface_voxels(np.squeeze(prediction, flat)) @ to_mm
    other = _surface_voxels(np.squeeze(reference, flat)) @ to_mm
    there, back = KDTree(other).query(one)[0], KDTree(one).query(other)[0]
    return float(max(np.percentile(there, 95), np.percentile(back, 95)))


def surface_dice(
    prediction: NDArray,
    reference: NDArray,
    spacing: Spacing,
    tolerances: Sequence[float],
    axes: NDArray | None = None,
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
    spacing
        Distance between voxels along each axis, in mm.
    tolerances
        Distances in mm.
    axes
        As `hd95_mm` has it. The pieces' areas, which are weights alone, stay those of a grid at
        right angles.

    Returns
    -------
    list of float
        A share from 0 to 1 for each tolerance; 0 where one of the masks is empty.
    """
    if not prediction.any() or not reference.any():
        return [0.0] * len(tolerances)
    flat = _flat_axes(prediction.shape)
    in_plane = np.delete(np.asarray(spacing, dtype=float), flat)
    to_mm = _to_mm(spacing, axes, flat)
    one, size_one = _pieces(np.squeeze(prediction, flat), in_plane, to_mm)
    other, size_other = _pieces(np.squeeze(reference, flat), in_plane, to_mm)
    farthest = max(tolerances) + 2 * ROUNDING_MM  # what is farther need not be known
    there = KDTree(other).query(one, distance_upper_bound=farthest)[0]
    back = KDTree(one).query(other, distance_upper_bound=farthest)[0]
    distances, sizes = np.concatenate([there, back]), np.concatenate([size_one, size_other])
    return [float(sizes[distances <= t + ROUNDING_MM].sum() / sizes.sum()) for t in tolerances]


def _to_mm(spacing: Spacing, axes: NDArray | None, flat: tuple[int, ...]) -> NDArray:
    """Return what to multiply indices [n, axes] by, those along `flat` axes left out."""
    whole = np.diag(np.asarray(spacing, dtype=float)) if axes is None else np.asarray(axes)
    return np.delete(whole, flat, axis=1).T


def _pieces(mask: NDArray, spacing: NDArray, to_mm: NDArray) -> tuple[NDArray, NDArray]:
    """Return the places in mm [n, 3] and the areas (lengths in 2D) of a surface's pieces [n].

    A piece is known by which corners of its cube are inside: one bit of a code for each.
    """
    table, bits = get_code_to_measure_table(spacing.tolist())
    padded = np.pad(mask, 1)
    code = np.zeros([size - 1 for size in padded.shape], np.uint8)
    for corner, bit in np.ndenumerate(bits.numpy()[0, 0].astype(np.uint8)):
        window = tuple(slice(at, at + size) for at, size in zip(corner, code.shape, strict=True))
        code |= padded[window].view(np.uint8) * bit
    # Inside and outside, all corners are alike.
    places = _where((code != 0) & (code != len(table) - 1))
    return places @ to_mm, table.numpy()[code[tuple(places.T)]].astype(float)


def _surface_voxels(mask: NDArray) -> NDArray:
    """Return the indices [n, axes] of the voxels of a mask with a face neighbour outside."""
    padded = np.pad(mask, 1)
    inner = mask.copy()
    for axis, size in enumerate(mask.shape):
        for start in (0, 2):
            window = [slice(1, -1)] * mask.ndim
            window[axis] = slice(start, start + size)
            inner &= padded[tuple(window)]
    return _where(mask & ~inner)


def _where(mask: NDArray) -> NDArray:
    """Return the indices [n, axes] of what is true; several times faster than `np.argwhere`."""
    return np.stack(np.unravel_index(np.flatnonzero(mask), mask.shape), axis=1)


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


def diagonal_mm(shape: Sequence[int], spacing: Spacing) -> float:
    """Return the longest distance between the centres of two voxels of a grid, in mm.

    Examples
    --------
    >>> diagonal_mm((4, 5, 1), (1.0, 1.0, 5.0))
    5.0
    """
    return float(np.linalg.norm([(n - 1) * s for n, s in zip(shape, spacing, strict=True)]))


def _flat_axes(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the axis of a single slice, if there is one.

    There every voxel touches the outside along the third axis, so that all of them would be
    surface and hide the distance between the outlines.
    """
    flat = [axis for axis, size in enumerate(shape) if size == 1]
    return tuple(flat[-1:]) if len(shape) > 2 else ()
