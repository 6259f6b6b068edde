"""Masks that do not go together: of one place, exchanged, on the wrong sides, one of them empty."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from cohort.checks.scan import check_scan
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.space.affine import make_affine
from cohort.space.nifti.volume import save_volume
from tests.cohort.checks.masks.conftest import (
    SIZE,
    SOME_AXCODES,
    SPACING,
    Scan,
    compare,
    ellipsoid,
    make_scan,
    quiet,
    said,
)


@pytest.mark.parametrize(
    ("one", "other"),
    list(itertools.combinations(["hematoma", "midline", "ventricle_left", "ventricle_right"], 2)),
)
def test_two_structures_with_the_same_voxels_are_refused(scan: Scan, one: str, other: str) -> None:
    found = compare(scan[0], {**scan[1], other: scan[1][one]})
    (problem,) = [p for p in found.problems if "same voxels" in p]
    assert problem.startswith(f"{other}.nii.gz: has the same voxels as the mask of {one}, {one}")


@pytest.mark.parametrize("whose", [["ventricle_left"], ["ventricle_left", "ventricle_right"]])
@pytest.mark.parametrize("specks", [0, 20])
def test_ventricles_of_csf_are_not_taken_for_blood_in_them(
    scan: Scan, whose: list[str], specks: int
) -> None:
    hu, masks = scan
    blood = np.maximum.reduce([masks[name] for name in whose])
    blood.flat[np.flatnonzero(blood)[:specks]] = 0
    found = compare(hu, {**masks, "ventricular_blood": blood})
    (problem,) = found.problems
    assert problem.startswith(
        f"ventricular_blood.nii.gz: has the same voxels as {' and '.join(whose)}, which hold"
    )
    cast = np.where((blood > 0) & (masks["midline"] == 0), hu + 50, hu)
    noted = compare(cast, {**masks, "ventricular_blood": blood})
    assert not noted.problems and f"fills all of {' and '.join(whose)} (5" in said(noted)


def test_blood_in_a_part_of_a_ventricle_is_taken_without_a_word(scan: Scan) -> None:
    hu, masks = scan
    part = masks["ventricle_left"] & ellipsoid((18, 20, 8), (9, 16, 15)).astype(np.uint8)
    assert quiet(compare(hu + 45 * part.astype(np.int16), {**masks, "ventricular_blood": part}))


def test_both_ventricles_in_one_mask_are_noted(scan: Scan) -> None:
    hu, masks = scan
    both = masks["ventricle_left"] | masks["ventricle_right"]
    found = compare(hu, {**masks, "ventricle_right": both})
    assert "does each show one ventricle?" in said(found)


def test_ventricle_that_is_hardly_drawn_is_noted(scan: Scan) -> None:
    hu, masks = scan
    part = masks["ventricle_left"] & ellipsoid((18, 12, 8), (5, 7, 5)).astype(np.uint8)
    assert "one lateral ventricle's mask has" in said(
        compare(hu, {**masks, "ventricle_left": part})
    )


def test_ventricles_at_different_heights_are_noted(scan: Scan) -> None:
    hu, masks = scan
    moved = np.roll(masks["ventricle_left"], 6, axis=2)
    found = compare(hu, {**masks, "ventricle_left": moved})
    assert "ventricle's mask lies 33 mm higher than the other's" in said(found)


@pytest.mark.parametrize("axcodes", SOME_AXCODES)
def test_slices_in_reverse_order_are_found_where_masks_still_overlap(axcodes: str) -> None:
    hu, masks = make_scan(bleed=(34, -22, 8))
    turned = masks["hematoma"][..., ::-1]
    assert 0.2 < (turned & masks["hematoma"]).sum() / turned.sum() < 0.7
    found = compare(hu, {**masks, "hematoma": turned}, axcodes)
    assert "would with its slices in reverse order" in said(found) or found.problems


@pytest.mark.parametrize("blood", [8, 45])
def test_hematoma_and_ventricle_exchanged_are_noted(blood: int) -> None:
    hu, masks = make_scan()
    hu = np.where((masks["ventricle_left"] > 0) & (masks["midline"] == 0), hu + blood - 8, hu)
    assert quiet(compare(hu, masks)), said(compare(hu, masks))
    other = {
        **masks,
        "hematoma": masks["ventricle_left"],
        "ventricle_left": masks["hematoma"],
    }
    found = compare(hu, other)
    assert found.problems or "are both masks exchanged?" in said(found)


@pytest.mark.parametrize("axcodes", SOME_AXCODES)
@pytest.mark.parametrize("side", ["left", "right"])
def test_one_ventricle_empty_beside_a_full_one_is_noted(
    scan: Scan, axcodes: str, side: str
) -> None:
    hu, masks = scan
    name = f"ventricle_{side}"
    found = compare(hu, {**masks, name: np.zeros_like(masks[name])}, axcodes)
    assert not found.problems
    assert f"the mask of {name} is empty, and the other ventricle's has" in said(found)
    # Not drawn at all, or both empty, is another thing.
    one = {key: mask for key, mask in masks.items() if key != name}
    assert quiet(compare(hu, one, axcodes))
    none = {key: np.zeros_like(mask) for key, mask in masks.items() if "ventricle" in key}
    assert quiet(compare(hu, {**masks, **none}, axcodes))


@pytest.mark.parametrize("moved", [0, -22])
def test_ventricles_on_the_wrong_sides_of_another_patient_are_not_called_swapped(
    scan: Scan, tmp_path: Path, moved: int
) -> None:
    hu, masks = scan
    affine = make_affine("LPS", SPACING, SIZE)
    save_volume(tmp_path / "p1.nii.gz", hu, affine)
    files = {}
    for name, other in (
        ("ventricle_left", "ventricle_right"),
        ("ventricle_right", "ventricle_left"),
    ):
        files[name] = f"{name}.nii.gz"
        save_volume(tmp_path / files[name], np.roll(masks[other], moved, axis=1), affine)
    cohort = Cohort(tmp_path, "x", (Case("p1", "p1.nii.gz", files),))
    found = check_scan(cohort, cohort.cases[0])
    (problem,) = (said for said in found.problems if "by the affine" in said)
    if moved:
        assert "the masks seem to be another image's" in problem
    else:
        assert "the labels are swapped, image and masks are mirrored, or the masks" in problem
