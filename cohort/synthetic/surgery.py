"""What a neurosurgeon leaves: a burr hole, a bone flap or its gap, a drain, air under the skull."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohort.synthetic.anatomy.calcification import Drain
from cohort.synthetic.fields import Field, Points, inside, paint, tube
from cohort.synthetic.story import Focus, Operation, Side

SHARE = 0.05
"""Of those with a hematoma, who are scanned after surgery: our choice."""
KINDS: dict[Operation, float] = {"burr_hole": 0.45, "craniotomy": 0.35, "craniectomy": 0.2}
BURR_MM, FLAP_MM, GAP_MM = (5.0, 8.0), (24.0, 42.0), (1.5, 3.5)
"""Radius of a burr hole and of a bone flap; width of the saw's cut."""
BURRS_ON_FLAP = 3
DEEP_MM, BONE_MM = 1.5, 16.0
"""Bone is cut from so far below the inner table to so far above it."""
WOUND_HU = 32.0
"""What fills a gap in bone: clot, fluid and granulation."""
TRAPPED_AIR_HU, AIR_SHARE, AIR_MM, AIR_EXTENT_MM = -950.0, 0.6, (2.0, 9.0), (18.0, 45.0)
"""Air under the skull; how many have it, how thick it is, how far it reaches."""
FRONT = (0.25, -0.85, 0.45)
"""Air gathers where the head is highest: at the forehead of who lies on the back."""
SKULL_MM = (66.0, 82.0, 70.0)
"""Half-axes of the inner table."""
DRAIN_SHARE, DRAIN_MM, DRAIN_HU = 0.7, 1.6, (150.0, 500.0)


@dataclass(frozen=True)
class Surgery:
    """One operation, head coordinates in mm.

    Attributes
    ----------
    kind, side
        What was done, on which of the patient's sides.
    place, radius
        Middle and radius of the hole or of the flap.
    gap
        Width of the cut around a flap.
    burrs
        Where the cut's burr holes are.
    air_at, air_mm, air_extent
        Middle of the air under the skull, how thick it is there, how far it reaches; 0 for none.
    drain
        A catheter into the hematoma; None without one.
    """

    kind: Operation
    side: Side
    place: tuple[float, float, float]
    radius: float
    gap: float
    burrs: tuple[tuple[float, float, float], ...]
    air_at: tuple[float, float, float]
    air_mm: float
    air_extent: float
    drain: Drain | None


def draw_surgery(
    rng: np.random.Generator, focus: Focus, centre: tuple[float, float, float]
) -> Surgery | None:
    """Draw the operation of a patient whose hematoma has that centre; None for most."""
    operated, kind_at, air, drained = rng.random(4)
    scatter, burr_angle = rng.normal(0, 0.15, 3), rng.uniform(0, 2 * np.pi)
    sizes = [rng.uniform(*r) for r in (BURR_MM, FLAP_MM, GAP_MM, AIR_MM, AIR_EXTENT_MM)]
    hu = float(rng.uniform(*DRAIN_HU))
    if operated >= SHARE or focus.side is None or abs(centre[2]) > 45:
        return None
    kinds = list(KINDS)
    kind = kinds[int(np.searchsorted(np.cumsum(list(KINDS.values())), kind_at))]
    way = np.array(centre) / SKULL_MM
    way = way / np.linalg.norm(way) + scatter
    way[2] = max(way[2], 0.1)  # nobody opens the skull base
    place = way / np.linalg.norm(way) * SKULL_MM
    across = np.cross(place, (0.0, 0.0, 1.0))
    across /= np.linalg.norm(across)
    up = np.cross(across, place / np.linalg.norm(place))
    angles = burr_angle + np.arange(BURRS_ON_FLAP) * 2 * np.pi / BURRS_ON_FLAP
    flap = sizes[1]
    around = [place + flap * (np.cos(a) * across + np.sin(a) * up) for a in angles]
    sign = 1.0 if focus.side == "left" else -1.0
    drain = ((*_tuple(1.15 * place), DRAIN_MM), (*centre, DRAIN_MM))
    return Surgery(
        kind=kind,
        side=focus.side,
        place=_tuple(place),
        radius=sizes[0] if kind == "burr_hole" else flap,
        gap=sizes[2],
        burrs=tuple(_tuple(at) for at in around) if kind == "craniotomy" else (),
        air_at=_tuple(np.array(FRONT) * (sign, 1, 1) * SKULL_MM),
        air_mm=sizes[3] if air < AIR_SHARE else 0.0,
        air_extent=sizes[4],
        drain=Drain(drain, hu) if drained < DRAIN_SHARE else None,
    )


def cut_bone(hu: Field, p: Points, distance: Field, surgery: Surgery, blur: float) -> None:
    """Open the skull in `hu`: flat arrays over the points `p`.

    `distance` is that from the inner table in mm, negative inside; `blur` the partial-volume
    width, mm.
    """
    here = np.flatnonzero((distance > -DEEP_MM) & (distance < BONE_MM) & (hu > 90))
    q = p.at(here)
    away = _away(q, surgery.place)
    if surgery.kind == "craniotomy":
        hole = np.abs(away - surgery.radius) - 0.5 * surgery.gap
        for at in surgery.burrs:
            hole = np.minimum(hole, _away(q, at) - BURR_MM[0])
    else:
        hole = away - surgery.radius
    paint(hu, here, WOUND_HU, inside(hole, blur))


def put_inside(hu: Field, p: Points, depth: Field, surgery: Surgery, blur: float) -> None:
    """Draw air and drain into `hu`: flat arrays over points at `depth` mm below the inner table."""
    if surgery.air_mm:
        share = np.clip(_away(p, surgery.air_at) * np.float32(1 / surgery.air_extent), 0, 1)
        thick = surgery.air_mm * (1 - share * share)
        here = np.flatnonzero((depth < thick + blur) & (share < 1))
        paint(hu, here, TRAPPED_AIR_HU, inside(depth[here] - thick[here], blur))
    if surgery.drain is not None:
        line = surgery.drain.line
        low = [min(a, b) - 4 for a, b in zip(*line, strict=True)]
        high = [max(a, b) + 4 for a, b in zip(*line, strict=True)]
        near = np.ones(hu.shape, dtype=bool)
        for axis, least, most in zip(p, low, high, strict=False):
            near &= (axis > least) & (axis < most)
        here = np.flatnonzero(near)
        if here.size:
            paint(hu, here, surgery.drain.hu, inside(tube(p.at(here), line), blur))


def _away(p: Points, place: tuple[float, float, float]) -> Field:
    x, y, z = (axis - np.float32(c) for axis, c in zip(p, place, strict=True))
    return np.sqrt(x * x + y * y + z * z)


def _tuple(at: np.ndarray) -> tuple[float, float, float]:
    return float(at[0]), float(at[1]), float(at[2])
