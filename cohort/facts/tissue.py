"""What a scan's values still tell after they were cut or scaled: brain's, and where they pile up.

Brain in Hounsfield units has one scale: its most frequent value is that of grey and white matter,
and noise and anatomy spread it over several units. Values that were cut pile up at the bound;
levels that were scaled up leave gaps, and a wide range that was scaled down leaves no spread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AIR_HU = -500
"""A scan that reaches below it shows air."""
BONE_HU = 150
"""Bone begins here, thin bone with brain on both sides in its voxels included."""
TOP_HU = 300
"""A scan that does not reach it is cut, or shows no bone."""
MOST_BRAIN_HU = 90
"""More than brain with fresh blood or contrast medium has: textbooks give grey matter 37 to 45 HU,
white 20 to 30, clot 50 to 80. The bound is our choice."""
NEAR_AIR_HU = 150
SOFT_HU = (-30, 110)
UNIFORM_HU = 60
"""Bone and air in the middle of the head spread over more than this interquartile range."""
PILE = 0.02
"""Least share of the head's voxels that are one value where values are cut; bone is above 5 %."""
MOST_ABOVE = 0.01
LEAST_CUT_HU = 40
"""What piles up below it is brain without noise, of a phantom."""
SAMPLE = 150_000
"""So many voxels, or a few more, tell where values pile up."""
FEW_LEVELS = 12
LEAST_COUNT = 20
"""Fewer voxels of a value say nothing about how often it occurs."""


@dataclass(frozen=True)
class Tissue:
    """Values of soft tissue in the middle of the head: brain, mostly.

    Attributes
    ----------
    size
        Voxels that were looked at; the rest means nothing where they are few.
    peak
        The most frequent value, of values 7 units wide.
    spread
        Interquartile range.
    missing
        Share of the whole values there that are (almost) left out between their neighbours, as
        where a scale was stretched.
    """

    size: int = 0
    peak: float = 0.0
    spread: float = 0.0
    missing: float = 0.0


@dataclass(frozen=True)
class Values:
    """What the values of a scan are like.

    Attributes
    ----------
    low, high
        Of all voxels.
    border
        Median of the outermost pixels of all slices: air, in a head CT.
    middle
        Median in the middle of what is no border: brain, in a head CT.
    uniform
        Whether what lies there is of one kind.
    anchored
        Whether there is air of about -1000 HU, which leaves no room for another scale.
    tissue
        What soft tissue there is like.
    cut
        The value at which the upper ones were cut; None where they were not.
    bone
        Least value of bone; None where none can be told.
    """

    low: float
    high: float
    border: float
    middle: float
    uniform: bool
    anchored: bool
    tissue: Tissue
    cut: float | None
    bone: float | None

    @property
    def air(self) -> bool:
        """Whether air reads as in HU."""
        return self.low <= AIR_HU


def measure_values(v: NDArray[np.float32], low: float, high: float) -> Values:
    """Describe the values of a coarse copy [x, y, z] whose original reaches from `low` to `high`.

    All are finite.
    """
    border = _border(v)
    from_air = low <= AIR_HU and border < AIR_HU / 2
    cut = _cut_at(v, low)
    bone: float | None = BONE_HU
    if high < TOP_HU:
        # Cut to a window, all bone reads the upper bound.
        bone = None if cut is None else min(cut - 0.02 * (cut - low), BONE_HU)
    inner = _middle_of(v, v > AIR_HU / 2 if from_air else np.abs(v - border) > 8)
    quarter, middle, three = np.percentile(inner, (25, 50, 75)) if inner.size else (0, 0, 0)
    soft = inner[(inner > low) & (inner < BONE_HU)]
    if middle > MOST_BRAIN_HU and soft.size > 0.15 * inner.size:
        middle = np.median(soft)  # near the vertex there is more bone than brain
    anchored = _anchored(v, border)
    return Values(
        low,
        high,
        border,
        float(middle),
        bool(three - quarter < UNIFORM_HU),
        anchored,
        _tissue(v, inner, low, high if cut is None else cut, anchored),
        cut,
        bone,
    )


def cut_level(voxels: NDArray) -> float | None:
    """Return the HU at which the upper values of a scan were cut; None where they were not.

    Parameters
    ----------
    voxels
        [I, J, K] in HU, in any order; a sample of them is looked at.
    """
    steps = tuple(slice(n // 2 % step, None, step) for n in voxels.shape for step in [-(-n // 64)])
    v = np.asarray(voxels[steps], np.float32)
    return _cut_at(v, float(v.min()))


def _border(v: NDArray[np.float32]) -> float:
    edges = (v[[0, -1]].reshape(-1), v[:, [0, -1]].reshape(-1))
    return float(np.median(np.concatenate(edges)))


def _anchored(v: NDArray[np.float32], border: float) -> bool:
    if abs(border + 1000) < NEAR_AIR_HU:
        return True
    # What surrounds the head may be padding, of one value.
    air = v[(v < AIR_HU) & (v != border)]
    return bool(air.size > 0.01 * v.size and abs(np.median(air) + 1000) < NEAR_AIR_HU)


def _middle_of(v: NDArray[np.float32], head: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return what lies in the middle of the head, of the middle half of the slices."""
    n = v.shape[2]
    some = slice(n // 4, n - n // 4)
    v, head = v[:, :, some], head[:, :, some]
    box = []
    for axis, others in enumerate(((1, 2), (0, 2))):
        count = np.count_nonzero(head, axis=others)
        at = np.flatnonzero(count > 0.1 * count.max())  # noise and headrest aside
        first, last = (at[0], at[-1] + 1) if at.size else (0, v.shape[axis])
        margin = int(0.3 * (last - first))
        box.append(slice(first + margin, last - margin))
    return v[box[0], box[1]].ravel()


def _tissue(
    v: NDArray[np.float32], inner: NDArray[np.float32], low: float, top: float, anchored: bool
) -> Tissue:
    # Both bounds are left out: what was cut is of any tissue.
    least, most = max(low, SOFT_HU[0]), min(top, SOFT_HU[1])
    soft = inner[(inner > least) & (inner < most)]
    if not soft.size:
        return Tissue()
    count, edges = np.histogram(soft, np.arange(SOFT_HU[0] - 0.5, SOFT_HU[1] + 1))
    peak = edges[np.convolve(count, np.ones(7), "same").argmax()] + 0.5
    least_often, quarter, three, most_often = np.percentile(soft, (5, 25, 75, 95))
    if anchored:  # then the scale is known, however coarse
        return Tissue(int(soft.size), float(peak), float(three - quarter))
    if three - quarter < 1 and _drawn(v):
        return Tissue()
    often = v[(v >= max(least_often, least + 1)) & (v < min(most_often, most - 1) + 1)]
    return Tissue(int(soft.size), float(peak), float(three - quarter), _missing(often))


def _missing(values: NDArray[np.float32]) -> float:
    if not values.size:
        return 0.0
    whole = np.floor(values + 1e-3).astype(np.intp)  # so that halves and thirds fill each evenly
    count = np.bincount(whole - whole.min())
    beside = (count[:-2] + count[2:]) / 2
    seen = beside > LEAST_COUNT
    out = np.count_nonzero(count[1:-1][seen] < 0.3 * beside[seen])
    return int(out) / max(1, int(np.count_nonzero(seen)))


def _cut_at(v: NDArray[np.float32], low: float) -> float | None:
    """Return the value at which bone was cut.

    It need not be the greatest: what was resampled after it was cut overshoots, and there may be
    a marker.
    """
    v = v[:: 1 + v.size // SAMPLE]  # rows
    head = v[v > (AIR_HU / 2 if low <= AIR_HU else low + 8)]
    if not head.size:
        return None
    top = float(np.partition(head, int(0.97 * head.size))[int(0.97 * head.size)])
    if top < LEAST_CUT_HU:
        return None
    near = max(0.5, 0.005 * min(top - low, TOP_HU))
    piled = np.count_nonzero(np.abs(head - top) <= near) > PILE * head.size
    above = np.count_nonzero(head > top + 4 * near) > MOST_ABOVE * head.size
    below = np.count_nonzero((head > top - 11 * near) & (head < top - near))
    alone = np.count_nonzero(np.abs(head - top) <= near) > below
    if not piled or not alone or above or _drawn(head[::4]):
        return None
    return top


def _drawn(values: NDArray[np.float32]) -> bool:
    """Whether a phantom was drawn, not scanned: all piles up then, at one value or another."""
    return np.unique(values).size < FEW_LEVELS
