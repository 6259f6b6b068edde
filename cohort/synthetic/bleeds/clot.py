"""What a hematoma looks like on CT: outline, density by its age, the edema around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.synthetic.fields import Field

CLOT_HU, CLOT_HU_SIGMA = 67.0, 4.0
"""Clot of a normal haematocrit: textbooks give 60 to 80 HU; mean and sigma are our choice."""
LIQUID_HU, LIQUID_HOURS = 6.0, 3.0
"""How much lighter than a clot blood is at the onset, before it has clotted and retracted."""
ANEMIA_SHARE, ANEMIA_HU = 0.07, (8.0, 16.0)
"""Attenuation follows the haematocrit (New and Aronow 1976, doi:10.1148/121.3.635); how many are
anemic, and how far, is our choice."""
FADING_HU_PER_DAY, FADING_FROM_DAY = (0.7, 1.5), 3.0
"""Old blood loses about 1.5 HU a day by textbooks; the range is our choice."""
BORDER_MM, BORDER_SIGMA = 2.2, 0.3
"""Width over which a clot fades into the brain, median and sigma of the logarithm. With the kernel
and the slices' thickness it makes what real slices show (`benchmarks/generator/realism.py`)."""
BORDER_MM_PER_DAY = 0.2
"""Old blood fades from its rim inwards."""
DRAWN_SHARE, DRAWN_SIGMA, DRAWN_RANGE = 0.63, 0.08, (0.4, 0.8)
"""Share of clot in the outermost pixels that people draw: they draw it out to half way between clot
and brain, or further (the rim is lighter, and the kernel blurs it more)."""
OFFSETS_MM, HALVINGS = (-8.0, 8.0), 12
"""Where the clot may begin to show, and how often the bounds are halved to find out."""
RIM_SHARE, RIM_HU, RIM_MM = 0.75, (2.0, 11.0), (2.5, 6.0)
"""Clots with a lighter rim: how many, by how much at their border, and over which depth."""
MIXED_SHARE, MIXED_HU = 0.3, (5.0, 13.0)
"""Clots of parts that are denser and lighter, as bleeding that goes on leaves them."""
LAYERED_SHARE, LAYERED_HU, LAYERS_MM = 0.1, (2.0, 6.0), (3.0, 7.0)
"""Clots in shells, one around the other; how many, one sigma and their thickness."""
DENSITIES_HU = (44.0, 80.0)
SWIRL_HU = (35.0, 50.0)
"""Blood that is still liquid within the clot: the swirl sign, in 30 % of all bleeds, in larger
and earlier ones more often (Selariu et al. 2012, doi:10.1186/1471-2377-12-109; Ng et al. 2018,
doi:10.3174/ajnr.A5465)."""
BLEND_SHARE, BLEND_HU = 0.12, (14.0, 24.0)
"""A lighter part with a sharp border, 18 HU lighter or so: the blend sign, in one of six bleeds
(Li et al. 2015, Stroke 46:2119)."""
LEVEL_SHARE = 0.04
"""Red cells settled below plasma: the fluid level, in 59 % of bleeds with a clotting disorder and
2 % of the others (Pfleger et al. 1994, AJNR 15:217-223); the share is our choice between."""
FAR_MM, STEP_PIXELS, LAYERS = 8.0, 0.5, (0.125, 0.375)
"""How deep depths are told, sigma that rounds their steps off, layers of half a slice (parts of its
thickness)."""
EDEMA_HOURS = (0, 6, 24, 72, 240)
EDEMA_MM = (3.5, 6.0, 7.0, 9.0, 11.0)
"""Width at which it ends; as masks show it, it is half as wide. So the masks' oedema extension
distance (radius of the ball that bleed and edema would fill, less that of the bleed's) is some 3 mm
at the first CT: in 1,028 bleeds it was 3.0 mm then and 5.4 ± 2.6 mm at 72 hours (Hurford et al.
2019, European Stroke Journal). It grows fastest in the first two days, and until the second week
(Venkatasubramanian et al. 2011, Stroke 42:73). The steps are our choice."""
EDEMA_SIGMA = 0.35
EDEMA_HU = (15.0, 25.0)
EDEMA_MOST = 0.9
"""Share of brain that edema replaces where it is densest."""
EDEMA_CLOT = 0.2
"""Share of clot from which a voxel of its soft border no longer reads less than brain: edema of 20
HU with a fifth of 65 HU has 29. What is not seen as edema is not drawn as edema."""
EDEMA_REACH = 2.2
"""How many times the rim's width the widest of its tongues reaches."""


@dataclass(frozen=True)
class Clot:
    """One patient's clot.

    Attributes
    ----------
    density
        HU of its mass.
    mottle
        One sigma of its texture, HU.
    border_mm
        Width of its edge, sharp to washed out.
    drawn
        Share of clot in the outermost pixels of its mask.
    swirl
        Share of it that is still liquid.
    blend
        How many HU lighter its one side is; 0 for none.
    level
        Whether red cells have settled below plasma.
    rim_hu, rim_mm
        By how much its rim is lighter, and how deep that reaches.
    mixed
        HU by which parts of it are denser and others lighter.
    layered, layer_mm
        The same of shells around its middle, and their thickness.
    edema_mm, edema_hu
        Width and HU of the edema around it.
    """

    density: float = CLOT_HU
    mottle: float = 2.5
    border_mm: float = BORDER_MM
    drawn: float = DRAWN_SHARE
    swirl: float = 0.0
    blend: float = 0.0
    level: bool = False
    rim_hu: float = 5.0
    rim_mm: float = 3.0
    mixed: float = 0.0
    layered: float = 0.0
    layer_mm: float = 4.0
    edema_mm: float = 3.0
    edema_hu: float = 20.0


def draw_clot(rng: np.random.Generator, onset_hours: float, volume_ml: float) -> Clot:
    """Draw the clot of a bleed of that age and volume."""
    density = float(rng.normal(CLOT_HU, CLOT_HU_SIGMA))
    density -= LIQUID_HU * max(0.0, 1 - onset_hours / LIQUID_HOURS)
    if rng.random() < ANEMIA_SHARE:
        density -= float(rng.uniform(*ANEMIA_HU))
    old = max(0.0, onset_hours / 24 - FADING_FROM_DAY)
    density -= float(rng.uniform(*FADING_HU_PER_DAY)) * old
    liquid = 0.12 + 0.35 * min(1.0, volume_ml / 60) + 0.15 * (onset_hours < 3)
    swirls = onset_hours < 24 and rng.random() < liquid
    width = float(np.interp(onset_hours, EDEMA_HOURS, EDEMA_MM))
    return Clot(
        density=float(np.clip(density, *DENSITIES_HU)),
        mottle=float(rng.uniform(1.5, 5.0)),
        border_mm=BORDER_MM * float(rng.lognormal(0, BORDER_SIGMA)) + BORDER_MM_PER_DAY * old,
        drawn=float(np.clip(rng.normal(DRAWN_SHARE, DRAWN_SIGMA), *DRAWN_RANGE)),
        swirl=float(rng.uniform(0.06, 0.25)) if swirls else 0.0,
        blend=float(rng.uniform(*BLEND_HU)) if rng.random() < BLEND_SHARE else 0.0,
        level=bool(volume_ml > 8 and rng.random() < LEVEL_SHARE),
        rim_hu=float(rng.uniform(*RIM_HU)) if rng.random() < RIM_SHARE else 0.0,
        rim_mm=float(rng.uniform(*RIM_MM)),
        mixed=float(rng.uniform(*MIXED_HU)) if rng.random() < MIXED_SHARE else 0.0,
        layered=float(rng.uniform(*LAYERED_HU)) if rng.random() < LAYERED_SHARE else 0.0,
        layer_mm=float(rng.uniform(*LAYERS_MM)),
        edema_mm=width * float(rng.lognormal(0, EDEMA_SIGMA)),
        edema_hu=float(rng.uniform(*EDEMA_HU)),
    )


def paint_clot(
    hu: Field,
    mask: NDArray[np.bool_],
    within: Field,
    filled: Field,
    tissue: Field,
    spacing: tuple[float, float, float],
    clot: Clot,
    noise: tuple[Field, Field],
) -> NDArray[np.bool_]:
    """Draw clot and edema into `hu`, all arrays [z, y, x] of a part of the head around the bleed.

    Returns where the edema is seen: tissue that is at least halfway to it, with little clot in it.

    Parameters
    ----------
    hu
        HU, changed in place.
    mask
        The clot as people draw it.
    within, filled
        As `depth_within` and `share_of_clot` return them.
    tissue
        Share of brain tissue, which alone swells.
    spacing
        Size of a voxel along z, y, x, mm.
    clot
        What it looks like.
    noise
        Fine and coarse smooth noise of variance 1.
    """
    from scipy.ndimage import distance_transform_edt

    fine, coarse = noise
    away = distance_transform_edt(~mask, sampling=spacing).astype(np.float32)
    # Edema follows the fibres: tongues of it reach far, elsewhere there is hardly any.
    width = clot.edema_mm * np.clip(1 + 0.6 * coarse + 0.15 * fine, 0.15, EDEMA_REACH)
    rim = np.clip((width - away) / (0.5 * width + 1), 0, EDEMA_MOST)
    share = rim * tissue
    edema = clot.edema_hu + 1.5 * fine
    # Below the clot's soft border there is some edema, too.
    hu += np.minimum(edema - hu, 0) * share * np.where(mask, np.float32(0.5), np.float32(1))
    values = _density(mask, within, clot, fine, coarse, spacing[1])
    hu += (values - hu) * filled * np.maximum(tissue, 0.9 * mask)
    is_edema = (rim >= 0.5 * EDEMA_MOST) & (tissue >= 0.5)
    return np.asarray(is_edema & ~mask & (filled < EDEMA_CLOT))


def depth_within(mask: NDArray[np.bool_], pixel: float) -> Field:
    """Return the distance from the outline in each slice of a mask [z, y, x], mm.

    It is negative outside, and at most `FAR_MM` either way.
    """
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    within = np.full(mask.shape, -FAR_MM, dtype=np.float32)
    for depth, one in zip(within, mask, strict=True):
        if one.any():
            depth[:] = distance_transform_edt(one) - distance_transform_edt(~one)
            depth -= np.where(one, 0.5, -0.5)
            np.clip(depth * pixel, -FAR_MM, FAR_MM, out=depth)
    # The outline of pixels has steps.
    return gaussian_filter(within, (0, STEP_PIXELS, STEP_PIXELS), truncate=2.5)


def share_of_clot(
    within: Field, clot: Clot, coarse: Field, pixel: float, thickness: float = 1.0
) -> Field:
    """Return how much of each voxel is clot, 0..1, its soft border and its slice's thickness seen.

    It is `clot.drawn` in the median pixel of the outline.

    A slice shows the mean of what it passes through; the outline between slices is interpolated
    from the depths in them (Raya and Udupa 1990, doi:10.1109/42.52980).

    Parameters
    ----------
    within
        Depth within the outline, mm, [z, y, x], as `depth_within` returns it.
    clot
        The clot.
    coarse
        Smooth noise of variance 1, by which its border is sharper here and softer there.
    pixel
        Size of a pixel, mm.
    thickness
        Of a slice, in parts of the distance to the next.
    """
    narrower = 1 / (clot.border_mm * np.clip(1 + 0.3 * coarse, 0.4, 1.8))
    below = np.concatenate([within[:1], within[:-1]])
    above = np.concatenate([within[1:], within[-1:]])
    layers = [
        within + min(1.0, part * thickness) * (other - within)
        for part in LAYERS
        for other in (below, above)
    ]
    edge = (within > 0) & (within < pixel)
    begins = _begins([layer[edge] for layer in layers], narrower[edge], clot.drawn)
    return _filled(layers, narrower, begins)


def _begins(layers: list[Field], narrower: Field, drawn: float) -> float:
    """Return the depth at which a clot must begin so that the median voxel holds a share of it."""
    low, high = OFFSETS_MM
    for _ in range(HALVINGS if narrower.size else 0):
        middle = 0.5 * (low + high)
        if np.median(_filled(layers, narrower, middle)) > drawn:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _filled(layers: list[Field], narrower: Field, begins: float) -> Field:
    filled = np.zeros_like(narrower)
    for layer in layers:
        filled += np.clip((layer - np.float32(begins)) * narrower, 0, 1)
    return filled * np.float32(1 / len(layers))


def _density(
    mask: NDArray[np.bool_], within: Field, clot: Clot, fine: Field, coarse: Field, mm: float
) -> Field:
    from scipy.ndimage import gaussian_filter

    values = clot.density + clot.mottle * (0.7 * fine + 0.7 * coarse)
    if clot.rim_hu:
        values -= clot.rim_hu * np.clip(1 - within / clot.rim_mm, 0, 1)
    if clot.mixed:
        values += clot.mixed * np.tanh(2.5 * coarse)
    if clot.layered:
        shells = within + 2.5 * coarse
        values += 1.4 * clot.layered * np.sin(shells * (np.pi / clot.layer_mm))
    if clot.swirl:
        # It lies within rather than at the rim, and fades into the clot.
        shell = 1 - gaussian_filter(mask.astype(np.float32), (0, *[2 / mm] * 2), truncate=2.5)
        field = coarse + 0.7 * fine + 1.5 * shell
        liquid = np.quantile(field[mask], clot.swirl)
        low, high = SWIRL_HU
        lake = np.clip((liquid - field) * 1.3 + 0.4, 0, 1)
        values += (np.clip(0.5 * (low + high) + 3 * fine, low, high) - values) * lake
    rows = np.arange(mask.shape[1], dtype=np.float32)[None, :, None]
    if clot.blend:
        slices, columns = (np.arange(n, dtype=np.float32) for n in (mask.shape[0], mask.shape[2]))
        along = rows + 0.8 * columns[None, None, :] + 2 * slices[:, None, None] + 3 * coarse
        values -= clot.blend * (along < np.quantile(along[mask], 0.3))
    if clot.level:
        # The patient lies on the back: plasma is in front, red cells behind.
        front = np.quantile(np.broadcast_to(rows, mask.shape)[mask], 0.45)
        plasma = np.clip(front - rows + 0.5, 0, 1)
        values += (38 + 2 * fine - values) * plasma + 4 * (1 - plasma)
    return np.clip(values, 28, 88)
