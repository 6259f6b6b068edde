"""The plan of a case, drawn before its head: who, where, and how large the bleed shall be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np

from cohort.synthetic.story import Side, Site

Lobe = Literal["frontal", "temporal", "parietal", "occipital"]

SITE_SHARES: dict[Site, float] = {
    # Hypertensive bleeds: about 60 % putamen and 15 % thalamus, the rest shared by lobes,
    # cerebellum and pons (Greenberg et al., Handbook of Neurosurgery; An et al. 2017,
    # doi:10.5853/jos.2016.00864).
    "basal_ganglia": 0.60,
    "thalamus": 0.15,
    "lobar": 0.13,
    "cerebellum": 0.07,
    "brainstem": 0.05,
}
LOBE_SHARES: dict[Lobe, float] = {
    "frontal": 0.3,
    "temporal": 0.3,
    "parietal": 0.25,
    "occipital": 0.15,
}
VOLUMES_ML: dict[Site, tuple[float, float, float, float]] = {
    # Median, sigma of the logarithm, smallest and largest: what the place has room for.
    "basal_ganglia": (21, 0.60, 3, 60),
    "thalamus": (9, 0.50, 2, 22),
    "lobar": (24, 0.55, 5, 60),
    "cerebellum": (11, 0.45, 3, 25),
    "brainstem": (4, 0.40, 2, 8),
}
SHIFT_PER_ML: dict[Site, float] = {
    # mm for each mL beyond SHIFT_FREE_ML; below the tentorium the midline stays.
    "basal_ganglia": 0.21,
    "thalamus": 0.24,
    "lobar": 0.18,
    "cerebellum": 0.0,
    "brainstem": 0.0,
}
SHIFT_FREE_ML = 9.0
"""Volume that sulci and ventricles make room for before the midline moves."""
SHIFT_SCATTER_MM = 1.3
LARGEST_SHIFT_MM = 12.0


@dataclass(frozen=True)
class Plan:
    """What a case is to be; its masks decide what it turns out to be.

    Attributes
    ----------
    age, sex, onset_hours, site, side, lobe
        As in `Story`.
    volume_ml
        Volume of the hematoma.
    shift_mm
        How far the midline is pushed away from `side`.
    """

    age: int
    sex: Literal["male", "female"]
    onset_hours: float
    site: Site
    side: Side | None
    lobe: Lobe | None
    volume_ml: float
    shift_mm: float


def draw_plan(rng: np.random.Generator) -> Plan:
    """Draw the plan of a case."""
    site = cast(Site, _choose(rng, SITE_SHARES))
    central = site == "brainstem" and rng.random() < 0.5
    side: Side = "left" if rng.random() < 0.5 else "right"
    volume = _volume(rng, site)
    return Plan(
        # Adults, most of them 45 to 75 years old; more men (An et al. 2017).
        age=int(np.clip(rng.normal(60, 11), 32, 88)),
        sex="male" if rng.random() < 0.62 else "female",
        onset_hours=round(float(np.clip(rng.lognormal(np.log(5), 0.9), 0.5, 72)), 1),
        site=site,
        side=None if central else side,
        lobe=cast(Lobe, _choose(rng, LOBE_SHARES)) if site == "lobar" else None,
        volume_ml=volume,
        shift_mm=_shift(rng, site, volume),
    )


def _volume(rng: np.random.Generator, site: Site) -> float:
    median, sigma, least, most = VOLUMES_ML[site]
    while not least <= (volume := float(rng.lognormal(np.log(median), sigma))) <= most:
        pass
    return volume


def _shift(rng: np.random.Generator, site: Site, volume: float) -> float:
    scatter = rng.normal(0, SHIFT_SCATTER_MM)
    if SHIFT_PER_ML[site] == 0:
        return 0.0
    beyond = volume - SHIFT_FREE_ML
    return float(np.clip(SHIFT_PER_ML[site] * beyond + scatter, 0, LARGEST_SHIFT_MM))


def _choose(rng: np.random.Generator, shares: dict) -> str:
    names, weights = list(shares), np.array(list(shares.values()))
    return str(names[int(rng.choice(len(names), p=weights / weights.sum()))])
