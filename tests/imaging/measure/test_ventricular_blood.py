"""Blood in the ventricles: how much, and in which; edema and blood outside the brain beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cohort.schema.scans.measurements import VentricularBlood
from cohort.space.grid import Grid
from imaging.measure.belief import leave_out
from imaging.measure.measurements import measure

LATERAL = ("ventricle_left", "ventricle_right")


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "PIR"])
def test_blood_is_told_by_the_ventricles_that_hold_it(make_grid: Any, axcodes: str) -> None:
    made = make_grid(axcodes, (1.0, 1.0, 2.0))
    masks = {
        "ventricle_left": made.ellipsoid((12, 8, 8), (6, 20, 8)),
        "ventricle_right": made.ellipsoid((-12, 8, 8), (6, 20, 8)),
    }
    grid = Grid(made.shape, made.affine)
    third = made.ellipsoid((0, 0, -14), (3, 8, 6))
    half = masks["ventricle_left"] & made.ellipsoid((12, 20, 8), (9, 12, 20))
    masks["ventricular_blood"] = ((half > 0) | (third > 0)).astype(np.uint8)
    found = measure(masks, grid).ventricular_blood
    assert found.left_ml == pytest.approx(grid.volume_ml(half)) and found.left_ml > 0.5
    assert found.right_ml == 0
    assert found.central_ml == pytest.approx(grid.volume_ml(third)) and found.central_ml > 0.3
    assert found.volume_ml == pytest.approx(found.left_ml + found.central_ml)


def test_what_lies_in_both_ventricles_is_half_of_each() -> None:
    masks = {name: np.ones((4, 4, 4), np.uint8) for name in (*LATERAL, "ventricular_blood")}
    found = measure(masks, Grid((4, 4, 4), np.diag([-10.0, -10, 10, 1]))).ventricular_blood
    assert (found.volume_ml, found.left_ml, found.right_ml, found.central_ml) == (64, 32, 32, 0)


def test_what_was_not_looked_for_is_not_told() -> None:
    grid = Grid((4, 4, 4), np.diag([-10.0, -10, 10, 1]))
    full = np.ones((4, 4, 4), np.uint8)
    without = measure({"ventricular_blood": full, "ventricle_left": full}, grid)
    assert without.ventricular_blood == VentricularBlood(64.0)  # in which, takes both
    assert measure({"hematoma": full}, grid).ventricular_blood == VentricularBlood()
    found = measure({"edema": full, "outer_blood": 0 * full}, grid)
    assert (found.edema.volume_ml, found.outer_blood.volume_ml) == (64.0, 0.0)
    assert without.edema.volume_ml is None and without.outer_blood.volume_ml is None


def test_doubts_about_the_scan_leave_out_what_rests_on_them() -> None:
    grid = Grid((4, 4, 4), np.diag([-10.0, -10, 10, 1]))
    masks = {name: np.ones((4, 4, 4), np.uint8) for name in (*LATERAL, "ventricular_blood")}
    masks["edema"] = masks["ventricular_blood"]
    found = measure(masks, grid)
    sides = leave_out(found, {"sides": "x"})
    assert sides.ventricular_blood == VentricularBlood(64.0, None, None, 0.0)
    assert sides.edema == found.edema
    assert leave_out(found, {"sizes": "x"}).edema.volume_ml is None
