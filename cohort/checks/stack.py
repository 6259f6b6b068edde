"""Whether slices follow each other: none missing, empty, twice there or out of order.

One slice missing among thick ones cannot be seen: neighbouring slices differ too much by nature.
Two or more in a row, or among thin ones, can.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.facts.limits import FLUID_TO_BLOOD_HU
from cohort.faults import CheckResult

JUMP = 1.65
"""A jump is so many times the larger of the differences beside it; in complete scans of 2 to 7 mm
slices up to 1.55 was met, with two slices missing 1.5 to 3."""
LEAST_DIFFERENCE = 0.8
"""HU; smaller ones are noise."""
LEAST_SLICES, LEAST_PIXELS = 8, 16
MOST_JUMPS = 3
"""More are no gaps, but how the scan was made: interpolated from thicker slices, for example."""
MOST_COMPARED = 64


def check_stack(path: Path, voxels: NDArray[np.float32], found: CheckResult) -> None:
    """Add to `found` what is wrong with the order of the slices of `voxels` [x, y, z].

    The voxels are a coarse copy, but with all slices. Slices are counted from 1, from the lowest.
    """
    blank = np.ptp(voxels, axis=(0, 1)) < 1
    inside = np.flatnonzero(~blank)
    if inside.size < LEAST_SLICES or min(voxels.shape[:2]) < LEAST_PIXELS:
        return
    gone = [k for k in range(int(inside[0]), int(inside[-1])) if blank[k]]
    if gone:
        found.note(path, "slices", f"has no image in {_named(gone)} between others that have.")
    voxels = voxels[..., ~blank]
    same = [k + 1 for k in range(inside.size - 1) if (voxels[..., k] == voxels[..., k + 1]).all()]
    if same:
        found.note(
            path, "slices", f"repeats the slice below in {_named(inside[same])}: were slices lost?"
        )
    if gone or same:
        return
    voxels = _smooth(voxels)
    if _order_lost(voxels):
        found.note(
            path,
            "slices",
            "has slices that are most alike where they are not neighbours: is their order lost?",
        )
        return
    change = np.abs(voxels[..., 1:] - voxels[..., :-1]).mean((0, 1))
    jumps = _jumps(change)
    if 0 < jumps.size <= MOST_JUMPS:
        found.note(
            path, "slices", f"changes abruptly above {_named(inside[jumps])}: are slices missing?"
        )


def _smooth(voxels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return tissue with its noise averaged out, every second pixel."""
    v = voxels.clip(*FLUID_TO_BLOOD_HU)
    nx, ny = v.shape[0] // 2 * 2, v.shape[1] // 2 * 2
    v = v[:nx, :ny]
    smooth: NDArray[np.float32] = (v[::2, ::2] + v[1::2, ::2] + v[::2, 1::2] + v[1::2, 1::2]) / 4
    return smooth


def _order_lost(voxels: NDArray[np.float32]) -> bool:
    """Whether for most slices the one most alike is neither of those beside it."""
    from scipy.spatial.distance import cdist

    step = -(-voxels.shape[2] // MOST_COMPARED)
    slices = voxels[..., ::step].reshape(-1, -(-voxels.shape[2] // step)).T
    apart = cdist(slices, slices, "cityblock")
    usual = float(np.median(apart))
    np.fill_diagonal(apart, np.inf)
    nearest = apart.argmin(axis=1)
    if np.median(apart.min(axis=1)) > 0.6 * usual:
        return False  # slices that are all alike, or all different, have no order to be seen
    return bool(np.mean(np.abs(nearest - np.arange(nearest.size)) > 2) > 0.5)


def _jumps(change: NDArray[np.float32]) -> NDArray[np.intp]:
    beside = np.maximum(change[:-2], change[2:])
    jump = (change[1:-1] > JUMP * beside) & (change[1:-1] > LEAST_DIFFERENCE)
    return np.flatnonzero(jump) + 1


def _named(slices: list[int] | NDArray[np.intp]) -> str:
    numbers = ", ".join(str(k + 1) for k in slices[:6]) + ", …" * (len(slices) > 6)
    return f"slice {numbers}" if len(slices) == 1 else f"slices {numbers}"
