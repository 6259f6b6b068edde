"""Whether a scan's values are Hounsfield units: air, brain and bone say so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.base.faults import Findings
from cohort.checks.thumbnail import Thumbnail
from cohort.facts.structures import LANDMARKS
from cohort.facts.tissue import AIR_HU, MOST_BRAIN_HU, TOP_HU, Values, measure_values

BONE_AS_BLOOD_HU = 100
"""Cut below it, bone reads what blood reads, 50 to 80 HU and more with its noise."""
FULL_HU, SHIFT_HU = 200, 150
"""Cut at the first or above, a scan is segmented as if it were not cut; at the second or above, its
ventricles and midline are nearly the same. Measured on 41 generated scans that the main job's model
was not trained on, bone that was cut being shown to it as bone (`imaging.scans.preprocess`):
hematomas above 5 mL change by 0.1 % at most when cut at 200, by 0.2 % at 150 and 0.8 % at 100;
ventricles above 2 mL by 0.3, 1.0 and 2.8 %, the shift by 0.1, 0.7 and 0.7 mm, and once to the other
side at 100."""
BRIGHTEST_PEAK_HU = 55
"""Brain's most frequent value is less, contrast medium and calibration errors included: 22 to 40 HU
in all scans at hand."""
BRIGHTEST_SLICE_HU = 75
"""Where muscle, or thin bone, may be most of what is in view."""
WHOLE_SLICES = 8
LEAST_SPREAD_HU = 4
"""The interquartile range of brain is more, by noise and by grey and white matter: 5 to 29 HU in
all scans at hand."""
LEAST_TISSUE = 200
"""Fewer voxels of tissue tell no peak and no spread."""
DARKEST_HU = -15
"""Brain, and fluid where there is little else, is brighter."""
DARK_PEAK_HU = 15
MOST_MISSING = 0.17
"""Share of whole values that are left out. A real scanner's calibration left out 0.14; a window 200
HU wide in 256 levels leaves out 0.22."""
SCALED_TO = {2.0**bits - 1: bits for bits in (8, 10, 12, 14, 15, 16)}
"""The greatest value of what is scaled to so many bits."""
INT8 = (-128, 127)
RAW = (850, 1200)
"""What brain reads where air reads 0 instead of -1000 or -1024."""
FAR_HU = (-8192, 32767)


def check_values(path: Path, voxels: NDArray, small: Thumbnail, found: Findings) -> Values | None:
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
    whole = small.voxels.shape[2] >= WHOLE_SLICES
    problem = _not_ct(values, small.voxels, whole) or _grey_levels(values, whole)
    if problem:
        found.problem(path, _sentence(problem))
        return None
    for what in _unusual(values, small.voxels):
        found.note(path, "values", _sentence(what))
    if values.cut is not None and values.cut < FULL_HU:
        _cut_low(path, values, values.cut, found)
    return values


def _not_ct(values: Values, v: NDArray[np.float32], whole: bool) -> str | None:
    low, high, middle = values.low, values.high, values.middle
    span = _span(values)
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
    bright = low > AIR_HU and middle > MOST_BRAIN_HU and not saturated
    of_one_kind = whole and values.uniform and not saturated
    if bright or (of_one_kind and (-700 < middle < -50 or middle > MOST_BRAIN_HU)):
        return (
            f"{span}, with {middle:.0f} in the middle of the head, where brain has 20 to 60 HU "
            "and air -1000: not Hounsfield units; is it MR, or a picture with grey levels?"
        )
    if values.air and np.count_nonzero(v > -200) < 0.003 * v.size:
        return f"{span}, but almost nothing is denser than air: there is no head in it"
    return None


def _grey_levels(values: Values, whole: bool) -> str | None:
    """Say why values that look like HU at first sight are grey levels, or cut too low."""
    tissue, span = values.tissue, _span(values)
    if values.cut is not None and values.cut < BONE_AS_BLOOD_HU:
        return (
            f"{span}, cut at {values.cut:.3g}: bone reads what blood reads, and would be "
            "segmented as such; export it again in full Hounsfield units"
        )
    if values.anchored or tissue.size < LEAST_TISSUE:
        return None
    picture = "grey levels, not Hounsfield units; export it again in full Hounsfield units"
    most = BRIGHTEST_PEAK_HU if whole else BRIGHTEST_SLICE_HU
    if tissue.peak > most or values.middle < DARKEST_HU:
        return (
            f"{span}, with {values.middle:.0f} in the middle of the head, where brain has 20 to "
            f"45 HU: {picture}"
        )
    if tissue.spread < LEAST_SPREAD_HU:
        return (
            f"{span}, and brain with its fluid and noise within {tissue.spread:.2g} of them, as "
            f"when a wide range is scaled to few {picture}"
        )
    # From -200, say, brain could not read what it does unless these were HU, however coarse.
    stretched = values.low >= 0 or values.low == INT8[0] and values.high == INT8[1] or values.air
    if stretched and tissue.missing > MOST_MISSING:
        return (
            f"{span}, of which many between others are left out, as when a window is scaled to "
            f"more levels than it has: {picture}"
        )
    if values.low == 0 and values.cut is None and SCALED_TO.get(values.high) == 8:
        return f"{span}, 255 in few voxels only, as when all are scaled to 8 bits: {picture}"
    return None


def _cut_low(path: Path, values: Values, cut: float, found: Findings) -> None:
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


def _no_tissue(v: NDArray[np.float32]) -> bool:
    return bool(np.count_nonzero((v > 0) & (v < 100)) < 0.01 * v.size)


def _unusual(values: Values, v: NDArray[np.float32]) -> list[str]:
    low, high = values.low, values.high
    span = _span(values)
    notes = []
    if values.air and values.border < AIR_HU and not values.anchored:
        notes = [
            f"{span}, with {values.border:g} around the head, where air has -1000: are they HU?"
        ]
    elif low > AIR_HU and high >= TOP_HU:
        dense = float(np.percentile(v[v > 0], 97)) if (v > 0).any() else 0.0
        if values.middle > BRIGHTEST_PEAK_HU and dense < 5 * values.middle:
            notes = [f"{span}, neither air nor bone as in CT: is it MR?"]
        elif low == 0 and high in SCALED_TO and np.count_nonzero(v >= high) < 0.0005 * v.size:
            notes = [f"{span}, as what is scaled to {SCALED_TO[high]} bits: are they HU?"]
    elif high < TOP_HU and values.cut is None:
        if values.air:
            notes = [f"{span}: no bone, which is above 300 HU"]
        else:
            notes = [f"{span}: neither air, which is near -1000 HU, nor bone, above 300"]
    if low < FAR_HU[0] or high > FAR_HU[1]:
        notes.append(f"{span}: far beyond what CT measures")
    return notes
