"""Masks that other programs drew come with the series that they belong to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from cohort.import_dicom import import_dicom
from cohort.schema.manifest import Cohort
from cohort.space.file_types import read_volume
from cohort.space.grid import Grid
from cohort.space.nifti.volume import save_volume
from cohort.space.nrrd.segments import write_segmentation
from cohort.space.same_grid import grid_difference
from tests.cohort.importing.dicom_studies import SHAPE, UNEVEN, write_study
from tests.cohort.space.dicom.write_series import (
    ID,
    slice_of,
    write_slice,
)


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
    assert (back == mask).all() and grid_difference(of_mask.grid, header.grid) is None


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
