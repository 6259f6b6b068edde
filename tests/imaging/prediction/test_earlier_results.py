"""Results of earlier predictions make room for this run's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from imaging.predict import predict
from imaging.prediction.earlier_results import remove_earlier


def test_replace_leaves_this_runs_scans_and_the_users_own_files(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    for scan in ("p1", "p2"):
        phantom(tmp_path / f"{scan}.nii.gz", "LPS")
    out = tmp_path / "out"
    predict(oracle, [tmp_path / "p1.nii.gz"], out)
    (out / "notes.json").write_text("{}")
    (out / "p1_by_hand.nii.gz").write_text("mine")
    result = predict(oracle, [tmp_path / "p2.nii.gz"], out, replace=True)
    assert result.removed == ["p1"]
    left = {path.name for path in out.iterdir() if not path.name.startswith("p2")}
    assert left == {"notes.json", "p1_by_hand.nii.gz", "measurements.csv"}
    assert (out / "p2.json").exists()


def test_without_replace_other_scans_results_stay(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    for scan in ("p1", "p2"):
        phantom(tmp_path / f"{scan}.nii.gz", "LPS")
        predict(oracle, [tmp_path / f"{scan}.nii.gz"], tmp_path / "out")
    assert {path.stem for path in (tmp_path / "out").glob("*.json")} == {"p1", "p2"}


def test_a_summary_that_names_files_elsewhere_removes_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "outside.nii.gz"
    outside.write_text("precious")
    folder = tmp_path / "p"
    folder.mkdir()
    summary = {"masks": {"hematoma": "../outside.nii.gz"}, "montage": "p.png"}
    (folder / "p.json").write_text(json.dumps(summary))
    assert remove_earlier(folder, set()) == []
    assert outside.exists() and (folder / "p.json").exists()
