"""What the halves wrote of a cohort: predictions, annotations, scores, learning curves.

What is missing, damaged or of another cohort ends nothing: it becomes a note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from cohort.base.errors import DataError, few
from cohort.schema.manifest import Cohort
from cohort.schema.split import PARTS
from hich.report.gather.annotations import ANNOTATIONS, Index, find_annotations
from hich.report.gather.case_source import Places, Sources
from hich.report.gather.measured import read_reference
from hich.report.gather.portable import short_path, without_machine
from hich.report.gather.predictions import find_predictions
from hich.report.gather.scores import (
    CaseScores,
    evaluation_notes,
    read_case_scores,
    read_imaging_curve,
    read_imaging_scores,
    read_text_curve,
    read_text_scores,
)
from hich.report.messages import CheckSentence, Message
from hich.report.model.masks import CaseMeasurements
from imaging.training.history import HISTORY_TABLE
from text.training.learning_curve import LOG

T = TypeVar("T")


def predictions_of(places: Places, cohort: Cohort, notes: list[Message]) -> dict[str, Path]:
    """Return each case's prediction; note where there are none, or ones of no case."""
    folder = places.predictions / "imaging"
    found = find_predictions(folder)
    if not found:
        if any(case.image for case in cohort.cases):
            notes.append(Message("note.no_predictions", {"where": short_path(folder)}))
        return {}
    _note_unknown("note.unknown_predictions", found, cohort, notes)
    return found


def annotation_index(places: Places, cohort: Cohort, notes: list[Message]) -> Index:
    """Return the index of annotated records; note what is missing, damaged or of no case."""
    folder = places.predictions / "text"
    index = find_annotations(folder)
    if index is None or not (index.lines or index.problems):
        if any(case.record for case in cohort.cases):
            notes.append(Message("note.no_annotations", {"where": short_path(folder)}))
        return Index()
    notes += _damaged(index.problems, folder / ANNOTATIONS)
    _note_unknown("note.unknown_annotations", index.lines, cohort, notes)
    return index


def _note_unknown(key: str, found: Iterable[str], cohort: Cohort, notes: list[Message]) -> None:
    known = {case.id for case in cohort.cases}
    unknown = [name for name in found if name not in known]
    if unknown:
        notes.append(Message(key, {"count": len(unknown), "ids": few(unknown)}))


def scores_of(
    metrics: Path | None, part: str, sources: Sources
) -> tuple[
    dict[str, CaseScores], dict[str, CaseMeasurements], dict[str, tuple[CheckSentence, ...]]
]:
    """Read the scores of the part, of all cases the test part's.

    Returns
    -------
    scores, measured, noted
        Those of each case, what was measured on its reference masks, and what was noted on its
        files.
    """
    noted: dict[str, tuple[CheckSentence, ...]] = {}
    found: dict[str, CaseScores] = {}
    measured: dict[str, CaseMeasurements] = {}
    if metrics is None:
        masks = any(case.masks for case in sources.cohort.cases)
        sources.notes.append(Message("note.masks_not_scored" if masks else "note.not_scored"))
        return found, measured, noted
    folder = metrics / "imaging"
    for name in PARTS if part == "all" else (part,):
        found |= _or_note(folder / f"{name}_cases.csv", read_case_scores, sources.notes) or {}
        path = folder / f"{name}_measurements.csv"
        measured |= _or_note(path, read_reference, sources.notes) or {}
    of_report = "test" if part == "all" else part
    for name in PARTS if part == "all" else ():
        if name != of_report:  # that one is read below
            path = folder / f"{name}.json"
            noted |= evaluation_notes(_or_note(path, read_imaging_scores, sources.notes))
    imaging, text = (metrics / half / f"{of_report}.json" for half in ("imaging", "text"))
    sources.imaging_scores = _or_note(imaging, read_imaging_scores, sources.notes)
    sources.text_scores = _or_note(text, read_text_scores, sources.notes)
    for path in (imaging, text):
        if not path.is_file():
            sources.notes.append(Message("note.no_scores", {"where": short_path(path)}))
    # With a split by slice only some slices were evaluated: volumes are none of whole masks.
    if sources.imaging_scores and sources.imaging_scores.split_by == "slice":
        for case in found.values():
            case.volumes_ml.clear()
        measured.clear()
    noted |= evaluation_notes(sources.imaging_scores)
    return found, measured, noted


def add_curves(training: Path | None, sources: Sources) -> None:
    """Add the learning curves that there are to the sources."""
    if training is None:
        return
    for path, read in (
        (training / "imaging" / HISTORY_TABLE, read_imaging_curve),
        (training / "text" / LOG, read_text_curve),
    ):
        curve = _or_note(path, read, sources.notes)
        if curve:
            sources.curves.append(curve)


def _or_note(path: Path, read: Callable[[Path], T], notes: list[Message]) -> T | None:
    """Read a file if it is there; if it is damaged, note so."""
    if not path.is_file():
        return None
    try:
        return read(path)
    except DataError as error:
        notes += _damaged(error.problems, path)
        return None


def _damaged(problems: Iterable[str], path: Path) -> list[Message]:
    return [Message("note.damaged", {"what": without_machine(p, [path])}) for p in problems]
