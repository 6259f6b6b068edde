"""When scans were taken, in which order they stand, and whether they are one patient's."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError, UsageError
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from hich.patient.origin import ScanOrigin, origin_of, refuse_others
from hich.patient.times import in_order
from tests.cohort.space.dicom.write_series import asymmetric, write_series

ONE, TWO = Path("day0"), Path("day1")


def at(on: int, hour: int = 8, **stated: Any) -> ScanOrigin:
    return ScanOrigin(datetime(2024, 3, on, hour), **stated)


def test_times_are_those_that_were_named_or_those_of_the_files() -> None:
    days = (at(1), at(2, 20))
    found = in_order([ONE, TWO], days)
    assert (found.order, found.hours, found.by, found.notes) == ((0, 1), (0, 36), "dicom", ())
    named = in_order([ONE, TWO], days, [3, 39])
    assert (named.hours, named.by, named.notes) == ((0, 36), "hours", ())
    cohort = (ScanOrigin(patient="p", hours=6.0), ScanOrigin(patient="p", hours=30.0))
    assert in_order([ONE, TWO], cohort).hours == (6, 30)  # since the patient's first, not named
    lost = in_order([ONE, TWO], [ScanOrigin(), ScanOrigin()], [24, 72], earliest=0)
    assert lost.hours == (24, 72)
    assert in_order([ONE, TWO], cohort).by == "manifest"
    alone = in_order([ONE, TWO], (ScanOrigin(), ScanOrigin()))
    assert (alone.order, alone.hours, alone.by, alone.notes) == ((0, 1), None, "order", ())
    some = in_order([ONE, TWO], (at(1), ScanOrigin()))
    assert some.hours is None and [note.key for note in some.notes] == ["follow.some_times"]


def test_scans_stand_by_time_and_it_is_said() -> None:
    found = in_order([ONE, TWO], (at(3), at(1)))
    assert (found.order, found.hours) == ((1, 0), (0, 48))
    assert [note.key for note in found.notes] == ["follow.reordered"]
    named = in_order([ONE, TWO], (ScanOrigin(), ScanOrigin()), [24, 0])
    assert (named.order, named.hours) == ((1, 0), (0, 24))


def test_days_without_times_tell_the_order() -> None:
    days = [ScanOrigin(day=date(2024, 3, day)) for day in (2, 1, 2)]
    found = in_order([ONE, TWO, Path("day2")], days)
    assert (found.order, found.hours, found.by) == ((1, 0, 2), None, "order")
    assert [note.key for note in found.notes] == ["follow.reordered"]
    mixed = in_order([ONE, TWO], (at(2, day=date(2024, 3, 2)), days[1]))
    assert (mixed.order, mixed.hours) == ((1, 0), None)
    with pytest.raises(UsageError, match="it was taken after it"):
        in_order([ONE, TWO], days[:2], [0, 24])
    assert in_order([ONE, TWO], days[:2], [24, 0]).hours == (0, 24)


def test_hours_that_contradict_the_files_are_refused() -> None:
    with pytest.raises(UsageError, match="--hours has day0 before day1, and by what the files say"):
        in_order([ONE, TWO], (at(3), at(1)), [0, 24])
    apart = in_order([ONE, TWO], (at(1), at(3)), [0, 24])
    assert apart.hours == (0, 24) and apart.notes[0].values == {"named": 24, "stated": 48}
    with pytest.raises(UsageError, match="one time twice"):
        in_order([ONE, TWO], (ScanOrigin(), ScanOrigin()), [0, 0])
    with pytest.raises(DataError, match="taken at the same time"):
        in_order([ONE, TWO], (at(1), at(1)))


@pytest.mark.parametrize(
    ("one", "two", "refused"),
    [
        (ScanOrigin(patient_id="17"), ScanOrigin(patient_id="18"), True),
        (
            ScanOrigin(patient_id="17", name="li si"),
            ScanOrigin(patient_id="17", name="李四"),
            False,
        ),
        (ScanOrigin(birth_date="19600101"), ScanOrigin(birth_date="19600102"), True),
        (ScanOrigin(patient_id="17"), ScanOrigin(), False),
        (ScanOrigin(patient="p1"), ScanOrigin(patient="p2"), True),
        (
            ScanOrigin(patient_id="17", name="li si", birth_date="19600101"),
            ScanOrigin(patient_id="B9", name="li si", birth_date="19600101"),
            False,  # two hospitals
        ),
    ],
)
def test_scans_of_two_patients_are_refused_without_saying_who(
    one: ScanOrigin, two: ScanOrigin, refused: bool
) -> None:
    if not refused:
        refuse_others([ONE, TWO], [one, two])
        return
    with pytest.raises(DataError) as error:
        refuse_others([ONE, TWO], [one, two])
    said = str(error.value)
    assert "two patients" in said
    assert not any(word in said for word in ("17", "18", "1960", "p1", "p2", "li si"))


def test_a_scan_named_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="are the same scan"):
        refuse_others([ONE, Path("x/../day0")], [ScanOrigin(), ScanOrigin()])
    with pytest.raises(UsageError, match="are the same scan"):
        refuse_others([ONE, TWO], [ScanOrigin(series="1.2"), ScanOrigin(series="1.2")])


def test_a_cohorts_manifest_tells_patient_and_hours(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    scan = tmp_path / "images" / "a.nii.gz"
    scan.write_bytes(b"x")
    Cohort(tmp_path, "c", (Case("a", "images/a.nii.gz", patient="p7", hours=30.5),)).save()
    found = origin_of(scan)
    assert (found.patient, found.hours) == ("p7", 30.5)


def test_a_dicom_header_tells_who_and_when(tmp_path: Path) -> None:
    for day, patient in ((1, "P-77"), (3, "P-78")):
        write_series(
            tmp_path / f"day{day}",
            asymmetric(),
            PatientID=patient,
            PatientName="Zhang^San",
            PatientBirthDate=f"1960010{day}",
            AcquisitionDate=f"2024030{day}",
            AcquisitionTime="080000",
            SeriesInstanceUID=f"1.2.3.{day}",
        )
    paths = [tmp_path / "day1", tmp_path / "day3"]
    origins = [origin_of(path) for path in paths]
    assert in_order(paths, origins).hours == (0, 48)
    assert (origins[0].patient_id, origins[0].name) == ("p-77", "zhang san")
    with pytest.raises(DataError) as error:
        refuse_others(paths, origins)
    said = str(error.value)
    assert "two patients" in said and "P-7" not in said and "zhang" not in said.casefold()
