"""Whether a scan shows a head, the right way up, at a size that heads have.

All is judged on a coarse copy, and only what cannot be a head CT is a problem: a head after
craniectomy, without its skull, or cut to a few slices stays one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.checks.head.cross_sections import (
    CrossSections,
    measure_sections,
    measure_trunk,
)
from cohort.checks.head.geometry import Judged, check_geometry, shows_vertex
from cohort.checks.head.height import UNBELIEVED, diameter
from cohort.checks.head.outline import egg, sides_cut_off
from cohort.checks.head.thumbnail import Thumbnail
from cohort.facts.doubts import SIDES, SIZES
from cohort.facts.limits import BODY_HU, SLAB_MM, SLAB_SLICES, SOFT_HU
from cohort.facts.structures import LANDMARKS
from cohort.facts.tissue import Values
from cohort.faults import CheckResult

LEAST_PIXELS = 40
"""Smaller slices are too coarse to be judged."""
ACROSS_MM = 100.0
"""Least mean diameter of a head's largest axial section: a newborn's, of 35 cm circumference, has
111 mm."""
SKULL_MM = 185.0
"""Largest mean inner diameter of the skull. How far around adults' heads are goes with their height
(Bushby et al. 1992, doi:10.1136/adc.67.10.1286). Our choice: 52 to 61 cm, which leaves 140 to
170 mm within scalp and bone."""
NO_HEAD_MM, NO_SKULL_MM = 60.0, 220.0
"""Beyond them no head has ever been, and the spacing is wrong."""
TRUNK_CM2 = 420.0
"""A head with its rest has 350 cm² at most, an adult's trunk 500 to 1200."""
LUNG = 0.2
"""Share of air in a section of the chest; in a head, sinuses and mastoids, it is below a tenth."""
LEAST_BRAIN = 0.003
"""Share of voxels of brain's density below which there is none."""
PAINTED = 0.3
"""Share of voxels of one value: measured air is noisy."""
FEW_SLICES = 5
"""Fewer slices may all lie at a craniectomy or the skull base, where no ring of bone is closed."""
LEAST_AIR_ML = 1.5
SINUS_MM = 25.0
"""Sinuses and airways lie this near to the median plane, mastoids do not."""
BEHIND_MM = 15.0
EGG_MM, FRONT = 55.0, -0.004
"""What must be in view, and how far (of the head's length) the outlines' middle lies behind
that of the length: by 0.000 to 0.028 on 200 generated heads, by 0.003 to 0.028 on 20 real ones
however they lay; by 0.006 to 0.026 in what the skull encloses of 24 generated ones."""
NARROWER = -0.02
"""By how much, as a logarithm, what the skull encloses is to be narrower behind than in front if
the head's outline doesn't say so as well: -0.001 in a real head that lies turned by 20°, at least
0.04 the other way in 19 others."""
TURNED_OVER = (
    "The head seems to lie turned over; if the affine is wrong, left and right may be swapped."
)


def check_anatomy(path: Path, small: Thumbnail, values: Values, found: CheckResult) -> Judged:
    """Add to `found` why the scan cannot be a head CT, or is turned over, or of a wrong size.

    Parameters
    ----------
    path
        File that is spoken of.
    small, values
        Its coarse copy, and what `check_values` found.
    found
        What is added to.

    Returns
    -------
    Judged
        Which of the spacing was found to suit the head.
    """
    if min(small.voxels.shape[:2]) < LEAST_PIXELS:
        return Judged()
    if not _shows_brain(small.voxels, values):
        what = "shows nothing of the density of brain, 20 to 60 HU"
        # Of a head, the lowest and the highest slices may be scalp and bone.
        if small.voxels.shape[2] >= FEW_SLICES:
            found.problem(path, f"{what}; it is not a head CT.")
            return Judged()
        found.note(path, "no brain", f"{what}: is it a slice above or below the brain?")
    if values.bone is None:
        return Judged()  # without bone, nothing below can be told
    sections = measure_sections(small, values)
    cut_off = sides_cut_off(sections) if sections.area.any() else 0
    field = max(n * mm for n, mm in zip(small.voxels.shape[:2], small.spacing[:2], strict=True))
    if field > NO_SKULL_MM and cut_off == 4:
        cut_off = 0  # no head fills a field as large, whatever this is
    if cut_off:
        found.facts.setdefault("coverage", {})["cut_off"] = True
    if not sections.skull.any():
        _judge_without_skull(path, small, values, bool(cut_off), found)
        return Judged()
    if not _judge_size(path, sections, bool(cut_off), found):
        return Judged()
    upside_down = _judge_direction(path, sections, small, values, bool(cut_off), found)
    judged = check_geometry(path, sections, small, cut_off, upside_down, found)
    if not (upside_down or cut_off or found.problems or shows_vertex(sections)):
        found.facts.setdefault("coverage", {})["part"] = True
    return judged


def _shows_brain(v: NDArray[np.float32], values: Values) -> bool:
    # In a scan cut at 0, air reads 0 as well.
    brain = np.count_nonzero((v > max(0.0, values.low)) & (v < SOFT_HU[1]))
    return bool(brain > LEAST_BRAIN * v.size)


def _judge_without_skull(
    path: Path, small: Thumbnail, values: Values, cut_off: bool, found: CheckResult
) -> None:
    areas, lungs = measure_trunk(small, values)
    seen = areas > 0.25 * areas.max()
    if not seen.any():
        return
    area = float(np.median(areas[seen]))
    lung = float(lungs[seen].sum() / areas[seen].sum())
    if values.air and lung > LUNG:
        found.problem(
            path,
            f"shows no skull, and {lung:.0%} of the body is air, as in the chest; "
            "it is not a head CT.",
        )
    elif area > TRUNK_CM2 and _is_painted_over(small.voxels):
        found.problem(
            path,
            f"shows no skull, and reads exactly {small.voxels[0, 0, 0]:.0f} HU all around the "
            "brain, where air has -1000: the skull was taken away (skull stripping); give the scan "
            "as it was made.",
        )
    elif area > TRUNK_CM2:
        found.problem(
            path,
            f"shows no skull, and sections of {area:.0f} cm², where a head has 150 to 300; it is "
            "a scan of the trunk, or its spacing is wrong.",
        )
    elif areas.size >= FEW_SLICES and not cut_off:  # the field of view leaves no ring of bone
        found.note(
            path,
            "no skull",
            "shows no skull that encloses a brain: is it a head CT, and does it reach above the "
            "skull base?",
        )


def _is_painted_over(v: NDArray[np.float32]) -> bool:
    """Whether what surrounds the body is of one value, and that not air's, nor the lowest."""
    outside = v[0, 0, 0]
    alike = np.count_nonzero(v == outside) > PAINTED * v.size
    return bool(alike and outside > max(BODY_HU, float(v.min())))


def _judge_size(path: Path, sections: CrossSections, cut_off: bool, found: CheckResult) -> bool:
    """Return False if the size is that of no head; if it is doubtful, sizes cannot be told."""
    # The skull, for a pillow may seem to be of the head; but after craniectomy little of it may
    # be closed, so that a small one says nothing.
    skull, head = diameter(sections.skull.max()), diameter(sections.area.max())
    large = f"the inside of the skull measures {skull:.0f} mm across by the spacing, of adults 160"
    small = f"the head measures {head:.3g} mm across by the spacing, adults' 180"
    few = sections.area.size < FEW_SLICES  # slices at the vertex are small
    if skull > NO_SKULL_MM:
        found.problem(path, f"{large}; correct the spacing.")
        return False
    if head < NO_HEAD_MM * (0.3 if few else 1):
        found.problem(path, f"{small}; correct the spacing.")
        return False
    if skull > SKULL_MM:
        found.note(path, "size", f"{large}: is the spacing true?")
    elif head < ACROSS_MM and not few and not cut_off:
        found.note(path, "size", f"{small}: is the spacing true?")
    else:
        return True
    found.cannot_tell([SIZES], UNBELIEVED)
    return True


def _judge_direction(
    path: Path,
    sections: CrossSections,
    small: Thumbnail,
    values: Values,
    cut_off: bool,
    found: CheckResult,
) -> bool:
    """Add a note if the head lies upside down or back to front in the affine's directions.

    Returns whether it lies upside down.
    """
    slices = np.flatnonzero(sections.area)
    ml = 4 * float(np.prod(small.spacing)) / 1000
    mm = small.spacing[2] * slices.size
    slab = slices.size < SLAB_SLICES or mm < SLAB_MM
    upright = 0 if slab else _upright(sections, slices, values, ml)
    if upright <= -2:
        found.note(
            path,
            "orientation",
            "the head lies upside down by the affine: air and bone of the skull base lie above, "
            "the vertex below. If the affine is wrong, left and right may be swapped as well.",
        )
        found.cannot_tell((*LANDMARKS, SIDES), TURNED_OVER)
        return True
    form = _egg(sections) if mm >= EGG_MM and not cut_off else 0
    # Air of the posterior fossa, or beneath the head, is no sinus.
    sinuses = form <= 0 and upright >= 1 and values.air and _back_to_front(sections, small, ml)
    if sinuses or form < 0:
        sign = (
            "the air in its middle lies behind, where sinuses lie in front"
            if sinuses
            else "its narrower end lies behind"
        )
        found.note(
            path,
            "orientation",
            f"the head seems to lie back to front by the affine: {sign}. If the affine is wrong, "
            "left and right may be swapped as well.",
        )
        found.cannot_tell((*LANDMARKS, SIDES), TURNED_OVER)
    return False


def _egg(sections: CrossSections) -> int:
    """Return 1 if the broader end of the head lies behind, -1 if it lies in front, else 0.

    Metal and cushions join the head, but not what its skull encloses: that is asked first.
    """
    (behind, wider), (of_head, wider_head) = egg(sections.within), egg(sections.body)
    if behind > -FRONT and wider > 0:
        return 1
    if behind > 0 or wider > 0:
        return 0
    reversed_head = of_head < FRONT and wider_head < 0
    return -1 if reversed_head or (behind < FRONT and wider < NARROWER) else 0


def _upright(sections: CrossSections, slices: NDArray, values: Values, ml: float) -> int:
    """Return how many of three signs say that the vertex is above, less those against it."""
    area, bone = sections.area[slices], sections.bone[slices]
    signs = 0
    # The head tapers toward the vertex (and, where the neck is in view, downward as well).
    taper = area[-1] / area[0]
    signs += int(taper < 0.6) - int(taper > 1 / 0.6)
    # Sinuses, mastoids and airways lie low.
    air = sections.air[..., slices].sum(axis=(0, 1))
    if values.air and air.sum() * ml >= LEAST_AIR_ML:
        level = float(air @ np.arange(slices.size)) / air.sum() / (slices.size - 1)
        signs += int(level < 0.4) - int(level > 0.6)
    # So does bone; near the vertex there is much of it too, but the head is small there.
    large = bone[area > 0.7 * area.max()]
    third = max(1, large.size // 3)
    ratio = large[:third].mean() / max(large[-third:].mean(), 1e-6)
    return signs + int(ratio > 1.2) - int(ratio < 1 / 1.2)


def _back_to_front(sections: CrossSections, small: Thumbnail, ml: float) -> bool:
    """Whether the air in the middle of the skull base lies behind the middle of the head."""
    middle_x, middle_y, _ = (float(at.mean()) for at in np.nonzero(sections.body))
    x, y, _ = np.nonzero(sections.air)
    # Mastoids, at the sides, lie behind the middle in any head.
    central = np.abs(x - middle_x) * 2 * small.spacing[0] < SINUS_MM
    if np.count_nonzero(central) * ml < LEAST_AIR_ML:
        return False
    behind = (float(y[central].mean()) - middle_y) * 2 * small.spacing[1]
    return behind > BEHIND_MM
