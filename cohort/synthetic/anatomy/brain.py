"""The brain: cortex and white matter, deep nuclei, cerebellum, with the fluid in and around."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohort.synthetic.anatomy import ventricles
from cohort.synthetic.anatomy.calcification import draw_dense
from cohort.synthetic.anatomy.fluid import SYLVIAN, cisterns, meander, subarachnoid
from cohort.synthetic.anatomy.membranes import draw_membranes, height_over_tentorium
from cohort.synthetic.anatomy.old_damage import draw_old_damage
from cohort.synthetic.fields import (
    Field,
    Noise,
    Points,
    box,
    ellipsoid,
    inside,
    paint,
    tube,
)
from cohort.synthetic.physique import Physique

CSF = 7.0
NOWHERE_MM = 50.0
"""Distance given to points that are far from a structure."""
MOTTLED_HU, MOTTLED_MM = 0.7, 9.0
"""How uneven healthy tissue is, one sigma, and over what lattice cell."""
CORTEX_MM = 3.4
"""Thickness of the grey ribbon, widened from about 2.7 mm by the slice's own thickness."""
CAUDATE = ((16.0, -30, 7), (4.8, 10, 10))
PUTAMEN = ((26.5, -17, 2), (5.0, 16, 11), 14)
PALLIDUM_SHAPE = ((19.5, -13, 0), (4.2, 9, 7), 20)
THALAMUS = ((10.5, 2, 6), (7.5, 14, 10), -22)
STEM = ((0, 8, -10, 13), (0, 10, -28, 14.5), (0, 17, -48, 9), (0, 22, -80, 7.5))


@dataclass(frozen=True)
class Brain:
    """A head's brain, all arrays flat and one value a point.

    Attributes
    ----------
    hu
        HU without bleed.
    ventricle
        Distance in mm from the lateral ventricle of the point's own side, negative inside.
    tissue
        Share of brain tissue, 0..1; the rest is fluid.
    infratentorial
        Whether the point lies in cerebellum or brainstem.
    central
        Distance in mm from the third and fourth ventricle, negative inside.
    left
        Whether the point lies on the side of the patient's left lateral ventricle.
    """

    hu: Field
    ventricle: Field
    tissue: Field
    infratentorial: np.ndarray
    central: Field
    left: np.ndarray


def draw_brain(
    q: Points,
    depth: Field,
    openness: Field,
    squeeze: Field,
    physique: Physique,
    noise: Noise,
    blur: float,
) -> Brain:
    """Draw the brain.

    Parameters
    ----------
    q
        Where each point's tissue was before any bleed, flat arrays.
    depth
        Distance of the points below the inner table, mm.
    openness
        1 where sulci are as usual, 0 where they are effaced.
    squeeze
        Mm by which ventricle walls are closed.
    physique, noise
        The patient, and the individual folds.
    blur
        Partial-volume width, mm.
    """
    q = physique.reference(q)
    height = height_over_tentorium(q)
    infra = (height < 0) & (q.y > 8)
    bent = meander(q, noise)
    surface = subarachnoid(q, depth, infra, openness, physique, noise, blur)
    hu = physique.white + (physique.grey - physique.white) * _cortex(q, bent, surface.ribbon, infra)
    _cerebellum(hu, q, depth, infra, physique, noise)
    _nuclei(hu, q, physique, blur)
    _stem(hu, q, blur)
    fluid = surface.fluid
    cisterns(fluid, bent, openness, physique, blur)
    ventricle = np.full(q.x.shape, NOWHERE_MM, dtype=np.float32)
    central = ventricle.copy()
    _ventricles(fluid, ventricle, central, q, squeeze, physique, noise, blur)
    white = np.clip((physique.grey - hu) * (1 / (physique.grey - physique.white)), 0, 1)
    hu += MOTTLED_HU * noise(q, MOTTLED_MM, shift=41)
    draw_old_damage(hu, q, ventricle, white * ~infra, physique.damage, noise)
    hu += (CSF - hu) * fluid
    draw_membranes(hu, q, depth, height, physique, blur)
    _soft_plexus_and_pineal(hu, q, blur)
    draw_dense(hu, q, physique.spots, physique.drain, physique.blood, noise, blur)
    return Brain(hu, ventricle, 1 - fluid, infra, central, q.x > 0)


def _cortex(q: Points, bent: Points, ribbon: Field, infra: np.ndarray) -> Field:
    grey = inside(ribbon - CORTEX_MM, 2.4)
    insula = np.flatnonzero((np.abs(q.x) < 66) & (np.abs(q.z - 4) < 16))
    if insula.size:
        left = bent.at(insula).mirrored()
        fold = np.minimum(*(tube(left, line, slab=7) for line in SYLVIAN))
        grey[insula] = np.maximum(grey[insula], inside(fold - CORTEX_MM, 2.0))
    grey[infra] = 0
    return grey


def _cerebellum(
    hu: Field, q: Points, depth: Field, infra: np.ndarray, physique: Physique, noise: Noise
) -> None:
    here = np.flatnonzero(infra)
    p = q.at(here)
    # Folia lie like the leaves of a book, roughly along the back of the skull.
    leaves = np.sin((p.y * 0.8 + np.abs(p.x) * 0.55 + 2.2 * noise(p, 9.0, shift=2)) * 1.15)
    core = inside(np.minimum(ellipsoid(p.mirrored(), (20, 38, -36), (15, 13, 9)), 9), 10.0)
    grey = physique.grey - 0.5 - 1.6 * (leaves > 0.55) * np.clip(1.4 - depth[here] / 22, 0, 1)
    hu[here] = grey + (physique.white + 1 - grey) * core


def _stem(hu: Field, q: Points, blur: float) -> None:
    here = box(q, (0, 12, -45), (22, 30, 45))
    if here.size:
        paint(hu, here, 32.0, inside(tube(q.at(here), STEM), 2 * blur))


def _nuclei(hu: Field, q: Points, physique: Physique, blur: float) -> None:
    here = box(q, (0, -14, 4), (36, 34, 18))
    if not here.size:
        return
    left = q.at(here).mirrored()
    grey = physique.grey + 0.5
    bodies = (
        (ellipsoid(left, *CAUDATE), grey),
        (ellipsoid(left, *PUTAMEN), grey),
        (ellipsoid(left, *PALLIDUM_SHAPE), grey - 1.0),
        (ellipsoid(left, *THALAMUS), grey - 1.5),
    )
    for distance, value in bodies:
        paint(hu, here, value, inside(distance, 2 * blur))


def _ventricles(
    fluid: Field,
    ventricle: Field,
    central: Field,
    q: Points,
    squeeze: Field,
    physique: Physique,
    noise: Noise,
    blur: float,
) -> None:
    here = box(q, ventricles.LATERAL_CENTRE, ventricles.LATERAL_REACH)
    if here.size:
        wall = ventricles.lateral_ventricles(q.at(here), physique, noise) + squeeze[here]
        ventricle[here] = wall
        fluid[here] = np.maximum(fluid[here], inside(wall, blur))
        if physique.cavum:
            gap = ventricles.cavum(q.at(here), physique)
            fluid[here] = np.maximum(fluid[here], inside(gap, blur))
    here = box(q, ventricles.CENTRAL_CENTRE, ventricles.CENTRAL_REACH)
    if here.size:
        away = ventricles.third_and_fourth_ventricle(q.at(here), physique)
        central[here] = away
        fluid[here] = np.maximum(fluid[here], inside(away + 0.4 * squeeze[here], blur))


def _soft_plexus_and_pineal(hu: Field, q: Points, blur: float) -> None:
    here = box(q, (0, 14, 6), (28, 20, 16))
    if not here.size:
        return
    left = q.at(here).mirrored()
    paint(hu, here, 45.0, inside(ellipsoid(left, (0, 17, 0), (2.8, 3.4, 3.8)), blur))
    paint(hu, here, 42.0, 0.8 * inside(ellipsoid(left, (21.5, 26, 9), (2.4, 4.2, 5.0)), blur))
