"""The inner table of the skull: where bone begins, seen from the middle of each slice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cohort.space.grid import Grid
from imaging.space.skull import coarse_bone

PIXEL_MM = 1.0
"""A skull is found as well on every n-th pixel, so that one is about this large."""
APART_MM = 2.5
"""Slices nearer than this to each other tell the same."""
LEAST_WIDTH_MM = 90.0
"""Of a slice's skull from left to right: narrower ones are vertex, neck or jaw."""
ANGLES = 120
NEAREST_MM, FARTHEST_MM = 25.0, 120.0
"""From the middle of a slice to its inner table: what is nearer is calcified, or bone of the
base."""
LEAST_RING = 0.6
"""Share of the directions in which bone must be met; a flap may have been taken out."""

WIDENS = 1.02
"""A slice that surrounds so many times what the one below does, above the widest, is no longer one
through the brain: bone of the vertex fills its middle."""
NEIGHBOURS, STEP_MM = 5, 8.0
"""Directions to either side, and how far bone may lie from where it lies in them."""

MOST_NEAR, SMALL = 0.2, 0.85
"""Share of the directions in which bone is met at once; how much smaller than usual what the skull
surrounds is near the vertex."""


@dataclass(frozen=True)
class InnerTable:
    """The skull's inner table in some axial slices.

    Attributes
    ----------
    centres
        Of what the skull surrounds, float [slices, 3], in mm (`Grid.upright`), upward.
    radii
        Distance of bone from the centre, float [slices, `ANGLES`] in mm; angles go round from the
        patient's left toward the back. NaN where no bone is met.
    """

    centres: NDArray
    radii: NDArray

    @property
    def points(self) -> NDArray:
        """Its points, float [N, 3], in mm."""
        slices, angles = np.nonzero(np.isfinite(self.radii))
        way = 2 * np.pi * angles / ANGLES
        flat = np.stack([np.cos(way), np.sin(way), np.zeros_like(way)], axis=1)
        found: NDArray = self.centres[slices] + self.radii[slices, angles, None] * flat
        return found

    @cached_property
    def _closed(self) -> NDArray:
        """`radii`, with what is missing taken from either side of the gap."""
        every = np.arange(ANGLES)
        return np.array(
            [
                np.interp(every, every[met], one[met], period=ANGLES)
                for one, met in zip(self.radii, np.isfinite(self.radii), strict=True)
            ]
        )

    def beyond(self, points: NDArray) -> NDArray:
        """Return how far points [N, 3] lie outside of it, in mm, inside less than 0.

        Along the line from the middle of the slice; between two slices both tell it, above and
        below all of them the nearest one, and where bone is missing what lies beside the gap.
        """
        levels = self.centres[:, 2]
        if len(levels) == 1:
            return self._in_slice(points, np.zeros(len(points), int))
        below = np.clip(np.searchsorted(levels, points[:, 2]) - 1, 0, len(levels) - 2)
        share = (points[:, 2] - levels[below]) / (levels[below + 1] - levels[below])
        one, other = self._in_slice(points, below), self._in_slice(points, below + 1)
        away: NDArray = one + np.clip(share, 0, 1) * (other - one)
        return away

    def _in_slice(self, points: NDArray, slices: NDArray) -> NDArray:
        x, y = (points - self.centres[slices])[:, :2].T
        turn = np.arctan2(y, x) * (ANGLES / (2 * np.pi)) % ANGLES
        first = turn.astype(int) % ANGLES
        share = turn - np.floor(turn)
        here, there = self._closed[slices, first], self._closed[slices, (first + 1) % ANGLES]
        away: NDArray = np.hypot(x, y) - (here + share * (there - here))
        return away


def inner_table(hu: NDArray, grid: Grid) -> InnerTable | None:
    """Find the inner table of a head's skull; None where no bone shows.

    Parameters
    ----------
    hu
        The scan, [X, Y, Z], axes LPS, in HU.
    grid
        Where its voxels lie.
    """
    found_bone = coarse_bone(hu, grid.spacing, PIXEL_MM)
    if found_bone is None:
        return None
    all_bone, every, pixel = found_bone
    centres, radii, last = [], [], -np.inf
    for k in range(all_bone.shape[2]):
        if grid.levels_mm[k] - last < APART_MM:
            continue
        bone = all_bone[..., k]
        if np.count_nonzero(bone.any(axis=1)) * pixel[0] < LEAST_WIDTH_MM:
            continue
        middle = _middle(bone)
        found = _radii(bone, middle, pixel)
        if np.count_nonzero(np.isfinite(found)) >= LEAST_RING * ANGLES:
            centres.append(grid.upright([*(middle * every), k]))
            radii.append(found)
            last = grid.levels_mm[k]
    if not centres:
        return None
    below = _below_vertex(np.array(radii))
    return InnerTable(np.array(centres)[:below], np.array(radii)[:below])


def _below_vertex(radii: NDArray) -> int:
    """Return how many slices, from the lowest on, lie below the vertex; by [slices, `ANGLES`]."""
    means = np.nanmean(radii, axis=1)
    bony = np.mean(radii < NEAREST_MM + 2 * PIXEL_MM, axis=1) > MOST_NEAR
    small = means < SMALL * np.median(means)
    for k in range(max(1, len(means) // 2), len(means)):
        if small[k - 1] and (bony[k] or means[k] > WIDENS * means[k - 1]):
            return k
    return len(means)


def _middle(bone: NDArray[np.bool_]) -> NDArray:
    """Return the middle of what bone surrounds in a slice, in pixels.

    Between bone to the left and bone to the right, in the same row.
    """
    inside = np.maximum.accumulate(bone, axis=0) & np.maximum.accumulate(bone[::-1], axis=0)[::-1]
    return np.argwhere(inside).mean(axis=0)


def _radii(bone: NDArray[np.bool_], middle: NDArray, pixel: NDArray) -> NDArray:
    """Return how far bone is in each direction, in mm, from where it is met first.

    NaN where none is met, and where that is out of line with its neighbours, as what the head
    lies on is through a gap.
    """
    step = float(pixel.min()) / 2
    along = np.arange(0.0, FARTHEST_MM, step)
    way = 2 * np.pi * np.arange(ANGLES) / ANGLES
    x = np.rint(middle[0] + np.outer(np.cos(way), along) / pixel[0]).astype(int)
    y = np.rint(middle[1] + np.outer(np.sin(way), along) / pixel[1]).astype(int)
    seen = (x >= 0) & (x < bone.shape[0]) & (y >= 0) & (y < bone.shape[1])
    met = seen & bone[np.clip(x, 0, bone.shape[0] - 1), np.clip(y, 0, bone.shape[1] - 1)]
    met &= along >= NEAREST_MM
    found = np.where(met.any(axis=1), along[met.argmax(axis=1)], np.nan)
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(found, NEIGHBOURS, mode="wrap"), 2 * NEIGHBOURS + 1
    )
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(found - _medians(around)) <= STEP_MM, found, np.nan)


def _medians(rows: NDArray) -> NDArray:
    """Return the median of what is finite in each row; NaN where nothing is."""
    ordered = np.sort(rows, axis=1)  # NaN last
    count = np.isfinite(ordered).sum(axis=1)
    every = np.arange(len(rows))
    found: NDArray = (ordered[every, (count - 1) // 2] + ordered[every, count // 2]) / 2
    return found
