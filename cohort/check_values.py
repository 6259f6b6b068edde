"""Whether a scan's values are Hounsfield units: air, brain and bone say so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.findings import Findings
from cohort.thumbnail import Thumbnail

AIR_HU = -500
"""A scan that reaches below it shows air."""
BONE_HU = 150
"""Bone begins here, thin bone with brain on both sides in its voxels included."""
TOP_HU = 300
"""A scan that does not reach it is cut, or shows no bone."""
MOST_BRAIN_HU = 90
"""More than brain with fresh blood or contrast medium has: textbooks give grey matter 37 to 45 HU,
white 20 to 30, clot 50 to 80. The bound is our choice."""
BRIGHT_HU = 70
"""Whole brains that are brighter are few."""
RAW = (850, 1200)
"""What brain reads where air reads 0 instead of -1000 or -1024."""
FAR_HU = (-8192, 32767)


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
    bone
        Least value of bone; None where none can be told.
    """

    low: float
    high: float
    border: float
    middle: float
    bone: float | None

    @property
    def air(self) -> bool:
        """Whether air reads as in HU."""
        return self.low <= AIR_HU


def check_values(path: Path, voxels: NDArray, small: Thumbnail, found: Findings) -> Values | None:
    """Add to `found` why the voxels may not be Hounsfield units, or not all of them.

    Returns
    -------
    Values or None
        What they are like; None where there is no sense in looking further.
    """
    low, high = float(voxels.min()) + 0.0, float(voxels.max()) + 0.0  # no -0
    if not np.isfinite([low, high]).all():
        bad = int(voxels.size - np.count_nonzero(np.isfinite(voxels)))
        found.problem(path, f"holds {bad} voxels that are NaN or infinite.")
        return None
    values = _describe(small.voxels, low, high)
    problem = _not_ct(values, small.voxels)
    if problem:
        found.problem(path, _sentence(problem))
        return None
    for what in _unusual(values, small.voxels):
        found.note(path, "values", _sentence(what))
    return values


def _describe(v: NDArray[np.float32], low: float, high: float) -> Values:
    edges = (v[[0, -1]].reshape(-1), v[:, [0, -1]].reshape(-1))
    border = float(np.median(np.concatenate(edges)))
    bone: float | None = BONE_HU
    if high < TOP_HU:
        # Cut to a window, all bone reads the upper bound: much of one value.
        top = high - 0.02 * (high - low)
        bone = min(top, BONE_HU) if np.count_nonzero(v >= top) > 0.005 * v.size else None
    return Values(low, high, border, _middle(v, border, low), bone)


def _middle(v: NDArray[np.float32], border: float, low: float) -> float:
    """Return the median in the middle of the head, of the middle half of the slices."""
    n = v.shape[2]
    v = v[:, :, n // 4 : n - n // 4]
    head = v > AIR_HU / 2 if low <= AIR_HU and border < AIR_HU / 2 else np.abs(v - border) > 8
    box = []
    for axis, others in enumerate(((1, 2), (0, 2))):
        count = np.count_nonzero(head, axis=others)
        at = np.flatnonzero(count > 0.1 * count.max())  # noise and headrest aside
        first, last = (at[0], at[-1] + 1) if at.size else (0, v.shape[axis])
        margin = int(0.3 * (last - first))
        box.append(slice(first + margin, last - margin))
    middle = v[box[0], box[1]]
    # Near the vertex there is more bone than brain.
    soft = middle[(middle > low) & (middle < BONE_HU)]
    if np.median(middle) > MOST_BRAIN_HU and soft.size > 0.15 * middle.size:
        middle = soft
    return float(np.median(middle))


def _not_ct(values: Values, v: NDArray[np.float32]) -> str | None:
    low, high, middle = values.low, values.high, values.middle
    span = f"holds values from {low:g} to {high:g}"
    if low == high:
        return f"holds the value {low:g} only; it is no CT"
    if low >= -20 and high <= 20:
        return f"{span}: normalised, not Hounsfield units; give the CT as it was before"
    if high < -200:
        return f"{span}: air only, with no head in it"
    if high > 60_000 and low >= 0 and np.count_nonzero(v > 60_000) > 0.01 * v.size:
        return (
            f"{span}: negative Hounsfield units were stored without their sign (air reads "
            "64536); read the file as int16"
        )
    # Inverted: what surrounds the head is brightest.
    contrast = high - low
    inverted = values.border > max(low + 0.6 * contrast, middle + 0.1 * contrast)
    if inverted and contrast > 50:
        return (
            f"{span}, with {values.border:g} around the head and {middle:g} within: inverted; "
            "multiply by -1, or export it again"
        )
    if values.border <= AIR_HU and middle <= -700 and low < -1700 and _no_tissue(v):
        return (
            f"{span}, most of the head near {middle:.0f}: the rescale intercept (usually -1024) "
            "was subtracted twice; add it back"
        )
    true_air = np.count_nonzero(np.abs(v + 1000) < 100) > 0.01 * v.size
    if RAW[0] <= middle <= RAW[1] and values.border < 500 and not true_air:
        tissue = v[v > 500]
        if np.count_nonzero(np.abs(tissue - middle) < 120) > 0.4 * tissue.size:
            return (
                f"{span}, most of the head near {middle:.0f}: raw values, not Hounsfield units; "
                "apply the rescale intercept (usually -1024)"
            )
    # A slice of the vertex that is cut to a window may be bone alone, all of the upper bound.
    saturated = values.bone is not None and high < TOP_HU and middle >= high
    if low > AIR_HU and middle > MOST_BRAIN_HU and not saturated:
        return (
            f"{span}, with {middle:.0f} in the middle of the head, where brain has 20 to 60 HU "
            "and air -1000: not Hounsfield units; is it MR, or a picture with grey levels?"
        )
    if values.air and np.count_nonzero(v > -200) < 0.003 * v.size:
        return f"{span}, but almost nothing is denser than air: there is no head in it"
    return None


def _sentence(text: str) -> str:
    return text if text.endswith("?") else f"{text}."


def _no_tissue(v: NDArray[np.float32]) -> bool:
    return bool(np.count_nonzero((v > 0) & (v < 100)) < 0.01 * v.size)


def _unusual(values: Values, v: NDArray[np.float32]) -> list[str]:
    low, high = values.low, values.high
    span = f"holds values from {low:g} to {high:g}"
    if low > AIR_HU and high < TOP_HU:
        notes = [f"{span}: Hounsfield units cut to a window"]
        if BRIGHT_HU < values.middle < high:
            notes = [
                f"{span}, with {values.middle:.0f} in the middle of the head, where brain has 20 "
                "to 60 HU: is it CT, or MR, or a picture with grey levels?"
            ]
    elif low > AIR_HU:
        notes = [f"{span}: no air, which is near -1000 HU"]
        dense = float(np.percentile(v[v > 0], 97)) if (v > 0).any() else 0.0
        if values.middle > BRIGHT_HU and dense < 5 * values.middle:
            notes = [f"{span}, neither air nor bone as in CT: is it MR?"]
    elif high < TOP_HU:
        notes = [f"{span}: no bone, which is above 300 HU"]
    else:
        notes = []
    if low < FAR_HU[0] or high > FAR_HU[1]:
        notes.append(f"{span}: far beyond what CT measures")
    return notes
