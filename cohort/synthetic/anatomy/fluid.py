"""Fluid over the brain: sulci, fissures and cisterns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohort.synthetic.anatomy.membranes import cleft
from cohort.synthetic.fields import Field, Noise, Points, box, ellipsoid, inside, tube
from cohort.synthetic.physique import Physique

SULCUS_MM = 20.0
"""Depth of the sulci."""
GYRUS_MM = 3.1
"""Lattice cell of the folds' noise; sulci lie four to five cells apart."""
UNEVEN = 0.35
"""How much sulci differ in width from region to region, one sigma."""

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
class Surface:
    """The brain's surface, folds included: flat arrays.

    Attributes
    ----------
    fluid
        Share of fluid, 0..1.
    ribbon
        Distance of the tissue from the nearest fluid, mm.
    """

    fluid: Field
    ribbon: Field


def subarachnoid(
    q: Points,
    depth: Field,
    infra: np.ndarray,
    openness: Field,
    physique: Physique,
    noise: Noise,
    blur: float,
) -> Surface:
    """Return the brain's surface, its sulci and the cleft between the hemispheres.

    Parameters are those of `draw_brain`; `infra` says which points lie below the tentorium.
    """
    film = 0.3 + 1.6 * physique.sulci
    surface = depth - film * openness * np.where(infra, np.float32(0.4), np.float32(1))
    half = (0.08 + 0.9 * physique.sulci) * openness
    sulcus = np.full(q.x.shape, 30, dtype=np.float32)
    shallow = np.flatnonzero((depth < 2 * SULCUS_MM) & ~infra)
    sulcus[shallow], wide = _sulci(q.at(shallow), depth[shallow], noise)
    # No two sulci are equally wide: some gape, some are closed.
    half[shallow] *= wide
    fissure = cleft(q) + 9 * infra
    nearest = np.minimum(sulcus, fissure)
    # Each sulcus opens towards the surface, where the gyri's shoulders part.
    mouth = half * (1 + 1.1 * np.exp(-depth * (1 / 5)))
    fluid = np.maximum(inside(surface, blur), inside(sulcus - mouth, 1.5 * blur))
    fluid = np.maximum(fluid, inside(fissure - 0.5 - 0.8 * half, blur))
    return Surface(fluid, np.minimum(surface, nearest))


def meander(q: Points, noise: Noise) -> Points:
    """Return the points moved a little to and fro, so that fissures meander."""
    here = box(q, (0, -5, -8), (70, 60, 30))
    p = q.at(here)
    x, y = q.x.copy(), q.y.copy()
    y[here] += 2.2 * noise(p, 4.5, shift=13)
    x[here] += 1.6 * noise(p, 5.0, shift=21) * np.clip(np.abs(p.x) * 0.1, 0, 1)
    return Points(x, y, q.z)


def cisterns(fluid: Field, q: Points, openness: Field, physique: Physique, blur: float) -> None:
    """Fill fissures and cisterns at the brain's base into the shares `fluid`."""

    def fill(here: np.ndarray, distance: Field, wide: float) -> None:
        wall = distance - wide + 2.2 * (1 - openness[here])
        fluid[here] = np.maximum(fluid[here], inside(wall, 1.5 * blur))

    narrow = -0.7 + 1.2 * physique.sulci
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


def _sulci(q: Points, depth: Field, noise: Noise) -> tuple[Field, Field]:
    """Return distance from, and relative width of, the nearest sulcus: a sheet from the surface."""
    radius = np.sqrt(q.x * q.x + q.y * q.y + q.z * q.z)
    stretch = 1 + 0.75 * depth / np.maximum(radius, 20)
    at = Points(q.x * stretch, q.y * stretch, q.z * stretch)
    fold = noise(at, GYRUS_MM)
    region = noise(at, 3 * GYRUS_MM, shift=5)
    deep = SULCUS_MM * (0.78 + 0.42 * region)
    # |noise| over its typical slope is the distance from its zero sheet.
    distance = (
        np.abs(fold) * (GYRUS_MM * 0.9)
        + 1.5 * np.maximum(depth - deep, 0)
        # On the base, gyri are flat and bone is near; few sulci are seen there.
        + 0.12 * np.maximum(-6 - q.z, 0)
    )
    return distance, np.clip(0.95 + UNEVEN * region, 0.2, 1.7)
