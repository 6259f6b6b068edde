"""How a scan's numbers are stored: calibration, where HU are cut, what fills the corners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.facts.limits import PURE_AIR_HU
from cohort.synthetic.fields import Field
from cohort.synthetic.style import Style

STORED_HU = (-1024, 3071)
"""What 12 bits hold with DICOM's usual intercept of -1024."""
PADDING_HU = (-1024, -2000, -3024, 0)
"""What manufacturers store outside the round field of view (DICOM pixel padding value)."""


@dataclass(frozen=True)
class Coding:
    """How HU are stored.

    Attributes
    ----------
    gain, offset
        Error of calibration: HU times `gain`, plus `offset`.
    floor, ceiling
        Least and greatest value stored.
    padding
        Value outside the circle that touches the image's sides; None where it is measured.
    """

    gain: float = 1.0
    offset: float = 0.0
    floor: int = STORED_HU[0]
    ceiling: int = STORED_HU[1]
    padding: int | None = None


def draw_coding(rng: np.random.Generator, style: Style) -> Coding:
    """Draw how a hospital of that style stores its scans."""
    gain = float(rng.uniform(1 - style.gain, 1 + style.gain))
    offset = float(rng.uniform(-style.offset_hu, style.offset_hu))
    cut, window, padded, which = rng.random(4)
    padding = PADDING_HU[int(which * len(PADDING_HU))] if padded < style.padded else None
    if cut < style.air_zero:
        ceiling = 255 if window < style.window else STORED_HU[1]
        return Coding(gain, offset, 0, ceiling, None if padding is None else 0)
    floor = PURE_AIR_HU if cut < style.air_zero + style.air_thousand else STORED_HU[0]
    return Coding(gain, offset, floor, STORED_HU[1], padding)


def encode(hu: Field, coding: Coding) -> NDArray[np.int16]:
    """Return the HU [z, y, x] as they are stored; `hu` is changed in place."""
    hu *= np.float32(coding.gain)
    hu += np.float32(coding.offset)
    np.clip(np.rint(hu, out=hu), coding.floor, coding.ceiling, out=hu)
    whole = hu.astype(np.int16)
    if coding.padding is not None:
        half = (hu.shape[-1] - 1) / 2
        line = np.arange(hu.shape[-1]) - half
        whole[:, line[:, None] ** 2 + line[None, :] ** 2 > (half + 0.5) ** 2] = coding.padding
    return whole
