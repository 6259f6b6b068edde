"""When a patient's scans were taken, and whether they are of one patient.

Times are those that were named, else those of the DICOM headers, else those of the cohort that the
scans lie in; else the order is all that is known: by the days that the headers state, or else as
they were named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from pathlib import Path

from cohort.base.errors import DataError, UsageError
from cohort.schema.manifest import MANIFEST, Case, Cohort
from cohort.space.address import Address
from cohort.space.file_types import DICOM, type_of
from hich.report.messages import Message
from hich.report.model.follow_up import TimesBy

SAME_HOURS = 1.0
"""Two sources may tell times of scans so far apart before it is said that they differ."""


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


@dataclass(frozen=True)
class ScanTimes:
    """The scans by time.

    Attributes
    ----------
    order
        Places of the scans as they were named.
    hours
        Of each, in that order, since the first; None where only the order is known.
    by
        What tells.
    notes
        What is to be said of it.
    """

    order: tuple[int, ...]
    hours: tuple[float, ...] | None = None
    by: TimesBy = "order"
    notes: tuple[Message, ...] = ()


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


def in_order(
    paths: Sequence[Path], origins: Sequence[ScanOrigin], named: Sequence[float] | None = None
) -> ScanTimes:
    """Return the scans by time.

    Parameters
    ----------
    paths
        The scans, as they were named.
    origins
        What each says of itself.
    named
        Hours of each, as named by `--hours`.

    Raises
    ------
    DataError
        If two scans were taken at once.
    UsageError
        If the hours don't fit the scans, or contradict the times that these state.
    """
    by: TimesBy = "order"
    stated, by = _stated(origins)
    notes: list[Message] = []
    days = _days(origins)
    if named is not None:
        if len(set(named)) < len(named):
            raise UsageError("--hours: names one time twice; each scan needs a time of its own.")
        if stated is None and days is not None:
            _refuse_contradiction(paths, named, days)
        if stated is not None:
            _refuse_contradiction(paths, named, stated)
            apart, by_file = _span(named), _span(stated)
            if abs(apart - by_file) > SAME_HOURS:
                notes.append(Message("follow.times_differ", {"named": apart, "stated": by_file}))
        hours: Sequence[float] | None = named
        by = "hours"
    else:
        hours = stated
    if hours is None:
        if any(o.acquired or o.hours is not None for o in origins):
            notes.append(Message("follow.some_times"))
        by_day = tuple(sorted(range(len(paths)), key=days.__getitem__ if days else None))
        if list(by_day) != sorted(by_day):
            notes.append(Message("follow.reordered"))
        return ScanTimes(by_day, notes=tuple(notes))
    order = tuple(sorted(range(len(paths)), key=hours.__getitem__))
    for one, two in zip(order, order[1:], strict=False):
        if hours[one] == hours[two]:
            raise DataError(
                f"{paths[one]} and {paths[two]}: were taken at the same time, as two series of one "
                "scan are; name one of them."
            )
    if list(order) != sorted(order):
        notes.append(Message("follow.reordered"))
    first = hours[order[0]]
    return ScanTimes(order, tuple(hours[n] - first for n in order), by, tuple(notes))


def may_be_first(
    lost: Sequence[int],
    kept: Sequence[int],
    named: Sequence[float] | None,
    times: ScanTimes,
) -> bool:
    """Whether one of the scans that can't be read may be the first.

    Parameters
    ----------
    lost, kept
        Places of those that can't be read, and of the others, as they were named.
    named
        Hours of each, as named by `--hours`.
    times
        Of the others.
    """
    if not lost:
        return False
    if named is not None:
        return min(named[number] for number in lost) < min(named[number] for number in kept)
    return lost[0] < kept[0] or list(times.order) != sorted(times.order)


def _stated(origins: Sequence[ScanOrigin]) -> tuple[list[float] | None, TimesBy]:
    """Return the hours that the scans state, if all do, and what tells them."""
    times = [origin.acquired for origin in origins if origin.acquired]
    if len(times) == len(origins):
        first = min(times)
        return [(time - first).total_seconds() / 3600 for time in times], "dicom"
    hours = [origin.hours for origin in origins if origin.hours is not None]
    if len(hours) == len(origins) and len({origin.patient for origin in origins}) == 1:
        return hours, "manifest"
    return None, "order"


def _days(origins: Sequence[ScanOrigin]) -> list[int] | None:
    """Return the days of the scans as numbers, if their headers state all of them."""
    days = [origin.day.toordinal() for origin in origins if origin.day]
    return days if len(days) == len(origins) else None


def _refuse_contradiction(
    paths: Sequence[Path], named: Sequence[float], stated: Sequence[float]
) -> None:
    for one, two in combinations(range(len(paths)), 2):
        if (named[one] - named[two]) * (stated[one] - stated[two]) < 0:
            first, second = (one, two) if named[one] < named[two] else (two, one)
            raise UsageError(
                f"--hours has {paths[first]} before {paths[second]}, and by what the files say it "
                "was taken after it; name the hours in the order of the scans, or none."
            )


def _span(hours: Sequence[float]) -> float:
    return max(hours) - min(hours)


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
