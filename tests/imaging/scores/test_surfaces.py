"""Distances between surfaces: Hausdorff distance and surface Dice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from monai.metrics import compute_surface_dice
from numpy.typing import NDArray
from scipy.ndimage import correlate, distance_transform_edt

from cohort.space.grid import Grid
from imaging.scores.surfaces import common_box, hd95_mm, surface_dice


def straight_or(shape: tuple[int, ...], spacing: Any, axes: NDArray | None) -> Grid:
    if axes is None:
        return Grid.with_spacing(shape, spacing)
    affine = np.eye(4)
    affine[:3, :3] = axes
    return Grid((shape[0], shape[1], shape[2]), affine)


def hd95(one: NDArray, other: NDArray, spacing: Any, axes: NDArray | None = None) -> float:
    return hd95_mm(one, other, straight_or(one.shape, spacing, axes))


def nsd(
    one: NDArray, other: NDArray, spacing: Any, at: Any, axes: NDArray | None = None
) -> list[float]:
    return surface_dice(one, other, straight_or(one.shape, spacing, axes), at)


SPACING = (0.5, 0.5, 5.0)


def box(shape: tuple[int, ...], *bounds: tuple[int, int]) -> NDArray:
    mask = np.zeros(shape, np.uint8)
    mask[tuple(slice(*pair) for pair in bounds)] = 1
    return mask


def brute_force_hd95(first: NDArray, second: NDArray, spacing: tuple[float, ...]) -> float:
    """Straight from the definition: every surface voxel against every other."""

    def surface(mask: NDArray) -> NDArray:
        points = []
        for index in np.argwhere(mask):
            for axis in range(mask.ndim):
                for step in (-1, 1):
                    near = index.copy()
                    near[axis] += step
                    outside = not 0 <= near[axis] < mask.shape[axis] or not mask[tuple(near)]
                    if outside:
                        points.append(index * np.array(spacing))
        return np.unique(np.array(points), axis=0)

    one, two = surface(first), surface(second)
    distances = np.linalg.norm(one[:, None] - two[None], axis=2)
    return float(max(np.percentile(distances.min(1), 95), np.percentile(distances.min(0), 95)))


def test_hd95_of_a_shifted_single_voxel_is_the_shift_in_mm() -> None:
    first, second = box((9, 9, 9), (2, 3), (2, 3), (2, 3)), box((9, 9, 9), (5, 6), (2, 3), (4, 5))
    assert hd95(first, second, (0.5, 0.7, 2.0)) == pytest.approx(math.hypot(1.5, 4.0))


def test_hd95_takes_the_percentile_by_hand() -> None:
    # A line of 21 voxels against its first: distances 0, 1, ..., 20 mm; the 95th percentile
    # is 19 mm one way and 0 the other.
    line, start = box((30, 3, 3), (2, 23), (1, 2), (1, 2)), box((30, 3, 3), (2, 3), (1, 2), (1, 2))
    assert hd95(line, start, (1, 1, 1)) == pytest.approx(19.0)
    assert hd95(start, line, (1, 1, 1)) == pytest.approx(19.0)


def test_distances_on_a_leaning_grid_are_those_of_the_patient() -> None:
    axes = np.array([[1.0, 0, 0], [0, 1, -2], [0, 0, 5]])  # each slice 2 mm further in front
    spacing = (1.0, 1.0, math.hypot(2, 5))
    first = box((5, 20, 9), (2, 3), (4, 5), (2, 3))
    above = box((5, 20, 9), (2, 3), (10, 11), (5, 6))  # 15 mm above it, neither before nor behind
    assert hd95(first, above, spacing, axes) == pytest.approx(15.0)
    # The half of each surface that faces the other is 10 mm from it, and 1 or 2 mm aside.
    assert nsd(first, above, spacing, (11.0, 9.9), axes) == pytest.approx([0.5, 0.0])
    assert nsd(first, above, spacing, (11.0,)) == [0.0]


@pytest.mark.parametrize("seed", range(4))
def test_axes_at_right_angles_change_nothing(seed: int) -> None:
    first, second = np.random.default_rng(seed).random((2, 12, 9, 1 + 4 * (seed % 2))) < 0.2
    axes = np.diag([0.5, 0.7, 5.0])
    assert hd95(first, second, (0.5, 0.7, 5), axes) == hd95(first, second, (0.5, 0.7, 5))
    given = (first, second, (0.5, 0.7, 5), (1.0, 2.0))
    assert nsd(*given, axes) == nsd(*given)


@pytest.mark.parametrize("seed", range(4))
def test_hd95_equals_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.random((2, 11, 9, 4)) < 0.2
    second[4:8, 3:7, 1:3] = True
    spacing = (0.45, 0.6, 4.8)
    assert hd95(first, second, spacing) == pytest.approx(
        brute_force_hd95(first, second, spacing), rel=1e-5
    )


def test_hd95_of_masks_at_the_border_equals_brute_force() -> None:
    first, second = box((6, 7, 3), (0, 4), (0, 7), (0, 3)), box((6, 7, 3), (1, 6), (2, 5), (1, 3))
    assert hd95(first, second, SPACING) == pytest.approx(
        brute_force_hd95(first, second, SPACING), rel=1e-5
    )


def test_hd95_does_not_depend_on_orientation() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.random((2, 12, 10, 5)) < 0.3
    turned = [np.transpose(mask, (2, 0, 1))[::-1, :, ::-1] for mask in (first, second)]
    assert hd95(*turned, (5.0, 0.5, 0.6)) == pytest.approx(hd95(first, second, (0.5, 0.6, 5.0)))


@pytest.mark.parametrize("axis", [0, 2])
def test_hd95_of_one_slice_is_of_its_outlines(axis: int) -> None:
    first, second = box((40, 40), (5, 35), (5, 35)), box((40, 40), (8, 32), (8, 32))
    flat = hd95(np.expand_dims(first, axis), np.expand_dims(second, axis), (1, 1, 1))
    assert flat == pytest.approx(brute_force_hd95(first, second, (1, 1)))
    assert flat > 3


def corners_inside(mask: NDArray) -> NDArray:
    """How many voxels of each cube of 2 × 2 × 2 (or 2 × 2), past the border as well, are inside."""
    padded = np.pad(mask.astype(int), 1)
    sums = correlate(padded, np.ones((2,) * mask.ndim, int), mode="constant", origin=-1)
    return sums[(slice(-1),) * mask.ndim]


def pieces_of_box(mask: NDArray, spacing: tuple[float, ...]) -> NDArray:
    """Area of a box's surface in each cube, from geometry alone: a box has flat pieces, edges
    cut off at 45° in voxels, and corners cut off by a triangle."""
    inside = corners_inside(mask)
    area = np.zeros(inside.shape)
    x, y, z = spacing
    area[inside == 1] = math.sqrt((x * y) ** 2 + (y * z) ** 2 + (x * z) ** 2) / 8
    padded = np.pad(mask.astype(int), 1)
    for axis in range(3):
        across = [spacing[other] for other in range(3) if other != axis]
        # Neighbours along the axis that are both inside: an edge runs along it, or it is in a face.
        both = padded[tuple(slice(-1) if a == axis else slice(None) for a in range(3))]
        both = both * padded[tuple(slice(1, None) if a == axis else slice(None) for a in range(3))]
        kernel = np.ones([1 if a == axis else 2 for a in range(3)], int)
        origin = [0 if a == axis else -1 for a in range(3)]
        pairs = correlate(both, kernel, mode="constant", origin=origin)
        pairs = pairs[tuple(slice(None) if a == axis else slice(-1) for a in range(3))]
        area[(inside == 2) & (pairs == 1)] = spacing[axis] * math.hypot(*across) / 2
        area[(inside == 4) & (pairs == 0)] = math.prod(across)
    return area


def pieces_of_outline(mask: NDArray, spacing: tuple[float, ...]) -> NDArray:
    """Length of a 2D outline in each square, for any mask."""
    inside, padded = corners_inside(mask), np.pad(mask.astype(bool), 1)
    cut = math.hypot(*spacing) / 2
    length = np.zeros(inside.shape)
    length[(inside == 1) | (inside == 3)] = cut
    squares = padded[:-1, :-1], padded[1:, :-1], padded[:-1, 1:]
    length[(inside == 2) & (squares[0] == squares[1])] = spacing[0]
    length[(inside == 2) & (squares[0] == squares[2])] = spacing[1]
    length[(inside == 2) & (squares[0] != squares[1]) & (squares[0] != squares[2])] = 2 * cut
    return length


def independent_nsd(
    sizes: tuple[NDArray, NDArray], spacing: tuple[float, ...], tolerance: float
) -> float:
    """Nikolov's definition with distance transforms, given both surfaces piece by piece."""
    near, total = 0.0, 0.0
    for one, other in (sizes, sizes[::-1]):
        distance = distance_transform_edt(other == 0, sampling=spacing)
        near += one[distance <= tolerance + 1e-6].sum()
        total += one.sum()
    return near / total


@pytest.mark.parametrize("seed", range(12))
def test_surface_dice_of_boxes_equals_an_independent_implementation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spacing = tuple(rng.uniform(0.4, 3, 3))
    boxes = []
    for _ in range(2):
        low = rng.integers(0, 4, 3)
        high = low + rng.integers(2, 9, 3)  # some touch the border
        boxes.append(box((11, 11, 11), *zip(low, high, strict=True)).astype(bool))
    sizes = pieces_of_box(boxes[0], spacing), pieces_of_box(boxes[1], spacing)
    for tolerance, value in zip((1.0, 2.0), nsd(*boxes, spacing, (1, 2)), strict=True):
        assert value == pytest.approx(independent_nsd(sizes, spacing, tolerance), abs=1e-5)


@pytest.mark.parametrize("axis", [0, 2])
@pytest.mark.parametrize("seed", range(4))
def test_surface_dice_of_one_slice_equals_an_independent_implementation(
    seed: int, axis: int
) -> None:
    rng = np.random.default_rng(seed)
    one = rng.random((17, 14)) < 0.4
    other = one ^ (rng.random(one.shape) < 0.1)
    spacing = (0.45, 0.6)
    sizes = pieces_of_outline(one, spacing), pieces_of_outline(other, spacing)
    thick = np.insert(spacing, axis, 5.0)
    found = nsd(np.expand_dims(one, axis), np.expand_dims(other, axis), thick, (0.5, 1.0))
    for tolerance, value in zip((0.5, 1.0), found, strict=True):
        assert value == pytest.approx(independent_nsd(sizes, spacing, tolerance), abs=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_surface_dice_of_any_shape_equals_monai(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one = rng.random((14, 12, 6)) < 0.5
    other = one ^ (rng.random(one.shape) < 0.02)
    spacing = (0.45, 0.6, 4.8)
    tensors = [torch.from_numpy(mask)[None, None] for mask in (one, other)]
    for tolerance in (1.0, 2.0):
        theirs = compute_surface_dice(
            *tensors, [tolerance], include_background=True, spacing=spacing, use_subvoxels=True
        )
        ours = nsd(one, other, spacing, [tolerance])[0]
        assert ours == pytest.approx(float(theirs), abs=1e-5)


def test_surface_dice_by_hand() -> None:
    # Squares of 10 × 10 and 12 × 10 voxels of 1 mm that share three sides. An outline has a piece
    # of 1 mm between two voxels and one of √½ mm at each corner. Farther than 1 mm off are, of
    # the small square's open side, the 7 middle pieces (the outer ones are near the other's
    # sides), and of the large one's, 2 mm away, all 9 pieces and both corners.
    one, other = (
        box((20, 20, 1), (3, 13), (3, 13), (0, 1)),
        box((20, 20, 1), (3, 15), (3, 13), (0, 1)),
    )
    total = (4 * 9 + 4 * math.sqrt(0.5)) + (2 * 9 + 2 * 11 + 4 * math.sqrt(0.5))
    off = 7 + 9 + 2 * math.sqrt(0.5)
    at_1, at_2 = nsd(one > 0, other > 0, (1, 1, 5), (1.0, 2.0))
    assert at_1 == pytest.approx(1 - off / total)
    assert at_2 == 1.0


def test_equal_masks_have_a_surface_dice_of_1_and_far_ones_0() -> None:
    one = box((30, 9, 9), (1, 6), (2, 7), (2, 7)) > 0
    assert nsd(one, one, SPACING, (0.0, 1.0)) == [1.0, 1.0]
    far = box((30, 9, 9), (20, 25), (2, 7), (2, 7)) > 0
    assert nsd(one, far, SPACING, (1.0, 2.0)) == [0.0, 0.0]


def test_a_distance_of_just_the_tolerance_is_within_it() -> None:
    # 5 voxels of 0.4 mm are 2 mm, in binary a bit more or less.
    one, other = (
        box((40, 60, 9), (9, 12), (9, 50), (2, 7)),
        box((40, 60, 9), (14, 17), (9, 50), (2, 7)),
    )
    at, below = nsd(one > 0, other > 0, (0.4, 0.4, 5.0), (2.0, 1.999))
    assert at > below + 0.2


@pytest.mark.parametrize("first", [True, False])
def test_surface_dice_of_an_empty_mask_is_0(first: bool) -> None:
    masks = [box((6, 6, 3), (1, 4), (1, 4), (0, 3)) > 0, np.zeros((6, 6, 3), bool)]
    assert nsd(*(masks if first else masks[::-1]), SPACING, (1.0, 2.0)) == [0.0, 0.0]


def test_surface_dice_does_not_depend_on_orientation() -> None:
    rng = np.random.default_rng(1)
    one = rng.random((12, 10, 5)) < 0.3
    other = one ^ (rng.random(one.shape) < 0.05)
    turned = [np.transpose(mask, (2, 0, 1))[::-1, :, ::-1] for mask in (one, other)]
    assert nsd(*turned, (5.0, 0.5, 0.6), (1.0, 2.0)) == pytest.approx(
        nsd(one, other, (0.5, 0.6, 5.0), (1.0, 2.0)), abs=1e-6
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_common_box_keeps_all_distances(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = np.zeros((2, 30, 25, 6), bool)
    one[2:14, 20:25, 3], other[4:12, 18:24, 3] = rng.random((12, 5)) < 0.7, True
    inner = common_box(one, other)
    assert one[inner].shape == (14, 8, 3)
    assert hd95(one[inner], other[inner], SPACING) == hd95(one, other, SPACING)
    assert nsd(one[inner], other[inner], SPACING, (1, 2)) == pytest.approx(
        nsd(one, other, SPACING, (1, 2)), abs=1e-7
    )
