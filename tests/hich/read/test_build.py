"""Many patients read at once: what is written, what fails, and how a stopped run goes on."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from cohort.base.errors import DataError
from hich.read.__main__ import main
from hich.read.build import read


def times(out: Path) -> dict[str, int]:
    folder = out / "predictions" / "imaging"
    return {path.stem: path.stat().st_mtime_ns for path in folder.glob("*.json")}


def test_folder_of_scans_and_notes_becomes_a_report_and_goes_on(
    phantoms: Path, oracle: Path, tmp_path: Path, command: Any
) -> None:
    out = tmp_path / "out"
    line = (main, phantoms, "--output", out, "--model", oracle, "--processes", 1)
    done = command(*line)
    assert done.exit_code == 1 and "p3 (ct)" in done.stderr, done.stderr
    assert "3 cases: 2 segmented, 1 with a note" in done.stdout
    with (out / "failed.csv").open(encoding="utf-8-sig", newline="") as file:
        (failure,) = csv.DictReader(file)
    assert (failure["case"], failure["half"]) == ("p3", "ct")
    assert failure["why"].startswith(f"{phantoms / 'p3.nii.gz'}: ")  # not the link to it
    with (out / "report" / "cases.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    sheet = load_workbook(out / "cases.xlsx").active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0] == list(rows[0]) and [row[0] for row in cells[1:]] == ["p1", "p2", "p3"]
    first = dict(zip(cells[0], cells[1], strict=True))
    assert first["verdict_side"] == "agree" and first["ct_hematoma_side"] == "left"
    assert (first["ich_score_low"], first["ich_score_high"]) == (0, 1)  # no error is known
    assert first["ct_hematoma_ml"] == pytest.approx(float(rows[0]["ct_hematoma_ml"]))
    page = (out / "report" / "index.html").read_text(encoding="utf-8")
    assert "ICH score" in page and "within a range" in page
    assert "CT beside record: in" in page  # the folder's name
    # Nothing is trained, split or drawn here, so that none of it is missing.
    assert 'data-key="part"' not in page
    assert page.count("Nothing was scored, as there are no reference masks.") == 1
    for noise in (
        "No split",
        "No scores",
        'class="parts"',
        "reference masks (",
        "no scores",
        "without reference masks",
    ):
        assert noise not in page
    # What is there already, and what has changed.
    before = times(out)
    (out / "predictions" / "imaging" / "p2.json").unlink()
    command(*line)
    after = times(out)
    assert after["p1"] == before["p1"] and after["p2"] > before["p2"]
    (phantoms / "p1.nii.gz").write_bytes(b"no scan any more")
    command(*line)
    assert times(out) == {"p2": after["p2"]}
    assert {path.name for path in (out / "predictions" / "imaging").glob("p1*")} == set()


def test_other_folders_and_inputs_are_not_written_to(
    phantoms: Path, oracle: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match="holds other files"):
        read(phantoms, other, model=oracle)
    with pytest.raises(DataError, match="lies in"):
        read(phantoms, tmp_path, model=oracle)


def test_a_folder_of_the_user_s_stays(oracle: Path, tmp_path: Path) -> None:
    nothing, mine, new = tmp_path / "in", tmp_path / "mine", tmp_path / "a/b/new"
    nothing.mkdir()
    mine.mkdir()
    made = mine.stat().st_ino
    for out in (mine, new):
        with pytest.raises(DataError, match="holds neither scans nor notes"):
            read(nothing, out, model=oracle)
    assert mine.stat().st_ino == made and list(mine.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "mine"]
