"""The ventricles as distance fields: two lateral, third and fourth."""

from __future__ import annotations

import numpy as np

from cohort.synthetic.fields import Field, Noise, Points, ellipsoid, smooth_min, tube
from cohort.synthetic.physique import Horns, Physique

# Centre lines (x, y, z, radius) of the left ventricle, mm; after the axial plates of Talairach
# and Tournoux's atlas (1988).
FRONTAL_HORN = (
    (13.5, -47, 1, 1.4),
    (11, -39, 5, 3.2),
    (7.5, -27, 9, 3.6),
    (5.6, -15, 14, 3.6),
)
BODY = (
    (7.0, -2, 19, 4.2),
    (11.5, 10, 20, 4.6),
)
ATRIUM = ((20, 23, 14, 5.4), (24, 29, 6, 5.6))
OCCIPITAL_HORN = ((24, 29, 6, 5.2), (23.5, 42, 4, 3.6), (20.5, 57, 3, 0.8))
TEMPORAL_HORN = ((24.5, 28, 4, 4.6), (30, 17, -9, 2.0), (33, 2, -17, 1.5), (31, -9, -22, 1.0))
TALL = 0.62
"""Frontal horn and body are taller than wide."""
SEPTUM = 0.9
"""Half-thickness of the septum pellucidum with the tissue beside it, mm."""
OUTWARDS = 0.45
"""A horn that widens by a millimetre moves outwards by so much, the septum being fixed."""
SLANT, LONG, BEHIND = 0.3, 0.35, 29.0
"""How the atrium is slanted and drawn out around that level of y."""
UNEVEN_MM, UNEVEN_SCALE = 0.6, 5.0
"""How uneven the walls are, and the lattice cell of the noise, mm."""
CAVUM = ((0, -27, 8), (12, 7))
"""Centre, half-length and half-height of a cavum septi pellucidi."""
LATERAL_CENTRE, LATERAL_REACH = (0, 5, 2), (52, 70, 40)
"""Box that holds both lateral ventricles."""
CENTRAL_CENTRE, CENTRAL_REACH = (0, 6, -16), (18, 34, 38)
"""Box that holds the third and the fourth ventricle."""

Line = tuple[tuple[float, float, float, float], ...]


def lateral_ventricles(p: Points, physique: Physique, noise: Noise) -> Field:
    """Return the distance in mm from the lateral ventricle of each point's own side."""
    walls = np.empty(p.x.shape, dtype=np.float32)
    left = p.x > 0
    for chosen, horns in ((left, physique.left), (~left, physique.right)):
        walls[chosen] = _ventricle(p.at(chosen).mirrored(), horns, physique.spread)
    near = np.flatnonzero(np.abs(walls) < 3)
    walls[near] += UNEVEN_MM * noise(p.at(near), UNEVEN_SCALE, shift=27)
    septum = np.float32(SEPTUM) - np.abs(p.x)
    if physique.cavum:
        (_, y, z), (long, tall) = CAVUM
        away = np.square((p.y - y) * (1 / long)) + np.square((p.z - z) * (1 / tall))
        septum += np.float32(physique.cavum + 0.8) * np.clip(1.3 - away, 0, 1)
    return np.maximum(walls, septum)


def cavum(p: Points, physique: Physique) -> Field:
    """Return the distance in mm from the cavum septi pellucidi, which no mask holds."""
    centre, (long, tall) = CAVUM
    return ellipsoid(p, centre, (physique.cavum, long, tall))


def third_and_fourth_ventricle(p: Points, physique: Physique) -> Field:
    """Return the distance in mm from the third and the fourth ventricle."""
    third = ellipsoid(p, (0, -6, -1), (physique.third, 14, 11))
    # The vermis dents the fourth ventricle from behind, which makes its horseshoe.
    size = physique.fourth
    fourth = np.maximum(
        ellipsoid(p, (0, 28, -35), (9.5 * size, 5.5 * size, 9)),
        -ellipsoid(p, (0, 33.5, -34), (5.0, 5.0, 8)),
    )
    return np.minimum(third, fourth)


def _ventricle(p: Points, horns: Horns, spread: float) -> Field:
    front = (
        *_widened(FRONTAL_HORN, horns.frontal, spread),
        *_widened(BODY, horns.body, spread),
        *_widened(ATRIUM, horns.atrium - 1.2, spread),
    )
    first, *rest = _widened(OCCIPITAL_HORN, horns.atrium, spread)
    # Shortened, the horn keeps its direction and its blunt or pointed end.
    length, (x0, y0, z0, _) = max(horns.occipital, 0.05), first
    back = (
        (x0 + length * (x - x0), y0 + length * (y - y0), z0 + length * (z - z0), r)
        for x, y, z, r in rest
    )
    temporal = _widened(TEMPORAL_HORN, horns.temporal, spread)
    # Atrium and occipital horn are cut as slanting triangles, longer than wide.
    slanted = Points(p.x + SLANT * (p.y - BEHIND), p.y + LONG * (BEHIND - p.y), p.z)
    behind = smooth_min(tube(slanted, (first, *back)), tube(p, temporal), 1.5)
    return smooth_min(tube(p, front, flat=TALL), behind, 2.0)


def _widened(line: Line, by: float, spread: float) -> Line:
    return tuple((x * spread + OUTWARDS * max(by, 0), y, z, r + by) for x, y, z, r in line)
