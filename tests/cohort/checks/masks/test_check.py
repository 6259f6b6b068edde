"""Masks that are not their image's are found, whatever the orientation; right ones pass."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.check import check
from cohort.checks.masks.check import require_fitting_masks
from cohort.checks.masks.look import HeadLook
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.space.affine import make_affine
from cohort.space.file_types import read_volume
from cohort.space.masks import binary_mask
from cohort.space.nifti.volume import save_volume
from cohort.synthetic.head import draw_head
from tests.cohort.checks.masks.conftest import (
    SIZE,
    SPACING,
    Scan,
    compare,
    compare_stored,
    ellipsoid,
    header,
    make_scan,
    oriented,
    quiet,
    said,
)

AXCODES = ["".join(c) for c in itertools.product("LR", "PA", "IS")] + ["SRA", "ALI", "PIR"]


# What is taken.


@pytest.mark.parametrize("axcodes", AXCODES)
def test_right_masks_pass_in_every_orientation(scan: Scan, axcodes: str) -> None:
    found = compare(*scan, axcodes)
    assert quiet(found), said(found)


def test_right_masks_pass_where_hu_are_cut_to_a_window(scan: Scan) -> None:
    hu, masks = scan
    for low, high in ((0, 255), (-100, 200), (0, 3000)):
        found = compare(hu.clip(low, high), masks)
        assert quiet(found), said(found)


@pytest.mark.parametrize("style", ["routine", "other"])
@pytest.mark.parametrize("number", range(3))
def test_masks_of_generated_heads_pass(style: Any, number: int) -> None:
    head = draw_head(np.random.SeedSequence((5, number)), size=128, slices=20, style=style)
    at = header(head.hu, head.affine)
    for hu in (head.hu, head.hu.clip(0, 255)):
        found = compare_stored(hu, at, head.masks)
        assert quiet(found), said(found)


def test_real_masks_of_other_hospitals_pass(shared_data: Path) -> None:
    masks = sorted((shared_data / "bhsd-dev").glob("*_iph.nii.gz"))
    assert masks
    for path in masks:
        hu, at = read_volume(path.with_name(path.name.replace("_iph", "")))
        mask, _ = binary_mask(read_volume(path)[0])
        found = compare_stored(hu, at, {"hematoma": mask})
        assert quiet(found), said(found)


def test_edema_drawn_along_passes(scan: Scan) -> None:
    hu, masks = scan[0].copy(), dict(scan[1])
    wide = ellipsoid((34, -22, 18), (24, 28, 24)).astype(np.uint8)
    hu[(wide > 0) & (masks["hematoma"] == 0)] = 18
    assert quiet(compare(hu, {"hematoma": wide}))


def test_blood_in_a_ventricle_passes(scan: Scan) -> None:
    hu, masks = scan[0].copy(), scan[1]
    inside = masks["ventricle_left"] > 0
    for part in (inside, inside & (np.arange(SIZE[1])[None, :, None] > 55)):
        changed = np.where(part, 66, hu)
        assert quiet(compare(changed, masks)), said(compare(changed, masks))


def test_empty_masks_and_few_voxels_say_nothing(scan: Scan) -> None:
    hu, masks = scan
    tiny = np.zeros_like(masks["hematoma"])
    tiny[40:42, 40:42, 12] = 1
    assert quiet(compare(hu, {"midline": np.zeros_like(tiny), "hematoma": tiny}))


@pytest.mark.parametrize("index", [10, 13])
def test_masks_of_a_single_slice_pass(scan: Scan, index: int) -> None:
    hu, masks = (scan[0][..., index : index + 1], scan[1])
    at = header(hu, make_affine("LPS", SPACING, hu.shape))
    found = compare_stored(hu, at, {n: m[..., index : index + 1] for n, m in masks.items()})
    assert quiet(found), said(found)


# The masks of the issue: flipped rows, rolled, inverted, another patient's.


@pytest.mark.parametrize("axcodes", AXCODES)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_reversed_axis_is_refused_in_every_orientation(scan: Scan, axcodes: str, axis: int) -> None:
    stored, at = oriented(scan[0], axcodes)
    mask = np.flip(oriented(scan[1]["hematoma"], axcodes)[0], axis)
    (problem,) = compare_stored(stored, at, {"hematoma": mask}).problems
    assert problem.startswith("hematoma.nii.gz: does not lie on its structure, but would ")
    assert f"with axis {axis + 1} reversed" in problem


def test_swapped_axes_are_refused(scan: Scan) -> None:
    mask = scan[1]["hematoma"].transpose(1, 0, 2)
    assert "with axes 1 and 2 swapped" in said(compare(scan[0], {"hematoma": mask}))


@pytest.mark.parametrize("low", [-1024, 0])
def test_rolled_out_of_the_head_is_refused(scan: Scan, low: int) -> None:
    hu, masks = scan
    away = np.roll(masks["hematoma"], 42, axis=0)
    (problem,) = compare(hu.clip(low, 255 if low == 0 else None), {"hematoma": away}).problems
    assert "lies mostly in air or bone" in problem and "outside of the head" in problem


def test_in_bone_is_refused_and_partly_in_bone_noted(scan: Scan) -> None:
    hu, masks = scan
    bone = (hu > 500).astype(np.uint8)
    (problem,) = compare(hu, {"hematoma": bone}).problems
    assert "lies mostly in air or bone (100% in bone)" in problem
    partly = np.roll(masks["hematoma"], 8, axis=0)
    assert "lies partly in air or bone (" in said(compare(hu, {"hematoma": partly}))


@pytest.mark.parametrize("structure", ["hematoma", "midline", "ventricle_right"])
@pytest.mark.parametrize("low", [-1024, 0])
def test_inverted_is_refused(scan: Scan, structure: str, low: int) -> None:
    (problem,) = compare(
        scan[0].clip(low, 255 if low == 0 else None), {structure: 1 - scan[1][structure]}
    ).problems
    assert f"{structure}.nii.gz: covers 100% of the head, as an inverted mask does" in problem


def test_most_of_the_head_is_refused(scan: Scan) -> None:
    brain = ellipsoid((4, 3, -40), (65, 83, 101)).astype(np.uint8)
    (problem,) = compare(scan[0], {"hematoma": brain}).problems
    assert "of the head, as an inverted mask does" in problem


def test_mask_of_another_patient_is_noted(scan: Scan) -> None:
    _, other = make_scan(bleed=(-26, 38, 2), size=13)
    (note,) = compare(scan[0], {"hematoma": other["hematoma"]}).notes
    assert note.kind == "mask density"
    assert note.what.startswith("holds 33 HU on average, ") and "not this image" in note.what


# Density.


@pytest.mark.parametrize(
    ("density", "kind"), [(12, "mask density"), (34, "mask density"), (130, "mask density")]
)
def test_density_that_few_hematomas_have_is_a_note(scan: Scan, density: int, kind: str) -> None:
    hu, masks = scan
    found = compare(np.where(masks["hematoma"] > 0, density, hu), {"hematoma": masks["hematoma"]})
    assert found.problems == []
    (note,) = found.notes
    assert note.kind == kind and f"holds {density} HU on average" in note.what


def test_ventricles_that_hold_brain_are_noted(scan: Scan) -> None:
    moved = {n: np.roll(scan[1][n], 5, axis=2) for n in ("ventricle_left", "ventricle_right")}
    found = compare(scan[0], moved)
    assert [note.file for note in found.notes] == [f"{name}.nii.gz" for name in moved]
    assert all("CSF has 0 to 15" in note.what for note in found.notes)


def test_isodense_ventricle_beside_a_dark_one_is_not_called_reversed(scan: Scan) -> None:
    hu, masks = scan
    grey = np.where(masks["ventricle_left"] > 0, 33, hu)
    found = compare(grey, masks)
    assert found.problems == []
    assert "ventricle_left.nii.gz: holds 33 HU" in said(found)


# Where it is used.


def write(folder: Path, scan: Scan, change: Callable[[NDArray], NDArray]) -> Path:
    """Write a cohort of one case whose hematoma mask is changed."""
    affine = make_affine("LPS", SPACING, SIZE)
    save_volume(folder / "ct.nii.gz", scan[0], affine)
    for name, mask in scan[1].items():
        stored = change(mask) if name == "hematoma" else mask
        save_volume(folder / f"{name}.nii.gz", np.ascontiguousarray(stored), affine)
    files = {name: f"{name}.nii.gz" for name in scan[1]}
    Cohort(folder, "masks", (Case("p1", "ct.nii.gz", files),)).save()
    return folder


def test_check_refuses_a_flipped_mask_and_tells_the_mean(tmp_path: Path, scan: Scan) -> None:
    report = check(write(tmp_path / "flipped", scan, lambda mask: mask[:, ::-1]))
    (problem,) = report.all_problems()
    assert problem.startswith(f"{tmp_path / 'flipped' / 'hematoma.nii.gz'}: does not lie on")
    assert report.cases["p1"].facts["masks"]["hematoma"]["mean_hu"] == pytest.approx(33, abs=3)
    report = check(write(tmp_path / "right", scan, lambda mask: mask))
    assert not report.all_problems() and not report.all_notes()
    assert report.cases["p1"].facts["masks"]["hematoma"]["mean_hu"] == pytest.approx(62, abs=1)


def test_masks_are_not_compared_with_what_is_no_ct(tmp_path: Path, scan: Scan) -> None:
    raw = (scan[0] + 1024, scan[1])
    (problem,) = check(write(tmp_path, raw, lambda mask: mask[:, ::-1])).all_problems()
    assert "apply the rescale intercept" in problem


def test_scan_with_nan_is_checked_without_an_error(tmp_path: Path, scan: Scan) -> None:
    broken = scan[0].astype(np.float32)
    broken[::7] = np.nan
    report = check(write(tmp_path, (broken, scan[1]), lambda mask: mask))
    assert any("NaN" in problem for problem in report.all_problems())
    assert "mean_hu" not in report.cases["p1"].facts["masks"]["hematoma"]


def test_require_raises_or_notes_with_force(scan: Scan) -> None:
    hu, masks = scan
    at = header(hu, make_affine("LPS", SPACING, SIZE))
    wrong = [("hematoma", Path("a.nii.gz"), 1 - masks["hematoma"])]
    with pytest.raises(DataError, match="--force takes it all the same"):
        require_fitting_masks(Path("ct.nii.gz"), hu, at, wrong)
    (note,) = require_fitting_masks(Path("ct.nii.gz"), hu, at, wrong, force=True)
    assert str(note).startswith("a.nii.gz: Taken by --force: covers 100% of the head")


def test_order_of_memory_makes_no_difference(scan: Scan) -> None:
    hu, masks = scan
    at = header(hu, make_affine("LPS", SPACING, SIZE))
    looks = [
        HeadLook(order(hu), at).under(other(masks["ventricle_left"]))
        for order, other in itertools.product((np.ascontiguousarray, np.asfortranarray), repeat=2)
    ]
    assert all(look is not None and look.digest == looks[0].digest for look in looks if looks[0])
    assert len({(look.mean, look.contrast, look.unlike) for look in looks if look}) == 1
