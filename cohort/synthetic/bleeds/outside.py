"""Blood outside the brain: in sulci and cisterns, and in a thin layer along the skull.

It is there to be told from a hematoma, and has a mask of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.facts.sites import GENERATED_SITES, GeneratedSite, complete
from cohort.synthetic.fields import Field, Points
from cohort.synthetic.story import Membrane, Side
from cohort.synthetic.style import scaled_share

SUBARACHNOID_SHARES: dict[GeneratedSite | None, float] = complete(
    f"{__name__}.SUBARACHNOID_SHARES",
    {
        # Found beside 40 % of all bleeds, mostly lobar ones, by Maas et al. (2013,
        # doi:10.1161/STROKEAHA.112.674341), beside 13 % of supratentorial ones in a larger registry
        # (Wang et al. 2023, doi:10.1186/s12883-023-03087-9) and 7 % in INTERACT2 (Chen et al. 2014,
        # doi:10.1161/STROKEAHA.113.003524). The shares of the sites are our choice.
        "lobar": 0.4,
        "basal_ganglia": 0.04,
        "thalamus": 0.02,
        "cerebellum": 0.1,
        "brainstem": 0.05,
        None: 0.2,
    },
    (*GENERATED_SITES, None),
)
LAYER_SHARE, LAYER_SHARE_ALONE = 0.04, 0.2
"""How many with a hematoma, and of those without one, have a layer along the skull."""
SUBARACHNOID_HU = (48.0, 70.0)
REACH_MM, CAST_MM = (18.0, 42.0), (0.5, 1.2)
"""From a single sulcus to one side's convexity; a sulcus is one to three millimetres wide."""
LAYER_HU = (48.0, 72.0)
SUBDURAL_MM, SUBDURAL_EXTENT_MM = (2.5, 9.0), (45.0, 80.0)
"""A crescent: thin and long."""
EPIDURAL_MM, EPIDURAL_EXTENT_MM = (4.0, 12.0), (22.0, 36.0)
"""A lens: thick and short."""
POOLS_MM = ((40.0, -22.0, 0.0), (10.0, -12.0, -14.0), (34.0, 10.0, 45.0))
"""Where blood gathers without a hematoma: sylvian fissure, basal cisterns, convexity (left)."""
SKULL_MM = (66.0, 82.0, 62.0)
"""Half-axes of the inner table, to place a layer on it."""


@dataclass(frozen=True)
class Subarachnoid:
    """Blood in sulci and cisterns.

    Attributes
    ----------
    place
        Its middle, head coordinates in mm; None: around the hematoma.
    reach_mm
        How far it reaches.
    cast_mm
        How far it presses a sulcus open.
    density
        HU.
    """

    place: tuple[float, float, float] | None
    reach_mm: float
    cast_mm: float
    density: float


@dataclass(frozen=True)
class Layer:
    """Blood along the skull: a crescent under the dura or a lens over it.

    Attributes
    ----------
    membrane, side
        Which, and on which of the patient's sides.
    place
        Its middle on the inner table, head coordinates in mm.
    thick_mm, extent_mm
        Its thickness in the middle, and how far from it the layer ends.
    density
        HU.
    """

    membrane: Membrane
    side: Side
    place: tuple[float, float, float]
    thick_mm: float
    extent_mm: float
    density: float


def draw_subarachnoid(
    rng: np.random.Generator, site: GeneratedSite | None, often: float = 1.0
) -> Subarachnoid | None:
    """Draw blood in sulci and cisterns for a bleed of that site, or for none.

    `often` is the style's factor on how often there is some.
    """
    if rng.random() >= scaled_share(often, SUBARACHNOID_SHARES[site]):
        return None
    x, y, z = POOLS_MM[int(rng.integers(len(POOLS_MM)))]
    mirrored = -x if rng.random() < 0.5 else x
    return Subarachnoid(
        place=(mirrored, y, z) if site is None else None,
        reach_mm=float(rng.uniform(*REACH_MM)),
        cast_mm=float(rng.uniform(*CAST_MM)),
        density=float(rng.uniform(*SUBARACHNOID_HU)),
    )


def draw_layer(rng: np.random.Generator, alone: bool, often: float = 1.0) -> Layer | None:
    """Draw a layer of blood along the skull; `alone` says that there is no hematoma.

    `often` is the style's factor on how often there is one.
    """
    if rng.random() >= scaled_share(often, LAYER_SHARE_ALONE if alone else LAYER_SHARE):
        return None
    membrane: Membrane = "epidural" if rng.random() < 0.3 else "subdural"
    side: Side = "left" if rng.random() < 0.5 else "right"
    thick, extent = (
        (EPIDURAL_MM, EPIDURAL_EXTENT_MM)
        if membrane == "epidural"
        else (SUBDURAL_MM, SUBDURAL_EXTENT_MM)
    )
    # From the forehead round the temple to behind the ear, and from there up to the vertex.
    around, up = np.radians(rng.uniform(-50, 50)), np.radians(rng.uniform(0, 45))
    way = np.array([np.cos(around) * np.cos(up), np.sin(around) * np.cos(up), np.sin(up)])
    x, y, z = (way * SKULL_MM).tolist()
    return Layer(
        membrane=membrane,
        side=side,
        place=(x if side == "left" else -x, y, z),
        thick_mm=float(rng.uniform(*thick)),
        extent_mm=float(rng.uniform(*extent)),
        density=float(rng.uniform(*LAYER_HU)),
    )


def paint_subarachnoid(
    hu: Field,
    fluid: Field,
    allowed: NDArray[np.bool_],
    p: Points,
    place: tuple[float, float, float],
    blood: Subarachnoid,
    pixel: float,
    noise: Field,
) -> NDArray[np.bool_]:
    """Draw blood into the `fluid` (share of each voxel) of sulci and cisterns around `place`.

    Returns where it fills at least half of a voxel.

    All arrays [z, y, x]; `hu` is changed in place, where `allowed` (outside the ventricles).
    `pixel` is the size of a voxel in mm.
    """
    from scipy.ndimage import gaussian_filter

    away = _distance(p, place) * np.float32(1 / blood.reach_mm) + 0.35 * noise
    # Clot casts the sulci and presses them open: even narrow ones are seen.
    width = blood.cast_mm / pixel
    cast = gaussian_filter(fluid * allowed, (0.4, width, width), truncate=2.5)
    share = np.clip(1.6 - away, 0, 1) * np.clip(2.5 * cast, 0, 1) * allowed
    more = np.maximum(blood.density + 4 * noise - hu, 0)
    hu += more * share
    return np.asarray((share >= 0.5) & (more > 0))


def paint_layer(
    hu: Field,
    depth: Field,
    allowed: NDArray[np.bool_],
    p: Points,
    layer: Layer,
    pixel: float,
    noise: Field,
) -> NDArray[np.bool_]:
    """Draw a layer of blood along the skull; return where it fills at least half of a voxel.

    All arrays [z, y, x]; `hu` is changed in place, where `allowed`. `depth` is the distance in mm
    below the inner table, `pixel` the size of a voxel.
    """
    share = np.clip(_distance(p, layer.place) * np.float32(1 / layer.extent_mm), 0, 1)
    bulge = 1 - share * share
    # A crescent keeps its thickness almost to its tips, a lens thins out from its middle.
    thick = layer.thick_mm * (bulge if layer.membrane == "epidural" else np.sqrt(bulge))
    thick += 0.4 * noise * (bulge > 0.1)
    filled = np.clip((thick - depth) / pixel + 0.5, 0, 1) * np.clip(depth / pixel + 0.5, 0, 1)
    filled *= allowed * (bulge > 0.02) * (hu < 90)
    hu += (layer.density + 3 * noise - hu) * filled
    return np.asarray(filled >= 0.5)


def _distance(p: Points, place: tuple[float, float, float]) -> Field:
    x, y, z = (axis - np.float32(c) for axis, c in zip(p, place, strict=True))
    return np.sqrt(x * x + y * y + z * z)
