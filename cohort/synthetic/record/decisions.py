"""What decides about a hematoma, beside what a record tells anyway: scores, times, tests, signs.

It is drawn by a stream of its own and put behind what the note says without it, so that a seed's
notes keep their other words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from cohort.synthetic.record.grammar import Rules
from cohort.synthetic.record.patient import Patient
from cohort.synthetic.story import Story

GrowthSign = Literal["blend", "black_hole", "island", "swirl"]
SIGN_NAMES: dict[GrowthSign, str] = {
    "blend": "混合征", "black_hole": "黑洞征", "island": "岛征", "swirl": "漩涡征"
}  # fmt: skip
HERNIATION_MM = 10.0
"""A shift from which on the generator's patients with a wide pupil are said to herniate."""
CISTERNS_MM = 6.0
"""A shift from which on their cisterns are narrow."""
FOURTH_VENTRICLE_ML = 8.0
"""A bleed in the cerebellum from which on their fourth ventricle is pressed."""


@dataclass(frozen=True)
class Decisions:
    """What a note says more; None, or empty, is not said.

    Attributes
    ----------
    nihss, mrs_before
        Points; mRS from before the illness.
    onset_to_ct_h
        Whole hours from onset to the first CT.
    inr, platelets, fibrinogen
        Of normal coagulation; platelets in 10^9/L, fibrinogen in g/L.
    growth_sign, no_growth_sign
        A sign that the CT shows; whether it is said to show none.
    cisterns_pressed, fourth_ventricle_pressed, herniation
        Whether the CT shows it.
    slices
        How many slices of 5 mm show the hematoma.
    ventilated
        Whether the patient is intubated and ventilated after the examination.
    """

    nihss: int | None = None
    mrs_before: int | None = None
    onset_to_ct_h: int | None = None
    inr: float | None = None
    platelets: int | None = None
    fibrinogen: float | None = None
    growth_sign: GrowthSign | None = None
    no_growth_sign: bool = False
    cisterns_pressed: bool = False
    fourth_ventricle_pressed: bool = False
    herniation: bool = False
    slices: int | None = None
    ventilated: bool = False


def draw_decisions(story: Story, patient: Patient, rng: np.random.Generator) -> Decisions:
    """Draw what a note says more of a patient; `rng` serves this alone."""
    said = rng.random(10)
    numbers = rng.random(6)
    bleeds = story.site is not None
    nihss = 1.5 * (15 - patient.gcs) + (5 - patient.power_arm) + (5 - patient.power_leg)
    hours = int(story.onset_hours * (0.4 + 0.5 * numbers[0]))
    normal = "fibrillation" not in patient.diseases
    early_and_large = bleeds and story.first_ml > 10 and story.onset_hours < 8
    signs = tuple(SIGN_NAMES)
    growth = early_and_large and said[3] < 0.3
    below = story.site == "cerebellum" and story.first_ml >= FOURTH_VENTRICLE_ML
    thick = (2 * max(story.told_ml, 0.1)) ** (1 / 3) * 10 / 5
    return Decisions(
        nihss=min(40, round(nihss + 2 * numbers[1])) if bleeds and said[0] < 0.6 else None,
        mrs_before=int(2 * numbers[2] ** 2) if said[1] < 0.3 else None,
        onset_to_ct_h=hours if 1 <= hours <= 48 and said[2] < 0.5 else None,
        inr=round(0.92 + 0.2 * numbers[3], 2) if normal else None,
        platelets=int(120 + 180 * numbers[4]) if normal else None,
        fibrinogen=round(2.0 + 1.8 * numbers[5], 2),
        growth_sign=signs[int(numbers[1] * len(signs))] if growth else None,
        no_growth_sign=bleeds and not growth and said[3] > 0.8,
        cisterns_pressed=story.shift_mm >= CISTERNS_MM and said[4] < 0.7,
        fourth_ventricle_pressed=below and said[5] < 0.8,
        herniation=story.shift_mm >= HERNIATION_MM and patient.pupils == "blown",
        slices=max(2, round(thick)) if bleeds and not story.second and said[6] < 0.25 else None,
        ventilated=patient.gcs <= 8 and said[7] < 0.7,
    )


def decision_slots(rules: Rules, said: Decisions) -> Rules:
    """Return slots with more behind them; what is added leaves nothing to choose."""
    return {
        **_behind(rules, "examination_text", _scored(said)),
        **_behind(rules, "present_text", _timed(said)),
        **_behind(rules, "past_text", _before(said)),
        **_behind(rules, "blood_text", _tests(said)),
        **_behind(rules, "ct_others", _signs(said)),
        **_behind(rules, "plan_text", _airway(said)),
    }


def _behind(rules: Rules, slot: str, more: str) -> Rules:
    """Put a phrase behind each of those of a slot, if the note has the slot."""
    phrases = rules.get(slot)
    if not more or phrases is None or phrases == "无":
        return {}
    return {slot: phrases + more if isinstance(phrases, str) else tuple(p + more for p in phrases)}


def _scored(said: Decisions) -> str:
    return "" if said.nihss is None else f"。NIHSS评分{said.nihss}分"


def _timed(said: Decisions) -> str:
    if said.onset_to_ct_h is None:
        return ""
    return f"。{{TIME:发病后{said.onset_to_ct_h}小时}}行头颅CT检查"


def _before(said: Decisions) -> str:
    return "" if said.mrs_before is None else f"。病前mRS评分{said.mrs_before}分"


def _tests(said: Decisions) -> str:
    parts = [f"INR {said.inr}"] if said.inr is not None else []
    parts += [f"血小板 {said.platelets}×10^9/L"] if said.platelets is not None else []
    parts += [f"纤维蛋白原 {said.fibrinogen}g/L"] if said.fibrinogen is not None else []
    return "，" + "，".join(parts) if parts else ""


def _signs(said: Decisions) -> str:
    found = []
    if said.slices is not None:
        found.append(f"血肿累及{said.slices}层，层厚5mm")
    if said.growth_sign:
        found.append(f"血肿可见{SIGN_NAMES[said.growth_sign]}")
    elif said.no_growth_sign:
        found.append("未见混合征、黑洞征")
    if said.cisterns_pressed:
        found.append("环池受压变窄")
    if said.fourth_ventricle_pressed:
        found.append("{VENTRICLE:第四脑室受压}")
    if said.herniation:
        found.append("脑疝形成")
    return "".join(f"。{part}" for part in found)


def _airway(said: Decisions) -> str:
    if not said.ventilated:
        return ""
    return "，予{TREATMENT:气管插管}、{TREATMENT:呼吸机辅助呼吸}"
