"""Which side of the brain's middle a place is on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cohort.schema.scans.measurements import Middle
from cohort.space.grid import Grid
from cohort.space.shapes.cut import Cut
from imaging.measure.midline import SliceMidline
from imaging.space.robust import robust_fit

SCALE_MM = 2.0
"""What lies so far off the plane counts half."""
NEAR_MM = 10.0
"""So far above and below a slice with a midline, its course is taken for theirs: our choice. A
bleed that pushes it aside in one slice does so in the next."""


@dataclass(frozen=True)
class Midplane:
    """The brain's middle: the midline where it is marked, a plane elsewhere.

    Attributes
    ----------
    place, backward, upward
        The plane: its distance in mm toward the left from the grid's first column, at the first
        row of the first slice; and by how many mm it goes to the left with each mm toward the
        back, and with each mm upward (`Grid.levels_mm`).
    source
        What it was told by: the midline's mask, the head's own symmetry, the space between both
        lateral ventricles, or, where there is nothing else, the middle of the array.
    lines
        The midline of the slices where it is marked.
    """

    place: float
    backward: float
    upward: float
    source: Middle
    lines: Mapping[int, SliceMidline] = field(default_factory=dict)

    @classmethod
    def of_lines(cls, lines: Mapping[int, SliceMidline], grid: Grid) -> Midplane:
        """Return the middle by the midlines of some slices, at least one, of a scan's grid."""
        rows, levels, places = [], [], []
        for k, line in lines.items():
            # Their straight lines: a bleed pushes what lies between the ends.
            ends = np.array([line.front, line.front + line.length])
            rows.append(ends)
            levels.append(np.full(2, grid.levels_mm[k]))
            places.append(line.straight_at(ends))
        plane = fit_plane(*map(np.concatenate, (rows, levels, places)))
        return cls(*plane, source="midline", lines=lines)

    def plane_at(self, y: NDArray | float, level: NDArray | float) -> NDArray | float:
        """Return the plane's place, in mm to the left of the grid's first column.

        Parameters
        ----------
        y
            Distance toward the back from the grid's first row, in mm.
        level
            Of the slice, in mm upward from the first one (`Grid.levels_mm`).
        """
        return self.place + self.backward * y + self.upward * level

    def places(self, rows: NDArray, slices: NDArray, grid: Grid) -> NDArray:
        """Return the middle's place in some rows of some slices, [rows, slices].

        Parameters
        ----------
        rows, slices
            Their indices.
        grid
            Of the scan, axes LPS.
        """
        y, levels = rows * grid.spacing[1], grid.levels_mm
        found = np.array(self.plane_at(y[:, None], levels[slices][None]), dtype=float)
        marked = np.array(sorted(self.lines), dtype=int)
        for column, k in enumerate(slices if len(marked) else ()):
            nearest = int(marked[np.abs(levels[marked] - levels[k]).argmin()])
            if abs(levels[nearest] - levels[k]) <= NEAR_MM:
                found[:, column] = self.lines[nearest].at(y)
        return found


def fit_plane(y: NDArray, level: NDArray, x: NDArray) -> tuple[float, float, float]:
    """Fit x = a + b y + c level by least squares, robustly; return a, b and c.

    What lies apart from it has little weight. Of one slice there is no c, which then is 0.
    """
    design = np.stack([np.ones_like(y), y - y.mean(), level - level.mean()], axis=1)
    fit = robust_fit(design, x, SCALE_MM)
    a, b, c = (float(value) for value in fit)
    return a - b * float(y.mean()) - c * float(level.mean()), b, c


def between_ventricles(left: Cut, right: Cut, spacing: Sequence[float]) -> Midplane | None:
    """Return the plane halfway between both lateral ventricles; None where they never face.

    Parameters
    ----------
    left, right
        Both, of one scan with axes LPS.
    spacing
        Distance between voxels along the axes, in mm.
    """
    start = np.maximum(left.corner, right.corner)
    stop = np.minimum(left.corner + left.mask.shape, right.corner + right.mask.shape)
    if (stop <= start)[1:].any():
        return None
    of_left, of_right = (_between(cut, start, stop) for cut in (left, right))
    rows, levels = np.nonzero(of_left.any(axis=0) & of_right.any(axis=0))
    if not rows.size:
        return None
    inner_left = left.corner[0] + of_left[:, rows, levels].argmax(axis=0)
    last = right.corner[0] + len(of_right) - 1
    inner_right = last - of_right[::-1, rows, levels].argmax(axis=0)
    # A plane through so short a piece could lean anywhere: its place alone is taken.
    place = float(np.median((inner_left + inner_right) / 2) * spacing[0])
    return Midplane(place, 0.0, 0.0, "ventricles")


def _between(cut: Cut, start: NDArray, stop: NDArray) -> NDArray[np.bool_]:
    """Return what of a structure lies in the rows and slices from `start` to `stop`."""
    (_, y, z), (_, y_end, z_end) = start - cut.corner, stop - cut.corner
    return cut.mask[:, y:y_end, z:z_end]


def middle_of_array(shape: Sequence[int], spacing: Sequence[float]) -> Midplane:
    """Return the array's own middle, where nothing tells the brain's."""
    return Midplane((shape[0] - 1) / 2 * float(spacing[0]), 0.0, 0.0, "array")
