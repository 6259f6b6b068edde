"""What holds the brain: the cavity, the vault, the skull base, the face and the scalp."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cohort.synthetic.fields import (
    Field,
    Noise,
    Points,
    ellipsoid,
    inside,
    paint,
    smooth_max,
    smooth_min,
    tube,
)
from cohort.synthetic.physique import Bone, Physique

AIR, FAT, SKIN, MUSCLE = -1000.0, -95.0, 35.0, 58.0
VITREOUS, EYE_WALL = 8.0, 45.0

VAULT = (68.0, 83.0, 75.0)
"""Half-width, half-length and height of the cavity of the reference head, mm."""
FRONTAL_FLOOR = -23.0
"""Level of the base at the midline; the orbital roofs bulge up beside it."""
ORBITAL_ROOF = (31.0, -56.0, 17.0, 6.5)
"""x, y, reach and height of the bulge of an orbital roof."""
MIDDLE_FOSSA = ((37, -25, -22), (24, 29, 26), -18)
MIDDLE_FOSSA_BACK = ((47, -2, -17), (19, 27, 17), 0)
POSTERIOR_FOSSA = ((0, 37, -28), (57, 46, 35))
PETROUS = ((10, -1, -37, 4), (28, 6, -34, 5.0), (54, 17, -34, 8.0))
"""The pyramids of the petrous bones, which part middle and posterior fossa."""
FORAMEN = ((0, 21, -66), (15, 17, 26))
MASTOID = ((60, 16, -46), (13, 20, 20))
SPHENOID = ((0, -22, -38), (22, 19, 17))
SPHENOID_SINUS = ((0, -25, -40), (12, 12, 9))
NOSE = ((0, -66, -46), (15, 27, 22))
ORBIT = ((31, -68, -37), (19, 26, 17))
GLOBE = ((32, -78, -37), (12.5, 12.5, 12.5))
CHEEKBONE = ((51, -60, -40), (6, 9, 12))
FRONTAL_SINUS = ((0, -90, -18), (16, 6, 13))
TEMPORAL_MUSCLE = ((-28, -24), (26, 34), 11.0)
"""y and z of its thickest part, its reach along both, its thickness outside the skull, mm."""
BASE_UNEVEN_MM = 1.6
SWOLLEN, SWELLING_REACH = 30.0, 0.12
"""HU of swollen scalp, and 1 - cos of the angle over which the swelling fades."""
THIN_BASE = 2.6
"""Thickness of the orbital roofs and the floors of the fossae, mm."""
BASE_TOP = -8.0
"""Above this level there is only vault, scalp and brain."""


def cavity(p: Points, physique: Physique, noise: Noise) -> Field:
    """Return the distance in mm from the inner table, negative inside the skull.

    `noise` makes the base as uneven as it is: juga, ridges and pits.
    """
    p = physique.reference(p)
    left = p.mirrored()
    x, y, reach, height = ORBITAL_ROOF
    away = np.square(left.x - x) + 0.5 * np.square(left.y - y)
    roof = FRONTAL_FLOOR + height * np.exp(away * (-1 / reach**2))
    vault = smooth_max(_vault(p, physique), roof - p.z, 3.0)
    low = np.flatnonzero(p.z < 12)
    q = left.at(low)
    middle = smooth_min(ellipsoid(q, *MIDDLE_FOSSA), ellipsoid(q, *MIDDLE_FOSSA_BACK), 6.0)
    fossae = smooth_min(middle, ellipsoid(q, *POSTERIOR_FOSSA), 1.0)
    fossae = np.minimum(fossae, ellipsoid(q, *FORAMEN))
    flat = vault
    base = smooth_max(smooth_min(flat[low], fossae, 4.0), -tube(q, PETROUS, flat=0.75), 3.0)
    near = np.flatnonzero(np.abs(base) < 6)
    rough = BASE_UNEVEN_MM * noise(p.at(low[near]), 5.0, shift=43)
    base[near] += rough * np.clip((4 - q.z[near]) * (1 / 20), 0, 1) * (1 - np.abs(base[near]) / 6)
    flat[low] = base
    return flat + _crest(p, physique)


def draw_skull(p: Points, distance: Field, physique: Physique, noise: Noise, blur: float) -> Field:
    """Return the head without its brain in HU; the cavity holds -1000.

    Parameters
    ----------
    p
        The points, flat arrays.
    distance
        Their distance from the inner table as of `cavity`, mm.
    physique
        The patient.
    noise
        Irregularity of diploe, air cells and soft tissue.
    blur
        Partial-volume width, mm.
    """
    hu = np.full(p.x.shape, AIR, dtype=np.float32)
    thick = _thickness(p, physique)
    skin = distance - (thick + physique.scalp)
    if physique.swelling:
        skin -= _swelling(p, physique)
    muscle = _temporal_muscle(p, physique)
    skin -= muscle
    low = np.flatnonzero((p.z < BASE_TOP) & (distance > -blur))
    outline = _vault(physique.reference(p.at(low)), physique)
    skin[low] = np.minimum(skin[low], _face(p.at(low), outline, physique))
    # Under the brain the bone is thin; only the outer wall is as thick as the vault.
    thick[low] = THIN_BASE + (thick[low] - THIN_BASE) * inside(-outline - 5, 8.0)
    shell = np.flatnonzero((skin < blur) & (distance > -blur))
    q, d, s = p.at(shell), distance[shell], skin[shell]
    coarse = noise(q, 5.0)
    beneath = np.maximum(d - thick[shell] - muscle[shell], s + 2.5) + (muscle[shell] < 1)
    _scalp(hu, shell, q, s, beneath, coarse, physique, blur)
    _vault_bone(hu, shell, d, thick[shell], coarse, physique.bone, blur)
    _base(hu, p, distance, skin, thick, physique.bone, noise, blur)
    return hu


def _scalp(
    hu: Field,
    shell: np.ndarray,
    q: Points,
    skin: Field,
    muscle: Field,
    noise: Field,
    physique: Physique,
    blur: float,
) -> None:
    paint(hu, shell, FAT + 12 * noise, inside(skin, blur))
    if physique.swelling:
        swollen = np.clip(_swelling(q, physique) * 0.3, 0, 1)
        paint(hu, shell, SWOLLEN + 15 * noise, inside(skin + 2, blur) * swollen)
    paint(hu, shell, SKIN, inside(np.abs(skin + 1.3) - 1.3, blur))
    paint(hu, shell, MUSCLE + 8 * noise, inside(muscle, 2 * blur))


def _vault_bone(
    hu: Field,
    shell: np.ndarray,
    distance: Field,
    thick: Field,
    noise: Field,
    bone: Bone,
    blur: float,
) -> None:
    share = inside(np.abs(distance - 0.5 * thick) - 0.5 * thick, blur)
    middle = inside(np.abs(distance - 0.48 * thick) - 0.22 * thick, 2.0)
    paint(hu, shell, bone.table + (bone.diploe + 120 * noise - bone.table) * middle, share)


def _base(
    hu: Field,
    p: Points,
    distance: Field,
    skin: Field,
    thick: Field,
    bone: Bone,
    noise: Noise,
    blur: float,
) -> None:
    """Draw face and skull base into the lowest slices."""
    low = np.flatnonzero((p.z < BASE_TOP) & (skin < blur) & (distance > -blur))
    if not low.size:
        return
    q, outside, depth = p.at(low), inside(-distance[low], blur), -skin[low]
    left, speckle = q.mirrored(), noise(q, 2.2, shift=7)
    lumps = noise(q, 4.5, shift=9)
    below = np.clip((depth - 5) / 3, 0, 1) * inside(thick[low] + 0.5 - distance[low], 2.0)
    paint(hu, low, FAT + (MUSCLE - FAT) * np.clip(1.5 - lumps, 0, 1), below)
    orbit = ellipsoid(left, *ORBIT)
    solid = np.minimum(ellipsoid(left, *MASTOID), ellipsoid(left, *SPHENOID))
    solid = np.minimum(solid, ellipsoid(left, *CHEEKBONE))
    solid = np.minimum(solid, tube(left, PETROUS, flat=0.75))
    solid = np.minimum(solid, np.abs(orbit - 1.3) - 1.3)
    solid = np.minimum(solid, np.abs(ellipsoid(left, *NOSE) - 1.0) - 1.2)
    paint(hu, low, bone.base + 220 * speckle, inside(np.maximum(solid, 2 - depth), blur) * outside)
    _orbit(hu, low, left, orbit, depth, blur, outside)
    _air(hu, low, q, speckle, depth, bone, blur, outside)


def _orbit(
    hu: Field,
    low: np.ndarray,
    left: Points,
    orbit: Field,
    depth: Field,
    blur: float,
    outside: Field,
) -> None:
    paint(hu, low, FAT, inside(np.maximum(orbit, 1 - depth), blur) * outside)
    globe = ellipsoid(left, *GLOBE)
    paint(hu, low, EYE_WALL, inside(globe, blur))
    paint(hu, low, VITREOUS, inside(globe + 1.8, blur))
    lens = ellipsoid(left, (32, -87.5, -37), (4.5, 2, 4.5))
    paint(hu, low, 75.0, inside(lens, blur))
    # Optic nerve and the two horizontal muscles run from the globe to the orbit's tip.
    for start, end, radius in ((32, 14, 2.0), (43, 19, 1.8), (21, 13, 1.8)):
        share = np.clip((left.y + 68) / 26, 0, 1)
        across = np.hypot(left.x - (start + (end - start) * share), 0.8 * (left.z + 37)) - radius
        across = np.maximum(across, np.abs(left.y + 55) - 13)
        paint(hu, low, 40.0, inside(across, blur) * outside)


def _air(
    hu: Field,
    low: np.ndarray,
    q: Points,
    speckle: Field,
    depth: Field,
    bone: Bone,
    blur: float,
    outside: Field,
) -> None:
    left = q.mirrored()
    # Septa stand a few millimetres apart in the ethmoid; the sphenoid sinus has one.
    septa = np.minimum(np.abs(np.sin(q.x * 0.52)) - 0.28, np.abs(np.sin(q.y * 0.33)) - 0.2) * 3
    nose = np.maximum(ellipsoid(q, *NOSE) + 1.5, -septa)
    sphenoid = ellipsoid(q, SPHENOID_SINUS[0], _scaled(SPHENOID_SINUS[1], bone.sphenoid_sinus))
    sinus = np.maximum(sphenoid, 0.6 - np.abs(q.x - 1.5))
    # Cells are as far pneumatised as they are: few where the mastoid is sclerotic.
    full = np.where(q.x > 0, np.float32(bone.mastoid_left), np.float32(bone.mastoid_right))
    cells = np.maximum(ellipsoid(left, *MASTOID) + 3.5, 2.2 * (1.15 - full - speckle))
    air = np.minimum(np.minimum(nose, sinus), cells)
    if bone.frontal_sinus:
        # Nearly always one side is the larger; the septum leans.
        wide = ellipsoid(q, FRONTAL_SINUS[0], _scaled(FRONTAL_SINUS[1], bone.frontal_sinus))
        air = np.minimum(air, np.maximum(wide, 0.7 - np.abs(q.x - 2)))
    paint(hu, low, AIR, inside(np.maximum(air, 3 - depth), blur) * outside)


def _scaled(radii: Sequence[float], by: float) -> tuple[float, ...]:
    return tuple(r * by for r in radii)


def _temporal_muscle(p: Points, physique: Physique) -> Field:
    """Return the thickness of the temporal muscles outside the skull, mm."""
    (y, z), (long, tall), most = TEMPORAL_MUSCLE
    thick = np.zeros(p.x.shape, dtype=np.float32)
    here = np.flatnonzero((np.abs(p.x) > 35) & (np.abs(p.y - y) < 2 * long) & (p.z < 45))
    away = np.square((p.y[here] - y) * (1 / long)) + np.square((p.z[here] - z) * (1 / tall))
    thick[here] = most * physique.muscle * np.exp(-away)
    return thick


def _swelling(p: Points, physique: Physique) -> Field:
    """Return by how many mm the scalp is thicker: a mound around one direction."""
    x, y, z = physique.swelling_at
    radius = np.sqrt(p.x * p.x + p.y * p.y + p.z * p.z) + 1
    away = 1 - (p.x * x + p.y * y + p.z * z) / radius
    return np.float32(physique.swelling) * np.exp(away * np.float32(-1 / SWELLING_REACH))


def _thickness(p: Points, physique: Physique) -> Field:
    """Return the vault's thickness in mm: thicker in front and behind, thinner on the top."""
    share = 0.82 + 0.33 * np.square(p.y * (1 / VAULT[1]))
    share *= 1 - 0.18 * np.square(np.maximum(p.z, 0) * (1 / VAULT[2]))
    return physique.bone.thickness * share + _crest(physique.reference(p), physique)


def _crest(p: Points, physique: Physique) -> Field:
    """Return how far bone bulges inwards: at the midline in front and behind, in hyperostosis."""
    x, y = p.x * (1 / 5), p.y * (1 / VAULT[1])
    crest = 3.2 * np.exp(-x * x) * np.square(y * y)
    if physique.bone.hyperostosis:
        # Knobs beside the midline of the frontal bone, which is itself spared.
        knobs = 0.65 + 0.35 * np.cos(p.x * 0.33 + 1) * np.cos(p.z * 0.27)
        front = np.clip((-p.y - 35) * (1 / 25), 0, 1) * (1 - np.exp(-x * x)) * (p.z > -20)
        crest += np.float32(physique.bone.hyperostosis) * knobs * front
    return crest


def _face(p: Points, outline: Field, physique: Physique) -> Field:
    """Return the distance from the skin below the vault; `outline` is the vault's, prolonged."""
    head = outline - (physique.bone.thickness + physique.scalp) + np.maximum(-40 - p.z, 0) * 0.35
    return smooth_min(head, ellipsoid(p, (0, -92, -58), (13, 14, 22)), 8.0)


def _vault(p: Points, physique: Physique) -> Field:
    power = physique.squareness
    half_width = VAULT[0] * (1 + physique.egg * p.y * (1 / VAULT[1]))
    x, y = np.abs(p.x) / half_width, np.abs(p.y) * (1 / VAULT[1])
    # Below the commissures the vault's walls go on nearly upright.
    z = np.where(p.z > 0, p.z * (1 / VAULT[2]), p.z * (-1 / 110))
    rho = _power(_power(x, power) + _power(y, power) + _power(z, power), 1 / power)
    rho = np.maximum(rho, np.float32(1e-3))
    return np.sqrt(p.x * p.x + p.y * p.y + p.z * p.z) * (1 - 1 / rho)


def _power(base: Field, exponent: float) -> Field:
    """Return `base ** exponent` for a base of 0 or more, in half the time."""
    with np.errstate(divide="ignore"):  # of 0 the logarithm is minus infinity, its power 0
        return np.exp(np.log(base) * np.float32(exponent))
