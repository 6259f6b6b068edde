"""What was read of a case, wherever it came from, and its report: CT and record compared.

A cohort's cases are read from files (`hich.report.gather.case`), one patient's are at hand
(`hich.patient`): from here on both go the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace

from numpy.typing import NDArray

from cohort.facts.doubts import SIDES
from cohort.facts.structures import BY_ID
from cohort.space.stated_patient import StatedPatient
from hich.report.compare.attention import looks
from hich.report.compare.identity import identity_notes
from hich.report.compare.repeats import repeat_findings
from hich.report.compare.rows import compare
from hich.report.compare.statements import beside_first
from hich.report.gather.annotations import AnnotatedText
from hich.report.gather.bleed import bleed_of, measure_drawn
from hich.report.gather.predictions import Prediction, touches_border
from hich.report.messages import Message
from hich.report.model.case import CaseReport, Half
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseMeasurements, CaseVoxels, MaskScore
from hich.report.score.ich import ich_score
from hich.report.settings import Settings

TRAINED_ON = "note.trained_on"
"""Note of what a model was trained on, as far as its metadata say so."""


@dataclass
class CaseParts:
    """All that was read of a case; None is what is missing.

    Attributes
    ----------
    id, part, previous, next
        As the case's report has them.
    text
        The record, with LF line ends.
    annotation
        What was found in it.
    volumes
        The CT, and the masks on its grid.
    prediction
        What was predicted of it.
    scores
        Structure id to the score of its predicted mask.
    reference
        What was measured on the reference masks.
    notes
        What is missing or wrong.
    refused
        The half that was given and can't be used, to the reasons.
    patient
        Whom the CT's DICOM header states as its patient.
    of_other_scans
        Findings of the record that are of other scans of the patient, so that they are not
        compared with this one.
    """

    id: str
    _: KW_ONLY
    part: str | None = None
    previous: str | None = None
    next: str | None = None
    text: str | None = None
    annotation: AnnotatedText | None = None
    volumes: CaseVoxels | None = None
    prediction: Prediction | None = None
    scores: Mapping[str, MaskScore] = field(default_factory=dict)
    reference: CaseMeasurements | None = None
    notes: list[Message] = field(default_factory=list)
    refused: Mapping[Half, tuple[str, ...]] = field(default_factory=dict)
    patient: StatedPatient | None = None
    of_other_scans: tuple[Finding, ...] = ()


def report_of(parts: CaseParts, settings: Settings) -> CaseReport:
    """Compare a case's CT with its record, and put all there is of it together."""
    prediction, annotation, volumes = parts.prediction, parts.annotation, parts.volumes
    measured = prediction.measurements if prediction else None
    seen, said = measured or _why_no_ct(parts), _findings(parts)
    repeated = _repeated(parts, said)
    compared = said
    if repeated and not isinstance(said, Message):
        compared = beside_first(said, repeated, settings.compare)
    rows = compare(seen, compared, settings.compare, parts.reference)
    reference = parts.reference
    drawn = reference if reference and reference.hematoma.volume_ml is not None else None
    if drawn is None and volumes is not None:
        drawn = measure_drawn(volumes)
    findings = (annotation.findings or ()) if annotation else ()
    notes = [*parts.notes, *identity_notes(parts.patient, parts.text, findings)]
    why_look, urgency = looks(rows, parts.scores, notes, settings.look)
    case = CaseReport(
        parts.id,
        parts.part,
        parts.previous,
        parts.next,
        measurements=measured,
        reference=reference,
        scores=parts.scores,
        model=prediction.model.named if prediction else None,
        text=parts.text,
        spans=annotation.spans if annotation else (),
        sections=annotation.sections if annotation else (),
        findings=findings,
        rows=rows,
        # Of a scan whose sides are in doubt, masks tell no side either.
        bleed=None
        if prediction and SIDES in prediction.untold
        else bleed_of(drawn, measured, rows, settings.compare),
        coverage=_coverage(prediction) if measured and prediction else None,
        notes=tuple(notes),
        refused=parts.refused,
        looks=why_look,
        urgency=urgency,
        stated_ages=parts.patient.ages if parts.patient else (),
    )
    at_first = rows
    if repeated and not isinstance(said, Message):
        first_said = [f for f in said if f not in repeated]
        at_first = compare(seen, first_said, settings.compare)
    volume, blood = (
        prediction.error_ml(name) if prediction else None
        for name in ("hematoma", "ventricular_blood")
    )
    return replace(case, score=ich_score(case, volume, at_first, blood))


def notes_of_text(text: str) -> Iterator[Message]:
    """Say what is odd about a record's text."""
    if not text.strip():
        yield Message("note.empty_record")
    if damaged := text.count("\ufffd"):
        yield Message("note.damaged_text", {"count": damaged})


def notes_of_annotation(annotation: AnnotatedText) -> Iterator[Message]:
    """Say what was not looked for in a record."""
    if annotation.findings is None:
        yield Message("note.no_findings")
    if annotation.entities_untold:
        yield Message("note.no_entities")


def notes_of_prediction(prediction: Prediction) -> Iterator[Message]:
    """Say what the model knows, what cannot be told of a CT, and what is odd about it."""
    if what := prediction.model.trained_on:
        yield Message(TRAINED_ON, {"model": prediction.model.named, "what": what})
    if prediction.measurements is None:
        yield Message("note.no_measurements")
    for structure, why in prediction.untold.items():
        yield Message("note.cannot_be_told", {"structure": structure, "what": why})
    for note in prediction.notes:
        yield Message("note.of_scan", {"what": note})


def notes_of_masks(masks: Mapping[str, NDArray], axial_axis: int) -> Iterator[Message]:
    """Say which predicted masks are empty, and which may be cut off."""
    for name, mask in masks.items():
        if not mask.any():
            if BY_ID[name].is_expected:
                yield Message("note.empty_mask", {"structure": name})
        elif BY_ID[name].has_volume and touches_border(mask, axial_axis):
            yield Message("note.touches_border", {"structure": name})


def _coverage(prediction: Prediction) -> Message | None:
    """Say that the volumes are of the slices at hand only, if they are."""
    of = prediction.coverage
    if of is None or not (of.part or of.cut_off):
        return None
    key = "coverage.slices" if of.part else "coverage.field"
    return Message(key, {"count": of.slices, "height": of.height_mm})


def _why_no_ct(parts: CaseParts) -> Message:
    if "ct" in parts.refused:
        return Message("reason.ct_refused")
    if parts.volumes is None:
        return Message("reason.no_ct")
    return Message("reason.not_measured" if parts.prediction else "reason.no_prediction")


def _repeated(parts: CaseParts, said: Sequence[Finding] | Message) -> tuple[Finding, ...]:
    """Return what the record states of repeated CTs, of what is compared."""
    if isinstance(said, Message):
        return ()
    return repeat_findings(parts.text or "", said)


def _findings(parts: CaseParts) -> Sequence[Finding] | Message:
    if parts.annotation is not None and parts.annotation.findings is not None:
        return [f for f in parts.annotation.findings if f not in parts.of_other_scans]
    if "record" in parts.refused:
        return Message("reason.record_refused")
    return Message("reason.no_record" if parts.text is None else "reason.no_annotation")
