"""The brain: cortex and white matter, deep nuclei, fluid around them, falx and tentorium."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohort.synthetic import ventricles
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
FALX, SINUS, PINEAL, PLEXUS, PALLIDUM = 52.0, 54.0, 160.0, 130.0, 90.0
CORTEX_MM = 3.4
"""Thickness of the grey ribbon, widened from about 2.7 mm by the slice's own thickness."""
SULCUS_MM = 18.0
"""Depth of the sulci."""
GYRUS_MM = 3.1
"""Lattice cell of the folds' noise; sulci lie four to five cells apart."""

CALLOSUM = ((0, -12, 3), (40, 25))
"""Centre and half-axes (y, z) of what bridges the midline: callosum, thalami, brainstem."""
CAUDATE = ((16.0, -30, 7), (4.8, 10, 10))
PUTAMEN = ((26.5, -17, 2), (5.0, 16, 11), 14)
PALLIDUM_SHAPE = ((19.5, -13, 0), (4.2, 9, 7), 20)
THALAMUS = ((10.5, 2, 6), (7.5, 14, 10), -22)
STEM = ((0, 8, -10, 13), (0, 10, -28, 14.5), (0, 17, -48, 9), (0, 22, -80, 7.5))

SYLVIAN = (
    ((62, -34, -4, 0.6), (46, -36, -3, 1.2), (38, -33, 0, 1.6), (39, -14, 4, 1.0)),
    ((39, -14, 4, 0.9), (42, 3, 9, 0.7), (50, 12, 12, 0.5), (64, 20, 15, 0.3)),
)
SUPRASELLAR = (
    ((0, -24, -17, 5), (0, -8, -16, 5.5)),
    ((7, -20, -16, 3.4), (20, -27, -13, 1.6), (34, -32, -9, 1.4)),
    ((8, -8, -16, 3), (17, 2, -14, 2.0), (18, 16, -10, 2.0), (9, 25, -6, 2.6)),
    ((0, 24, -5, 4.0), (0, 31, -2, 2.5)),
)
"""Suprasellar, sylvian stem, ambient and quadrigeminal cistern."""
PONTINE = (((0, -6, -24, 5), (0, -4, -38, 4)), ((6, -4, -36, 3.5), (24, 6, -37, 3.5)))
CISTERNA_MAGNA = ((0, 66, -60), (11, 9, 10))


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
    """

    hu: Field
    ventricle: Field
    tissue: Field
    infratentorial: np.ndarray


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
    below = _below_tentorium(q)
    tent = np.abs(below)
    infra = (below < 0) & (q.y > 8)
    bent = _bent(q, noise)
    csf = _subarachnoid(q, depth, infra, openness, physique, noise, blur)
    hu = physique.white + (physique.grey - physique.white) * _cortex(q, bent, csf.ribbon, infra)
    _cerebellum(hu, q, depth, infra, physique, noise)
    _nuclei(hu, q, physique, blur)
    _stem(hu, q, blur)
    fluid = csf.fluid
    _cisterns(fluid, bent, openness, physique, blur)
    ventricle = np.full(q.x.shape, 50, dtype=np.float32)
    _ventricles(fluid, ventricle, q, squeeze, physique, blur)
    hu += (CSF - hu) * fluid
    _membranes(hu, q, depth, tent, physique, blur)
    _calcifications(hu, q, physique, blur)
    return Brain(hu, ventricle, 1 - fluid, infra)


@dataclass(frozen=True)
class _Surface:
    fluid: Field
    ribbon: Field


def _subarachnoid(
    q: Points,
    depth: Field,
    infra: np.ndarray,
    openness: Field,
    physique: Physique,
    noise: Noise,
    blur: float,
) -> _Surface:
    """Return the fluid over the brain and in its sulci, and each point's distance from it."""
    film = 0.2 + 1.2 * physique.atrophy
    surface = depth - film * openness * np.where(infra, np.float32(0.4), np.float32(1))
    half = (0.1 + 0.75 * physique.atrophy) * openness
    sulcus = np.full(q.x.shape, 30, dtype=np.float32)
    shallow = np.flatnonzero((depth < 2 * SULCUS_MM) & ~infra)
    sulcus[shallow] = _sulci(q.at(shallow), depth[shallow], noise)
    fissure = _fissure(q) + 9 * infra
    nearest = np.minimum(sulcus, fissure)
    # Each sulcus opens towards the surface, where the gyri's shoulders part.
    mouth = half * (1 + 1.1 * np.exp(-depth * (1 / 5)))
    fluid = np.maximum(inside(surface, blur), inside(sulcus - mouth, 1.5 * blur))
    fluid = np.maximum(fluid, inside(fissure - 0.5 - 0.8 * half, blur))
    return _Surface(fluid, np.minimum(surface, nearest))


def _sulci(q: Points, depth: Field, noise: Noise) -> Field:
    """Return the distance from the nearest sulcus: sheets that go down from the surface."""
    radius = np.sqrt(q.x * q.x + q.y * q.y + q.z * q.z)
    stretch = 1 + 0.75 * depth / np.maximum(radius, 20)
    at = Points(q.x * stretch, q.y * stretch, q.z * stretch)
    fold = noise(at, GYRUS_MM)
    deep = SULCUS_MM * (0.78 + 0.42 * noise(at, 3 * GYRUS_MM, shift=5))
    # |noise| over its typical slope is the distance from its zero sheet.
    return (
        np.abs(fold) * (GYRUS_MM * 0.9)
        + 1.5 * np.maximum(depth - deep, 0)
        # On the base, gyri are flat and bone is near; no sulci are seen there.
        + 0.3 * np.maximum(-6 - q.z, 0)
    )


def _bent(q: Points, noise: Noise) -> Points:
    """Return the points moved a little to and fro, so that fissures meander."""
    here = box(q, (0, -5, -8), (70, 60, 30))
    p = q.at(here)
    x, y = q.x.copy(), q.y.copy()
    y[here] += 2.2 * noise(p, 4.5, shift=13)
    x[here] += 1.6 * noise(p, 5.0, shift=21) * np.clip(np.abs(p.x) * 0.1, 0, 1)
    return Points(x, y, q.z)


def _cortex(q: Points, bent: Points, ribbon: Field, infra: np.ndarray) -> Field:
    grey = inside(ribbon - CORTEX_MM, 1.6)
    insula = np.flatnonzero((np.abs(q.x) < 66) & (np.abs(q.z - 4) < 16))
    if insula.size:
        left = bent.at(insula).mirrored()
        fold = np.minimum(*(tube(left, line, slab=7) for line in SYLVIAN))
        grey[insula] = np.maximum(grey[insula], inside(fold - CORTEX_MM, 2.0))
    grey[infra] = 0
    return grey


def _fissure(q: Points) -> Field:
    """Return the distance from the cleft between the hemispheres."""
    (_, y, z), (ry, rz) = CALLOSUM
    bridge = np.sqrt(np.square((q.y - y) * (1 / ry)) + np.square((q.z - z) * (1 / rz)))
    return np.abs(q.x) + 12 * np.maximum(1.05 - bridge, 0) + np.maximum(-14 - q.z, 0)


def _below_tentorium(q: Points) -> Field:
    """Return the height above the tentorium: its tent rises to the midline behind the midbrain."""
    return q.z - (1 - 0.42 * np.abs(q.x) - 0.22 * np.maximum(q.y - 28, 0))


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


def _cisterns(fluid: Field, q: Points, openness: Field, physique: Physique, blur: float) -> None:
    def fill(here: np.ndarray, distance: Field, wide: float) -> None:
        wall = distance - wide + 2.2 * (1 - openness[here])
        fluid[here] = np.maximum(fluid[here], inside(wall, 1.5 * blur))

    narrow = -0.7 + 1.2 * physique.atrophy
    here = box(q, (0, -8, 4), (70, 44, 18))
    if here.size:
        left = q.at(here).mirrored()
        for line in SYLVIAN:
            fill(here, tube(left, line, slab=7), narrow)
    here = box(q, (0, 0, -12), (40, 40, 14))
    if here.size:
        left = q.at(here).mirrored()
        pools = [tube(left, line, flat=0.8) for line in SUPRASELLAR]
        fill(here, np.minimum.reduce(pools), 0.5 * narrow)
    here = box(q, (0, 25, -45), (32, 60, 30))
    if here.size:
        left = q.at(here).mirrored()
        pools = [tube(left, line) for line in PONTINE]
        pools.append(ellipsoid(left, *CISTERNA_MAGNA))
        fill(here, np.minimum.reduce(pools), 0.4 * narrow)


def _ventricles(
    fluid: Field,
    ventricle: Field,
    q: Points,
    squeeze: Field,
    physique: Physique,
    blur: float,
) -> None:
    here = box(q, ventricles.LATERAL_CENTRE, ventricles.LATERAL_REACH)
    if here.size:
        wall = ventricles.lateral_ventricles(q.at(here), physique) + squeeze[here]
        ventricle[here] = wall
        fluid[here] = np.maximum(fluid[here], inside(wall, blur))
    here = box(q, ventricles.CENTRAL_CENTRE, ventricles.CENTRAL_REACH)
    if here.size:
        central = ventricles.third_and_fourth_ventricle(q.at(here), physique)
        fluid[here] = np.maximum(fluid[here], inside(central + 0.4 * squeeze[here], blur))


def _membranes(
    hu: Field, q: Points, depth: Field, tent: Field, physique: Physique, blur: float
) -> None:
    (_, y, z), (ry, rz) = CALLOSUM
    bridge = np.sqrt(np.square((q.y - y) * (1 / ry)) + np.square((q.z - z) * (1 / rz)))
    # The falx reaches deeper behind than in front.
    edge = 1.42 - 0.004 * q.y
    above = q.z > 1 - 0.22 * np.maximum(q.y - 28, 0)
    falx = np.flatnonzero((np.abs(q.x) < 2.5) & (bridge > edge) & above & (q.z > -16))
    paint(hu, falx, FALX, 0.75 * inside(np.abs(q.x[falx]) - 0.55, blur))
    roof = np.flatnonzero((tent < 4) & (q.y > 10) & (np.abs(q.x) + 1.4 * (q.y - 10) > 24))
    # It slopes, so that a slice meets it over a width of several millimetres.
    paint(hu, roof, FALX - 4, 0.55 * inside(tent[roof] - 1.0, 2.5 * blur))
    sinus = np.flatnonzero((np.abs(q.x) < 7) & (depth < 8) & ((q.z > 30) | (q.y > 40)))
    distance = np.abs(q.x[sinus]) + 0.8 * depth[sinus] - 4.6
    keep = (q.z[sinus] > -14) | (depth[sinus] < 0)
    paint(hu, sinus, SINUS, inside(distance, 1.5 * blur) * keep)


def _calcifications(hu: Field, q: Points, physique: Physique, blur: float) -> None:
    here = box(q, (0, 14, 6), (28, 20, 16))
    if not here.size:
        return
    left, much = q.at(here).mirrored(), physique.calcified
    pineal = ellipsoid(left, (0, 17, 0), (2.2, 2.6, 3.2))
    plexus = ellipsoid(left, (21.5, 26, 9), (1.8, 3.4, 4.0))
    paint(hu, here, 45.0, inside(pineal - 1.2, blur))
    paint(hu, here, PINEAL, much * inside(pineal, blur))
    paint(hu, here, 42.0, 0.8 * inside(plexus - 1.0, blur))
    paint(hu, here, PLEXUS, much * inside(plexus, blur))
    if much > 0.8:
        pallidum = ellipsoid(left, (18, -12, 0), (2, 3.5, 3.5))
        paint(hu, here, PALLIDUM, 0.6 * inside(pallidum, 2 * blur))
