"""Checking case by case makes the report that checking at once makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError
from cohort.check import check_by_case, main
from cohort.work.job import Shard, Way
from cohort.work.ledger import work_folder
from hich.merge.__main__ import main as merge_main
from hich.merge.__main__ import merge

RESUME = Way(resume=True)
TEXT = "患者男，61岁，突发头痛3小时，左侧基底节区出血。"


def shard(number: int, of: int = 2, **more: Any) -> Way:
    return Way(Shard(number, of), in_shards=True, **more)


def found(out: Path) -> dict[str, int]:
    cases = (work_folder(out) / "cases").iterdir()
    return {path.stem: path.stat().st_mtime_ns for path in cases}


@pytest.fixture
def cohort(maker: Any) -> Path:
    """Return five cases: two with one scan and one text, two with something wrong."""
    for name in ("p0", "p1", "p2"):
        maker.add(name, text=TEXT * 10)
    maker.add("p3", ct=False, text="丘脑出血")
    maker.add("p4", ct=False, text=TEXT)
    maker.save()
    (maker.folder / "records/p3.txt").write_bytes("丘脑出血".encode("gb18030"))
    scans = [maker.folder / f"images/p{number}.nii.gz" for number in range(3)]
    scans[1].write_bytes(scans[0].read_bytes())
    scans[2].write_bytes(b"no scan")
    return maker.folder


@pytest.fixture
def plain(cohort: Path, tmp_path: Path, command: Any) -> bytes:
    """Return the report that one machine makes at once."""
    assert command(main, cohort, "--output", tmp_path / "plain.json").exit_code == 1
    return (tmp_path / "plain.json").read_bytes()


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_shards_in_any_order_make_the_same_report(
    cohort: Path, plain: bytes, tmp_path: Path, command: Any, order: tuple[int, int]
) -> None:
    out = tmp_path / "check.json"
    for number in order:
        assert check_by_case(cohort, out, shard(number)) is None
        assert not out.exists()
    end = command(merge_main, out)
    assert end.exit_code == 1 and "p2.nii.gz" in end.stderr and "GB18030" in end.stderr
    assert out.read_bytes() == plain
    kinds = json.loads(plain)["notes"]
    assert kinds["same scan"] == ["p0", "p1"]  # which no shard could have found
    report = check_by_case(cohort, out, RESUME)  # all is kept
    assert report is not None and out.read_bytes() == plain


def test_a_check_that_was_stopped_goes_on(
    cohort: Path, plain: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cohort.jobs import check as jobs

    whole, out = jobs.check_case, tmp_path / "check.json"

    def stopped(cohort: Any, case: Any) -> Any:
        if case.id == "p2":
            raise KeyboardInterrupt
        return whole(cohort, case)

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "check_case", stopped)
        patched.setattr("cohort.work.threads.cores", lambda: 1)
        with pytest.raises(KeyboardInterrupt):
            check_by_case(cohort, out, RESUME)
    before = found(out)
    assert set(before) == {"p0", "p1"} and not out.exists()
    check_by_case(cohort, out, RESUME)
    assert before.items() <= found(out).items() and out.read_bytes() == plain


def test_what_changed_is_checked_again(
    cohort: Path, plain: bytes, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "check.json"
    check_by_case(cohort, out, RESUME)
    before = found(out)
    (cohort / "records/p3.txt").write_text("丘脑出血", encoding="utf-8")
    report = check_by_case(cohort, out, RESUME)
    assert report is not None and report.cases["p3"].problems == []
    assert {case for case, time in found(out).items() if time != before[case]} == {"p3"}
    assert "done again: 1" in capsys.readouterr().err


def test_a_case_whose_process_ended_is_named_and_tried_again(
    cohort: Path, plain: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cohort.jobs import check as jobs

    whole, out = jobs.check_case, tmp_path / "check.json"

    def lost(cohort: Any, case: Any) -> Any:
        if case.id == "p1":
            raise DataError("p1: the process that worked on it ended 3 times")
        return whole(cohort, case)

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "check_case", lost)
        with pytest.raises(DataError, match="p1: the process"):
            check_by_case(cohort, out, shard(1, 1))
    with pytest.raises(DataError, match="p1: the process"):
        merge(out)
    assert not out.exists()
    failed = (work_folder(out) / "failed.csv").read_text(encoding="utf-8-sig").splitlines()
    assert failed[1].startswith("p1,")
    check_by_case(cohort, out, Way(resume=True, retry_failed=True))
    assert out.read_bytes() == plain


def test_a_manifest_that_changed_is_not_merged(cohort: Path, tmp_path: Path, maker: Any) -> None:
    out = tmp_path / "check.json"
    check_by_case(cohort, out, shard(1, 1))
    maker.add("p5", ct=False, text=TEXT).save()
    with pytest.raises(DataError, match="has other cases now"):
        merge(out)
    assert not out.exists()


def test_workers_make_the_same_report(cohort: Path, plain: bytes, tmp_path: Path) -> None:
    check_by_case(cohort, tmp_path / "check.json", Way(resume=True, processes=2))
    assert (tmp_path / "check.json").read_bytes() == plain


def test_command(cohort: Path, tmp_path: Path, command: Any) -> None:
    out = tmp_path / "check.json"
    for wrong in (["--shard", "0/2"], ["--shard", "2"], ["--retry-failed"]):
        assert command(main, cohort, "--output", out, *wrong).exit_code == 2
    end = command(main, cohort, "--resume")
    assert end.exit_code == 2 and "--output FILE" in end.stderr
    end = command(main, cohort, "--output", out, "--shard", "1/1", "--json")
    assert (end.exit_code, end.stdout) == (0, "") and f"hich merge {out}" in end.stderr
    end = command(main, cohort, "--output", out, "--resume", "--json")
    assert end.exit_code == 1 and json.loads(end.stdout) == json.loads(out.read_text("utf-8"))


def test_findings_in_packs_make_the_same_report(cohort: Path, plain: bytes, tmp_path: Path) -> None:
    out = tmp_path / "check.json"
    for number in (1, 2):
        check_by_case(cohort, out, shard(number, pack=2))
    assert found(out) == {}
    with pytest.raises(DataError):  # the problems, as ever
        merge(out)
    assert out.read_bytes() == plain
