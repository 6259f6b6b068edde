"""Left and right of the masks are judged by the affine."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from cohort.check import check
from cohort.checks.head.sides import Centres, side_offsets
from cohort.checks.masks.look import HeadLook
from cohort.space.affine import make_affine
from cohort.space.grid import Grid
from cohort.space.header import Header
from cohort.space.nifti.volume import save_volume
from tests.cohort.conftest import change, notes, path_of, problems

AXCODES = ["".join(c) for c in itertools.product("LR", "PA", "IS")] + ["SRA", "ALI", "PIR"]


def reorient(path: Path, axcodes: str) -> None:
    """Store a volume with other array axes; where it lies in the world stays the same."""
    image = nib.load(path)
    wanted = nib.orientations.axcodes2ornt(tuple(axcodes))
    turn = nib.orientations.ornt_transform(nib.orientations.io_orientation(image.affine), wanted)
    turned = image.as_reoriented(turn)
    save_volume(path, np.asarray(turned.dataobj), turned.affine)


@pytest.mark.parametrize("axcodes", AXCODES)
def test_sides_are_judged_by_the_affine(maker: Any, axcodes: str) -> None:
    maker.add("right").add("swapped").save()
    left = path_of(maker, "masks/swapped_ventricle_left.nii.gz")
    right = path_of(maker, "masks/swapped_ventricle_right.nii.gz")
    left_bytes = left.read_bytes()
    left.write_bytes(right.read_bytes())
    right.write_bytes(left_bytes)
    for case in maker.cases:
        for name in case.files():
            reorient(path_of(maker, name), axcodes)
    report = check(maker.folder)
    assert report.cases["right"].facts["image"]["axcodes"] == axcodes
    assert report.cases["right"].facts["sides"] == {"ventricle_left": True, "ventricle_right": True}
    assert report.cases["swapped"].facts["sides"] == {
        "ventricle_left": False,
        "ventricle_right": False,
    }
    (problem,) = report.all_problems()
    assert "swapped.nii.gz: the left ventricle's mask lies on the patient's right of the" in problem


def only(maker: Any, *structures: str) -> None:
    """Take all other masks out of the manifest."""
    manifest = json.loads((maker.folder / "cohort.json").read_text())
    for case in manifest["cases"]:
        case["masks"] = {s: case["masks"][s] for s in structures}
    (maker.folder / "cohort.json").write_text(json.dumps(manifest))


def test_swap_is_found_without_a_midline(maker: Any) -> None:
    maker.add("p1").save()
    for name in ("left", "right"):
        change(path_of(maker, f"masks/p1_ventricle_{name}.nii.gz"), lambda v: v[::-1])
    only(maker, "ventricle_left", "ventricle_right")
    assert "right of the middle between both" in problems(maker)[0]


def test_one_ventricle_is_judged_by_the_head(maker: Any) -> None:
    maker.add("p1").add("p2").add("p3").save()
    change(path_of(maker, "masks/p1_ventricle_left.nii.gz"), lambda v: v[::-1])
    only(maker, "ventricle_left")
    assert problems(maker) == []  # of one case in three it may be mass effect
    assert (
        "ventricle_left lies 9 mm on the patient's right of the middle of the head"
        in (notes(maker)[0])
    )


def test_middle_of_the_head_is_found_where_air_is_cut_off(maker: Any, ct: np.ndarray) -> None:
    off_centre = np.full_like(ct, -1000)
    off_centre[:14] = ct[6:]
    affine = make_affine("LPS", (3.0, 3.0, 5.0), ct.shape)
    header = Header(Grid(ct.shape, affine), "int16")
    centre, cut = (HeadLook(v, header).centre for v in (off_centre, off_centre.clip(0, 255)))
    assert centre is not None and cut is not None
    np.testing.assert_allclose(cut, centre)
    assert centre[0] > 5


def test_ventricles_of_most_cases_on_the_wrong_side_are_a_problem(maker: Any) -> None:
    maker.add("p1").add("p2").add("p3").save()
    for case in ("p1", "p2"):
        change(path_of(maker, f"masks/{case}_ventricle_left.nii.gz"), lambda v: v[::-1])
    only(maker, "ventricle_left")
    assert "in 2 of 3 cases a ventricle lies on the wrong side" in problems(maker)[0]


def test_midline_of_a_turned_head_is_followed() -> None:
    # A midline that runs obliquely: at the ventricles' place it lies at x = 30.
    y = np.arange(-50.0, 51.0)
    midline = np.stack([y, y, np.zeros_like(y)], axis=1)
    centres = Centres(midline=midline)
    centres.structures = {
        "ventricle_left": np.array([20.0, 30.0, 0.0]),
        "ventricle_right": np.array([40.0, 30.0, 0.0]),
    }
    offsets, reference = side_offsets(centres)
    assert reference == "the midline"
    assert offsets == pytest.approx({"ventricle_left": 10, "ventricle_right": 10})
