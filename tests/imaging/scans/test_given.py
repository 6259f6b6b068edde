"""Which scans a command was given, DICOM among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cohort.base.errors import UsageError
from imaging.scans.given import ScanFile, find_scans
from tests.cohort.space.dicom.on_disk import write_head


def test_dicom_folder_is_one_scan_called_by_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "1.2.840"
    write_head(folder / "st1" / "se1", 2, "Head")
    assert find_scans([folder]).scans == [ScanFile("1.2.840", folder)]
    write_head(folder / "st1" / "se2", 3, "Head", "BONE")
    assert find_scans([folder]).scans == [ScanFile("1.2.840", folder)]
    (folder / "notes.txt").write_text("a scan", encoding="utf-8")
    assert find_scans([folder]).scans == [ScanFile("1.2.840", folder)]


def test_folder_of_a_folder_for_each_series_is_one_scan(tmp_path: Path) -> None:
    write_head(tmp_path / "p1" / "thick", 2, "Head")
    write_head(tmp_path / "p1" / "thin", 3, "Head", apart=1)
    assert find_scans([tmp_path / "p1"]).scans == [ScanFile("p1", tmp_path / "p1")]


def test_folder_of_patients_says_how_to_name_them(tmp_path: Path) -> None:
    for number in (1, 2):
        write_head(tmp_path / f"p{number}", 2, study=f"1.8.{number}", PatientID=str(number))
    found = find_scans([tmp_path])
    assert found.scans == []
    assert found.problems == [
        f"{tmp_path}: holds 2 DICOM studies, and each scan is a folder of its own: name "
        f"{tmp_path / 'p1'}, {tmp_path / 'p2'}."
    ]
    both = [tmp_path / "p1", tmp_path / "p2"]
    assert [scan.id for scan in find_scans(both).scans] == ["p1", "p2"]


def test_folder_of_nifti_files_stays_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "p1.nii.gz").write_bytes(b"")
    write_head(tmp_path / "dicom", 2)
    assert find_scans([tmp_path]).scans == [ScanFile("p1", tmp_path / "p1.nii.gz")]


def test_series_is_of_one_dicom_scan(tmp_path: Path) -> None:
    uid = write_head(tmp_path / "p1", 2)
    named = tmp_path / "p1" / f"series={uid}"
    assert find_scans([tmp_path / "p1"], series=uid).scans == [ScanFile("p1", named)]
    assert find_scans([named]).scans == [ScanFile("p1", named)]
    (tmp_path / "p2.nii.gz").write_bytes(b"")
    for sources in ([tmp_path / "p2.nii.gz"], [tmp_path / "p1", tmp_path / "p2.nii.gz"], [named]):
        with pytest.raises(UsageError, match="--series .*: is for one DICOM folder"):
            find_scans(sources, series=uid)


def test_folder_without_scans(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no scan", encoding="utf-8")
    (problem,) = find_scans([tmp_path]).problems
    assert problem == (
        f"{tmp_path}: holds no .nii, .nii.gz or .nrrd file, and no cohort.json or DICOM "
        "file; name a scan, or a folder with one."
    )
