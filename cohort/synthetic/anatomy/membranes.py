"""What parts the brain: falx and tentorium, and where the hemispheres touch or are bridged."""

from __future__ import annotations

import numpy as np

from cohort.synthetic.fields import Field, Points, inside, paint
from cohort.synthetic.physique import Physique

CALLOSUM = ((0, -12, 3), (40, 25))
"""Centre and half-axes (y, z) of what bridges the midline: callosum, thalami, brainstem."""


def height_over_tentorium(q: Points) -> Field:
    """Return the height in mm over the tentorium, which rises to the midline like a tent."""
    return q.z - (1 - 0.42 * np.abs(q.x) - 0.22 * np.maximum(q.y - 28, 0))


def cleft(q: Points) -> Field:
    """Return the distance in mm from the cleft between the hemispheres."""
    return np.abs(q.x) + 12 * np.maximum(1.05 - _bridge(q), 0) + np.maximum(-14 - q.z, 0)


def draw_membranes(
    hu: Field, q: Points, depth: Field, height: Field, physique: Physique, blur: float
) -> None:
    """Draw falx, tentorium and venous sinuses; `height` is that over the tentorium, mm."""
    tent = np.abs(height)
    draw_falx(hu, q, physique, blur)
    roof = np.flatnonzero((tent < 4) & (q.y > 10) & (np.abs(q.x) + 1.4 * (q.y - 10) > 24))
    # It slopes, so that a slice meets it over a width of several millimetres.
    leaf = inside(tent[roof] - 0.5 - physique.falx, 2.5 * blur)
    paint(hu, roof, physique.falx_hu - 4, 0.55 * leaf)
    sinus = np.flatnonzero((np.abs(q.x) < 7) & (depth < 8) & ((q.z > 30) | (q.y > 40)))
    distance = np.abs(q.x[sinus]) + 0.8 * depth[sinus] - 4.6
    keep = (q.z[sinus] > -14) | (depth[sinus] < 0)
    paint(hu, sinus, physique.blood, inside(distance, 1.5 * blur) * keep)
    # Where the tentorium meets the skull the transverse sinuses run to either side of the torcula;
    # the right one is the larger in most.
    band = np.flatnonzero((tent < 9) & (depth < 8) & (q.y > 26))
    large = np.where(q.x[band] > 0, np.float32(3.4), np.float32(4.4))
    large += 2.5 * np.exp(-np.square(q.x[band] * 0.12))
    distance = np.hypot(depth[band] - 1.5, 0.7 * tent[band]) - large
    paint(hu, band, physique.blood, inside(distance, 1.5 * blur))


def draw_falx(
    hu: Field, q: Points, physique: Physique, blur: float, near_fluid: np.ndarray | None = None
) -> None:
    """Draw the falx, only `near_fluid` where that is given."""
    # The falx reaches deeper behind than in front.
    edge = 1.42 - 0.004 * q.y
    above = q.z > 1 - 0.22 * np.maximum(q.y - 28, 0)
    close = (np.abs(q.x) < 2.5) & (_bridge(q) > edge) & above & (q.z > -16)
    falx = np.flatnonzero(close if near_fluid is None else close & near_fluid)
    paint(hu, falx, physique.falx_hu, 0.75 * inside(np.abs(q.x[falx]) - physique.falx, blur))


def _bridge(q: Points) -> Field:
    """Return the radius in the midline's ellipse, 1 on its edge."""
    (_, y, z), (ry, rz) = CALLOSUM
    return np.sqrt(np.square((q.y - y) * (1 / ry)) + np.square((q.z - z) * (1 / rz)))
