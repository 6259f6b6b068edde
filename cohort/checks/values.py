"""Whether a scan's values are Hounsfield units: air, brain and bone say so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.checks.head.thumbnail import Thumbnail
from cohort.checks.scale import POSSIBLE_HU, SCALED_TO, doubtful, off_scale
from cohort.facts.limits import (
    AIR_HU,
    ALL_AIR_HU,
    BONE_HU,
    CALIBRATED_AIR_HU,
    FAT_HU,
    FLUID_TO_BLOOD_HU,
    MOST_BRAIN_HU,
    PURE_AIR_HU,
    SLAB_SLICES,
)
from cohort.facts.structures import LANDMARKS
from cohort.facts.tissue import Values, measure_values
from cohort.faults import CheckResult

FULL_HU, SHIFT_HU = 200, 150
"""Cut at the first or above, a scan is segmented as if it were not cut; at the second or above, its
ventricles and midline are nearly the same. Measured on 41 generated scans that the main job's model
was not trained on, bone that was cut being shown to it as bone (`imaging.scans.windows`):
hematomas above 5 mL change by 0.1 % at most when cut at 200, by 0.2 % at 150 and 0.8 % at 100;
ventricles above 2 mL by 0.3, 1.0 and 2.8 %, the shift by 0.1, 0.7 and 0.7 mm, and once to the other
side at 100."""
NORMALISED = (-20, 20)
"""Whatever was divided by its standard deviation, or the like, lies between."""
TWICE_SHIFTED_HU = -1700
"""Air reads less where the rescale intercept, -1000 or -1024, was subtracted twice."""
RAW, RAW_WIDTH = (850, 1200), 120
"""What brain reads where air reads 0 instead of -1000 or -1024, and how far soft tissue lies from
it at most."""
RAW_TISSUE = 500
"""There, halfway from air to water."""
UNSIGNED = (10_000, 60_000)
"""Nothing lies between where what is negative was stored without its sign."""
MIDDLE_HU = (ALL_AIR_HU, -50)
"""The middle of a head never reads what lies between: lung and fat do."""
FAR_HU = (-8192, 32767)


def check_values(
    path: Path, voxels: NDArray, small: Thumbnail, found: CheckResult
) -> Values | None:
    """Add to `found` why the voxels may not be Hounsfield units, or not all of them.

    Parameters
    ----------
    path
        File that is spoken of.
    voxels, small
        The scan and its coarse copy.
    found
        What is added to.

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
    values = measure_values(small.voxels, low, high)
    whole = small.voxels.shape[2] >= SLAB_SLICES
    problem = _not_ct(values, small.voxels, whole) or off_scale(values, whole)
    if problem:
        found.problem(path, _sentence(problem))
        return None
    for what in _unusual(values, small.voxels):
        found.note(path, "values", _sentence(what))
    if doubt := doubtful(values, whole):
        found.note(path, "values", _sentence(doubt))
        found.cannot_tell(LANDMARKS, f"The scan {doubt}.")
    if values.cut is not None and values.cut < FULL_HU:
        _cut_low(path, values, values.cut, found)
    return values


def _not_ct(values: Values, v: NDArray[np.float32], whole: bool) -> str | None:
    low, high, middle = values.low, values.high, values.middle
    span = _span(values)
    if low == high:
        return f"holds the value {low:g} only; it is not a CT"
    if low >= NORMALISED[0] and high <= NORMALISED[1]:
        return f"{span}: normalised, not Hounsfield units; give the CT as it was before"
    if high < FAT_HU:
        return f"{span}: air only, with no head in it"
    wrapped = np.count_nonzero(v > UNSIGNED[1])
    if low >= 0 and wrapped > 0.01 * v.size and not _between(v, *UNSIGNED):
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
    if (
        values.border <= AIR_HU
        and middle <= ALL_AIR_HU
        and low < TWICE_SHIFTED_HU
        and _no_tissue(v)
    ):
        return (
            f"{span}, most of the head near {middle:.0f}: the rescale intercept (usually -1024) "
            "was subtracted twice; add it back"
        )
    true_air = np.count_nonzero(np.abs(v - PURE_AIR_HU) < CALIBRATED_AIR_HU) > 0.01 * v.size
    if RAW[0] <= middle <= RAW[1] and values.border < RAW_TISSUE and not true_air:
        tissue = v[v > RAW_TISSUE]
        if np.count_nonzero(np.abs(tissue - middle) < RAW_WIDTH) > 0.4 * tissue.size:
            return (
                f"{span}, most of the head near {middle:.0f}: raw values, not Hounsfield units; "
                "apply the rescale intercept (usually -1024)"
            )
    # Slices of the vertex that are cut to a window may be bone alone, most of the upper bound.
    saturated = values.cut is not None and high < BONE_HU and (not whole or middle >= high)
    bright = low > AIR_HU and middle > MOST_BRAIN_HU and not saturated
    of_one_kind = whole and values.uniform and not saturated
    if bright or (of_one_kind and (MIDDLE_HU[0] < middle < MIDDLE_HU[1] or middle > MOST_BRAIN_HU)):
        return (
            f"{span}, with {middle:.0f} in the middle of the head, where brain has 20 to 60 HU "
            "and air -1000: not Hounsfield units; is it MR, or a picture with grey levels?"
        )
    if values.air and np.count_nonzero(v > FAT_HU) < 0.003 * v.size:
        return f"{span}, but almost nothing is denser than air: there is no head in it"
    return None


def _cut_low(path: Path, values: Values, cut: float, found: CheckResult) -> None:
    found.note(
        path,
        "values",
        f"{_span(values)}, cut at {cut:.3g} HU: volumes may be off by some per cent, since thin "
        "bone and calcified or dense blood look alike.",
    )
    if cut < SHIFT_HU:
        found.cannot_tell(
            LANDMARKS,
            f"The scan's Hounsfield units are cut at {cut:.3g}, below {SHIFT_HU}: midline and "
            "ventricles depend on how bright bone is shown.",
        )


def _span(values: Values) -> str:
    return f"holds values from {values.low:g} to {values.high:g}"


def _sentence(text: str) -> str:
    return text if text.endswith("?") else f"{text}."


def _between(v: NDArray[np.float32], least: float, most: float) -> bool:
    return bool(np.count_nonzero((v > least) & (v < most)) > 1e-4 * v.size)


def _no_tissue(v: NDArray[np.float32]) -> bool:
    least, most = FLUID_TO_BLOOD_HU
    return bool(np.count_nonzero((v > least) & (v < most)) < 0.01 * v.size)


def _piled(v: NDArray[np.float32], low: float) -> bool:
    """Whether what is about as low as the lowest reads just that, and is more than a few voxels."""
    far = v[v < low + 20]
    same = np.count_nonzero(far == low)
    return bool(same > 0.9 * far.size and same > 0.001 * v.size)


def _unusual(values: Values, v: NDArray[np.float32]) -> list[str]:
    low, high = values.low, values.high
    span = _span(values)
    notes = []
    # Cut at -600, say, air reads that and nothing else.
    cut_air = values.border == low and _piled(v, low)
    if values.air and values.border < AIR_HU and not values.anchored and not cut_air:
        notes = [
            f"{span}, with {values.border:g} around the head, where air has -1000: are they HU?"
        ]
    elif low > AIR_HU and high >= BONE_HU:
        dense = float(np.percentile(v[v > 0], 97)) if (v > 0).any() else 0.0
        if values.middle > POSSIBLE_HU[1] and dense < 5 * values.middle:
            notes = [f"{span}, neither air nor bone as in CT: is it MR?"]
        elif low == 0 and high in SCALED_TO and np.count_nonzero(v >= high) < 0.0005 * v.size:
            notes = [f"{span}, as what is scaled to {SCALED_TO[high]} bits: are they HU?"]
    elif values.bone is None:
        if values.air:
            notes = [f"{span}: no bone, which is above {BONE_HU} HU"]
        else:
            notes = [
                f"{span}: neither air, which is near {PURE_AIR_HU} HU, nor bone, above {BONE_HU}"
            ]
    # What lies around the picture may read the least that a file can hold.
    padded = _piled(v, low) and (v[:: max(1, len(v) - 1), :: max(1, v.shape[1] - 1)] == low).all()
    if (low < FAR_HU[0] and not padded) or high > FAR_HU[1]:
        notes.append(f"{span}: far beyond what CT measures")
    return notes
