"""Measurements in JSON and in tables."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURE_IDS
from hich.report.gather.measured import PLACES, flat, measurements_of, read_reference
from hich.report.model import Measurements
from imaging.measure.measurements import as_row, measure
from tests.hich.report.conftest import AFFINE, MEASUREMENTS, box


def test_what_stands_in_a_table_is_what_stood_in_the_json(tmp_path: Path) -> None:
    row = flat(measurements_of(MEASUREMENTS))
    assert row["hematoma_b_mm"] == 31.0
    assert row["hematoma_y_mm"] == 5.0
    assert row["hematoma_left_ml"] is None
    path = tmp_path / "test_measurements.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["case", *(f"reference_{name}" for name in row)])
        writer.writerow(["p1", *("" if value is None else value for value in row.values())])
    found = read_reference(path)["p1"]
    assert flat(found) == row
    assert found.hematoma["centroid_mm"] == [-20.0, 5.0, 1.5]


def test_names_are_those_of_the_imaging_half() -> None:
    masks = {name: box(name) for name in STRUCTURE_IDS}
    value = measure(masks, AFFINE).to_json()
    assert flat(measurements_of(value)) == as_row(value)


def test_what_is_not_there_is_none() -> None:
    assert set(flat(measurements_of({})).values()) == {None}
    assert flat(Measurements({"abc2": None, "centroid_mm": None}))["hematoma_x_mm"] is None
    assert set(flat(Measurements())) == set(PLACES)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hematoma": [1]},
        {"hematoma": {"volume_ml": "30"}},
        {"hematoma": {"volume_ml": True}},
        {"hematoma": {"side": 1}},
        {"midline": {"shift_mm": [5]}},
        {"midline": {"shift_mm": float("nan")}},
    ],
)
def test_what_is_no_measurement_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        measurements_of(wrong)


def test_table_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "test_measurements.csv"
    for text in ("case,volume\np1,1\n", "case\np1\n"):
        path.write_text(text)
        with pytest.raises(DataError, match="no table of measurements"):
            read_reference(path)
