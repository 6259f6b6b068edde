"""Series are found wherever their files are, and what is not one is passed over with a reason."""

from __future__ import annotations

import os
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from write_series import asymmetric, slice_of, write_multiframe, write_series, write_slice

from cohort.base.errors import DataError
from cohort.space.dicom.files.find import Found, find_series
from cohort.space.file_types import DICOM, NIFTI, read_volume, type_of


def reasons(found: Found, top: Path) -> dict[str, str]:
    return {str(Path(str(s.stored)).relative_to(top)): s.reason for s in found.skipped}


def test_what_is_known_of_an_image(tmp_path: Path) -> None:
    write_series(
        tmp_path,
        ConvolutionKernel="H30s",
        ContrastBolusAgent="碘海醇",
        ScanOptions=["HELICAL MODE"],
        StudyDate="20240102",
        AcquisitionDate="20240103",
        AcquisitionTime="101112.5",
        BodyPartExamined="HEAD",
        GantryDetectorTilt=-0.5,
        PatientPosition="HFS",
    )
    found = find_series(tmp_path)
    (series,) = found.series
    assert (series.name, series.faults, series.notes, found.skipped) == ("1.2.3.4", (), (), ())
    first = series.first
    assert first.stored.path == tmp_path / "000.dcm" and first.stored.member is None
    assert first.series_description == "头颅平扫 5mm"
    assert (first.kernel, first.contrast_agent) == ("H30s", "碘海醇")
    assert first.image_type == ("ORIGINAL", "PRIMARY", "AXIAL")
    assert first.scan_options == ("HELICAL MODE",)
    assert first.acquired == "20240103101112.5"
    assert (first.rows, first.columns, first.frames, first.frame) == (5, 6, 1, None)
    assert first.pixel_spacing == (0.7, 0.4) and first.position == (-10, -20, 30)
    assert (first.rescale_slope, first.rescale_intercept) == (1, -1024)
    assert (first.gantry_tilt, first.slice_thickness) == (-0.5, 5)
    assert first.transfer_syntax_uid == ExplicitVRLittleEndian
    assert pickle.loads(pickle.dumps(series)) == series


def test_what_is_known_of_frames(tmp_path: Path) -> None:
    path = write_multiframe(tmp_path / "a", asymmetric(), [(0, 0, 5 * k) for k in range(4)])
    dataset, shared = pydicom.dcmread(path), Dataset()
    for sequence, attributes in {
        "CTReconstructionSequence": {"ConvolutionKernel": "Hr40"},
        "CTAcquisitionDetailsSequence": {"GantryDetectorTilt": 1.0},
        "CTImageFrameTypeSequence": {"FrameType": ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]},
        "FrameContentSequence": {"FrameAcquisitionNumber": 7},
        "FrameAnatomySequence": {"AnatomicRegionSequence": [item(CodeMeaning="Head")]},
    }.items():
        setattr(shared, sequence, [item(**attributes)])
    dataset.SharedFunctionalGroupsSequence[0].update(shared)
    dataset.ContrastBolusAgentSequence = [item(CodeMeaning="Iohexol")]
    dataset.save_as(path)
    (series,) = find_series(path).series
    assert not series.faults and not series.notes
    for frame, instance in enumerate(series.instances):
        assert (instance.frame, instance.frames) == (frame, 4)
        assert (instance.kernel, instance.body_part) == ("Hr40", "Head")
        assert instance.image_type == ("ORIGINAL", "PRIMARY", "VOLUME", "NONE")
        assert (instance.gantry_tilt, instance.acquisition_number) == (1, 7)
        assert instance.contrast_agent == "Iohexol" and instance.rescale_type == "HU"
        assert instance.position == (0, 0, 5 * frame)


def item(**attributes: object) -> Dataset:
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def test_several_patients_studies_and_series_in_one_folder(tmp_path: Path) -> None:
    for patient in "12":
        for study in "12":
            for series in "12":
                uid = f"1.{patient}.{study}"
                write_series(
                    tmp_path / f"p{patient}",
                    name=f"{study}{series}" + "{:03d}",
                    PatientID=patient,
                    StudyInstanceUID=uid,
                    SeriesInstanceUID=f"{uid}.{series}",
                    SeriesNumber=int(series),
                )
    found = find_series(tmp_path)
    names = [f"1.{p}.{s}.{n}" for p in "12" for s in "12" for n in "12"]
    assert [series.name for series in found.series] == names
    assert all(len(series.instances) == 4 for series in found.series)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_files_without_preamble_and_without_suffix(tmp_path: Path, syntax: str) -> None:
    for k in range(4):
        dataset = slice_of(asymmetric()[:, :, k], (0, 0, 5 * k), syntax=syntax)
        del dataset.file_meta
        implicit = syntax == ImplicitVRLittleEndian
        path = tmp_path / f"1.2.840.{k}"
        dataset.save_as(path, implicit_vr=implicit, little_endian=True, enforce_file_format=False)
        assert path.read_bytes()[:1] == b"\x08"
    assert (read_volume(tmp_path)[0] == asymmetric()).all()
    assert type_of(tmp_path / "1.2.840.1") == DICOM


def test_big_endian_without_preamble(tmp_path: Path) -> None:
    dataset = slice_of(asymmetric()[:, :, 0], (0, 0, 0), syntax=ExplicitVRBigEndian)
    del dataset.file_meta
    dataset.save_as(tmp_path / "x", implicit_vr=False, little_endian=False)
    assert (read_volume(tmp_path)[0][:, :, 0] == asymmetric()[:, :, 0]).all()


def test_types_by_name_and_content(tmp_path: Path) -> None:
    for name in ("a.dcm", "A.DCM", "b.ima", "c.zip", "d.zip/series=1.2"):
        assert type_of(Path(name)) == DICOM
    assert type_of(tmp_path) == DICOM
    (tmp_path / "empty").touch()
    for name in ("a.nii", "a.nii.gz", "a.txt", "missing", "empty"):
        assert type_of(tmp_path / name) == NIFTI


def test_good_files_among_all_kinds_of_others(tmp_path: Path) -> None:
    paths = write_series(tmp_path / "good")
    (tmp_path / "empty").touch()
    (tmp_path / "notes.txt").write_text("record of a patient")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG" + bytes(500))
    (tmp_path / "zeros").write_bytes(bytes(10_000))
    content = paths[0].read_bytes()
    (tmp_path / "in_the_pixels.dcm").write_bytes(content[:-9])
    (tmp_path / "in_the_header.dcm").write_bytes(content[:700])
    (tmp_path / "preamble.dcm").write_bytes(content[:132])
    (tmp_path / "rubbish.dcm").write_bytes(content[:300] + os.urandom(2000))
    found = find_series(tmp_path)
    (series,) = found.series
    assert len(series.instances) == 4 and not series.faults
    said = reasons(found, tmp_path)
    assert said.keys() == {
        *("empty", "notes.txt", "picture.png", "zeros", "in_the_pixels.dcm", "in_the_header.dcm"),
        *("preamble.dcm", "rubbish.dcm"),
    }
    assert said["empty"] == "is empty." and said["notes.txt"] == "is not DICOM."
    assert said["zeros"] == "is not DICOM."
    assert said["in_the_pixels.dcm"].startswith("is truncated (its pixels end at byte")
    assert (read_volume(tmp_path)[0] == asymmetric()).all()


def test_truncated_compressed_files(tmp_path: Path) -> None:
    pytest.importorskip("gdcm")
    from pydicom.uid import JPEGLSLossless

    paths = write_series(tmp_path, asymmetric((32, 24, 4)), syntax=JPEGLSLossless)
    paths[3].write_bytes(paths[3].read_bytes()[:-40])
    found = find_series(tmp_path)
    assert len(found.series[0].instances) == 3
    assert "is truncated or damaged (its compressed pixels)" in found.skipped[0].reason


def test_a_header_longer_than_what_is_read_at_first(tmp_path: Path) -> None:
    write_series(tmp_path / "a", StationName="x", ImageComments="y" * 9000)
    hu, count = asymmetric((6, 5, 200)), 200
    write_multiframe(tmp_path / "b.dcm", hu, [(0, 0, k) for k in range(count)])
    first, second = (find_series(tmp_path / name).series for name in ("a", "b.dcm"))
    assert len(first[0].instances) == 4 and len(second[0].instances) == count


def test_a_dicomdir_is_an_index_and_no_error(tmp_path: Path) -> None:
    from pydicom.fileset import FileSet

    files = FileSet()
    for path in write_series(tmp_path / "in", StudyDate="20240101", StudyTime="1", StudyID="1"):
        files.add(path)
    files.write(tmp_path / "cd")
    assert (tmp_path / "cd" / "DICOMDIR").is_file()
    found = find_series(tmp_path / "cd")
    assert len(found.series[0].instances) == 4 and not found.skipped


def test_copies_are_left_out(tmp_path: Path) -> None:
    paths = write_series(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.write(paths[0], "x")
    dataset = pydicom.dcmread(paths[1])
    dataset.StationName = "another header, the same pixels"
    dataset.save_as(tmp_path / "b" / "again.dcm")
    (series,) = find_series(tmp_path).series
    assert len(series.instances) == 4 and not series.faults
    (note,) = series.notes
    assert note.kind == "copies"
    assert note == "is there more than once; 6 files were left out as copies of others."


def test_one_uid_with_two_contents_is_a_fault(tmp_path: Path) -> None:
    paths = write_series(tmp_path)
    dataset = pydicom.dcmread(paths[1])
    pixels = bytearray(dataset.PixelData)
    pixels[7] ^= 1
    dataset.PixelData = bytes(pixels)
    dataset.save_as(tmp_path / "other.dcm")
    with pytest.raises(DataError, match="one SOP Instance UID with different contents") as error:
        read_volume(tmp_path)
    assert "001.dcm" in str(error.value) and "other.dcm" in str(error.value)


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"PatientID": "other"}, "2 patients have it"),
        ({"StudyInstanceUID": "1.9"}, "2 studies have it"),
        ({"PixelSpacing": [0.5, 0.5]}, "2 stacks have it"),
        ({"row": (0, 1, 0), "column": (0, 0, -1)}, "2 stacks have it"),
        ({"hu": asymmetric((9, 9, 3))}, "2 stacks have it"),
    ],
)
def test_one_uid_of_two_series_is_split(tmp_path: Path, attributes: dict, said: str) -> None:
    write_series(tmp_path / "a")
    write_series(
        tmp_path / "b", **{"hu": asymmetric()[:, :, :3], "levels": [0, 5, 10], **attributes}
    )
    parts = find_series(tmp_path).series
    assert {(part.uid, part.part) for part in parts} == {("1.2.3.4", 1), ("1.2.3.4", 2)}
    assert sorted(len(part.instances) for part in parts) == [3, 4]
    for part in parts:
        assert said in part.notes[0] and not part.faults
        voxels, header = read_volume(tmp_path / f"series={part.name}")
        assert voxels.shape[2] == len(part.instances)
        assert header.notes[0].kind == "shared UID"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has other words and no pipes")
def test_links_to_files_are_followed_and_links_to_folders_are_not(tmp_path: Path) -> None:
    write_series(tmp_path / "elsewhere")
    here = tmp_path / "here"
    here.mkdir()
    for path in (tmp_path / "elsewhere").iterdir():
        (here / path.name).symlink_to(path)
    (here / "loop").symlink_to(here)
    (here / "out").symlink_to(tmp_path / "elsewhere")
    (here / "itself").symlink_to(here / "itself")
    (here / "gone").symlink_to(here / "nothing")
    os.mkfifo(here / "pipe")
    found = find_series(here)
    assert len(found.series[0].instances) == 4
    said = reasons(found, here)
    assert "is a link to a folder, which is not followed" in said["loop"] + said["out"]
    assert said["itself"] == "cannot be opened (Too many levels of symbolic links)."
    assert said["gone"] == "cannot be opened (No such file or directory)."
    assert said["pipe"] == "is neither a file nor a folder."
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert np.array_equal(read_volume(tmp_path / "link")[0], asymmetric())


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        find_series(tmp_path / "missing")
    with pytest.raises(DataError, match="holds no DICOM series"):
        read_volume(tmp_path)


def test_what_is_not_a_scan_is_a_series_with_a_fault(tmp_path: Path) -> None:
    report = slice_of(asymmetric()[:, :, 0], (0, 0, 0), Modality="SR", SeriesInstanceUID="1.1")
    del report.PixelData
    write_slice(tmp_path / "report.dcm", report)
    write_series(
        tmp_path / "scout",
        asymmetric((6, 5, 1)),
        ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"],
        SeriesInstanceUID="1.2",
    )
    assert [series.faults for series in find_series(tmp_path).series] == [
        ("is SR, not CT.",),
        ("is a localizer (a scout view), not slices.",),
    ]


def test_notes_name_no_file_and_no_folder(tmp_path: Path) -> None:
    """They are kept in cohorts and results, and folders are often called after the patient."""
    paths = write_series(tmp_path / "ZHANG_SAN")
    shutil.copytree(tmp_path / "ZHANG_SAN", tmp_path / "ZHANG_SAN_2")
    with zipfile.ZipFile(tmp_path / "ZHANG_SAN.zip", "w") as archive:
        archive.write(paths[0], "ZHANG_SAN_3/1.dcm")
        again = slice_of(asymmetric()[:, :, 1], (-10, -20, 35), AcquisitionTime="1")
        write_slice(tmp_path / "x.dcm", again)
        archive.write(tmp_path / "x.dcm", "ZHANG_SAN_4/1.dcm")
    (tmp_path / "x.dcm").unlink()
    (series,) = find_series(tmp_path).series
    assert {note.kind for note in series.notes} == {"copies", "same place"}
    assert not [note for note in series.notes if "ZHANG" in note or ".dcm" in note or "/" in note]
