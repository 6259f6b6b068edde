"""The slices that say most: through the largest hematoma, the largest shift, the ventricles."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hich.report.pages.axial import Axial, count_voxels
from imaging.measure.midline import SliceMidline, midlines
from imaging.prediction.montage import draw_slice

LONGEST = 480
"""Longer side of a picture in pixels."""

Point = tuple[float, float]


@dataclass(frozen=True)
class ShiftLine:
    """The midline in a slice, and the straight line that its shift is measured from.

    Points are in mm from the picture's upper left corner, to the right and down.

    Attributes
    ----------
    straight
        Front and back end of the straight line.
    curve
        The midline's own course.
    across
        From the straight line to the midline, where it lies farthest away.
    """

    straight: tuple[Point, Point]
    curve: tuple[Point, ...]
    across: tuple[Point, Point]


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


def key_slices(axial: Axial, shift_slice: int | None = None) -> tuple[KeySlice, ...]:
    """Return the key slices by the predicted masks, or by the reference's where there are none.

    Parameters
    ----------
    axial
        The CT and its masks.
    shift_slice
        Where the shift was measured on these masks, as the file counts slices; found again if
        None.
    """
    kinds: dict[int, list[str]] = {}
    lines = None
    largest = _largest(axial, ("hematoma",))
    if largest is not None:
        kinds.setdefault(largest, []).append("hematoma")
    shift = _largest_shift(axial, shift_slice)
    if shift:
        kinds.setdefault(shift[0], []).append("shift")
        lines = shift[1]
    largest = _largest(axial, ("ventricle_left", "ventricle_right"))
    if largest is not None:
        kinds.setdefault(largest, []).append("ventricles")
    if not kinds:
        kinds[axial.hu.shape[2] // 2] = ["middle"]
    return tuple(
        KeySlice(tuple(names), k + 1, _draw(axial, k), lines if "shift" in names else None)
        for k, names in kinds.items()
    )


def shift_line(line: SliceMidline, spacing: Sequence[float]) -> ShiftLine:
    """Return the lines of a midline; `spacing` is that of its slice in mm."""
    # Places are from the middle of the first pixel, the picture begins at its corner.
    corner = np.array([spacing[0] / 2, spacing[1] / 2])
    down = line.front + np.arange(len(line.places)) * line.pitch
    curve = np.stack([line.at(down), down], axis=1)
    straight = np.stack([line.straight_at(down), down], axis=1)
    along = straight[-1] - straight[0]
    along /= np.hypot(*along)
    away = curve - straight[0]
    feet = straight[0] + (away @ along)[:, None] * along
    farthest = int(np.hypot(*(curve - feet).T).argmax())
    return ShiftLine(
        (_point(straight[0] + corner), _point(straight[-1] + corner)),
        tuple(_point(point + corner) for point in curve),
        (_point(feet[farthest] + corner), _point(curve[farthest] + corner)),
    )


def _largest(axial: Axial, names: Sequence[str]) -> int | None:
    """Return the slice that holds most of some structures."""
    counts = count_voxels(axial.shown, names)
    return int(counts.argmax()) if counts.any() else None


def _largest_shift(axial: Axial, shift_slice: int | None) -> tuple[int, ShiftLine] | None:
    lines = midlines(axial.shown["midline"], axial.spacing) if "midline" in axial.shown else {}
    if not lines:
        return None
    # What was measured has the last word, since slices may be as good as equal.
    k = -1 if shift_slice is None else axial.from_below(shift_slice)
    if k not in lines:
        k = max(lines, key=lambda key: abs(lines[key].shift()))
    return k, shift_line(lines[k], axial.spacing)


def _draw(axial: Axial, k: int) -> str:
    width, height = axial.size_mm
    scale = LONGEST / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    cuts = {name: mask[..., k] for name, mask in axial.shown.items()}
    buffer = io.BytesIO()
    draw_slice(axial.hu[..., k], cuts, size).save(buffer, "WEBP", quality=88, method=2)
    return f"data:image/webp;base64,{b64encode(buffer.getvalue()).decode('ascii')}"


def _point(xy: NDArray) -> Point:
    return round(float(xy[0]), 2), round(float(xy[1]), 2)
