"""Where a report's cases come from: the cohort, and what the halves wrote of it.

What is missing, damaged or of another cohort ends nothing: it becomes a note. Only a cohort or a
split that can't be read does, since without them there are no cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeVar

from cohort.base.errors import DataError, few
from cohort.schema.manifest import Case, Cohort
from cohort.schema.scores import PipelineScores, ScoresFile
from cohort.schema.split import PARTS, Split
from cohort.space.stated_patient import StatedPatient
from hich.report.gather.annotations import ANNOTATIONS, AnnotationsLine, Index, find_annotations
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
from hich.report.model.cohort import Curve
from hich.report.model.masks import CaseMeasurements
from imaging.training.history import HISTORY_TABLE
from text.training.learning_curve import LOG

Part = Literal["train", "val", "test", "all"]

T = TypeVar("T")


@dataclass(frozen=True)
class Places:
    """Where the halves wrote.

    Attributes
    ----------
    predictions, metrics, training
        Folders with a folder `imaging` and a folder `text` each. Metrics or training are None
        where nothing was to be scored, or trained.
    split
        File of the split; None where there is none.
    """

    predictions: Path
    metrics: Path | None
    training: Path | None
    split: Path | None = None


@dataclass(frozen=True)
class CaseSource:
    """Where what is known of a case lies; each None where there is nothing.

    Attributes
    ----------
    id, part
        Of the case; the part is None if the split doesn't name it.
    image, record
        The CT, and the medical record.
    reference
        Structure id to its reference mask.
    prediction
        JSON of the prediction.
    annotation
        Line of the annotated record.
    scores
        Of the predicted masks.
    measured
        What was measured on the reference masks.
    previous, next
        Ids of its neighbours in the report.
    noted
        What `imaging.evaluate` noted on its files.
    is_scored
        Whether predictions are to be scored, for which reference masks are needed.
    hours
        Since the patient's first scan, where the manifest says.
    stated
        Whom the CT's DICOM header stated as its patient, as far as the manifest keeps it.
    of_patient
        Where the patient has several scans in the report: all of them, itself included, by time, or
        in the manifest's order where not all times are known.
    """

    id: str
    part: str | None
    image: Path | None
    record: Path | None
    reference: Mapping[str, Path]
    prediction: Path | None
    annotation: AnnotationsLine | None
    scores: CaseScores | None
    measured: CaseMeasurements | None
    previous: str | None = None
    next: str | None = None
    noted: tuple[CheckSentence, ...] = ()
    is_scored: bool = True
    hours: float | None = None
    stated: StatedPatient | None = None
    of_patient: tuple[CaseSource, ...] = ()

    def files(self) -> list[Path]:
        """Return the files that the case is read from."""
        annotated = self.annotation.path if self.annotation else None
        single = (self.image, self.record, self.prediction, annotated)
        return [path for path in (*single, *self.reference.values()) if path is not None]


@dataclass
class Sources:
    """All that a report is made from.

    Attributes
    ----------
    cohort
        The cohort.
    parts
        Part, or `none`, to its number of cases.
    cases
        Those that the report is of.
    imaging_scores, text_scores, curves, notes
        As the cohort's report has them.
    """

    cohort: Cohort
    parts: dict[str, int]
    cases: list[CaseSource] = field(default_factory=list)
    imaging_scores: ScoresFile | None = None
    text_scores: PipelineScores | None = None
    curves: list[Curve] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)


def find_sources(folder: Path, places: Places, part: Part = "test") -> Sources:
    """Find what there is of the cases of `part` of the cohort in `folder`.

    Without a split the report is of all cases.

    Raises
    ------
    DataError
        If the cohort or the split can't be read, or no case is of that part.
    """
    cohort = Cohort.load(folder)
    split = Split.load(places.split) if places.split else None
    parts = {case.id: _part_of(case, split, part) for case in cohort.cases}
    sources = Sources(cohort, _count(parts.values()))
    if split is None:
        if places.metrics is not None:  # else there is nothing that parts would matter to
            sources.notes.append(Message("note.no_split"))
        part = "all"
    else:
        sources.notes += _leaks(split)
    chosen = [case for case in cohort.cases if part in ("all", parts[case.id])]
    if not chosen:
        counts = ", ".join(f"{n} {name}" for name, n in sources.parts.items() if n)
        raise DataError(
            f"{folder}: no case is of the part {part!r} of {places.split} ({counts}); split the "
            "cohort again, or choose another --part."
        )
    predictions = _predictions(places, cohort, sources.notes)
    index = _annotations(places, cohort, sources.notes)
    scores, measured, noted = _scores(places.metrics, part, sources)
    _curves(places.training, sources)
    ids = [None, *(case.id for case in chosen), None]
    sources.cases = [
        CaseSource(
            case.id,
            parts[case.id],
            cohort.path(case.image) if case.image else None,
            cohort.path(case.record) if case.record else None,
            {name: cohort.path(path) for name, path in case.masks.items()},
            predictions.get(case.id),
            index.lines.get(case.id),
            scores.get(case.id),
            measured.get(case.id),
            previous=ids[number],
            next=ids[number + 2],
            noted=noted.get(case.id, ()),
            is_scored=places.metrics is not None,
            hours=case.hours,
            stated=StatedPatient.of_shared(case.dicom),
        )
        for number, case in enumerate(chosen)
    ]
    sources.cases = _with_patients(sources.cases, [case.patient_id for case in chosen])
    return sources


def _with_patients(cases: Sequence[CaseSource], patients: Sequence[str]) -> list[CaseSource]:
    """Return the cases, each with all scans of its patient where there are several."""
    scans: dict[str, list[CaseSource]] = {}
    for case, patient in zip(cases, patients, strict=True):
        if case.image is not None:
            scans.setdefault(patient, []).append(case)
    for of_one in scans.values():
        if all(case.hours is not None for case in of_one):
            of_one.sort(key=lambda case: case.hours or 0.0)
    return [
        replace(case, of_patient=tuple(scans[patient]))
        if case.image is not None and len(scans[patient]) > 1
        else case
        for case, patient in zip(cases, patients, strict=True)
    ]


def _part_of(case: Case, split: Split | None, wanted: str) -> str | None:
    """Return the part of a case; with a split by slice, the wanted one if any slice is of it."""
    if split is None:
        return None
    return wanted if wanted in split.slices.get(case.id, ()) else split.cases.get(case.id)


def _leaks(split: Split) -> list[Message]:
    """Say which cases look like one patient's, and yet stand in several parts."""
    apart = [
        case
        for link in split.links
        if len({split.cases.get(case) for case in link.cases}) > 1
        for case in link.cases
    ]
    return [Message("note.leak", {"count": len(apart), "ids": few(apart)})] if apart else []


def _count(parts: Iterable[str | None]) -> dict[str, int]:
    counts = Counter(part or "none" for part in parts)
    return {part: counts[part] for part in (*PARTS, "none")}


def _predictions(places: Places, cohort: Cohort, notes: list[Message]) -> dict[str, Path]:
    folder = places.predictions / "imaging"
    found = find_predictions(folder)
    if not found:
        if any(case.image for case in cohort.cases):
            notes.append(Message("note.no_predictions", {"where": short_path(folder)}))
        return {}
    _note_unknown("note.unknown_predictions", found, cohort, notes)
    return found


def _annotations(places: Places, cohort: Cohort, notes: list[Message]) -> Index:
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


def _scores(
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


def _curves(training: Path | None, sources: Sources) -> None:
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
