"""What the phrases' slots say for one patient: which rule fits, and every number."""

from __future__ import annotations

import numpy as np

from cohort.synthetic import record_numbers as numbers
from cohort.synthetic.record_grammar import Rules
from cohort.synthetic.record_patient import EYE_VERBAL_MOTOR, Patient, other
from cohort.synthetic.story import Side, Story

SIDES: dict[Side, str] = {"left": "左", "right": "右"}
LOBES = {"frontal": "额", "temporal": "颞", "parietal": "顶", "occipital": "枕"}


def facts(story: Story, patient: Patient, rng: np.random.Generator) -> Rules:
    """Fill the slots that depend on the story and the patient.

    Returns
    -------
    rules
        One phrase, or several that are equally true, for each slot that
        `cohort.synthetic.phrases.PHRASES` leaves open.
    """
    return {
        **_person(story, patient, rng),
        **_course(story, patient, rng),
        **_past(story, patient, rng),
        **_vitals(story, patient, rng),
        **_nerves(story, patient, rng),
        **_power(story, patient, rng),
        **_scan(story, rng),
        **_mass_effect(story, rng),
        **_tests_and_plan(story, patient, rng),
    }


def _person(story: Story, patient: Patient, rng: np.random.Generator) -> Rules:
    sides = {}
    if story.side is not None:
        sides = {"bleed": SIDES[story.side], "across": SIDES[other(story.side)]}
    if patient.weak_side is not None:
        sides |= {"weak": SIDES[patient.weak_side], "strong": SIDES[other(patient.weak_side)]}
    old = story.age >= 60
    return {
        **sides,
        "age": str(story.age),
        "age_words": numbers.chinese(story.age) if rng.random() < 0.3 else str(story.age),
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
    complaints = {place: f"{{SYMPTOM:<{name}>}}" for place, name in zip(places, names)}
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
        "top_bp": "/".join(map(str, _highest_pressure(patient))),
        "habit": "<habit_some>" if smoker else "<habit_none>",
        "personal_text": "<personal>",
        "marital_text": "<marital>",
        "family_text": "<family>",
    }


def _highest_pressure(patient: Patient) -> tuple[int, int]:
    """Return the highest pressure ever measured, mmHg in tens; not below the present one."""
    return -(-patient.systolic // 10) * 10, -(-patient.diastolic // 10) * 10


def _hypertension_stage(patient: Patient) -> int:
    """Stage by the highest pressure (Chinese guideline: from 140/90, 160/100, 180/110 mmHg)."""
    known = "hypertension" in patient.diseases
    systolic, diastolic = (
        _highest_pressure(patient) if known else (patient.systolic, patient.diastolic)
    )
    return (
        3
        if systolic >= 180 or diastolic >= 110
        else 2
        if systolic >= 160 or diastolic >= 100
        else 1
    )


def _vitals(story: Story, patient: Patient, rng: np.random.Generator) -> Rules:
    fibrillation = "fibrillation" in patient.diseases
    eye, verbal, motor = EYE_VERBAL_MOTOR[patient.gcs]
    clear = patient.level == "clear"
    kind = patient.level.split("_")[0]
    if clear and "aphasia" in patient.complaints:
        contact = "<contact_aphasia>"
    elif clear and "speech" in patient.complaints:
        contact = "<contact_slurred>"
    else:
        contact = "<contact_fair>" if patient.gcs == 14 else f"<contact_{kind}>"
    level = f"{{CONSCIOUSNESS:<level_{patient.level}>}}"
    mm = str(rng.choice(["2.5", "3", "3", "3.0", "3.5"]))
    return {
        "examination_text": "<examination>",
        "temperature": f"{patient.temperature}",
        "pulse": str(patient.pulse),
        "heart_rate": str(patient.pulse + int(rng.integers(6, 20))),
        "breaths": str(patient.breaths),
        "systolic": str(patient.systolic),
        "diastolic": str(patient.diastolic),
        "body": "<body_fibrillation>" if fibrillation else "<body_regular>",
        "level": (level, level, "<level_value>") if clear else f"<level_named>{level}",
        "gcs": str(patient.gcs),
        "eye": str(eye),
        "verbal": str(verbal),
        "motor": str(motor),
        "contact": contact,
        "pupils": {
            "pinpoint": "<pupils_pinpoint>",
            "blown": "<pupils_blown>",
        }.get(patient.pupils, "<pupils_equal>"),
        "mm": "2" if patient.pupils == "small" else mm,
        "brisk": "<brisk_slow>" if patient.pupils in ("small", "sluggish") else "<brisk_good>",
    }


def _nerves(story: Story, patient: Patient, rng: np.random.Generator) -> Rules:
    complaints = set(patient.complaints)
    weak = patient.weak_side is not None
    awake = patient.gcs > 11
    supratentorial = story.site in ("basal_ganglia", "thalamus", "lobar")
    cranial = "cranial_normal"
    if story.site == "brainstem" and not awake:
        cranial = "cranial_brainstem" if patient.gcs <= 8 else "cranial_unknown"
    elif story.site == "cerebellum":
        cranial = "cranial_cerebellum" if awake else "cranial_unknown"
    elif not awake:
        cranial = "cranial_asleep" if weak else "cranial_unknown"
        if weak and supratentorial and rng.random() < 0.4:
            cranial = "cranial_gaze"
    elif "vision" in complaints and patient.gcs > 12:
        cranial = "cranial_vision"
    elif "diplopia" in complaints:
        cranial = "cranial_diplopia"
    elif weak and supratentorial and ("face" in complaints or rng.random() < 0.35):
        cranial = "cranial_central"
    sensation = "<sensation_normal>" if patient.gcs >= 14 else ""
    if story.site == "cerebellum" and awake:
        sensation = "<coordination>"
    elif "numbness" in complaints and awake:
        sensation = "<sensation_lost>"
    return {"cranial": f"<{cranial}>", "sensation": sensation}


def _power(story: Story, patient: Patient, rng: np.random.Generator) -> Rules:
    motor = EYE_VERBAL_MOTOR[patient.gcs][2]
    weak = patient.weak_side is not None
    arm, leg = patient.power_arm, patient.power_leg
    roman = rng.random() < 0.25
    signs = str(rng.choice(["", "", "", "", "+", "-"])), str(rng.choice(["", "", "", "", "+", "-"]))
    if patient.gcs <= 8:
        power = "power_coma_one" if weak and motor >= 4 else "power_coma_both"
    elif weak:
        power = "power_same" if arm == leg else "power_two"
    elif "all_limbs" in patient.complaints:
        power = "power_all"
    else:
        power = "power_normal" if patient.gcs > 11 else "power_moves"
    weakness = "positive" if arm <= 2 else "one"
    both = "all_limbs" in patient.complaints or motor <= 3
    return {
        "power": f"<{power}>",
        "arm": numbers.grade(arm, signs[0], roman),
        "leg": numbers.grade(leg, signs[0] if arm == leg else signs[1], roman),
        "five": numbers.grade(5, "", roman),
        "withdraws": f"<withdraws{motor}>",
        "reacts": f"<reacts{motor}>",
        "power_strong": "<power_strong_awake>" if patient.gcs > 11 else "<power_strong_asleep>",
        "signs": f"<signs_{'both' if both else weakness if weak else 'none'}>",
    }


def _scan(story: Story, rng: np.random.Generator) -> Rules:
    site = f"site_{story.site}"
    if story.site == "brainstem" and story.side is not None:
        site = "site_brainstem_sided"
    word = "<bleed_word>" if story.site in ("basal_ganglia", "lobar") else "<bleed_word_below>"
    others = []
    if rng.random() < 0.65:
        others.append("<ct_rest>")
    elif story.side is not None and story.site != "brainstem" and rng.random() < 0.5:
        others.append("<ct_rest_across>")
    elif story.site not in ("cerebellum", "brainstem"):
        others.append("<ct_rest_below>")
    return {
        "site": f"<{site}>",
        "site_bleed": f"<{site}>{word}",
        "lobe": LOBES[story.lobe] if story.lobe else "",
        "mirror": f"<mirror_{story.site}>",
        "ml": numbers.volume(numbers.round_volume(story.volume_ml, rng)),
        "axes": numbers.axes(story.volume_ml, rng),
        "density": str(int(rng.integers(55, 76))),
        "bleed_seen": "<ct_bleed_axes>" if rng.random() < 0.08 else "<ct_bleed>",
        "swelling": "<edema>" if story.onset_hours >= 3 else "",
        "ct_others": "".join(f"(。|。|，){part}" for part in others),
    }


def _mass_effect(story: Story, rng: np.random.Generator) -> Rules:
    midline = "midline_none"
    if story.shift_side is not None and story.shift_mm >= 2:
        none, slight = (0.5, 0.8) if story.shift_mm < 3 else (0.0, 0.12 * (story.shift_mm < 5))
        draw = rng.random()
        midline = (
            "midline_none"
            if draw < none
            else "midline_slight"
            if draw < slight
            else "midline_shifted"
        )
    pressed = story.ventricle_compressed
    return {
        "midline": f"<{midline}>",
        "toward": SIDES[story.shift_side] if story.shift_side else "",
        "shift": numbers.shift(story.shift_mm, rng),
        "ventricle": "<ventricle_pressed>" if pressed else "<ventricle_free>",
        "pressed": SIDES[pressed] if pressed else "",
        "pressed_much": ("", "明显") if story.shift_mm >= 4 else ("", "轻度", "稍"),
    }


def _tests_and_plan(story: Story, patient: Patient, rng: np.random.Generator) -> Rules:
    fibrillation = "fibrillation" in patient.diseases
    sugar = rng.uniform(9, 14) if "diabetes" in patient.diseases else rng.uniform(5.4, 8.4)
    stage = _hypertension_stage(patient)
    below = story.site == "cerebellum"
    surgery = story.volume_ml >= (12 if below else 32) and story.site != "brainstem"
    return {
        "ecg_text": "<ecg_fibrillation>" if fibrillation else "<ecg_sinus>",
        "blood_text": "<blood_warfarin>" if fibrillation else "<blood>",
        "sugar": f"{sugar:.1f}",
        "diagnosis_text": "<diagnosis>",
        "diagnosis_more": "；3.{HISTORY:2型糖尿病}" if "diabetes" in patient.diseases else "",
        "grade": (
            f"高血压病{stage}级",
            f"高血压{stage}级",
            f"高血压病{numbers.ROMAN[stage]}级",
            "高血压病",
        ),
        "plan_text": "<plan_surgery>" if surgery else "<plan>",
        "operation_name": "<surgery_below>" if below else "<surgery_above>",
    }
