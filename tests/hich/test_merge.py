"""Shards and `hich merge` make the bytes that one machine makes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError, UsageError
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.work.job import Shard, Way
from cohort.work.ledger import work_folder
from hich.merge.__main__ import merge
from text.annotate import annotate
from text.annotation.parts import ends_part, part_ids, record_parts, size_of_parts
from text.corpus.records import find_records

RESUME = Way(resume=True)
NOTES = {
    f"n{number:03}": f"男，{40 + number % 40}岁。\n主诉：头痛{number}小时。\n"
    f"CT报告：左侧基底节区出血，约{number}毫升。"
    for number in range(150)
}


def part(number: int, of: int = 3, **more: bool) -> Way:
    return Way(Shard(number, of), in_shards=True, **more)


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "cohort"
    (folder / "records").mkdir(parents=True)
    cases = []
    for name, text in NOTES.items():
        (folder / f"records/{name}.txt").write_text(text, encoding="utf-8")
        cases.append(Case(name, record=f"records/{name}.txt"))
    Cohort(folder, "mine", tuple(cases)).save()
    return folder


LABELS = (
    "hematoma_volume: VOLUME\nmidline_shift: {negated: ~}\nhematoma_site: {basal_ganglia: SITE}\n"
)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
def test_annotating_in_shards_makes_the_same_folder(
    notes: Path, tmp_path: Path, order: tuple[int, ...]
) -> None:
    (tmp_path / "labels.yaml").write_text(LABELS, encoding="utf-8")
    how: dict[str, Any] = {"formats": ["doccano", "bioes"], "labels": tmp_path / "labels.yaml"}
    annotate(None, [notes], tmp_path / "one", **how)
    out = tmp_path / "three"
    for number in order:
        annotate(None, [notes], out, way=part(number), **how)
    assert not out.exists()
    (said,), failures = merge(out)
    assert tree(out) == tree(tmp_path / "one") and failures == {}
    assert said.startswith("150 records")
    before = tree(out)
    again = annotate(None, [notes], out, way=RESUME, **how)  # all is kept
    assert tree(out) == before and again.records == 150


def test_one_machine_ends_what_shards_began(notes: Path, tmp_path: Path) -> None:
    annotate(None, [notes], tmp_path / "one")
    annotate(None, [notes], tmp_path / "two", way=part(1))
    annotate(None, [notes], tmp_path / "two", way=RESUME)
    assert tree(tmp_path / "two") == tree(tmp_path / "one")


def test_a_record_that_changed_changes_one_part(notes: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    annotate(None, [notes], out, way=RESUME)
    parts = work_folder(out) / "parts"
    times = {path.name: path.stat().st_mtime_ns for path in parts.iterdir()}
    (notes / "records/n070.txt").write_text("女，58岁。\n主诉：呕吐。", encoding="utf-8")
    annotate(None, [notes], out, way=RESUME)
    now = {path.name: path.stat().st_mtime_ns for path in parts.iterdir()}
    assert len(times) > 50 and len({*now.items()} - {*times.items()}) == 1
    annotate(None, [notes], tmp_path / "anew")
    assert tree(out) == tree(tmp_path / "anew")


def test_a_record_that_cannot_be_read_does_not_end_the_others(notes: Path, tmp_path: Path) -> None:
    (notes / "records/n003.txt").write_bytes(b"\xff\xfe\x00\x81\x30")
    out = tmp_path / "out"
    annotate(None, [notes], out, way=part(1, 2))
    annotate(None, [notes], out, way=part(2, 2))
    (said,), failures = merge(out)
    assert said.startswith("149 records") and list(failures) == ["n003.txt"]
    failed = (work_folder(out) / "failed.csv").read_text(encoding="utf-8-sig")
    assert "n003.txt" in failed.splitlines()[1]
    (notes / "records/n003.txt").write_text(NOTES["n003"], encoding="utf-8")
    result = annotate(None, [notes], out, way=RESUME)
    assert result.problems == []
    annotate(None, [notes], tmp_path / "one")
    assert tree(out) == tree(tmp_path / "one")


def test_a_missing_shard_leaves_what_stands(notes: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    annotate(None, [notes], out)
    before = tree(out)
    annotate(None, [notes], out, way=part(2))
    with pytest.raises(DataError, match="not done yet"):
        merge(out)
    assert tree(out) == before


def test_who_is_who_is_replaced_on_one_machine(notes: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.yaml").write_text(LABELS, encoding="utf-8")
    how: dict[str, Any] = {"formats": ["doccano"], "labels": tmp_path / "labels.yaml"}
    with pytest.raises(UsageError, match="without --shard"):
        annotate(None, [notes], tmp_path / "out", mask=True, way=part(1), **how)
    annotate(None, [notes], tmp_path / "one", mask=True, **how)
    annotate(None, [notes], tmp_path / "out", way=part(1, 1), **how)
    annotate(None, [notes], tmp_path / "out", mask=True, way=RESUME, **how)
    assert tree(tmp_path / "out") == tree(tmp_path / "one")


def test_work_that_was_copied_is_merged(notes: Path, tmp_path: Path) -> None:
    annotate(None, [notes], tmp_path / "one")
    for number in (1, 2):  # each on a machine of its own
        annotate(None, [notes], tmp_path / f"m{number}/out", way=part(number, 2))
    shutil.copytree(tmp_path / "m2/out.work", tmp_path / "m1/out.work", dirs_exist_ok=True)
    merge(tmp_path / "m1/out")
    assert tree(tmp_path / "m1/out") == tree(tmp_path / "one")


def test_parts_are_named_before_they_are_read(notes: Path) -> None:
    records, ids = find_records([notes]), []
    records.check(ids.append)
    parts = list(record_parts(records))
    assert [part.id for part in parts] == part_ids(records, ids)
    assert [name for part in parts for name, _ in part.payload] == list(NOTES)
    assert size_of_parts(len(NOTES)) == 2 and max(len(part.payload) for part in parts) <= 8
    assert any(ends_part(name, 2) for name in NOTES)
