"""Generating case by case makes the cohort that generating at once makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError
from cohort.synthesize import main, synthesize
from cohort.work.job import Shard, Way
from cohort.work.ledger import work_folder
from hich.merge.__main__ import merge

RESUME = Way(resume=True)
TINY: dict[str, Any] = {"seed": 7, "size": 64, "slices": 8, "processes": 1}


def shard(number: int, of: int = 2, **more: Any) -> Way:
    return Way(Shard(number, of), in_shards=True, **more)


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def made(out: Path) -> dict[str, int]:
    images = (work_folder(out) / "cases").rglob("*.bioes")  # the last of a case's files
    return {path.stem: path.stat().st_mtime_ns for path in images}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the cohort that one machine makes at once."""
    out = tmp_path_factory.mktemp("plain") / "cohort"
    synthesize(out, 3, **TINY)
    return tree(out)


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_shards_in_any_order_make_the_same_cohort(
    plain: dict[str, bytes], tmp_path: Path, order: tuple[int, int]
) -> None:
    out = tmp_path / "cohort"
    for number in order:
        assert synthesize(out, 3, **TINY, way=shard(number)) == {}
        assert not out.exists()
    (said,), failures = merge(out)
    assert tree(out) == plain and failures == {}
    assert said.startswith("3 generated cases")
    before = made(out)
    stories = synthesize(out, 3, **TINY, way=RESUME)  # all is kept
    assert made(out) == before and tree(out) == plain
    assert stories == synthesize(tmp_path / "again/cohort", 3, **TINY)


def test_a_run_that_was_stopped_goes_on_and_more_cases_are_added(
    plain: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cohort.jobs import synthesize as jobs

    whole, out = jobs.make_case, tmp_path / "cohort"

    def stopped(folder: Path, number: int, order: Any) -> Any:
        if number == 2:
            raise KeyboardInterrupt
        return whole(folder, number, order)

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "make_case", stopped)
        with pytest.raises(KeyboardInterrupt):
            synthesize(out, 2, **TINY, way=RESUME)
    before = made(out)
    assert list(before) == ["synth-0001"] and not out.exists()
    synthesize(out, 3, **TINY, way=RESUME)
    assert before.items() <= made(out).items() and tree(out) == plain


def test_another_seed_makes_all_again(
    plain: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "cohort"
    synthesize(out, 2, **{**TINY, "seed": 8}, way=shard(1))
    with pytest.raises(DataError, match="with something else: options"):
        synthesize(out, 2, **TINY, way=shard(2))
    synthesize(out, 3, **TINY, way=RESUME)
    assert "done again: 1" in capsys.readouterr().err and tree(out) == plain


def test_a_file_that_was_changed_is_made_again(plain: dict[str, bytes], tmp_path: Path) -> None:
    out = tmp_path / "cohort"
    synthesize(out, 3, **TINY, way=shard(1, 1))
    record = next((work_folder(out) / "cases/synth-0002/records").glob("*.txt"))
    record.write_text("changed", encoding="utf-8")
    with pytest.raises(DataError, match=r"changed since.*synth-0002"):
        merge(out)
    synthesize(out, 3, **TINY, way=RESUME)
    assert tree(out) == plain


def test_a_case_that_failed_is_named_and_tried_again(
    plain: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cohort.jobs import synthesize as jobs

    out = tmp_path / "cohort"

    def lost(*_: object) -> Any:
        raise DataError("the process that worked on it ended 3 times")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "make_case", lost)
        with pytest.raises(DataError, match="ended 3 times"):
            synthesize(out, 3, **TINY, way=shard(2))
    synthesize(out, 3, **TINY, way=shard(1))
    with pytest.raises(DataError, match="ended 3 times"):
        merge(out)
    assert not out.exists()
    failed = (work_folder(out) / "failed.csv").read_text(encoding="utf-8-sig")
    assert failed.splitlines()[1].startswith("synth-0002,")
    synthesize(out, 3, **TINY, way=shard(2, resume=True, retry_failed=True))
    merge(out)
    assert tree(out) == plain


def test_processes_share_the_cases(plain: dict[str, bytes], tmp_path: Path) -> None:
    out = tmp_path / "cohort"
    synthesize(out, 3, **{**TINY, "processes": 2}, way=RESUME)
    assert tree(out) == plain


def test_what_is_no_generated_cohort_is_not_replaced(tmp_path: Path) -> None:
    out = tmp_path / "cohort"
    out.mkdir()
    (out / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match="holds other files"):
        synthesize(out, 2, **TINY, way=shard(1))
    assert not work_folder(out).exists()


def test_command(tmp_path: Path, command: Any) -> None:
    out = tmp_path / "cohort"
    line = (out, "--cases", 1, "--size", 64, "--slices", 8, "--processes", 1)
    wrong = ["--shard", "0/2"], ["--shard", "1"], ["--retry-failed"]
    for words in wrong:
        assert command(main, *line, *words).exit_code == 2
    end = command(main, *line[:-1], 2, "--ray", "local")
    assert end.exit_code == 2 and "leave --processes out" in end.stderr
    end = command(main, *line, "--shard", "1/1")
    assert end.exit_code == 0 and f"hich merge {out}" in end.stderr
    assert not out.exists()
    end = command(main, *line, "--resume")
    assert end.exit_code == 0 and "1 generated case in" in end.stderr
    assert json.loads((out / "truth.json").read_text(encoding="utf-8")).keys() == {"synth-0001"}


def test_cases_in_packs_make_the_same_cohort(plain: dict[str, bytes], tmp_path: Path) -> None:
    out = tmp_path / "cohort"
    for number in (1, 2):
        synthesize(out, 3, **TINY, way=shard(number, pack=2))
    assert not list((work_folder(out) / "cases").iterdir())
    assert len(list((work_folder(out) / "packs").iterdir())) == 2
    merge(out)
    assert tree(out) == plain
