"""DICOM series as images of a cohort: linked as they are, or written as NIfTI."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cohort.base.errors import DataError
from cohort.import_files import import_files
from cohort.schema.manifest import Cohort
from cohort.space.file_types import files_of, read_volume
from tests.cohort.space.dicom.write_series import asymmetric, write_series

HEAD = {"BodyPartExamined": "HEAD", "ConvolutionKernel": "STANDARD"}
SHAPE = (6, 5, 12)
UNEVEN = [4.0 * k for k in range(7)] + [25.0 + 7.0 * k for k in range(5)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    write_series(folder / "p1/CT", asymmetric(SHAPE), levels=UNEVEN, **HEAD)
    write_series(
        tmp_path / "z", asymmetric(SHAPE), StudyInstanceUID="1.5", SeriesInstanceUID="1.5.1", **HEAD
    )
    with zipfile.ZipFile(folder / "p2.zip", "w") as archive:
        for path in (tmp_path / "z").iterdir():
            archive.write(path, path.name)
    (folder / "notes").mkdir()
    (folder / "notes/p1.txt").write_text("突发头痛。", "utf-8")
    (folder / "notes/readme").mkdir()
    return folder


def test_folders_and_zips_are_images(data: Path, tmp_path: Path) -> None:
    images, records = str(data / "*"), str(data / "notes/*.txt")
    imported = import_files(tmp_path / "c", images, records=records)
    cases = {case.id: case for case in Cohort.load(tmp_path / "c").cases}
    assert cases["p1"].image == "images/p1" and cases["p2"].image == "images/p2.zip"
    assert cases["p1"].record == "records/p1.txt"
    assert "DICOM series linked: 2" in imported.facts
    for case in cases.values():
        voxels, _ = read_volume(imported.cohort.path(str(case.image)))
        assert (voxels == asymmetric(SHAPE)).all()
    # Each file of the series counts for the fingerprints.
    assert len(files_of(imported.cohort.path("images/p1"))) == 12


def test_a_zip_may_lie_in_the_folder_of_its_case(data: Path, tmp_path: Path) -> None:
    (data / "p4").mkdir()
    (data / "p2.zip").rename(data / "p4/export.zip")
    imported = import_files(tmp_path / "c", str(data / "*"))
    assert [case.id for case in imported.cohort.cases] == ["p1", "p4"]
    assert read_volume(imported.cohort.path("images/p4"))[0].shape == SHAPE


def test_copies_are_nifti_on_their_own_slices(data: Path, tmp_path: Path) -> None:
    import_files(tmp_path / "c", str(data / "*"), copy=True)
    for case in Cohort.load(tmp_path / "c").cases:
        path = tmp_path / "c" / str(case.image)
        assert path.name == f"{case.id}.nii.gz" and not path.is_symlink()
        voxels, header = read_volume(path)
        assert (voxels == asymmetric(SHAPE)).all()
        levels = np.diff(header.grid.levels_mm)
        assert levels == pytest.approx(np.diff(UNEVEN) if case.id == "p1" else [5.0] * 11)


def test_a_folder_with_nothing_to_choose_is_said_with_what_there_is(
    data: Path, tmp_path: Path
) -> None:
    bone = {**HEAD, "ConvolutionKernel": "BONE", "StudyInstanceUID": "1.7"}
    write_series(data / "p3", asymmetric(SHAPE), SeriesInstanceUID="1.7.1", **bone)
    with pytest.raises(DataError, match=r"p3.*bone") as error:
        import_files(tmp_path / "c", str(data / "*"))
    assert "1.7.1" in str(error.value) and not (tmp_path / "c").exists()
    imported = import_files(tmp_path / "c", str(data / "*"), series=["1.7.1"])
    (image,) = (case.image for case in imported.cohort.cases if case.id == "p3")
    assert image == "images/p3/series=1.7.1"
    _, header = read_volume(imported.cohort.path(str(image)))
    assert any("bone" in note.what for note in header.notes)
    with pytest.raises(DataError, match=r"--series 9.9: no image holds it"):
        import_files(tmp_path / "d", str(data / "*"), series=["9.9"])


def test_a_folder_without_dicom_is_no_image(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="names no file that can be imported"):
        import_files(tmp_path / "c", str(data / "notes/re*"))


def test_a_manifest_names_no_folder_for_a_record(data: Path, tmp_path: Path) -> None:
    import_files(tmp_path / "c", str(data / "*"))
    path = tmp_path / "c/cohort.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["cases"][0]["record"] = "images/p1"
    path.write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(DataError, match="images/p1' is missing"):
        Cohort.load(tmp_path / "c")
