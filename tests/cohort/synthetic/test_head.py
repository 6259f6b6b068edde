"""Generated heads: anatomy, masks, sides, and the story they tell."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.synthetic import head as module
from cohort.synthetic.head import Head, draw_head
from cohort.synthetic.physique import Asymmetry, Horns, Physique, draw_physique
from cohort.synthetic.plan import Plan
from cohort.synthetic.scanner.coding import Coding
from cohort.synthetic.scanner.scan import AXCODES, Acquisition, draw_scan
from cohort.synthetic.style import StyleName
from tests.cohort.synthetic.plans import usual_plan

PLAN = usual_plan(volume_ml=38.0, shift_mm=7.0)
PLAIN = {
    "pose": np.eye(3, dtype=np.float32),
    "asymmetry": Asymmetry(),
    "tilt": 0.0,
    "lowest": -54.0,
    "slice_mm": 6.8,
    "thickness": 6.8,
    "noise": 3.0,
    "metal": None,
    "motion": False,
    "coding": Coding(),
}
"""A scan without what would hide the anatomy."""
HORNS = Horns(frontal=0.3, body=0.3, atrium=0.3, temporal=0.0, occipital=1.0)
SMALL = {"size": 128, "slices": 20}


@cache
def make(plan: Plan, axcodes: str = "LPS", seed: int = 3) -> Head:
    """Draw a head by a plan, once for all tests."""

    def plain(rng: np.random.Generator, size: int, slices: int, style: StyleName) -> Acquisition:
        scan = draw_scan(rng, size, slices, style)
        return replace(scan, axcodes=axcodes, **PLAIN)

    def even(*drawn: Any) -> Physique:
        return replace(draw_physique(*drawn), left=HORNS, right=HORNS)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "draw_plan", lambda *_: plan)
        patch.setattr(module, "draw_physique", even)
        patch.setattr(module, "draw_scan", plain)
        head = draw_head(np.random.SeedSequence(seed), **SMALL)
    for array in (head.hu, *head.masks.values()):
        array.flags.writeable = False
    return head


def left_of(head: Head, structure: str) -> float:
    """Return the mean position of a structure in mm toward the patient's left, by the affine."""
    voxels = np.argwhere(head.masks[structure])
    return float(-nib.affines.apply_affine(head.affine, voxels)[:, 0].mean())


def as_lps(head: Head, array: NDArray) -> NDArray:
    codes = nib.aff2axcodes(head.affine)
    return array[tuple(slice(None, None, 1 if code in "LPS" else -1) for code in codes)]


@pytest.fixture(scope="module")
def shifted() -> Head:
    return make(PLAN)


@pytest.mark.parametrize("axcodes", AXCODES)
def test_masks_lie_on_the_patients_side_by_the_affine(axcodes: str) -> None:
    head = make(PLAN, axcodes)
    assert "".join(nib.aff2axcodes(head.affine)) == axcodes
    middle = left_of(head, "midline")
    assert left_of(head, "hematoma") > middle + 15
    assert left_of(head, "ventricle_left") > middle + 3
    assert left_of(head, "ventricle_right") < middle - 3


def test_orientation_changes_the_storage_and_nothing_else(shifted: Head) -> None:
    other = make(PLAN, "RAS")
    assert not np.array_equal(other.hu, shifted.hu)
    assert np.array_equal(as_lps(other, other.hu), shifted.hu)
    assert other.story == shifted.story


@pytest.mark.parametrize(
    "plan",
    [
        PLAN,
        replace(PLAN, side="right", volume_ml=12.0, shift_mm=0.0),
        replace(PLAN, site="thalamus", volume_ml=15.0, shift_mm=2.0),
        replace(PLAN, site="lobar", lobe="frontal", volume_ml=55.0),
        replace(PLAN, site="lobar", lobe="occipital", volume_ml=30.0),
        replace(PLAN, site="lobar", lobe="temporal", volume_ml=30.0),
        replace(PLAN, site="lobar", lobe="parietal", volume_ml=30.0),
        replace(PLAN, site="cerebellum", volume_ml=24.0, shift_mm=0.0),
        replace(PLAN, site="brainstem", side=None, volume_ml=7.5, shift_mm=0.0),
    ],
    ids=lambda plan: f"{plan.lobe or plan.site}-{plan.volume_ml:.0f}",
)
def test_bleed_has_the_planned_volume_and_the_story_tells_it(plan: Plan) -> None:
    head = make(plan)
    voxel = abs(np.linalg.det(head.affine[:3, :3])) / 1000
    measured = float(head.masks["hematoma"].sum()) * voxel
    assert measured == pytest.approx(plan.volume_ml, abs=voxel)
    assert head.story.volume_ml == pytest.approx(measured, abs=0.051)
    assert head.story.site == plan.site and head.story.side == plan.side
    if plan.side is not None:
        away = left_of(head, "hematoma") - left_of(head, "midline")
        assert away * (1 if plan.side == "left" else -1) > 6
    infratentorial = plan.site in ("cerebellum", "brainstem")
    lower = np.argwhere(as_lps(head, head.masks["hematoma"]))[:, 2].mean()
    ventricles = np.argwhere(as_lps(head, head.masks["ventricle_left"]))[:, 2].mean()
    if plan.lobe != "temporal":  # its pole lies low, too
        assert (lower < ventricles - 4) == infratentorial
    if infratentorial:
        assert head.story.shift_mm == 0 and head.story.ventricle_compressed is None


@pytest.mark.parametrize("side", ["left", "right"])
def test_midline_and_ventricles_give_way(side: str) -> None:
    head = make(replace(PLAN, side=side))  # type: ignore[arg-type]
    other = "right" if side == "left" else "left"
    assert head.story.shift_side == other
    assert head.story.shift_mm == pytest.approx(5.3, abs=0.5)
    assert head.story.ventricle_compressed == side
    same, across = (head.masks[f"ventricle_{s}"].sum() for s in (side, other))
    assert same < 0.75 * across
    # The middle of the line lies further away from the bleed than its ends do.
    line = as_lps(head, head.masks["midline"])
    bleed = as_lps(head, head.masks["hematoma"])
    rows, columns = np.nonzero(line[:, :, bleed.sum(axis=(0, 1)).argmax()].T)
    ends = columns[(rows < rows.min() + 4) | (rows > rows.max() - 4)].mean()
    middle = columns[np.abs(rows - np.median(rows)) < 6].mean()
    assert (middle - ends) * (1 if other == "left" else -1) > 2


def test_small_bleed_leaves_the_midline_straight() -> None:
    story = make(replace(PLAN, volume_ml=4.0, shift_mm=0.0)).story
    assert story.shift_mm < 0.5 and story.shift_side is None
    assert story.ventricle_compressed is None


def test_tissues_have_their_hounsfield_units(shifted: Head) -> None:
    hu, masks = shifted.hu, shifted.masks
    assert hu.dtype == np.int16
    assert hu.min() >= -1024 and 1000 < hu.max() <= 3071
    assert np.median(hu[masks["hematoma"] > 0]) == pytest.approx(67, abs=6)
    fluid = (masks["ventricle_left"] | masks["ventricle_right"]) > 0
    assert np.median(hu[fluid]) < 16
    assert np.percentile(hu, 20) == pytest.approx(-1000, abs=5)
    brain = hu[(hu > 20) & (hu < 50)]
    assert 28 < np.median(brain) < 38


def test_masks_lie_inside_the_skull(shifted: Head) -> None:
    hu = as_lps(shifted, shifted.hu)
    masks = {name: as_lps(shifted, mask) for name, mask in shifted.masks.items()}
    for name, mask in masks.items():
        if not mask.any():
            continue
        assert hu[mask > 0].min() > -60, name
        for x, y, z in np.argwhere(mask)[::7]:
            ray = hu[:, y, z]
            assert ray[:x].max() > 300 and ray[x + 1 :].max() > 300, name
    assert np.percentile(hu[masks["hematoma"] > 0], 99.5) < 100


def test_structures_do_not_overlap_but_with_the_midline(shifted: Head) -> None:
    masks = shifted.masks
    assert not (masks["ventricle_left"] & masks["ventricle_right"]).any()
    for side in ("left", "right"):
        assert not (masks["hematoma"] & masks[f"ventricle_{side}"]).any()
    for name in ("ventricular_blood", "outer_blood"):
        assert not masks[name].any()  # the plan has none: the masks are there, and empty
    for name in ("hematoma", "ventricle_left", "ventricle_right"):
        assert not (masks["edema"] & masks[name]).any(), name
    assert all(set(np.unique(mask)) == {0, 1} for mask in masks.values() if mask.any())


def test_midline_runs_from_front_to_back(shifted: Head) -> None:
    line = as_lps(shifted, shifted.masks["midline"])
    hu = as_lps(shifted, shifted.hu)
    drawn = np.flatnonzero(line.any(axis=(0, 1)))
    assert np.array_equal(drawn, np.arange(drawn[0], drawn[-1] + 1))
    pixel = np.linalg.norm(shifted.affine[:3, 0])
    for z in drawn:
        x, y = np.nonzero(line[:, :, z])
        assert np.array_equal(np.unique(y), np.arange(y.min(), y.max() + 1))
        assert len(x) / len(np.unique(y)) * pixel == pytest.approx(2.7, abs=0.8)
        # Bone stands within a centimetre of both ends.
        centimetre = round(10 / pixel)
        for end in (y.min(), y.max()):
            column = hu[x[y == end][0], max(0, end - centimetre) : end + centimetre + 1, z]
            assert column.max() > 300


def test_same_seed_gives_the_same_head() -> None:
    first = draw_head(np.random.SeedSequence(11), 64, 8)
    again = draw_head(np.random.SeedSequence(11), 64, 8)
    other = draw_head(np.random.SeedSequence(12), 64, 8)
    assert np.array_equal(first.hu, again.hu) and first.story == again.story
    assert not np.array_equal(first.hu, other.hu)
