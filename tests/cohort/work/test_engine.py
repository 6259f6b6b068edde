"""Work on many items: in shards, taken up again, and put together."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from counting import Counting, CountingJob, counted, do, done_of, failed

from cohort.base.errors import DataError, UsageError
from cohort.work.completed import completed
from cohort.work.job import Item, JobIdentity, Made, Shard, Way
from cohort.work.ledger import work_folder
from cohort.work.noting import own_shard
from cohort.work.options import way_of


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(8):
        (folder / f"p{number}.txt").write_text("x" * number, encoding="utf-8")
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def part(number: int, of: int = 3, **more: Any) -> Way:
    return Way(Shard(number, of), in_shards=True, **more)


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3)))[::2])
def test_shards_in_any_order_do_each_item_once(
    texts: Path, out: Path, order: tuple[int, ...]
) -> None:
    for number in order:
        do(texts, out, part(number))
    assert counted(out) == Counter(f"p{number}" for number in range(8))
    assert done_of(out)["2-of-3"] == ["p1", "p4", "p7"]
    done = completed(out)
    assert [entry.id for entry in done.entries] == [f"p{number}" for number in range(8)]
    assert [entry.result["length"] for entry in done.entries] == list(range(8))
    assert sorted(path.name for path in out.iterdir()) == [f"p{n}.txt" for n in range(8)]


def test_a_missing_shard_is_named(texts: Path, out: Path) -> None:
    do(texts, out, part(1))
    do(texts, out, part(3))
    with pytest.raises(DataError, match=r"3 items of 8 not done yet \(p1, p4, p7\)"):
        completed(out)


def test_what_was_done_of_the_same_is_kept_and_other_input_is_done_again(
    texts: Path, out: Path, capsys: pytest.CaptureFixture
) -> None:
    do(texts, out, Way(resume=True))
    (texts / "p3.txt").write_text("changed", encoding="utf-8")
    (out / "p5.txt").write_text("corrected", encoding="utf-8")
    (texts / "p8.txt").write_text("new", encoding="utf-8")
    done = do(texts, out, Way(resume=True))
    assert (done.made, done.again) == (["p3", "p5", "p8"], 2)
    assert done.kept == ["p0", "p1", "p2", "p4", "p6", "p7"]
    assert "done again: 2" in capsys.readouterr().err
    assert (out / "p5.txt").read_text() == "5\n"
    assert len(completed(out).entries) == 9


@pytest.mark.parametrize("what", ["settings", "model", "code"])
def test_other_settings_model_or_code_do_all_again(texts: Path, out: Path, what: str) -> None:
    do(texts, out, Way(resume=True))
    identity = dataclasses.replace(JobIdentity("settings", "model", "code"), **{what: "other"})
    job = CountingJob(out, identity)
    words = {"settings": "options", "model": "model", "code": "version"}[what]
    with pytest.raises(DataError, match=rf"with something else: .*{words}.*--resume"):
        do(texts, out, part(1, 1), job)
    assert do(texts, out, Way(resume=True), job).again == 8
    assert len(completed(out).entries) == 8


def test_resuming_takes_over_what_other_shards_did(texts: Path, out: Path) -> None:
    do(texts, out, part(1))
    done = do(texts, out, Way(resume=True))
    assert done.kept == ["p0", "p3", "p6"]
    assert max(counted(out).values()) == 1


def test_failures_are_named_and_tried_again_when_that_is_wanted(texts: Path, out: Path) -> None:
    (texts / "p2.txt").write_text("bad", encoding="utf-8")
    done = do(texts, out, Way(resume=True))
    assert done.failures == {"p2": ("p2.txt: is bad.",)} and len(done.made) == 7
    assert failed(out) == [["p2", "p2.txt: is bad."]]
    again = do(texts, out, Way(resume=True))
    assert again.failures == done.failures and (again.failed_before, again.made) == (1, [])
    assert counted(out)["p2"] == 1
    do(texts, out, Way(resume=True, retry_failed=True))
    assert counted(out)["p2"] == 2
    assert completed(out).failures == done.failures
    (texts / "p2.txt").write_text("good", encoding="utf-8")
    assert do(texts, out, Way(resume=True)).made == ["p2"]
    assert failed(out) == [] and completed(out).failures == {}


def test_shards_of_two_runs_are_not_merged(texts: Path, out: Path, tmp_path: Path) -> None:
    do(texts, out, part(1, 2))
    other = tmp_path / "other"
    do(texts, other, part(2, 2), CountingJob(other, JobIdentity("other", "model", "code")))
    # As someone does who copies together what two machines have done.
    name = "done/2-of-2.jsonl"
    (work_folder(out) / name).write_bytes((work_folder(other) / name).read_bytes())
    for path in other.iterdir():
        (out / path.name).write_bytes(path.read_bytes())
    with pytest.raises(DataError, match=r"4 items made with other options.*p1 of shard 2/2"):
        completed(out)


def test_a_shard_with_other_items_is_refused(texts: Path, out: Path) -> None:
    do(texts, out, part(1))
    (texts / "p9.txt").write_text("more", encoding="utf-8")
    with pytest.raises(DataError, match="the list of what is to be done"):
        do(texts, out, part(2))


def test_files_that_were_changed_are_not_merged(texts: Path, out: Path) -> None:
    do(texts, out, part(1, 1))
    (out / "p4.txt").unlink()
    with pytest.raises(DataError, match=r"files of 1 item are missing or were changed.*\(p4\)"):
        completed(out)


def test_two_shards_of_one_number_at_once(texts: Path, out: Path) -> None:
    do(texts, out, part(1))
    before = done_of(out)
    with own_shard(out, Shard(1, 3)):
        with pytest.raises(DataError, match="shard 1/3 is being done by another process"):
            do(texts, out, part(1))
        with pytest.raises(DataError, match="shard 1/3 is being done by another process"):
            do(texts, out, Way(ray=None, retry_failed=True))  # anew, all
        assert done_of(out)["1-of-3"] == before["1-of-3"]
        do(texts, out, part(2))  # another one may
    do(texts, out, part(1, resume=True))


def test_a_line_that_was_cut_off_is_passed_over(texts: Path, out: Path) -> None:
    do(texts, out, Way(resume=True))
    path = work_folder(out) / "done/1-of-1.jsonl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[:-20], encoding="utf-8")
    done = do(texts, out, Way(resume=True))
    assert done.made == ["p7"] and len(done.kept) == 7


def test_nothing_was_begun(out: Path) -> None:
    with pytest.raises(DataError, match="no shard was done"):
        completed(out)


@pytest.mark.parametrize("shard", ["0/3", "4/3", "3", "a/b", "1/0", "-1/3", "1/3/5"])
def test_what_is_no_shard_is_bad_usage(shard: str) -> None:
    with pytest.raises(UsageError, match="I/N"):
        way_of(shard, False, False)


def test_retry_failed_goes_with_resume() -> None:
    with pytest.raises(UsageError, match="--resume"):
        way_of(None, False, True)


def packs(out: Path) -> list[str]:
    return sorted(path.name for path in (work_folder(out) / "packs").glob("*"))


def test_shards_keep_files_in_packs_and_few_beside_them(texts: Path, out: Path) -> None:
    seen = []

    class Watched(Counting):
        def count(self, item: Item) -> Made | DataError:
            seen.append(len(list(out.glob("*.txt"))))
            return super().count(item)

    job = CountingJob(out)
    job.load = lambda: Watched(job)  # type: ignore[method-assign]
    do(texts, out, part(1, 1, pack=3), job)
    assert max(seen) == 2 and list(out.glob("*")) == []
    assert packs(out) == [f"1-of-1-0000{number}.zip" for number in (1, 2, 3)]
    done = completed(out)
    assert [done.files.read_all(one) for one in done.entries] == [
        [f"{n}\n".encode()] for n in range(8)
    ]
    # What was done stays done, also of one that another shard has in a pack.
    assert do(texts, out, part(1, 2, pack=3, resume=True)).kept == ["p0", "p2", "p4", "p6"]
    (texts / "p2.txt").write_text("changed", encoding="utf-8")
    assert do(texts, out, part(1, 1, pack=3, resume=True)).made == ["p2"]
    done = completed(out)
    assert done.files.read_all(done.entries[2]) == [b"7\n"]
    # One machine takes them out again.
    assert len(do(texts, out, Way(resume=True)).kept) == 8
    assert packs(out) == [] and len(list(out.iterdir())) == 8
    assert (out / "p2.txt").read_text() == "7\n"


def test_what_was_not_packed_yet_when_a_run_ended_is_packed_by_the_next(
    texts: Path, out: Path
) -> None:
    (texts / "p4.txt").write_text("full", encoding="utf-8")
    with pytest.raises(OSError, match="No space left"):
        do(texts, out, part(1, 1, pack=3))
    assert packs(out) == ["1-of-1-00001.zip"]
    assert sorted(path.name for path in out.iterdir()) == ["p3.txt"]
    (texts / "p4.txt").write_text("xxxx", encoding="utf-8")
    done = do(texts, out, part(1, 1, pack=3, resume=True))
    assert done.kept == ["p0", "p1", "p2", "p3"] and list(out.iterdir()) == []
    assert len(completed(out).entries) == 8 and max(counted(out).values()) <= 2
    do(texts, out, part(1, 1, pack=8))  # anew
    assert packs(out) == ["1-of-1-00001.zip"]


@pytest.mark.parametrize("damage", [b"no zip", None])
def test_items_of_a_pack_that_is_damaged_or_lost_are_named_and_done_again(
    texts: Path, out: Path, damage: bytes | None
) -> None:
    do(texts, out, part(1, 1, pack=4))
    pack = work_folder(out) / "packs/1-of-1-00002.zip"
    if damage is None:
        whole = pack.read_bytes()
        pack.write_bytes(whole.replace(b"6\n", b"9\n"))  # a byte of p6
        wrong = ["p6"]
    else:
        pack.write_bytes(damage)
        wrong = ["p4", "p5", "p6", "p7"]
    with pytest.raises(DataError, match=rf"were changed since.*{', '.join(wrong)}"):
        completed(out)
    assert do(texts, out, part(1, 1, pack=4, resume=True)).made == wrong
    assert len(completed(out).entries) == 8


def test_pack_goes_with_shard() -> None:
    assert way_of("1/2", pack=5).pack == 5
    with pytest.raises(UsageError, match="--pack: goes with --shard"):
        way_of(None, resume=True, pack=5)
