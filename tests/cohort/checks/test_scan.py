"""CT and masks of a cohort: what keeps them from being read, and what is odd about them."""

from __future__ import annotations

import json
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from cohort.check import check
from cohort.space.affine import make_affine
from cohort.space.file_types import read_volume
from cohort.space.nifti.volume import save_volume
from tests.cohort.conftest import change, notes, path_of, problems


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"\r\n", "2 bytes long, a placeholder"), (b"", "0 bytes"), (None, "truncated")],
)
@pytest.mark.parametrize("name", ["images/p1.nii.gz", "masks/p1_midline.nii.gz"])
def test_fake_and_truncated_volumes(maker: Any, name: str, data: bytes | None, reason: str) -> None:
    maker.add("p1").save()
    path = path_of(maker, name)
    path.write_bytes(path.read_bytes()[:-40] if data is None else data)
    (problem,) = problems(maker)
    assert problem.startswith(f"{path}: ")
    assert reason in problem


def test_4d_image(maker: Any) -> None:
    maker.add("p1").save()
    path = path_of(maker, "images/p1.nii.gz")
    nib.save(nib.Nifti1Image(np.zeros((20, 16, 4, 2), np.int16), np.eye(4)), path)
    assert "is 4D (20×16×4×2 voxels)" in problems(maker)[0]


def test_mask_of_another_shape(maker: Any) -> None:
    maker.add("p1").save()
    change(path_of(maker, "masks/p1_hematoma.nii.gz"), lambda v: v[..., :3])
    assert "p1_hematoma.nii.gz: has 20×16×3 voxels, the image 20×16×4" in problems(maker)[0]


def test_mask_of_another_affine(maker: Any) -> None:
    maker.add("p1").save()
    path = path_of(maker, "masks/p1_hematoma.nii.gz")
    voxels, header = read_volume(path)
    save_volume(path, voxels, make_affine("RPS", header.spacing, header.shape))
    assert "orientation RPS, the image LPS; a mask must lie on its" in problems(maker)[0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinite_voxels(maker: Any, value: float) -> None:
    maker.add("p1").save()

    def poison(voxels: np.ndarray) -> np.ndarray:
        voxels = voxels.astype(np.float32)
        voxels[3, 3, 2:] = value
        return voxels

    change(path_of(maker, "images/p1.nii.gz"), poison)
    change(path_of(maker, "masks/p1_midline.nii.gz"), poison)
    image, mask = problems(maker)
    assert "holds 2 voxels that are NaN or infinite" in image
    assert "NaN" in mask or "inf" in mask
    assert json.dumps(check(maker.folder).to_json(), allow_nan=False)


def test_masks_of_255_and_of_floats_are_accepted_and_said(maker: Any) -> None:
    maker.add("p1").save()
    change(path_of(maker, "masks/p1_hematoma.nii.gz"), lambda v: v * 255)
    change(path_of(maker, "masks/p1_midline.nii.gz"), lambda v: v.astype(np.float32))
    report = check(maker.folder)
    assert report.all_problems() == []
    assert report.cases["p1"].facts["masks"]["hematoma"]["voxels"] == 24
    said = "\n".join(map(str, report.all_notes()))
    assert "p1_hematoma.nii.gz: is written with 0/255, read as 0 and 1" in said
    assert "p1_midline.nii.gz: is written with 0.0/1.0, read as 0 and 1" in said


def test_mask_of_several_labels_is_a_problem(maker: Any) -> None:
    maker.add("p1").save()
    change(path_of(maker, "masks/p1_hematoma.nii.gz"), lambda v: v * 2 + (v == 0))
    assert "holds the values 1, 2; a mask has 0 and 1" in problems(maker)[0]


def test_empty_mask_is_a_fact_and_counted(maker: Any) -> None:
    maker.add("p1").save()
    change(path_of(maker, "masks/p1_ventricle_left.nii.gz"), lambda v: v * 0)
    assert (problems(maker), notes(maker)) == ([], [])
    report = check(maker.folder).to_json()
    assert report["cases"][0]["masks"]["ventricle_left"]["voxels"] == 0
    assert report["counts"]["empty masks of ventricle_left"] == 1


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda v: v * 0, "holds the value 0 only"),
        (lambda v: (v + 1000) / np.float32(2200), "normalised, not Hounsfield units"),
        (lambda v: v + 1024, "raw values, not Hounsfield units; apply the rescale intercept"),
    ],
)
def test_values_that_are_no_hu(maker: Any, make: Any, problem: str) -> None:
    maker.add("p1").save()
    change(path_of(maker, "images/p1.nii.gz"), make)
    assert problem in "\n".join(problems(maker))


@pytest.mark.parametrize(
    ("make", "note"),
    [
        (lambda v: np.where(v == 1200, -1000, v), "no bone"),
        (lambda v: np.where(v == 1200, 40000, v), "far beyond"),
    ],
)
def test_unusual_hu_are_a_note(maker: Any, make: Any, note: str) -> None:
    maker.add("p1").save()
    change(path_of(maker, "images/p1.nii.gz"), make)
    assert problems(maker) == []
    assert note in "\n".join(notes(maker))


def test_spacing_and_orientation_that_seem_lost_are_a_note(maker: Any, ct: np.ndarray) -> None:
    maker.add("p1").add("p2").save()
    for case in maker.cases:
        for mask in case.masks.values():
            path_of(maker, mask).unlink()
    text = (maker.folder / "cohort.json").read_text()
    manifest = json.loads(text)
    for case in manifest["cases"]:
        del case["masks"]
    (maker.folder / "cohort.json").write_text(json.dumps(manifest))
    nib.save(nib.Nifti1Image(ct, None), path_of(maker, "images/p1.nii.gz"))
    affine = make_affine("LPS", (1, 1, 50), ct.shape)
    save_volume(path_of(maker, "images/p2.nii.gz"), ct, affine)
    said = "\n".join(notes(maker))
    assert "p1.nii.gz: states no orientation" in said
    assert "p1.nii.gz: has a spacing of exactly 1×1×1 mm" in said
    assert "p2.nii.gz: has an unusual spacing, 1×1×50 mm" in said
    assert problems(maker) == []
