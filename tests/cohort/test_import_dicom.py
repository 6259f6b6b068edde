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
from numpy.typing import NDArray
from openpyxl import Workbook
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from typer.testing import CliRunner

from cohort.base.errors import DataError
from cohort.import_dicom import import_dicom
from cohort.schema.manifest import Cohort
from cohort.space.file_types import read_volume
from cohort.space.grid import Grid
from cohort.space.nifti import save_volume
from cohort.space.nrrd.segments import write_segmentation
from tests.cohort.space.dicom.write_series import (
    ACCESSION,
    BIRTH,
    ID,
    NAME,
    asymmetric,
    slice_of,
    write_series,
    write_slice,
)

HEAD = {"BodyPartExamined": "HEAD", "ConvolutionKernel": "STANDARD", "Manufacturer": "GE"}
SHAPE = (6, 5, 30)
UNEVEN = [4.0 * k for k in range(15)] + [57.0 + 7.0 * k for k in range(15)]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "secret" / "key.json"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "cohort"


def write_study(
    folder: Path,
    patient: str = ID,
    study: str = "1.2.3",
    accession: str = ACCESSION,
    when: str = "20260301 081500",
    **more: Any,
) -> NDArray[np.int16]:
    hu = asymmetric(SHAPE)
    date, _, time = when.partition(" ")
    times = {"AcquisitionDate": date, "AcquisitionTime": time, "StudyDate": date}
    ids = {"PatientID": patient, "StudyInstanceUID": study, "AccessionNumber": accession}
    ids |= {"SeriesInstanceUID": f"{study}.2"}
    write_series(folder, hu, **{**HEAD, **ids, **times, **more})
    return hu


@pytest.fixture
def two_patients(tmp_path: Path) -> Path:
    folder = tmp_path / "张三 1957"
    write_study(folder / "a")
    write_study(folder / "b", study="1.2.4", accession="ACC-2", when="20260302 101500")
    write_study(folder / "c", "ID-OTHER", "1.2.5", "ACC-3", "20260105 120000")
    return folder


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


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


def table(path: Path, rows: list[list[Any]], encoding: str = "utf-8") -> Path:
    if path.suffix == ".xlsx":
        book = Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        path.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding)
    return path


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("notes.csv", "utf-8"), ("notes.csv", "gb18030"), ("notes.xlsx", "utf-8")],
)
def test_records_join_the_scans_of_their_patients(
    two_patients: Path, out: Path, key: Path, tmp_path: Path, name: str, encoding: str
) -> None:
    rows = [
        ["病人ID", "检查号", "病历"],
        [ID, "", "主诉：突发头痛3小时。"],  # the patient's first scan
        ["", "ACC-2", "复查：血肿较前吸收。"],
        [ID, "", "查体：神志清楚。"],
        ["ID-NOBODY", "", "无关。"],
    ]
    notes = table(tmp_path / name, rows, encoding)
    imported = import_dicom(two_patients, out, key, notes)
    assert imported.records == 2 and imported.facts == ["1 row of the table fit no case"]
    cases = {case.id: case for case in Cohort.load(out).cases}
    first = (out / str(cases["p0001_1"].record)).read_text("utf-8")
    assert first == "主诉：突发头痛3小时。\n\n查体：神志清楚。"
    assert (out / str(cases["p0001_2"].record)).read_text("utf-8") == "复查：血肿较前吸收。"
    assert cases["p0002_1"].record is None


def test_records_may_be_files_beside_the_table(
    two_patients: Path, out: Path, key: Path, tmp_path: Path
) -> None:
    (tmp_path / "n").mkdir()
    (tmp_path / "n/a.txt").write_text("右侧基底节区脑出血。", "gb18030")
    notes = table(tmp_path / "notes.csv", [["PatientID", "file"], [ID, "n/a.txt"]])
    assert import_dicom(two_patients, out, key, notes).records == 1
    assert (out / "records/p0001_1.txt").read_text("utf-8") == "右侧基底节区脑出血。"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [["PatientID", "text"], ["77", "x"], ["78", "y"]],
            "none of its 2 rows belongs to a case: they fit no case",
        ),
        ([["PatientID", "text"], ["4711", "x"]], "but for leading zeros"),
        ([["name", "text"], ["a", "x"]], "no column of ids"),
        ([["PatientID", "age"], ["a", "3"]], "no column of notes"),
        ([["PatientID", "MRN", "text"], ["a", "b", "x"]], "both taken for the patient"),
        ([["PatientID", "file"], [ID, "../../etc/passwd"]], "row 2: the file that it names lies"),
        ([["PatientID", "file"], [ID, "missing.txt"]], "row 2: the file that it names is not"),
        ([["PatientID", "text"], ["", "x"]], "row 2: has no id"),
        ([["PatientID", "text"]], "holds no records"),
    ],
)
def test_tables_that_are_no_use_are_refused_without_saying_who(
    tmp_path: Path, out: Path, key: Path, rows: list[list[str]], said: str
) -> None:
    write_study(tmp_path / "d", patient="0004711")
    notes = table(tmp_path / "notes.csv", rows)
    with pytest.raises(DataError) as error:
        import_dicom(tmp_path / "d", out, key, notes)
    assert said in str(error.value)
    assert "4711" not in str(error.value) and not out.exists() and not key.exists()


def test_a_table_without_a_heading_is_not_quoted(tmp_path: Path, out: Path, key: Path) -> None:
    write_study(tmp_path / "d")
    notes = table(tmp_path / "notes.csv", [[ID, "王小明", "左侧基底节出血"], ["2", "b", "c"]])
    with pytest.raises(DataError, match="The first row must be the heading") as error:
        import_dicom(tmp_path / "d", out, key, notes)
    assert ID not in str(error.value) and "王" not in str(error.value)


def test_an_id_of_both_kinds_must_fit_both(two_patients: Path, out: Path, key: Path) -> None:
    # Another patient's examination has the accession number of the first one.
    write_study(two_patients / "x", "ID-X", "1.2.8", ACCESSION)
    rows = [
        ["PatientID", "AccessionNumber", "text"],
        [ID, ACCESSION, "first"],
        ["ID-X", ACCESSION, "x"],
        ["ID-OTHER", ACCESSION, "contradicts itself"],
        ["ID-OTHER", "of an X-ray", "other"],
        ["", ACCESSION, "whose?"],
        ["", "ACC-3", "another line"],
    ]
    notes = table(two_patients.parent / "notes.csv", rows)
    imported = import_dicom(two_patients, out, key, notes)
    texts = {case.id: case.record for case in Cohort.load(out).cases}
    read = {name: (out / path).read_text("utf-8") for name, path in texts.items() if path}
    assert read == {"p0001_1": "first", "p0002_1": "other\n\nanother line", "p0003_1": "x"}
    assert sorted(imported.facts) == [
        "1 row of the table have an accession number of another patient",
        "1 row of the table have an accession number that several patients have, and no PatientID "
        "to tell them",
    ]


def test_a_record_stays_with_its_case_when_an_earlier_scan_arrives(
    two_patients: Path, out: Path, key: Path, tmp_path: Path
) -> None:
    notes = table(tmp_path / "notes.csv", [["PatientID", "text"], [ID, "a"], ["0ID-OTHER", "b"]])
    imported = import_dicom(two_patients, out, key, notes)
    assert ["but for leading zeros" in fact for fact in imported.facts] == [True]
    write_study(two_patients / "e", study="1.2.0", accession="E", when="20260201 081500")
    import_dicom(two_patients, out, key, notes)
    records = {case.id: case.record for case in Cohort.load(out).cases}
    assert records["p0001_1"] and not records["p0001_3"]
    # What was corrected stays, and that is said.
    (out / str(records["p0001_1"])).write_text("corrected", "utf-8")
    (sentence,) = import_dicom(two_patients, out, key, notes).left_out
    assert "p0001_1: has another record, which stays" in sentence
    assert (out / str(records["p0001_1"])).read_text("utf-8") == "corrected"


def test_damaged_and_huge_tables_are_refused(tmp_path: Path, out: Path, key: Path) -> None:
    write_study(tmp_path / "d")
    (tmp_path / "notes.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(DataError, match="not an XLSX table"):
        import_dicom(tmp_path / "d", out, key, tmp_path / "notes.xlsx")


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
    import cohort.importing.dicom_cohort as reading

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


def drawn(shape: tuple[int, int, int] = SHAPE) -> NDArray[np.uint8]:
    mask = np.zeros(shape, np.uint8)
    mask[1:4, 2:4, 3:9] = mask[4, 0, 12] = 1
    return mask


def segmentation(
    path: Path, study: str, mask: NDArray[np.uint8], grid: Grid, label: str = "Hematoma"
) -> None:
    """Write a DICOM SEG of a mask, the slices where it has something alone."""
    dataset = slice_of(np.zeros(mask.shape[:2]), (0, 0, 0), words=np.zeros((1, 1), np.uint16))
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.66.4"
    dataset.Modality, dataset.SegmentationType = "SEG", "BINARY"
    dataset.PatientID, dataset.StudyInstanceUID = ID, study
    dataset.SeriesInstanceUID = generate_uid()
    of_series, segment = Dataset(), Dataset()
    of_series.SeriesInstanceUID = f"{study}.2"
    dataset.ReferencedSeriesSequence = [of_series]
    segment.SegmentNumber, segment.SegmentLabel = 1, label
    dataset.SegmentSequence = [segment]
    measures, orientation, shared = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = [0.7, 0.4]
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [orientation]
    dataset.SharedFunctionalGroupsSequence = [shared]
    frames, bits = [], []
    for k in np.flatnonzero(mask.any(axis=(0, 1)))[::-1]:
        frame, place, what = Dataset(), Dataset(), Dataset()
        x, y, z = grid.to_mm([0, 0, k])
        place.ImagePositionPatient = [-x, -y, z]
        what.ReferencedSegmentNumber = 1
        frame.PlanePositionSequence, frame.SegmentIdentificationSequence = [place], [what]
        frames.append(frame)
        bits.append(mask[..., k].T)
    dataset.PerFrameFunctionalGroupsSequence = frames
    dataset.NumberOfFrames = len(frames)
    dataset.Rows, dataset.Columns = mask.shape[1], mask.shape[0]
    dataset.BitsAllocated = dataset.BitsStored = 1
    dataset.HighBit = 0
    for keyword in ("RescaleSlope", "RescaleIntercept", "ImagePositionPatient"):
        delattr(dataset, keyword)
    packed = np.packbits(np.stack(bits).ravel(), bitorder="little").tobytes()
    dataset.PixelData = packed + b"\0" * (len(packed) % 2)
    dataset["PixelData"].VR = "OB"
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    write_slice(path, dataset)


@pytest.mark.parametrize("levels", [[5.0 * k for k in range(30)], UNEVEN])
@pytest.mark.parametrize("kind", ["DICOM SEG", "seg.nrrd", "NIfTI"])
def test_masks_drawn_elsewhere_come_with_their_series(
    tmp_path: Path, out: Path, key: Path, kind: str, levels: list[float]
) -> None:
    write_study(tmp_path / "d/ct", levels=levels)
    # Another patient, whose slices lie elsewhere.
    write_study(tmp_path / "d/other", "ID-2", "1.2.9", "A", origin=(-10.0, -20.0, 33.0))
    import_dicom(tmp_path / "d", tmp_path / "first", tmp_path / "k1")
    _, header = read_volume(tmp_path / "first/images/p0001_1.nii.gz")
    mask, paths = drawn(), []
    if kind == "DICOM SEG":
        segmentation(tmp_path / "d/seg.dcm", "1.2.3", mask, header.grid)
    elif kind == "seg.nrrd":
        paths = [tmp_path / "m/x.seg.nrrd"]
        paths[0].parent.mkdir()
        write_segmentation(paths[0], {"hematoma": mask}, header.grid)
    else:
        paths = [tmp_path / "m"]
        # Without its file of places, as a program writes it that knows nothing of them.
        grid = Grid(header.shape, header.affine)
        save_volume(tmp_path / "m/x_hematoma.nii.gz", mask, grid)
    imported = import_dicom(tmp_path / "d", out, key, masks=paths)
    assert imported.left_out == []
    cases = {case.id: case for case in Cohort.load(out).cases}
    assert list(cases["p0001_1"].masks) == ["hematoma"] and not cases["p0002_1"].masks
    back, of_mask = read_volume(out / cases["p0001_1"].masks["hematoma"])
    assert (back == mask).all() and of_mask.grid.difference(header.grid) is None


def test_a_mask_that_was_corrected_stays(tmp_path: Path, out: Path, key: Path) -> None:
    write_study(tmp_path / "d/ct")
    _, header = read_volume(tmp_path / "d/ct")
    segmentation(tmp_path / "d/seg.dcm", "1.2.3", drawn(), header.grid)
    import_dicom(tmp_path / "d", out, key)
    assert import_dicom(tmp_path / "d", out, key).left_out == []
    corrected = drawn()
    corrected[0, 0, 0] = 1
    save_volume(out / "masks/p0001_1_hematoma.nii.gz", corrected, header.grid)
    (sentence,) = import_dicom(tmp_path / "d", out, key).left_out
    assert "p0001_1: has another mask of hematoma, which stays" in sentence
    assert (read_volume(out / "masks/p0001_1_hematoma.nii.gz")[0] == corrected).all()


def test_a_mask_fits_one_case_of_the_whole_cohort(tmp_path: Path, out: Path, key: Path) -> None:
    write_study(tmp_path / "first")
    _, header = read_volume(tmp_path / "first")
    save_volume(tmp_path / "m/x_hematoma.nii.gz", drawn(), header.grid)
    import_dicom(tmp_path / "first", out, key)
    write_study(tmp_path / "second", "ID-2", "1.2.9", "A")  # on the same grid
    imported = import_dicom(tmp_path / "second", out, key, masks=[tmp_path / "m"])
    assert ["on the grid of 2 cases" in said for said in imported.left_out] == [True]
    assert not any(case.masks for case in imported.cohort.cases)


def test_names_of_segments_are_read_in_any_character_set(
    tmp_path: Path, out: Path, key: Path
) -> None:
    write_study(tmp_path / "d/ct")
    _, header = read_volume(tmp_path / "d/ct")
    segmentation(tmp_path / "d/seg.dcm", "1.2.3", drawn(), header.grid, label="XXXX")
    path = tmp_path / "d/seg.dcm"
    content = path.read_bytes()
    assert content.count(b"XXXX") == 1
    path.write_bytes(content.replace(b"XXXX", "血肿".encode("gbk")).replace(b"GB18030", b"ISO_IR "))
    import_dicom(tmp_path / "d", out, key)
    assert list(Cohort.load(out).cases[0].masks) == ["hematoma"]


def test_masks_that_belong_to_no_series_are_said(tmp_path: Path, out: Path, key: Path) -> None:
    write_study(tmp_path / "d/ct")
    _, header = read_volume(tmp_path / "d/ct")
    moved = Grid(header.shape, header.affine + np.diag([0, 0, 0, 0]))
    affine = header.affine.copy()
    affine[2, 3] += 2.5
    save_volume(tmp_path / "m/a_hematoma.nii", drawn(), affine)
    save_volume(tmp_path / "m/b_tumour.nii", drawn(), moved)
    segmentation(tmp_path / "d/s.dcm", "1.2.3", drawn(), moved, label="Tumour")
    said = " ".join(import_dicom(tmp_path / "d", out, key, masks=[tmp_path / "m"]).left_out)
    assert "a_hematoma.nii: lies on the grid of none" in said
    assert "b_tumour.nii: its name ends in no structure's" in said
    assert "s.dcm: has a segment that is called like no structure" in said


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
