"""Agreement of a segmentation with its reference."""

from __future__ import annotations

import json
import math
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from imaging.metrics import MEASURES, Score, diagonal_mm, hd95_mm, score, summarise

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


def test_scores_by_hand() -> None:
    reference = box((8, 8, 2), (2, 6), (2, 6), (0, 2))  # 32 voxels of 1.25 mm³
    prediction = box((8, 8, 2), (3, 7), (2, 6), (0, 1))  # 16 voxels, 12 of them shared
    result = score("p1", "hematoma", prediction, reference, SPACING)
    assert result.status == "found"
    assert result.dice == pytest.approx(24 / 48)
    assert result.iou == pytest.approx(12 / 36)
    assert result.precision == pytest.approx(12 / 16)
    assert result.recall == pytest.approx(12 / 32)
    assert result.volume_ml == pytest.approx(0.020)
    assert result.reference_ml == pytest.approx(0.040)
    assert result.volume_error_ml == pytest.approx(-0.020)
    assert result.volume_abs_error_ml == pytest.approx(0.020)


def test_hd95_of_a_shifted_single_voxel_is_the_shift_in_mm() -> None:
    first, second = box((9, 9, 9), (2, 3), (2, 3), (2, 3)), box((9, 9, 9), (5, 6), (2, 3), (4, 5))
    assert hd95_mm(first, second, (0.5, 0.7, 2.0)) == pytest.approx(math.hypot(1.5, 4.0))


def test_hd95_takes_the_percentile_by_hand() -> None:
    # A line of 21 voxels against its first: distances 0, 1, ..., 20 mm; the 95th percentile
    # is 19 mm one way and 0 the other.
    line, start = box((30, 3, 3), (2, 23), (1, 2), (1, 2)), box((30, 3, 3), (2, 3), (1, 2), (1, 2))
    assert hd95_mm(line, start, (1, 1, 1)) == pytest.approx(19.0)
    assert hd95_mm(start, line, (1, 1, 1)) == pytest.approx(19.0)


@pytest.mark.parametrize("seed", range(4))
def test_hd95_equals_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.random((2, 11, 9, 4)) < 0.2
    second[4:8, 3:7, 1:3] = True
    spacing = (0.45, 0.6, 4.8)
    assert hd95_mm(first, second, spacing) == pytest.approx(
        brute_force_hd95(first, second, spacing), rel=1e-5
    )


def test_hd95_of_masks_at_the_border_equals_brute_force() -> None:
    first, second = box((6, 7, 3), (0, 4), (0, 7), (0, 3)), box((6, 7, 3), (1, 6), (2, 5), (1, 3))
    assert hd95_mm(first, second, SPACING) == pytest.approx(
        brute_force_hd95(first, second, SPACING), rel=1e-5
    )


def test_hd95_does_not_depend_on_orientation() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.random((2, 12, 10, 5)) < 0.3
    turned = [np.transpose(mask, (2, 0, 1))[::-1, :, ::-1] for mask in (first, second)]
    assert hd95_mm(*turned, (5.0, 0.5, 0.6)) == pytest.approx(
        hd95_mm(first, second, (0.5, 0.6, 5.0))
    )


@pytest.mark.parametrize("axis", [0, 2])
def test_hd95_of_one_slice_is_of_its_outlines(axis: int) -> None:
    first, second = box((40, 40), (5, 35), (5, 35)), box((40, 40), (8, 32), (8, 32))
    flat = hd95_mm(np.expand_dims(first, axis), np.expand_dims(second, axis), (1, 1, 1))
    assert flat == pytest.approx(brute_force_hd95(first, second, (1, 1)))
    assert flat > 3


def test_missed_structure_has_the_worst_values() -> None:
    reference = box((10, 10, 3), (2, 5), (2, 5), (0, 2))
    result = score("p1", "midline", np.zeros_like(reference), reference, (1, 1, 5))
    assert result.status == "missed"
    assert (result.dice, result.iou, result.precision, result.recall) == (0, 0, 0, 0)
    assert result.hd95_mm == pytest.approx(math.sqrt(81 + 81 + 100))
    assert result.volume_error_ml == pytest.approx(-0.09)


def test_structure_marked_elsewhere_is_missed_with_its_distance() -> None:
    reference, prediction = box((9, 9, 1), (1, 2), (1, 2)), box((9, 9, 1), (5, 6), (4, 5))
    result = score("p1", "hematoma", prediction, reference, (1, 1, 5))
    assert (result.status, result.dice, result.hd95_mm) == ("missed", 0, 5)


def test_false_alarm_has_the_worst_values() -> None:
    prediction = box((10, 10, 3), (2, 5), (2, 5), (0, 2))
    result = score("p1", "midline", prediction, np.zeros_like(prediction), (1, 1, 5))
    assert result.status == "false_alarm"
    assert (result.dice, result.iou, result.precision, result.recall) == (0, 0, 0, 0)
    assert result.hd95_mm == pytest.approx(diagonal_mm((10, 10, 3), (1, 1, 5)))
    assert result.volume_error_ml == pytest.approx(0.09)


def test_absent_structure_has_no_values() -> None:
    nothing = np.zeros((4, 4, 2), np.uint8)
    result = score("p1", "hematoma", nothing, nothing, SPACING)
    assert result.status == "absent"
    assert {getattr(result, name) for name in MEASURES[:5]} == {None}
    assert result.volume_ml == 0.0


def test_other_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match="shape"):
        score("p1", "hematoma", np.zeros((2, 2, 2)), np.zeros((2, 2, 3)), SPACING)


def test_scan_of_usual_size_takes_less_than_a_second() -> None:
    reference = np.zeros((512, 512, 25), bool)
    x, y, z = np.ogrid[:512, :512, :25]
    reference[(x - 250) ** 2 + (y - 250) ** 2 + (10 * (z - 12)) ** 2 < 90**2] = True
    start = time.perf_counter()
    result = score("p1", "hematoma", np.roll(reference, 4, axis=1), reference, (0.45, 0.45, 5))
    assert time.perf_counter() - start < 1
    assert result.hd95_mm == pytest.approx(1.8, abs=0.5)


def a_score(case: str, dice: float, status: str = "found", structure: str = "hematoma") -> Score:
    return Score(case, structure, status, dice, dice, 10 * (1 - dice), dice, dice, 11.0, 10.0)


def absent(case: str, structure: str = "hematoma") -> Score:
    return Score(case, structure, "absent", None, None, None, None, None, 0.0, 0.0)


def test_summary_by_hand() -> None:
    rows = [a_score("p1", 0.9), a_score("p2", 0.6), a_score("p3", 0.0, "missed"), absent("p4")]
    summary = summarise(rows, {"hematoma": 2})
    hematoma = summary["structures"]["hematoma"]
    dice = hematoma["dice"]
    assert (dice["mean"], dice["median"], dice["n"]) == (0.5, 0.6, 3)
    assert dice["std"] == pytest.approx(np.std([0.9, 0.6, 0.0], ddof=1), abs=1e-6)
    assert 0 <= dice["ci95"][0] < 0.5 < dice["ci95"][1] <= 0.9
    assert hematoma["volume_error_ml"]["mean"] == 1.0
    kinds = ("found", "missed", "false_alarms", "absent", "unannotated")
    assert [hematoma[kind] for kind in kinds] == [2, 1, 0, 1, 2]
    assert summary["mean_dice"] == 0.5


def test_every_measure_is_over_the_same_cases() -> None:
    rows = [a_score("p1", 0.9), a_score("p2", 0.0, "missed"), a_score("p3", 0.0, "false_alarm")]
    hematoma = summarise(rows, {})["structures"]["hematoma"]
    assert {hematoma[measure]["n"] for measure in MEASURES} == {3}


def test_mean_dice_is_over_structures_not_over_masks() -> None:
    rows = [a_score("p1", 1.0), a_score("p2", 1.0), a_score("p1", 0.4, structure="midline")]
    rows.append(absent("p1", "ventricle_left"))
    assert summarise(rows, {})["mean_dice"] == pytest.approx(0.7)


def test_nothing_to_average_is_null_never_nan() -> None:
    summary = summarise([absent("p1")], {"midline": 3})
    json.dumps(summary, allow_nan=False)
    nothing = {"mean": None, "std": None, "median": None, "ci95": None, "n": 0}
    assert summary["structures"]["hematoma"]["dice"] == nothing
    assert summary["structures"]["midline"]["hd95_mm"] == nothing
    assert summary["structures"]["midline"]["unannotated"] == 3
    assert summary["mean_dice"] is None


def test_one_case_has_no_spread() -> None:
    dice = summarise([a_score("p1", 0.8)], {})["structures"]["hematoma"]["dice"]
    assert dice == {"mean": 0.8, "std": None, "median": 0.8, "ci95": None, "n": 1}


def test_interval_is_seeded_and_covers_the_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(100):
        rows = [a_score(f"p{i}", value) for i, value in enumerate(rng.uniform(0.4, 1, 30))]
        low, high = summarise(rows, {})["structures"]["hematoma"]["dice"]["ci95"]
        hits += low <= 0.7 <= high
    assert 88 <= hits <= 99
    assert summarise(rows, {}) == summarise(rows, {})
