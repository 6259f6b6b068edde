"""NIfTI volumes whose slices are uneven: they come back, or are refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from cohort.base.errors import DataError
from cohort.space.file_types import read_header, read_volume
from cohort.space.grid import Grid
from cohort.space.nifti.volume import save_volume
from cohort.space.same_grid import grid_difference
from cohort.space.slices.stack import grid_of_slices

IN_PLANE = np.array([[-0.5, 0], [0, -0.47], [0, -0.16]])


@pytest.fixture
def grid() -> Grid:
    places = np.array([[10, 20, z] for z in (-30.0, -26, -22, -21, -14)])
    return grid_of_slices((4, 6), IN_PLANE, places)


@pytest.fixture
def written(tmp_path: Path, grid: Grid) -> Path:
    voxels = np.arange(np.prod(grid.shape), dtype=np.int16).reshape(grid.shape)
    save_volume(tmp_path / "a/ct.nii.gz", voxels, grid)
    return tmp_path / "a/ct.nii.gz"


def test_an_uneven_tilted_volume_comes_back_with_the_place_of_each_slice(
    written: Path, grid: Grid
) -> None:
    voxels, header = read_volume(written)
    assert voxels.ravel().tolist() == list(range(4 * 6 * 5))
    assert header.grid.places == pytest.approx(grid.places)
    assert grid_difference(header.grid, grid) is None
    assert header.oriented and header.qform is None
    # Other programs see the shear in the sform, and an even distance.
    affine = nib.load(written).affine
    assert affine[:3, :2] == pytest.approx(IN_PLANE)
    assert affine[:3, 2] == pytest.approx([0, 0, 4])


def test_masks_of_a_scan_share_one_file_of_places(written: Path, grid: Grid) -> None:
    save_volume(written.parent / "mask.nii", np.zeros(grid.shape, np.uint8), grid)
    assert len(list(written.parent.glob("slices-*.json"))) == 1
    assert grid_difference(read_header(written.parent / "mask.nii").grid, grid) is None


def test_a_volume_that_lost_its_places_is_refused(written: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    copied = shutil.copy(written, tmp_path / "b/ct.nii.gz")
    with pytest.raises(DataError, match=r"slices-\w+.json, which is missing beside it; copy"):
        read_header(Path(copied))


def test_places_that_were_changed_are_refused(written: Path) -> None:
    (path,) = written.parent.glob("slices-*.json")
    path.write_text(path.read_text("utf-8").replace("-21.0", "-23.0"), "utf-8")
    with pytest.raises(DataError, match="was changed or is damaged"):
        read_header(written)


@pytest.mark.parametrize("change", ["a slice fewer", "another affine"])
def test_places_of_another_volume_are_refused(written: Path, change: str) -> None:
    image = nib.load(written)
    voxels, affine = np.asarray(image.dataobj), image.affine.copy()
    if change == "a slice fewer":
        voxels = voxels[..., 1:]
    else:
        affine[2, 3] += 3
    other = nib.Nifti1Image(voxels, affine, image.header)
    nib.save(other, written)
    with pytest.raises(DataError, match="belongs to another volume"):
        read_header(written)


def test_an_even_volume_has_no_such_file(tmp_path: Path) -> None:
    save_volume(tmp_path / "ct.nii", np.zeros((3, 3, 3), np.int16), np.diag([-1.0, -1, 5, 1]))
    assert [path.name for path in tmp_path.iterdir()] == ["ct.nii"]
    assert nib.load(tmp_path / "ct.nii").header["qform_code"] == 1
