"""From stored values to HU: rescale, padding, and the bits of a pixel that are its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cohort.facts.tissue import AIR_HU
from cohort.space.dicom.instance import Instance, PixelFormat

PADDED_HU = -1024
"""What is read where a file says that there is no image: air, the least that 12 bits hold."""
MOST_HU = 100_000
"""Beyond it, a rescale or a bit is wrong: metal reaches some 30,000 on an extended scale."""

_INT16 = np.iinfo(np.int16)


@dataclass
class Padding:
    """How many pixels of a volume were padding, and what they read."""

    pixels: int = 0
    hu: float = 0.0


def stored_values(words: NDArray, pixels: PixelFormat) -> NDArray[Any]:
    """Return the values of pixels: of each word only the bits from High Bit down, Bits Stored many.

    What the other bits hold (an overlay, rubbish) is no part of the value.

    Parameters
    ----------
    words
        Integers of Bits Allocated, of either sign.

    Examples
    --------
    >>> stored_values(np.array([0x7FFF, 0xF801], np.uint16), PixelFormat(0, 4, 16, 12, 11, True))
    array([   -1, -2047], dtype=int16)
    """
    bits = 8 * words.dtype.itemsize
    unsigned, signed = np.dtype(f"u{bits // 8}"), np.dtype(f"i{bits // 8}")
    if pixels.bits_stored == bits:
        return words.view(signed if pixels.signed else unsigned)
    mask = (1 << pixels.bits_stored) - 1
    shift = pixels.high_bit + 1 - pixels.bits_stored
    values = words.view(unsigned)
    values = (values >> unsigned.type(shift) if shift else values) & unsigned.type(mask)
    if not pixels.signed:
        return values
    sign = unsigned.type(1 << (pixels.bits_stored - 1))
    return ((values ^ sign) - sign).view(signed)


def is_whole(instance: Instance) -> bool:
    """Return whether HU are whole numbers, by the slope and intercept."""
    slope, intercept = instance.rescale_slope, instance.rescale_intercept
    return slope == 1 and intercept is not None and intercept == round(intercept)


def to_hu(
    words: NDArray, instance: Instance, padding: Padding
) -> tuple[NDArray[Any], tuple[float, float]]:
    """Return a slice in HU, and the lowest and the highest of them.

    Parameters
    ----------
    words
        [rows, columns] as stored.
    padding
        Counts what is padding, and no part of the image.

    Returns
    -------
    slice, extremes
        int16 where all HU are whole and fit, else float32.
    """
    pixels = instance.pixels
    assert pixels and instance.rescale_slope is not None and instance.rescale_intercept is not None
    slope, intercept = instance.rescale_slope, instance.rescale_intercept
    values = stored_values(words, pixels)
    no_image = _padded(words, values, pixels, slope, intercept)
    if no_image is None:
        low, high = float(values.min()), float(values.max())
    else:
        padding.pixels += int(np.count_nonzero(no_image))
        padding.hu = float(values[no_image][0]) * slope + intercept
        some = values[~no_image]
        air = (PADDED_HU - intercept) / slope
        low = float(some.min()) if some.size else air
        high = float(some.max()) if some.size else air
    extremes = low * slope + intercept, high * slope + intercept
    hu: NDArray[Any]
    fits = _INT16.min <= extremes[0] <= extremes[1] <= _INT16.max
    if is_whole(instance) and fits and values.dtype.itemsize == 2:
        # Adds modulo 2**16, which is exact since all sums fit.
        hu = (values.view(np.uint16) + np.uint16(int(intercept) & 0xFFFF)).view(np.int16)
    elif is_whole(instance) and fits:
        hu = (values.astype(np.int64) + int(intercept)).astype(np.int16)
    else:
        hu = (values * float(slope) + float(intercept)).astype(np.float32)
    if no_image is not None:
        hu[no_image] = PADDED_HU
    return hu, extremes


def _padded(
    words: NDArray, values: NDArray, pixels: PixelFormat, slope: float, intercept: float
) -> NDArray[np.bool_] | None:
    """Return where a slice is padding; None if nowhere."""
    if pixels.padding is None:
        return None
    low, high = pixels.padding
    least = -(1 << (pixels.bits_stored - 1)) if pixels.signed else 0
    if not least <= low <= high < least + (1 << pixels.bits_stored):
        # Some machines pad with a value that takes bits beyond those of a pixel's value.
        values = words.view(f"{'i' if pixels.signed else 'u'}{words.dtype.itemsize}")
    found = values == low if low == high else (values >= low) & (values <= high)
    if not found.any():
        return None
    if high * slope + intercept > AIR_HU:
        # Tissue may read the same: what lies within the image, apart from its border, is tissue.
        found = _at_border(found)
    return found if found.any() else None


def _at_border(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    from cohort.space.shapes.pieces import IN_SLICE, label_pieces

    pieces = label_pieces(found[..., None], IN_SLICE).numbered[..., 0]
    ends = np.concatenate([pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]])
    return np.isin(pieces, np.setdiff1d(ends, 0))
