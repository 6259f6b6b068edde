"""Converting file by file makes the corpus that converting at once makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError
from cohort.work.job import Shard, Way
from cohort.work.ledger import work_folder
from hich.merge.__main__ import merge
from text.convert import convert, main
from text.corpus import documents

RESUME = Way(resume=True)
SITE = "左侧基底节区"


def shard(number: int, of: int = 2, **more: bool) -> Way:
    return Way(Shard(number, of), in_shards=True, **more)


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def made(out: Path) -> dict[str, int]:
    parts = (work_folder(out) / "parts").iterdir()
    return {path.stem: path.stat().st_mtime_ns for path in parts}


def line(number: int) -> str:
    text = f"患者{number}，头痛{number % 24}小时，CT示{SITE}出血约{number % 60}毫升。" * (
        1 + number % 3
    )
    start = text.index(SITE)
    return json.dumps({"id": number, "text": text, "label": [[start, start + len(SITE), "SITE"]]})


def write(source: Path, **counts: int) -> None:
    source.mkdir(exist_ok=True)
    for part, count in counts.items():
        lines = "".join(f"{line(number)}\n" for number in range(count))
        (source / f"{part}.jsonl").write_text(lines, encoding="utf-8")


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a source with parts: train becomes a folder of files, the others a file each."""
    monkeypatch.setattr(documents, "SHARD", 1500)
    write(tmp_path / "source", train=100, val=12, test=20)
    return tmp_path / "source"


@pytest.fixture
def plain(source: Path, tmp_path: Path) -> dict[str, bytes]:
    """Return the corpus that one machine makes at once."""
    convert(source, tmp_path / "plain", max_length=50)
    found = tree(tmp_path / "plain")
    assert {"train.spacy/0001.spacy", "train.spacy/0003.spacy", "val.spacy"} <= set(found)
    return found


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
def test_shards_in_any_order_make_the_same_corpus(
    source: Path, plain: dict[str, bytes], tmp_path: Path, order: tuple[int, ...]
) -> None:
    out = tmp_path / "out"
    for number in order:
        assert convert(source, out, max_length=50, way=shard(number, 3)) is None
        assert not out.exists()
    lines, failures = merge(out)
    assert tree(out) == plain and failures == {}
    assert lines[2] == f"20 documents: {out / 'test'}.spacy"
    before = made(out)
    result = convert(source, out, max_length=50, way=RESUME)  # all is kept
    assert made(out) == before and tree(out) == plain
    again = convert(source, tmp_path / "plain", max_length=50)
    assert result is not None and again is not None
    for name, part in again.parts.items():
        mine = result.parts[name]
        assert (mine.documents, mine.records) == (part.documents, part.records)
        assert (mine.entities, mine.repairs) == (part.entities, part.repairs)


def test_a_run_that_was_stopped_goes_on(
    source: Path, plain: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from text.corpus.docbin import CorpusWriter

    whole, out = CorpusWriter._write, tmp_path / "out"

    def stopped(self: CorpusWriter) -> None:
        if out.with_name("out.work").is_dir() and len(made(out)) > 3:  # its folder is there, too
            raise KeyboardInterrupt
        whole(self)

    with monkeypatch.context() as patched:
        patched.setattr(CorpusWriter, "_write", stopped)
        with pytest.raises(KeyboardInterrupt):
            convert(source, out, max_length=50, way=RESUME)
    before = made(out)
    assert len(before) == 3 and not out.exists()
    convert(source, out, max_length=50, way=RESUME)
    assert before.items() <= made(out).items() and tree(out) == plain


def test_a_record_that_changed_changes_its_file_and_those_after_it(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "out"
    convert(source, out, way=RESUME)
    before = made(out)
    lines = (source / "test.jsonl").read_text(encoding="utf-8").splitlines()
    lines[3] = line(903)
    (source / "test.jsonl").write_text("\n".join(lines), encoding="utf-8")
    convert(source, out, way=RESUME)
    assert {name for name, time in made(out).items() if time != before[name]} == {"test-0001"}
    assert "done again: 1" in capsys.readouterr().err
    convert(source, tmp_path / "plain")
    assert tree(out) == tree(tmp_path / "plain")


def test_a_shorter_source_leaves_no_file_and_no_part_behind(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    convert(source, out, way=RESUME)
    write(source, train=5)
    (source / "val.jsonl").unlink()
    result = convert(source, out, way=RESUME)
    assert result is not None and result.removed == [out / "val.spacy"]
    convert(source, tmp_path / "plain")
    assert tree(out) == tree(tmp_path / "plain") and (out / "train.spacy").is_file()


def test_a_file_that_cannot_be_read_is_named_before_anything_is_done(
    source: Path, tmp_path: Path
) -> None:
    (source / "val.jsonl").write_text('{"text": 5}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"val\.jsonl"):
        convert(source, tmp_path / "out", way=shard(1))
    assert not work_folder(tmp_path / "out").exists()


def test_a_file_that_was_not_written_is_named_and_tried_again(
    source: Path, plain: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from text.jobs import convert as jobs

    out = tmp_path / "out"

    def lost(self: Any, items: Any) -> Any:
        for item in items:
            yield DataError(f"{item.id}: the process that worked on it ended 3 times")

    with monkeypatch.context() as patched:
        patched.setattr(jobs._Writing, "stream", lost)
        with pytest.raises(DataError, match="train-0001: the process"):
            convert(source, out, max_length=50, way=shard(1))
    convert(source, out, max_length=50, way=shard(2))
    with pytest.raises(DataError, match="train-0001: the process"):
        merge(out)
    assert not out.exists()
    failed = (work_folder(out) / "failed.csv").read_text(encoding="utf-8-sig").splitlines()
    assert failed[1].startswith("train-0001,")
    convert(source, out, max_length=50, way=shard(1, resume=True, retry_failed=True))
    merge(out)
    assert tree(out) == plain


@pytest.mark.parametrize("what", ["length", "records"])
def test_files_of_other_records_are_not_merged(source: Path, tmp_path: Path, what: str) -> None:
    out, length = tmp_path / "out", 50
    convert(source, out, max_length=length, way=shard(1))
    if what == "length":  # as many files, which begin elsewhere
        length = 80
    else:
        lines = [line(number) for number in (900, *range(1, 100))]
        (source / "train.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError, match="with something else"):
        convert(source, out, max_length=length, way=shard(2))
    convert(source, out, max_length=length, way=shard(2, resume=True))
    with pytest.raises(DataError, match=r"made of other records.*train-0001 of shard 1/2"):
        merge(out)
    assert not out.exists()
    convert(source, out, max_length=length, way=shard(1, resume=True))
    merge(out)
    convert(source, tmp_path / "plain", max_length=length)
    assert tree(out) == tree(tmp_path / "plain")


def test_workers_make_the_same_corpus(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the workers would not know of it
    convert(source, tmp_path / "plain")
    convert(source, tmp_path / "out", way=Way(resume=True, processes=2))
    assert tree(tmp_path / "out") == tree(tmp_path / "plain")


def test_command(source: Path, tmp_path: Path, command: Any) -> None:
    out = tmp_path / "out"
    for wrong in (["--shard", "0/2"], ["--shard", "5/2"], ["--retry-failed"]):
        assert command(main, source, out, *wrong).exit_code == 2
    end = command(main, source, out, "--shard", "1/1")
    assert (end.exit_code, end.stdout) == (0, "") and f"hich merge {out}" in end.stderr
    end = command(main, source, out, "--resume")
    assert end.exit_code == 0 and "Records as spaCy documents" in end.stdout
    assert (out / "provenance.json").is_file()
