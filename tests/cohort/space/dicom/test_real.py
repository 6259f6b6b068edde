"""A real series: gantry tilt, slices of 4 and 7 mm that meet 1.08 mm apart; dcm2niix beside us."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from write_series import write_series

from cohort.space.dicom.files.find import find_series
from cohort.space.file_types import read_volume


@pytest.fixture
def series(shared_data: Path) -> Path:
    path = shared_data / "dicom-head-ge" / "ge-head-tilt18.zip"
    if not path.is_file():
        pytest.skip("the real series is not here (../shared/data/dicom-head-ge)")
    return path


def dcm2niix(folder: Path, out: Path) -> Path:
    """Convert a folder by dcm2niix; return the volume that it did not resample."""
    if shutil.which("dcm2niix") is None:
        pytest.skip("dcm2niix is not installed")
    out.mkdir()
    subprocess.run(
        ["dcm2niix", "-o", str(out), "-f", "scan", str(folder)], check=True, capture_output=True
    )
    return out / "scan.nii"


def test_places_and_volumes_where_thin_and_thick_slices_meet(series: Path) -> None:
    voxels, header = read_volume(series)
    grid = header.grid
    assert voxels.shape == (512, 512, 28) and header.axcodes == "LPS" and not grid.even
    # By hand: positions are 4.22, 1.14 and 7.38 mm apart along z, at 18.5° to the normal.
    upright = 0.9483237
    gaps = np.array([4.22] * 13 + [1.14] + [7.38] * 13) * upright
    assert np.diff(grid.levels_mm) == pytest.approx(gaps, abs=1e-3)
    assert np.diff(grid.levels_mm)[13] == pytest.approx(1.08, abs=0.005)
    by_hand = {12: 4.22, 13: (4.22 + 1.14) / 2, 14: (1.14 + 7.38) / 2, 15: 7.38, 27: 7.38, 0: 4.22}
    for k, along_z in by_hand.items():
        assert grid.thicknesses_mm[k] == pytest.approx(along_z * upright, abs=1e-3)
        mask = np.zeros(grid.shape, bool)
        mask[100:200, 300:350, k] = True
        ml = 5000 * 0.4882812**2 * along_z * upright / 1000
        assert grid.volume_ml(mask) == pytest.approx(ml, rel=1e-4)
    # The 14th and the 15th together, not twice the mean distance of 5.63 mm.
    mask = np.zeros(grid.shape, bool)
    mask[:100, :100, 13:15] = True
    assert grid.volume_ml(mask) == pytest.approx(10_000 * 0.4882812**2 * 6.5814 / 1000, rel=1e-3)


def test_the_first_voxel_of_each_slice_lies_at_its_image_position(series: Path) -> None:
    found = find_series(series)
    (one,) = found.series
    assert not found.skipped and not one.faults and not one.notes
    assert [i.instance_number for i in one.instances] == list(range(1, 29))
    _, header = read_volume(series)
    for k, instance in enumerate(one.instances):
        lps = header.grid.to_mm([0, 0, k]) * [-1, -1, 1]
        assert lps == pytest.approx(instance.position)


def test_hu_are_those_of_dcm2niix(series: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(series, tmp_path / "in")
    theirs = np.asanyarray(nib.load(dcm2niix(tmp_path / "in", tmp_path / "out")).dataobj)[:, ::-1]
    ours, header = read_volume(series)
    padding = theirs == -1500
    assert (ours[~padding] == theirs[~padding]).all() and (ours[padding] == -1024).all()
    (note,) = header.notes
    assert note.kind == "padding" and f"marks {padding.sum()} voxels" in note.what


def test_an_even_series_lies_where_dcm2niix_says(tmp_path: Path) -> None:
    hu = np.random.default_rng(0).integers(-1000, 2000, (40, 32, 6)).astype(np.int16)
    c, s = np.cos(0.2), np.sin(0.2)
    write_series(tmp_path / "in", hu, row=(c, s, 0), column=(-s, c, 0), order=(3, 5, 1, 0, 4, 2))
    image = nib.load(dcm2niix(tmp_path / "in", tmp_path / "out"))
    ours, header = read_volume(tmp_path / "in")
    assert (np.asanyarray(image.dataobj)[:, ::-1] == ours).all()
    for i, j, k in ((0, 0, 0), (39, 0, 0), (0, 31, 0), (0, 0, 5), (7, 11, 3)):
        theirs = image.affine @ [i, 31 - j, k, 1]
        assert header.grid.to_mm([i, j, k]) == pytest.approx(theirs[:3], abs=1e-3)
