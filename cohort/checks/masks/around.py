"""How a mask stands out from what surrounds it in its slices, and what shape it has there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cohort.facts.limits import SOFT_BESIDE_MASKS_HU
from cohort.space.header import Header

RING_MM = 4.0
"""How far around a mask its surroundings are looked at: beyond blurred edges, and still near."""
RIM_MM = 2.0
"""Width of the rims on both sides of its outline that tell whether it follows an edge."""
UNLIKE_HU = 12.0
"""Difference from the surroundings that brain seldom has: white matter has 30 HU, deep grey matter
33, each with a standard deviation of 3 (Cala et al. 1981, AJNR 2:41), noise of 2 to 8 aside."""
LEAST_PIXELS = 30
"""Of fewer pixels a slice, the shape tells nothing."""
LEAST_VOXELS = 50
"""Of fewer voxels, the density tells little."""


class Surroundings(NamedTuple):
    """How a mask stands out.

    Attributes
    ----------
    contrast
        Mean HU less that of the soft tissue around; None where there is too little of either.
    dense, unlike
        Share of voxels that are denser than what is around, or denser or darker, less the same
        share of what is around. 0 is what chance gives, 1 a structure that stands out as a whole.
    reversed_dense, reversed_unlike
        The same of the voxels that the mask would have with its slices in reverse order.
    edge
        Mean HU just within its outline less that just without; None where there is too little soft
        tissue.
    """

    contrast: float | None = None
    dense: float = 0.0
    unlike: float = 0.0
    reversed_dense: float = 0.0
    reversed_unlike: float = 0.0
    edge: float | None = None


def surroundings(
    hu: NDArray, header: Header, flags: NDArray[np.bool_], where: NDArray[np.intp]
) -> Surroundings:
    """Compare a mask with what is around it.

    Parameters
    ----------
    hu, flags
        All voxels of the scan and of the mask, in the order of the file.
    header
        Where they lie.
    where
        Numbers of voxels of the mask: all, or some that stand for all.
    """
    edge = _edge(hu, *_pairs(header, flags, where, RIM_MM))
    _, ring = _pairs(header, flags, where, RING_MM)
    inner, outer = _soft(hu[where]), _soft(hu[ring])
    if min(inner.size, outer.size) < LEAST_VOXELS:
        return Surroundings(edge=edge)
    usual = float(np.median(outer))
    turned = _soft(hu[_reversed(header, where)])
    # What would lie in air or bone speaks against that order.
    sizes = inner.size, outer.size, where.size
    parts = list(zip((inner, outer, turned), sizes, strict=True))
    dense = [np.count_nonzero(part > usual + UNLIKE_HU) / size for part, size in parts]
    unlike = [np.count_nonzero(np.abs(part - usual) > UNLIKE_HU) / size for part, size in parts]
    return Surroundings(
        float(inner.mean() - outer.mean()),
        dense[0] - dense[1],
        unlike[0] - unlike[1],
        dense[2] - dense[1],
        unlike[2] - unlike[1],
        edge,
    )


def box_fill(header: Header, index: tuple[NDArray, ...], each: float) -> float | None:
    """Return which share a mask fills of the boxes that enclose it in each slice.

    A disc fills 0.79. None where it has so few pixels a slice that they may fill a box by chance.

    Parameters
    ----------
    header
        Where it lies.
    index
        Its voxels along each axis of the file: all, or some that stand for `each` voxels each.
    """
    axis = header.axial_axis
    slices, of = np.unique(index[axis], return_inverse=True)
    voxels = each * of.size
    if voxels < LEAST_PIXELS * slices.size:
        return None
    area = np.ones(slices.size)
    for other in range(3):
        if other == axis:
            continue
        low = np.full(slices.size, header.shape[other])
        high = np.zeros(slices.size, int)
        np.minimum.at(low, of, index[other])
        np.maximum.at(high, of, index[other])
        area *= high - low + 1
    return float(min(1.0, voxels / area.sum()))


def _pairs(
    header: Header, flags: NDArray[np.bool_], where: NDArray[np.intp], mm: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return voxels of a mask, and those that lie so far away in a slice, if outside of it."""
    strides = np.cumprod([1, *header.shape[:2]])
    pairs = []
    for axis in range(3):
        if axis == header.axial_axis:
            continue  # slices are thick
        away = max(1, round(mm / header.spacing[axis])) * int(strides[axis])
        pairs += [(where, where - away), (where, where + away)]
    within, without = (np.concatenate(side) for side in zip(*pairs, strict=True))
    there = (without >= 0) & (without < flags.size)
    within, without = within[there], without[there]
    out = ~flags[without]
    return within[out], without[out]


def _reversed(header: Header, where: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the voxels of a mask whose slices are in reverse order."""
    axis = header.axial_axis
    stride = int(np.prod(header.shape[:axis]))
    level = where // stride % header.shape[axis]
    turned: NDArray[np.intp] = where + (header.shape[axis] - 1 - 2 * level) * stride
    return turned


def _edge(hu: NDArray, within: NDArray[np.intp], without: NDArray[np.intp]) -> float | None:
    inner, outer = _soft(hu[within]), _soft(hu[without])
    if min(inner.size, outer.size) < LEAST_VOXELS:
        return None
    return float(inner.mean() - outer.mean())


def _soft(hu: NDArray) -> NDArray[np.float32]:
    least, most = SOFT_BESIDE_MASKS_HU
    soft: NDArray[np.float32] = hu[(hu > least) & (hu < most)].astype(np.float32)
    return soft
