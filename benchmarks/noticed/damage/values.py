"""Changes of what the voxels hold: cut, windowed, stretched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.noticed.damage.scans import Change


def values(change: Callable[[NDArray], NDArray]) -> Change:
    """Return a change of each voxel's value."""
    return lambda scan: replace(scan, hu=change(scan.hu.astype(np.float32)))


def cut(low: float | None, high: float | None) -> Change:
    return values(lambda hu: np.clip(hu, low, high).astype(np.int16))


def window(low: float, high: float, levels: int, whole: bool = True) -> Change:
    """Return a change to the grey levels, 0 to `levels`, of a window."""

    def grey(hu: NDArray) -> NDArray:
        level = (hu.clip(low, high) - low) / (high - low) * levels
        return level.round() if whole else level

    return values(grey)


def whole_range(levels: int, low: int = 0) -> Change:
    return values(lambda hu: ((hu - hu.min()) / np.ptp(hu) * levels).round() + low)


def each_slice(hu: NDArray) -> NDArray:
    low, high = (f(hu, axis=(0, 1), keepdims=True) for f in (np.min, np.max))
    scaled: NDArray = ((hu - low) / np.maximum(high - low, 1) * 255).round()
    return scaled


def equalised(hu: NDArray) -> NDArray:
    ranks: NDArray = np.searchsorted(np.sort(hu[::3, ::3].ravel()), hu)
    return (255 * ranks / ranks.max()).round()


def gamma(exponent: float) -> Change:
    return values(lambda hu: ((hu.clip(0, 80) / 80) ** exponent * 255).round())
