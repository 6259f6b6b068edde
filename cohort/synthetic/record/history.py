"""The slots of the history: person, complaints, course, past."""

from __future__ import annotations

import numpy as np

from cohort.synthetic.record import numbers as numbers
from cohort.synthetic.record.grammar import Rules
from cohort.synthetic.record.patient import SIDE_NAMES, Patient, other
from cohort.synthetic.story import Story


def history_slots(story: Story, patient: Patient, rng: np.random.Generator) -> Rules:
    """Fill the slots of a note's history.

    Returns
    -------
    rules
        One phrase, or several that are equally true, for each slot that
        `cohort.synthetic.record.phrases.PHRASES` leaves open.
    """
    return {
        **_person(story, patient, rng),
        **_course(story, patient, rng),
        **_past(story, patient, rng),
    }


def _person(story: Story, patient: Patient, rng: np.random.Generator) -> Rules:
    sides = {}
    if story.side is not None:
        sides = {"bleed": SIDE_NAMES[story.side], "across": SIDE_NAMES[other(story.side)]}
    if patient.weak_side is not None:
        sides |= {
            "weak": SIDE_NAMES[patient.weak_side],
            "strong": SIDE_NAMES[other(patient.weak_side)],
        }
    old = story.age >= 60
    return {
        **sides,
        "age": str(story.age),
        "age_words": numbers.chinese(story.age) if story.age < 100 else str(story.age),
        "sex": "男" if story.sex == "male" else "女",
        "era": "老年" if old else "中年" if story.age >= 40 else "青年",
        "work": "<work_old>" if old else "<work_young>",
    }


SEEN = frozenset({"unconscious", "face", "speech", "aphasia", "seizure", "slowness", "vomiting"})
"""Complaints that others notice: one does not 突感 them."""


def _course(story: Story, patient: Patient, rng: np.random.Generator) -> Rules:
    names = [
        "paralysis" if name == "weakness" and patient.power_arm <= 1 else name
        for name in patient.complaints
    ]
    places = ("first", "second", "third", "fourth")
    complaints = {
        place: f"{{SYMPTOM:<{name}>}}" for place, name in zip(places, names, strict=False)
    }
    denied = {f"denied{i}": f"<{name}>" for i, name in enumerate(patient.denied, start=1)}
    said = min(len(names), int(rng.integers(1 if patient.gcs > 11 else 2, 4)))
    found = names[0] == "unconscious" and len(names) > 1
    felt = patient.gcs > 11 and names[0] not in SEEN
    shown = ""
    if patient.weak_side is not None and patient.complaints[0] == "weakness" and patient.gcs > 11:
        shown = "<shown_paralysed>" if patient.power_arm <= 2 else "<shown_weak>"
    denials = ("<denial_of_one>", "<denial_of_two>", "<denial_of_three>")[: len(denied)]
    long = story.onset_hours >= 3 and rng.random() < 0.5
    pressure = patient.systolic + int(rng.integers(-6, 19))
    return {
        **complaints,
        **denied,
        "chief": "<chief_found>" if found else f"<chief{said}>",
        "since": numbers.duration(story.onset_hours),
        "began": "<sudden>" if felt else "<sudden_seen>",
        "more": shown + (f"<more{len(names) - 1}>" if len(names) > 1 else ""),
        "denial": denials[int(rng.integers(len(denials)))],
        "later": ("<later_long>", "<later_long>", "<later_soon>") if long else "<later_soon>",
        "since_then": "<since_then_awake>" if patient.gcs > 11 else "<since_then_asleep>",
        "bowel": "<bowel_catheter>" if patient.gcs <= 11 else "<bowel_normal>",
        "early_systolic": str(pressure),
        "early_diastolic": str(int(pressure * rng.uniform(0.52, 0.58))),
    }


def _past(story: Story, patient: Patient, rng: np.random.Generator) -> Rules:
    diseases = patient.diseases
    operated = "operation" in diseases
    candidates = ["hypertension", "diabetes", "coronary", "infarct"]
    absent = [name for name in candidates if name not in diseases]
    absent = [absent[i] for i in rng.permutation(len(absent))]
    parts = [f"<{name}>" for name in diseases] or ["<healthy>"]
    if len(absent) >= 2 and rng.random() < 0.7:
        parts.append("<deny_diseases>")
    if rng.random() < 0.4:
        parts.append("<deny_infection>")
    if rng.random() < 0.4:
        parts.append("<deny_trauma>" if operated else "<deny_operation>")
    if not {"coronary", "infarct", "fibrillation"} & set(diseases) and rng.random() < 0.2:
        parts.append("<deny_anticoagulant>")
    if rng.random() < 0.6:
        parts.append("<allergy>")
    comma = "。" if rng.random() < 0.5 else "；" if rng.random() < 0.3 else "，"
    spans = {2: "2年", 3: "3年", 4: "4年", 5: "5年", 6: "6年", 7: "7年", 8: "8年", 9: "近10年"}
    spans |= {10: "10年", 11: "10余年", 12: "12年", 13: "十余年", 15: "15年", 20: "20年"}
    years = tuple(words for years, words in spans.items() if years <= max(2, story.age - 32))
    smoker = rng.random() < (0.55 if story.sex == "male" else 0.05)
    return {
        "past_text": "无" if not diseases and rng.random() < 0.3 else comma.join(parts),
        **{f"absent{i}": f"<absent_{name}>" for i, name in enumerate(absent, start=1)},
        "years": years,
        "top_bp": "/".join(map(str, patient.highest_pressure)),
        "habit": "<habit_some>" if smoker else "<habit_none>",
        "personal_text": "<personal>",
        "marital_text": "<marital>",
        "family_text": "<family>",
    }
