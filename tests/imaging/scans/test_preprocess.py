"""From a NIfTI file to network input, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURE_IDS
from cohort.space.affine import make_affine
from cohort.space.nifti.volume import save_volume
from imaging.scans.preprocess import Preprocess, read_scan, scan_transforms, to_input_grid
from imaging.scans.windows import read_hounsfield, show_windows

WINDOWS = {"brain": (0.0, 80.0), "blood": (-20.0, 180.0), "bone": (-500.0, 1300.0)}
NATIVE = Preprocess(WINDOWS)
DEFAULT = Preprocess({"brain": (0.0, 80.0), "blood": (20.0, 120.0), "bone": (0.0, 255.0)})
AXCODES = ["LPS", "RAS", "LAI", "SAR", "PIL", "IRP"]
# Along left, posterior, superior: nothing about it is symmetric.
SHAPE_LPS, SPACING_LPS = (11, 14, 5), (0.6, 0.7, 5.0)


def volume_lps() -> NDArray[np.int16]:
    values = np.random.default_rng(0).integers(0, 80, SHAPE_LPS).astype(np.int16)
    values[8:10, 2:4, 3] = 79
    return values


def stored(values: NDArray, axcodes: str, turn: float = 0) -> tuple[NDArray, NDArray]:
    """Return the volume of LPS axes as a file with `axcodes` holds it, and the affine."""
    lps = nib.orientations.axcodes2ornt("LPS")
    to_file = nib.orientations.ornt_transform(lps, nib.orientations.axcodes2ornt(axcodes))
    array = nib.orientations.apply_orientation(values, to_file)
    affine = make_affine("LPS", SPACING_LPS, SHAPE_LPS)
    affine = affine @ nib.orientations.inv_ornt_aff(to_file, values.shape)
    a, b = np.radians([turn, turn / 2])
    around_z = [[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]]
    around_x = [[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]]
    rotation = np.eye(4)
    rotation[:3, :3] = np.array(around_z) @ np.array(around_x)
    return np.ascontiguousarray(array), rotation @ affine


def levels(hounsfield: NDArray, low: float, high: float) -> NDArray:
    return np.round(np.clip((hounsfield - low) / (high - low), 0, 1) * 255) / 255


@pytest.mark.parametrize("turn", [0, 20])
@pytest.mark.parametrize("axcodes", AXCODES)
def test_network_sees_the_patient_alike_however_the_file_is_oriented(
    tmp_path: Path, axcodes: str, turn: float
) -> None:
    array, affine = stored(volume_lps(), axcodes, turn)
    save_volume(tmp_path / "ct.nii.gz", array, affine)
    image = read_scan(scan_transforms(NATIVE), tmp_path / "ct.nii.gz")["image"]
    assert image.shape == (3, *SHAPE_LPS)
    np.testing.assert_allclose(image[0], levels(volume_lps(), 0, 80), atol=1e-6)
    np.testing.assert_allclose(image.pixdim, SPACING_LPS, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize(("low", "high"), [(0, 200), (-1024, 150), (0, 100)])
def test_bone_that_was_cut_is_shown_as_bone(
    tmp_path: Path, low: int, high: int, dtype: type
) -> None:
    shape = (40, 48, 6)
    full = np.full(shape, -1000.0)
    full[4:36, 4:44] = 900
    full[7:33, 7:41] = np.random.default_rng(0).normal(35, 6, (26, 34, 6))
    full[20:26, 20:28, 2:4] = 65
    seen = []
    for name, hu in (("full", full), ("cut", full.clip(low, high))):
        path = tmp_path / f"{name}.nii.gz"
        save_volume(path, hu.round().astype(dtype), make_affine("LPS", (3, 3, 5), shape))
        seen.append(read_scan(scan_transforms(DEFAULT), path)["image"])
    np.testing.assert_array_equal(seen[0], seen[1])


@pytest.mark.parametrize("turn", [0, 20, 44])
@pytest.mark.parametrize("axcodes", AXCODES)
def test_masks_return_exactly_to_the_grid_of_the_file(
    tmp_path: Path, axcodes: str, turn: float
) -> None:
    array, affine = stored(volume_lps(), axcodes, turn)
    mask = (array == 79).astype(np.uint8)
    save_volume(tmp_path / "ct.nii.gz", array, affine)
    save_volume(tmp_path / "mask.nii.gz", mask, affine)
    transforms = scan_transforms(NATIVE, masks=True)
    masks = {"hematoma": tmp_path / "mask.nii.gz"}
    scan = read_scan(transforms, tmp_path / "ct.nii.gz", masks)
    back = to_input_grid(transforms, scan["label"], scan["image"])
    assert np.array_equal(back[0], mask)
    assert not back[1:].any()
    np.testing.assert_allclose(back.affine, affine, atol=1e-5)


@pytest.mark.parametrize("axcodes", AXCODES)
def test_resampled_masks_return_to_the_shape_and_place_they_had(
    tmp_path: Path, axcodes: str
) -> None:
    values = np.zeros(SHAPE_LPS, np.int16)
    values[6:10, 3:9, 1:3] = 79
    array, affine = stored(values, axcodes, 20)
    mask = (array == 79).astype(np.uint8)
    save_volume(tmp_path / "ct.nii.gz", array, affine)
    save_volume(tmp_path / "mask.nii.gz", mask, affine)
    transforms = scan_transforms(Preprocess(WINDOWS, spacing=0.35), masks=True)
    scan = read_scan(transforms, tmp_path / "ct.nii.gz", {"hematoma": tmp_path / "mask.nii.gz"})
    assert scan["label"].shape == (len(STRUCTURE_IDS), 19, 28, 5)
    for result in (scan["label"], scan["label"].float()):
        back = to_input_grid(transforms, result, scan["image"])
        assert back.dtype == result.dtype
        assert np.array_equal(back[0] >= 0.5, mask)
        np.testing.assert_allclose(back.affine, affine, atol=1e-5)


def test_resampling_is_in_plane_only(tmp_path: Path) -> None:
    save_volume(tmp_path / "ct.nii", *stored(volume_lps(), "RAS"))
    image = read_scan(scan_transforms(Preprocess(WINDOWS, 1.4)), tmp_path / "ct.nii")["image"]
    assert image.shape == (3, 5, 7, 5)
    np.testing.assert_allclose(image.pixdim, [6.6 / 5, 1.4, 5.0], atol=1e-5)
    # The centre of the field of view stays where it is.
    centre = image.affine.numpy() @ [2, 3, 2, 1]
    np.testing.assert_allclose(centre[:3], 0, atol=1e-5)


def test_thin_structure_is_unbroken_after_shrinking(tmp_path: Path) -> None:
    affine = make_affine("LPS", (0.45, 0.45, 5), (60, 60, 1))
    mask = np.zeros((60, 60, 1), np.uint8)
    for row in range(60):
        mask[20 + row // 4 : 23 + row // 4, row] = 1  # 1.35 mm wide, leaning
    save_volume(tmp_path / "ct.nii.gz", mask.astype(np.int16), affine)
    save_volume(tmp_path / "mask.nii.gz", mask, affine)
    transforms = scan_transforms(Preprocess(WINDOWS, 1.0), masks=True)
    scan = read_scan(transforms, tmp_path / "ct.nii.gz", {"midline": tmp_path / "mask.nii.gz"})
    assert scan["label"][1, :, :, 0].any(0).all()


def test_windows_are_shown_in_256_levels(tmp_path: Path) -> None:
    hounsfield = np.array([-1024, -20, 0, 0.3, 40, 80, 180, 3000], np.float32).reshape(8, 1, 1)
    save_volume(tmp_path / "ct.nii.gz", hounsfield, make_affine("LPS", (1, 1, 5), (8, 1, 1)))
    image = read_scan(scan_transforms(NATIVE), tmp_path / "ct.nii.gz")["image"][:, :, 0, 0]
    assert image.dtype == torch.float32
    assert (image[0] * 255).round(decimals=4).tolist() == [0, 0, 0, 1, 128, 255, 255, 255]
    assert (image[1] * 255).round(decimals=4).tolist() == [0, 0, 26, 26, 76, 128, 255, 255]
    assert (image[2] * 255).round(decimals=4).tolist() == [0, 68, 71, 71, 76, 82, 96, 255]


@pytest.mark.parametrize("air", [-1000, -2000, 0])
def test_how_air_and_padding_are_coded_makes_no_difference(tmp_path: Path, air: int) -> None:
    preprocess = Preprocess({"a": (0.0, 80.0), "b": (20.0, 120.0), "c": (0.0, 255.0)}, 1.4)
    values = volume_lps()
    values[:4] = air
    values[4:6] = 1500 if air else 255
    save_volume(tmp_path / "ct.nii", *stored(values, "LPS"))
    image = read_scan(scan_transforms(preprocess), tmp_path / "ct.nii")["image"]
    values[:4], values[4:6] = 0, 255
    save_volume(tmp_path / "cut.nii", *stored(values, "LPS"))
    cut = read_scan(scan_transforms(preprocess), tmp_path / "cut.nii")["image"]
    assert torch.equal(image.as_tensor(), cut.as_tensor())


def test_windows_in_another_order_are_other_channels() -> None:
    assert Preprocess(WINDOWS) == Preprocess(dict(WINDOWS))
    assert Preprocess(WINDOWS) != Preprocess(dict(reversed(WINDOWS.items())))
    assert Preprocess(WINDOWS) != Preprocess(WINDOWS, 1.0)


def test_hounsfield_is_read_from_the_narrowest_window_that_holds_it() -> None:
    windows = [(0.0, 80.0), (20.0, 120.0), (0.0, 255.0)]
    hounsfield = torch.tensor([0, 1, 37.3, 79, 80, 100.2, 120, 200, 255, 300, -40]).view(
        1, 1, -1, 1
    )
    levels = (show_windows(hounsfield, windows)[0] * 255).round().byte()
    read = read_hounsfield(levels, windows)[:, 0]
    expected = hounsfield.flatten().clamp(0, 255)
    assert (read - expected).abs().max() <= 0.5
    assert (read - expected)[:4].abs().max() <= 0.5 * 80 / 255


def test_scaling_of_the_header_is_applied(tmp_path: Path) -> None:
    hounsfield = np.linspace(-20.5, 99.5, 32).reshape(8, 4, 1)
    scan = nib.Nifti1Image(hounsfield, make_affine("LPS", (1, 1, 5), (8, 4, 1)))
    scan.set_data_dtype(np.int16)
    nib.save(scan, tmp_path / "ct.nii.gz")
    assert nib.load(tmp_path / "ct.nii.gz").dataobj.slope < 0.01
    image = read_scan(scan_transforms(NATIVE), tmp_path / "ct.nii.gz")["image"]
    np.testing.assert_allclose(image[0], levels(hounsfield, 0, 80), atol=1.01 / 255)


def test_structure_without_mask_is_not_annotated(tmp_path: Path) -> None:
    array, affine = stored(volume_lps(), "LPS")
    save_volume(tmp_path / "ct.nii.gz", array, affine)
    save_volume(tmp_path / "mask.nii.gz", np.zeros(SHAPE_LPS, np.uint8), affine)
    masks = {"midline": tmp_path / "mask.nii.gz"}
    scan = read_scan(scan_transforms(NATIVE, masks=True), tmp_path / "ct.nii.gz", masks)
    assert scan["annotated"] == [name == "midline" for name in STRUCTURE_IDS]
    assert scan["label"].dtype == torch.uint8 and not scan["label"].any()
    assert scan["notes"] == []


@pytest.mark.parametrize(
    ("values", "note"), [(np.uint8(255), "0/255"), (np.float64(1), "0.0/1.0")], ids=str
)
def test_masks_written_otherwise_are_read_and_said(
    tmp_path: Path, values: np.generic, note: str
) -> None:
    array, affine = stored(volume_lps(), "LPS")
    save_volume(tmp_path / "ct.nii.gz", array, affine)
    save_volume(tmp_path / "mask.nii.gz", (array == 79) * values, affine)
    masks = {"hematoma": tmp_path / "mask.nii.gz"}
    scan = read_scan(scan_transforms(NATIVE, masks=True), tmp_path / "ct.nii.gz", masks)
    assert np.array_equal(scan["label"][0], array == 79)
    assert len(scan["notes"]) == 1 and note in str(scan["notes"][0])


def test_nan_voxels_are_refused(tmp_path: Path) -> None:
    hounsfield = np.zeros((4, 4, 2), np.float32)
    hounsfield[1, 2, 0] = np.nan
    save_volume(tmp_path / "ct.nii.gz", hounsfield, np.eye(4))
    with pytest.raises(DataError, match=r"ct\.nii\.gz: holds NaN or infinite voxels; "):
        read_scan(scan_transforms(NATIVE), tmp_path / "ct.nii.gz")


def test_4d_image_is_refused(tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(np.zeros((4, 4, 2, 3), np.int16), np.eye(4)), tmp_path / "ct.nii.gz")
    with pytest.raises(DataError, match="is 4D"):
        read_scan(scan_transforms(NATIVE), tmp_path / "ct.nii.gz")


def test_truncated_and_fake_images_are_refused_in_a_sentence(tmp_path: Path) -> None:
    save_volume(tmp_path / "whole.nii.gz", np.random.default_rng(0).random((9, 9, 9)), np.eye(4))
    content = (tmp_path / "whole.nii.gz").read_bytes()
    (tmp_path / "cut.nii.gz").write_bytes(content[: len(content) // 2])
    (tmp_path / "fake.nii.gz").write_bytes(b"\r\n")
    for name in ("cut.nii.gz", "fake.nii.gz", "missing.nii.gz"):
        with pytest.raises(DataError, match=name) as error:
            read_scan(scan_transforms(NATIVE), tmp_path / name)
        assert len(error.value.problems) == 1


def test_all_wrong_masks_are_listed_at_once(tmp_path: Path) -> None:
    array, affine = stored(volume_lps(), "LPS")
    save_volume(tmp_path / "ct.nii.gz", array, affine)
    save_volume(tmp_path / "shape.nii.gz", np.zeros((3, 3, 3), np.uint8), affine)
    flipped = affine @ np.diag([-1, 1, 1, 1])
    save_volume(tmp_path / "affine.nii.gz", np.zeros(SHAPE_LPS, np.uint8), flipped)
    save_volume(tmp_path / "values.nii.gz", np.full(SHAPE_LPS, 7, np.uint8), affine)
    masks = {
        "hematoma": tmp_path / "shape.nii.gz",
        "midline": tmp_path / "affine.nii.gz",
        "ventricle_left": tmp_path / "values.nii.gz",
    }
    with pytest.raises(DataError) as error:
        read_scan(scan_transforms(NATIVE, masks=True), tmp_path / "ct.nii.gz", masks)
    shape, place, values = error.value.problems
    assert "shape.nii.gz: has 3×3×3 voxels" in shape
    assert "affine.nii.gz: has orientation RPS" in place
    assert "values.nii.gz: holds the values 7" in values


def test_one_slice_of_a_large_matrix(tmp_path: Path) -> None:
    affine = make_affine("LPS", (0.45, 0.45, 5), (512, 512, 1))
    save_volume(tmp_path / "ct.nii.gz", np.zeros((512, 512, 1), np.int16), affine)
    transforms = scan_transforms(Preprocess(WINDOWS, 1.0))
    image = read_scan(transforms, tmp_path / "ct.nii.gz")["image"]
    assert image.shape == (3, 230, 230, 1)
    assert to_input_grid(transforms, image[:1], image).shape == (1, 512, 512, 1)


def test_preprocess_reads_its_section() -> None:
    section = {"windows": {"a": [0, 80], "b": [-20, 180], "c": [-500, 1300]}, "spacing": None}
    assert Preprocess.from_config(section) == Preprocess(
        {"a": (0, 80), "b": (-20, 180), "c": (-500, 1300)}, None
    )


def test_preprocess_lists_all_that_is_wrong_with_its_section() -> None:
    windows = {"a": [80, 0], "b": [0, "x"], "c": [0, 1]}
    with pytest.raises(DataError) as error:
        Preprocess.from_config({"windows": windows, "spacing": -1})
    starts = ["window 'a'", "window 'b'", "'spacing'"]
    assert [start in p for start, p in zip(starts, error.value.problems, strict=True)] == [True] * 3


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({}, "'windows' must name three CT windows, not None"),
        ({"windows": {"a": [0, 1], "b": [0, 1]}}, "three CT windows, not a, b"),
        ({"windows": {"a": [0, 1], "b": [0, 1], "c": [0, float("inf")]}}, "window 'c' must be"),
        ([1], "must hold keys and values"),
    ],
)
def test_preprocess_refuses_what_is_no_section(section: Any, message: str) -> None:
    with pytest.raises(DataError, match=f"section 'preprocess'.*{message}"):
        Preprocess.from_config(section)
