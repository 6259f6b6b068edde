"""Which patients and studies the series of a folder belong to, without saying who they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cohort.space.dicom.instance import Instance, Series


@dataclass(frozen=True)
class PatientStudy:
    """The series of one study. Several studies of one patient are a follow-up.

    Attributes
    ----------
    patient
        Number of the patient, from 1 on, in the order in which they were found.
    number
        Number of the study among the patient's, from 1 on, by time as far as that is stated.
    hours
        Since the patient's first study, where both say when they were taken: a date would say who
        it is, hours do not.
    series
        In the order of their numbers.
    """

    patient: int
    number: int
    hours: float | None
    series: tuple[Series, ...]

    @property
    def name(self) -> str:
        """How messages call it, such as `patient 1, study 2 (26 h later)`."""
        later = "" if not self.hours else f" ({self.hours:.0f} h later)"
        return f"patient {self.patient}, study {self.number}{later}"


def patient_key(instance: Instance) -> tuple[str, ...]:
    """Return what tells patients apart; never to be shown.

    Patient ID, else name and date of birth, else the study: unnamed studies are not taken for one
    patient's.
    """
    if patient := instance.patient_id.strip():
        return ("id", patient)
    name = " ".join(instance.patient_name.replace("^", " ").split())
    if name:
        return ("name", name, instance.birth_date)
    return ("study", instance.study_uid)


def studies_of(series: Sequence[Series]) -> list[PatientStudy]:
    """Return the studies that series belong to, those of one patient together."""
    patients: dict[tuple[str, ...], dict[str, list[Series]]] = {}
    for one in series:
        studies = patients.setdefault(patient_key(one.first), {})
        studies.setdefault(one.first.study_uid, []).append(one)
    found = []
    for patient, studies in enumerate(patients.values(), 1):
        # Studies that do not say when they were taken stand last, as found.
        in_time = sorted(studies.values(), key=lambda of: started(of) or "9")
        first = taken_at(started(in_time[0]))
        for number, of_study in enumerate(in_time, 1):
            now = taken_at(started(of_study))
            hours = (now - first).total_seconds() / 3600 if now and first else None
            found.append(PatientStudy(patient, number, hours, tuple(sorted(of_study, key=_order))))
    return found


def started(series: Sequence[Series]) -> str:
    """Return when the first image of some series was acquired, as DICOM writes it; "" if unsaid."""
    return min((at for one in series for i in one.instances if (at := i.acquired)), default="")


def taken_at(acquired: str) -> datetime | None:
    """Return a point in time, where date, hour and minute are stated.

    Examples
    --------
    >>> taken_at("20240131081530.250"), taken_at("20240131"), taken_at("")
    (datetime.datetime(2024, 1, 31, 8, 15, 30), None, None)
    """
    digits = re.match(r"\d*", acquired)
    text = digits[0] if digits else ""
    try:
        return datetime.strptime(text[:14].ljust(14, "0"), "%Y%m%d%H%M%S") if text[11:] else None
    except ValueError:
        return None


def _order(series: Series) -> tuple[float, str, int]:
    number = series.first.series_number
    return (float("inf") if number is None else number, series.uid, series.part or 0)
