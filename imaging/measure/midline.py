"""The brain's midline: its course in each axial slice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from cohort.facts.limits import MIDLINE_SMOOTH_MM
from cohort.space.shapes.pieces import bounding_box
from imaging.space.robust import robust_fit

JUMP_MM = 5.0
"""A step to the side that a line never takes from one marked row to the next."""
MIN_LENGTH_MM = 40.0
"""Shortest line, front to back, that is measured; the ends of a shorter one lie in what is
shifted: third ventricle and septum pellucidum together are some 60 mm long."""
SHARE_OF_LONGEST = 0.6
"""Least length of a line, as a share of the longest one in the scan: a line that stops short of
its own ends hides the shift, or invents one where the head is turned."""
STRAY_MM = 0.7
"""How far a row may lie from the smooth curve; generated midlines keep to it within that."""
CURVE_MM = 1.0  # what lies so far off the curve counts half
CURVE_DEGREE = 8
"""Of the smooth curve: enough for a bulge of 30 mm from front to back."""
END_MM = 2.0
"""Left off at both ends, where the pen was lifted: a turned line ends in a point to one side."""
SHARE_DRAWN = 0.5
"""Least share of the rows between a line's ends that must be marked."""


def midlines(mask: NDArray, spacing: Sequence[float]) -> dict[int, SliceMidline]:
    """Return the midline of each axial slice that counts, by what is marked in that slice alone.

    It tells which side of the middle blood is on. How far the midline is pushed is told by all
    slices and the skull (`imaging.measure.shift`).

    A predicted line is ragged, broken or partial, hence in each slice:

    1. A row's place is the median of its marked pixels, so that a speck beside the line is
       outvoted.
    2. The line falls into pieces where it is broken for more than `MIDLINE_SMOOTH_MM` or steps
       aside by more than `JUMP_MM`; pieces shorter than `MIDLINE_SMOOTH_MM` are left out. What is
       missing between the others is interpolated.
    3. Rows more than `STRAY_MM` away from a smooth curve through the line, fitted robustly, are
       put onto it: a ventricle's wall or a bit of falx that was marked as well is not a shift.
    4. Along the line a running median over `MIDLINE_SMOOTH_MM` takes out stray rows, a running mean
       of half that length the steps of the pixels.
    5. The ends of the straight line come from straight fits to the first and the last
       `MIDLINE_SMOOTH_MM`, less the outermost `END_MM`.
    6. A slice counts if its line is at least `MIN_LENGTH_MM` long, and `SHARE_OF_LONGEST` of the
       longest in the scan, and `SHARE_DRAWN` of its rows are marked.

    Parameters
    ----------
    mask
        The midline, [X, Y, Z], axes LPS; what is not zero belongs to it.
    spacing
        Distance between voxels along the axes, in mm.
    """
    box = bounding_box(mask)
    if box is None:
        return {}
    marked, corner = mask[box] != 0, (box[0].start, box[1].start)
    lines = {
        box[2].start + k: SliceMidline.of_slice(marked[..., k], spacing, corner)
        for k in range(marked.shape[2])
    }
    found = {k: line for k, line in lines.items() if line is not None}
    longest = max((line.length for line in found.values()), default=0.0)
    return {
        k: line
        for k, line in found.items()
        if line.length >= max(MIN_LENGTH_MM, SHARE_OF_LONGEST * longest)
        and line.drawn >= SHARE_DRAWN
    }


@dataclass(frozen=True)
class SliceMidline:
    """The midline in one axial slice: its place toward the left, row by row toward the back.

    Attributes
    ----------
    places
        In mm from the centre of the slice's first column, one per row, interpolated where nothing
        is marked.
    front
        Distance of the first of these rows from the slice's first, in mm.
    pitch
        Distance between rows in mm.
    drawn
        Share of the rows that are marked.
    """

    places: NDArray
    front: float
    pitch: float
    drawn: float

    @classmethod
    def of_slice(
        cls, marked: NDArray, spacing: Sequence[float], corner: tuple[int, int] = (0, 0)
    ) -> SliceMidline | None:
        """Return the line in a slice [x, y] of that spacing in mm, if there is one.

        `corner` holds the indices where `marked` was cut out of the whole slice.
        """
        rows = np.flatnonzero(marked.any(axis=0))
        medians = _column_medians(marked[:, rows])
        breaks = np.diff(rows) * spacing[1] > MIDLINE_SMOOTH_MM
        steps = np.abs(np.diff(medians)) * spacing[0] > JUMP_MM
        pieces = np.split(np.arange(len(rows)), np.flatnonzero(breaks | steps) + 1)
        long = [p for p in pieces if len(p) and np.ptp(rows[p]) * spacing[1] >= MIDLINE_SMOOTH_MM]
        if not long:
            return None
        kept = np.concatenate(long)
        every = np.arange(rows[kept[0]], rows[kept[-1]] + 1)
        places = (np.interp(every, rows[kept], medians[kept]) + corner[0]) * spacing[0]
        front = float((every[0] + corner[1]) * spacing[1])
        return cls(places, front, float(spacing[1]), len(kept) / len(every))

    @property
    def length(self) -> float:
        """Distance between the ends, front to back, in mm."""
        return len(self.places) * self.pitch

    def shift(self) -> float:
        """Return the largest distance in mm from the straight line, positive toward the left."""
        rows, places, (place, slope) = self._smoothed
        away = (places - place - slope * (rows - rows[0])) / np.hypot(1, slope)
        return float(away[np.abs(away).argmax()])

    def at(self, backward: NDArray) -> NDArray:
        """Return the line's place at some distances from the slice's first row, in mm.

        Before its front and behind its back end it goes on straight, as the line between them.
        """
        rows, places, _ = self._smoothed
        along = np.asarray(backward) - self.front
        inside = (along >= rows[0]) & (along <= rows[-1])
        return np.where(inside, np.interp(along, rows, places), self.straight_at(backward))

    def straight_at(self, backward: NDArray) -> NDArray:
        """Return the place of the straight line between the ends, as `at` does."""
        rows, _, (place, slope) = self._smoothed
        return place + slope * (np.asarray(backward) - self.front - rows[0])

    @cached_property
    def _smoothed(self) -> tuple[NDArray, NDArray, tuple[float, float]]:
        """The smooth line less its ends: rows and places in mm; and the straight one's course."""
        window = max(3, round(MIDLINE_SMOOTH_MM / self.pitch) // 2 * 2 + 1)
        trim = min(round(END_MM / self.pitch), len(self.places) // 4)
        curve = _smooth_curve(self.places)
        places = np.where(np.abs(self.places - curve) > STRAY_MM, curve, self.places)
        places = _running(np.median, places[trim : len(places) - trim], window)
        places = _running(np.mean, places, window // 4 * 2 + 1)
        rows = np.arange(len(places)) * self.pitch
        length = rows[-1]
        front = np.polyfit(rows[:window], places[:window], 1)[1]
        back = np.polyfit(rows[-window:] - length, places[-window:], 1)[1]
        slope = float((back - front) / length)
        return rows + trim * self.pitch, places, (float(front), slope)


def _column_medians(marked: NDArray) -> NDArray:
    """Return for each column of [x, columns], none empty, the median index of what is marked."""
    count = np.cumsum(marked, axis=0)
    low = np.argmax(count > (count[-1] - 1) // 2, axis=0)
    high = np.argmax(count > count[-1] // 2, axis=0)
    return (low + high) / 2


def _smooth_curve(places: NDArray) -> NDArray:
    """Return a polynomial through `places`, in mm; what lies apart from it has little weight."""
    if len(places) <= CURVE_DEGREE + 1:
        return places  # the curve goes through them all
    basis = chebyshev.chebvander(np.linspace(-1, 1, len(places)), CURVE_DEGREE)
    return basis @ robust_fit(basis, places, CURVE_MM)


def _running(statistic: Callable[..., NDArray], values: NDArray, window: int) -> NDArray:
    """Apply `statistic` over an odd number of neighbours; a line goes on straight at its ends."""
    half = window // 2
    padded = np.pad(values, half, mode="reflect", reflect_type="odd")
    return statistic(np.lib.stride_tricks.sliding_window_view(padded, window), axis=1)
