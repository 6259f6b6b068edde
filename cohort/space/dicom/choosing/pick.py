"""The one series that a path stands for, where a volume is wanted: chosen, or named."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from cohort.base.cli import counted
from cohort.base.errors import DataError
from cohort.space.dicom.choosing.choice import SeriesChoice, called, choose, is_named, is_readable
from cohort.space.dicom.choosing.studies import PatientStudy, studies_of
from cohort.space.dicom.files.find import Found, find_series
from cohort.space.dicom.instance import Series

MOST_LISTED = 16
"""Lines of a message; `cohort.series` lists all."""


def series_of(path: Path, uid: str | None = None) -> Series:
    """Return the series to read of a DICOM file, folder or zip.

    Parameters
    ----------
    uid
        Series Instance UID, or `Series.name`; None to choose (`cohort.space.dicom.choosing`).

    Returns
    -------
    Series
        With what is to be noted of the choice among its notes.

    Raises
    ------
    DataError
        If there is none to choose, or there are several patients or studies to choose from, with a
        list of what there is; or if no series is so named, or it cannot be read.
    """
    found = find_series(path)
    if not found.series:
        raise DataError(nothing_found(path, found))
    studies = studies_of(found.series)
    choices = choose_each(studies, uid)
    if uid is not None:
        return _named(path, choices, uid)
    if len(studies) > 1:
        patients = len({study.patient for study in studies})
        many = f"{len(studies)} studies" + (f" of {patients} patients" if patients > 1 else "")
        advice = "name the folder of one study"
        if any(may_be_named(choice) for _, choice in choices):
            advice += ", or one series with --series UID"
        raise DataError(
            f"{path}: holds {many}, and one scan is wanted; {advice}:{_list(path, choices)}"
        )
    ((_, choice),) = choices
    if choice.chosen is None:
        raise DataError(_refused(path, choices))
    return choice.chosen


def choose_each(
    studies: Sequence[PatientStudy], uid: str | None = None
) -> list[tuple[PatientStudy, SeriesChoice]]:
    """Choose from each study, from those that hold the named series that one."""
    return [
        (study, choose(study.series, uid if _holds(study.series, uid) else None))
        for study in studies
    ]


def may_be_named(choice: SeriesChoice) -> bool:
    """Whether there is a series that can be read, if it is named."""
    return any(map(is_readable, choice.judged))


def nothing_found(path: Path, found: Found) -> str:
    """Say that there is no DICOM series, and what there is instead."""
    reasons = Counter(skipped.reason.rstrip(".") for skipped in found.skipped)
    what = "; ".join(
        f"{counted(count, 'file')}: {reason}" for reason, count in reasons.most_common(4)
    )
    return f"{path}: holds no DICOM series" + (f" ({what})." if what else ".")


def _holds(series: Sequence[Series], uid: str | None) -> bool:
    return uid is not None and any(is_named(one, uid) for one in series)


def _named(path: Path, choices: list[tuple[PatientStudy, SeriesChoice]], uid: str) -> Series:
    holding = [choice for study, choice in choices if _holds(study.series, uid)]
    if not holding:
        raise DataError(f"{path}: holds no series {uid}, but:{_list(path, choices)}")
    if len(holding) > 1:
        names = [
            one.series.name
            for choice in holding
            for one in choice.judged
            if is_named(one.series, uid)
        ]
        raise DataError(
            f"{path}: the series {uid} belongs to several studies; name one of its parts with "
            f"--series: {', '.join(names)}."
        )
    (choice,) = holding
    if choice.chosen is None:
        raise DataError(f"{path}: {choice.refusal}.")
    if choice.chosen.faults:
        said = (fault.rstrip(".") for fault in choice.chosen.faults)
        raise DataError(f"{path}: {called(choice.chosen)} {'; '.join(said)}.")
    return choice.chosen


def _refused(path: Path, choices: list[tuple[PatientStudy, SeriesChoice]]) -> str:
    ((_, choice),) = choices
    readable = may_be_named(choice)
    if len(choice.judged) > 1:
        advice = "; name one with --series UID" if readable else ""
        return f"{path}: {choice.refusal}{advice}:{_list(path, choices)}"
    (one,) = choice.judged
    advice = f"; to take it, name it with --series {one.series.name}" if readable else ""
    return f"{path}: {one.name} {'; '.join(one.why_not)}{advice}."


def _place(study: PatientStudy) -> Path:
    """Return the folder, or the zip, that holds all of a study."""
    places = [one.stored for series in study.series for one in series.instances]
    found = {place.path if place.member else place.path.parent for place in places}
    return Path(os.path.commonpath(found))


def _list(path: Path, choices: list[tuple[PatientStudy, SeriesChoice]]) -> str:
    """Return lines on the series, without what their descriptions say: it may name the patient."""
    lines = []
    indent = "  " if len(choices) == 1 else "    "
    for study, choice in choices:
        if len(choices) > 1:
            lines.append(f"  {study.name}, in {_place(study)}:")
        for one in choice.judged:
            why = "; ".join(one.why_not) or "would be chosen"
            lines.append(f"{indent}{one.name} ({one.kind.what}) {why}; UID {one.series.name}")
    if len(lines) > MOST_LISTED:
        lines = [*lines[:MOST_LISTED], f"  … all of them: hich series {path}"]
    return "\n" + "\n".join(lines)
