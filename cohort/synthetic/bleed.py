"""The hematoma: where it lies, its lobulated shape, its blood and the edema around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.errors import UsageError
from cohort.synthetic.fields import Field, Noise, Points
from cohort.synthetic.plan import Plan


@dataclass(frozen=True)
class Place:
    """Where bleeds of a kind arise, on the patient's left, in head coordinates.

    Attributes
    ----------
    centre
        Centre in mm.
    scatter
        One sigma of the centre, mm.
    shape
        Relative radii along x, y, z.
    turn
        Rotation about the z axis in degrees, from the y axis toward the patient's left.
    """

    centre: tuple[float, float, float]
    scatter: float
    shape: tuple[float, float, float]
    turn: float


PLACES = {
    # The putamen's bleed runs along the external capsule: longer than wide.
    "basal_ganglia": Place((29, -14, 5), 2.0, (0.78, 1.35, 1.0), 12),
    "thalamus": Place((13, 2, 7), 1.2, (0.9, 1.15, 1.0), -25),
    "frontal": Place((28, -43, 24), 3.0, (0.9, 1.2, 0.95), -15),
    "temporal": Place((43, -4, -9), 2.5, (0.75, 1.4, 0.9), 5),
    "parietal": Place((31, 28, 35), 3.0, (0.95, 1.15, 0.95), 10),
    "occipital": Place((27, 55, 12), 3.0, (0.9, 1.2, 0.95), 15),
    "cerebellum": Place((23, 46, -36), 2.5, (1.1, 0.95, 0.85), 0),
    "brainstem": Place((3.5, 10, -28), 0.8, (1.1, 0.9, 1.1), 0),
}

LOBULES = (0.30, 0.10)
"""How far coarse and fine lobules bulge, as a share of the radius."""
BLOOD_HU = (60.0, 75.0)
"""Fresh clot: 60 to 80 HU by its haematocrit (New and Aronow 1976)."""
EDEMA_HU = 19.0
EDEMA_MM = (2.8, 7.0)
"""Width of the rim at the onset and from the third day on."""


def bleed_centre(plan: Plan, rng: np.random.Generator) -> tuple[float, float, float]:
    """Draw the centre of the plan's bleed, in head coordinates."""
    place = PLACES[plan.lobe or plan.site]
    x, y, z = (float(c + rng.normal(0, place.scatter)) for c in place.centre)
    if plan.side is None:
        return float(rng.normal(0, 0.8)), y, z
    if plan.site == "basal_ganglia":
        # Large bleeds dissect outwards, away from the capsule, and up into the corona radiata.
        x, z = x + 0.06 * plan.volume_ml, z + 0.13 * plan.volume_ml
    return (x if plan.side == "left" else -x), y, z


def bleed_shape(
    p: Points, plan: Plan, centre: tuple[float, float, float], radius: float, noise: Noise
) -> Field:
    """Return a distance-like field in mm, smaller nearer to the bleed's heart."""
    place = PLACES[plan.lobe or plan.site]
    x, y, z = (axis - c for axis, c in zip(p, centre, strict=True))
    angle = np.radians(place.turn if centre[0] > 0 else -place.turn)
    c, s = float(np.cos(angle)), float(np.sin(angle))
    x, y = c * x - s * y, s * x + c * y
    x, y, z = (axis * (1 / r) for axis, r in zip((x, y, z), place.shape, strict=True))
    bulges = LOBULES[0] * noise(p, 0.45 * radius, shift=3) + LOBULES[1] * noise(p, 3.0, shift=11)
    return np.sqrt(x * x + y * y + z * z) + radius * bulges


def grow(field: Field, allowed: NDArray[np.bool_], voxels: int) -> NDArray[np.bool_]:
    """Return the `voxels` allowed voxels of the lowest `field`, all that belong to one clot.

    Raises
    ------
    UsageError
        If fewer are allowed, since the grid is too coarse or too small for a head.
    """
    from scipy.ndimage import label

    left = allowed
    # What lies apart from the clot is taken away and the clot grown on, until none lies apart.
    for _ in range(5):
        if left.sum() < voxels:
            raise UsageError("the grid is too small for a hematoma; use a larger --size.")
        level = np.partition(field[left], voxels - 1)[voxels - 1]
        mask = left & (field <= level)
        parts, count = label(mask)
        if count < 2:
            break
        sizes = np.bincount(parts.ravel())
        sizes[0] = 0
        left = left & ~(mask & (parts != sizes.argmax()))
    return mask


def draw_bleed(
    hu: Field,
    mask: NDArray[np.bool_],
    brain: Field,
    mm: float,
    plan: Plan,
    noise: Field,
) -> None:
    """Draw clot and edema into `hu`, all arrays [z, y, x] of a part of the head around the bleed.

    Parameters
    ----------
    hu
        HU, changed in place.
    mask
        The clot.
    brain
        Share of brain tissue, which alone swells.
    mm
        Size of a voxel in the plane.
    plan
        For the age of the blood.
    noise
        Smooth noise of variance 1, for the clot's density.
    """
    from scipy.ndimage import gaussian_filter

    clot = mask.astype(np.float32)
    width = float(np.interp(plan.onset_hours, (0, 72), EDEMA_MM))
    halo = gaussian_filter(clot, (0.3, width / mm, width / mm), truncate=2.5)
    share = np.clip(halo * 2.2, 0, 0.9) * brain * (1 - clot)
    hu += (EDEMA_HU - hu) * share * (hu > EDEMA_HU)
    edge = gaussian_filter(clot, (0.0, 0.7 / mm, 0.7 / mm), truncate=2.5)
    density = float(np.interp(plan.volume_ml, (2, 40), (BLOOD_HU[0] + 3, BLOOD_HU[1] - 4)))
    hu += (np.clip(density + 3 * noise, *BLOOD_HU) - hu) * np.maximum(edge, 0.8 * clot) * brain
