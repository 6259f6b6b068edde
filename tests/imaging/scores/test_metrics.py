"""Agreement of a segmentation with its reference."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from nibabel.orientations import (
    apply_orientation,
    axcodes2ornt,
    inv_ornt_aff,
    ornt_transform,
)
from numpy.typing import NDArray

from cohort.schema.scans.measurements import Midline
from cohort.space.grid import Grid
from imaging.scores import metrics
from imaging.scores.lesions import Lesions
from imaging.scores.metrics import MEASURES, StructureScore, score_row, with_shift, without_sizes
from imaging.scores.summary import summarise


def score(
    case: str, structure: str, one: NDArray, other: NDArray, spacing: Any, affine: Any = None
) -> StructureScore:
    shape = (one.shape[0], one.shape[1], one.shape[2])
    grid = Grid.with_spacing(shape, spacing) if affine is None else Grid(shape, affine)
    return metrics.score(case, structure, one, other, grid)


SPACING = (0.5, 0.5, 5.0)


def box(shape: tuple[int, ...], *bounds: tuple[int, int]) -> NDArray:
    mask = np.zeros(shape, np.uint8)
    mask[tuple(slice(*pair) for pair in bounds)] = 1
    return mask


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
    assert result.volume_error_percent == pytest.approx(50)


def test_missed_structure_has_the_worst_values() -> None:
    reference = box((10, 10, 3), (2, 5), (2, 5), (0, 2))
    result = score("p1", "midline", np.zeros_like(reference), reference, (1, 1, 5))
    assert result.status == "missed"
    assert (result.dice, result.iou, result.precision, result.recall) == (0, 0, 0, 0)
    assert result.hd95_mm == pytest.approx(math.sqrt(81 + 81 + 100))
    assert (result.nsd_1mm, result.nsd_2mm) == (0, 0)
    assert result.volume_error_ml == pytest.approx(-0.09)
    assert result.volume_error_percent == pytest.approx(100)


def test_structure_marked_elsewhere_is_missed_with_its_distance() -> None:
    reference, prediction = box((9, 9, 1), (1, 2), (1, 2)), box((9, 9, 1), (5, 6), (4, 5))
    result = score("p1", "hematoma", prediction, reference, (1, 1, 5))
    assert (result.status, result.dice, result.hd95_mm) == ("missed", 0, 5)


def test_false_alarm_has_the_worst_values() -> None:
    prediction = box((10, 10, 3), (2, 5), (2, 5), (0, 2))
    result = score("p1", "midline", prediction, np.zeros_like(prediction), (1, 1, 5))
    assert result.status == "false_alarm"
    assert (result.dice, result.iou, result.precision, result.recall) == (0, 0, 0, 0)
    assert result.hd95_mm == pytest.approx(Grid.with_spacing((10, 10, 3), (1, 1, 5)).diagonal_mm)
    assert (result.nsd_1mm, result.nsd_2mm) == (0, 0)
    assert result.volume_error_ml == pytest.approx(0.09)
    assert result.volume_error_percent == 100


def test_absent_structure_has_no_values() -> None:
    nothing = np.zeros((4, 4, 2), np.uint8)
    result = score("p1", "hematoma", nothing, nothing, SPACING)
    assert result.status == "absent"
    volumes = {"volume_error_ml", "volume_abs_error_ml"}
    assert {getattr(result, name) for name in MEASURES if name not in volumes} == {None}
    assert result.volume_ml == 0.0


def test_other_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match="shape"):
        score("p1", "hematoma", np.zeros((2, 2, 2)), np.zeros((2, 2, 3)), SPACING)


def test_distances_are_in_mm_on_a_scan_of_usual_size() -> None:
    reference = np.zeros((512, 512, 25), bool)
    x, y, z = np.ogrid[:512, :512, :25]
    reference[(x - 250) ** 2 + (y - 250) ** 2 + (10 * (z - 12)) ** 2 < 90**2] = True
    result = score("p1", "hematoma", np.roll(reference, 4, axis=1), reference, (0.45, 0.45, 5))
    assert result.hd95_mm == pytest.approx(1.8, abs=0.5)


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "SAL"])
def test_distances_of_a_tilted_gantry_are_those_of_the_patient(axcodes: str) -> None:
    reference, prediction = np.zeros((2, 9, 20, 9), np.uint8)
    reference[4, 4, 2] = prediction[4, 10, 5] = 1
    affine = np.diag([-1.0, -1, 5, 1])
    affine[1, 2] = 2  # each slice 2 mm further in front
    turn = ornt_transform(axcodes2ornt("LPS"), axcodes2ornt(axcodes))
    affine = affine @ inv_ornt_aff(turn, reference.shape)
    masks = apply_orientation(prediction, turn), apply_orientation(reference, turn)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    found = score("p1", "hematoma", *masks, spacing, affine)
    assert found.hd95_mm == pytest.approx(15.0)
    assert found.volume_ml == pytest.approx(0.005)


def test_surface_dice_of_a_mask_in_one_of_many_slices_counts_its_faces() -> None:
    # All of a plate lies within 1 mm of the same plate, one voxel of its rim off.
    reference, prediction = (
        box((9, 9, 5), (2, 7), (2, 7), (2, 3)),
        box((9, 9, 5), (2, 6), (2, 7), (2, 3)),
    )
    result = score("p1", "ventricle_left", prediction, reference, SPACING)
    assert (result.nsd_1mm, result.nsd_2mm) == (1, 1)
    assert result.lesions is None


def test_lesions_are_counted_in_the_hematoma() -> None:
    reference, prediction = np.zeros((2, 40, 40, 4), np.uint8)
    reference[2:20, 2:20, 1:3] = prediction[5:9, 5:9, 1] = prediction[35, 35, 0] = 1
    assert score("p1", "hematoma", prediction, reference, SPACING).lesions == Lesions(1, 1, 2, 1)
    empty = np.zeros_like(reference)
    assert score("p1", "hematoma", empty, empty, SPACING).lesions == Lesions(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("predicted", "reference", "error"),
    [
        (Midline(4.0, "left"), Midline(7.0, "left"), 3.0),
        (Midline(4.0, "left"), Midline(3.0, "right"), 7.0),
        (Midline(1.0), Midline(3.0, "right"), 2.0),  # straight is to neither side
        (Midline(0.4), Midline(1.2), 0.8),
        (Midline(unknown="broken"), Midline(3.0, "right"), metrics.UNMEASURED_SHIFT_MM),
        (Midline(3.0, "left"), Midline(unknown="broken"), None),
    ],
)
def test_shifts_are_compared_with_their_sides(
    predicted: Midline, reference: Midline, error: float | None
) -> None:
    mask = box((8, 8, 2), (2, 6), (2, 6), (0, 2))
    result = with_shift(score("p1", "midline", mask, mask, SPACING), predicted, reference)
    assert result.shift_error_mm == (None if error is None else pytest.approx(error))


def test_row_of_the_table_keeps_its_first_columns() -> None:
    mask = box((8, 8, 2), (2, 6), (2, 6), (0, 2))
    row = score_row(score("p1", "hematoma", mask, mask, SPACING))
    assert list(row)[:12] == [
        "case",
        "structure",
        "status",
        "dice",
        "iou",
        "hd95_mm",
        "precision",
        "recall",
        "volume_ml",
        "reference_ml",
        "volume_error_ml",
        "volume_abs_error_ml",
    ]
    assert list(row)[12:] == [
        "volume_error_percent",
        "nsd_1mm",
        "nsd_2mm",
        "lesions_reference",
        "lesions_detected",
        "lesions_predicted",
        "lesions_false",
        "shift_mm",
        "reference_shift_mm",
        "shift_error_mm",
    ]
    assert (row["nsd_1mm"], row["lesions_reference"], row["shift_mm"]) == (1.0, 0, None)


def test_where_the_spacing_is_in_doubt_shares_stay_and_sizes_are_none() -> None:
    reference = np.zeros((8, 8, 2))
    reference[2:6, 2:6] = 1
    whole = score("p1", "hematoma", np.roll(reference, 1, axis=0), reference, (1.0, 1.0, 5.0))
    doubted = without_sizes(whole)
    assert (doubted.dice, doubted.iou, doubted.status) == (0.75, 0.6, "found")
    row = score_row(doubted)
    sized = [name for name in row if "_ml" in name or "_mm" in name or "lesions" in name]
    assert len(sized) > 8 and all(row[name] is None for name in sized)
    summary = summarise([whole, doubted], {})["structures"]["hematoma"]
    assert summary["dice"]["n"] == 2 and summary["hd95_mm"]["n"] == 1
    assert summary["volume_agreement"]["n"] == 1 and summary["lesions"]["cases"] == 1
