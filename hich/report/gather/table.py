"""The row of a case in `cases.csv`: every value, units in the names of the columns.

What was measured is named as in the tables of the imaging half, with `ct_` before it where it is of
predicted masks and `reference_` where it is of reference masks. What the record says is named as in
the tables of the text half, with `record_` before it; `compared_` is how it was compared.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from cohort.base.files import open_table
from cohort.facts.doubts import NAMES
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.scans.measurement_columns import COLUMN_PLACES
from hich.report.compare.aspect import Aspect
from hich.report.compare.deciding import all_crossed
from hich.report.compare.rows import ASPECTS
from hich.report.gather.measured import flat
from hich.report.gather.parts import TRAINED_ON
from hich.report.messages import Message
from hich.report.model.case import CaseReport
from hich.report.model.cohort import CaseSummary
from hich.report.model.comparison import Row
from hich.report.model.follow_up import FollowUp
from text.components.findings.summary import FINDING_COLUMNS, summarize
from text.pages.diagnosis_codes import CODE_COLUMNS, code_columns, diagnosis_codes

CASES_TABLE = "cases.csv"

COMPARED = {f"compared_{aspect.column.name}": aspect for aspect in ASPECTS.values()}
"""Columns of what the record says, as it was compared with the CT; empty where it can be read in
several ways, or states a bound."""

COMPARED_CT = {aspect.column.ct: aspect for aspect in ASPECTS.values() if aspect.column.ct}
"""Columns of what of the CT the record is compared with, where that isn't always one measurement;
of each, the column `<name>_by` says which it is."""

NUMBERS = [aspect for aspect in ASPECTS.values() if aspect.column.unit]
"""Aspects whose differences are of interest."""


def ct_column(aspect: type[Aspect], beside: str) -> str:
    """Return the column of what of the CT is compared with `beside`, a key of `BESIDE`."""
    own = aspect.column.ct if beside == "record" else None
    return own or f"ct_{aspect.column.name}"


BESIDE: dict[Literal["record", "reference"], str] = {
    "record": "compared",
    "reference": "reference",
}
"""What CTs are compared with, to what its columns begin with."""

DIFFERENCES = {
    f"ct_minus_{beside}_{aspect.column.name}": (aspect, beside)
    for beside in BESIDE
    for aspect in NUMBERS
}
"""Columns that are the difference of two others; see `both_of`."""

_TOWARD = {
    "ct": "ct_midline_toward",
    "record": "compared_shift_toward",
    "reference": "reference_midline_toward",
}
"""Columns of the side that a midline shift is toward."""

FOLLOW_UP_COLUMNS = (
    *("first_scan", "hours_after_first", "after_surgery", "compared_with_scan"),
    *("hematoma_change_ml", "hematoma_change_percent", "hematoma_change_error_ml"),
    *("hematoma_change", "growth_standard", "growth_revised", "growth_in_window"),
    *("residual_ml", "clearance_percent"),
)
"""Of a patient's later scan: what changed since the one that it is compared with."""

CASE_COLUMNS: tuple[str, ...] = (
    "id",
    "part",
    *(f"ct_{name}" for name in COLUMN_PLACES),
    *(f"reference_{name}" for name in COLUMN_PLACES),
    *(f"record_{name}" for name in (*FINDING_COLUMNS, *CODE_COLUMNS)),
    *COMPARED,
    *(column for name in COMPARED_CT for column in (name, f"{name}_by")),
    *DIFFERENCES,
    *(f"verdict_{aspect}" for aspect in ASPECTS),
    "limits_crossed",
    "limits_perhaps_crossed",
    "ich_score_low",
    "ich_score_high",
    "ich_score_contradicted",
    *FOLLOW_UP_COLUMNS,
    *(f"dice_{name}" for name in STRUCTURE_IDS),
    *(f"status_{name}" for name in STRUCTURE_IDS),
    "urgency",
    "ct_coverage",
    "notes",
)
"""All columns, in order."""


def values_of(case: CaseReport) -> dict[str, Any]:
    """Return a case's row: column to number, word, or None.

    `limits_crossed` are the limits that surgeons use (`hich.report.compare.deciding`) and CT and
    record lie on two sides of, joined by semicolons; `limits_perhaps_crossed`, by some way to read
    the record. `ich_score_low` and `ich_score_high` are the same number where the score is
    known, and differ where it is a range; `ich_score_contradicted` says whether CT and record
    contradict each other in it. `first_scan` and what follows it are of patients with several
    scans (`hich.report.follow_up`). `ct_coverage` says of which part of the head the CT's values
    are, where it is not all of it.
    `ct_minus_…` of the midline shift counts both from the CT's side: shifts toward two sides
    are as far apart as their sum.
    `notes` are their keys without `note.`, and in words what was noted on the scan, joined by
    semicolons.
    """
    values: dict[str, Any] = dict.fromkeys(CASE_COLUMNS)
    values |= {"id": case.id, "part": case.part}
    for prefix, measured in (("ct", case.measurements), ("reference", case.reference)):
        if measured is not None:
            values |= {f"{prefix}_{name}": value for name, value in flat(measured).items()}
    findings = [finding.to_json() for finding in case.findings]
    record = summarize(findings) | code_columns(diagnosis_codes(findings, case.text or ""))
    values |= {f"record_{name}": value for name, value in record.items()}
    rows = {row.aspect: row for row in case.rows}
    values |= {name: _said(rows.get(a.name), a.column.what) for name, a in COMPARED.items()}
    for name, aspect in COMPARED_CT.items():
        row = rows.get(aspect.name)
        if row is not None and row.ct is not None and row.compared is not None:
            values |= {name: row.ct.number, f"{name}_by": row.ct.term}
    for name, (aspect, beside) in DIFFERENCES.items():
        if both := both_of(values, aspect, beside):
            values[name] = both[0] - both[1]
    values |= {f"verdict_{aspect}": row.verdict for aspect, row in rows.items()}
    for name, sure in (("limits_crossed", True), ("limits_perhaps_crossed", False)):
        values[name] = ";".join(all_crossed(case.rows, sure)) or None
    if case.score:
        total = case.score.total
        values |= {"ich_score_low": total.low, "ich_score_high": total.high}
        values["ich_score_contradicted"] = case.score.is_contradicted
    if case.follow_up:
        values |= _follow_up(case.follow_up, case.id)
    for name, score in case.scores.items():
        values |= {f"dice_{name}": score.dice, f"status_{name}": score.status}
    notes = dict.fromkeys(_note(note) for note in case.notes if note.key != TRAINED_ON)
    values |= {"urgency": case.urgency, "ct_coverage": _coverage(case.coverage)}
    return values | {"notes": ";".join(notes) or None}


def both_of(
    values: Mapping[str, Any], aspect: type[Aspect], beside: Literal["record", "reference"]
) -> tuple[float, float] | None:
    """Return the CT's number and that beside it, of a case's row; None where one is missing.

    A midline shift counts from the CT's side: toward the other side it is negative.
    """
    one = values[ct_column(aspect, beside)]
    other = values[f"{BESIDE[beside]}_{aspect.column.name}"]
    if one is None or other is None:
        return None
    sides = {values[_TOWARD[of]] for of in ("ct", beside)} if aspect.column.unit == "mm" else ()
    return float(one), -float(other) if {"left", "right"} <= {*sides} else float(other)


def _follow_up(told: FollowUp, case_id: str) -> dict[str, Any]:
    """Return what changed since an earlier scan; of the first, which it is and no more."""
    number = next(n for n, scan in enumerate(told.scans) if scan.id == case_id)
    scan = told.scans[number]
    values: dict[str, Any] = {
        "first_scan": told.scans[0].id,
        "hours_after_first": scan.hours,
        "after_surgery": scan.surgery,
    }
    for step in told.steps:
        if step.scan != number:
            continue
        change = step.changes[0]
        values |= {
            "compared_with_scan": told.scans[step.baseline].id,
            "hematoma_change_ml": change.difference,
            "hematoma_change_percent": change.percent,
            "hematoma_change_error_ml": change.error,
            "hematoma_change": change.verdict,
        }
        if step.growth:
            values |= {
                "growth_standard": step.growth.standard,
                "growth_revised": step.growth.revised,
                "growth_in_window": step.growth.in_window,
            }
        if step.clearance:
            values["residual_ml"] = step.clearance.residual_ml
            values["clearance_percent"] = step.clearance.percent
    return values


def _coverage(part: Message | None) -> str | None:
    """Say how much of the head volumes are of; None where that is all of it, or isn't known."""
    if part is None:
        return None
    of = "slices" if part.key == "coverage.slices" else "field of view"
    return f"part ({of}): {part.values['count']} slices, {part.values['height']:g} mm"


def _note(note: Message) -> str:
    if note.key in ("note.of_scan", "note.of_reference"):
        return str(note.values["what"].what)
    if note.key == "note.cannot_be_told":
        structure = str(note.values["structure"])
        return f"{NAMES.get(structure, structure)} cannot be told: {note.values['what'].what}"
    return note.key.removeprefix("note.")


def summary_of(case: CaseReport, page: str | None) -> CaseSummary:
    """Return what the cohort's page shows of a case; `page` is the path of its own page."""
    verdicts = {row.aspect: row.verdict for row in case.rows}
    return CaseSummary(
        case.id,
        page,
        values_of(case),
        verdicts,
        case.notes,
        case.looks,
        case.urgency,
        case.bleed,
        replace(case.follow_up, statements=()) if case.follow_up else None,
    )


def write_table(path: Path, cases: Iterable[CaseSummary]) -> None:
    """Write the rows of `cases`; what is not known is an empty cell."""
    with open_table(path, "w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(CASE_COLUMNS)
        for case in cases:
            writer.writerow(map(_cell, _in_order(case.values)))


def _in_order(values: Mapping[str, Any]) -> list[Any]:
    return [values[name] for name in CASE_COLUMNS]


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return round(value, 4) if isinstance(value, float) else value


def _said(row: Row | None, what: str) -> Any:
    if row is None or row.compared is None:
        return None
    if what == "number" and row.compared.sign:
        return None  # a bound is not a value: it belongs in no column and in no plot
    return getattr(row.compared, what)
