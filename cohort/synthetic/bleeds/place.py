"""The hematoma: where it lies and how it spreads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import UsageError
from cohort.facts.sites import complete, sites_and_lobes
from cohort.space.shapes.pieces import FACES, label_pieces
from cohort.synthetic.bleeds.outline import ClotOutline
from cohort.synthetic.fields import Field, Noise, Points
from cohort.synthetic.story import Focus


@dataclass(frozen=True)
class BleedPlace:
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
    basal
        A second centre beside bone: over the orbital roof, in the temporal pole.
    """

    centre: tuple[float, float, float]
    scatter: float
    shape: tuple[float, float, float]
    turn: float
    basal: tuple[float, float, float] | None = None


BLEED_PLACES: dict[str, BleedPlace] = complete(
    f"{__name__}.BLEED_PLACES",
    {
        # The putamen's bleed runs along the external capsule: longer than wide.
        "basal_ganglia": BleedPlace((29, -14, 5), 2.0, (0.78, 1.35, 1.0), 12),
        "thalamus": BleedPlace((13, 2, 7), 1.2, (0.9, 1.15, 1.0), -25),
        "frontal": BleedPlace((28, -43, 24), 3.0, (0.9, 1.2, 0.95), -15, (23, -50, -5)),
        "temporal": BleedPlace((43, -4, -9), 2.5, (0.75, 1.4, 0.9), 5, (38, -34, -21)),
        "parietal": BleedPlace((31, 28, 35), 3.0, (0.95, 1.15, 0.95), 10),
        "occipital": BleedPlace((27, 55, 12), 3.0, (0.9, 1.2, 0.95), 15),
        "cerebellum": BleedPlace((23, 46, -36), 2.5, (1.1, 0.95, 0.85), 0),
        "brainstem": BleedPlace((3.5, 10, -28), 0.8, (1.1, 0.9, 1.1), 0),
    },
    sites_and_lobes(),
)

BASAL_SHARE = 0.35
"""Of the bleeds of a lobe that has a basal centre, those that arise there; our choice."""
FINE_LOBULES, LOBULES_MM = 0.5, 1.4
"""How far the fine lobules bulge, as a share of the coarse ones, and both for each radius."""
DRIFT_ML = 60.0
"""Larger bleeds than this don't drift further out."""
TRACT = (0.75, 0.35)
"""Radius of the tract by which blood breaks into a ventricle, at the bleed's heart and at the wall,
as a share of the bleed's radius."""
TRACT_REACH = 1.9
"""A ventricle further away than so many radii isn't reached."""

ISLAND_VOXELS, GROWTHS = 8, 8
"""Least size of a piece apart from its bleed, and how often a bleed grows on."""


def bleed_centre(focus: Focus, rng: np.random.Generator) -> tuple[float, float, float]:
    """Draw the centre of a hematoma, in head coordinates."""
    place = BLEED_PLACES[focus.lobe or focus.site]
    centre = place.centre
    if place.basal is not None and rng.random() < BASAL_SHARE:
        centre = place.basal
    x, y, z = (float(c + rng.normal(0, place.scatter)) for c in centre)
    if focus.side is None:
        return float(rng.normal(0, 0.8)), y, z
    if focus.site == "basal_ganglia":
        # Large bleeds dissect outwards, away from the capsule, and up into the corona radiata.
        drift = min(focus.volume_ml, DRIFT_ML)
        x, z = x + 0.06 * drift, z + 0.13 * drift
    return (x if focus.side == "left" else -x), y, z


def bleed_radius(volume_ml: float) -> float:
    """Return the radius in mm of the ball of a volume."""
    return float((volume_ml * 1000 * 3 / (4 * np.pi)) ** (1 / 3))


def bleed_shape(
    p: Points, focus: Focus, centre: tuple[float, float, float], outline: ClotOutline, noise: Noise
) -> Field:
    """Return a distance-like field in mm, smaller nearer to the bleed's heart."""
    place, radius = BLEED_PLACES[focus.lobe or focus.site], bleed_radius(focus.volume_ml)
    x, y, z = (axis - np.float32(c) for axis, c in zip(p, centre, strict=True))
    turn = place.turn + outline.turn
    angle = np.radians(turn if centre[0] > 0 else -turn)
    c, s = float(np.cos(angle)), float(np.sin(angle))
    x, y = c * x - s * y, s * x + c * y
    x = x + np.float32(outline.bend / radius) * y * y
    wide, long, high = place.shape
    longer = outline.stretch**0.5
    radii = (wide / longer, long * longer, high * outline.height)
    x, y, z = (axis * np.float32(1 / r) for axis, r in zip((x, y, z), radii, strict=True))
    field = np.sqrt(x * x + y * y + z * z)
    for *at, share in outline.lobules:
        dx, dy, dz = (a - np.float32(radius * c) for a, c in zip((x, y, z), at, strict=True))
        field = np.minimum(field, np.sqrt(dx * dx + dy * dy + dz * dz) * np.float32(1 / share))
    coarse, fine = noise(p, 0.4 * radius + 0.8, shift=3), noise(p, 0.15 * radius + 1, shift=11)
    # Its extremes are flattened, which would tear a clot apart.
    bulges = np.tanh(0.7 * coarse) + FINE_LOBULES * np.tanh(0.7 * fine)
    return field + np.float32(LOBULES_MM * radius * outline.irregularity) * bulges


def add_tract(
    field: Field,
    p: Points,
    ventricle: Field,
    centre: tuple[float, float, float],
    radius: float,
    bulges: Field,
) -> None:
    """Let a bleed reach the nearest wall of its ventricle; `field` is changed in place.

    Parameters
    ----------
    field
        As `bleed_shape` returns it.
    p, ventricle
        Head coordinates, and the distance from the ventricle, mm.
    centre, radius
        Those of the bleed, mm.
    bulges
        How far the tract's outline bulges, mm.
    """
    wall = np.nonzero(ventricle < 0)
    if not wall[0].size:
        return
    offsets = [axis[wall] - np.float32(c) for axis, c in zip(p, centre, strict=True)]
    away = np.sqrt(sum(o * o for o in offsets))
    nearest = int(away.argmin())
    length = float(away[nearest])
    if not 0 < length < TRACT_REACH * radius:
        return
    line = [float(o[nearest]) / length for o in offsets]
    x, y, z = (axis - np.float32(c) for axis, c in zip(p, centre, strict=True))
    along = np.clip(x * line[0] + y * line[1] + z * line[2], 0, length)
    x, y, z = (a - along * u for a, u in zip((x, y, z), line, strict=True))
    wide = TRACT[0] + (TRACT[1] - TRACT[0]) / length * along
    np.minimum(field, np.sqrt(x * x + y * y + z * z) / wide + bulges, out=field)


def grow(
    field: Field, allowed: NDArray[np.bool_], voxels: int, apart: float = 0.0
) -> NDArray[np.bool_]:
    """Return the `voxels` allowed voxels of the lowest `field` that belong to one bleed.

    All are of one piece but for islands of `ISLAND_VOXELS` and more, which are at most a share
    `apart` of it. A few voxels fewer are returned where the rest would always lie apart.

    Raises
    ------
    UsageError
        If fewer are allowed, since the grid is too coarse or too small for a head.
    """
    remaining = allowed
    # What lies apart from the clot is taken away and the clot grown on, until none lies apart.
    for _ in range(GROWTHS):
        if remaining.sum() < voxels:
            raise UsageError("the grid is too small for a hematoma; use a larger --size.")
        level = np.partition(field[remaining], voxels - 1)[voxels - 1]
        mask = remaining & (field <= level)
        pieces = label_pieces(mask.T, FACES)  # [x, y, z]
        away = ~_kept(pieces.voxels, apart * voxels)
        if not away[1:].any():
            return mask
        away[0] = False
        outside = away[pieces.numbered].T
        remaining = remaining & ~outside
    return mask & ~outside


def _kept(sizes: NDArray, most: float) -> NDArray[np.bool_]:
    """Return which pieces belong to the bleed, bool [1 + pieces]; `sizes` in voxels."""
    kept = np.zeros(len(sizes), dtype=bool)
    largest, *others = 1 + np.argsort(-sizes[1:], kind="stable")
    kept[largest] = True
    for piece in others:
        if ISLAND_VOXELS <= sizes[piece] <= most:
            kept[piece] = True
            most -= float(sizes[piece])
    return kept
