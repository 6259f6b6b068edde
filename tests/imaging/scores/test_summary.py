"""Scores put together over cases."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from imaging.scores.lesions import Lesions
from imaging.scores.metrics import MEASURES, UNMEASURED_SHIFT_MM, StructureScore
from imaging.scores.summary import dice_by_structure, mean_dice, summarise


def a_score(
    case: str, dice: float, status: str = "found", structure: str = "hematoma"
) -> StructureScore:
    shares = {"iou": dice, "precision": dice, "recall": dice, "nsd_1mm": dice, "nsd_2mm": dice}
    volumes = {"volume_ml": 11.0, "reference_ml": 10.0}
    return StructureScore(
        case, structure, status, dice, hd95_mm=10 * (1 - dice), **shares, **volumes
    )


def absent(case: str, structure: str = "hematoma") -> StructureScore:
    return StructureScore(
        case, structure, "absent", None, None, None, None, None, 0.0, 0.0, None, None
    )


def test_summary_by_hand() -> None:
    rows = [a_score("p1", 0.9), a_score("p2", 0.6), a_score("p3", 0.0, "missed"), absent("p4")]
    summary = summarise(rows, {"hematoma": 2})
    hematoma = summary["structures"]["hematoma"]
    dice = hematoma["dice"]
    assert (dice["mean"], dice["median"], dice["n"]) == (0.5, 0.6, 3)
    assert dice["std"] == pytest.approx(np.std([0.9, 0.6, 0.0], ddof=1), abs=1e-6)
    assert 0 <= dice["ci95"][0] < 0.5 < dice["ci95"][1] <= 0.9
    assert 0 <= dice["median_ci95"][0] <= 0.6 <= dice["median_ci95"][1] <= 0.9
    assert hematoma["volume_error_ml"]["mean"] == 1.0
    assert hematoma["volume_error_percent"]["median"] == 10.0
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
    # Blood outside the brain is scored, apart from the mean.
    summary = summarise([*rows, a_score("p1", 0.1, structure="outer_blood")], {})
    assert summary["mean_dice"] == pytest.approx(0.7)
    assert summary["structures"]["outer_blood"]["dice"]["mean"] == pytest.approx(0.1)


def test_nothing_to_average_is_null_never_nan() -> None:
    summary = summarise([absent("p1")], {"midline": 3})
    json.dumps(summary, allow_nan=False)
    values = ("mean", "std", "median", "ci95", "median_ci95")
    nothing = {**dict.fromkeys(values), "n": 0}
    assert summary["structures"]["hematoma"]["dice"] == nothing
    assert summary["structures"]["midline"]["hd95_mm"] == nothing
    assert summary["structures"]["midline"]["unannotated"] == 3
    assert summary["mean_dice"] is None


def test_one_case_has_no_spread() -> None:
    dice = summarise([a_score("p1", 0.8)], {})["structures"]["hematoma"]["dice"]
    intervals = {"std": None, "ci95": None, "median_ci95": None}
    assert dice == {"mean": 0.8, "median": 0.8, "n": 1, **intervals}


def test_summary_is_seeded() -> None:
    rng = np.random.default_rng(0)
    rows = [a_score(f"p{i}", value) for i, value in enumerate(rng.uniform(0.4, 1, 30))]
    assert summarise(rows, {}) == summarise(rows, {})
    assert summarise(rows, {}) != summarise(rows, {}, seed=1)


def lesion_row(case: str, *counts: int) -> StructureScore:
    return replace(a_score(case, 0.5), lesions=Lesions(*counts))


def test_lesions_are_pooled_over_cases() -> None:
    rows = [
        lesion_row("p1", 1, 1, 1, 0),
        lesion_row("p2", 3, 1, 2, 1),
        lesion_row("p3", 0, 0, 1, 1),
    ]
    lesions = summarise(rows, {})["structures"]["hematoma"]["lesions"]
    assert {k: lesions[k] for k in ("reference", "detected", "predicted", "false", "cases")} == {
        "reference": 4,
        "detected": 2,
        "predicted": 4,
        "false": 2,
        "cases": 3,
    }
    assert lesions["sensitivity"] == 0.5
    assert lesions["precision"] == 0.5
    assert lesions["f1"] == 0.5
    # Draws of p2 alone find 1 of 3, those of p1 alone all; draws of p3 alone have none to find.
    assert lesions["sensitivity_ci95"] == [pytest.approx(1 / 3, abs=1e-6), 1.0]
    assert lesions["precision_ci95"] == [0.0, 1.0]


def test_rates_without_lesions_are_null() -> None:
    rows = [lesion_row("p1", 0, 0, 0, 0), lesion_row("p2", 0, 0, 0, 0)]
    lesions = summarise(rows, {})["structures"]["hematoma"]["lesions"]
    assert lesions["sensitivity"] is lesions["precision"] is lesions["f1"] is None
    assert lesions["f1_ci95"] is None
    json.dumps(lesions, allow_nan=False)


def test_no_lesion_found_is_an_f1_of_0() -> None:
    rows = [lesion_row("p1", 2, 0, 0, 0), lesion_row("p2", 1, 0, 1, 1)]
    lesions = summarise(rows, {})["structures"]["hematoma"]["lesions"]
    assert (lesions["sensitivity"], lesions["precision"], lesions["f1"]) == (0, 0, 0)


def test_bleed_free_cases_are_those_without_a_hematoma_in_the_reference() -> None:
    rows = [a_score("p1", 0.9), absent("p2"), absent("p3"), absent("p4")]
    rows += [a_score("p5", 0, "false_alarm"), a_score("p6", 0, "missed")]
    free = summarise(rows, {})["structures"]["hematoma"]["bleed_free"]
    assert (free["cases"], free["without_report"], free["share"]) == (4, 3, 0.75)
    assert free["ci95"][0] < 0.75 < free["ci95"][1]


def shifted(case: str, predicted: float | None, reference: float | None) -> StructureScore:
    row = a_score(case, 0.8, structure="midline")
    return replace(row, shift_mm=predicted, reference_shift_mm=reference)


def test_shift_errors_by_hand() -> None:
    assert shifted("p1", 4.0, 5.5).shift_error_mm == 1.5
    assert shifted("p1", 3.0, -3.0).shift_error_mm == 6.0
    assert shifted("p1", 1.2, -1.0).shift_error_mm == pytest.approx(0.2)
    assert shifted("p1", None, 0.5).shift_error_mm == UNMEASURED_SHIFT_MM
    assert shifted("p1", 2.0, None).shift_error_mm is None


def test_shift_that_was_not_predicted_counts_as_error() -> None:
    rows = [shifted("p1", 4.0, 5.0), shifted("p2", -3.0, -2.5), shifted("p3", None, 3.0)]
    rows += [shifted("p4", 1.0, None)]
    shift = summarise(rows, {})["structures"]["midline"]["shift"]
    assert shift["error_mm"]["median"] == 1.0
    assert shift["error_mm"]["mean"] == pytest.approx((1 + 0.5 + UNMEASURED_SHIFT_MM) / 3, abs=1e-6)
    assert [shift[k] for k in ("measured", "not_predicted", "without_reference")] == [2, 1, 1]
    assert shift["agreement"]["bias"] == -0.75
    assert shift["agreement"]["n"] == 2


def test_volumes_agree_over_all_judged_cases() -> None:
    missed = replace(a_score("p2", 0, "missed"), volume_ml=0.0, reference_ml=4.0)
    volume = summarise([a_score("p1", 0.9), missed, absent("p3")], {})["structures"]["hematoma"]
    assert volume["volume_agreement"]["bias"] == -1.5
    assert volume["volume_agreement"]["n"] == 2


def test_means_of_dice_are_those_of_the_summary() -> None:
    rows = [a_score("p1", 1.0), a_score("p2", 0.5), a_score("p1", 0.25, structure="midline")]
    rows.append(absent("p1", "ventricle_left"))
    dice = dice_by_structure(rows)
    assert dice == {"hematoma": 0.75, "midline": 0.25}
    assert mean_dice(rows) == summarise(rows, {})["mean_dice"] == 0.5
    assert mean_dice([]) is None


def test_a_structure_that_no_case_has_is_in_no_mean() -> None:
    rows = [a_score("p1", 0.9), absent("p1", "ventricular_blood")]
    speck = [rows[0], a_score("p1", 0.0, "false_alarm", "ventricular_blood")]
    assert summarise(rows, {})["mean_dice"] == summarise(speck, {})["mean_dice"] == 0.9
    told = summarise(speck, {})["structures"]["ventricular_blood"]
    assert told["false_alarms"] == 1 and told["dice"]["mean"] == 0.0


def test_means_where_present_are_over_the_same_cases_for_every_model() -> None:
    drawn = [a_score("p1", 0.8), a_score("p2", 0.0, "missed")]
    quiet = summarise([*drawn, absent("p3")], {})["structures"]["hematoma"]
    noisy = summarise([*drawn, a_score("p3", 0.0, "false_alarm")], {})["structures"]["hematoma"]
    assert (quiet["dice"]["n"], noisy["dice"]["n"]) == (2, 3)
    assert quiet["dice_where_present"] == noisy["dice_where_present"] == quiet["dice"]
    assert quiet["hd95_mm_where_present"] == noisy["hd95_mm_where_present"] == quiet["hd95_mm"]
