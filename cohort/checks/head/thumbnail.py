"""A scan at a glance: a coarse copy in a known orientation, for judging it within milliseconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.space.header import Header

PIXELS = 112
"""Least pixels a side that are kept, where the scan has them: 2 mm or so in a head CT."""
SLICES = 64
"""Most slices that are kept."""


@dataclass(frozen=True)
class Thumbnail:
    """Every n-th voxel of a scan.

    Attributes
    ----------
    voxels
        float32 [x, y, z]: x toward the patient's left, y toward posterior, z toward superior.
    spacing
        Distance between the voxels along x, y, z in mm.
    pixel_mm
        Of the scan itself, along x and y.
    """

    voxels: NDArray[np.float32]
    spacing: tuple[float, float, float]
    pixel_mm: tuple[float, float] = (1.0, 1.0)


def thumbnail(
    voxels: NDArray,
    header: Header,
    pixels: int = PIXELS,
    slices: int | None = SLICES,
    even_heights: bool = True,
) -> Thumbnail:
    """Return a coarse copy of a scan: single voxels, since averages would read it all.

    Parameters
    ----------
    voxels
        [I, J, K] in the file's own axis order.
    header
        Where they lie.
    pixels
        Least pixels a side of a slice that are kept, where there are as many.
    slices
        Most slices that are kept; all if None.
    even_heights
        Whether of uneven slices those nearest to even heights are taken, so that what is judged by
        the copy has the head's true shape; else every n-th is.
    """
    lps = oriented(voxels, header.axcodes)
    order = [next(i for i, c in enumerate(header.axcodes) if c in pair) for pair in _AXES]
    steps = [max(1, n // pixels) for n in lps.shape[:2]]
    steps.append(-(-lps.shape[2] // slices) if slices else 1)
    sx, sy, sz = steps
    # From the middle of each step, so that no side is favoured.
    flat = lps[sx // 2 :: sx, sy // 2 :: sy]
    spacing = [header.spacing[axis] * step for axis, step in zip(order, steps, strict=True)]
    if header.grid.even or not even_heights:
        some = flat[..., sz // 2 :: sz]
    else:
        levels = header.grid.lps.levels_mm
        spacing[2] = max(float(np.median(np.diff(levels))), levels[-1] / (slices or len(levels)))
        heights = np.arange(spacing[2] / 2, levels[-1] + spacing[2] / 2, spacing[2])
        some = flat[..., np.abs(levels[:, None] - heights).argmin(axis=0)]
    return Thumbnail(
        np.ascontiguousarray(some, np.float32),
        (spacing[0], spacing[1], spacing[2]),
        (header.spacing[order[0]], header.spacing[order[1]]),
    )


def oriented(voxels: NDArray, axcodes: str) -> NDArray:
    """Return a view of `voxels` whose axes point toward the patient's left, posterior, superior.

    Examples
    --------
    >>> oriented(np.arange(2).reshape(2, 1, 1), "RPS").ravel()
    array([1, 0])
    """
    order = [next(i for i, c in enumerate(axcodes) if c in pair) for pair in _AXES]
    flips = tuple(slice(None, None, 1 if axcodes[axis] in "LPS" else -1) for axis in order)
    return voxels.transpose(order)[flips]


_AXES = ("LR", "PA", "IS")
