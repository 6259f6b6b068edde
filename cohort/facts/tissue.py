"""What a scan's values still tell after they were cut or scaled: air, brain, where they pile up.

Values that were cut pile up at the bound. What brain's own values tell is in `cohort.facts.levels`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.facts.levels import SAMPLE, Tissue, drawn, measure_tissue
from cohort.facts.limits import AIR_HU as AIR_HU  # handed on to cohort.space.dicom.hu
from cohort.facts.limits import (
    BONE_HU,
    MOST_BRAIN_HU,
    NEAR_AIR_HU,
    PURE_AIR_HU,
    THIN_BONE_HU,
)

UNIFORM_HU = 60
"""Bone and air in the middle of the head spread over more than this interquartile range."""
PILE = 0.02
"""Least share of the head's voxels that are one value where values are cut; bone is above 5 %."""
MOST_ABOVE = 0.01
LEAST_CUT_HU = 40
"""What piles up below it is brain without noise, of a phantom."""
SMOOTHED_HU, DENSE = 200, 0.04
"""What was cut above the first and then smoothed piles up no more, but so much of the head is bone:
a tenth or more in all scans at hand."""


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
    bone: float | None = THIN_BONE_HU
    if high < BONE_HU:
        # Cut to a window, all bone reads the upper bound.
        bone = None if cut is None else min(cut - 0.02 * (cut - low), THIN_BONE_HU)
        if cut is None and high >= SMOOTHED_HU and _dense(v, low):
            bone = THIN_BONE_HU
    inner = _middle_of(v, v > AIR_HU / 2 if from_air else np.abs(v - border) > 8)
    quarter, middle, three = np.percentile(inner, (25, 50, 75)) if inner.size else (0, 0, 0)
    soft = inner[(inner > low) & (inner < THIN_BONE_HU)]
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
        measure_tissue(v, inner, low, high if cut is None else cut),
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


def _dense(v: NDArray[np.float32], low: float) -> bool:
    head = np.count_nonzero(v > (AIR_HU / 2 if low <= AIR_HU else low + 8))
    return bool(np.count_nonzero(v > THIN_BONE_HU) > DENSE * head)


def _border(v: NDArray[np.float32]) -> float:
    edges = (v[[0, -1]].reshape(-1), v[:, [0, -1]].reshape(-1))
    return float(np.median(np.concatenate(edges)))


def _anchored(v: NDArray[np.float32], border: float) -> bool:
    if abs(border - PURE_AIR_HU) < NEAR_AIR_HU:
        return True
    # What surrounds the head may be padding, of one value.
    air = v[(v < AIR_HU) & (v != border)]
    return bool(air.size > 0.01 * v.size and abs(np.median(air) - PURE_AIR_HU) < NEAR_AIR_HU)


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
    near = max(0.5, 0.005 * min(top - low, BONE_HU))
    piled = np.count_nonzero(np.abs(head - top) <= near) > PILE * head.size
    above = np.count_nonzero(head > top + 4 * near) > MOST_ABOVE * head.size
    below = np.count_nonzero((head > top - 11 * near) & (head < top - near))
    alone = np.count_nonzero(np.abs(head - top) <= near) > below
    if not piled or not alone or above or drawn(head[::4]):
        return None
    return top
