"""The slices that say most: through the largest hematoma, the largest shift, the ventricles."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cohort.schema.scans.measurements import Midline
from cohort.space.grid import Grid
from cohort.space.shapes.cut import Cut
from hich.report.model.masks import CaseVoxels
from hich.report.pages.axial import Axial, count_voxels
from imaging.measure.shift import MeasuredShift, measure_shift
from imaging.measure.skull.head_frame import HeadFrame
from imaging.prediction.montage import draw_slice
from imaging.space.orientation import lps_view

LONGEST = 480
"""Longer side of a picture in pixels."""
SEEN_MM = 0.5
"""From here on people see that a line is not as long as the number beside it says."""
MEASURED_BY = ("midline", "ventricle_left", "ventricle_right")

Point = tuple[float, float]


@dataclass(frozen=True)
class ShiftLine:
    """The midline in a slice, and where it would be without a shift.

    Points are in mm from the picture's upper left corner, to the right and down.

    Attributes
    ----------
    straight
        Front and back end of the straight line.
    curve
        The midline's own course.
    across
        From the straight line to the midline, at the septum pellucidum.
    mm
        How far that is: what the masks give, on which the lines are drawn.
    told_mm
        The shift as it was measured, on probabilities that are not at hand, where that is another
        number to be seen; else None.
    """

    straight: tuple[Point, Point]
    curve: tuple[Point, ...]
    across: tuple[Point, Point]
    mm: float
    told_mm: float | None = None


@dataclass(frozen=True)
class KeySlice:
    """A slice to look at first.

    Attributes
    ----------
    kinds
        What it is the key slice of: `hematoma`, `shift`, `ventricles`; `middle` where no mask says
        which to look at.
    number
        Of the slice, from 1 at the lowest.
    picture
        Data URI: brain window, masks in colour.
    shift
        Of the kind `shift`: the lines.
    """

    kinds: tuple[str, ...]
    number: int
    picture: str
    shift: ShiftLine | None = None


def key_slices(
    axial: Axial, measured: Midline | None = None, whole: CaseVoxels | None = None
) -> tuple[KeySlice, ...]:
    """Return the key slices by the predicted masks, or by the reference's where there are none.

    Parameters
    ----------
    axial
        The CT and its masks.
    measured
        What was measured of the midline: lines are drawn in that slice, and none are where the
        shift can't be told. Without it the masks tell where.
    whole
        The scan before it was cut: where it brings its skull, this isn't looked for again.
    """
    kinds: dict[int, list[str]] = {}
    lines = None
    largest = _largest(axial, ("hematoma",))
    if largest is not None:
        kinds.setdefault(largest, []).append("hematoma")
    shift = _shift(axial, measured, whole)
    if shift:
        kinds.setdefault(shift[0], []).append("shift")
        lines = shift[1]
    largest = _largest(axial, ("ventricle_left", "ventricle_right"))
    if largest is not None:
        kinds.setdefault(largest, []).append("ventricles")
    if not kinds:
        kinds[axial.hu.shape[2] // 2] = ["middle"]
    return tuple(
        KeySlice(tuple(names), k + 1, draw_picture(axial, k), lines if "shift" in names else None)
        for k, names in kinds.items()
    )


def shift_line(shift: MeasuredShift, k: int) -> ShiftLine:
    """Return the lines of a midline shift in slice `k` of a grid whose first voxel is at 0 mm."""
    curve, straight, row = shift.in_slice(k)
    along = straight[-1] - straight[0]
    along /= max(float(np.hypot(*along)), 1e-9)
    foot = straight[0] + ((curve[row] - straight[0]) @ along) * along
    return ShiftLine(
        (_point(straight[0]), _point(straight[-1])),
        tuple(_point(point) for point in curve),
        (_point(foot), _point(curve[row])),
        round(abs(shift.septum_mm or 0.0), 1),
    )


def _largest(axial: Axial, names: Sequence[str]) -> int | None:
    """Return the slice that holds most of some structures."""
    counts = count_voxels(axial.shown, names)
    return int(counts.argmax()) if counts.any() else None


def _shift(
    axial: Axial, measured: Midline | None, whole: CaseVoxels | None
) -> tuple[int, ShiftLine] | None:
    told = measured.shift_mm if measured else None
    if "midline" not in axial.shown or (measured and told is None):
        return None
    found, grid = _measured(axial, whole)
    if found.slice is None:
        return None
    # What was measured has the last word: the probabilities, which it saw, are not at hand.
    at = measured.slice if measured else None
    k = found.slice if at is None else axial.from_below(at)
    line = shift_line(found, k)
    # Places are from the middle of the first pixel, the picture begins at its corner.
    start = (0, 0) if grid.shape == axial.hu.shape else axial.start
    first = grid.upright([*start, k])
    x0, y0 = first[0] - axial.spacing[0] / 2, first[1] - axial.spacing[1] / 2

    def moved(points: tuple[Point, ...]) -> tuple[Point, ...]:
        return tuple((round(x - x0, 2), round(y - y0, 2)) for x, y in points)

    ends, across = moved(line.straight), moved(line.across)
    other = told is not None and abs(told - line.mm) >= SEEN_MM
    return k, replace(
        line,
        straight=(ends[0], ends[1]),
        curve=moved(line.curve),
        across=(across[0], across[1]),
        told_mm=told if other else None,
    )


def _measured(axial: Axial, whole: CaseVoxels | None) -> tuple[MeasuredShift, Grid]:
    """Measure the shift on the masks that are shown; return it and the grid of its places."""
    if whole is not None and whole.frame is not None:
        frame, affine = whole.frame, whole.grid.affine
        of_scan = whole.predicted or whole.reference
        masks: Mapping[str, NDArray] = {
            name: lps_view(of_scan[name], affine) for name in MEASURED_BY if name in of_scan
        }
    else:
        frame = HeadFrame(axial.hu, Grid.with_spacing(axial.hu.shape, axial.spacing))
        masks = axial.shown
    midline, *walls = MEASURED_BY
    left, right = (Cut.of(masks[name]) if name in masks else None for name in walls)
    return measure_shift(masks[midline], frame.grid, (left, right), frame), frame.grid


def draw_picture(axial: Axial, k: int) -> str:
    """Return the slice `k` from below as a data URI: brain window, masks in colour."""
    width, height = axial.size_mm
    scale = LONGEST / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    cuts = {name: mask[..., k] for name, mask in axial.shown.items()}
    buffer = io.BytesIO()
    draw_slice(axial.hu[..., k], cuts, size).save(buffer, "WEBP", quality=88, method=2)
    return f"data:image/webp;base64,{b64encode(buffer.getvalue()).decode('ascii')}"


def _point(xy: NDArray) -> Point:
    return round(float(xy[0]), 2), round(float(xy[1]), 2)
