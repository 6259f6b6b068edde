"""Many patients read by several machines: the scans in shards, then all else at once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from cohort.base.code.contents import PROVENANCE
from cohort.base.errors import DataError
from cohort.work.job import Shard, Way
from hich.merge.__main__ import merge
from hich.read.__main__ import main
from hich.read.build import WORKBOOK, read

WORK = "predictions/imaging.work/"


def tree(out: Path) -> dict[str, bytes]:
    """Return what is in a folder, without what tells how it was made; of a workbook the cells."""
    files = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    found = {
        name: path.read_bytes()
        for name, path in files.items()
        if not name.startswith(WORK) and path.name != PROVENANCE
    }
    rows = load_workbook(out / WORKBOOK).active.values
    return {**found, WORKBOOK: repr(list(rows)).encode()}  # the file itself says when it was made


def plainly(scans: Path, out: Path, model: Path) -> tuple[dict[str, bytes], list[Any]]:
    """Return what one machine makes of the same, in the same place, and what failed."""
    there = out.with_name("there")
    if out.exists():
        out.rename(there)
    result = read(scans, out, model=model, processes=1)
    found = tree(out), result.failures
    shutil.rmtree(out)
    if there.exists():
        there.rename(out)
    return found


def times(out: Path) -> dict[str, int]:
    folder = out / "predictions/imaging"
    return {path.stem: path.stat().st_mtime_ns for path in folder.glob("*.json")}


def shard(number: int, of: int = 2, **more: Any) -> Way:
    return Way(Shard(number, of), resume=True, in_shards=True, **more)


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_shards_in_any_order_and_a_last_line_make_the_same_folder(
    phantoms: Path, oracle: Path, tmp_path: Path, order: tuple[int, int]
) -> None:
    how: dict[str, Any] = {"model": oracle, "processes": 1}
    out = tmp_path / "out"
    plain, failures = plainly(phantoms, out, oracle)
    failed = []
    for number in order:
        result = read(phantoms, out, **how, way=shard(number))
        assert result.report is None
        failed += result.failures
    assert [failure.case for failure in failed] == ["p3"]
    assert failed[0].why.startswith(f"{phantoms / 'p3.nii.gz'}: ")
    # Scans alone are done, and no shard leaves its cohort of links behind.
    assert {path.name for path in out.iterdir()} == {"predictions"}
    assert {path.name for path in (out / "predictions").iterdir()} == {"imaging", "imaging.work"}
    before = times(out)
    assert set(before) == {"p1", "p2"}
    result = read(phantoms, out, **how)
    assert times(out) == before  # no scan is segmented twice
    assert result.failures == failures
    assert tree(out) == plain


def test_what_changed_since_its_shard_is_segmented_again(
    phantoms: Path, oracle: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "out"
    (phantoms / "p3.nii.gz").unlink()
    read(phantoms, out, model=oracle, processes=1, way=shard(1))
    before = times(out)
    scan = phantoms / "p1.nii.gz"
    scan.write_bytes(scan.read_bytes() + b"\0" * 8)  # the same voxels in another file
    capsys.readouterr()
    read(phantoms, out, model=oracle, processes=1)
    assert times(out)["p1"] > before["p1"]
    assert "done again: 1" in capsys.readouterr().err
    assert tree(out) == plainly(phantoms, out, oracle)[0]


def test_a_shard_goes_on_where_it_was_stopped(
    phantoms: Path, oracle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imaging.prediction import scan

    whole, out = scan.write_prediction, tmp_path / "out"

    def stopped(bundle: Any, read: Any, *more: Any, **how: Any) -> Any:
        if read.scan.id == "p2":
            raise KeyboardInterrupt
        return whole(bundle, read, *more, **how)

    with monkeypatch.context() as patched:
        patched.setattr(scan, "write_prediction", stopped)
        with pytest.raises(KeyboardInterrupt):
            read(phantoms, out, model=oracle, way=shard(1, 1))
    before = times(out)
    assert set(before) == {"p1"}
    read(phantoms, out, model=oracle, way=shard(1, 1))
    assert times(out)["p1"] == before["p1"] and set(times(out)) == {"p1", "p2"}


def test_what_is_done_is_no_other_model_s(
    phantoms: Path, oracle: Path, coarse: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "out"
    (phantoms / "p3.nii.gz").unlink()
    read(phantoms, out, model=coarse, processes=1, way=shard(1, 1))
    read(phantoms, out, model=oracle, processes=1)
    assert "done again: 2" in capsys.readouterr().err
    assert tree(out) == plainly(phantoms, out, oracle)[0]


def test_command(phantoms: Path, oracle: Path, tmp_path: Path, command: Any) -> None:
    out = tmp_path / "out"
    line = (main, phantoms, "--output", out, "--model", oracle)
    for wrong in ("0/2", "3/2", "x"):
        end = command(*line, "--shard", wrong)
        assert end.exit_code == 2 and "I/N" in end.stderr
    assert not out.exists()
    end = command(*line, "--shard", "2/2")
    assert end.exit_code == 0 and "the same line without --shard" in end.stdout
    end = command(*line, "--shard", "1/2")
    assert end.exit_code == 1 and "p3 (ct)" in end.stderr
    with pytest.raises(DataError, match="is of `hich read`; call that again, without --shard"):
        merge(out)


def while_writing(monkeypatch: pytest.MonkeyPatch, scan_id: str, call: Any) -> None:
    """Let something be called once, while the results of a scan are being written."""
    from imaging.prediction import scan

    whole, called = scan.write_prediction, []

    def write(bundle: Any, read: Any, *more: Any, **how: Any) -> Any:
        if read.scan.id == scan_id and not called:
            called.append(scan_id)
            call()
        return whole(bundle, read, *more, **how)

    monkeypatch.setattr(scan, "write_prediction", write)


@pytest.mark.parametrize("way", [shard(1, 1), Way(resume=True)], ids=["shard", "whole"])
def test_a_second_run_of_the_same_changes_nothing(
    phantoms: Path, oracle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    """As a task that is requeued while the first still runs."""
    out = tmp_path / "out"
    said: list[str] = []

    def again() -> None:
        before = sorted(out.rglob("*"))
        with pytest.raises(DataError, match="being done by another process") as refused:
            read(phantoms, out, model=oracle, processes=1, way=way)
        said.append(str(refused.value))
        assert sorted(out.rglob("*")) == before

    with monkeypatch.context() as patched:
        while_writing(patched, "p1", again)
        result = read(phantoms, out, model=oracle, processes=1, way=way)
    assert len(said) == 1
    assert [failure.case for failure in result.failures] == ["p3"]
    assert set(times(out)) == {"p1", "p2"}
    plain, failures = plainly(phantoms, out, oracle)
    result = read(phantoms, out, model=oracle, processes=1)
    assert result.failures == failures and tree(out) == plain


def test_a_task_that_was_killed_is_taken_up_again(
    phantoms: Path, oracle: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    left = out / "predictions/shard-1-of-2"  # as `kill -9` leaves it
    for name in ("cohort/images", "notes/read", ".0123abcd.partial.cohort"):
        (left / name).mkdir(parents=True)
        (left / name / "p9.nii.gz").write_bytes(b"half")
    (out / "predictions/imaging.work/done").mkdir(parents=True)
    (phantoms / "p3.nii.gz").unlink()
    assert read(phantoms, out, model=oracle, way=shard(1)).failures == []
    assert set(times(out)) == {"p1"} and not left.exists()


def test_masks_in_packs_make_the_same_folder(phantoms: Path, oracle: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    plain, failures = plainly(phantoms, out, oracle)
    for number in (1, 2):
        read(phantoms, out, model=oracle, way=shard(number, pack=5))
    assert times(out) == {}
    result = read(phantoms, out, model=oracle, processes=1)
    assert result.failures == failures and tree(out) == plain
