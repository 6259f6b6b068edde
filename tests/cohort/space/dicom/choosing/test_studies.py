from __future__ import annotations

from cohort.space.dicom.choosing.studies import studies_of
from tests.cohort.space.dicom.in_memory import made


def test_studies_of_one_patient_are_a_follow_up() -> None:
    later = made(2, acquired="20240201101500", study_uid="1.8.2")
    first = [made(number, acquired="20240131081500") for number in (3, 1)]
    other = made(1, patient_id="ANOTHER", study_uid="1.8.3", acquired="20200101")
    studies = studies_of([later, *first, other])
    assert [(of.patient, of.number, of.hours) for of in studies] == [
        (1, 1, 0),
        (1, 2, 26),
        (2, 1, None),
    ]
    assert [one.first.series_number for one in studies[0].series] == [1, 3]
    assert [of.name for of in studies] == [
        "patient 1, study 1",
        "patient 1, study 2 (26 h later)",
        "patient 2, study 1",
    ]


def test_unnamed_studies_are_not_one_patients() -> None:
    unnamed = {"patient_id": "", "patient_name": ""}
    studies = studies_of([made(1, study_uid=uid, **unnamed) for uid in ("1.8.1", "1.8.2")])
    assert [of.patient for of in studies] == [1, 2]


def test_names_tell_patients_apart_where_ids_are_missing() -> None:
    series = [
        made(1, patient_id="", study_uid="1.8.1", birth_date="19600101"),
        made(1, patient_id="", study_uid="1.8.2", birth_date="19700101"),
        made(1, patient_id="", study_uid="1.8.3", birth_date="19600101"),
    ]
    assert [(of.patient, of.number) for of in studies_of(series)] == [(1, 1), (1, 2), (2, 1)]
