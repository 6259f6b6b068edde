"""Lesions found, missed and invented."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.facts.limits import BLEED_ML
from cohort.space.grid import Grid
from imaging.scores import lesions
from imaging.scores.lesions import Lesions


def count_lesions(one: NDArray, other: NDArray, spacing: Any) -> Lesions:
    return lesions.count_lesions(one, other, Grid.with_spacing(one.shape, spacing))


SPACING = (1.0, 1.0, 5.0)
SMALLEST = round(BLEED_ML * 1000 / 5)  # voxels of 5 mm³


def empty() -> NDArray:
    return np.zeros((30, 30, 6), np.uint8)


def flooded(mask: NDArray) -> list[set[tuple[int, ...]]]:
    """Parts of a mask by flooding from voxel to voxel, straight from the definition."""
    left = {tuple(index) for index in np.argwhere(mask).tolist()}
    parts = []
    while left:
        waiting, part = [left.pop()], set()
        while waiting:
            at = waiting.pop()
            part.add(at)
            near = {i for i in left if max(abs(a - b) for a, b in zip(i, at, strict=True)) == 1}
            left -= near
            waiting += near
        parts.append(part)
    return parts


def test_a_lesion_of_a_leaning_grid_is_as_large_as_it_is() -> None:
    reference = empty()
    reference[2:22, 3, 2] = 1  # 20 voxels: 0.1 mL by their spacing, 0.094 mL in truth
    assert count_lesions(empty(), reference, SPACING).reference == 1
    affine = np.diag([-1.0, -1.0, 4.7, 1.0])
    affine[1, 2] = np.sqrt(5**2 - 4.7**2)
    leaning = Grid(reference.shape, affine)
    assert leaning.spacing == pytest.approx(SPACING)
    assert lesions.count_lesions(empty(), reference, leaning).reference == 0


@pytest.mark.parametrize("seed", range(5))
def test_counts_equal_an_independent_implementation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    prediction, reference = rng.random((2, 12, 12, 5)) < (0.04, 0.05)[seed % 2]
    reference[1:6, 1:6, 0] = prediction[4:9, 2:7, 0] = True
    spacing = (4.0, 4.0, 5.0)  # two voxels and more are to be found
    true, predicted = flooded(reference), flooded(prediction)
    everywhere = set.union(*true), set.union(*predicted)
    large = [part for part in true if len(part) * 80 >= 100]
    assert count_lesions(prediction, reference, spacing) == Lesions(
        reference=len(large),
        detected=sum(bool(part & everywhere[1]) for part in large),
        predicted=len(predicted),
        false=sum(not part & everywhere[0] for part in predicted),
    )


def test_voxels_that_touch_by_a_corner_are_one_lesion() -> None:
    prediction = empty()
    prediction[3, 3, 3] = prediction[4, 4, 4] = 1
    assert count_lesions(prediction, empty(), SPACING) == Lesions(0, 0, 1, 1)


def test_one_shared_voxel_is_a_detection_and_no_false_alarm() -> None:
    reference, prediction = empty(), empty()
    reference[2:12, 2:12, 2] = 1
    prediction[11:20, 11:20, 2] = 1
    assert count_lesions(prediction, reference, SPACING) == Lesions(1, 1, 1, 0)


def test_one_prediction_can_find_two_lesions() -> None:
    reference, prediction = empty(), empty()
    reference[2:12, 2:12, 2] = reference[15:25, 2:12, 2] = 1
    prediction[5:20, 5:8, 2] = 1
    assert count_lesions(prediction, reference, SPACING) == Lesions(2, 2, 1, 0)


@pytest.mark.parametrize(("voxels", "counts"), [(SMALLEST, 1), (SMALLEST - 1, 0)])
def test_lesions_below_the_smallest_size_need_not_be_found(voxels: int, counts: int) -> None:
    reference = empty()
    reference[3, 3 : 3 + voxels, 2] = 1
    assert count_lesions(empty(), reference, SPACING) == Lesions(counts, 0, 0, 0)
    # Whoever marks it has not invented it, even where it need not be found.
    assert count_lesions(reference, reference, SPACING) == Lesions(counts, counts, 1, 0)


def test_a_single_predicted_voxel_elsewhere_is_false() -> None:
    reference, prediction = empty(), empty()
    reference[2:12, 2:12, 2] = prediction[2:12, 2:12, 2] = prediction[29, 29, 5] = 1
    assert count_lesions(prediction, reference, SPACING) == Lesions(1, 1, 2, 1)


def test_empty_masks_have_no_lesions() -> None:
    assert count_lesions(empty(), empty(), SPACING) == Lesions(0, 0, 0, 0)
