"""The slots of what is found: at the bedside, on CT, in other tests; and what follows."""

from __future__ import annotations

import numpy as np

from cohort.facts.sites import INFRATENTORIAL, LOBES, Lobe, complete
from cohort.synthetic.record import numbers as numbers
from cohort.synthetic.record.grammar import Rules
from cohort.synthetic.record.patient import EYE_VERBAL_MOTOR, SIDE_NAMES, Patient
from cohort.synthetic.record.phrases import PHRASES
from cohort.synthetic.record.phrases.sites import MIRRORS
from cohort.synthetic.story import Focus, Story, ToldShift

LOBE_NAMES: dict[Lobe, str] = complete(
    f"{__name__}.LOBE_NAMES",
    {"frontal": "额", "temporal": "颞", "parietal": "顶", "occipital": "枕"},
    LOBES,
)


def finding_slots(story: Story, patient: Patient, rng: np.random.Generator) -> Rules:
    """Fill the slots of a note's findings, as `history_slots` does those of its history."""
    return {
        **_vitals(story, patient, rng),
        **_nerves(story, patient, rng),
        **_power(story, patient, rng),
        **_scan(story, rng),
        **_mass_effect(story, rng),
        **_tests_and_plan(story, patient, rng),
    }


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
        "heart_rate": str(patient.pulse + (int(rng.integers(6, 20)) if fibrillation else 0)),
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
    supratentorial = story.site not in {*INFRATENTORIAL, None}
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
    outside = story.subarachnoid or story.membrane is not None
    others = [f"(。|。|，){part}" for part in _outside(story)]
    if rng.random() < 0.65:
        others.append("(。|。|，)<ct_rest>")
    elif story.site and story.side and MIRRORS[story.site] and rng.random() < 0.5:
        others.append("(。|。|，)<ct_rest_across>")
    elif story.site not in {*INFRATENTORIAL, None}:
        others.append("(。|。|，)<ct_rest_below>")
    common = {
        "ct_others": "".join(others),
        "layer_side": SIDE_NAMES[story.membrane_side] if story.membrane_side else "",
    }
    if outside:
        common |= {"cisterns": "颅骨(骨质|)未见异常", "outside_clear": "颅骨(骨质|)未见(骨折|异常)"}
    if story.site is None:
        within = "<ct_clear_within>" if outside else "<ct_clear>"
        return {
            **common,
            "ct_text": "<ct_text_clear>",
            "ct_found_clear": within,
            "first_ct": "<first_ct_outside>" if outside else "<first_ct_clear>",
            "given": "<given_clear>",
            "admitted": "<admitted_clear>",
        }
    return {**common, **_hematoma(story, rng), **_second(story.second, rng)}


def _outside(story: Story) -> list[str]:
    """Name the phrases for blood outside the brain."""
    found = ["<subarachnoid_seen>"] if story.subarachnoid else []
    return [*found, f"<layer_{story.membrane}>"] if story.membrane else found


def _hematoma(story: Story, rng: np.random.Generator) -> Rules:
    site = f"site_{story.site}"
    if story.site == "brainstem" and story.side is not None:
        site = "site_brainstem_sided"
    word = "<bleed_word>" if story.site in ("basal_ganglia", "lobar") else "<bleed_word_below>"
    seen = "<ct_bleed_axes>" if rng.random() < 0.08 else "<ct_bleed>"
    return {
        "site": f"<{site}>",
        "site_bleed": f"<{site}>{word}",
        "site_diagnosed": f"<{site}>(出血|出血|血肿)",
        "lobe": LOBE_NAMES[story.lobe] if story.lobe else "",
        "mirror": f"<mirror_{story.site}>",
        "ml": numbers.volume(numbers.round_volume(story.told_ml, rng)),
        "axes": numbers.axes(story.told_ml, rng),
        "density": str(story.density_hu),
        "bleed_seen": seen + ("<second_seen>" if story.second else ""),
        "swelling": "<edema>" if story.onset_hours >= 3 else "",
    }


def _second(focus: Focus | None, rng: np.random.Generator) -> Rules:
    if focus is None:
        return {"and_second": "", "and_second_site": ""}
    name = f"site_{focus.site}"
    if focus.site == "brainstem" and focus.side is not None:
        name = "site_brainstem_sided"
    # The same phrases as the first's, with the second's own side and lobe.
    side = SIDE_NAMES[focus.side] if focus.side else ""
    lobe = LOBE_NAMES[focus.lobe] if focus.lobe else ""
    sites = tuple(
        phrase.replace("<bleed>", side).replace("<lobe>", lobe) for phrase in PHRASES[name]
    )
    return {
        "second_site": sites,
        "second_bleed": "<second_site><bleed_word_below>",
        "second_ml": numbers.volume(numbers.round_volume(focus.told_ml, rng)),
        "and_second": "(、|及|，){SITE:<second_site>(出血|出血|血肿)}",
        "and_second_site": "、{SITE:<second_site>}",
    }


SHIFT_TOLD: dict[str, ToldShift] = {
    "<midline_none>": "none",
    "<midline_slight>": "slight",
    "<midline_shifted>": "measured",
}
"""What the slot `midline` tells of the shift."""


def _mass_effect(story: Story, rng: np.random.Generator) -> Rules:
    # As readers have it: less than 2 mm is none, what is hardly more often is, too. What was told
    # stands in the truth (`told_shift`), so that nobody is scored by a contradiction of ours.
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
    rules = {
        "midline": f"<{midline}>",
        "toward": SIDE_NAMES[story.shift_side] if story.shift_side else "",
        "shift": numbers.shift(story.shift_mm, rng),
        "ventricle": _ventricle(story),
        "pressed": SIDE_NAMES[pressed] if pressed else "",
        "pressed_much": ("", "明显") if story.shift_mm >= 4 else ("", "轻度", "稍"),
    }
    if story.intraventricular:
        rules["mass_effect"] = "<mass_effect_ivh>"
    elif story.site is None:
        rules["mass_effect"] = "<mass_effect_clear>"
    return rules


def _ventricle(story: Story) -> str:
    pressed, dilated = story.ventricle_compressed is not None, story.ventricles_dilated
    if pressed or dilated:
        found = ["<ventricle_pressed>"] * pressed + ["<ventricle_dilated>"] * dilated
        return "，".join(found)
    return "<ventricle_open>" if story.intraventricular else "<ventricle_free>"


def _tests_and_plan(story: Story, patient: Patient, rng: np.random.Generator) -> Rules:
    fibrillation = "fibrillation" in patient.diseases
    sugar = rng.uniform(9, 14) if "diabetes" in patient.diseases else rng.uniform(5.4, 8.4)
    stage = patient.hypertension_stage
    below = story.site == "cerebellum"
    surgery = story.volume_ml >= (12 if below else 32) and story.site != "brainstem"
    drained = story.ventricles_dilated and story.intraventricular and not surgery
    plan = "<plan_surgery>" if surgery or drained else "<plan>"
    operation = "<surgery_below>" if below else "<surgery_above>"
    return {
        "ecg_text": "<ecg_fibrillation>" if fibrillation else "<ecg_sinus>",
        "blood_text": "<blood_warfarin>" if fibrillation else "<blood>",
        "sugar": f"{sugar:.1f}",
        "diagnosis_text": "<diagnosis>" if story.site else "<diagnosis_clear>",
        "diagnosis_more": "；3.{HISTORY:2型糖尿病}" if "diabetes" in patient.diseases else "",
        "grade": (
            f"高血压病{stage}级",
            f"高血压{stage}级",
            f"高血压病{numbers.ROMAN[stage]}级",
            "高血压病",
        ),
        "plan_text": plan if story.site else "<plan_clear>",
        "operation_name": "<surgery_drain>" if drained else operation,
    }
