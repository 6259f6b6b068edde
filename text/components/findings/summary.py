"""One flat row of a record's findings: columns for a table, a report, a comparison with a CT."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .decision_row import DECISION_COLUMNS, decision_row

Finding = dict[str, Any]

FINDING_COLUMNS = (
    *("age_years", "sex", "onset_to_admission_h", "chief_symptom", "chief_symptom_side"),
    *("systolic_mmhg", "diastolic_mmhg", "gcs"),
    *("pupil_left_mm", "pupil_right_mm", "light_reflex_left", "light_reflex_right"),
    *("power_left_arm", "power_left_leg", "power_right_arm", "power_right_leg"),
    *("hematoma", "hematoma_count", "hematoma_site", "hematoma_side"),
    *("hematoma_volume_ml", "hematoma_total_ml", "hematoma_volume_method"),
    *("intraventricular_extension", "midline_shift", "midline_shift_mm", "midline_shift_side"),
    *("ventricle_compression", "ventricle_compression_side"),
    *("hypertension", "anticoagulant", "antiplatelet", "treatment"),
    *DECISION_COLUMNS,
)
"""The keys of a row, in order."""

OF_HEMATOMA = ("hematoma", "hematoma_volume", "hematoma_site", "hematoma_count")
"""Findings that say that there is a hematoma, or that there is none."""

CT_SECTIONS = ("imaging_report", "diagnosis", "present_illness", "chief_complaint", "treatment")
"""Sections that tell of the scan: the first that says anything of a bleed counts."""

PAST_SECTIONS = ("past_history", "personal_history", "marital_history", "family_history")
"""Sections that tell of earlier times."""

_CERTAIN = ("affirmed", "uncertain", "historical", "negated")
_NOW = ("affirmed", "uncertain")
_OPEN = ("<", "≤", ">", "≥")
"""Bounds within which a value may lie anywhere; nearly as much (≈) tells about where."""
_BEDSIDE = ("physical_examination", "present_illness")
_SECTIONS = {
    "age": ("preamble", "chief_complaint"),
    "sex": ("preamble", "chief_complaint"),
    "onset_to_admission": ("chief_complaint", "present_illness"),
    "chief_symptom": ("chief_complaint",),
    **dict.fromkeys(
        ("blood_pressure", "gcs", "pupil_size", "light_reflex", "limb_power"), _BEDSIDE
    ),
    "hypertension": ("past_history", "diagnosis"),
}


def summarize(findings: Iterable[Finding]) -> dict[str, Any]:
    """Return one row of a record's findings, with the keys `FINDING_COLUMNS`.

    Of several findings of one name counts the most certain: affirmed before uncertain before
    historical before negated; of equally certain ones the one in the section that should know
    (the examination for pressure, coma score, pupils and power, the chief complaint for the
    onset); then the first. Except:

    - Of bleed, midline and ventricles counts what is sure, affirmed or denied, before what is not;
      of this the first section that says anything: the CT report before the diagnosis before the
      present illness; what stands in sections of the past counts last.
    - There is a hematoma where its site, volume or number is told; there is none where any is
      denied now, not where one on the left or on the right alone is, or one of the past.
    - Pressure, GCS, pupils, power, site and volume of the past count as unmentioned.
    - What is present or absent is "present", "uncertain", "historical" or "absent", and None if
      it isn't mentioned; history of hypertension is "present" if it is historical. A drug is its
      name, or these words where none is given.
    - chief_symptom, treatment, operation and growth_signs join all that are affirmed.
    - NIHSS and laboratory values are the first of the admission, or of no moment that is named; mRS
      and GOS the latest, mrs_before the one from before the illness; onset_to_ct_h is of the first
      scan, the time of an operation of the first that has one.
    - hematoma_volume_ml, site and side are the largest hematoma's, hematoma_total_ml is the sum
      over the hematomas; of one hematoma a stated volume counts before diameters.

    Examples
    --------
    >>> row = summarize([{"name": "midline_shift", "value": None, "certainty": "negated",
    ...                   "side": None, "section": "imaging_report", "start": 0}])
    >>> row["midline_shift"], row["midline_shift_mm"], row["hematoma"]
    ('absent', None, None)
    """
    by_name: dict[str, list[Finding]] = {}
    for finding in findings:
        by_name.setdefault(finding["name"], []).append(finding)
    ranked = {name: sorted(found, key=_rank) for name, found in by_name.items()}

    def best(name: str, **wanted: Any) -> Finding:
        for finding in ranked.get(name, []):
            if all(finding[key] in values for key, values in wanted.items()):
                return finding
        return {"value": None, "side": None, "certainty": None}

    row: dict[str, Any] = dict.fromkeys(FINDING_COLUMNS)
    now = {"certainty": _NOW}
    row["age_years"] = _stated(best("age", **now))
    row["sex"] = best("sex", **now)["value"]
    row["onset_to_admission_h"] = _stated(best("onset_to_admission", **now))
    symptoms = _affirmed(by_name.get("chief_symptom", []))
    row["chief_symptom"] = _joined(s["value"] for s in symptoms)
    row["chief_symptom_side"] = next((s["side"] for s in symptoms if s["side"]), None)
    pressure = _stated(best("blood_pressure", **now)) or [None, None]
    row["systolic_mmhg"], row["diastolic_mmhg"] = pressure
    row["gcs"] = best("gcs", **now)["value"]
    for side in ("left", "right"):
        at = {"side": (side, "both"), **now}
        row[f"pupil_{side}_mm"] = best("pupil_size", **at)["value"]
        row[f"light_reflex_{side}"] = best("light_reflex", **at)["value"]
        for limb in ("arm", "leg"):
            row[f"power_{side}_{limb}"] = best("limb_power", limb=(limb, "limbs"), **at)["value"]
    bleeds = [f for name in OF_HEMATOMA for f in by_name.get(name, []) if _tells_of_any(f)]
    row["hematoma"] = _presence(min(bleeds, key=_rank)) if bleeds else None
    for name in ("intraventricular_extension", "midline_shift", "ventricle_compression"):
        row[name] = _presence(best(name))
    row.update(_hematomas(ranked, best))
    if row["hematoma"] == "absent":
        row["hematoma_count"] = 0
    row["midline_shift_mm"] = _stated(best("midline_shift", **now))
    row["midline_shift_side"] = best("midline_shift", **now)["side"]
    row["ventricle_compression_side"] = best("ventricle_compression", **now)["side"]
    hypertension = _presence(best("hypertension"))
    row["hypertension"] = "present" if hypertension == "historical" else hypertension
    for name in ("anticoagulant", "antiplatelet"):
        found = best(name)
        affirmed = found["certainty"] == "affirmed"
        row[name] = (found["value"] if affirmed else None) or _presence(found)
    row["treatment"] = _joined(t["value"] for t in _affirmed(by_name.get("treatment", [])))
    return row | decision_row(by_name, best, _presence)


def family(site: str) -> str:
    """Return what a site is also named for: the putamen is a part of the basal ganglia."""
    return "basal_ganglia" if site == "putamen" else site


def _stated(finding: Finding) -> Any:
    """Return the value of a finding, which a bound is not: less than 30 mL is no 30 in a table."""
    return None if finding.get("bound") in _OPEN else finding["value"]


def _tells_of_any(finding: Finding) -> bool:
    """Whether a finding affirms a hematoma, or denies any: not one on one side, nor of the past."""
    if finding["certainty"] != "negated":
        return True
    somewhere = finding["name"] != "hematoma" or finding["side"] in ("left", "right")
    return not somewhere and finding["section"] not in PAST_SECTIONS


def _hematomas(ranked: dict[str, list[Finding]], best: Any) -> dict[str, Any]:
    volumes: dict[tuple[str | None, str | None], Finding] = {}
    stated = ranked.get("hematoma_volume", [])
    found = [v for v in stated if v["certainty"] in _NOW and v["value"] is not None]
    for volume in found:
        if volume["section"] != found[0]["section"]:
            continue
        key = (volume["site"] and family(volume["site"]), volume["side"])
        first = volumes.setdefault(key, volume)
        if volume["method"] == "stated" and first["method"] != "stated":
            volumes[key] = volume
    largest = max(volumes.values(), key=lambda v: v["value"], default=None)
    bounds = {v.get("bound") for v in volumes.values()} & set(_OPEN)
    if largest and largest["site"]:
        site, side = largest["site"], largest["side"]
    else:
        place = best("hematoma_site", certainty=_NOW)
        if place["value"] is None:
            place = {**best("hematoma", certainty=_NOW), "value": None}
        site, side = place["value"], place["side"]
    return {
        "hematoma_count": best("hematoma_count", certainty=_NOW)["value"],
        "hematoma_site": site,
        "hematoma_side": side,
        # 22 mL beside less than 2 mL is the largest's, beside more than 2 mL it may not be.
        "hematoma_volume_ml": largest and (None if bounds - {"<", "≤"} else _stated(largest)),
        "hematoma_total_ml": None
        if bounds
        else round(sum(v["value"] for v in volumes.values()), 2) or None,
        "hematoma_volume_method": largest and largest["method"],
    }


def _rank(finding: Finding) -> tuple[bool, int, int, int]:
    sections = _SECTIONS.get(finding["name"], CT_SECTIONS)
    place = sections.index(finding["section"]) if finding["section"] in sections else len(sections)
    certainty = _CERTAIN.index(finding["certainty"])
    if sections is not CT_SECTIONS:
        return False, certainty, place, finding["start"]
    past = finding["section"] in PAST_SECTIONS or finding["certainty"] == "historical"
    unsure = finding["certainty"] == "uncertain"
    return past, unsure * len(sections) * 2 + place, certainty, finding["start"]


def _presence(finding: Finding) -> str | None:
    return {"affirmed": "present", "negated": "absent"}.get(
        finding["certainty"], finding["certainty"]
    )


def _affirmed(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding["certainty"] == "affirmed"]


def _joined(values: Iterable[Any]) -> str | None:
    return "; ".join(dict.fromkeys(filter(None, values))) or None
