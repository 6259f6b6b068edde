"""The errors of volumes by size, and what is asked of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cohort.base.errors import DataError
from cohort.facts.coverage import is_part
from cohort.facts.structures import STRUCTURES
from cohort.schema.problems import parse
from cohort.schema.scans.model_errors import ModelErrors, ShiftError, VolumeError
from imaging.boxing.errors import errors_of_test, sized_shift_errors, volume_errors
from imaging.boxing.figures import read_scores
from imaging.evaluate import evaluate
from imaging.model.bundle import load_bundle
from imaging.predict import predict


def test_errors_are_those_of_the_size_that_was_measured() -> None:
    missed, small, large = [(0.0, 2.0)] * 6, [(4.0, 3.0), (3.0, 5.0)] * 3, [(20.0, 22.0)] * 5
    found = volume_errors([*missed, *small, *large, (70.0, 70.0)], "hematoma")
    assert [(one.from_ml, one.to_ml, one.n) for one in found] == [
        (0, 0.1, 6),
        (0.1, 5, 6),
        (5, 15, 0),
        (15, 30, 5),
        (30, 60, 0),
        (60, 70.001, 1),
    ]
    nothing, few, none, many, *_, last = found
    assert (nothing.mae_ml, nothing.bias_ml) == (2.0, -2.0)
    assert (few.mae_ml, few.bias_ml) == (1.5, -0.5)
    half = 1.959964 * np.std([1, -2] * 3, ddof=1)
    assert few.limits_ml == pytest.approx((-0.5 - half, -0.5 + half))
    assert few.mae_ci95 and few.mae_ci95[0] <= 1.5 <= few.mae_ci95[1]
    assert (many.mae_ml, many.limits_ml) == (2.0, (-2.0, -2.0))
    assert none.mae_ml is None and last.mae_ml is None and last.bias_ml is None  # too few

    errors = ModelErrors("a test", 18, {"hematoma": found})
    assert errors.volume_error_ml("hematoma", 0.1) == few
    assert errors.volume_error_ml("hematoma", 29.9) == many
    for structure, ml in (
        ("hematoma", 7.0),  # no case of this size
        ("hematoma", 70.0),  # one case
        ("hematoma", 71.0),  # larger than any of the test
        ("hematoma", None),
        ("edema", 3.0),
    ):
        assert errors.volume_error_ml(structure, ml) is None


def test_larger_volumes_than_the_test_had_are_further_off() -> None:
    medium = VolumeError(5.0, 15.0, 9, 2.0, limits_ml=(-7.5, 4.0))
    large = VolumeError(15.0, 30.0, 9, 2.0, limits_ml=(-3.0, 6.0))
    hardly = VolumeError(30.0, 64.0, 2)
    errors = ModelErrors("a test", 20, {"hematoma": (medium, large, hardly)})
    assert errors.most_ml("hematoma", 20.0) == 6.0
    assert errors.most_ml("hematoma", 2.0) == 7.5  # a size that it hardly had, but no larger one
    assert errors.most_ml("hematoma", 72.0) == pytest.approx(72 * 6 / 30)
    assert errors.most_ml("hematoma", None) == 7.5


def test_shifts_that_are_told_too_small_are_so_by_their_size() -> None:
    # Of many small shifts and some large ones told too small, to either side: no bias on the whole.
    small = [(0.3, 0.1), (-0.2, -0.4)] * 20
    large = [(3.0, 8.0), (-3.0, -8.0)] * 3
    none, medium, *rest = sized_shift_errors([*small, *large, (12.0, 12.0)])
    assert (none.from_mm, none.to_mm, none.n) == (0, 2, 40)
    assert none.mae_mm is not None and none.mae_mm == pytest.approx(0.2)
    assert (medium.n, medium.mae_mm, medium.bias_mm) == (6, 5.0, -5.0)
    assert [(one.from_mm, one.to_mm, one.n, one.mae_mm) for one in rest] == [
        (5, 10, 0, None),
        (10, None, 1, None),
    ]
    error = ShiftError(47, mae_mm=0.5, sizes=(none, medium, *rest))
    assert error.of_size(-2.9) == medium and error.of_size(0.0) == none
    assert error.of_size(7.0) is None and error.of_size(14.0) is None
    assert ShiftError(47, mae_mm=0.5).of_size(1.0) is None  # metadata of earlier versions


def test_sizes_that_leave_gaps_are_refused() -> None:
    sizes = [{"from_ml": 0.0, "to_ml": 1.0, "n": 9}, {"from_ml": 2.0, "to_ml": 3.0, "n": 9}]
    value = {"measured_on": "a test", "cases": 9, "volumes": {"hematoma": sizes}}
    assert parse(ModelErrors, value)[1] == ["the sizes of hematoma don't follow each other."]
    value["volumes"] = {"hematoma": [{"from_ml": 3.0, "to_ml": 3.0, "n": 1}]}
    assert parse(ModelErrors, value)[1] == ["the sizes of hematoma don't follow each other."]


def test_errors_of_a_test_come_from_what_evaluate_wrote(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    split = make_split(dict.fromkeys(("p1", "p2", "p3"), "test"))
    evaluate(oracle, phantom_cohort, split, "test", tmp_path)
    scores = tmp_path / "test.json"
    found = errors_of_test(scores, read_scores(scores), "three phantoms")
    assert (found.measured_on, found.cases) == ("three phantoms", 3)
    assert set(found.volumes) == {s.id for s in STRUCTURES if s.has_volume}
    assert sum(one.n for one in found.volumes["hematoma"]) == 3
    assert found.shift is not None and found.shift.n == 3
    assert found.shift.mae_mm is None  # of three cases
    assert sum(one.n for one in found.shift.sizes) == 3
    (tmp_path / "test_cases.csv").unlink()
    with pytest.raises(DataError, match=r"test_cases.csv: no such file; run"):
        errors_of_test(scores, read_scores(scores), "three phantoms")


def test_no_error_is_told_of_a_part_of_a_head_nor_read_from_wrong_metadata(
    oracle: Path, phantom: Any, tmp_path: Path
) -> None:
    phantom(tmp_path / "p1.nii.gz")
    model = tmp_path / "model"
    shutil.copytree(oracle, model)
    size = {"from_ml": 0.0, "to_ml": 100.0, "n": 9, "mae_ml": 1.5, "bias_ml": -0.5}
    small = [{"from_ml": 0.0, "to_ml": 0.01, "n": 9, "mae_ml": 0.1}]
    shift = {"n": 9, "not_told": 1, "mae_mm": 0.8, "bias_mm": 0.1}
    metadata = json.loads((model / "configs/metadata.json").read_text())
    volumes = {"hematoma": [size], "ventricle_left": small}
    metadata["errors"] = {
        "measured_on": "nine cases",
        "cases": 9,
        "volumes": volumes,
        "shift": shift,
    }
    (model / "configs/metadata.json").write_text(json.dumps(metadata))
    assert load_bundle(model).volume_error_ml("hematoma", 3.0) == VolumeError(**size)
    predict(model, [tmp_path / "p1.nii.gz"], tmp_path / "out")
    result = json.loads((tmp_path / "out/p1.json").read_text())
    assert is_part(result["coverage"])  # whose volume no whole head of the test had
    most = {"hematoma": 1.5, "ventricle_left": 0.1}  # of any size
    nothing = {
        "volumes": dict.fromkeys(volumes),
        "shift": None,
        "shift_of_size": None,
        "most_ml": most,
    }
    assert result["expected_errors"] == {"measured_on": "nine cases", **nothing}
    metadata["errors"]["volumes"]["hematoma"][0]["n"] = "many"
    (model / "configs/metadata.json").write_text(json.dumps(metadata))
    with pytest.raises(DataError, match=r"metadata.json: 'volumes.hematoma.0.n' must be a whole"):
        load_bundle(model)
