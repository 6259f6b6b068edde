"""The table of measurements tells what the folder of predictions holds."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cohort.base.files import open_table
from cohort.space.file_types import read_header, read_volume
from cohort.space.nifti.volume import save_volume
from imaging.predict import main, predict
from imaging.prediction.table import TABLE, write_measurements

HEMATOMA_HU, BRAIN_HU = 64, 30


def rows_of(folder: Path) -> dict[str, dict[str, str]]:
    with open_table(folder / TABLE) as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def without_bleed(scan: Path) -> None:
    hu, affine = read_volume(scan)[0].copy(), read_header(scan).affine
    hu[abs(hu - HEMATOMA_HU) < 6] = BRAIN_HU
    scan.unlink()
    save_volume(scan, hu, affine)


def test_a_row_holds_what_the_scans_json_says(tmp_path: Path, oracle: Path, phantom: Any) -> None:
    masks = phantom(tmp_path / "scans/p1.nii.gz", "RAS")
    phantom(tmp_path / "scans/p2.nii.gz", "SAL")
    without_bleed(tmp_path / "scans/p2.nii.gz")
    predict(oracle, [tmp_path / "scans"], tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert list(rows) == ["p1", "p2"]
    summary = json.loads((tmp_path / "out/p1.json").read_text(encoding="utf-8"))
    found, row = summary["measurements"], rows["p1"]
    # 20 mm to the left: negative in RAS+.
    assert found["hematoma"]["centroid_mm"] == pytest.approx([-20, 14, 5], abs=1.5)
    assert float(row["hematoma_x_mm"]) == found["hematoma"]["centroid_mm"][0]
    ml = np.count_nonzero(masks["hematoma"]) * 2.0 * 1.8 * 5.0 / 1000
    assert found["hematoma"]["volume_ml"] == summary["volumes_ml"]["hematoma"]
    assert float(row["hematoma_ml"]) == pytest.approx(ml, abs=5e-4)
    assert (row["hematoma_side"], row["hematoma_components"]) == ("left", "1")
    assert float(row["hematoma_a_mm"]) == found["hematoma"]["abc2"]["a_mm"]
    assert float(row["midline_shift_mm"]) == found["midline"]["shift_mm"]
    ratio = float(row["ventricle_left_ml"]) / float(row["ventricle_right_ml"])
    assert float(row["ventricle_left_right_ratio"]) == pytest.approx(ratio, abs=1e-2)
    # No bleed: a volume of 0, and nothing else of it.
    bleed = {key: value for key, value in rows["p2"].items() if key.startswith("hematoma")}
    assert (bleed.pop("hematoma_ml"), bleed.pop("hematoma_components")) == ("0.0", "0")
    assert set(bleed.values()) == {""}


def test_scans_of_earlier_runs_stay_until_they_are_replaced(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    for scan in ("p1", "p2", "p3"):
        phantom(tmp_path / f"{scan}.nii.gz")
        predict(oracle, [tmp_path / f"{scan}.nii.gz"], tmp_path / "out", replace=scan == "p3")
        assert list(rows_of(tmp_path / "out")) == {"p1": ["p1"], "p2": ["p1", "p2"]}.get(
            scan, ["p3"]
        )


def test_a_scan_that_is_none_has_no_row(tmp_path: Path, oracle: Path, phantom: Any) -> None:
    phantom(tmp_path / "scans/p1.nii.gz")
    (tmp_path / "scans/p2.nii.gz").write_bytes(b"no scan")
    assert predict(oracle, [tmp_path / "scans"], tmp_path / "out").problems
    assert list(rows_of(tmp_path / "out")) == ["p1"]


def test_without_predictions_there_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / TABLE).write_text("of another time")
    write_measurements(tmp_path)
    assert not (tmp_path / TABLE).exists()


@pytest.mark.parametrize("measured", [None, {}, {"hematoma": {"volume_ml": 1.0}}])
def test_predictions_of_earlier_versions_have_no_row(
    tmp_path: Path, oracle: Path, phantom: Any, measured: Any
) -> None:
    for scan in ("p1", "p2"):
        phantom(tmp_path / f"{scan}.nii.gz")
        predict(oracle, [tmp_path / f"{scan}.nii.gz"], tmp_path / "out")
    summary = json.loads((tmp_path / "out/p1.json").read_text(encoding="utf-8"))
    summary["measurements"] = measured
    if measured is None:
        del summary["measurements"]
    (tmp_path / "out/p1.json").write_text(json.dumps(summary))
    write_measurements(tmp_path / "out")
    assert list(rows_of(tmp_path / "out")) == ["p2"]


def test_ids_and_values_stand_whole_on_one_line_of_80_columns(
    tmp_path: Path, oracle: Path, phantom: Any, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    phantom(tmp_path / "patient-2024-00001.nii.gz")
    end = command(main, oracle, tmp_path / "patient-2024-00001.nii.gz", "--output", tmp_path / "o")
    (line,) = [line for line in end.stdout.splitlines() if "patient-2024-00001 " in line[:24]]
    assert len(line.split()) in (9, 10)  # the shift has a side or none
    assert max(map(len, end.stdout.splitlines()[:6])) <= 80


def test_the_command_prints_them(tmp_path: Path, oracle: Path, phantom: Any, command: Any) -> None:
    phantom(tmp_path / "scans/p1.nii.gz")
    phantom(tmp_path / "scans/p2.nii.gz")
    without_bleed(tmp_path / "scans/p2.nii.gz")
    end = command(main, oracle, tmp_path / "scans", "--output", tmp_path / "out")
    assert end.exit_code == 0
    lines = {line.split()[0]: line.split() for line in end.stdout.splitlines() if line.split()}
    bleed = json.loads((tmp_path / "out/p1.json").read_text())["measurements"]["hematoma"]
    expected = [f"{bleed['volume_ml']:.1f}", f"{bleed['abc2_ml']:.1f}", f"{bleed['tada_ml']:.1f}"]
    assert lines["p1"][1:5] == [*expected, "left"]
    assert lines["p2"][1:5] == ["0.0", "–", "–", "–"]
