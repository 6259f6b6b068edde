"""Masks that are not their image's are found, whatever the orientation; right ones pass."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from cohort.base.errors import DataError
from cohort.check import check
from cohort.checks.masks.check import MaskCheck, require_fitting_masks
from cohort.checks.masks.look import HeadLook
from cohort.checks.scan import check_scan
from cohort.faults import CheckResult
from cohort.schema.manifest import Case, Cohort
from cohort.space.nifti import Header, binary_mask, make_affine, read_volume, save_volume
from cohort.synthetic.head import draw_head

SIZE = (96, 96, 24)  # in LPS
SPACING = (2.2, 2.2, 5.5)
AXCODES = ["".join(c) for c in itertools.product("LR", "PA", "IS")] + ["SRA", "ALI", "PIR"]
SOME_AXCODES = ["LPS", "RAI", "PIR"]
Masks = dict[str, NDArray[np.uint8]]
Scan = tuple[NDArray, Masks]


def ellipsoid(centre: tuple[float, ...], radii: tuple[float, ...]) -> NDArray[np.bool_]:
    index = np.indices(SIZE).transpose(1, 2, 3, 0)
    mm = (index - (np.array(SIZE) - 1) / 2) * SPACING
    inside: NDArray[np.bool_] = (((mm - centre) / radii) ** 2).sum(axis=-1) < 1
    return inside


def make_scan(bleed: tuple[float, ...] = (34, -22, 18), size: float = 17) -> Scan:
    """Return HU and masks of a head in LPS that lies off the middle: a bleed on the left, in front.

    Parameters
    ----------
    bleed, size
        Its centre and radius in mm.
    """
    hu = np.full(SIZE, -1000.0)
    for radii, value in (((76, 94, 112), 40), ((72, 90, 108), 900), ((65, 83, 101), 33)):
        hu[ellipsoid((4, 3, -40), radii)] = value
    places = {
        "hematoma": ellipsoid(bleed, (size, size + 4, size)),
        "midline": ellipsoid((4, 0, 5), (2.5, 78, 45)),
        "ventricle_left": ellipsoid((18, 12, 8), (8, 24, 14)),
        "ventricle_right": ellipsoid((-10, 12, 8), (9, 26, 14)),
    }
    for name, value in (("midline", 42), ("ventricle_left", 8), ("ventricle_right", 8)):
        hu[places[name]] = value
    hu[places["hematoma"]] = 62
    hu[places["midline"] & (np.abs(places["midline"].cumsum(axis=1) - 20) < 6)] = 6  # a cistern
    noise = np.random.default_rng(0).normal(0, 3, SIZE)
    masks = {name: place.astype(np.uint8) for name, place in places.items()}
    return (hu + noise).round().astype(np.int16), masks


@pytest.fixture(scope="module")
def scan() -> Scan:
    return make_scan()


def header(voxels: NDArray, affine: NDArray) -> Header:
    i, j, k = voxels.shape
    spacing: Any = tuple(np.linalg.norm(affine[:3, :3], axis=0).tolist())
    codes: Any = nib.aff2axcodes(affine)
    return Header((i, j, k), affine, str(voxels.dtype), spacing, "".join(codes), True)


def oriented(voxels: NDArray, axcodes: str) -> tuple[NDArray, Header]:
    """Return an LPS array stored with other axes; it lies where it lay."""
    image = nib.Nifti1Image(voxels, make_affine("LPS", SPACING, SIZE))
    own = nib.orientations.io_orientation(image.affine)
    turn = nib.orientations.ornt_transform(own, nib.orientations.axcodes2ornt(tuple(axcodes)))
    turned = image.as_reoriented(turn)
    stored = np.asfortranarray(np.asarray(turned.dataobj))
    return stored, header(stored, turned.affine)


def compare(hu: NDArray, masks: Masks, axcodes: str = "LPS") -> CheckResult:
    stored, at = oriented(hu, axcodes)
    own = {name: oriented(mask, axcodes)[0] for name, mask in masks.items()}
    return compare_stored(stored, at, own)


def compare_stored(stored: NDArray, at: Header, masks: Masks) -> CheckResult:
    masks_of = MaskCheck(Path("ct.nii.gz"), HeadLook(stored, at))
    for name, mask in masks.items():
        masks_of.add(name, Path(f"{name}.nii.gz"), mask)
    masks_of.finish()
    return masks_of.found


def quiet(found: CheckResult) -> bool:
    return not found.problems and not found.notes


def said(found: CheckResult) -> str:
    return "\n".join([*found.problems, *map(str, found.notes)])


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


# Masks taken together.


@pytest.mark.parametrize(
    ("one", "other"),
    list(itertools.combinations(["hematoma", "midline", "ventricle_left", "ventricle_right"], 2)),
)
def test_two_structures_with_the_same_voxels_are_refused(scan: Scan, one: str, other: str) -> None:
    found = compare(scan[0], {**scan[1], other: scan[1][one]})
    (problem,) = [p for p in found.problems if "same voxels" in p]
    assert problem.startswith(f"{other}.nii.gz: has the same voxels as the mask of {one}, {one}")


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


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "SAL"])
def test_midline_off_the_middle_or_not_thin_is_noted(scan: Scan, axcodes: str) -> None:
    hu, masks = scan
    off = np.roll(masks["midline"], 10, axis=0)
    assert "22 mm to the patient's left of the middle of the head" in said(
        compare(hu, {"midline": off}, axcodes)
    )
    ball = ellipsoid((4, 0, 5), (30, 30, 30)).astype(np.uint8)
    assert "is no thin plane" in said(compare(hu, {"midline": ball}, axcodes))


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


# What is drawn otherwise than the structure is.


def wider(mask: NDArray[np.uint8], pixels: int) -> NDArray[np.uint8]:
    return binary_dilation(mask, np.ones((3, 3, 1)), iterations=pixels).astype(np.uint8)


def boxes(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    found = np.zeros_like(mask)
    for k in np.flatnonzero(mask.any(axis=(0, 1))):
        i, j = np.nonzero(mask[..., k])
        found[i.min() : i.max() + 1, j.min() : j.max() + 1, k] = 1
    return found


@pytest.mark.parametrize("axcodes", SOME_AXCODES)
@pytest.mark.parametrize("pixels", [2, 3])
def test_a_hematoma_drawn_too_wide_is_noted(axcodes: str, pixels: int) -> None:
    hu, masks = make_scan(bleed=(28, -28, 0), size=9)
    assert quiet(compare(hu, masks))
    found = compare(hu, {**masks, "hematoma": wider(masks["hematoma"], pixels)}, axcodes)
    assert not found.problems
    assert "hematoma.nii.gz: follows no edge of the image" in said(found)


@pytest.mark.parametrize("axcodes", SOME_AXCODES)
@pytest.mark.parametrize("structure", ["hematoma", "ventricle_left"])
def test_boxes_are_noted(scan: Scan, axcodes: str, structure: str) -> None:
    hu, masks = scan
    found = compare(hu, {**masks, structure: boxes(masks[structure])}, axcodes)
    assert not found.problems
    assert f"{structure}.nii.gz: fills 100% of the boxes around it" in said(found)


def test_few_pixels_a_slice_are_no_box(scan: Scan) -> None:
    hu, masks = scan
    small = np.zeros_like(masks["hematoma"])
    small[60:64, 36:41, 14:17] = 1
    assert small.sum() == (small & masks["hematoma"]).sum()
    assert "boxes" not in said(compare(hu, {"hematoma": small}))


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
@pytest.mark.parametrize("pixels", [-7, 7])  # 15 mm
def test_a_midline_beside_the_heads_middle_is_noted(scan: Scan, axcodes: str, pixels: int) -> None:
    hu, masks = scan
    moved = np.roll(masks["midline"], pixels, axis=0)
    where = "left" if pixels > 0 else "right"
    found = compare(hu, {"midline": moved}, axcodes)
    assert f"15 mm to the patient's {where} of the middle of the head in front" in said(found)


def test_a_midline_that_is_bent_by_a_bleed_passes(scan: Scan) -> None:
    hu, masks = scan[0].copy(), dict(scan[1])
    bent = np.zeros_like(masks["midline"])
    for y in range(SIZE[1]):
        by = round(6 * np.exp(-(((y - 48) / 20) ** 2)))  # 13 mm in the middle
        bent[:, y] = np.roll(masks["midline"][:, y], by, axis=0)
    hu[masks["midline"] > 0] = 33
    hu[bent > 0] = 42
    found = compare(hu, {"midline": bent})
    assert quiet(found), said(found)


def test_a_midline_on_nothing_but_brain_is_noted(scan: Scan) -> None:
    hu, masks = scan
    moved = np.roll(masks["midline"], 3, axis=0)  # 7 mm
    hu = np.where(masks["ventricle_left"] | masks["hematoma"], 33, hu)
    assert "midline.nii.gz: shows neither falx nor CSF" in said(compare(hu, {"midline": moved}))


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
