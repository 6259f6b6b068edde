"""Whether values that look like Hounsfield units are on their scale: brain says so."""

from __future__ import annotations

from cohort.facts.limits import AIR_HU, BONE_AS_BLOOD_HU, BONE_HU, BRAIN_PEAK_HU
from cohort.facts.tissue import Values

POSSIBLE_HU = (15, 50)
"""What brain's most frequent value is at least and at most, errors of calibration, contrast medium
and a low tube voltage included: it was 22 to 39 HU in all scans at hand (`BRAIN_PEAK_HU`)."""
SLICES_HU = (13, 68)
POSSIBLE_IN_SLICES_HU = (10, 75)
"""Where fluid, a bleed, muscle or thin bone may be most of what is in view: 15 to 63 HU in 1,500
single slices of generated heads that show enough of it, 22 to 50 in 44 real ones."""
LEAST_SPREAD_HU = 4
"""The interquartile range of brain is more, by noise and by grey and white matter: 5 to 29 HU in
all scans at hand."""
LEAST_CONTRAST = 0.13
"""The same as a share of brain's value, of scans that begin at 0: 0.14 or more in all at hand, 0.07
to 0.19 in a window from -50 to 450 HU. Values that lie so close together were moved away from 0."""
LEAST_TISSUE, LEAST_IN_SLICES = 200, 500
"""Fewer voxels of tissue tell no peak and no spread; slices of the vertex show little brain, and
that with fluid and bone in its voxels."""
DARKEST_HU = -15
"""Brain, and fluid where there is little else, is brighter."""
BRIGHTEST_LOW_HU = 15
"""Air, fat and fluid are darker, wherever a window begins."""
SOME_MISSING, MOST_MISSING = 0.05, 0.17
"""Share of whole values that are left out, which shrinking never does. A real scanner's calibration
left out 0.14; a window 200 HU wide in 256 levels leaves out 0.22."""
MOST_DOUBLED = 0.12
"""Share of whole values that are far more frequent than their neighbours: 0.03 at most in all scans
at hand. A calibration off by 8 %, as above, gives 0.11; a window 300 HU wide in 256 levels 0.16."""
LEVELS_8_BITS, TOP_8_BITS = 260, 255
COARSE_HU = 5
"""Levels further apart than grey and white matter lie don't show where one begins."""
SCALED_TO = {2.0**bits - 1: bits for bits in (8, 10, 12, 14, 15, 16)}
"""The greatest value of what is scaled to so many bits."""
INT8 = (-128, 127)
PICTURE = "grey levels, not Hounsfield units; export it again in full Hounsfield units"


def off_scale(values: Values, whole: bool) -> str | None:
    """Say why values that look like HU at first sight are not, or are cut too low.

    Parameters
    ----------
    values
        What they are like.
    whole
        Whether there are slices enough for brain to be most of what they show.
    """
    tissue, span = values.tissue, f"holds values from {values.low:g} to {values.high:g}"
    if values.cut is not None and values.cut < BONE_AS_BLOOD_HU:
        return (
            f"{span}, cut at {values.cut:.3g}: bone reads what blood reads, and would be "
            "segmented as such; export it again in full Hounsfield units"
        )
    if values.low > BRIGHTEST_LOW_HU and values.high > BONE_HU / 2:
        return f"{span}: nothing is as dark as air, fat and fluid, as in {PICTURE}"
    if tissue.size < LEAST_TISSUE or not _bone(values):
        return None
    # From -200, say, brain could not read what it does unless these were HU, however coarse.
    stretched = values.low >= 0 or values.low == INT8[0] and values.high == INT8[1] or values.air
    if (
        stretched
        and not values.anchored
        and tissue.missing > MOST_MISSING
        and not _eight_bits(values)
    ):
        return (
            f"{span}, of which many between others are left out, as when a window is scaled to "
            f"more levels than it has: {PICTURE}"
        )
    if not whole and tissue.size < LEAST_IN_SLICES:
        return None
    least, most = POSSIBLE_HU if whole else POSSIBLE_IN_SLICES_HU
    if not least <= tissue.peak <= most or (values.middle < DARKEST_HU and not values.anchored):
        at = tissue.peak if least <= values.middle <= most else values.middle
        return f"{span}, and brain near {at:.0f}, where it has 20 to 45 HU: {_why(values)}"
    if tissue.doubled > MOST_DOUBLED:
        return (
            f"{span}, of which many are twice as frequent as their neighbours, as when a scale is "
            f"shrunk: {PICTURE}"
        )
    if values.anchored:
        return None
    contrast = LEAST_CONTRAST * tissue.peak if whole and values.low == 0 else 0
    shrunk = not tissue.smooth and tissue.missing < SOME_MISSING
    if shrunk and tissue.spread < max(LEAST_SPREAD_HU, contrast):
        return (
            f"{span}, and brain with its fluid and noise within {tissue.spread:.2g} of them, as "
            f"when a wide range is scaled to few {PICTURE}"
        )
    return None


def doubtful(values: Values, whole: bool) -> str | None:
    """Say why a scan's scale is in doubt: it may be one, but none that was seen before."""
    tissue, span = values.tissue, f"holds values from {values.low:g} to {values.high:g}"
    if tissue.size < (LEAST_TISSUE if whole else LEAST_IN_SLICES) or not _bone(values):
        return None
    if tissue.step >= COARSE_HU:
        return (
            f"{span}, {tissue.step:.0f} apart, as when they were scaled to 8 bits in between: "
            "volumes may be off, since tissues fall on the same value"
        )
    least, most = BRAIN_PEAK_HU if whole else SLICES_HU
    if not least <= tissue.peak <= most:
        return (
            f"{span}, and brain near {tissue.peak:.0f}, where it has 20 to 45 HU: if the rescale "
            "slope or intercept is wrong, so are volumes"
        )
    if values.anchored and whole and not tissue.smooth and tissue.spread < LEAST_SPREAD_HU:
        return (
            f"{span}, and brain with its fluid and noise within {tissue.spread:.2g} HU: if soft "
            "tissue was scaled, volumes are wrong"
        )
    if values.low not in (0, INT8[0]) and values.high - values.low == TOP_8_BITS:
        return (
            f"{span}, as what was 0 to 255 and shifted by {values.low:g}: if it was, volumes are "
            "wrong"
        )
    return None


def _bone(values: Values) -> bool:
    """Whether there is bone, or was before values were cut: water phantoms have none."""
    return values.bone is not None or values.low > AIR_HU


def _eight_bits(values: Values) -> bool:
    """Whether there are 256 levels of a wide window, in HU again."""
    top = values.high if values.cut is None else values.cut
    step = 1 / (1 - min(values.tissue.missing, 0.99))
    return top > TOP_8_BITS and (top - values.low) / step < LEVELS_8_BITS


def _why(values: Values) -> str:
    if not values.anchored:
        return PICTURE
    return "the rescale slope or intercept is wrong, or was changed; export it again"
