"""What a scan's file says of who and when, and whether scans are of one patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from pathlib import Path

from cohort.base.errors import DataError, UsageError
from cohort.schema.case import Case
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.space.address import Address
from cohort.space.file_types import DICOM, type_of


@dataclass(frozen=True)
class ScanOrigin:
    """What a scan's file says of who and when. It goes into no page, file or message.

    Attributes
    ----------
    acquired
        By its DICOM header.
    series
        Its UID.
    patient_id, name, birth_date
        By its header; empty where it doesn't say.
    patient, hours
        By the manifest of the cohort that it lies in.
    day
        By its DICOM header, which may tell no more than that.
    """

    acquired: datetime | None = None
    series: str = ""
    patient_id: str = ""
    name: str = ""
    birth_date: str = ""
    patient: str | None = None
    hours: float | None = None
    day: date | None = None


def origin_of(path: Path) -> ScanOrigin:
    """Return what a scan says of who and when; nothing where it can't be read."""
    file = Address.of(path).file
    case = case_of(file)
    patient, hours = (case.patient_id, case.hours) if case else (None, None)
    if type_of(path) is not DICOM:
        return ScanOrigin(patient=patient, hours=hours)
    from cohort.space.dicom.read import find_one

    try:
        first = find_one(path).first
    except (DataError, OSError):
        return ScanOrigin(patient=patient, hours=hours)  # what is wrong is said where it is read
    return ScanOrigin(
        read_time(first.acquired),
        first.series_uid,
        _plain(first.patient_id),
        _plain(first.patient_name),
        first.birth_date.strip(),
        patient,
        hours,
        read_day(first.acquired),
    )


def read_day(stated: str) -> date | None:
    """Return the day of a DICOM date and time; None where it does not say it.

    Examples
    --------
    >>> read_day("20240102"), read_day("202401")
    (datetime.date(2024, 1, 2), None)
    """
    try:
        return datetime.strptime(stated[:8], "%Y%m%d").date() if stated[7:] else None
    except ValueError:
        return None


def read_time(stated: str) -> datetime | None:
    """Return a DICOM date and time; None where it does not say the minute.

    Examples
    --------
    >>> read_time("20240102030405.5"), read_time("20240102")
    (datetime.datetime(2024, 1, 2, 3, 4, 5), None)
    """
    digits = stated.partition(".")[0]
    try:
        return (
            datetime.strptime(digits[:14].ljust(14, "0"), "%Y%m%d%H%M%S") if digits[11:] else None
        )
    except ValueError:
        return None


def refuse_others(paths: Sequence[Path], origins: Sequence[ScanOrigin]) -> None:
    """Refuse scans of two patients, or one scan twice; nothing that says who is quoted.

    Raises
    ------
    DataError
        If the headers, or the manifest, name two patients.
    UsageError
        If a scan was named twice.
    """
    for (one, a), (two, b) in combinations(zip(paths, origins, strict=True), 2):
        same_file = one.resolve() == two.resolve()
        if same_file or (a.series and a.series == b.series):
            raise UsageError(f"{one} and {two} are the same scan; name each scan once.")
        if _are_two(a, b):
            raise DataError(
                f"{one} and {two}: are scans of two patients, by what their files say of them; "
                "name the scans of one patient, and others in a call of their own."
            )


def _are_two(a: ScanOrigin, b: ScanOrigin) -> bool:
    """Whether two scans are surely of two patients: by the manifest, or by their headers.

    One id is one patient unless the births differ. Of two ids, or none, one name and one birth are
    one patient: hospitals count their own.
    """
    if a.patient and b.patient and a.patient != b.patient:
        return True
    births = {a.birth_date, b.birth_date} - {""}
    if len(births) > 1:
        return True
    if a.patient_id and a.patient_id == b.patient_id:
        return False
    if a.name and a.name == b.name and a.birth_date and b.birth_date:
        return False
    return any(
        one and two and one != two for one, two in ((a.patient_id, b.patient_id), (a.name, b.name))
    )


def _plain(stated: str) -> str:
    """Return an id or a name as it is compared: `Li^Si ` and `LI SI` are one."""
    return " ".join(stated.replace("^", " ").replace("=", " ").split()).casefold()


def case_of(file: Path) -> Case | None:
    """Return the case of a scan that lies in a cohort's folder; None if it lies in none."""
    whole = file.resolve()
    for folder in list(whole.parents)[:2]:
        if not (folder / MANIFEST).is_file():
            continue
        try:
            cohort = Cohort.load(folder)
        except DataError:
            continue  # the scan is good without it
        for case in cohort.cases:
            if case.image and Address.of(cohort.path(case.image)).file.resolve() == whole:
                return case
    return None
