"""Whose case is it: ids that look like one patient's, and patients that are named."""

from __future__ import annotations

import codecs
import random
import uuid
from pathlib import Path

import pytest

from cohort.base.errors import DataError, UsageError
from cohort.import_files import import_files
from cohort.importing.name_patients import name_patients
from cohort.links.patient_ids import several_of_one
from cohort.schema.manifest import Cohort

RANDOM = random.Random(0)

SEVERAL = {
    "days": [f"P{i}_day{day}" for i in range(4) for day in range(2)],
    "letters": ["p1-a", "p1-b"],
    "letters of many": [f"p{i}-{letter}" for i in range(9) for letter in "ab"],
    "letters joined": ["p1a", "p1b", "p2a", "p2b"],
    "before and after": ["zhang_pre", "zhang_post"],
    "before and after of some": ["zhang_pre", "zhang_post", "li_pre"],
    "numbers": ["001_1", "001_2"],
    "numbers of many": [f"{i:03d}_{visit}" for i in range(20) for visit in (1, 2)],
    "numbers after names": [f"{n}_{visit}" for n in ("li", "wu", "zhao") for visit in (1, 2)],
    "dates": ["S01_20200101", "S01_20200301", "S02_20200101"],
    "dates with hyphens": ["A7_2020-01-01", "A7_2020-02-01"],
    "sessions": [f"sub-{i:02d}_ses-{visit:02d}_ct" for i in range(5) for visit in (1, 2)],
    "one follow-up": [*(f"p{i:03d}" for i in range(50)), "p007_2"],
    "a follow-up by word": ["p1", "p2", "p2_followup"],
    "times": [f"P{i}_t{k}" for i in range(10) for k in range(3)],
    "hours": ["p1_24h", "p1_72h", "p2_24h"],
    "scans": ["p1_ct1", "p1_ct2", "p2_ct1"],
    "Chinese": ["张三_术前", "张三_术后"],
    "Chinese numbers": ["12-第1次", "12-第2次"],
    "upper and lower case": ["p1_pre", "P1_post"],
}

OF_THEIR_OWN = {
    "numbered": [f"p{i:03d}" for i in range(1, 161)],
    "numbered after a word": [f"case_{i}" for i in range(1, 100)],
    "slices": ["slice_0", "slice_1", "slice_2"],
    "of this project": ["hich_0001", "hich_0002", *(f"synth-{i:04d}" for i in range(1, 200))],
    "UUIDs": [str(uuid.UUID(int=RANDOM.getrandbits(128))) for _ in range(300)],
    "hexadecimal": [f"{RANDOM.getrandbits(32):08x}" for _ in range(300)],
    "short hexadecimal": [f"{RANDOM.getrandbits(16):04x}" for _ in range(300)],
    "record numbers": [f"MRN{RANDOM.randrange(10**7):07d}" for _ in range(200)],
    "DICOM's": [f"1.2.840.113619.2.55.{RANDOM.getrandbits(30)}.{n}" for n in range(99)],
    "hospitals": [f"{name}_{i}" for name in ("tongji", "xiehe") for i in range(1, 40)],
    "small hospitals": ["tongji_1", "tongji_2", "xiehe_1", "xiehe_2"],
    "numbered hospitals": [f"{site:02d}-{i:02d}" for site in range(1, 6) for i in range(1, 20)],
    "numbered hospitals, wide": [f"{site:02d}-{i:03d}" for site in (1, 2) for i in range(1, 20)],
    "years": [f"{year}_{i}" for year in (2020, 2021, 2022, 2023) for i in range(1, 4)],
    "days of admission": [f"202001{day:02d}_{i}" for day in range(1, 20) for i in (1, 2)],
    "accession numbers": [f"CT-{year}-{i:04d}" for year in (2020, 2021) for i in range(30)],
    "dates alone": [f"CT_202001{day:02d}" for day in range(1, 29)],
    "beds": [f"ward{ward}_bed{bed}" for ward in range(3) for bed in range(20)],
    "letters": ["patient_a", "patient_b", "patient_c"],
    "Chinese": [f"病例 {i}" for i in range(1, 30)],
    "names": ["zhang_san", "zhang_si", "li_si"],
    "records of a file": [f"notes_{i:04d}" for i in range(1, 9)],
    "one": ["p1_day0"],
    "none": [],
}


@pytest.mark.parametrize("ids", SEVERAL.values(), ids=SEVERAL)
def test_ids_of_one_patient_are_seen(ids: list[str]) -> None:
    groups = several_of_one(ids)
    assert groups
    assert all(len(group) > 1 for group in groups)
    # In whatever order they are listed.
    assert {frozenset(group) for group in several_of_one(ids[::-1])} == set(map(frozenset, groups))


@pytest.mark.parametrize("ids", OF_THEIR_OWN.values(), ids=OF_THEIR_OWN)
def test_ids_that_count_patients_are_not_taken_for_visits(ids: list[str]) -> None:
    assert several_of_one(ids) == []


@pytest.mark.parametrize(
    ("pattern", "patients"),
    [
        ("P*_", ["0", "0", "12"]),
        ("P*_day*", ["0", "0", "12"]),
        ("P*_day?", ["0", "0", "12"]),
        ("*_", ["P0", "P0", "P12"]),
        ("?*_", ["0", "0", "12"]),
        ("P*", ["0_day0", "0_day1", "12_day0"]),
    ],
)
def test_pattern_names_patients(pattern: str, patients: list[str]) -> None:
    ids = ["P0_day0", "P0_day1", "P12_day0"]
    assert list(name_patients(pattern, ids).values()) == patients


def test_signs_of_a_pattern_other_than_wildcards_are_themselves() -> None:
    assert name_patients("a.(1)*+", ["a.(1)b+c"]) == {"a.(1)b+c": "b"}


@pytest.mark.parametrize(
    ("option", "kind", "reason"),
    [
        ("Q*_", UsageError, "fits no case id, as P0_day0, P1;"),
        ("P*_", DataError, "fits 1 of 2 case ids, but not P1;"),
        ("P_", UsageError, "has no \\* and is not a file"),
        ("missing.csv", UsageError, "has no \\* and is not a file"),
    ],
)
def test_patterns_that_name_no_patients(option: str, kind: type[Exception], reason: str) -> None:
    with pytest.raises(kind, match=reason):
        name_patients(option, ["P0_day0", "P1"])


@pytest.mark.parametrize(
    "table",
    [
        "id,patient\nP0,张三\nP1,张三\n".encode(),
        codecs.BOM_UTF8 + "id,patient\r\nP0,张三\r\nP1,张三\r\n".encode(),
        "id,patient\nP0,张三\nP1,张三\n".encode("gb18030"),
        "ID; Patient; age\n P0 ;张三;61\nP1;张三;61\n\n".encode(),
        'patient\tnote\tid\n张三\t"a\nb"\tP0\n张三\t\tP1\n王五\t\tP9\n'.encode(),
    ],
)
def test_table_names_patients(tmp_path: Path, table: bytes) -> None:
    path = tmp_path / "patients.csv"
    path.write_bytes(table)
    assert name_patients(str(path), ["P1", "P0"]) == {"P1": "张三", "P0": "张三"}


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("", "needs a first line"),
        ("case,patient\nP0,1\n", "needs a first line"),
        ("id,patient\nP0,1\n", r"names no patient of 1 of 2 cases \(P1\)"),
        (
            "id,patient\nP0,1\nP1,2\nP0,3\n",
            "row 4: the case 'P0' is of patient '3' here and of '1'",
        ),
        ("id,patient\nP0,1\nP1,\n", "row 3: lacks the id or the patient"),
        ("id,patient\nP0,1\nP1\n", "row 3: lacks the id or the patient"),
    ],
)
def test_tables_that_cannot_be(tmp_path: Path, table: str, reason: str) -> None:
    path = tmp_path / "patients.csv"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(DataError, match=reason):
        name_patients(str(path), ["P0", "P1"])


def records(folder: Path, *names: str) -> str:
    folder.mkdir()
    for name in names:
        (folder / f"{name}.txt").write_text("丘脑出血", encoding="utf-8")
    return str(folder / "*.txt")


def test_import_writes_patients_into_the_manifest(tmp_path: Path) -> None:
    notes = records(tmp_path / "notes", "p1-a", "p1-b", "p2-a")
    imported = import_files(tmp_path / "out", records=notes, patient="*-")
    assert "patients: 2, by --patient" in imported.facts
    cohort = Cohort.load(tmp_path / "out")
    assert [case.patient for case in cohort.cases] == ["p1", "p1", "p2"]
    assert cohort.provenance["patient"] == "*-"
    assert imported.notes == {}


def test_import_that_cannot_name_patients_writes_nothing(tmp_path: Path) -> None:
    notes = records(tmp_path / "notes", "p1-a", "p2")
    with pytest.raises(DataError, match="but not p2"):
        import_files(tmp_path / "out", records=notes, patient="*-")
    assert not (tmp_path / "out").exists()


def test_documents_of_a_tag_file_have_patients_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "p7.bioes").write_text("头 B-SITE\n痛 E-SITE\n\n咳 O\n嗽 O\n", encoding="utf-8")
    imported = import_files(tmp_path / "out", tags=str(tmp_path / "*.bioes"), patient="*_0")
    assert [case.patient for case in imported.cohort.cases] == ["p7", "p7"]
