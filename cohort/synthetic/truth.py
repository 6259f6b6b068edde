"""What the masks of a generated head really hold: the record tells this, not the plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.synthetic.story import Side

NO_SHIFT_MM = 1.5
"""Below this the midline counts as straight: no reader measures less."""
SMOOTH_MM = 8.0
COMPRESSED = 0.75
"""A ventricle with less than this share of the other's volume is compressed."""


@dataclass(frozen=True)
class Shift:
    """Midline shift: how far in mm, and toward which of the patient's sides."""

    mm: float
    side: Side | None


def midline_shift(midline: NDArray, pixel: float) -> Shift:
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
    for one in midline:
        width = one.sum(axis=1)
        rows = np.flatnonzero(width)
        if len(rows) < 3:
            continue
        centres = (one[rows] @ columns) / width[rows]
        slope = (centres[-1] - centres[0]) / (rows[-1] - rows[0])
        straight = centres[0] + slope * (rows - rows[0])
        away = (centres - straight) * pixel / np.hypot(1, slope)
        # A running mean, so that a single ragged row does not count.
        window = min(len(away), max(3, round(SMOOTH_MM / pixel)))
        away = np.convolve(away, np.full(window, 1 / window), mode="valid")
        most = away[np.abs(away).argmax()]
        largest = most if abs(most) > abs(largest) else largest
    if abs(largest) < NO_SHIFT_MM:
        return Shift(0.0, None)
    return Shift(round(float(abs(largest)), 1), "left" if largest > 0 else "right")


def compressed_ventricle(left: NDArray, right: NDArray) -> Side | None:
    """Return the side of the ventricle that is much smaller than the other, by their masks."""
    volumes = int(np.count_nonzero(left)), int(np.count_nonzero(right))
    if min(volumes) >= COMPRESSED * max(volumes):
        return None
    return "left" if volumes[0] < volumes[1] else "right"
