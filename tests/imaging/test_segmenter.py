"""`Segmenter`: whatever a scan comes as, what is found is what `imaging.predict` writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import LoadImage

from cohort.base.errors import DataError, Problem, UsageError
from cohort.facts.structures import STRUCTURE_IDS
from cohort.space.file_types import read_volume
from cohort.space.nifti.volume import save_volume
from cohort.space.slices.stack import grid_of_slices
from imaging.model.learnt import Lesson
from imaging.predict import predict
from imaging.prediction.segmented import SegmentedScan
from imaging.segmenter import Segmenter


@pytest.fixture(scope="module")
def segmenter(oracle: Path) -> Segmenter:
    return Segmenter.load(oracle)


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory, phantom: Any) -> Path:
    """Return the file of a scan whose axes are neither the world's nor radiologists'."""
    path = tmp_path_factory.mktemp("scans") / "p1.nii.gz"
    phantom(path, "SAL", oblique=True)
    return path


def as_array(path: Path) -> Any:
    image = nib.load(path)
    return np.asarray(image.dataobj), image.affine


def as_lps_tensor(path: Path) -> Any:
    voxels, affine = as_array(path)
    lps = torch.from_numpy(np.diag([-1.0, -1, 1, 1]) @ affine)
    return MetaTensor(torch.from_numpy(voxels)[None].float(), lps, {"space": "LPS"})


FORMS: dict[str, Callable[[Path], Any]] = {
    "text": str,
    "array": as_array,
    "a view that runs backward": lambda path: (
        np.flip(as_array(path)[0], 0).copy()[::-1],
        as_array(path)[1],
    ),
    "nibabel's image": nib.load,
    "nibabel's image without a file": lambda path: nib.Nifti1Image(*as_array(path)),
    "MONAI's tensor": lambda path: LoadImage(ensure_channel_first=True)(path),
    "MONAI's tensor without channel": lambda path: LoadImage()(path),
    "a tensor in DICOM's world": as_lps_tensor,
}


@pytest.fixture(scope="module")
def of_file(segmenter: Segmenter, scan: Path) -> SegmentedScan:
    return segmenter(scan)


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_what_is_found_does_not_depend_on_what_the_scan_comes_as(
    form: Callable[[Path], Any], segmenter: Segmenter, scan: Path, of_file: SegmentedScan
) -> None:
    case = segmenter(form(scan))
    assert case.measurements == of_file.measurements
    assert list(case.masks) == list(STRUCTURE_IDS)
    for name, mask in case.masks.items():
        np.testing.assert_array_equal(mask, of_file.masks[name])
    np.testing.assert_allclose(case.affine, of_file.affine, atol=1e-6)


def test_masks_and_measurements_are_those_that_predict_writes(
    oracle: Path, scan: Path, of_file: SegmentedScan, tmp_path: Path
) -> None:
    predict(oracle, [scan], tmp_path / "predicted")
    of_file.save(tmp_path / "saved")
    names = sorted(path.name for path in (tmp_path / "predicted").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "saved").iterdir())
    assert "measurements.csv" in names
    for name in names:
        written = (tmp_path / "saved" / name).read_bytes()
        assert written == (tmp_path / "predicted" / name).read_bytes(), name
    summary = json.loads((tmp_path / "saved/p1.json").read_text(encoding="utf-8"))
    assert summary["measurements"] == of_file.measurements.to_json()
    assert of_file.measurements.hematoma.volume_ml == summary["volumes_ml"]["hematoma"] > 1
    assert of_file.measurements.hematoma.side == "left"
    mask, header = read_volume(tmp_path / "saved/p1_hematoma.nii.gz")
    np.testing.assert_array_equal(mask, of_file.masks["hematoma"])
    np.testing.assert_allclose(header.affine, of_file.affine)
    image = of_file.mask_image("hematoma")
    np.testing.assert_allclose(image.affine, of_file.affine)
    assert int(np.asarray(image.dataobj).sum()) == int(mask.sum())


def test_what_is_in_memory_is_saved_as_a_file_is(
    segmenter: Segmenter, scan: Path, of_file: SegmentedScan, tmp_path: Path
) -> None:
    summary = segmenter(*as_array(scan)).save(tmp_path, written_as="labelmap")
    assert summary["id"] == "scan" and summary["image"] == "scan"
    mask, header = read_volume(tmp_path / "scan_labels.nii.gz/label=1")
    np.testing.assert_array_equal(mask, of_file.masks["hematoma"])
    np.testing.assert_allclose(header.affine, of_file.affine, atol=1e-5)


def test_a_picture_shows_what_was_found(of_file: SegmentedScan) -> None:
    picture = of_file.show()
    assert picture.mode == "RGB" and picture.width >= 300
    red = np.asarray(picture, int) @ [1, -1, 0]
    assert (red > 100).sum() > 50  # the hematoma's outline


def test_results_are_not_written_among_the_scans(of_file: SegmentedScan, scan: Path) -> None:
    with pytest.raises(UsageError, match="holds the scans; name another folder"):
        of_file.save(scan.parent)
    with pytest.raises(DataError, match=r"p1\.nii\.gz: is a file; name a folder"):
        of_file.save(scan)


def test_a_structure_that_cannot_be_told_says_why(
    make_oracle: Callable[..., Path], tmp_path: Path, scan: Path
) -> None:
    learnt = {"hematoma": Lesson(3, 3)}
    case = Segmenter.load(make_oracle(tmp_path / "model", learnt=learnt))(scan)
    assert list(case.masks) == ["hematoma"]
    assert case.cannot_be_told["midline"] and case.measurements.midline.shift_mm is None
    with pytest.raises(KeyError, match="midline: cannot be told: "):
        _ = case.masks["midline"]
    with pytest.raises(KeyError, match="brain: no such structure; there are hematoma, midline"):
        _ = case.masks["brain"]
    assert "midline" not in case.masks and case.masks.get("midline") is None


def test_uncertainty_is_told_where_it_is_asked_for(oracle: Path, scan: Path) -> None:
    case = Segmenter.load(oracle, uncertainty=True)(scan)
    assert case.result.confidence is not None and "hematoma" in case.result.confidence


REFUSED = {
    "no affine": (np.zeros((9, 9, 9)), "ndarray: alone it doesn't say where its voxels lie"),
    "no volume": ((np.zeros((9, 9)), np.eye(4)), r"scan: has the shape 9×9; a scan is one 3D"),
    "no numbers": ((np.zeros((9, 9, 9), bool), np.eye(4)), "scan: holds values of type bool"),
    "no matrix": ((np.zeros((9, 9, 9)), np.eye(3)), "scan: an affine is a matrix of 4×4"),
    "flat": ((np.zeros((9, 9, 9)), np.diag([1, 1, 0, 1])), "its affine maps voxels to no volume"),
    "metres": ((np.zeros((9, 9, 9)), np.diag([1e4, 1, 1, 1])), "states a spacing of 10000×1×1"),
    "a file's": (("a.nii.gz", np.eye(4)), "a.nii.gz: says itself where its voxels lie"),
    "an image's": (
        (nib.Nifti1Image(np.zeros((9, 9, 9), np.int16), np.eye(4)), np.eye(4)),
        "Nifti1Image: says itself where its voxels lie",
    ),
    "no scan": (3, "int: is not a scan; give a path"),
    "MONAI's default": (MetaTensor(torch.zeros(9, 9, 9)), "the tensor has no affine of its own"),
    "another type": (
        nib.MGHImage(np.zeros((9, 9, 9), np.int16), np.eye(4)),
        "scan: is MGHImage, not a NIfTI volume",
    ),
    "no head": (
        (np.full((64, 64, 9), -1000, np.int16), np.diag([3, 3, 9.0, 1])),
        "scan: holds the value -1000 only; it is not a CT",
    ),
}


@pytest.mark.parametrize(("given", "said"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_scan_is_refused_in_a_sentence(
    given: Any, said: str, segmenter: Segmenter
) -> None:
    with pytest.raises((DataError, UsageError), match=said):
        segmenter(given)


def test_each_scan_has_a_result_or_a_problem_in_order(
    segmenter: Segmenter, scan: Path, tmp_path: Path, of_file: SegmentedScan, phantom: Any
) -> None:
    phantom(tmp_path / "several/a.nii.gz")
    phantom(tmp_path / "several/b.nii.gz")
    phantom(tmp_path / "p1.nii.gz")  # another scan of the same name
    taken = []

    def scans() -> Any:
        for given in (scan, tmp_path / "none.nii.gz", as_array(scan), 3, tmp_path / "several"):
            taken.append(given)
            yield given
        yield str(tmp_path / "p1.nii.gz")

    outcomes = segmenter.pipe(scans())
    assert taken == []
    first, none, array, number, several, again = outcomes
    assert isinstance(first, SegmentedScan) and first.measurements == of_file.measurements
    assert none == Problem(str(tmp_path / "none.nii.gz"), none.sentences)
    assert str(none) == f"{tmp_path / 'none.nii.gz'}: no such file."
    assert isinstance(array, SegmentedScan) and array.id == "scan-3"
    assert number == Problem("scan-4", number.sentences) and "is not a scan" in str(number)
    assert "holds 2 scans; name one" in str(several)
    assert isinstance(again, SegmentedScan) and (first.id, again.id) == ("p1", "p1-2")


def test_ids_that_look_numbered_stay_apart(
    segmenter: Segmenter, scan: Path, tmp_path: Path
) -> None:
    voxels, affine = as_array(scan)
    names = ["p1-2", "p1", "P1", "p1-2"]
    images = [nib.Nifti1Image(voxels, affine) for _ in names]
    for image, name in zip(images, names, strict=True):
        image.set_filename(tmp_path / f"{name}.nii.gz")
    ids = [one.id for one in segmenter.pipe(images) if isinstance(one, SegmentedScan)]
    assert ids == ["p1-2", "p1", "P1-3", "p1-2-2"]


@pytest.mark.parametrize("form", ["text", "path", "nibabel's image", "array", "nothing"])
def test_one_scan_is_no_list_of_scans(form: str, segmenter: Segmenter, scan: Path) -> None:
    given = {
        "text": str(scan),
        "path": scan,
        "nibabel's image": nib.load(scan),
        "array": as_array(scan)[0],
        "nothing": None,
    }[form]
    with pytest.raises(UsageError, match="pipe: takes several scans"):
        segmenter.pipe(given)


def test_masks_are_not_written_as_something_unknown(of_file: SegmentedScan, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nrrd: masks are written as nifti, seg.nrrd, labelmap"):
        of_file.save(tmp_path / "out", "nrrd")  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_a_series_is_for_a_dicom_folder(segmenter: Segmenter, scan: Path) -> None:
    with pytest.raises(UsageError, match="series 1.2: is for the path of a DICOM folder"):
        segmenter(as_array(scan), series="1.2")


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("gpu", "gpu: is unknown; name cpu"),
        ("cpu:4", "is unknown"),
        ("cuda:99", "--device cuda:99: "),
    ],
)
def test_a_device_that_is_not_there_is_bad_usage(oracle: Path, device: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Segmenter.load(oracle, device)


def test_the_scan_is_not_changed(segmenter: Segmenter, scan: Path) -> None:
    voxels, affine = as_array(scan)
    voxels = np.array(voxels)
    before = voxels.copy()
    case = segmenter(voxels, affine)
    np.testing.assert_array_equal(voxels, before)
    voxels[:] = 0
    assert np.asarray(case.show()).max() > 100


def test_slices_that_are_uneven_stay_where_they_are(
    segmenter: Segmenter, tmp_path: Path, phantom: Any
) -> None:

    phantom(tmp_path / "even.nii.gz")
    voxels, affine = as_array(tmp_path / "even.nii.gz")
    heights = np.array([0, 4, 8, 14, 19, 24, 30.0])
    places = affine[:3, 3] + heights[:, None] * [0, 0, 1]
    grid = grid_of_slices(voxels.shape[:2], affine[:3, :2], places)
    save_volume(tmp_path / "uneven.nii.gz", voxels, grid)
    of_path = segmenter(tmp_path / "uneven.nii.gz")
    of_image = segmenter(nib.load(tmp_path / "uneven.nii.gz"))
    assert not of_path.header.grid.even
    assert of_image.measurements == of_path.measurements
    of_path.save(tmp_path / "out")
    _, header = read_volume(tmp_path / "out/uneven_hematoma.nii.gz")
    np.testing.assert_allclose(header.grid.places, grid.places, atol=1e-3)
