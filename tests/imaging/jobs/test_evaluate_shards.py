"""Evaluating case by case makes the files that evaluating at once makes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError
from cohort.schema.manifest import Cohort
from cohort.schema.split import Split
from cohort.space.file_types import read_header, read_volume
from cohort.space.nifti.volume import save_volume
from cohort.work.job import Shard, Way
from cohort.work.ledger import work_folder
from hich.merge.__main__ import merge
from imaging.evaluate import Part, evaluate, evaluate_by_case, main
from imaging.jobs.evaluate import EvaluateJob
from imaging.model import precision
from imaging.model.precision import cpu_has_bfloat16

RESUME = Way(resume=True)
PARTS: tuple[Part, ...] = ("test", "val")


@pytest.fixture(autouse=True)
def _precision_of_its_own() -> Iterator[None]:
    """What a job decides of bfloat16 holds for its process, in which other tests run after it."""
    before = list(precision._decided)
    yield
    precision._decided[:] = before


@pytest.fixture
def given(oracle: Path, phantom_cohort: Path, make_split: Any) -> tuple[Path, Path, Path]:
    """Return a model, a cohort, and a split of two cases to test and one to validate."""
    return oracle, phantom_cohort, make_split({"p1": "test", "p2": "val", "p3": "test"})


@pytest.fixture
def plain(given: tuple[Path, Path, Path], tmp_path: Path) -> dict[str, bytes]:
    """Return the files that one machine makes at once."""
    for part in PARTS:
        evaluate(*given, part, tmp_path / "plain")
    return contents(tmp_path / "plain")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def by_case(given: tuple[Path, Path, Path], out: Path, way: Way, **how: Any) -> list[Any]:
    return evaluate_by_case(*given, PARTS, out, way=way, **how)


def shard(number: int, of: int = 2, **more: Any) -> Way:
    return Way(Shard(number, of), in_shards=True, **more)


def scored(out: Path) -> dict[str, float]:
    cases = (work_folder(out) / "cases").rglob("*.json")
    return {path.stem: path.stat().st_mtime_ns for path in cases}


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_shards_in_any_order_make_the_same_files(
    given: Any, plain: dict[str, bytes], tmp_path: Path, order: tuple[int, int]
) -> None:
    out = tmp_path / "out"
    for number in order:
        assert by_case(given, out, shard(number)) == []
        assert not out.exists()
    lines, failures = merge(out)
    assert contents(out) == plain and failures == {}
    assert lines[0].startswith("2 cases of the part 'test'")
    merge(out)  # and again
    assert contents(out) == plain


def test_a_run_that_was_stopped_goes_on(
    given: Any, plain: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imaging.scores import evaluator

    whole, begun = evaluator.score_cases, []

    def stopped(*given: Any, **how: Any) -> Any:
        begun.append(given[2][0].id)
        if len(begun) == 2:
            raise KeyboardInterrupt
        return whole(*given, **how)

    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr(evaluator, "score_cases", stopped)
        with pytest.raises(KeyboardInterrupt):
            by_case(given, out, RESUME)
    before = scored(out)
    assert list(before) == ["p1"] and not out.exists()
    by_case(given, out, RESUME)
    assert scored(out)["p1"] == before["p1"]
    assert contents(out) == plain


def test_one_machine_ends_what_a_shard_began_part_by_part(
    given: Any, plain: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    by_case(given, out, shard(1))
    before = scored(out)
    for part in PARTS:
        evaluate_by_case(*given, [part], out, way=RESUME)
    assert contents(out) == plain
    assert before.items() <= scored(out).items()


@pytest.mark.parametrize("what", ["scan", "mask", "split"])
def test_what_changed_is_scored_again(
    given: Any, make_split: Any, tmp_path: Path, what: str, capsys: pytest.CaptureFixture
) -> None:
    model, cohort, split = given
    out = tmp_path / "out"
    by_case(given, out, RESUME)
    before = scored(out)
    if what == "split":
        slices = {"p1": ["test"] * 4 + ["train"] * 3, "p2": ["val"] * 7, "p3": ["test"] * 7}
        split = make_split({}, slices)
    else:
        name = "images/p3.nii.gz" if what == "scan" else "masks/p3_hematoma.nii.gz"
        path = cohort / name
        voxels, affine = read_volume(path)[0].copy(), read_header(path).affine
        voxels[0, 0, 0] += 1
        path.unlink()
        save_volume(path, voxels, affine)
    by_case((model, cohort, split), out, RESUME)
    now = scored(out)
    changed = {case for case in now if now[case] != before[case]}
    assert changed == ({"p1", "p2", "p3"} if what == "split" else {"p3"})
    assert f"done again: {len(changed)}" in capsys.readouterr().err
    for part in PARTS:
        evaluate(model, cohort, split, part, tmp_path / "anew")
    assert contents(out) == contents(tmp_path / "anew")


def test_a_case_that_fails_is_named_and_no_scores_are_made_of_the_rest(
    given: Any, plain: dict[str, bytes], tmp_path: Path
) -> None:
    path = given[1] / "masks/p1_hematoma.nii.gz"
    whole = path.read_bytes()
    path.write_bytes(b"no mask")
    out = tmp_path / "out"
    with pytest.raises(DataError, match="p1_hematoma"):
        by_case(given, out, shard(1))
    by_case(given, out, shard(2))
    with pytest.raises(DataError, match="p1_hematoma"):
        merge(out)
    assert not out.exists() and set(scored(out)) == {"p2", "p3"}
    failed = (work_folder(out) / "failed.csv").read_text(encoding="utf-8-sig").splitlines()
    assert failed[1].startswith("test/p1,") and len(failed) == 2
    path.write_bytes(whole)
    by_case(given, out, shard(1, resume=True, retry_failed=True))
    merge(out)
    assert contents(out) == plain


def test_what_failed_is_tried_again_when_that_is_wanted(
    given: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imaging.scores import evaluator

    def out_of_memory(*given: Any, **how: Any) -> Any:
        raise DataError("the process that worked on it ended")

    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr(evaluator, "score_cases", out_of_memory)
        with pytest.raises(DataError):
            by_case(given, out, RESUME)
    with pytest.raises(DataError, match="ended"):
        by_case(given, out, RESUME)  # not tried
    assert len(by_case(given, out, Way(resume=True, retry_failed=True))) == 2


def test_shards_of_other_precision_are_not_merged(
    given: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    by_case(given, out, shard(1))
    other = not cpu_has_bfloat16()
    monkeypatch.setattr("imaging.jobs.evaluate.cpu_has_bfloat16", lambda: other)
    with pytest.raises(DataError, match="with something else: options"):
        by_case(given, out, shard(2))
    by_case(given, out, shard(2, resume=True))
    with pytest.raises(DataError, match=r"2 items made with other options.*shard 1/2"):
        merge(out)
    assert not out.exists()


def test_workers_compute_as_the_driver_decided(given: Any, tmp_path: Path) -> None:
    from imaging.model.bundle import load_bundle

    cohort, split = Cohort.load(given[1]), Split.load(given[2])
    job = EvaluateJob.of(load_bundle(given[0]), cohort, split, tmp_path / "out")
    job.bfloat16 = not cpu_has_bfloat16()
    job.load()
    assert cpu_has_bfloat16() is job.bfloat16


def test_workers_make_the_same_files(given: Any, plain: dict[str, bytes], tmp_path: Path) -> None:
    by_case(given, tmp_path / "out", Way(resume=True, processes=2))
    assert contents(tmp_path / "out") == plain


def test_command(given: Any, tmp_path: Path, command: Any) -> None:
    model, cohort, split = given
    line = (model, cohort, "--split", split, "--output", tmp_path / "out")
    for wrong in (["--shard", "0/2"], ["--shard", "x"], ["--retry-failed"]):
        assert command(main, *line, *wrong).exit_code == 2
    end = command(main, *line, "--resume", "--predictions", tmp_path / "masks")
    assert end.exit_code == 2 and "hich predict" in end.stderr
    assert not (tmp_path / "out").exists() and not work_folder(tmp_path / "out").exists()
    end = command(main, *line, "--shard", "1/1")
    assert end.exit_code == 0 and f"hich merge {tmp_path / 'out'}" in end.stderr
    end = command(main, *line, "--resume")
    assert end.exit_code == 0 and "2 cases of the part 'test'" in end.stdout
    assert "kept: 2 results" in end.stderr
    said = json.loads((tmp_path / "out/provenance.json").read_text(encoding="utf-8"))
    assert "test.json" in said["runs"][0]["made"]


def test_scores_in_packs_make_the_same_files(
    given: Any, plain: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "metrics"
    for number in (1, 2):
        by_case(given, out, shard(number, pack=10))
    assert scored(out) == {}
    merge(out)
    assert contents(out) == plain
