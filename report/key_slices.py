"""The slices that say most: through the largest hematoma, the largest shift, the ventricles."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.midline import Line, midlines
from imaging.montage import draw_slice
from imaging.orientation import lps_spacing, lps_view
from report.model import Volumes

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
    kind
        `hematoma`, `shift` or `ventricles`; `middle` where no mask says which.
    number
        Of the slice, from 1 at the lowest.
    picture
        Data URI: brain window, masks in colour.
    size_mm
        Width and height of the picture.
    shift
        Of the kind `shift`: the lines.
    """

    kind: str
    number: int
    picture: str
    size_mm: tuple[float, float]
    shift: ShiftLine | None = None


def key_slices(volumes: Volumes) -> tuple[KeySlice, ...]:
    """Return the key slices by the predicted masks, or by the reference's where there are none."""
    hu = lps_view(volumes.image, volumes.affine)
    spacing = lps_spacing(volumes.affine)
    masks = {
        name: lps_view(mask, volumes.affine)
        for name, mask in (volumes.predicted or volumes.reference).items()
    }
    chosen: list[tuple[str, int, ShiftLine | None]] = []
    largest = _largest(masks, ("hematoma",))
    if largest is not None:
        chosen.append(("hematoma", largest, None))
    shift = _largest_shift(masks.get("midline"), spacing)
    if shift:
        chosen.append(("shift", *shift))
    largest = _largest(masks, ("ventricle_left", "ventricle_right"))
    if largest is not None:
        chosen.append(("ventricles", largest, None))
    if not chosen:
        chosen.append(("middle", hu.shape[2] // 2, None))
    width, height = (n * s for n, s in zip(hu.shape[:2], spacing[:2], strict=True))
    scale = LONGEST / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return tuple(
        KeySlice(
            kind,
            k + 1,
            _draw(hu[..., k], {name: mask[..., k] for name, mask in masks.items()}, size),
            (width, height),
            lines,
        )
        for kind, k, lines in chosen
    )


def shift_line(line: Line, spacing: Sequence[float]) -> ShiftLine:
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


def _largest(masks: Mapping[str, NDArray], names: Sequence[str]) -> int | None:
    """Return the slice that holds most of some structures."""
    counts = [np.count_nonzero(masks[name], axis=(0, 1)) for name in names if name in masks]
    total = np.sum(counts, axis=0) if counts else np.zeros(1)
    return int(total.argmax()) if total.any() else None


def _largest_shift(
    mask: NDArray | None, spacing: Sequence[float]
) -> tuple[int, ShiftLine] | None:
    lines = midlines(mask, spacing) if mask is not None else {}
    if not lines:
        return None
    k = max(lines, key=lambda key: abs(lines[key].shift()))
    return k, shift_line(lines[k], spacing)


def _draw(hu: NDArray, masks: Mapping[str, NDArray], size: tuple[int, int]) -> str:
    buffer = io.BytesIO()
    draw_slice(hu, masks, size).save(buffer, "WEBP", quality=88, method=2)
    return f"data:image/webp;base64,{b64encode(buffer.getvalue()).decode('ascii')}"


def _point(xy: NDArray) -> Point:
    return round(float(xy[0]), 2), round(float(xy[1]), 2)
