"""The plan of a case, drawn before its head: who, where, and how large the bleed shall be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np

from cohort.facts.sites import LOBES, GeneratedSite, Lobe, complete
from cohort.synthetic.bleeds.clot import Clot, draw_clot
from cohort.synthetic.bleeds.intraventricular import Ventricular, draw_ventricular
from cohort.synthetic.bleeds.outline import ClotOutline, draw_outline
from cohort.synthetic.bleeds.outside import Layer, Subarachnoid, draw_layer, draw_subarachnoid
from cohort.synthetic.story import Focus, Side
from cohort.synthetic.style import Style

SITE_SHARES: dict[GeneratedSite, float] = complete(
    f"{__name__}.SITE_SHARES",
    {
        # Hypertensive bleeds: textbooks give 50 to 65 % to putamen and basal ganglia, the rest to
        # thalamus, lobes, cerebellum and pons. The shares within these bounds are our choice.
        "basal_ganglia": 0.60,
        "thalamus": 0.15,
        "lobar": 0.13,
        "cerebellum": 0.07,
        "brainstem": 0.05,
    },
)
LOBE_SHARES: dict[Lobe, float] = complete(
    f"{__name__}.LOBE_SHARES",
    {"frontal": 0.3, "temporal": 0.3, "parietal": 0.25, "occipital": 0.15},
    LOBES,
)
VOLUMES_ML: dict[GeneratedSite, tuple[float, float, float, float]] = complete(
    f"{__name__}.VOLUMES_ML",
    {
        # Median, sigma of the logarithm, smallest and largest. Of a whole population's bleeds the
        # median is 10 mL in the deep and 29 mL in the lobar ones (Robinson et al. 2022, Int J
        # Stroke), the mean of thalamic ones 13 ± 9.5 mL (Menon et al. 2019,
        # doi:10.2174/1874205X01913010076). Masks of 747 real bleeds, the blood in ventricles
        # included, have a median of 8 mL and half of them 2 to 17 (benchmarks/README.md). Between
        # these, and for the other sites, it is our choice. The largest are what the place has room
        # for.
        "basal_ganglia": (12, 1.1, 0.5, 110),
        "thalamus": (6, 0.9, 0.5, 40),
        "lobar": (17, 1.2, 0.5, 120),
        "cerebellum": (8, 0.9, 0.5, 40),
        "brainstem": (3, 0.7, 0.5, 14),
    },
)
SECOND_SHARE = 0.06
"""Several hematomas at once: 5.9 % (Wu et al. 2017, Stroke 48:581) and 5.6 % (Stemer et al. 2010,
Cerebrovasc Dis 30:302)."""
SECOND_ML = (3.0, 0.7, 0.7, 12.0)
"""Volume of the second, as in `VOLUMES_ML`, and never more than half of the first's."""
SHIFT_PER_ML: dict[GeneratedSite, float] = complete(
    f"{__name__}.SHIFT_PER_ML",
    {
        # mm for each mL beyond SHIFT_FREE_ML; below the tentorium the midline stays.
        "basal_ganglia": 0.21,
        "thalamus": 0.24,
        "lobar": 0.18,
        "cerebellum": 0.0,
        "brainstem": 0.0,
    },
)
SHIFT_FREE_ML = 9.0
"""Volume that sulci and ventricles make room for before the midline moves."""
SHIFT_SCATTER_MM, SHIFT_SCATTER = 1.3, 0.15
"""One sigma: in mm, and as a share of the shift."""
LARGEST_SHIFT_MM = 15.0
TRAPPED_FROM_MM, TRAPPED_PER_MM = 6.0, 0.3
"""A shift beyond this closes the foramen across, and that lateral ventricle dilates."""
ONSET_HOURS, ONSET_SIGMA, ONSET_RANGE = 5.0, 1.0, (0.5, 240.0)
"""Median of the time to the first CT; most come on the first day, some after days."""


@dataclass(frozen=True)
class Plan:
    """What a case is to be; its masks decide what it turns out to be.

    Attributes
    ----------
    age, sex, onset_hours, site, side, lobe
        As in `Story`; without a site there is no hematoma.
    volume_ml
        Volume of the largest hematoma, 0 for none.
    shift_mm
        How far the midline is pushed away from `side`.
    second
        A second, smaller hematoma.
    clot, outline
        What the hematomas look like, and their shape.
    ventricular, subarachnoid, layer
        Blood in the ventricles, in sulci and cisterns, along the skull.
    trapped_mm
        How far the walls of the lateral ventricle across are pushed out, since fluid is dammed.
    """

    age: int
    sex: Literal["male", "female"]
    onset_hours: float
    site: GeneratedSite | None
    side: Side | None
    lobe: Lobe | None
    volume_ml: float
    shift_mm: float
    second: Focus | None = None
    clot: Clot = Clot()
    outline: ClotOutline = ClotOutline()
    ventricular: Ventricular | None = None
    subarachnoid: Subarachnoid | None = None
    layer: Layer | None = None
    trapped_mm: float = 0.0

    @property
    def first(self) -> Focus | None:
        """The largest hematoma; None without one."""
        if self.site is None:
            return None
        return Focus(self.site, self.side, self.lobe, self.volume_ml)


def draw_plan(rng: np.random.Generator, style: Style = Style()) -> Plan:  # noqa: B008 frozen
    """Draw the plan of a case of a hospital's."""
    patient = Plan(
        # Bleeds grow commoner with age and are commoner in men (An et al. 2017,
        # doi:10.5853/jos.2016.00864); how much is our choice.
        age=int(np.clip(rng.normal(60, 11), 32, 88)),
        sex="male" if rng.random() < 0.62 else "female",
        onset_hours=round(
            float(np.clip(rng.lognormal(np.log(ONSET_HOURS), ONSET_SIGMA), *ONSET_RANGE)), 1
        ),
        site=None,
        side=None,
        lobe=None,
        volume_ml=0.0,
        shift_mm=0.0,
    )
    if rng.random() < style.bleed_free:
        return replace(
            patient,
            subarachnoid=draw_subarachnoid(rng, None, style.outer),
            layer=draw_layer(rng, True, style.outer),
        )
    first = _focus(rng, style.volume)
    shift = _shift(rng, first)
    clot = draw_clot(rng, patient.onset_hours, first.volume_ml)
    trapped = TRAPPED_PER_MM * (shift - TRAPPED_FROM_MM) + rng.normal(0, 0.4)
    return replace(
        patient,
        site=first.site,
        side=first.side,
        lobe=first.lobe,
        volume_ml=first.volume_ml,
        shift_mm=shift,
        second=_second(rng, first) if rng.random() < SECOND_SHARE else None,
        clot=clot,
        outline=draw_outline(rng),
        ventricular=draw_ventricular(
            rng, first.site, first.volume_ml, clot.density, style.ventricular
        ),
        subarachnoid=draw_subarachnoid(rng, first.site, style.outer),
        layer=draw_layer(rng, False, style.outer),
        trapped_mm=float(np.clip(trapped, 0, 3.5)) if shift > TRAPPED_FROM_MM else 0.0,
    )


def _focus(rng: np.random.Generator, volume: float = 1.0) -> Focus:
    site = cast(GeneratedSite, _choose(rng, SITE_SHARES))
    central = site == "brainstem" and rng.random() < 0.5
    side: Side = "left" if rng.random() < 0.5 else "right"
    median, sigma, least, most = VOLUMES_ML[site]
    return Focus(
        site=site,
        side=None if central else side,
        lobe=cast(Lobe, _choose(rng, LOBE_SHARES)) if site == "lobar" else None,
        volume_ml=_volume(rng, median * volume, sigma, least, most),
    )


def _second(rng: np.random.Generator, first: Focus) -> Focus | None:
    """Draw a second hematoma at another site or on the other side; None beside a tiny one."""
    median, sigma, least, most = SECOND_ML
    most = min(most, 0.5 * first.volume_ml)
    if most <= least:
        return None
    while (found := _focus(rng)).site == first.site and found.side == first.side:
        pass
    most = min(most, VOLUMES_ML[found.site][3])
    return replace(found, volume_ml=_volume(rng, median, sigma, least, most))


def _volume(
    rng: np.random.Generator, median: float, sigma: float, least: float, most: float
) -> float:
    while not least <= (volume := float(rng.lognormal(np.log(median), sigma))) <= most:
        pass
    return volume


def _shift(rng: np.random.Generator, focus: Focus) -> float:
    scatter = rng.normal(0, 1, 2)
    per_ml = SHIFT_PER_ML[focus.site]
    if per_ml == 0:
        return 0.0
    shift = per_ml * (focus.volume_ml - SHIFT_FREE_ML) * (1 + SHIFT_SCATTER * scatter[1])
    return float(np.clip(shift + SHIFT_SCATTER_MM * scatter[0], 0, LARGEST_SHIFT_MM))


def _choose(rng: np.random.Generator, shares: dict) -> str:
    names, weights = list(shares), np.array(list(shares.values()))
    return str(names[int(rng.choice(len(names), p=weights / weights.sum()))])
