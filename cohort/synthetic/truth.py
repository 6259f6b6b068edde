"""What the masks of a generated head really hold: the record tells this, not the plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.facts.limits import COMPRESSED_SHARE, MIDLINE_SMOOTH_MM, NO_SHIFT_MM
from cohort.synthetic.story import Side


@dataclass(frozen=True)
class Shift:
    """Midline shift: how far in mm, and toward which of the patient's sides."""

    mm: float
    side: Side | None


def drawn_shift(midline: NDArray, pixel: float) -> Shift:
    """Measure the midline shift on a mask.

    The largest distance of the drawn midline from the straight line between its ends at the
    front and the back of the skull, over all slices.

    Parameters
    ----------
    midline
        Mask [z, y, x], x toward the patient's left, y toward posterior.
    pixel
        Size of a pixel in mm.
    """
    largest = 0.0
    columns = np.arange(midline.shape[2])
    window = max(3, round(MIDLINE_SMOOTH_MM / pixel))
    for one in midline:
        width = one.sum(axis=1)
        rows = np.flatnonzero(width)
        if len(rows) < 3 * window:
            continue
        centres = (one[rows] @ columns) / width[rows]
        front = _end(rows[:window], centres[:window], rows[0])
        back = _end(rows[-window:], centres[-window:], rows[-1])
        slope = (back - front) / (rows[-1] - rows[0])
        away = (centres - front - slope * (rows - rows[0])) * pixel / np.hypot(1, slope)
        away = np.convolve(away, np.full(window, 1 / window), mode="valid")
        most = float(away[np.abs(away).argmax()])
        largest = most if abs(most) > abs(largest) else largest
    if abs(largest) < NO_SHIFT_MM:
        return Shift(0.0, None)
    return Shift(round(abs(largest), 1), "left" if largest > 0 else "right")


def _end(rows: NDArray, centres: NDArray, end: int) -> float:
    """Return where a straight line through the last few rows ends."""
    return float(np.polyfit(rows - end, centres, 1)[1])


def compressed_ventricle(left: NDArray, right: NDArray) -> Side | None:
    """Return the side of the ventricle that is much smaller than the other, by their masks."""
    volumes = int(np.count_nonzero(left)), int(np.count_nonzero(right))
    if min(volumes) >= COMPRESSED_SHARE * max(volumes):
        return None
    return "left" if volumes[0] < volumes[1] else "right"
