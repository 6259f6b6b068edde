"""Old damage: white matter disease, lacunes and old infarcts.

White matter disease and silent infarcts grow commoner with age and high blood pressure: silent
infarcts are met in 8 to 28 % of populations (Vermeer et al. 2007, Lancet Neurology). How many those
who bleed have is our choice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohort.synthetic.fields import Field, Noise, Points, box, ellipsoid, inside
from cohort.synthetic.style import Style

LACUNE_MM = (1.5, 5.0)
"""Radius: lacunes are 3 to 15 mm wide."""
INFARCT_MM = (7.0, 17.0)
LACUNE_PLACES = ((24, -16, 4), (12, 0, 6), (20, -22, 16), (24, 0, 22), (4, 10, -26))
"""Putamen, thalamus, head of the caudate, corona radiata, pons; on either side."""
INFARCT_PLACES = ((50, -25, 20), (54, 10, 25), (30, 58, 12), (28, -55, 22), (26, 52, -38))
"""Cortex of the middle cerebral artery's two trunks, occipital, frontal; cerebellum."""
HOLE_HU, SCAR_HU = 10.0, 17.0


@dataclass(frozen=True)
class Damage:
    """A patient's old damage.

    Attributes
    ----------
    pallor
        How much darker than healthy the white matter beside the ventricles is, HU: 4 to 11.
    reach
        How far from the ventricles, mm.
    holes
        Lacunes and infarcts: centre, radii (mm), HU.
    """

    pallor: float
    reach: float
    holes: tuple[tuple[tuple[float, ...], tuple[float, ...], float], ...]


def draw_damage(rng: np.random.Generator, age: int, style: Style) -> Damage:
    """Draw the old damage of a patient of that age."""
    old = float(np.interp(age, (40, 80), (0.1, 0.75)))
    ill, lacunar, infarct = rng.random(3) < np.minimum(
        np.array((old, 0.5 * old, 0.15 * old)) * style.lesions, 0.9
    )
    pallor, reach = float(rng.uniform(4, 11)), float(rng.uniform(2, 10))
    holes = []
    for _ in range(int(rng.integers(1, 4)) if lacunar else 0):
        radii = rng.uniform(*LACUNE_MM) * rng.uniform(0.7, 1.2, 3)
        holes.append((_place(rng, LACUNE_PLACES, 3), tuple(map(float, radii)), HOLE_HU))
    if infarct:
        radii = rng.uniform(*INFARCT_MM) * rng.uniform(0.7, 1.3, 3)
        holes.append((_place(rng, INFARCT_PLACES, 5), tuple(map(float, radii)), SCAR_HU))
    return Damage(pallor if ill else 0.0, reach, tuple(holes))


def draw_old_damage(
    hu: Field, q: Points, ventricle: Field, white: Field, damage: Damage, noise: Noise
) -> None:
    """Darken the tissue in `hu`, flat arrays over the points `q`.

    Parameters
    ----------
    hu, q
        HU and where the points were before the bleed.
    ventricle
        Distance from the lateral ventricles, mm.
    white
        Share of white matter, 0..1.
    damage, noise
        The patient's, and the patches' shape.
    """
    if damage.pallor:
        here = np.flatnonzero((ventricle < 2.2 * damage.reach + 5) & (white > 0.3))
        patchy = np.float32(damage.reach) * (1 + 0.55 * noise(q.at(here), 7.0, shift=23))
        share = inside(ventricle[here] - patchy, 9.0) * white[here]
        hu[here] -= np.float32(damage.pallor) * share
    for centre, radii, value in damage.holes:
        here = box(q, centre, [1.5 * r + 3 for r in radii])
        if here.size:
            p = q.at(here)
            distance = ellipsoid(p, centre, radii)
            distance += 0.35 * min(radii) * noise(p, 0.6 * min(radii) + 1, shift=37)
            hu[here] += (np.minimum(value, hu[here]) - hu[here]) * inside(distance, 2.5)


def _place(rng: np.random.Generator, places: tuple, scatter: float) -> tuple[float, ...]:
    x, y, z = np.array(places[int(rng.integers(len(places)))]) + rng.normal(0, scatter, 3)
    return float(x if rng.random() < 0.5 else -x), float(y), float(z)
