"""Hyperdense things that are not bleeds: calcifications, arteries, a drain.

How often each is met in adults: pineal 71 %, choroid plexus 66 %, habenula 20 %, dura 7 %,
vessels 7 %, basal ganglia 1 % (Daghighi et al. 2007, Folia Morphologica 66:115, CT of 1,569
patients); all grow commoner with age. How fast, and what they didn't count, is our choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from cohort.synthetic.fields import Field, Noise, Points, box, ellipsoid, inside, paint, tube
from cohort.synthetic.style import Style

Kind = Literal["pineal", "habenula", "plexus", "pallidum", "dentate", "dura", "siphon", "drain"]

SHARES: dict[Kind, tuple[float, float]] = {
    # Share of patients at 40 and at 80 years.
    "pineal": (0.60, 0.82),
    "habenula": (0.15, 0.25),
    "plexus": (0.50, 0.80),
    "pallidum": (0.01, 0.08),
    "dentate": (0.003, 0.02),
    "dura": (0.03, 0.15),
    "siphon": (0.05, 0.65),
    "drain": (0.015, 0.015),
}
RAGGED = 0.35
"""How ragged a calcification's edge is, as a share of its radius."""
ARTERIES = (
    ((0, -3, -34, 1.7), (0, -5, -24, 1.8), (0, -4, -15, 1.5)),
    ((8, -18, -24, 1.9), (9, -21, -16, 1.7), (22, -27, -13, 1.4), (33, -31, -9, 1.1)),
)
"""Basilar artery; siphon and middle cerebral artery."""
ARTERY_BELOW_BLOOD = 8.0
"""Arteries are smaller than sinuses: less of the voxel is theirs."""


@dataclass(frozen=True)
class Spot:
    """A calcification: an ellipsoid in head coordinates, mm and HU."""

    kind: Kind
    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    hu: float


@dataclass(frozen=True)
class Drain:
    """A catheter from the vault to a frontal horn: nodes (x, y, z, radius), HU of its wall."""

    line: tuple[tuple[float, float, float, float], ...]
    hu: float


def draw_spots(rng: np.random.Generator, age: int, style: Style) -> tuple[Spot, ...]:
    """Draw a patient's calcifications."""
    spots: list[Spot] = []

    def add(kind: Kind, centre: tuple, scatter: float, radii: tuple, hu: tuple) -> None:
        x, y, z = (float(c) for c in np.array(centre) + rng.normal(0, scatter, 3))
        r = np.array(radii) * rng.uniform(0.75, 1.3, 3)
        at = (0.0 if centre[0] == 0 else x, y, z)
        spots.append(Spot(kind, at, (float(r[0]), float(r[1]), float(r[2])), rng.uniform(*hu)))

    def sides(both: float) -> tuple[int, ...]:
        return (1, -1) if rng.random() < both else (int(rng.choice((1, -1))),)

    for kind, shares in SHARES.items():
        share = float(np.interp(age, (40, 80), shares)) * style.calcified
        if kind == "drain" or rng.random() >= share:
            continue
        size = float(np.clip(rng.lognormal(0, 0.35), 0.5, 2.2))
        if kind == "pineal":
            add(kind, (0, 17, 0), 0.8, (1.8 * size, 2.2 * size, 2.4 * size), (90, 420))
        elif kind == "habenula":
            add(kind, (0, 11.5, 2), 0.7, (2.2, 0.9, 1.4), (80, 250))
        elif kind == "plexus":
            for sign in sides(0.75):
                own = size * rng.uniform(0.7, 1.2)
                shape = (1.5 * own, 2.6 * own, 3.0 * own)
                add(kind, (sign * 22, 26, 9), 1.5, shape, (80, 450))
        elif kind == "pallidum":
            for sign in sides(0.85):
                add(kind, (sign * 18, -12, 0), 0.8, (1.9 * size, 4 * size, 3), (55, 200))
        elif kind == "dentate":
            for sign in (1, -1):
                add(kind, (sign * 15, 42, -36), 0.8, (4 * size, 3 * size, 3), (60, 250))
        elif kind == "dura":
            for _ in range(int(rng.integers(1, 4))):
                y = rng.uniform(-58, 35)
                # The falx: near its free edge above the callosum, up to the vault.
                z = rng.uniform(36, 60)
                add(kind, (0, y, z), 0.5, (0.9, 4 * size, 3 * size), (150, 800))
        elif kind == "siphon":
            for sign in sides(0.7):
                add(kind, (sign * 9, -15, -22), 0.8, (1.2, 3.0 * size, 1.5), (150, 700))
    return tuple(spots)


def draw_drain(rng: np.random.Generator) -> Drain | None:
    """Draw a ventricular catheter for the few who have one."""
    has, sign = rng.random() < SHARES["drain"][0], float(rng.choice((1, -1)))
    entry = np.array((26.0, -32.0, 72.0)) + rng.normal(0, 4, 3)
    tip = np.array((5.0, -20.0, 6.0)) + rng.normal(0, 2, 3)
    hu = float(rng.uniform(150, 400))
    if not has:
        return None
    ends = [(sign * float(e[0]), float(e[1]), float(e[2]), 1.3) for e in (entry, tip)]
    return Drain((ends[0], ends[1]), hu)


def draw_dense(
    hu: Field,
    q: Points,
    spots: tuple[Spot, ...],
    drain: Drain | None,
    blood: float,
    noise: Noise,
    blur: float,
) -> None:
    """Draw arteries, calcifications and drain into `hu`, flat arrays over the points `q`.

    `blood` is the HU of the venous sinuses; `blur` the partial-volume width, mm.
    """
    here = box(q, (0, -14, -22), (38, 22, 18))
    if here.size:
        left = q.at(here).mirrored()
        vessels = np.minimum.reduce([tube(left, line) for line in ARTERIES])
        paint(hu, here, blood - ARTERY_BELOW_BLOOD, inside(vessels, 1.5 * blur))
    for spot in spots:
        here = box(q, spot.centre, [1.6 * r + 2 for r in spot.radii])
        if here.size:
            p = q.at(here)
            distance = ellipsoid(p, spot.centre, spot.radii)
            distance += RAGGED * min(spot.radii) * noise(p, 1.8, shift=31)
            paint(hu, here, spot.hu, inside(distance, blur))
    if drain is not None:
        (x0, y0, z0, _), (x1, y1, z1, _) = drain.line
        centre = ((x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2)
        reach = [abs(b - a) / 2 + 3 for a, b in ((x0, x1), (y0, y1), (z0, z1))]
        here = box(q, centre, reach)
        if here.size:
            paint(hu, here, drain.hu, inside(tube(q.at(here), drain.line), blur))
