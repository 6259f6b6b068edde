"""How far the brain's midline is pushed aside, and how sure that is.

The midline lies between two things: what a bleed doesn't move, and what it does.

- **The ideal midline** is a plane that skull and falx tell (`imaging.measure.ideal_midline`).
- **The actual one** is a smooth surface through all that was found
  (`imaging.measure.midline_course`).

The shift is their distance at the septum pellucidum, where guidelines want it measured (Bullock et
al. 2006, doi:10.1227/01.NEU.0000210364.29290.C9); the largest one may be elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.facts.limits import NO_SHIFT_MM
from cohort.schema.scans.measurements import SeptumBy, ShiftUnknown, Side
from cohort.space.grid import Grid
from cohort.space.shapes.cut import Cut
from cohort.space.shapes.pieces import bounding_box, indices_of
from imaging.measure.ideal_midline import LEAST_LONG_MM, SHARE_OF_LONGEST, Ideal, ideal_midline
from imaging.measure.midline_course import Course, Plane, trace
from imaging.measure.midplane import fit_plane
from imaging.measure.septum import Septum, find_septum
from imaging.measure.skull.head_frame import HeadFrame
from imaging.measure.visible_midline import visible_share
from imaging.measure.walls import LEVELS, beside_horns

MOST_TURNED = 0.07
"""A midline that is turned further against the plane of symmetry, in radians or so, lies in a
skull that is crooked: which plane halves it about says nothing there, only the falx does."""
LEAST_SUPPORT = 0.4
"""Share of the places at the septum where a midline must be marked."""
MOST_ERROR_MM = 2.5
"""A shift that is less sure than this, one sigma, can't be told."""
MOST_SPREAD_MM = 8.0
"""How far from the line at the septum what is marked may lie, root mean square; with more, it is
not to be told which of two lines the midline is."""
SHARE_OF_SPREAD = 0.2
"""Of what lies about the line, how much of it the line may be off: chosen on generated cases, so
that two thirds of the shifts lie within one sigma there; not yet tried on others."""
LEAST_VISIBLE = 0.2
"""Share of its stretches in which the scan shows what a network took for the midline."""
WELL_SEEN_ROWS = 5
"""Rows around a place that are marked, for the largest shift to be looked for there."""


@dataclass(frozen=True)
class MeasuredShift:
    """A midline shift; distances are positive toward the patient's left.

    Attributes
    ----------
    septum_mm
        At the septum pellucidum; None where it can't be told.
    unknown
        Why not, as a word.
    largest_mm
        Where it is largest of what is marked; None as well.
    error_mm
        One sigma of `septum_mm`, as far as rows that disagree and missing ones tell.
    support
        Share of the places at the septum where the midline is marked.
    slice, largest_slice
        Where both were measured: indices of the scan's slices, axes LPS.
    septum_by
        What told where the septum is.
    course, ideal
        What was measured.
    """

    septum_mm: float | None = None
    unknown: ShiftUnknown | None = None
    largest_mm: float | None = None
    error_mm: float | None = None
    support: float | None = None
    slice: int | None = None
    largest_slice: int | None = None
    septum_by: SeptumBy | None = None
    course: Course | None = None
    ideal: Ideal | None = None

    def in_slice(self, k: int) -> tuple[NDArray, NDArray, int]:
        """Return the midline and the ideal one in a slice, and the row where they are compared.

        Both are points [rows, 2] in mm (`Grid.upright`), from the first row that is marked to the
        last; the row is the septum's whose distance is nearest to the shift.

        Raises
        ------
        ValueError
            If there is no shift.
        """
        if self.course is None or self.ideal is None or self.septum_mm is None:
            raise ValueError("there is no shift")
        course = self.course
        n = int(np.abs(course.slices - k).argmin())
        seen = np.flatnonzero(course.seen[:, n])
        rows = np.arange(seen[0], seen[-1] + 1) if len(seen) else np.arange(len(course.backward))
        y, (a, b, c) = course.backward[rows, n], course.plane
        straight = a + b * y + c * course.upward[n]
        away = course.aside[rows, n] - self.ideal.aside[rows, n]
        off = np.abs(away / np.hypot(1, b) - self.septum_mm)
        actual = np.stack([straight + course.aside[rows, n], y], axis=1)
        ideal = np.stack([straight + self.ideal.aside[rows, n], y], axis=1)
        return actual, ideal, int(off.argmin())

    @property
    def side(self) -> Side | None:
        """The patient's side that the septum is pushed to; None below `NO_SHIFT_MM`."""
        return side_of(self.septum_mm)


def side_of(mm: float | None) -> Side | None:
    """Return the side of a shift, positive toward the patient's left; None if it is too small."""
    if mm is None or abs(mm) < NO_SHIFT_MM:
        return None
    return "left" if mm > 0 else "right"


def measure_shift(
    marked: NDArray,
    grid: Grid,
    ventricles: tuple[Cut | None, Cut | None] = (None, None),
    frame: HeadFrame | None = None,
    probable: bool = False,
) -> MeasuredShift:
    """Measure the midline shift of a head.

    Parameters
    ----------
    marked
        The midline, [X, Y, Z], axes LPS: a mask, 0 or 1; or, with `probable`, a network's
        probabilities, uint8 in 255ths or floating-point numbers from 0 to 1.
    grid
        Where its voxels lie.
    ventricles
        What was found of the left and of the right lateral ventricle: they tell where the septum
        is.
    frame
        The skull of the scan.
    probable
        Whether `marked` are probabilities, which the ventricles' walls make surer.
    """
    if probable and marked.dtype != np.uint8:
        marked = np.rint(marked * LEVELS).astype(np.uint8)
    whole = LEVELS if probable else 1
    table, symmetry = (frame.table, frame.symmetry) if frame else (None, None)
    by_marks = _plane_of_marks(marked, grid)
    if symmetry and by_marks and abs(symmetry[1] - by_marks[1]) > MOST_TURNED:
        symmetry = None
    plane = symmetry or by_marks
    septum = find_septum([cut for cut in ventricles if cut], table, grid)
    if probable and septum and septum.source == "ventricles":
        marked = beside_horns(marked, *ventricles, septum, grid)
    course = trace(marked, grid, plane, whole) if plane else None
    if plane is None or course is None or not _long_enough(course):
        return MeasuredShift(unknown="no_midline")
    if septum is None and table is None:
        septum = _septum_of_line(course)
    if septum is None:
        return MeasuredShift(unknown="no_septum", course=course)
    there = _at_septum(course, septum)
    if not there.any():
        return MeasuredShift(unknown="no_septum", course=course)
    ideal = ideal_midline(course, septum, table, symmetry is not None)
    upright = float(np.sqrt(1 + plane[1] ** 2 + plane[2] ** 2))
    away = (course.aside - ideal.aside) / upright
    support = float(course.seen[there].mean())
    spread = float(np.median(course.spread[there]))
    # By the line alone, the septum may be anywhere along it.
    anywhere = float(away[there].std()) if septum.source == "line" else 0.0
    parts = course.sigma(there), ideal.sigma, SHARE_OF_SPREAD * spread, anywhere
    error = float(np.sqrt(np.square(parts).sum())) / upright
    if support < LEAST_SUPPORT or error > MOST_ERROR_MM:
        return MeasuredShift(unknown="broken", support=support, error_mm=error, course=course)
    if spread > MOST_SPREAD_MM:
        return MeasuredShift(
            unknown="contradictory", support=support, error_mm=error, course=course
        )
    visible = visible_share(course, frame) if probable and frame else None
    if visible is not None and visible < LEAST_VISIBLE:
        return MeasuredShift(unknown="hidden", support=support, error_mm=error, course=course)
    shown = _well_seen(course) | there
    row, n = np.unravel_index(np.abs(np.where(shown, away, 0)).argmax(), away.shape)
    middle = int(np.abs(course.upward - np.mean(septum.upward)).argmin())
    return MeasuredShift(
        septum_mm=float(away[there].mean()),
        largest_mm=float(away[row, n]),
        error_mm=error,
        support=support,
        slice=int(course.slices[middle]),
        largest_slice=int(course.slices[n]),
        septum_by=septum.source,
        course=course,
        ideal=ideal,
    )


def _plane_of_marks(marked: NDArray, grid: Grid) -> Plane | None:
    """Return a plane through what is marked, where no skull tells one."""
    box = bounding_box(marked)
    if box is None:
        return None
    voxels = indices_of(marked[box] >= 0.5 * max(1, marked[box].max()))
    if len(voxels) < 3:
        return None
    voxels += [side.start for side in box]
    every = max(1, len(voxels) // 20_000)
    x, y, z = grid.upright(voxels[::every]).T
    return fit_plane(y, z, x)


def _long_enough(course: Course) -> bool:
    return bool(course.lengths_mm.max() >= LEAST_LONG_MM)


def _septum_of_line(course: Course) -> Septum:
    """Return about where the septum is by the midline alone: its second quarter."""
    lengths = course.lengths_mm
    long = int(lengths.argmax())
    levels = course.upward[lengths >= SHARE_OF_LONGEST * lengths[long]]
    rows = course.backward[course.seen[:, long], long]
    front, back = float(rows.min()), float(rows.max())
    reach = front + 0.2 * (back - front), front + 0.5 * (back - front)
    return Septum(reach, (float(levels.min()), float(levels.max())), "line")


def _at_septum(course: Course, septum: Septum) -> NDArray[np.bool_]:
    """Return which places of the course are the septum's; the nearest slice in any case."""
    low, high = septum.upward
    levels = (course.upward >= low) & (course.upward <= high)
    nearest = int(np.abs(course.upward - (low + high) / 2).argmin())
    if abs(course.upward[nearest] - (low + high) / 2) <= high - low:
        levels[nearest] = True
    rows = (course.backward >= septum.backward[0]) & (course.backward <= septum.backward[1])
    return np.asarray(rows & levels)


def _well_seen(course: Course) -> NDArray[np.bool_]:
    """Return where the midline is marked in several rows next to each other."""
    from scipy.ndimage import binary_opening

    return np.asarray(binary_opening(course.seen, np.ones((WELL_SEEN_ROWS, 1))))
