"""The values of a mask: 0 and 1, or two levels that stand for them."""

from __future__ import annotations

import numpy as np

_ROUNDING = 1e-3
"""Share of the upper level: as far as a slope that is written with four digits moves it."""


def binary_mask(values: np.ndarray) -> tuple[np.ndarray, str | None]:
    """Return a mask as uint8 0/1, and how its values were written if not as whole 0 and 1.

    Raises
    ------
    ValueError
        If `values` are not two values, 0 and 1 or 0 and 255 but for the rounding of a scaled file;
        its text says what they are.
    """
    if values.dtype == np.uint8 and values.size and values.max() <= 1:
        return values.copy(order="K"), None
    # A test of two values is much faster than np.unique, which sorts.
    mask = values == 1
    if np.array_equal(mask, values != 0):
        written = "0.0/1.0" if values.dtype.kind == "f" and mask.any() else None
        return mask.astype(np.uint8), written
    mask = values == 255
    if np.array_equal(mask, values != 0):
        return mask.astype(np.uint8), "0/255"
    if values.dtype.kind == "f" and (found := two_levels(values)) is not None:
        return found
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError("holds NaN or infinite values")
    levels = np.unique(values)
    listed = ", ".join(map(shown, levels[:6])) + (", …" if len(levels) > 6 else "")
    raise ValueError(f"holds the values {listed}")


def two_levels(values: np.ndarray) -> tuple[np.ndarray, str] | None:
    """Return floats as a mask, uint8 0/1, and how they were written; None if they are not a mask.

    A slope or an intercept that is rounded, as 1/255 is in float32, moves all voxels of a level
    alike: soft masks have more levels than two.

    Examples
    --------
    >>> two_levels(np.array([0.0, 1.00000006, 1.00000006]))
    (array([0, 1, 1], dtype=uint8), '0/1.00000006')
    >>> two_levels(np.array([0.0, 0.9999, 1.0])) is None
    True
    """
    low, high = float(values.min()), float(values.max())
    one = 255 if high > 2 else 1

    def near(level: float, of: float) -> bool:
        return abs(level - of) <= _ROUNDING * one

    if low == high:
        fits = near(low, 0) or near(low, one)
    else:
        fits = near(low, 0) and near(high, one) and bool(((values == low) | (values == high)).all())
    if not fits:
        return None
    written = shown(low) if low == high else f"{shown(low)}/{shown(high)}"
    return (values > one / 2).astype(np.uint8), written


def shown(level: float) -> str:
    """Return a level for people, with more digits where it would look like a whole number.

    Examples
    --------
    >>> shown(255.0), shown(0.1), shown(1.00000006), shown(0.99999999999)
    ('255', '0.1', '1.00000006', '0.99999999999')
    """
    for text in (f"{level:g}", f"{level:.9g}"):
        if float(text) == level or not text.isdecimal():
            return text
    return repr(float(level))
