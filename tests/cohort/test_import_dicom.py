"""Patients' scans and records come into a cohort together, and who they are stays outside."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from cohort.base.errors import DataError
from cohort.import_dicom import import_dicom
from cohort.schema.manifest import Cohort
from cohort.space.file_types import read_volume
from tests.cohort.importing.dicom_studies import SHAPE, UNEVEN, files_in, write_study
from tests.cohort.space.dicom.write_series import (
    ACCESSION,
    BIRTH,
    ID,
    NAME,
    asymmetric,
)


def test_patients_become_cases_without_identity(two_patients: Path, out: Path, key: Path) -> None:
    imported = import_dicom(two_patients, out, key)
    assert imported.added == ["p0001_1", "p0001_2", "p0002_1"]
    cases = {case.id: case for case in Cohort.load(out).cases}
    assert [case.patient for case in cases.values()] == ["p0001", "p0001", "p0002"]
    assert [case.hours for case in cases.values()] == [0, 26, 0]
    voxels, header = read_volume(out / str(cases["p0001_1"].image))
    assert (voxels == asymmetric(SHAPE)).all() and header.axcodes == "LPS"
    whole = b"".join([*files_in(out).values(), *map(str.encode, files_in(out))])
    for secret in (ID, "ID-OTHER", ACCESSION, BIRTH, "张", "Zhang", "1.2.3", "2026", "1957"):
        assert secret.encode() not in whole, secret


def test_the_key_says_who_they_are_to_its_owner_alone(
    two_patients: Path, out: Path, key: Path
) -> None:
    import_dicom(two_patients, out, key)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    content = json.loads(key.read_text("utf-8"))
    assert content["patients"] == {"p0001": ["id", ID], "p0002": ["id", "ID-OTHER"]}
    case = content["cases"]["p0001_2"]
    assert case["accession_number"] == "ACC-2" and case["study_uid"] == "1.2.4"
    assert case["series_uid"] == "1.2.4.2" and case["acquired"].startswith("20260302101500")
    assert len(content["secret"]) == 64


def test_a_study_that_comes_again_is_added_once(two_patients: Path, out: Path, key: Path) -> None:
    import_dicom(two_patients, out, key)
    before, secret = files_in(out), json.loads(key.read_text("utf-8"))["secret"]
    again = import_dicom(two_patients, out, key)
    assert again.added == [] and again.known == ["p0001_1", "p0001_2", "p0002_1"]
    assert files_in(out) == before
    # A new study of a known patient, earlier than the others: hours count from it.
    write_study(two_patients / "d", study="1.2.9", accession="ACC-9", when="20260228 081500")
    later = import_dicom(two_patients, out, key)
    assert later.added == ["p0001_3"]
    hours = {case.id: case.hours for case in Cohort.load(out).cases}
    assert hours == {"p0001_1": 24, "p0001_2": 50, "p0001_3": 0, "p0002_1": 0}
    assert json.loads(key.read_text("utf-8"))["secret"] == secret


def test_uneven_slices_of_a_tilted_gantry_come_as_they_are(
    tmp_path: Path, out: Path, key: Path
) -> None:
    angle = np.radians(18.5)
    column = (0, np.cos(angle), -np.sin(angle))
    write_study(tmp_path / "d", levels=UNEVEN, column=column, along=(0, 0, 1))
    import_dicom(tmp_path / "d", out, key)
    voxels, header = read_volume(out / "images/p0001_1.nii.gz")
    assert (voxels == asymmetric(SHAPE)).all()
    assert np.diff(header.grid.to_mm([(0, 0, k) for k in range(30)])[:, 2]) == pytest.approx(
        np.diff(UNEVEN)
    )
    assert header.grid.thicknesses_mm[15] == pytest.approx((1 + 7) / 2 * np.cos(angle))


@pytest.mark.skipif(os.name != "posix", reason="modes of files are a matter of POSIX")
def test_a_key_that_others_can_read_is_refused(two_patients: Path, out: Path, key: Path) -> None:
    import_dicom(two_patients, out, key)
    key.chmod(0o644)
    with pytest.raises(DataError, match="others than you can read this key.*chmod 600"):
        import_dicom(two_patients, out, key)


def test_a_key_inside_of_the_cohort_is_refused(two_patients: Path, out: Path) -> None:
    with pytest.raises(DataError, match="lies inside of the cohort"):
        import_dicom(two_patients, out, out / "key.json")
    assert not out.exists()


def test_a_cohort_without_its_key_is_not_added_to(two_patients: Path, out: Path, key: Path) -> None:
    import_dicom(two_patients, out, key)
    before = files_in(out)
    with pytest.raises(DataError, match="has been made with a key; name that one"):
        import_dicom(two_patients, out, key.with_name("other.json"))
    assert files_in(out) == before


def test_the_key_of_another_cohort_is_refused(
    two_patients: Path, out: Path, key: Path, tmp_path: Path
) -> None:
    import_dicom(two_patients, out, key)
    write_study(tmp_path / "e", "ID-E", "1.9.1")
    other = tmp_path / "k/other.json"
    import_dicom(tmp_path / "e", tmp_path / "another", other)
    before = files_in(out)
    with pytest.raises(DataError, match="is not the key of"):
        import_dicom(tmp_path / "e", out, other)
    assert files_in(out) == before
    # One key may be that of several cohorts; no id stands for two studies.
    import_dicom(tmp_path / "e", tmp_path / "third", key)
    assert [case.id for case in Cohort.load(tmp_path / "third").cases] == ["p0003_1"]


def test_a_study_that_failed_leaves_its_id_to_nobody(
    two_patients: Path, out: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cohort.importing.dicom.cohort as reading

    read = reading.read_series

    def fails(series: Any, path: Any = None) -> Any:
        if series.uid == "1.2.3.2":
            raise DataError("patient 1, study 1: pixels are damaged.")
        return read(series, path)

    monkeypatch.setattr(reading, "read_series", fails)
    assert import_dicom(two_patients, out, key).added == ["p0001_2", "p0002_1"]
    assert import_dicom(two_patients, out, key).added == []
    monkeypatch.undo()
    again = import_dicom(two_patients, out, key)
    assert again.added == ["p0001_3"] and len(again.cohort.cases) == 3
    hours = {case.id: case.hours for case in again.cohort.cases}
    assert hours == {"p0001_2": 26, "p0001_3": 0, "p0002_1": 0}


def test_a_damaged_key_is_refused(two_patients: Path, out: Path, key: Path) -> None:
    import_dicom(two_patients, out, key)
    content = json.loads(key.read_text("utf-8"))
    del content["secret"]
    key.write_text(json.dumps(content), "utf-8")
    with pytest.raises(DataError, match="secret"):
        import_dicom(two_patients, out, key)


def test_who_and_when_are_kept_where_that_is_asked_for(
    two_patients: Path, out: Path, key: Path
) -> None:
    import_dicom(two_patients, out, key, keep_dates=True, keep_ids=True)
    first = Cohort.load(out).cases[0]
    assert first.dicom["patient_id"] == ID and first.dicom["accession_number"] == ACCESSION
    assert first.dicom["acquired"].startswith("20260301081500")


def test_studies_that_hold_nothing_to_take_are_said_and_left_out(
    two_patients: Path, out: Path, key: Path
) -> None:
    write_study(two_patients / "e", "ID-BONE", "1.2.7", ConvolutionKernel="BONE")
    imported = import_dicom(two_patients, out, key)
    assert len(imported.added) == 3
    (sentence,) = imported.left_out
    assert "bone" in sentence and "ID-BONE" not in sentence and "p0003" not in sentence
    assert len(json.loads(key.read_text("utf-8"))["patients"]) == 2
    taken = import_dicom(two_patients, out, key, series=["1.2.7.2"])
    assert taken.added == ["p0003_1"]
    # What speaks against it is noted in the file, and so wherever its results are shown.
    _, header = read_volume(out / "images/p0003_1.nii.gz")
    assert any("kernel" in note.what for note in header.notes)


def test_nothing_to_import_writes_nothing(tmp_path: Path, out: Path, key: Path) -> None:
    write_study(tmp_path / "d", ConvolutionKernel="BONE")
    with pytest.raises(DataError, match="bone"):
        import_dicom(tmp_path / "d", out, key)
    (tmp_path / "e").mkdir()
    (tmp_path / "e/notes.txt").write_text("nothing")
    with pytest.raises(DataError, match="no DICOM"):
        import_dicom(tmp_path / "e", out, key)
    assert not out.exists() and not key.exists()


def test_a_study_with_a_damaged_file_lacks_a_slice_and_says_so(
    two_patients: Path, out: Path, key: Path
) -> None:
    path = sorted((two_patients / "c").iterdir())[3]
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    imported = import_dicom(two_patients, out, key)
    assert len(imported.added) == 3
    assert any("1 file" in sentence for sentence in imported.left_out)
    notes = read_volume(out / "images/p0002_1.nii.gz")[1].notes
    assert any("slice" in note.what for note in notes)
    path.write_bytes(whole)
    (sentence,) = import_dicom(two_patients, out, key).left_out
    assert "case p0002_1: has come again with 30 slices; 29 are in the cohort" in sentence
    # As the sentence says.
    manifest = json.loads((out / "cohort.json").read_text("utf-8"))
    manifest["cases"].pop()
    (out / "cohort.json").write_text(json.dumps(manifest), "utf-8")
    assert import_dicom(two_patients, out, key).added == ["p0002_1"]
    assert read_volume(out / "images/p0002_1.nii.gz")[0].shape == SHAPE


def test_the_command_names_no_patient(two_patients: Path, out: Path, key: Path) -> None:
    import typer

    from cohort.import_dicom import main

    app = typer.Typer()
    app.command()(main)
    found = CliRunner().invoke(app, [str(two_patients), str(out), "--key", str(key)])
    assert found.exit_code == 0, found.output
    assert "3 cases added" in found.output and "2 patients" in found.output
    for secret in (ID, ACCESSION, NAME.split("^")[0]):
        assert secret not in found.output


def test_importing_the_command_is_light() -> None:
    code = "import cohort.import_dicom, sys; print('pydicom' in sys.modules)"
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
