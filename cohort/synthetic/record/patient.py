"""The bedside picture that fits a bleed: consciousness, pupils, power, complaints, pressure, past.

Rules of thumb of the ward, enough for notes without contradictions; no model of the disease.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from cohort.facts.sites import INFRATENTORIAL, complete, sites_and_lobes
from cohort.synthetic.story import Side, Story

Level = Literal["clear", "drowsy", "stupor", "coma_light", "coma_mid", "coma_deep"]
Pupils = Literal["equal", "small", "sluggish", "pinpoint", "blown"]

SIDE_NAMES: dict[Side, str] = {"left": "左", "right": "右"}

EYE_VERBAL_MOTOR: dict[int, tuple[int, int, int]] = {
    15: (4, 5, 6),
    14: (4, 4, 6),
    13: (3, 4, 6),
    12: (3, 3, 6),
    11: (2, 3, 6),
    10: (2, 3, 5),
    9: (2, 2, 5),
    8: (1, 2, 5),
    7: (1, 2, 4),
    6: (1, 1, 4),
    5: (1, 1, 3),
    4: (1, 1, 2),
    3: (1, 1, 1),
}
"""The parts of a Glasgow coma score that go with our word for the level of consciousness."""


@dataclass(frozen=True)
class Patient:
    """What the admitting doctor asks and finds.

    Attributes
    ----------
    gcs, level
        Glasgow coma score (3..15) and the word for it.
    complaints
        Names of phrase rules, the leading complaint first.
    denied
        Names of phrase rules for complaints that the patient, or who came along, denies.
    weak_side
        The side of the weak limbs; None if neither side, or both, are weak.
    power_arm, power_leg
        Muscle power 0..5 of the weak side, or of all limbs if all are weak; 5 if none is.
    pupils
        How they look; "blown": wide on the side of the bleed.
    systolic, diastolic, pulse, breaths, temperature
        mmHg, mmHg, 1/min, 1/min, °C.
    diseases
        Names of phrase rules for what the patient had before.
    """

    gcs: int
    level: Level
    complaints: tuple[str, ...]
    denied: tuple[str, ...]
    weak_side: Side | None
    power_arm: int
    power_leg: int
    pupils: Pupils
    systolic: int
    diastolic: int
    pulse: int
    breaths: int
    temperature: float
    diseases: tuple[str, ...]

    @property
    def highest_pressure(self) -> tuple[int, int]:
        """The highest pressure ever, mmHg in tens: not below the present one."""
        return -(-self.systolic // 10) * 10, -(-self.diastolic // 10) * 10

    @property
    def hypertension_stage(self) -> int:
        """1 to 3 by the highest pressure (Chinese guideline: from 140/90, 160/100, 180/110)."""
        known = "hypertension" in self.diseases
        systolic, diastolic = self.highest_pressure if known else (self.systolic, self.diastolic)
        if systolic >= 180 or diastolic >= 110:
            return 3
        return 2 if systolic >= 160 or diastolic >= 100 else 1


def examine(story: Story, rng: np.random.Generator) -> Patient:
    """Find a bedside picture that the story's bleed, or high pressure alone, explains."""
    gcs = _coma_score(story, rng)
    complaints = _complaints(story, gcs, rng)
    arm, leg = _power(story, gcs, complaints, rng)
    one_sided = "weakness" in complaints
    return Patient(
        gcs=gcs,
        level=_level(gcs),
        complaints=complaints,
        denied=_denied(complaints, gcs, rng),
        weak_side=other(story.side) if one_sided and story.side else None,
        power_arm=arm,
        power_leg=leg,
        pupils=_pupils(story, gcs),
        systolic=(systolic := int(np.clip(rng.normal(180, 17), 150, 228))),
        diastolic=int(np.clip(systolic * rng.uniform(0.50, 0.60), 84, 125)),
        pulse=int(np.clip(rng.normal(80, 11), 56, 112)),
        breaths=int(rng.integers(16, 22)) + (3 if gcs <= 8 else 0),
        temperature=round(float(np.clip(rng.normal(36.6, 0.3), 36.0, 37.4)), 1),
        diseases=_diseases(story, rng),
    )


def other(side: Side) -> Side:
    """Return the side across."""
    return "right" if side == "left" else "left"


def _coma_score(story: Story, rng: np.random.Generator) -> int:
    volume = story.volume_ml
    if story.site is None:
        return 15 if rng.random() < 0.93 else 14
    if story.site == "brainstem":
        score = 16 - 1.5 * volume
    elif story.site == "cerebellum":
        score = 15.5 - 0.22 * max(0.0, volume - 5) - 0.1 * volume
    else:
        score = 16.2 - 0.12 * volume - 0.25 * story.shift_mm
        score -= 1.0 if story.site == "thalamus" else 0.0
    score -= 0.7 * story.intraventricular + 0.7 * story.ventricles_dilated
    rounded = int(np.clip(round(score + rng.normal(0, 0.7)), 3, 15))
    return 7 if story.site == "brainstem" and rounded == 8 else rounded


def _level(gcs: int) -> Level:
    limits: tuple[tuple[int, Level], ...] = (
        (14, "clear"),
        (12, "drowsy"),
        (9, "stupor"),
        (7, "coma_light"),
        (5, "coma_mid"),
    )
    return next((level for least, level in limits if gcs >= least), "coma_deep")


COMPLAINT_CHANCES: dict[str | None, dict[str, float]] = complete(
    f"{__name__}.COMPLAINT_CHANCES",
    {
        None: {"headache": 0.65, "dizziness": 0.6, "vertigo": 0.15, "nausea": 0.4, "vomiting": 0.2},
        "basal_ganglia": {
            "weakness": 1.0, "speech": 0.6, "face": 0.4, "numbness": 0.2, "headache": 0.35,
            "dizziness": 0.2, "nausea": 0.15, "vomiting": 0.15,
        },
        "thalamus": {
            "numbness": 0.75, "weakness": 0.9, "speech": 0.35, "headache": 0.35, "dizziness": 0.3,
            "nausea": 0.15, "vomiting": 0.15,
        },
        "frontal": {
            "weakness": 0.75, "headache": 0.7, "slowness": 0.45, "seizure": 0.1, "vomiting": 0.3,
        },
        "parietal": {
            "numbness": 0.7, "weakness": 0.6, "headache": 0.6, "dizziness": 0.3, "nausea": 0.25,
        },
        "temporal": {
            "headache": 0.85, "weakness": 0.35, "slowness": 0.3, "speech": 0.3, "nausea": 0.3,
            "vomiting": 0.35, "seizure": 0.1,
        },
        "occipital": {
            "vision": 0.9, "headache": 0.85, "dizziness": 0.4, "nausea": 0.3, "vomiting": 0.25,
        },
        "cerebellum": {
            "vertigo": 1.0, "headache": 0.55, "nausea": 0.5, "vomiting": 0.85, "ataxia": 0.85,
            "speech": 0.15,
        },
        "brainstem": {
            "dizziness": 0.6, "speech": 0.7, "vomiting": 0.45, "diplopia": 0.3, "swallowing": 0.35,
        },
    },
    (*sites_and_lobes(), None),
)  # fmt: skip
"""How often a complaint goes with a bleed there, or with none; the leading complaint first."""


def _complaints(story: Story, gcs: int, rng: np.random.Generator) -> tuple[str, ...]:
    place = story.lobe if story.lobe else story.site
    chances = dict(COMPLAINT_CHANCES[place])
    if "vomiting" in chances and gcs <= 12:
        chances["vomiting"] = 0.6
    found = [name for name, chance in chances.items() if rng.random() < chance]
    if story.site == "brainstem":
        found.insert(0, "weakness" if story.side and gcs >= 9 else "all_limbs")
    if "speech" in found and _loses_words(story, gcs) and rng.random() < 0.5:
        found[found.index("speech")] = "aphasia"
    large = gcs <= 11 or story.volume_ml > 25
    if large and story.site not in INFRATENTORIAL and "weakness" not in found:
        found.insert(min(1, len(found)), "weakness")
    if not found:
        found = ["headache"]
    if gcs <= 11:  # the family reports what it sees, not what the patient feels
        first = [name for name in ("headache", "vertigo") if name in found and gcs > 8]
        seen = [name for name in found if name not in FELT]
        found = [*first[:1], "unconscious", *seen, *_when_unconscious(story, gcs, rng)]
    elif gcs <= 13 and "slowness" not in found and rng.random() < 0.6:
        found.append("slowness")
    return tuple(found[:4])


FELT = frozenset(
    {"numbness", "dizziness", "vision", "diplopia", "nausea", "swallowing", "ataxia"}
    | {"headache", "vertigo", "speech", "aphasia", "slowness"}
)
"""Complaints that nobody can voice, or tell, for an unconscious patient."""


def _loses_words(story: Story, gcs: int) -> bool:
    return story.side == "left" and story.site in ("basal_ganglia", "lobar") and gcs <= 14


def _when_unconscious(story: Story, gcs: int, rng: np.random.Generator) -> list[str]:
    chances = {
        "incontinence": 0.4,
        "breathing": 0.5 if gcs <= 8 else 0.0,
        "seizure": 0.1 if story.site == "lobar" else 0.0,
    }
    return [name for name, chance in chances.items() if rng.random() < chance]


def _denied(complaints: tuple[str, ...], gcs: int, rng: np.random.Generator) -> tuple[str, ...]:
    """Choose what is denied: never what is complained of, nor, in coma, what is only felt."""
    observable = {
        "no_seizure": {"seizure"},
        "no_incontinence": {"incontinence"},
        "no_fever": set(),
        "no_vomiting": {"vomiting", "nausea"},
        "no_cough": set(),
    }
    felt = {
        "no_unconsciousness": {"unconscious", "slowness"},
        "no_headache": {"headache"},
        "no_dizziness": {"dizziness", "vertigo"},
        "no_chest": set(),
        "no_numbness": {"numbness"},
        "no_vision": {"vision", "diplopia", "vertigo"},
        "no_choking": {"swallowing"},
        "no_breathlessness": {"breathing"},
    }
    options = observable if gcs <= 12 else {**felt, **observable}
    names = [name for name, clash in options.items() if not clash & set(complaints)]
    return tuple(names[i] for i in rng.permutation(len(names))[: int(rng.integers(3, 6))])


def _power(
    story: Story, gcs: int, complaints: tuple[str, ...], rng: np.random.Generator
) -> tuple[int, int]:
    if "all_limbs" in complaints:
        arm = 0 if gcs <= 4 else (1 if gcs <= 8 else int(rng.integers(2, 5)))
        return arm, arm
    if "weakness" not in complaints:
        return 5, 5
    strength = 4.4 - 0.11 * story.volume_ml + (0.6 if story.site == "lobar" else 0.0)
    if story.site == "brainstem":
        strength = 4.2 - 0.4 * story.volume_ml
    arm = int(np.clip(round(strength + rng.normal(0, 0.5)), 0, 4))
    arm = min(arm, 1) if gcs <= 8 else arm
    return arm, min(4, arm + int(rng.random() < 0.45))


def _pupils(story: Story, gcs: int) -> Pupils:
    if story.site == "brainstem" and gcs <= 8:
        return "pinpoint"
    if story.shift_mm >= 8 and gcs <= 7 and story.side is not None:
        return "blown"
    if gcs <= 11:
        return "sluggish"
    return "small" if story.site in ("thalamus", "brainstem") and gcs <= 13 else "equal"


def _diseases(story: Story, rng: np.random.Generator) -> tuple[str, ...]:
    chances = {
        "hypertension": 0.85 if story.site else 0.95,
        "diabetes": 0.2,
        "coronary": 0.12,
        "infarct": 0.12 if story.age >= 50 else 0.0,
        "fibrillation": 0.07 if story.age >= 60 else 0.0,
        "operation": 0.12,
        "gout": 0.05 if story.sex == "male" else 0.0,
        "lipids": 0.08,
    }
    return tuple(name for name, chance in chances.items() if rng.random() < chance)
