"""Spacings, tilts and directions of a header that are odd are noted or refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.checks.plausible import check_plausible
from cohort.space.affine import make_affine
from cohort.space.file_types import read_header
from cohort.space.grid import Grid
from tests.cohort.checks.conftest import SCAN, SIZE, SPACING, check, header, notes, problem


def tilted(degrees: float) -> NDArray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[1, 0, 0, 0], [0, c, -s, 0], [0, s, c, 0], [0, 0, 0, 1]])
    affine: NDArray = turn @ make_affine("LPS", SPACING, SIZE)
    return affine


def test_tilt_is_noted_and_beyond_a_half_right_angle_refused(head: NDArray) -> None:
    at = header(head)
    assert notes(check_plausible(SCAN, head, replace(at, grid=Grid(at.shape, tilted(20))))) == ""
    steep = check_plausible(SCAN, head, replace(at, grid=Grid(at.shape, tilted(32))))
    assert notes(steep) == "its slices are tilted by 32° against the axial plane."
    oblique = check_plausible(SCAN, head, replace(at, grid=Grid(at.shape, tilted(44))))
    assert "tilted by 44°" in problem(oblique) and "reformat it" in problem(oblique)


def test_gantry_tilt_that_was_not_corrected_is_a_note(head: NDArray) -> None:
    sheared = make_affine("LPS", SPACING, SIZE)
    sheared[1, 2] = np.tan(np.radians(15)) * sheared[2, 2]
    at = replace(header(head), grid=Grid(SIZE, sheared))
    assert "shifted against each other, 15° off" in notes(check_plausible(SCAN, head, at))


@pytest.mark.parametrize(
    ("spacing", "said"),
    [((0.2, 0.2, 5.0), "unusual spacing, 0.2×0.2×5"), ((0.5, 0.5, 20.0), "0.5×0.5×20")],
)
def test_extreme_spacing_is_a_note(spacing: tuple[float, float, float], said: str) -> None:
    voxels = np.tile(np.arange(-20.0, 80.0)[:, None, None], (1, 40, 9)) + np.arange(9)
    found = check(voxels, spacing)
    assert said in "\n".join(note.what for note in found.notes)


def test_sagittal_slices_are_a_note_and_coarse_pixels_refused() -> None:
    voxels = np.tile(np.arange(-20.0, 80.0)[:, None, None], (1, 40, 9)) + np.arange(9)
    sagittal = check_plausible(SCAN, voxels, header(voxels, (0.5, 0.5, 5.0), "PSL"))
    assert "holds sagittal slices, 5 mm apart" in notes(sagittal)
    assert "too coarse to show a bleed" in problem(check(voxels, (12.0, 12.0, 5.0)))


def test_sform_and_qform_that_contradict_each_other_are_a_note(
    tmp_path: Path, head: NDArray
) -> None:
    image = nib.Nifti1Image(head, make_affine("LPS", SPACING, SIZE))
    image.set_sform(image.affine, code=1)
    image.set_qform(make_affine("RPS", SPACING, SIZE), code=1)
    nib.save(image, tmp_path / "scan.nii.gz")
    at = read_header(tmp_path / "scan.nii.gz")
    assert at.axcodes == "LPS" and at.qform is not None
    said = notes(check_plausible(SCAN, head, at))
    assert "its sform, which is used, and its qform differ in orientation (LPS, RPS)" in said
