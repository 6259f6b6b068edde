"""What makes one head differ from the next: size, bone, age's traces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Physique:
    """One patient's head, in mm and HU.

    Attributes
    ----------
    width, length, height
        Scale of the reference head along x, y, z: 1 is 136 × 166 mm inside, 75 mm from the
        commissures to the vertex.
    egg
        How much narrower the forehead is than the back of the head (share of the half-width).
    skull
        Thickness of the vault; 5 to 9 mm is the range of adults.
    scalp
        Thickness of skin and fat over it.
    atrophy
        0 for a young brain to 1 for an old one: width of sulci and fissures.
    ventricle
        Widening of the ventricles' walls against the reference.
    ventricle_asymmetry
        How much wider the left is than the right lateral ventricle (half on each side).
    grey, white
        HU of cortex and white matter; 37 to 41 and 25 to 32 HU are usual.
    calcified
        0..1: how much of pineal, choroid plexus and pallidum is calcified.
    """

    width: float
    length: float
    height: float
    egg: float
    skull: float
    scalp: float
    atrophy: float
    ventricle: float
    ventricle_asymmetry: float
    grey: float
    white: float
    calcified: float


def draw_physique(rng: np.random.Generator, age: int, sex: str) -> Physique:
    """Draw the head of a patient of that age and sex."""
    size = 1.0 if sex == "male" else 0.965
    atrophy = float(np.clip((age - 35) / 50 + rng.normal(0, 0.15), 0, 1))
    return Physique(
        width=size * float(rng.uniform(0.95, 1.05)),
        length=size * float(rng.uniform(0.95, 1.05)),
        height=size * float(rng.uniform(0.96, 1.03)),
        egg=float(rng.uniform(0.06, 0.14)),
        skull=float(rng.uniform(5.5, 8.0)),
        scalp=float(rng.uniform(4.0, 7.5)),
        atrophy=atrophy,
        ventricle=float(np.clip(-0.7 + 2.2 * atrophy + rng.normal(0, 0.5), -1.0, 2.5)),
        ventricle_asymmetry=float(np.clip(rng.normal(0, 0.1), -0.2, 0.2)),
        grey=float(rng.uniform(36.5, 39.0)),
        white=float(rng.uniform(28.0, 30.5)),
        calcified=float(np.clip((age - 45) / 50 + rng.normal(0, 0.3), 0, 1)),
    )
