"""`python -m cohort.series`: what is in a DICOM folder, and which series would be measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cohort.schema.problems import parse
from cohort.schema.series_list import SeriesList
from cohort.series import list_series, main
from tests.cohort.space.dicom.on_disk import write_head
from tests.cohort.space.dicom.write_series import ACCESSION, BIRTH, ID, NAME


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "dicom"
    write_head(folder, 2, "头颅 5mm")
    write_head(folder, 3, "骨窗", "BONEPLUS")
    write_head(folder, 4, "thin", apart=1)
    (folder / "readme.txt").write_text("read me", encoding="utf-8")
    return folder


def test_each_series_is_listed_with_what_was_chosen_and_why(study: Path, command: Any) -> None:
    result = command(main, study)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "patient 1, study 1",
        "✔ series 2: axial head CT, soft kernel; “头颅 5mm”; 30 slices, 5 mm apart; 4×4; "
        "kernel STANDARD",
        "    chosen: axial head CT, soft kernel, slices 5 mm apart",
        "    --series 1.8.1.2",
        "  series 3: axial head CT, bone kernel; “骨窗”; 30 slices, 5 mm apart; 4×4; "
        "kernel BONEPLUS",
        "    not chosen: has a bone kernel (BONEPLUS)",
        "    --series 1.8.1.3",
        "  series 4: axial head CT, soft kernel; “thin”; 30 slices, 1 mm apart; 4×4; "
        "kernel STANDARD",
        "    not chosen: covers 30 mm only",
        "    --series 1.8.1.4",
        f"1 file passed over: is not DICOM ({study / 'readme.txt'})",
        "✔ 1 chosen, of 1 study of 1 patient",
    ]


def test_json_says_the_same_without_descriptions(study: Path, command: Any) -> None:
    result = command(main, study, "--json")
    value = json.loads(result.stdout)
    model, problems = parse(SeriesList, value)
    assert not problems
    assert model is not None
    assert value["schema_version"] == 1
    assert value["skipped"] == {"is not DICOM.": 1}
    (of_patient,) = value["studies"]
    assert (of_patient["patient"], of_patient["study"], of_patient["hours"]) == (1, 1, 0)
    assert of_patient["chosen"] == "1.8.1.2"
    assert [one["chosen"] for one in of_patient["series"]] == [True, False, False]
    assert of_patient["series"][1] == {
        "uid": "1.8.1.3",
        "what": "axial head CT, bone kernel",
        "slices": 30,
        "rows": 4,
        "columns": 4,
        "chosen": False,
        "number": 3,
        "distance_mm": 5.0,
        "height_mm": 150.0,
        "kernel": "BONEPLUS",
        "why_not": ["has a bone kernel (BONEPLUS)"],
        "notes": [],
    }
    assert "骨窗" not in result.stdout


def test_follow_up_is_told_in_hours(study: Path, command: Any) -> None:
    later = {"AcquisitionDate": "20240201", "AcquisitionTime": "101500"}
    write_head(study / "later", 2, "头颅", study="1.8.2", **later)
    lines = command(main, study).stdout.splitlines()
    assert "patient 1, study 2 (26 h later)" in lines
    assert lines[-1] == "✔ 2 chosen, of 2 studies of 1 patient"


def test_nothing_to_choose_is_exit_code_1(tmp_path: Path, command: Any) -> None:
    write_head(tmp_path, 2, "头颅增强")
    result = command(main, tmp_path)
    assert result.exit_code == 1
    assert "not chosen: was taken with contrast, by its description" in result.stdout
    assert "there is no plain axial head CT with a soft kernel" in result.stderr
    assert "name one with --series UID." in result.stderr
    # One study of two that can be measured is enough.
    write_head(tmp_path, 2, "头颅平扫", study="1.8.2")
    assert command(main, tmp_path).exit_code == 0


def test_named_series_is_marked_with_its_note(study: Path, command: Any) -> None:
    lines = command(main, study, "--series", "1.8.1.3").stdout.splitlines()
    assert lines[4].startswith("✔ series 3")
    assert lines[6] == ("    Note: was named with --series: it has a bone kernel (BONEPLUS).")
    assert list_series(study, "1.8.1.3").choices[0][1].chosen is not None
    assert command(main, study, "--series", "1.2.3").exit_code == 1


def test_folder_without_dicom(tmp_path: Path, command: Any) -> None:
    (tmp_path / "scan.txt").write_text("no", encoding="utf-8")
    result = command(main, tmp_path)
    assert result.exit_code == 1
    assert "holds no DICOM series (1 file: is not DICOM)" in result.stderr


def test_output_does_not_say_who_the_patient_is(study: Path, command: Any) -> None:
    for arguments in ([], ["--json"], ["--series", "1.8.1.3"]):
        result = command(main, study, *arguments)
        for secret in (NAME, "Zhang", "张", ID, BIRTH, ACCESSION, "2024", "0815"):
            assert secret not in result.stdout + result.stderr


def test_naming_a_series_is_no_advice_where_none_can_be_read(tmp_path: Path, command: Any) -> None:
    write_head(tmp_path, 2, "Head", PixelSpacing=None)
    result = command(main, tmp_path)
    assert result.exit_code == 1
    assert result.stderr.rstrip().endswith("among its series (faulty: 1).")
    bone = write_head(tmp_path, 3, "Head", "BONE")
    assert "name one with --series UID." in command(main, tmp_path).stderr
    assert f"--series {bone}" in command(main, tmp_path).stdout


def test_patients_of_one_number_are_noted_without_names(tmp_path: Path, command: Any) -> None:
    write_head(tmp_path, 2, "Head")
    write_head(tmp_path, 3, "Head", PatientName="LI^SI", PatientBirthDate="19600101")
    said = command(main, tmp_path).stdout
    assert said.count("Note: has a PatientID that stands beside several names and dates") == 2
    assert "LI" not in said and "1960" not in said
