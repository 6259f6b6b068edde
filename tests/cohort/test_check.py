from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cohort.check import check, main
from cohort.schema.check import CheckFile
from tests.cohort.conftest import change, path_of
from tests.conftest import undescribed


def problems(maker: Any) -> list[str]:
    return check(maker.folder).all_problems()


def notes(maker: Any) -> list[str]:
    return [str(note) for note in check(maker.folder).all_notes()]


def test_good_cohort_has_no_problems_and_no_notes(maker: Any) -> None:
    maker.add("p1", text="丘脑出血，\n头痛。").add("p2", ct=False, text="丘脑出血").save()
    report = check(maker.folder)
    assert report.all_problems() == []
    assert report.all_notes() == []
    facts = report.cases["p1"].facts
    assert facts["image"] == {
        "shape": [20, 16, 4],
        "spacing_mm": [3, 3, 5],
        "axcodes": "LPS",
        "dtype": "int16",
        "hu_min": -1000,
        "hu_max": 1200,
    }
    assert facts["masks"]["hematoma"] == {"voxels": 24, "volume_ml": 1.08, "mean_hu": 35}
    assert facts["record"] == {"characters": 9, "entities": {"SITE": 1}}


def test_missing_manifest_and_leaving_path(command: Any, maker: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = command(main, tmp_path / "empty")
    assert result.exit_code == 1
    assert "the folder is empty" in result.stderr
    (tmp_path / "secret.txt").touch()
    manifest = {"cases": [{"id": "p1", "record": "../secret.txt"}]}
    (maker.folder / "cohort.json").write_text(json.dumps(manifest))
    result = command(main, maker.folder, "--json")
    assert result.exit_code == 1
    assert "leaves the cohort's folder" in result.stderr
    assert json.loads(result.stdout)["ok"] is False


def test_command_lists_all_problems(command: Any, maker: Any) -> None:
    maker.add("p1", text="丘脑出血").add("p[2]", text="丘脑出血").add("p3").save()
    path_of(maker, "images/p1.nii.gz").write_bytes(b"\r\n")
    path_of(maker, "records/p[2].txt").write_bytes(b"")
    result = command(main, maker.folder)
    assert result.exit_code == 1
    assert "a placeholder" in result.stderr
    assert "p[2].txt: is empty" in result.stderr
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["p3", "20×16×4", "3×3×5", "LPS", "-1000..1200", "4", "–", "–"] in [r[:8] for r in rows]
    (broken,) = [row for row in rows if row[:1] == ["p[2]"]]
    assert broken[-2:] == ["✘", "1"]


def test_json_is_all_of_stdout(command: Any, maker: Any, tmp_path: Path) -> None:
    maker.add("p1", text="丘脑出血").save()
    result = command(main, maker.folder, "--json", "--output", tmp_path / "m" / "check.json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report == json.loads((tmp_path / "m" / "check.json").read_text(encoding="utf-8"))
    assert undescribed(CheckFile, report) == []
    assert report["ok"] is True
    assert report["counts"]["cases"] == 1
    assert report["cases"][0]["masks"]["midline"]["voxels"] == 16


def test_notes_of_many_cases_are_counted_and_their_ids_stand_in_the_file(
    command: Any, maker: Any, tmp_path: Path
) -> None:
    for number in range(3):
        maker.add(f"p{number}", text="丘脑出血")
    maker.save()
    for number in range(2):
        change(path_of(maker, f"masks/p{number}_hematoma.nii.gz"), lambda v: v * 255)
    path_of(maker, "records/p2.txt").write_text("丘脑出血\ufffd", encoding="utf-8")
    out = tmp_path / "check.json"
    said = command(main, maker.folder, "--output", out).stdout
    first = path_of(maker, "masks/p0_hematoma.nii.gz")
    assert f"Note: 2 of 3 cases (mask values), such as p0: {first}: is written with 0/255" in said
    assert f"Note: p2: {path_of(maker, 'records/p2.txt')}: holds characters damaged" in said
    assert f"Note: Each with its ids: {out}" in said
    report = json.loads(out.read_text(encoding="utf-8"))
    assert undescribed(CheckFile, report) == []
    assert report["notes"] == {"mask values": ["p0", "p1"], "damaged text": ["p2"]}
    (note,) = report["cases"][0]["notes"]
    assert (note["file"], note["kind"]) == (str(first), "mask values")


def test_order_of_cases_is_the_manifests_however_many_work(maker: Any) -> None:
    names = [f"p{i}" for i in range(12)]
    for name in names:
        maker.add(name, ct=False, text="丘脑出血")
    maker.save()
    assert list(check(maker.folder, workers=4).cases) == names


def test_interrupted_check_writes_nothing(
    command: Any, maker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ctrl_c: Any
) -> None:
    maker.add("p1").save()
    monkeypatch.setattr("cohort.check.check_case", ctrl_c)
    result = command(main, maker.folder, "--output", tmp_path / "check.json")
    assert result.exit_code == 130
    assert not (tmp_path / "check.json").exists()
