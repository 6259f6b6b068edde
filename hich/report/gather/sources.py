"""Where a report's cases come from: the cohort, and what the halves wrote of it.

Only a cohort or a split that can't be read ends it, since without them there are no cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from cohort.base.errors import DataError, few
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.split import PARTS, Split
from cohort.space.stated_patient import StatedPatient
from hich.report.gather.case_source import CaseSource, Places, Sources
from hich.report.gather.written import add_curves, annotation_index, predictions_of, scores_of
from hich.report.messages import Message

Part = Literal["train", "val", "test", "all"]


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
    predictions = predictions_of(places, cohort, sources.notes)
    index = annotation_index(places, cohort, sources.notes)
    scores, measured, noted = scores_of(places.metrics, part, sources)
    add_curves(places.training, sources)
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
