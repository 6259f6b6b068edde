"""What lies inside the skull."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.space.file_types import read_volume
from imaging.space.orientation import lps_view
from imaging.space.skull import bone_level, inside_skull

N = 160
X, Y = (part - N / 2 for part in np.ogrid[:N, :N])


def ring(radius: float) -> NDArray:
    return np.asarray((X / radius) ** 2 + (Y / (1.2 * radius)) ** 2 < 1)


def head(n: int = 1) -> NDArray:
    """Air, scalp of 8 pixels, bone of 5, brain: [n, 160, 160] in HU."""
    hu = np.full((n, N, N), -1000)
    for radius, value in ((63, 40), (55, 900), (50, 30)):
        hu[:, ring(radius)] = value
    return hu


BRAIN, SCALP = ring(49), ring(62) & ~ring(56)


def test_brain_is_inside_and_scalp_and_air_are_outside() -> None:
    inside = inside_skull(head(2), 300)
    assert inside[:, BRAIN].all()
    assert not inside[:, SCALP].any()
    assert not inside[:, ~ring(64)].any()


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_skull_with_a_hole_still_holds_its_brain(turns: int) -> None:
    hu = np.rot90(head(), turns, axes=(1, 2)).copy()
    bone = hu[0, : N // 2, N // 2 - 8 : N // 2 + 8]  # 16 mm from side to side
    bone[bone > 300] = 30
    brain = np.rot90(BRAIN, turns)
    assert (hu[0, : N // 2] > 300).sum() < (hu[0, N // 2 :] > 300).sum()
    inside = inside_skull(hu, 300)[0][brain]
    assert inside.all()


def test_slice_without_bone_is_not_judged() -> None:
    hu = head(2)
    hu[1][hu[1] > 300] = 30
    inside = inside_skull(hu, 300)
    assert inside[1].all() and not inside[0].all()


def test_head_cut_off_by_the_field_of_view_keeps_its_brain() -> None:
    hu = head()[:, 50:, 50:110]  # the skull is shown on one side of four
    brain = BRAIN[50:, 50:110]
    assert 0 < (hu > 300).sum() < 1000
    inside = inside_skull(hu, 300)[0][brain]
    assert inside.all()


def test_bone_of_a_scan_that_was_cut_is_its_highest_value() -> None:
    assert bone_level(head()) == 300
    assert bone_level(np.minimum(head(), 255)) == 255
    cut = np.clip(head(), 0, 255)
    assert inside_skull(cut, 255)[:, BRAIN].all()
    assert not inside_skull(cut, 255)[:, SCALP].any()


def test_scan_without_bone_has_no_level() -> None:
    assert bone_level(np.clip(head(), 0, 80)) is None  # a hematoma may be as dense
    assert bone_level(np.where(head() > 300, 30, head())) is None
    speck = np.full((10, 100, 100), 30)
    speck[0, 0, :5] = 2000  # a clip
    assert bone_level(speck) is None


def test_brain_where_half_of_the_bone_was_taken_out_is_inside() -> None:
    hu = head()
    left = hu[0, : N // 2]
    left[left > 300] = 30
    inside = inside_skull(hu, 300)
    assert inside[0][BRAIN].all()
    right = SCALP.copy()
    right[: N // 2 + 4] = False
    assert not inside[0][right].any()


def test_only_what_is_asked_needs_to_be_right() -> None:
    asked = np.zeros((2, N, N), bool)
    asked[0, 19, N // 2] = asked[1, N // 2, N // 2] = True  # scalp, brain
    np.testing.assert_array_equal(inside_skull(head(2), 300, asked)[asked], [False, True])


def test_real_bleeds_are_inside_also_after_surgery(shared_data: Any) -> None:
    # HU cut at 255, three of the heads without half of their bone.
    masks = sorted(shared_data.glob("bhsd-dev/*_i?h.nii.gz"))
    if not masks:
        pytest.skip("no real slices here")
    for path in masks:
        scan, header = read_volume(path.with_name(path.name[:-11] + ".nii.gz"))
        bleed, _ = read_volume(path)
        if not bleed.any():
            continue
        hu, asked = (
            np.moveaxis(lps_view(volume, header.affine)[::2, ::2], 2, 0) for volume in (scan, bleed)
        )
        level = bone_level(hu)
        assert level == 255
        assert inside_skull(hu, level, asked > 0)[asked > 0].mean() > 0.99, path.name
