"""All that is known of a case put together: its report, and the voxels to show."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.space.file_types import read_volume, require_finite
from cohort.space.header import Header
from hich.report.gather.annotations import AnnotatedText, read_annotation
from hich.report.gather.case_source import CaseSource
from hich.report.gather.parts import (
    CaseParts,
    notes_of_annotation,
    notes_of_masks,
    notes_of_prediction,
    notes_of_text,
    report_of,
)
from hich.report.gather.portable import without_machine
from hich.report.gather.predictions import (
    Prediction,
    read_mask,
    read_prediction,
    why_not_of,
)
from hich.report.messages import Message
from hich.report.model.case import CaseReport, Half
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseMeasurements, CaseVoxels
from hich.report.settings import Settings
from text.corpus.record_text import read_record


@dataclass
class _Notes:
    """What is missing, or wrong, so far; `files` are those that may be spoken of."""

    files: list[Path]
    messages: list[Message] = field(default_factory=list)

    def add(self, key: str, **values: object) -> None:
        self.messages.append(Message(key, values))

    def damaged(self, error: DataError) -> None:
        for problem in error.problems:
            self.add("note.damaged", what=without_machine(problem, self.files))


OfOtherScans = Callable[[str, Sequence[Finding]], tuple[Finding, ...]]
"""Says, of a record and its findings, which are of other scans of the patient."""


def load_case(
    source: CaseSource, settings: Settings, of_other_scans: OfOtherScans | None = None
) -> tuple[CaseReport, CaseVoxels | None]:
    """Read all there is of a case, and compare its CT with its record.

    What is missing, damaged or of another scan or record is left out, and noted.

    Parameters
    ----------
    source
        Where it lies.
    settings
        Of the comparison.
    of_other_scans
        Says which findings are not compared with this scan; None where it is the only one.

    Returns
    -------
    report, volumes
        The volumes are None where there is no CT that can be read.
    """
    notes = _Notes(source.files())
    text = _text(source, notes)
    annotation = _annotation(source, text, notes)
    scan = _image(source, notes)
    prediction = _prediction(source, scan[1] if scan else None, notes)
    volumes = _volumes(source, scan, prediction, notes) if scan else None
    scores = source.scores if prediction else None
    if prediction and volumes and _are_edited(prediction, volumes):
        notes.add("note.edited_masks")
        prediction, scores = replace(prediction, measurements=None), None
    reference = source.measured if volumes else None
    other_masks = reference and volumes and not _are_of(reference, volumes)
    if other_masks or (scores and prediction and not scores.are_of(prediction.volumes_ml)):
        notes.add("note.other_scores")
        scores = reference = None
    if volumes and not other_masks:
        _evaluated(source, prediction, notes)
    refused: dict[Half, tuple[str, ...]] = {}  # why, the notes say
    if source.image is not None and scan is None:
        refused["ct"] = ()
    if source.record is not None and text is None:
        refused["record"] = ()
    parts = CaseParts(
        source.id,
        part=source.part,
        previous=source.previous,
        next=source.next,
        text=text,
        annotation=annotation,
        volumes=volumes,
        prediction=prediction,
        scores=scores.scores if scores else {},
        reference=reference,
        notes=notes.messages,
        refused=refused,
        patient=(scan[1].patient or source.stated) if scan else None,
    )
    if of_other_scans and annotation and text is not None:
        parts.of_other_scans = of_other_scans(text, annotation.findings or ())
    return report_of(parts, settings), volumes


def _text(source: CaseSource, notes: _Notes) -> str | None:
    if source.record is None:
        notes.add("note.no_record")
        return None
    try:
        text, _ = read_record(source.record)
    except DataError as error:
        notes.damaged(error)
        return None
    notes.messages += notes_of_text(text)
    return text


def _annotation(source: CaseSource, text: str | None, notes: _Notes) -> AnnotatedText | None:
    if source.annotation is None:
        if text and text.strip():
            notes.add("note.no_annotation")
        return None
    if text is None:
        notes.add("note.annotation_without_record")
        return None
    try:
        annotation = read_annotation(source.annotation)
    except DataError as error:
        notes.damaged(error)
        return None
    if annotation.text != text:
        notes.add("note.other_record")
        return None
    notes.messages += notes_of_annotation(annotation)
    return annotation


def _image(source: CaseSource, notes: _Notes) -> tuple[NDArray, Header] | None:
    if source.image is None:
        notes.add("note.no_image")
        return None
    try:
        voxels, header = read_volume(source.image)
        require_finite(source.image, voxels)
        return voxels, header
    except DataError as error:
        notes.damaged(error)
        return None


def _prediction(source: CaseSource, image: Header | None, notes: _Notes) -> Prediction | None:
    if source.prediction is None:
        if source.image is not None:
            notes.add("note.no_prediction")
        return None
    if image is None:
        notes.add("note.prediction_without_image")
        return None
    try:
        prediction = read_prediction(source.prediction)
    except DataError as error:
        notes.damaged(error)
        return None
    difference = why_not_of(prediction, image)
    if difference:
        notes.add("note.other_grid", what=difference)
        return None
    notes.messages += notes_of_prediction(prediction)
    return prediction


def _volumes(
    source: CaseSource,
    scan: tuple[NDArray, Header],
    prediction: Prediction | None,
    notes: _Notes,
) -> CaseVoxels:
    voxels, header = scan
    predicted = _masks(dict(prediction.masks) if prediction else {}, header, notes)
    reference = _masks(dict(source.reference), header, notes)
    if source.is_scored and not source.reference:
        notes.add("note.no_reference")
    notes.messages += notes_of_masks(predicted, header.axial_axis)
    return CaseVoxels(voxels, header.grid, predicted, reference)


def _masks(paths: dict[str, Path], image: Header, notes: _Notes) -> dict[str, NDArray[np.uint8]]:
    masks = {}
    for name, path in paths.items():
        try:
            masks[name] = read_mask(path, image)
        except DataError as error:
            notes.damaged(error)
    return masks


def _evaluated(source: CaseSource, prediction: Prediction | None, notes: _Notes) -> None:
    """Add what the evaluation noted besides what the prediction says: of masks, above all."""
    known = {note.what for note in prediction.notes} if prediction else set()
    for said in source.noted:
        _, _, what = said.what.partition(": ")  # each begins with the file's name
        # What cannot be told of the scan has no value here that could be doubted.
        if what not in known and not said.what.startswith(f"{said.kind} cannot be told: "):
            notes.add("note.of_reference", what=said)


def _are_edited(prediction: Prediction, volumes: CaseVoxels) -> bool:
    """Whether masks are no longer those that were measured, as when they were corrected by hand."""
    return not all(
        _is_volume_of(prediction.volumes_ml[name], mask, volumes)
        for name, mask in volumes.predicted.items()
        if name in prediction.volumes_ml
    )


def _are_of(reference: CaseMeasurements, volumes: CaseVoxels) -> bool:
    """Whether these may be measurements of the reference masks, and not of another cohort's."""
    volume, mask = reference.hematoma.volume_ml, volumes.reference.get("hematoma")
    if volume is None or mask is None:
        return True
    return _is_volume_of(volume, mask, volumes)


def _is_volume_of(volume: float, mask: NDArray, volumes: CaseVoxels) -> bool:
    return math.isclose(volume, volumes.grid.volume_ml(mask), rel_tol=1e-3, abs_tol=0.01)
