"""A generated head CT with its masks and the story that they hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cohort.facts.sites import INFRATENTORIAL
from cohort.facts.structures import STRUCTURE_IDS
from cohort.synthetic.anatomy.deformation import NO_EFFECT, MassEffect, mass_effect
from cohort.synthetic.bleeds.blood import Blood, draw_blood
from cohort.synthetic.bleeds.place import bleed_centre
from cohort.synthetic.body import Body, DrawnBody
from cohort.synthetic.fields import Noise
from cohort.synthetic.physique import Physique, draw_physique
from cohort.synthetic.plan import Plan, draw_plan
from cohort.synthetic.scanner.scan import Acquisition, acquire, draw_scan, stored
from cohort.synthetic.story import Story
from cohort.synthetic.style import STYLES, StyleName
from cohort.synthetic.surgery import Surgery, draw_surgery
from cohort.synthetic.truth import AppliedShift, applied_shift, bedside_ml, compressed_ventricle
from cohort.synthetic.voxels import OUTSIDE, HeadVoxels, draw_anatomy

if TYPE_CHECKING:
    from cohort.synthetic.mapped.choose import ChosenMap

MIDLINE_MM = 2.7
"""Width of the midline as HICH-IT's annotators drew it: 5 to 6 pixels of 0.45 mm or so."""
MIDLINE_ABOVE_MM = -11.0
"""Below this level the skull base parts the hemispheres, and no midline is drawn."""
DILATED_MM = 1.5
"""From here on readers call ventricles dilated whose walls are pushed out."""


@dataclass(frozen=True)
class Head:
    """A generated case's CT.

    Attributes
    ----------
    hu
        int16 HU, in the orientation of `affine`.
    masks
        Structure id to uint8 0/1 mask on the same grid.
    affine
        float64 [4, 4], voxel indices to RAS+ mm.
    story
        What the masks hold, for the record.
    """

    hu: NDArray[np.int16]
    masks: dict[str, NDArray[np.uint8]]
    affine: NDArray[np.float64]
    story: Story


def draw_head(
    seed: np.random.SeedSequence,
    size: int = 256,
    slices: int = 24,
    style: StyleName = "routine",
    chosen: ChosenMap | None = None,
) -> Head:
    """Generate the head of one patient.

    Parameters
    ----------
    seed
        The same seed gives the same head.
    size, slices
        Pixels a side, and number of slices.
    style
        The hospital's: which ranges patient and scan are drawn from.
    chosen
        The label map of a real head to make it from; None draws the anatomy, too.

    Raises
    ------
    DataError
        If the label map cannot be used.
    """
    streams = map(np.random.default_rng, seed.spawn(8))
    plans, bodies, scans, noises, grains, bleeds, maps, surgeries = streams
    plan = draw_plan(plans, STYLES[style])
    if chosen is not None:
        plan = replace(plan, age=chosen.age(maps))
    scan = draw_scan(scans, size, slices, style)
    noise = Noise(noises)
    centre = bleed_centre(plan.first, bodies) if plan.first else None
    physique = draw_physique(bodies, plan.age, plan.sex, STYLES[style])
    body = _body(physique, chosen, maps)
    effect = _mass_effect(plan, centre, body)
    surgery = draw_surgery(surgeries, plan.first, effect.centre) if plan.first else None
    anatomy = draw_anatomy(scan, body, effect, surgery, noise)
    blood = draw_blood(anatomy, plan, scan, effect, noise, bleeds)
    masks = _draw_masks(anatomy, blood, scan, effect)
    hu = acquire(anatomy.hu, scan, grains)
    shift = applied_shift(effect, lambda points: -body.skull(points, noise, scan.pixel)[1])
    return Head(
        hu=stored(hu, scan),
        masks={
            name: stored(masks[name].astype(np.uint8), scan)
            for name in STRUCTURE_IDS
            if name in masks  # a structure that is not drawn counts as not annotated
        },
        affine=scan.affine,
        story=_story(plan, scan, masks, blood, hu, shift, surgery),
    )


def _body(physique: Physique, chosen: ChosenMap | None, rng: np.random.Generator) -> Body:
    if chosen is None:
        return DrawnBody(physique)
    from cohort.synthetic.mapped.body import draw_body

    return draw_body(rng, chosen, physique)


def _mass_effect(plan: Plan, centre: tuple[float, float, float] | None, body: Body) -> MassEffect:
    if plan.first is None or centre is None:
        return NO_EFFECT
    below = plan.site in INFRATENTORIAL
    away = {"left": -1.0, "right": 1.0, None: 0.0}[None if below else plan.side]
    widening = plan.ventricular.widening_mm if plan.ventricular else 0.0
    x, y, z = (c + o for c, o in zip(centre, body.bleed_offset(plan.first), strict=True))
    return mass_effect(
        (x, y, z), plan.volume_ml, plan.shift_mm, away, below, widening, plan.trapped_mm
    )


def _draw_masks(
    anatomy: HeadVoxels, blood: Blood, scan: Acquisition, effect: MassEffect
) -> dict[str, NDArray[np.bool_]]:
    """Return the masks [z, y, x]; the ventricles' hold the blood in them."""
    hematoma = blood.first | blood.second
    ventricle = (anatomy.ventricle < 0) & ~hematoma
    left = anatomy.left
    slices = np.asarray(ventricle.any(axis=(1, 2)))
    if not effect.below_tentorium:
        slices |= hematoma.any(axis=(1, 2))
    return {
        "hematoma": hematoma,
        "midline": _midline(anatomy, scan) & slices[:, None, None],
        "ventricle_left": ventricle & left,
        "ventricle_right": ventricle & ~left,
        "ventricular_blood": blood.ventricular,
        "edema": blood.edema,
        "outer_blood": blood.outer,
    }


def _midline(anatomy: HeadVoxels, scan: Acquisition) -> NDArray[np.bool_]:
    """Return the plane between the hemispheres as a line from front to back in each slice."""
    line = np.where(anatomy.depth > 0, anatomy.origin.x, np.float32(OUTSIDE))
    # Tissue that is pressed together or pulled apart would make the line thin or thick.
    slope = np.ones_like(line)
    slope[:, :, 1:-1] = np.abs(line[:, :, 2:] - line[:, :, :-2]) * np.float32(0.5 / scan.pixel)
    slope[(slope < 0.3) | (slope > 3)] = 1
    drawn = np.abs(line) < 0.5 * MIDLINE_MM * slope
    above = drawn & (anatomy.origin.z > MIDLINE_ABOVE_MM)
    high = above.sum(axis=(1, 2)) > 0.8 * drawn.sum(axis=(1, 2))
    midline: NDArray[np.bool_] = drawn & high[:, None, None]
    return midline


def _story(
    plan: Plan,
    scan: Acquisition,
    masks: dict[str, NDArray[np.bool_]],
    blood: Blood,
    hu: NDArray[np.int16],
    shift: AppliedShift,
    surgery: Surgery | None,
) -> Story:
    # Ventricles are seldom equal; only the bleed's own side counts as compressed by it.
    smaller = compressed_ventricle(masks["ventricle_left"], masks["ventricle_right"])
    pressed = smaller == plan.side and plan.site not in INFRATENTORIAL
    widening = plan.ventricular.widening_mm if plan.ventricular else 0.0
    layer = plan.layer if blood.layer else None
    second = plan.second
    if second is not None:
        ml = round(float(blood.second.sum()) * scan.voxel_ml, 1)
        bedside = bedside_ml(blood.second, scan.spacing)
        second = replace(second, volume_ml=ml, bedside_ml=bedside) if ml > 0 else None
    return Story(
        age=plan.age,
        sex=plan.sex,
        onset_hours=plan.onset_hours,
        site=plan.site,
        side=plan.side,
        lobe=plan.lobe,
        volume_ml=round(float(masks["hematoma"].sum()) * scan.voxel_ml, 1),
        shift_mm=shift.mm,
        shift_side=shift.side,
        largest_shift_mm=shift.largest_mm,
        ventricle_compressed=smaller if pressed else None,
        second=second,
        intraventricular=blood.intraventricular,
        ventricles_dilated=widening >= DILATED_MM,
        subarachnoid=blood.subarachnoid,
        membrane=layer.membrane if layer else None,
        membrane_side=layer.side if layer else None,
        density_hu=int(np.median(hu[masks["hematoma"]])) if plan.first else None,
        surgery=surgery.kind if surgery else None,
        bedside_ml=bedside_ml(blood.first, scan.spacing),
    )
