"""Commands refuse what is not a head CT, and go on with the rest."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cohort.check import main as check
from cohort.schema.case import Case
from cohort.schema.datalist import Datalist
from cohort.schema.manifest import Cohort
from cohort.space.nifti.volume import save_volume
from cohort.synthetic.head import draw_head
from imaging.evaluate import main as evaluate
from imaging.export import main as export
from imaging.predict import main as predict
from tests.conftest import undescribed


@pytest.fixture(scope="module")
def head() -> Any:
    return draw_head(np.random.SeedSequence(4), size=96, slices=16)


@pytest.fixture
def scans(tmp_path: Path, head: Any) -> Path:
    """Return a cohort of a head CT, one inverted and one in raw values."""
    folder = tmp_path / "scans"
    made = {"good": head.hu, "inverted": -head.hu, "raw": (head.hu.clip(-1024) + 1024)}
    for name, voxels in made.items():
        save_volume(folder / f"{name}.nii.gz", voxels.astype(np.int16), head.affine)
    Cohort(folder, "scans", tuple(Case(name, f"{name}.nii.gz") for name in made)).save()
    return folder


def notes(path: Path) -> list[str]:
    return [note["what"] for note in json.loads(path.read_text(encoding="utf-8"))["notes"]]


def test_predict_names_what_it_refuses_and_segments_the_rest(
    scans: Path, oracle: Path, command: Any, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    end = command(predict, oracle, scans, "--output", out)
    assert end.exit_code == 1
    assert "inverted.nii.gz: holds values" in end.stderr and "multiply by -1" in end.stderr
    assert "raw.nii.gz: holds values" in end.stderr and "rescale intercept" in end.stderr
    assert "--force takes it all the same" in end.stderr
    assert {path.name.split("_")[0].split(".")[0] for path in out.iterdir()} == {
        "good",
        "measurements",
        "provenance",
    }
    # The oracle marks by HU alone, and so what is calcified and the dura, too.
    assert [n for n in notes(out / "good.json") if "unlike fresh blood" not in n] == []


def test_predict_with_force_says_why_it_would_have_refused(
    scans: Path, oracle: Path, command: Any, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    end = command(predict, oracle, scans / "inverted.nii.gz", "--output", out, "--force")
    assert end.exit_code == 0
    (note,) = notes(out / "inverted.json")
    assert note.startswith("Taken by --force: holds values from") and "inverted" in note
    assert "Taken by --force" in end.stdout


@pytest.mark.parametrize(("by", "exit_code"), [(-40, 1), (21, 0), (40, 1), (0, 0)])
def test_offset_is_told_alike_by_check_predict_and_export(
    head: Any, oracle: Path, command: Any, tmp_path: Path, by: int, exit_code: int
) -> None:
    folder, out = tmp_path / "scans", tmp_path / "out"
    save_volume(folder / "p1.nii.gz", (head.hu + by).astype(np.int16), head.affine)
    Cohort(folder, "scans", (Case("p1", "p1.nii.gz"),)).save()
    ends = [
        command(check, folder, "--output", tmp_path / "check.json"),
        command(predict, oracle, folder, "--output", out),
        command(export, folder, tmp_path / "corpus"),
    ]
    assert [end.exit_code for end in ends] == [exit_code] * 3
    for end in ends:
        assert ("where it has 20 to 45 HU" in end.stdout + end.stderr) == (by != 0)
    (case,) = json.loads((tmp_path / "check.json").read_text(encoding="utf-8"))["cases"]
    if not exit_code:
        untold = json.loads((out / "p1.json").read_text(encoding="utf-8"))["cannot_be_told"]
        assert untold == case["cannot_be_told"]
        assert set(untold) == ({"midline", "ventricle_left", "ventricle_right"} if by else set())


def test_export_of_a_cohort_lists_all_that_it_refuses(
    scans: Path, command: Any, tmp_path: Path
) -> None:
    end = command(export, scans, tmp_path / "corpus")
    assert end.exit_code == 1
    assert "inverted.nii.gz: " in end.stderr and "raw.nii.gz: " in end.stderr
    assert not (tmp_path / "corpus").exists()
    end = command(export, scans, tmp_path / "corpus", "--force")
    assert end.exit_code == 0
    assert "inverted.nii.gz: Taken by --force: holds values" in end.stdout
    assert "48 slices of 3 scans" in end.stdout
    listed = json.loads((tmp_path / "corpus" / "datalist.json").read_text(encoding="utf-8"))
    forced = {entry["case"]: entry.get("forced") for entry in listed["training"]}
    assert forced == {"good": None, "inverted": True, "raw": True}
    assert set(listed["notes"]) == {"inverted", "raw"}
    assert undescribed(Datalist, listed) == []
    (note,) = listed["notes"]["inverted"]
    assert note["kind"] == "forced"
    assert note["what"].startswith("inverted.nii.gz: Taken by --force: holds values")


def test_export_of_files_lists_all_that_it_refuses(
    scans: Path, command: Any, tmp_path: Path
) -> None:
    files = [scans / f"{name}.nii.gz" for name in ("good", "inverted", "raw")]
    end = command(export, *files, tmp_path / "png")
    assert end.exit_code == 1
    assert "inverted.nii.gz: " in end.stderr and "raw.nii.gz: " in end.stderr
    assert "good" not in end.stderr and not (tmp_path / "png").exists()
    end = command(export, *files, tmp_path / "png", "--force")
    assert end.exit_code == 0
    assert "2 of 3 cases (forced), such as inverted: " in end.stdout
    assert "notes` of" in end.stdout and "datalist.json" in end.stdout
    listed = json.loads((tmp_path / "png" / "datalist.json").read_text(encoding="utf-8"))
    assert {e["case"] for e in listed["test"] if e.get("forced")} == {"inverted", "raw"}


def test_export_of_a_file_says_what_is_unusual_about_it(
    head: Any, command: Any, tmp_path: Path
) -> None:
    save_volume(tmp_path / "cut.nii.gz", head.hu.clip(-1024, 160), head.affine)
    end = command(export, tmp_path / "cut.nii.gz", tmp_path / "png")
    assert end.exit_code == 0
    assert "Note: cut: " in end.stdout and "cut at 160 HU" in end.stdout
    listed = json.loads((tmp_path / "png" / "datalist.json").read_text(encoding="utf-8"))
    assert "cut at 160 HU" in listed["notes"]["cut"][0]["what"]
    assert not any("forced" in entry for entry in listed["test"])


def test_check_finds_what_the_others_would_refuse(scans: Path, command: Any) -> None:
    end = command(check, scans)
    assert end.exit_code == 1
    assert "inverted; multiply by -1" in end.stderr and "rescale intercept" in end.stderr
    assert "good" not in end.stderr and "--force" not in end.stderr


@pytest.fixture
def flipped(tmp_path: Path) -> Path:
    """Return a cohort of heads; the masks of `rows` and `more` have their rows reversed."""
    head = draw_head(np.random.SeedSequence(8), size=96, slices=16)
    folder, cases = tmp_path / "flipped", []
    for name, step in (("rows", -1), ("good", 1), ("more", -1)):
        save_volume(folder / f"{name}.nii.gz", head.hu, head.affine)
        files = {s: f"{name}_{s}.nii.gz" for s in head.masks}
        for structure, mask in head.masks.items():
            stored = np.ascontiguousarray(mask[:, ::step]).astype(np.uint8)
            save_volume(folder / files[structure], stored, head.affine)
        cases.append(Case(name, f"{name}.nii.gz", files))
    Cohort(folder, "flipped", tuple(cases)).save()
    return folder


def test_export_refuses_masks_that_are_not_the_images(
    flipped: Path, command: Any, tmp_path: Path
) -> None:
    end = command(export, flipped, tmp_path / "corpus")
    assert end.exit_code == 1
    assert "rows_hematoma.nii.gz: does not lie on its structure" in end.stderr
    assert "good_" not in end.stderr and not (tmp_path / "corpus").exists()
    end = command(export, flipped, tmp_path / "corpus", "--force")
    assert end.exit_code == 0, end.stderr
    assert "rows_hematoma.nii.gz: Taken by --force: does not lie on its" in end.stdout
    assert "good_" not in end.stdout


def test_evaluation_refuses_masks_that_are_not_the_images(
    flipped: Path, oracle: Path, make_split: Any, command: Any, tmp_path: Path
) -> None:
    split = make_split({"good": "test", "rows": "test", "more": "test"}, cohort="flipped")
    where = ("--split", split, "--output", tmp_path / "metrics")
    end = command(evaluate, oracle, flipped, *where)
    assert end.exit_code == 1
    for name in ("rows", "more"):
        assert end.stderr.count(f"{name}_hematoma.nii.gz: does not lie on its structure") == 1
    assert "good" not in end.stderr
    assert not (tmp_path / "metrics" / "test.json").exists()
    end = command(evaluate, oracle, flipped, *where, "--force")
    assert end.exit_code == 0, end.stderr
    assert "Taken by --force" in end.stdout
    with (tmp_path / "metrics" / "test_cases.csv").open(encoding="utf-8-sig", newline="") as file:
        notes = {row["case"]: row["notes"] for row in csv.DictReader(file)}
    assert (
        "force" not in notes["good"] and "rows_hematoma.nii.gz: Taken by --force" in notes["rows"]
    )
