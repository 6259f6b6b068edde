"""Values off the scale of Hounsfield units, and true ones that look like it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Change = Callable[[NDArray], NDArray]


def off(by: int) -> Change:
    return lambda hu: hu + by


def soft(factor: float, whole: bool = True) -> Change:
    """Return a change of all but air."""

    def change(hu: NDArray) -> NDArray:
        other = hu * factor
        return np.where(hu > -500, other.round() if whole else other, hu)

    return change


def window(
    low: float, wide: float, levels: int = 255, least: int = 0, whole: bool = True
) -> Change:
    """Return a change to the levels of a window, from `least` on."""

    def change(hu: NDArray) -> NDArray:
        level = (hu.clip(low, low + wide) - low) / wide * levels + least
        return level.round() if whole else level

    return change


def again(low: float, high: float) -> Change:
    """Return a change to 256 levels of a window, in HU again."""
    levels = window(low, high - low)
    return lambda hu: (levels(hu) / 255 * (high - low) + low).round()


def from_zero(change: Change) -> Change:
    return lambda hu: change(hu.clip(0, 255))


def smoothed(*sigma: float) -> Change:
    from scipy.ndimage import gaussian_filter

    return lambda hu: gaussian_filter(hu.clip(0, 255), sigma)


def padded(hu: NDArray) -> NDArray:
    x, y = (np.linspace(-1, 1, n) for n in hu.shape[:2])
    return np.where((x[:, None] ** 2 + y**2 > 1)[..., None], -32768, hu)


def vertex(slices: int, most: float | None = None) -> Change:
    """Return a change to the highest slices that show bone."""

    def change(hu: NDArray) -> NDArray:
        top = int(np.flatnonzero((hu > 300).any(axis=(0, 1)))[-1]) + 1
        part = hu[..., max(0, top - slices) : top]
        return part if most is None else part.clip(0, most)

    return change


VALUES: dict[str, tuple[str, Change]] = {
    **{f"{by:+} HU": ("part untold", off(by)) for by in (-40, -30, -24, -20, -15, -10)},
    **{f"{by:+} HU": ("part untold", off(by)) for by in (40, 30, 24, 20, 15, 10)},
    **{
        f"0..255, {by:+}": ("part untold", from_zero(off(by)))
        for by in (-40, -24, -15, -10, 10, 15, 24, 40)
    },
    **{
        f"soft tissue × {factor}": ("part untold", soft(factor))
        for factor in (0.5, 0.67, 0.8, 1.25, 1.5, 2)
    },
    "soft tissue × 0.5, fractions": ("part untold", soft(0.5, whole=False)),
    "HU / 2": ("part untold", lambda hu: hu / 2),
    "HU × 1.5, air as it was": ("part untold", lambda hu: (hu + 1000) * 1.5 - 1000),
    **{f"0..255, × {by}": ("part untold", from_zero(soft(by))) for by in (0.5, 0.64, 0.8, 0.9)},
    **{f"0..255, × {by}": ("part untold", from_zero(soft(by))) for by in (1.25, 1.5, 2)},
    **{
        f"{low}..{low + wide} as 0..255": ("refused", window(low, wide))
        for wide in (250, 300, 350, 400, 450, 500, 600)
        for low in (-50, -25, 0, 20)
    },
    "0..200 as 0..100": ("refused", window(0, 200, 100)),
    "0..200 as 0..100, fractions": ("part untold", window(0, 200, 100, whole=False)),
    "-50..150 as 0..100": ("refused", window(-50, 200, 100)),
    "-50..150 as 0..100, fractions": ("part untold", window(-50, 200, 100, whole=False)),
    "0..400 as 0..200": ("refused", window(0, 400, 200)),
    "0..1500 as 0..1000": ("refused", window(0, 1500, 1000)),
    "-100..200 as -128..127": ("refused", window(-100, 300, 255, -128)),
    "-125..225 as -128..127": ("refused", window(-125, 350, 255, -128)),
    "-160..240 as -128..127": ("refused", window(-160, 400, 255, -128)),
    "whole range in 8 bits, in HU again": (
        "part untold",
        lambda hu: again(float(hu.min()), float(hu.max()))(hu),
    ),
    **{
        f"cut below at {at}": ("taken", lambda hu, at=at: hu.clip(at))  # type: ignore[misc]
        for at in (-300, -600, -700)
    },
    "-600..1400": ("taken", lambda hu: hu.clip(-600, 1400)),
    "0..400, by way of 256 levels": ("taken", again(0, 400)),
    "0..1000, by way of 256 levels": ("taken", again(0, 1000)),
    "0..255, smoothed (1.2 pixels)": ("taken", smoothed(1.2, 1.2, 0)),
    "0..255, smoothed (1.2 pixels, 0.5 slices)": ("taken", smoothed(1.2, 1.2, 0.5)),
    "padded with -32768": ("taken", padded),
    **{f"upper {n} slices with bone": ("taken", vertex(n)) for n in (1, 2, 4)},
    **{f"upper {n} slices with bone, 0..255": ("taken", vertex(n, 255)) for n in (1, 2, 4)},
}
"""Class to what is asked for (at least), and how its values are made."""

FROM_CUT = {name for name in VALUES if name.startswith("0..255, ")}
"""Classes that can be made of scans that were cut to 0..255 before."""
