"""Blood in the ventricles: clots, and red cells that settle in the horns of who lies on the back.

It is not a hematoma of the brain: a mask of its own holds it, and so do those of the ventricles,
which are whole cavities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.facts.sites import INFRATENTORIAL, GeneratedSite, complete
from cohort.synthetic.fields import Field, Points
from cohort.synthetic.style import scaled_share

BLOOD_HU = (42.0, 72.0)
"""Mixed with fluid it is lighter than in the brain."""
VENTRICULAR_CHANCES: dict[GeneratedSite, tuple[float, float, float]] = complete(
    f"{__name__}.VENTRICULAR_CHANCES",
    {
        # Chance at 0 mL, for each mL, and at most. 45 % of all bleeds by a textbook (Stroke
        # Syndromes, 3rd edition, Cambridge University Press), 53 % of the supratentorial ones
        # (Trifan et al. 2019, doi:10.3389/fneur.2019.00217), 84 % of the thalamic ones (Menon et
        # al. 2019, doi:10.2174/1874205X01913010076). How the chance depends on the other sites and
        # on the volume is our choice.
        "basal_ganglia": (0.08, 0.013, 0.75),
        "thalamus": (0.45, 0.03, 0.85),
        "lobar": (0.05, 0.005, 0.45),
        "cerebellum": (0.12, 0.015, 0.5),
        "brainstem": (0.08, 0.03, 0.45),
    },
)
SEDIMENT_SHARE = 0.75
"""How many have a level in the horns."""
FORAMEN_MM = (0.0, -18.0, 6.0)
"""Between the lateral ventricles and the third, head coordinates."""
DAMMED_SHARE = 0.5
"""Hydrocephalus with blood in the ventricles: our choice. Of all supratentorial bleeds 40 of 81 had
it on an intensive care unit (Diringer et al. 1998, doi:10.1161/01.STR.29.7.1352)."""
DAMMED_MM = (1.0, 3.5)


@dataclass(frozen=True)
class Ventricular:
    """Blood in the ventricles.

    Attributes
    ----------
    near, far, central
        Share (0..1) that clot fills: of the lateral ventricle on the bleed's side, of the other,
        and of the third and fourth.
    sediment
        Share of each lateral ventricle that lies below the level of settled blood.
    density
        HU of the clot.
    stain
        HU by which the fluid above is denser.
    widening_mm
        How far the walls of the ventricles are pushed out.
    """

    near: float
    far: float
    central: float
    sediment: float
    density: float
    stain: float
    widening_mm: float


@dataclass(frozen=True)
class Cavities:
    """The ventricles on a part of the grid, arrays [z, y, x].

    Attributes
    ----------
    lateral, central
        Distance from the lateral ventricle of the voxel's side, and from the third and fourth
        ventricle; mm, negative inside.
    left
        Where the patient's left is.
    fluid
        Share of fluid.
    """

    lateral: Field
    central: Field
    left: NDArray[np.bool_]
    fluid: Field


def draw_ventricular(
    rng: np.random.Generator,
    site: GeneratedSite,
    volume_ml: float,
    density: float,
    often: float = 1.0,
) -> Ventricular | None:
    """Draw the blood that a bleed leaves in the ventricles; None in more than half.

    `often` is the style's factor on how often there is some.
    """
    least, more, most = VENTRICULAR_CHANCES[site]
    if rng.random() >= scaled_share(often, min(most, least + more * volume_ml)):
        return None
    much = float(rng.beta(1.1, 1.5))
    below = site in INFRATENTORIAL
    shares = np.clip(np.array([1.25, 0.9, 1.1]) * much + rng.normal(0, 0.1, 3), 0, 1)
    near, far, central = (shares - (0.0, 0.35, 0.15)).clip(0, 1).tolist()
    if below:  # it comes in through the fourth ventricle
        near, far, central = 0.4 * far, 0.4 * far, max(0.35, central)
    settles = near + far < 0.05 or rng.random() < SEDIMENT_SHARE
    dammed = rng.random() < DAMMED_SHARE * (0.5 + much)
    return Ventricular(
        near=near,
        far=far,
        central=central,
        sediment=float(rng.uniform(0.02, 0.16)) if settles else 0.0,
        density=float(np.clip(density - rng.uniform(0, 14), *BLOOD_HU)),
        stain=float(rng.uniform(0, 14)) * much,
        widening_mm=float(rng.uniform(*DAMMED_MM)) if dammed else 0.0,
    )


def paint_ventricular(
    hu: Field,
    cavities: Cavities,
    p: Points,
    centre: tuple[float, float, float],
    blood: Ventricular,
    noise: Field,
) -> NDArray[np.bool_]:
    """Draw the blood into `hu`; return where it fills at least half of a voxel.

    Parameters
    ----------
    hu
        HU [z, y, x], changed in place; y runs to the back, where blood settles.
    cavities
        The ventricles.
    p
        The voxels' head coordinates.
    centre
        The bleed's centre; on the midline, its near side is the left.
    blood
        What to draw.
    noise
        Smooth noise of variance 1.
    """
    seen = np.zeros(hu.shape, dtype=bool)
    near = cavities.left if centre[0] >= 0 else ~cavities.left
    lateral = cavities.lateral < 0
    for inside, share, start in (
        (lateral & near, blood.near, centre),
        (lateral & ~near, blood.far, FORAMEN_MM),
    ):
        blooded = _clot(inside, share, p, start, noise)
        blooded = np.maximum(blooded, _settled(inside, blood.sediment))
        seen[inside] |= _paint(hu, cavities.fluid, inside, blooded, blood, noise)
    inside = (cavities.central < 0) & ~lateral
    blooded = _clot(inside, blood.central, p, centre, noise)
    seen[inside] |= _paint(hu, cavities.fluid, inside, blooded, blood, noise)
    return seen


def _paint(
    hu: Field,
    fluid: Field,
    inside: NDArray[np.bool_],
    blooded: Field,
    blood: Ventricular,
    noise: Field,
) -> NDArray[np.bool_]:
    where = np.nonzero(inside)
    now, share = hu[where], blooded[where]
    value = np.clip(blood.density + 4 * noise[where], *BLOOD_HU)
    wet = fluid[where] * (now < value)
    now += blood.stain * (1 - share) * wet
    hu[where] = now + np.maximum(value - now, 0) * share * wet
    return np.asarray(share * wet >= 0.5)


def _clot(
    inside: NDArray[np.bool_],
    share: float,
    p: Points,
    start: tuple[float, float, float],
    noise: Field,
) -> Field:
    """Return how much of each voxel is clot that fills `share` of a cavity from its `start` on."""
    blooded = np.zeros(inside.shape, dtype=np.float32)
    if share <= 0 or not inside.any():
        return blooded
    x, y, z = (axis[inside] - np.float32(c) for axis, c in zip(p, start, strict=True))
    away = np.sqrt(x * x + y * y + z * z) + 7 * noise[inside]
    blooded[inside] = np.clip((np.quantile(away, share) - away) * 0.35 + 0.5, 0, 1)
    return blooded


def _settled(inside: NDArray[np.bool_], share: float) -> Field:
    """Return how much of each voxel lies behind the level of settled blood."""
    blooded = np.zeros(inside.shape, dtype=np.float32)
    if share <= 0 or not inside.any():
        return blooded
    rows = np.nonzero(inside)[1]
    blooded[inside] = np.clip(rows - np.quantile(rows, 1 - share) + 0.5, 0, 1)
    return blooded
