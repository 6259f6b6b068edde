"""What lies inside the skull, told by the scan's Hounsfield units alone.

A pixel of an axial slice lies outside the skull if two things are true of it:

- bone is met in fewer than six of the eight directions left, right, front, back and between.
  Inside a ring of bone all eight meet it; from the scalp, outside a convex ring, at most four do;
- bone lies between it and the middle of what is surrounded by bone.

No ring has to be closed for it, so that sutures and the holes of the skull base cost nothing, and
where a bone flap was taken out, however large, no bone lies between the brain there and the
middle. (Filling the ring, the usual way, loses the whole slice then.) Each slice is judged on its
own, single ones and those at the vertex included.

Limits, all on the side of keeping a bleed: what lies under the scalp where a flap was taken out,
between the cheek bone and the temporal bone, or in the sinuses, may count as inside. A slice
without any bone is not judged, and directions in which the head is cut off by the field of view
count as met.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cohort.facts.limits import BONE_AS_BLOOD_HU, BONE_HU, TISSUE_FROM_HU
from cohort.space.shapes.pieces import unflipped

LEAST_BONE = 0.002  # share of the pixels
SURROUNDED, MET = 8, 6
PIXEL_MM = 1.0


class CoarseBone(NamedTuple):
    """A scan's bone on every n-th pixel of its slices.

    Attributes
    ----------
    mask
        Bool [X / n, Y / n, Z].
    every
        n along x and y.
    pixel
        Size of such a pixel, mm.
    """

    mask: NDArray[np.bool_]
    every: tuple[int, int]
    pixel: NDArray[np.float64]


def coarse_bone(hu: NDArray, spacing: Sequence[float], pixel_mm: float) -> CoarseBone | None:
    """Return where bone is on pixels of about `pixel_mm`; None where no bone shows.

    Parameters
    ----------
    hu
        The scan, [X, Y, Z], axes LPS, in HU.
    spacing
        Distance between its voxels, mm.
    pixel_mm
        Size of a pixel to look at; it is never smaller than the scan's own.
    """
    x, y = (max(1, round(pixel_mm / mm)) for mm in spacing[:2])
    coarse = hu[::x, ::y]
    level = bone_level(coarse)
    if level is None:
        return None
    return CoarseBone(coarse >= level, (x, y), np.array([x * spacing[0], y * spacing[1]]))


def bone_level(hu: NDArray) -> float | None:
    """Return the HU from which on a voxel of the scan is bone; None if no bone can be told.

    Parameters
    ----------
    hu
        Scan in HU, any shape. HU that were cut below 300 (255 is common) show bone as their
        highest value.
    """
    # Where HU were cut below that, what was cut is bone; far below it, it is brain or blood.
    anyhow = unflipped(hu)
    level = min(float(BONE_HU), float(anyhow.max()))
    if level < BONE_AS_BLOOD_HU or np.count_nonzero(anyhow >= level) < LEAST_BONE * hu.size:
        return None
    return level


def inside_skull(
    hu: NDArray, bone: float, asked: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Return what lies inside the skull in each of some axial slices.

    Parameters
    ----------
    hu
        Axial slices in HU, [Z, rows, columns], at about 1 mm a pixel: finer is slower and no
        better.
    bone
        HU from which on a voxel is bone: `bone_level`.
    asked
        Of which pixels to tell it, [Z, rows, columns]; of others it may be wrong. None for all.

    Returns
    -------
    ndarray
        [Z, rows, columns].

    Examples
    --------
    >>> slices = np.full((1, 9, 9), 30)
    >>> slices[0, 1:8, [1, 7]] = slices[0, [1, 7], 1:8] = 1000
    >>> slices[0, 0] = slices[0, 8] = slices[0, :, 0] = slices[0, :, 8] = -1000
    >>> inside_skull(slices, 300)[0, 4].astype(int)
    array([0, 1, 1, 1, 1, 1, 1, 1, 0])
    """
    is_bone = hu >= bone
    stop = is_bone.copy()
    # A head cut off by the field of view: what lies beyond is not known, and may be its skull.
    for edge in (np.s_[:, 0], np.s_[:, -1], np.s_[:, :, 0], np.s_[:, :, -1]):
        stop[edge] |= hu[edge] > TISSUE_FROM_HU
    by_row, by_column = (np.ascontiguousarray(np.moveaxis(stop, axis, 0)) for axis in (1, 2))
    met = np.moveaxis(_met_along(by_row, (0, 1, -1)), 0, 1)
    met = met + np.moveaxis(_met_along(by_column, (0,)), 0, 2)
    inside = met >= MET
    for k in range(len(hu)):
        unclear = ~inside[k] if asked is None else ~inside[k] & asked[k]
        if not is_bone[k].any():
            inside[k] = True
        elif unclear.any():
            surrounded = np.argwhere((met[k] == SURROUNDED) & (hu[k] > TISSUE_FROM_HU))
            middle = (surrounded if len(surrounded) else np.argwhere(is_bone[k])).mean(axis=0)
            inside[k][unclear] = ~_behind(is_bone[k], np.argwhere(unclear), middle)
    return inside


def _met_along(stop: NDArray[np.bool_], shifts: Sequence[int]) -> NDArray[np.uint8]:
    """Count the ways, forth and back along the first axis, on which a pixel meets bone.

    Parameters
    ----------
    stop
        Bone, [rows, Z, columns].
    shifts
        How many columns each of the ways goes aside with each row: 0, 1 or -1.
    """
    met = np.zeros(stop.shape, np.uint8)
    rows = len(stop)
    for shift in shifts:
        here = slice(max(shift, 0), stop.shape[2] + min(shift, 0))
        before = slice(max(-shift, 0), stop.shape[2] + min(-shift, 0))
        for step in (1, -1):
            found = stop.copy()
            # Row by row: numpy's own accumulate is ten times slower.
            for row in range(1, rows) if step > 0 else range(rows - 2, -1, -1):
                found[row, :, here] |= found[row - step, :, before]
            met += found
    return met


def _behind(bone: NDArray[np.bool_], pixels: NDArray, middle: NDArray) -> NDArray[np.bool_]:
    """Return for each of `pixels` [N, 2] of a slice whether bone lies before it, from `middle`."""
    found = np.zeros(len(pixels), bool)
    way = pixels - middle
    steps = int(np.ceil(np.abs(way).max()))
    for step in range(steps + 1):
        at = np.rint(middle + way * (step / max(1, steps))).astype(int)
        found |= bone[at[:, 0], at[:, 1]]
    return found
