"""The studies of DICOM files as cases of a cohort, with ids that hold no identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cohort.importing.key_file import CohortKey, KeyCase
from cohort.space.dicom.choosing.choice import SeriesChoice
from cohort.space.dicom.choosing.studies import PatientStudy, patient_key, started, taken_at
from cohort.space.dicom.instance import Series


@dataclass(frozen=True)
class StudyCase:
    """A study that becomes a case.

    Attributes
    ----------
    case_id
        Of the cohort.
    study, series
        What it is made of.
    """

    case_id: str
    study: PatientStudy
    series: Series


@dataclass
class SortedStudies:
    """The studies of some files.

    Attributes
    ----------
    new
        Those that are not in the cohort.
    known
        Case id to the study, of those that are.
    refused
        How messages call a study or a case, and why it is not taken.
    """

    new: list[StudyCase]
    known: dict[str, PatientStudy]
    refused: list[tuple[str, str]]


def sort_studies(
    choices: Sequence[tuple[PatientStudy, SeriesChoice]], key: CohortKey, cases: set[str]
) -> SortedStudies:
    """Tell new studies from known ones, and enter the new ones into the key.

    Parameters
    ----------
    choices
        Each study, and the series that was chosen from it.
    key
        Of the cohort; new patients and studies are added to it.
    cases
        Ids of the cohort's cases.
    """
    found = SortedStudies([], {}, [])
    for study, choice in choices:
        case_id = key.case_of(study_uid(study))
        if case_id is not None and case_id in cases:
            found.known[case_id] = study
            before = key.cases[case_id]
            same = next((one for one in study.series if one.name == before.series_uid), None)
            if same is not None and before.slices not in (0, len(same.instances)):
                why = (
                    f"has come again with {len(same.instances)} slices; {before.slices} are in the "
                    "cohort, and stay (take the case out of its manifest to import it anew)"
                )
                found.refused.append((f"case {case_id}", why))
        elif choice.chosen is None:
            found.refused.append((study.name, str(choice.refusal)))
        else:
            first = choice.chosen.first
            patient = key.patient_of(patient_key(first))
            case_id = case_id or key.new_case(patient, cases)
            key.cases[case_id] = KeyCase(
                patient,
                study_uid(study),
                choice.chosen.name,
                first.accession_number,
                started(study.series),
                len(choice.chosen.instances),
            )
            found.new.append(StudyCase(case_id, study, choice.chosen))
    return found


def study_uid(study: PatientStudy) -> str:
    """Return the UID of a study, or where its files state none, that of its first series."""
    return study.series[0].first.study_uid or study.series[0].uid


def hours_of(key: CohortKey) -> Mapping[str, float]:
    """Return for each case the hours since its patient's first scan, where times are stated."""
    times = {name: taken_at(case.acquired) for name, case in key.cases.items()}
    known = {name: time for name, time in times.items() if time is not None}
    first: dict[str, datetime] = {}
    for name, time in known.items():
        patient = key.cases[name].patient
        first[patient] = min(time, first.get(patient, time))
    return {
        name: round((time - first[key.cases[name].patient]).total_seconds() / 3600, 2)
        for name, time in known.items()
    }
