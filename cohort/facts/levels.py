"""What the values of soft tissue tell of their scale: where brain lies, and which levels there are.

Brain in Hounsfield units has one place and one width: its most frequent value is that of grey and
white matter, and noise and anatomy spread it over several units. A scanner stores whole units, of
which neighbours are about equally frequent. If a scale was stretched afterwards, some units are
left out; if it was shrunk, some hold twice as many voxels as their neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.facts.limits import BRAIN_PEAK_HU, FAT_HU, SOFT_HU

SECOND = 0.5
"""Where wide ventricles are most of what is in view, brain's value is half as frequent."""
APART = 8
FEW_LEVELS = 12
LEAST_COUNT = 20
"""Fewer voxels of a value say nothing about how often it occurs."""
LEAST_BESIDE = 40
"""Fewer voxels may be twice as many by chance."""
LEFT_OUT = 0.3
SAMPLE = 150_000
"""So many voxels, or a few more, tell where values pile up, and which there are."""
MOST_DIFFER = 0.5


@dataclass(frozen=True)
class Tissue:
    """Values of soft tissue in the middle of the head: brain, mostly.

    Attributes
    ----------
    size
        Voxels that were looked at; the rest means nothing where they are few.
    peak
        Brain's most frequent value, in a sliding interval of 7 units or more.
    spread
        Interquartile range.
    missing
        Share of the whole values there that are (almost) left out between their neighbours, as
        where a scale was stretched.
    doubled
        Share of those that are far more frequent than both neighbours, none of which is left out,
        as where a scale was shrunk.
    step
        Distance between the values that occur, if it is the same throughout; else 1.
    smooth
        Whether nearly all of them differ, as where a scan was smoothed: there are no levels then.
    """

    size: int = 0
    peak: float = 0.0
    spread: float = 0.0
    missing: float = 0.0
    doubled: float = 0.0
    step: float = 1.0
    smooth: bool = False


def measure_tissue(
    v: NDArray[np.float32], inner: NDArray[np.float32], low: float, top: float
) -> Tissue:
    """Describe soft tissue.

    Parameters
    ----------
    v
        [x, y, z] all values.
    inner
        Those in the middle of the head.
    low, top
        Bounds of the values, or where they were cut.
    """
    # Both bounds are left out: what was cut is of any tissue.
    least, most = max(low, SOFT_HU[0]), min(top, SOFT_HU[1])
    soft = inner[(inner > least) & (inner < most)]
    if not soft.size:
        return Tissue()
    least_often, quarter, three, most_often = np.percentile(soft, (5, 25, 75, 95))
    spread = float(three - quarter)
    if spread < 1 and drawn(v):
        return Tissue()
    some = v[:: 1 + v.size // SAMPLE]  # rows
    seen = some[(some > max(low, FAT_HU)) & (some < most)]
    often = seen[(seen >= max(least_often, least + 1)) & (seen < min(most_often, most - 1) + 1)]
    missing, doubled = _uneven(_counts(often))
    step = _step(_counts(seen))
    few = soft[:: 1 + soft.size // 4000]
    smooth = np.unique(few).size > MOST_DIFFER * few.size
    peak = _peak(soft, spread)
    return Tissue(int(soft.size), peak, spread, missing, doubled, step, smooth)


def drawn(values: NDArray[np.float32]) -> bool:
    """Whether a phantom was drawn, not scanned: all piles up then, at one value or another."""
    return np.unique(values).size < FEW_LEVELS


def _peak(soft: NDArray[np.float32], spread: float) -> float:
    """Return the most frequent value, or if that is fluid's, brain's that stands out beside it.

    Noise hides where the top of a broad hill is: the broader, the longer the interval.
    """
    from scipy.ndimage import maximum_filter1d

    count, edges = np.histogram(soft, np.arange(SOFT_HU[0] - 0.5, SOFT_HU[1] + 1))
    width = max(7, int(spread / 2) // 2 * 2 + 1)
    often = np.convolve(count, np.ones(width), "same")
    at = edges[:-1] + 0.5
    peak = float(at[often.argmax()])
    if peak >= BRAIN_PEAK_HU[0]:
        return peak
    often = np.convolve(often, np.ones(5), "same")  # no peaks that gaps between levels make
    tops = (often == maximum_filter1d(often, 2 * APART + 1)) & (often > SECOND * often.max())
    others = at[tops & (at >= BRAIN_PEAK_HU[0]) & (at <= BRAIN_PEAK_HU[1])]
    return float(others[0]) if others.size else peak


def _counts(values: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return how many voxels each whole value has, from the least to the greatest."""
    if not values.size:
        return np.zeros(0, np.intp)
    whole = np.floor(values + 1e-3).astype(np.intp)  # so that halves and thirds fill each evenly
    return np.bincount(whole - whole.min())


def _uneven(count: NDArray[np.intp]) -> tuple[float, float]:
    before, middle, after = count[:-2], count[1:-1], count[2:]
    beside = (before + after) / 2
    seen = beside > LEAST_COUNT
    out = np.count_nonzero(middle[seen] < LEFT_OUT * beside[seen])
    whole = np.minimum(before, after) > 0.15 * np.maximum(before, after)
    many = (beside > LEAST_BESIDE) & whole
    double = np.count_nonzero(middle[many] > 1.5 * beside[many])
    return (
        out / max(1, int(np.count_nonzero(seen))),
        double / max(1, int(np.count_nonzero(beside > LEAST_BESIDE))),
    )


def _step(count: NDArray[np.intp]) -> float:
    levels = np.flatnonzero(count > LEAST_COUNT)
    if levels.size < 8:
        return 1.0
    gaps = np.diff(levels)
    # Some levels may be too rare to count, but there is none in between.
    step = float(np.median(gaps))
    return step if gaps.min() >= step - 1 else 1.0
