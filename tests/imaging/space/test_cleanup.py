"""Rules that remove pieces of a mask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.space.grid import Grid
from cohort.space.shapes.pieces import bounding_box
from imaging.space import cleanup
from imaging.space.cleanup import NO_BONE, Effect, Removed


def clean_up(mask: NDArray, spacing: Any, *rules: Any, **more: Any) -> Effect:
    return cleanup.clean_up(mask, Grid.with_spacing(mask.shape, spacing), *rules, **more)


SPACING = (1.0, 1.0, 5.0)  # a voxel is 0.005 mL


def skull(shape: tuple[int, int, int] = (80, 90, 6)) -> NDArray:
    """Air, a shell of bone, brain; scalp outside is 40 HU."""
    x, y = np.ogrid[: shape[0], : shape[1]]
    r = np.hypot(x - shape[0] / 2, y - shape[1] / 2)
    slices = np.select([r < 25, r < 29, r < 37], [30, 900, 40], -1000)
    return np.repeat(slices[..., None], shape[2], axis=2).astype(np.int16)


def test_pieces_below_the_smallest_volume_go_and_nothing_else() -> None:
    mask = np.zeros((20, 20, 4), np.uint8)
    mask[2:6, 2:7, 1] = 1  # 20 voxels, 0.1 mL: stays
    mask[10:13, 10:13, 2:4] = 1  # 18 voxels, 0.09 mL
    mask[18, 18, 0] = 1  # 0.005 mL
    expected = mask.copy()
    expected[10:] = 0
    effect = clean_up(mask, SPACING, smallest_ml=0.1)
    np.testing.assert_array_equal(mask, expected)
    assert effect.removed["smallest_ml"].components == 2
    assert effect.removed["smallest_ml"].ml == pytest.approx(0.095)
    assert list(effect.removed) == ["smallest_ml"]


def test_piece_that_is_nowhere_sure_goes() -> None:
    mask = np.zeros((20, 20, 4), np.uint8)
    mask[2:6, 2:7, 1] = mask[10:13, 10:13, 2:4] = 1
    peaks = np.zeros(mask.shape, bool)
    peaks[5, 6, 1] = True
    effect = clean_up(mask, SPACING, peaks=peaks)
    assert effect.removed == {"lowest_peak": Removed(1, pytest.approx(0.09))}
    assert mask[2:6, 2:7, 1].all() and mask.sum() == 20


def test_large_piece_stays_however_unsure() -> None:
    mask = np.zeros((20, 20, 4), np.uint8)
    mask[2:6, 2:7, 1] = 1  # 0.1 mL
    mask[10:13, 10:13, 2:4] = 1  # 0.09 mL
    nowhere = np.zeros(mask.shape, bool)
    effect = clean_up(mask, SPACING, peaks=nowhere, peaks_up_to_ml=0.095)
    assert effect.removed == {"lowest_peak": Removed(1, pytest.approx(0.09))}
    assert mask[2:6, 2:7, 1].all() and mask.sum() == 20


def test_voxels_of_a_leaning_grid_are_as_large_as_they_are() -> None:
    mask = np.zeros((20, 20, 4), np.uint8)
    mask[2:6, 2:7, 1] = 1  # 20 voxels of 0.0047 mL: too small, whatever their spacing says
    affine = np.diag([-1.0, -1.0, 4.7, 1.0])
    affine[1, 2] = np.sqrt(5**2 - 4.7**2)
    effect = cleanup.clean_up(mask, Grid((20, 20, 4), affine), smallest_ml=0.1)
    assert effect.removed["smallest_ml"] == Removed(1, pytest.approx(0.094))
    assert not mask.any()


def test_voxels_that_share_a_corner_are_one_piece() -> None:
    mask = np.zeros((5, 5, 3), np.uint8)
    mask[0, 0, 0] = mask[1, 1, 1] = mask[2, 2, 2] = 1
    clean_up(mask, SPACING, smallest_ml=0.015)
    assert mask.sum() == 3


def test_without_rules_nothing_is_removed_or_reported() -> None:
    mask = np.zeros((5, 5, 3), np.uint8)
    mask[0, 0, 0] = 1
    assert clean_up(mask, SPACING).removed == {}
    assert mask.sum() == 1


@pytest.mark.parametrize("bone", [True, False])
def test_empty_mask_stays_empty(bone: bool) -> None:
    mask = np.zeros((80, 90, 6), np.uint8)
    hu = skull() if bone else np.full(mask.shape, 30)
    effect = clean_up(mask, SPACING, 0.1, hu)
    assert effect.removed == {"inside_skull": Removed(0, 0.0), "smallest_ml": Removed(0, 0.0)}
    assert not mask.any() and not effect.notes


def test_piece_outside_the_skull_goes_and_the_one_inside_stays() -> None:
    mask = np.zeros((80, 90, 6), np.uint8)
    mask[35:45, 40:50, 2:4] = 1  # brain
    expected = mask.copy()
    mask[6:10, 40:50, 2:4] = 1  # scalp
    effect = clean_up(mask, SPACING, within=skull())
    np.testing.assert_array_equal(mask, expected)
    assert effect.removed == {"inside_skull": Removed(1, pytest.approx(0.4))}


def test_piece_goes_only_if_more_than_half_lies_outside() -> None:
    for reach, stays in ((14, True), (26, False)):
        mask = np.zeros((80, 90, 6), np.uint8)
        mask[40 - 8 - reach : 40 - 8, 45, 0] = 1  # from the brain outward through bone and scalp
        mask[10:, 45, 0] = mask[10:, 45, 0] if stays else 0
        clean_up(mask, SPACING, within=skull())
        assert bool(mask.any()) == stays


def test_piece_outside_the_skull_is_not_counted_as_too_small_as_well() -> None:
    mask = np.zeros((80, 90, 6), np.uint8)
    mask[8, 45, 0] = mask[40, 45, 0] = 1
    effect = clean_up(mask, SPACING, 0.1, skull())
    assert [removed.components for removed in effect.removed.values()] == [1, 1]
    assert not mask.any()


@pytest.mark.parametrize("mm", [0.4, 1.0, 2.5])
def test_scan_of_any_spacing_and_memory_order(mm: float) -> None:
    n = round(80 / mm)
    x, y = np.ogrid[:n, :n]
    r = np.hypot(x - n / 2, y - n / 2) * mm
    hu = np.select([r < 25, r < 29, r < 37], [30, 900, 40], -1000)[..., None]
    mask = np.zeros((1, n, n), np.uint8).T[::-1]
    mask[(np.hypot(x - n / 2, y - n / 2) * mm < 10)] = 1
    brain = mask.copy()
    mask[(r > 32) & (r < 36) & (x < n / 2)] = 1
    clean_up(mask, (mm, mm, 5.0), within=hu)
    np.testing.assert_array_equal(mask, brain)


def test_without_bone_the_rule_says_so_and_removes_nothing() -> None:
    mask = np.zeros((80, 90, 6), np.uint8)
    mask[2, 2, 2] = 1
    effect = clean_up(mask, SPACING, within=np.clip(skull(), 0, 80))
    assert (effect.notes, effect.removed, int(mask.sum())) == ([NO_BONE], {}, 1)


def test_box_is_around_what_is_marked() -> None:
    mask = np.zeros((6, 7, 8), np.uint8)
    assert bounding_box(mask) is None
    mask[2, 3, 4] = mask[4, 1, 6] = 1
    assert bounding_box(mask) == (slice(2, 5), slice(1, 4), slice(4, 7))
