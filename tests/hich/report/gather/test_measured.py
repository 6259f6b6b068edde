"""Measurements in JSON and in tables."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.problems import parse
from cohort.schema.scans import measurements as schema
from cohort.schema.scans.measurement_columns import COLUMN_PLACES, as_row
from cohort.space.grid import Grid
from hich.report.gather.measured import flat, measurements_of, read_reference
from hich.report.model.masks import CaseMeasurements
from imaging.measure.measurements import measure
from tests.hich.report.conftest import AFFINE, MEASUREMENTS, box


def test_what_stands_in_a_table_is_what_stood_in_the_json(tmp_path: Path) -> None:
    row = flat(measurements_of(schema.Measurements(**MEASUREMENTS)))
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
    assert found.hematoma.centroid_mm == (-20.0, 5.0, 1.5)


def test_what_is_measured_is_what_is_read() -> None:
    first, second, third = box("hematoma").shape
    grid = Grid((first, second, third), AFFINE)
    found = measure({name: box(name) for name in STRUCTURE_IDS}, grid)
    read, problems = parse(schema.Measurements, found.to_json())
    assert problems == []
    assert read == found.rounded()
    assert list(as_row(found.to_json())) == list(COLUMN_PLACES)


def test_what_is_not_there_is_none() -> None:
    assert set(flat(measurements_of(schema.Measurements())).values()) == {None}
    assert set(flat(CaseMeasurements())) == set(COLUMN_PLACES)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"hematoma": [1]}, "'hematoma' must be an object."),
        ({"hematoma": {"volume_ml": "30"}}, "'hematoma.volume_ml' must be a number, not '30'."),
        ({"hematoma": {"volume_ml": True}}, "'hematoma.volume_ml' must be a number, not True."),
        ({"hematoma": {"side": 1}}, "'hematoma.side' must be 'left', 'right' or 'both', not 1."),
        ({"midline": {"shift_mm": [5]}}, "'midline.shift_mm' must be a number, not [5]."),
        ({"midline": {"shift_mm": float("nan")}}, "must be a finite number, not nan."),
    ],
)
def test_what_is_no_measurement_is_refused(wrong: dict[str, object], said: str) -> None:
    (problem,) = parse(schema.Measurements, wrong)[1]
    assert problem.endswith(said)


def test_table_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "test_measurements.csv"
    head = ",".join(["case", *(f"reference_{name}" for name in COLUMN_PLACES)])
    for text in ("case,volume\np1,1\n", "case\np1\n", f"{head}\np1,much\n"):
        path.write_text(text)
        with pytest.raises(DataError, match="not a table of measurements"):
            read_reference(path)
