"""Columns of a record's row that decisions about a hematoma need, beside those of `summary`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Finding = dict[str, Any]

PRESENCES = (
    *("hydrocephalus", "herniation", "cistern_compression", "fourth_ventricle_compression"),
    *("subarachnoid_blood", "subdural_blood", "edema"),
)
"""Findings that are there or not; each is a column of that name."""
AIRWAY = ("intubation", "mechanical_ventilation", "sedation")
HABITS = ("smoking", "drinking")
LABORATORY = {
    "inr": "inr",
    "platelets": "platelets_e9_per_l",
    "fibrinogen": "fibrinogen_g_per_l",
    "glucose": "glucose_mmol_per_l",
}
"""Laboratory values to their columns."""
OUTCOMES = ("mrs", "gos")

DECISION_COLUMNS = (
    *("nihss", "mrs_before", "mrs", "gos", "onset_to_ct_h"),
    *("operation", "operation_planned", "operation_date", "operation_hours", "operation_since"),
    *PRESENCES,
    "subdural_blood_side",
    *("growth_signs", "hematoma_diameters_mm", "hematoma_slices"),
    *LABORATORY.values(),
    *HABITS,
    *("cigarettes_per_day", "smoking_years", "drink_ml_per_day", "drinking_years"),
    *AIRWAY,
)
"""The columns, in order."""

_LATER = ("course", "after_operation", "discharge", "follow_up", "before_onset")
_AT_ADMISSION = ("admission", None, "before_operation")
_CERTAIN = ("affirmed", "uncertain", "historical", "negated")
_OUTCOME = ("follow_up", "discharge", "after_operation", "course", None, "admission")


def decision_row(
    by_name: dict[str, list[Finding]],
    best: Callable[..., Finding],
    presence: Callable[[Finding], str | None],
) -> dict[str, Any]:
    """Return the columns `DECISION_COLUMNS`.

    Parameters
    ----------
    by_name
        The record's findings.
    best
        Returns the finding that counts of a name (`text.components.findings.summary.summarize`).
    presence
        Returns the word for what is there or not.
    """
    row: dict[str, Any] = dict.fromkeys(DECISION_COLUMNS)
    row["nihss"] = _at_admission(by_name.get("nihss", []))
    row["mrs_before"] = next(
        (f["value"] for f in by_name.get("mrs", []) if f["certainty"] == "historical"), None
    )
    for name in OUTCOMES:
        row[name] = _outcome(by_name.get(name, []))
    times = [f for f in _affirmed(by_name, "onset_to_ct") if f["scan"] == "first"]
    row["onset_to_ct_h"] = times[0]["value"] if times else None
    row.update(_operations(by_name.get("operation", [])))
    for name in PRESENCES:
        row[name] = presence(best(name))
    there = [f["side"] for f in _affirmed(by_name, "subdural_blood") if f["side"]]
    row["subdural_blood_side"] = there[0] if there else None
    row.update(_signs(by_name))
    for name, column in LABORATORY.items():
        row[column] = _at_admission(by_name.get(name, []))
    row.update(_habits(by_name, presence))
    for name in AIRWAY:
        row[name] = _now(by_name.get(name, []), presence)
    return row


def _affirmed(by_name: dict[str, list[Finding]], name: str) -> list[Finding]:
    return [f for f in by_name.get(name, []) if f["certainty"] == "affirmed"]


def _at_admission(found: Iterable[Finding]) -> Any:
    """Return the first value of the admission; one of no moment that is named counts as of it."""
    there = [f for f in found if f["certainty"] == "affirmed" and f["at"] not in _LATER]
    ranked = sorted(there, key=lambda f: (_AT_ADMISSION.index(f["at"]), f["start"]))
    return ranked[0]["value"] if ranked else None


def _outcome(found: Iterable[Finding]) -> Any:
    """Return the latest score, by the moments that are named."""
    there = [f for f in found if f["certainty"] == "affirmed" and f["at"] in _OUTCOME]
    ranked = sorted(there, key=lambda f: (_OUTCOME.index(f["at"]), f["start"]))
    return ranked[0]["value"] if ranked else None


def _operations(found: list[Finding]) -> dict[str, Any]:
    done = [f for f in found if f["certainty"] == "affirmed"]
    timed = next((f for f in done if f["date"] or f["hours"] is not None), None)
    return {
        "operation": _joined(f["value"] for f in done),
        "operation_planned": _joined(f["value"] for f in found if f["time"] == "planned"),
        "operation_date": timed and timed["date"],
        "operation_hours": timed and timed["hours"],
        "operation_since": timed and timed["since"],
    }


def _signs(by_name: dict[str, list[Finding]]) -> dict[str, Any]:
    measured = [f["value"] for f in _affirmed(by_name, "hematoma_diameters") if f["value"]]
    slices = [f["value"] for f in _affirmed(by_name, "hematoma_slices")]
    return {
        "growth_signs": _joined(f["value"] for f in _affirmed(by_name, "growth_sign")),
        "hematoma_diameters_mm": "x".join(f"{n:g}" for n in measured[0]) if measured else None,
        "hematoma_slices": slices[0] if slices else None,
    }


def _habits(
    by_name: dict[str, list[Finding]], presence: Callable[[Finding], str | None]
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    columns = {
        "smoking": ("cigarettes_per_day", "smoking_years"),
        "drinking": ("drink_ml_per_day", "drinking_years"),
    }
    for name, (amount, years) in columns.items():
        found = by_name.get(name, [])
        row[name] = _now(found, presence)
        said = [f for f in found if f["certainty"] in ("affirmed", "historical")]
        row[amount] = next((f["value"] for f in said if f["value"] is not None), None)
        row[years] = next((f["years"] for f in said if f["years"] is not None), None)
    return row


def _now(found: list[Finding], presence: Callable[[Finding], str | None]) -> str | None:
    """Return what is so of what was told: affirmed before uncertain before historical."""
    ranked = sorted(found, key=lambda f: (_CERTAIN.index(f["certainty"]), f["start"]))
    if not ranked:
        return None
    planned = ranked[0].get("time") == "planned"
    return "planned" if planned else presence(ranked[0])


def _joined(values: Iterable[Any]) -> str | None:
    return "; ".join(dict.fromkeys(filter(None, values))) or None
