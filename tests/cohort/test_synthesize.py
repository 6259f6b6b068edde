"""The command that makes a cohort."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from cohort import synthesize as command
from cohort.base.cli import run
from cohort.base.errors import DataError, UsageError
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.manifest import Cohort
from cohort.synthesize import synthesize
from cohort.tags.tag_file import read_bioes

TINY = {"size": 64, "slices": 8}


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["synthesize", *arguments])
    with pytest.raises(SystemExit) as end:
        run(command.main)
    return int(end.value.code or 0)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "cohort"
    synthesize(out, 3, seed=7, processes=1, **TINY)
    return out


def test_cohort_is_complete_and_says_it_is_made_up(three: Path) -> None:
    cohort = Cohort.load(three)
    assert [case.id for case in cohort.cases] == ["synth-0001", "synth-0002", "synth-0003"]
    assert cohort.provenance["generator"] == "cohort.synthesize"
    assert cohort.provenance["seed"] == 7
    assert "no patients" in cohort.provenance["note"]
    for case in cohort.cases:
        assert tuple(case.masks) == STRUCTURE_IDS
        image = nib.load(cohort.path(str(case.image)))
        assert image.shape == (64, 64, 8)
        assert image.get_data_dtype() == np.int16
        for relative in case.masks.values():
            mask = nib.load(cohort.path(relative))
            assert mask.get_data_dtype() == np.uint8
            assert np.array_equal(mask.affine, image.affine)


def test_record_fits_its_tags_and_truth_tells_the_story(three: Path) -> None:
    cohort = Cohort.load(three)
    truth = json.loads((three / "truth.json").read_text(encoding="utf-8"))
    assert list(truth) == [case.id for case in cohort.cases]
    for case in cohort.cases:
        text = cohort.path(str(case.record)).read_text(encoding="utf-8")
        tags = read_bioes(cohort.path(str(case.tags)), text)
        assert any(tag != "O" for tag in tags)
        image = nib.load(cohort.path(str(case.image)))
        mask = nib.load(cohort.path(case.masks["hematoma"]))
        voxel = abs(np.linalg.det(image.affine[:3, :3])) / 1000
        measured = np.asarray(mask.dataobj).sum() * voxel
        assert truth[case.id]["volume_ml"] == pytest.approx(measured, abs=0.06)


def test_same_seed_gives_the_same_bytes_whatever_the_number_of_processes_and_cases(
    three: Path, tmp_path: Path
) -> None:
    first = hashes(three)
    synthesize(tmp_path / "a" / "cohort", 3, seed=7, processes=2, **TINY)
    assert hashes(tmp_path / "a" / "cohort") == first
    synthesize(tmp_path / "b" / "cohort", 1, seed=7, processes=1, **TINY)
    one = hashes(tmp_path / "b" / "cohort")
    files = [name for name in one if "synth-0001" in name]
    assert len(files) == 3 + len(STRUCTURE_IDS)
    assert {name: one[name] for name in files} == {name: first[name] for name in files}


def test_another_seed_gives_other_cases(three: Path, tmp_path: Path) -> None:
    synthesize(tmp_path / "cohort", 1, seed=8, processes=1, **TINY)
    name = "images/synth-0001.nii.gz"
    assert (tmp_path / "cohort" / name).read_bytes() != (three / name).read_bytes()


def test_generated_cohort_is_replaced(tmp_path: Path) -> None:
    synthesize(tmp_path / "cohort", 2, processes=1, **TINY)
    synthesize(tmp_path / "cohort", 1, processes=1, **TINY)
    assert len(Cohort.load(tmp_path / "cohort").cases) == 1
    assert not list((tmp_path / "cohort").rglob("*synth-0002*"))
    assert [path.name for path in tmp_path.iterdir()] == ["cohort"]


@pytest.mark.parametrize(
    "manifest", ['{"cases": [], "provenance": {"source": "my hospital"}}', "not json", "[1]"]
)
def test_real_cohort_is_never_overwritten(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "cohort.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(DataError, match="not generated, so it is not overwritten"):
        synthesize(tmp_path, 1, **TINY)
    assert (tmp_path / "cohort.json").read_text(encoding="utf-8") == manifest


def test_folder_with_other_files_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DataError, match="holds other files"):
        synthesize(tmp_path, 1, **TINY)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("damage", ["delete", "cut off"])
def test_generated_cohort_that_lost_its_manifest_is_made_again(
    three: Path, tmp_path: Path, damage: str
) -> None:
    folder = shutil.copytree(three, tmp_path / "cohort")
    (folder / "cohort.json").unlink()
    (folder / "masks/synth-0002_midline.nii.gz").unlink()
    if damage == "cut off":
        (folder / "cohort.json").write_bytes((three / "cohort.json").read_bytes()[:100])
    synthesize(folder, 3, seed=7, processes=1, **TINY)
    assert hashes(folder) == hashes(three)


@pytest.mark.parametrize("name", ["masks/synth-0009_midline.nii.gz", "masks/p1.nii.gz", "my.txt"])
def test_one_that_holds_other_files_too_is_not(three: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(three, tmp_path / "cohort")
    (folder / "cohort.json").unlink()
    (folder / name).write_text("mine")
    with pytest.raises(DataError, match="holds other files .* move them away, or name a new"):
        synthesize(folder, 3, seed=7, processes=1, **TINY)
    assert (folder / name).read_text() == "mine"


@pytest.mark.parametrize("processes", [1, 2])
def test_failure_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "masks/x.nii.gz")

    monkeypatch.setattr("cohort.jobs.generated.write_json", full)
    with pytest.raises(OSError, match="No space left"):
        synthesize(tmp_path / "cohort", 2, processes=processes, **TINY)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"cases": 0}, "--cases 0"),
        ({"cases": 1, "seed": -1}, "--seed -1"),
        ({"cases": 1, "size": 16}, "--size 16"),
        ({"cases": 1, "slices": 1}, "--slices 1"),
        ({"cases": 1, "processes": 0}, "--processes 0"),
    ],
)
def test_numbers_without_sense_are_bad_usage(
    tmp_path: Path, numbers: dict[str, int], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        synthesize(tmp_path / "cohort", **numbers)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_for_another_cohort_generates_nothing(
    three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "synthetic"
    assert call(monkeypatch, str(out), "--for", str(three)) == 0
    assert "is used as it is" in " ".join(capsys.readouterr().err.split())
    assert not out.exists()


def test_for_a_folder_without_manifest_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "synthetic"
    assert call(monkeypatch, str(out), "--for", str(tmp_path / "mine")) == 1
    assert "no such cohort folder" in capsys.readouterr().err
    (tmp_path / "mine").mkdir()
    assert call(monkeypatch, str(out), "--for", str(tmp_path / "mine")) == 1
    assert "holds no cohort.json" in capsys.readouterr().err
    assert not out.exists()


def test_for_the_same_folder_generates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    numbers = ["--cases", "1", "--size", "64", "--slices", "8"]
    assert call(monkeypatch, "made/cohort", *numbers, "--for", "./made/../made/cohort") == 0
    assert len(Cohort.load(tmp_path / "made" / "cohort").cases) == 1
    (story,) = json.loads((tmp_path / "made" / "cohort" / "truth.json").read_text("utf-8")).values()
    said = " ".join(capsys.readouterr().err.split())
    assert "1 generated case in made/cohort: 1 " in said
    assert f" {story['volume_ml']:.1f} mL, " in said and " to " not in said


def test_bad_usage_and_bad_data_have_their_exit_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    assert call(monkeypatch, str(tmp_path / "cohort"), "--cases", "0") == 2
    assert "at least 1 case" in capsys.readouterr().err
    (tmp_path / "thesis.txt").write_text("mine")
    assert call(monkeypatch, str(tmp_path), "--cases", "1") == 1
    assert "holds other files" in capsys.readouterr().err
