"""What the template of a case's page is filled with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal, NamedTuple

from cohort.base.html.visible import VISIBLE
from cohort.facts.doubts import SIDES, SIZES, doubted
from cohort.facts.structures import BY_ID, STRUCTURES
from cohort.facts.windows import WINDOWS
from cohort.schema.scans.measurements import Midline
from hich.report.compare.deciding import crossed_message
from hich.report.compare.rows import ASPECTS
from hich.report.gather.parts import TRAINED_ON
from hich.report.model.case import CaseReport
from hich.report.model.comparison import Row
from hich.report.model.finding import Finding, id_of
from hich.report.model.masks import CaseMeasurements, CaseVoxels
from hich.report.pages.axial import Axial
from hich.report.pages.follow_up import follow_up_context
from hich.report.pages.key_slices import KeySlice, key_slices
from hich.report.pages.record import legend, record_sections
from hich.report.pages.score import evidence_of, score_context
from hich.report.pages.stack import KNOTS_CODE, KNOTS_HU, REFERENCE_BIT, Stack, make_stack
from hich.report.pages.words import Words


class Measurement(NamedTuple):
    """A row of the tables of measurements.

    Attributes
    ----------
    name
        Of its string.
    part, key
        Where it stands in `hich.report.model.masks.CaseMeasurements`.
    kind
        How it is written: as a word (`term`), a `ratio`, or a number in a unit; None for a count.
    """

    name: str
    part: Literal["hematoma", "midline", "ventricles", "ventricular_blood", "edema", "outer_blood"]
    key: str
    kind: str | None

    @property
    def structures(self) -> tuple[str, ...]:
        """The structures without which it can't be told."""
        ventricles = ("ventricle_left", "ventricle_right")
        if self.part == "hematoma":
            beside = ventricles if self.key in ("distance_to_ventricle_mm", "site") else ()
            return ("hematoma", *beside)
        if self.part == "midline":
            return ("midline",)
        if self.part == "ventricular_blood":
            return (self.part, *(() if self.key == "volume_ml" else ventricles))
        if self.part != "ventricles":
            return (self.part,)
        own = {"left_ml": ventricles[:1], "right_ml": ventricles[1:]}
        return own.get(self.key, ventricles)


MEASUREMENTS: tuple[tuple[Measurement, ...], ...] = (
    (
        Measurement("hematoma_ml", "hematoma", "volume_ml", "ml"),
        Measurement("tada_ml", "hematoma", "tada_ml", "ml"),
        Measurement("abc2_ml", "hematoma", "abc2_ml", "ml"),
        Measurement("side", "hematoma", "side", "term"),
        Measurement("site", "hematoma", "site", "term"),
        Measurement("components", "hematoma", "components", None),
        Measurement("largest_diameter_mm", "hematoma", "largest_diameter_mm", "mm"),
        Measurement("distance_to_ventricle_mm", "hematoma", "distance_to_ventricle_mm", "mm"),
    ),
    (
        Measurement("midline_shift_mm", "midline", "shift_mm", "mm"),
        Measurement("shift_toward", "midline", "toward", "term"),
        Measurement("shift_error_mm", "midline", "error_mm", "mm"),
        Measurement("largest_shift_mm", "midline", "largest_mm", "mm"),
        Measurement("ventricle_left_ml", "ventricles", "left_ml", "ml"),
        Measurement("ventricle_right_ml", "ventricles", "right_ml", "ml"),
        Measurement("ventricle_left_right_ratio", "ventricles", "left_right_ratio", "ratio"),
        Measurement("ventricle_compressed", "ventricles", "compressed", "term"),
    ),
    (
        Measurement("ventricular_blood_ml", "ventricular_blood", "volume_ml", "ml"),
        Measurement("ventricular_blood_left_ml", "ventricular_blood", "left_ml", "ml"),
        Measurement("ventricular_blood_right_ml", "ventricular_blood", "right_ml", "ml"),
        Measurement("ventricular_blood_central_ml", "ventricular_blood", "central_ml", "ml"),
        Measurement("edema_ml", "edema", "volume_ml", "ml"),
        Measurement("outer_blood_ml", "outer_blood", "volume_ml", "ml"),
    ),
)
"""The tables of measurements."""

MOST_QUOTES = 20
"""Pieces of evidence that are quoted in a row, so that a very long record's page stays readable."""

NO_ENTITIES = "note.no_entities"
"""Note that stands where the record's entities would be counted."""

INDEX = "../index.html"

OF_SCAN = ("note.cannot_be_told", "note.of_scan", "note.of_reference")
"""Notes that stand beside the measurements."""


def case_context(
    case: CaseReport, volumes: CaseVoxels | None, words: Words, index: str | None = INDEX
) -> dict[str, Any]:
    """Return what the template of a case's page needs.

    `index` is where the page of all cases lies; None where the page stands alone.
    """
    axial = Axial.of(volumes) if volumes else None
    keys = key_slices(axial, _measured_midline(case, volumes), volumes) if axial else ()
    stack = make_stack(axial, [key.number for key in keys]) if axial else None
    shown = {kind: stack.at(key.number) for key in keys for kind in key.kinds} if stack else {}
    evidence = {id_of(f): f for row in case.rows for f in _distinct(row.evidence)[:MOST_QUOTES]}
    evidence |= {id_of(f): f for f in evidence_of(case.score)}
    numbers = {key: number for number, key in enumerate(evidence)}
    tables = _measurements(case.measurements, case.reference, words)
    scan_notes = [note for note in case.notes if tables and note.key in OF_SCAN]
    looked_for = all(note.key != NO_ENTITIES for note in case.notes)
    untold = case.measurements.untold if case.measurements else {}
    return {
        "case": case,
        "letters": words.side_letters(SIDES not in untold),
        "stack": stack,
        "data": _data(stack, keys, SIZES not in untold) if stack else None,
        "windows": WINDOWS,
        "structures": _structures(case, volumes),
        "size_mm": axial.size_mm if axial else None,
        "key_slices": keys,
        "shown": shown,
        "rows": [_row(row, shown, numbers, words) for row in case.rows],
        "score": score_context(case.score, numbers, words) if case.score else None,
        "follow": follow_up_context(case.follow_up, case.text or "", words)
        if case.follow_up
        else None,
        "has_reference": any(row.reference for row in case.rows),
        "measurements": tables,
        "scan_notes": scan_notes,
        "has_edema": any(
            of is not None and of.edema.volume_ml is not None
            for of in (case.measurements, case.reference)
        ),
        "coverage": case.coverage,
        "models": [note for note in case.notes if note.key == TRAINED_ON],
        "notes": [
            note
            for note in case.notes
            if note not in scan_notes and note.key not in (NO_ENTITIES, TRAINED_ON)
        ],
        "no_entities": "case.no_entities" if looked_for else NO_ENTITIES,
        "index": index,
        "sections": record_sections(case, list(evidence.values())) if case.text is not None else [],
        "legend": legend(case.spans),
    }


def _measured_midline(case: CaseReport, volumes: CaseVoxels | None) -> Midline | None:
    """Return what was measured of the midline that is shown."""
    shown = case.measurements if volumes and volumes.predicted else case.reference
    return shown.midline if shown else None


def _structures(case: CaseReport, volumes: CaseVoxels | None) -> list[dict[str, Any]]:
    """Return the structures that have a mask, or a score."""
    predicted = volumes.predicted if volumes else {}
    reference = volumes.reference if volumes else {}
    return [
        {
            "id": s.id,
            "channel": s.channel,
            "colour": s.colour,
            "predicted": s.id in predicted,
            "reference": s.id in reference,
            "score": case.scores.get(s.id),
        }
        for s in STRUCTURES
        if s.id in predicted or s.id in reference
    ]


def _data(stack: Stack, keys: Sequence[KeySlice], sized: bool) -> dict[str, Any]:
    """Return what the viewer needs; `sized` is whether lengths can be told."""
    return {
        "images": stack.images,
        "masks": stack.masks,
        "numbers": stack.numbers,
        "total": stack.total,
        "heights": stack.heights_mm,
        "sized": sized,
        "lossless": stack.lossless,
        "size": stack.size,
        "pixel": stack.pixel_mm,
        "knots": [KNOTS_CODE, KNOTS_HU],
        "colours": [s.colour for s in STRUCTURES],
        "shift_colour": "#{:02x}{:02x}{:02x}".format(*BY_ID["midline"].colour),
        "reference": REFERENCE_BIT,
        "first": stack.at(keys[0].number),
        "shift": {stack.at(key.number): asdict(key.shift) for key in keys if key.shift},
    }


def _row(
    row: Row, shown: dict[str, int], numbers: Mapping[tuple[int, int], int], words: Words
) -> dict[str, Any]:
    said = _distinct(row.evidence)
    untold = row.reason.key == "reason.cannot_be_told"
    return {
        "aspect": row.aspect,
        "ct": words("value.untold") if untold else words.value(row.ct),
        "has_ct": row.ct is not None,
        "slice": shown.get(ASPECTS[row.aspect].key_slice),
        "reference": words.value(row.reference),
        "record": words.joined([words.value(value) for value in row.record]),
        "evidence": [(numbers[id_of(f)], f.text.translate(VISIBLE)) for f in said[:MOST_QUOTES]],
        "more_evidence": max(0, len(said) - MOST_QUOTES),
        "verdict": row.verdict,
        "reason": words.say(row.reason),
        "crossed": [words.say(crossed_message(one)) for one in row.crossed],
    }


def _distinct(evidence: Sequence[Finding]) -> list[Finding]:
    return list({id_of(finding): finding for finding in evidence}.values())


def _is_there(of: CaseMeasurements, part: str) -> bool:
    """Whether there is something to measure: of no hematoma, nothing is in doubt."""
    return part != "hematoma" or of.hematoma.volume_ml != 0


def _measurements(
    predicted: CaseMeasurements | None, reference: CaseMeasurements | None, words: Words
) -> list[list[tuple[str, str | None, str | None]]]:
    """Return the tables of measurements: name, predicted, reference."""
    if predicted is None and reference is None:
        return []

    def written(of: CaseMeasurements | None, row: Measurement) -> str | None:
        if of is None:
            return None
        if any(name in of.untold for name in row.structures):
            return words("value.untold")
        value = getattr(getattr(of, row.part), row.key)
        if value is None and row.key in doubted(of.untold, row.part) and _is_there(of, row.part):
            return words("value.untold")
        if value is None:
            return words("value.none")
        if row.kind == "term":
            return words.term(value)
        if row.kind == "ratio":
            return f"{value:.2f}"
        return words.amount(value, row.kind)

    nothing = (None, words("value.none"))
    tables = [
        [(row.name, written(predicted, row), written(reference, row)) for row in table]
        for table in MEASUREMENTS
    ]
    # Earlier versions, and cohorts without such masks, have nothing to say of what came later.
    tables[-1] = [row for row in tables[-1] if any(value not in nothing for value in row[1:])]
    return [table for table in tables if table]
