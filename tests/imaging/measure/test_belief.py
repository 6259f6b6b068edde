"""What is in doubt of a scan is no number in any output."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.facts.doubts import RESTS_ON, SIDES, SIZES
from cohort.space.affine import make_affine
from cohort.space.grid import Grid
from cohort.space.nifti.volume import save_volume
from cohort.synthetic.head import draw_head
from imaging.measure import measurements
from imaging.measure.belief import leave_out
from imaging.measure.measurements import Measurements
from imaging.predict import main, predict


def measure(masks: Any, affine: NDArray, hu: NDArray | None = None) -> Measurements:
    first, second, third = next(iter(masks.values())).shape
    return measurements.measure(masks, Grid((first, second, third), affine), hu)


AFFINE = make_affine("LPS", (1.0, 1.0, 5.0), (40, 50, 8))


def masks(hematoma: bool = True) -> dict[str, np.ndarray]:
    found = {name: np.zeros((40, 50, 8), np.uint8) for name in ("hematoma", "midline")}
    found |= {name: found["midline"].copy() for name in ("ventricle_left", "ventricle_right")}
    found["midline"][21, 5:45, 2:6] = 1
    found["midline"][24, 20:30, 3] = 1
    found["ventricle_left"][24:28, 20:30, 3:6] = 1
    found["ventricle_right"][12:18, 20:30, 3:6] = 1
    if hematoma:
        found["hematoma"][28:36, 20:32, 2:6] = 1
    return found


@pytest.mark.parametrize("doubt", [SIZES, SIDES])
def test_what_rests_on_a_doubt_is_left_out_and_nothing_else(doubt: str) -> None:
    whole = measure(masks(), AFFINE).to_json()
    left = leave_out(measure(masks(), AFFINE), {doubt: "why"}).to_json()
    for part, values in left.items():
        for key, value in values.items():
            gone = key in RESTS_ON[doubt][part] and (doubt == SIDES or whole[part][key] != 0)
            assert value == (None if gone else whole[part][key]), key
    assert whole["hematoma"]["side"] == "left"
    assert (left["hematoma"]["side"] is None) == (doubt == SIDES)
    assert (left["hematoma"]["volume_ml"] is None) == (doubt == SIZES)


def test_nothing_is_nothing_at_any_spacing() -> None:
    left = leave_out(measure(masks(hematoma=False), AFFINE), [SIZES])
    assert (left.hematoma.volume_ml, left.hematoma.components) == (0.0, 0)
    assert left.ventricles.left_ml is None


@pytest.fixture(scope="module")
def head() -> Any:
    return draw_head(np.random.SeedSequence(3), size=96, slices=22)


def test_doubts_reach_json_table_and_terminal(
    tmp_path: Path, oracle: Path, head: Any, command: Any
) -> None:
    scans = {
        "flat": (head.hu, head.affine @ np.diag([1, 1, 0.7, 1])),
        "turned": (np.ascontiguousarray(head.hu[::-1, ::-1]), head.affine),
        "slab": (head.hu[..., 9:14], head.affine),
    }
    for name, (voxels, affine) in scans.items():
        save_volume(tmp_path / f"scans/{name}.nii.gz", voxels, affine)
    out = tmp_path / "out"
    said = command(main, oracle, tmp_path / "scans", "--output", out).stdout
    assert "flat: volumes and lengths cannot be told" in said
    assert "turned: left and right cannot be told" in said
    assert "volumes being of the slices at hand: 1 scan of 3, such as slab (5 slices," in said
    found = {name: json.loads((out / f"{name}.json").read_text("utf-8")) for name in scans}
    assert set(found["flat"]["cannot_be_told"]) == {SIZES}
    assert not any(found["flat"]["volumes_ml"].values())
    assert {"side", "centroid_mm", "site"} <= {
        key for key, value in found["turned"]["measurements"]["hematoma"].items() if value is None
    }
    assert found["slab"]["coverage"]["part"] and "notes" in found["slab"]
    assert [note["kind"] for note in found["slab"]["notes"] if note["kind"] == "spacing"] == []
    with (out / "measurements.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert rows["slab"]["coverage"].startswith("part: 5 slices, ")
    assert rows["turned"]["hematoma_side"] == rows["turned"]["hematoma_x_mm"] == ""
    assert rows["flat"]["ventricle_left_ml"] in ("", "0.0")

    predict(oracle, [tmp_path / "scans/flat.nii.gz"], tmp_path / "forced", force=True)
    forced = json.loads((tmp_path / "forced/flat.json").read_text("utf-8"))
    assert forced["cannot_be_told"] == {}
    assert all(ml is not None for ml in forced["volumes_ml"].values())
    assert "forced" in [note["kind"] for note in forced["notes"]]
