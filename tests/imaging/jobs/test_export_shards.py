"""Exporting scan by scan makes the corpus that exporting at once makes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError
from cohort.schema.manifest import Cohort
from cohort.schema.split import Split
from cohort.work.job import Shard, Way
from cohort.work.ledger import work_folder
from hich.merge.__main__ import merge
from imaging.export import export_cohort, export_files, main
from imaging.scans.preprocess import Preprocess

RESUME = Way(resume=True)
WINDOWS = {"brain": (0, 80), "blood": (-20, 180), "bone": (-500, 1300)}
PREPROCESS = Preprocess(WINDOWS, 2.0)
CONFIG = "preprocess:\n  windows: {brain: [0, 80], blood: [-20, 180], bone: [-500, 1300]}\n"


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def shard(number: int, of: int = 2, **more: Any) -> Way:
    return Way(Shard(number, of), in_shards=True, **more)


def made(out: Path) -> dict[str, float]:
    cases = work_folder(out) / "cases"
    return {
        path.name: max(p.stat().st_mtime_ns for p in path.rglob("*")) for path in cases.iterdir()
    }


@pytest.fixture
def export(phantom_cohort: Path, make_split: Callable) -> Callable[..., Any]:
    """Return a function that exports three cases, one of each part of train and val, one of no."""
    split = Split.load(make_split({"p1": "train", "p2": "val"}))

    def call(out: Path, *way: Way, split: Split = split, preprocess: Any = PREPROCESS) -> Any:
        return export_cohort(Cohort.load(phantom_cohort), out, preprocess, split, False, *way)

    return call


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_shards_in_any_order_make_the_same_corpus(
    export: Callable, tmp_path: Path, order: tuple[int, int]
) -> None:
    plain, out = export(tmp_path / "plain"), tmp_path / "out"
    for number in order:
        assert export(out, shard(number)) is None
        assert not out.exists()
    (said,), failures = merge(out)
    assert tree(out) == tree(tmp_path / "plain") and failures == {}
    assert (out / "test").is_dir()  # without any slices
    assert said.startswith("14 slices of 2 scans")
    again = export(out, RESUME)  # all is kept
    assert tree(out) == tree(tmp_path / "plain")
    assert (again.slices, again.cases, again.left_out) == (
        plain.slices,
        plain.cases,
        plain.left_out,
    )
    assert [*again.notes.items()] == [*plain.notes.items()]


def test_a_split_by_slice_is_exported_alike(
    export: Callable, make_split: Callable, tmp_path: Path
) -> None:
    parts = ["train"] * 3 + ["val"] + ["test"] * 3
    split = Split.load(make_split({}, dict.fromkeys(("p1", "p2", "p3"), parts)))
    export(tmp_path / "plain", split=split)
    export(tmp_path / "out", RESUME, split=split)
    assert tree(tmp_path / "out") == tree(tmp_path / "plain")
    # Another split puts slices elsewhere, and leaves none where they were.
    export(tmp_path / "plain")
    export(tmp_path / "out", RESUME)
    assert tree(tmp_path / "out") == tree(tmp_path / "plain")


def test_a_run_that_was_stopped_goes_on(
    export: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imaging.jobs import export as jobs

    whole, out = jobs.export_scan, tmp_path / "out"

    def stopped(name: str, *given: Any) -> Any:
        result = whole(name, *given)
        if name == "p2":  # its files are there, but nobody has noted that they are all
            raise KeyboardInterrupt
        return result

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "export_scan", stopped)
        patched.setattr("cohort.work.threads.cores", lambda: 1)
        with pytest.raises(KeyboardInterrupt):
            export(out, RESUME)
    before = made(out)
    assert set(before) == {"p1", "p2"} and not out.exists()
    export(out, RESUME)
    assert made(out)["p1"] == before["p1"] and made(out)["p2"] > before["p2"]
    export(tmp_path / "plain")
    assert tree(out) == tree(tmp_path / "plain")


def test_what_changed_is_exported_again(
    export: Callable, phantom: Callable, phantom_cohort: Path, tmp_path: Path, capsys: Any
) -> None:
    out = tmp_path / "out"
    export(out, RESUME)
    before = made(out)
    mask = phantom_cohort / "masks/p1_hematoma.nii.gz"
    mask.write_bytes((phantom_cohort / "masks/p1_outer_blood.nii.gz").read_bytes())
    slice_ = out / "val/p2_003.png"
    slice_.write_bytes(slice_.read_bytes() + b"\0")  # the same file as in the work folder, or not
    export(out, RESUME)
    changed = {case for case, time in made(out).items() if time != before[case]}
    assert "p1" in changed
    assert "done again:" in capsys.readouterr().err
    export(tmp_path / "plain")
    assert tree(out) == tree(tmp_path / "plain")


def test_the_corpus_stays_as_it_was_until_all_of_the_next_is_there(
    export: Callable, phantom_cohort: Path, tmp_path: Path
) -> None:
    """Its files are those of the work folder under a second name, where there are hard links."""
    out = tmp_path / "out"
    export(out, RESUME)
    before = tree(out)
    mask = phantom_cohort / "masks/p1_hematoma.nii.gz"
    mask.write_bytes((phantom_cohort / "masks/p1_outer_blood.nii.gz").read_bytes())
    (phantom_cohort / "images/p2.nii.gz").write_bytes(b"no scan")
    with pytest.raises(DataError, match=r"p2\.nii"):
        export(out, RESUME)
    assert tree(out) == before


def test_other_windows_are_another_export(export: Callable, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(out, shard(1))
    turned = Preprocess(dict(reversed(WINDOWS.items())), 2.0)
    with pytest.raises(DataError, match="with something else: options"):
        export(out, shard(2), preprocess=turned)
    export(out, shard(2, resume=True), preprocess=turned)
    with pytest.raises(DataError, match=r"2 items made with other options.*shard 1/2"):
        merge(out)


def test_slices_of_two_splits_are_not_merged(
    export: Callable, make_split: Callable, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    export(out, shard(1))
    other = Split.load(make_split({"p1": "val", "p2": "train"}))
    with pytest.raises(DataError, match="with something else: options"):
        export(out, shard(2), split=other)
    export(out, shard(2, resume=True), split=other)
    with pytest.raises(DataError, match=r"2 items made with other options.*shard 1/2"):
        merge(out)


def test_a_scan_that_fails_is_named_and_no_corpus_is_made_of_the_rest(
    export: Callable, phantom_cohort: Path, tmp_path: Path
) -> None:
    image, out = phantom_cohort / "images/p1.nii.gz", tmp_path / "out"
    whole = image.read_bytes()
    image.write_bytes(b"no scan")
    with pytest.raises(DataError, match=r"p1\.nii"):
        export(out, shard(1))
    export(out, shard(2))
    with pytest.raises(DataError, match=r"p1\.nii"):
        merge(out)
    assert not out.exists()
    assert "p1," in (work_folder(out) / "failed.csv").read_text(encoding="utf-8-sig")
    image.write_bytes(whole)
    export(out, shard(1, resume=True))
    merge(out)
    export(tmp_path / "plain")
    assert tree(out) == tree(tmp_path / "plain")


def test_other_files_are_not_replaced(export: Callable, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match="holds other files"):
        export(out, shard(1))
    assert not work_folder(out).exists()


def test_pictures_of_plain_scans(phantom: Callable, tmp_path: Path) -> None:
    for case in ("p1", "p2"):
        phantom(tmp_path / f"scans/{case}.nii.gz", "RAS")
    scans = [tmp_path / "scans"]
    export_files(scans, tmp_path / "plain", PREPROCESS, "blood")
    for number in (2, 1):
        export_files(scans, tmp_path / "out", PREPROCESS, "blood", way=shard(number))
    merge(tmp_path / "out")
    assert tree(tmp_path / "out") == tree(tmp_path / "plain")


def test_workers_make_the_same_corpus(export: Callable, tmp_path: Path) -> None:
    export(tmp_path / "plain")
    export(tmp_path / "out", Way(resume=True, processes=2))
    assert tree(tmp_path / "out") == tree(tmp_path / "plain")


def test_command(phantom_cohort: Path, tmp_path: Path, command: Any) -> None:
    (tmp_path / "net.yaml").write_text(CONFIG, encoding="utf-8")
    out = tmp_path / "out"
    line = (phantom_cohort, out, "--config", tmp_path / "net.yaml")
    for wrong in (["--shard", "0/2"], ["--shard", "3/2"], ["--retry-failed"]):
        assert command(main, *line, *wrong).exit_code == 2
    assert not work_folder(out).exists()
    end = command(main, *line, "--shard", "1/1")
    assert (end.exit_code, end.stdout) == (0, "") and f"hich merge {out}" in end.stderr
    end = command(main, *line, "--resume")
    assert end.exit_code == 0 and "21 slices of 3 scans" in end.stdout
    assert "kept: 3 results" in end.stderr and (out / "provenance.json").is_file()


def test_slices_in_packs_make_the_same_corpus(export: Callable, tmp_path: Path) -> None:
    export(tmp_path / "plain")
    out = tmp_path / "out"
    for number in (1, 2):
        export(out, shard(number, pack=1))
    inside = [path for path in work_folder(out).rglob("*") if path.suffix == ".png"]
    assert inside == [] and not list((work_folder(out) / "cases").glob("*"))
    merge(out)
    assert tree(out) == tree(tmp_path / "plain")
    export(out, RESUME)  # all is kept
    assert tree(out) == tree(tmp_path / "plain")
