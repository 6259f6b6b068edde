"""Runs that come together: at once, with other numbers of shards, or ended in the middle."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from counting import Counting, CountingJob, counted, do, failed

from cohort.base.errors import DataError
from cohort.work.completed import completed
from cohort.work.crew import Hand, Lost, by_crew
from cohort.work.job import Item, Job, Made, Shard, Way, digests
from cohort.work.ledger import Noted, work_folder
from cohort.work.noting import own_shard


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(6):
        (folder / f"p{number}.txt").write_text("x" * number, encoding="utf-8")
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def part(number: int, of: int, **more: Any) -> Way:
    return Way(Shard(number, of), in_shards=True, **more)


def read(out: Path) -> list[bytes]:
    done = completed(out)
    return [content for one in done.entries for content in done.files.read_all(one)]


def test_what_was_made_of_an_earlier_input_is_not_merged(texts: Path, out: Path) -> None:
    """Also where the shards were other ones then, and both results lie in packs."""
    for number in (1, 2, 3):
        do(texts, out, part(number, 3, pack=2))
    (texts / "p2.txt").write_text("changed", encoding="utf-8")
    made = [do(texts, out, part(number, 2, pack=2, resume=True)).made for number in (1, 2)]
    assert made == [["p2"], []]
    assert read(out)[2] == b"7\n"


def test_what_failed_since_it_was_done_counts_as_failed(texts: Path, out: Path) -> None:
    do(texts, out, part(1, 2))
    do(texts, out, part(2, 2))
    (texts / "p2.txt").write_text("bad", encoding="utf-8")
    do(texts, out, part(1, 1, resume=True))
    assert failed(out) == [["p2", "p2.txt: is bad."]]
    assert completed(out).failures == {"p2": ("p2.txt: is bad.",)}
    (texts / "p2.txt").write_text("xx", encoding="utf-8")  # as it was: what was made then stands
    assert do(texts, out, part(1, 2, resume=True)).kept == ["p0", "p2", "p4"]
    do(texts, out, part(1, 2))
    assert failed(out) == [] and completed(out).failures == {}


class TwoFiles(Counting):
    def count(self, item: Item) -> Made | DataError:
        made = super().count(item)
        assert isinstance(made, Made)
        second = self.job.place / f"{item.id}.second"
        second.write_text(item.id, encoding="utf-8")
        return made._replace(files={**made.files, **digests({second.name: second})})


def of_two_files(out: Path) -> CountingJob:
    job = CountingJob(out)
    job.load = lambda: TwoFiles(job)  # type: ignore[method-assign]
    return job


def test_a_task_that_was_killed_while_it_removed_what_it_had_packed(texts: Path, out: Path) -> None:
    do(texts, out, part(1, 1, pack=6), of_two_files(out))
    with zipfile.ZipFile(work_folder(out) / "packs/1-of-1-00001.zip") as pack:
        for name in ("p3.second", "p4.txt", "p4.second"):
            pack.extract(name, out)
    done = do(texts, out, part(1, 1, pack=6, resume=True), of_two_files(out))
    assert len(done.kept) == 6 and list(out.iterdir()) == []
    assert len(read(out)) == 12 and set(counted(out).values()) == {1}


def test_there_may_be_any_number_of_packs(texts: Path, out: Path) -> None:
    packs = work_folder(out) / "packs"
    do(texts, out, part(1, 2, pack=1))
    (packs / "1-of-2-00003.zip").rename(packs / "1-of-2-99999.zip")
    do(texts, out, part(2, 2, pack=1))
    (texts / "p0.txt").write_text("changed", encoding="utf-8")
    (texts / "p2.txt").write_text("changed, too", encoding="utf-8")
    do(texts, out, part(1, 2, pack=1, resume=True))
    assert read(out)[:3] == [b"7\n", b"1\n", b"12\n"]
    do(texts, out, part(1, 2, pack=3))  # anew
    assert len(list(packs.glob("1-of-2-*"))) == 1


def test_all_at_once_and_a_shard_exclude_each_other(texts: Path, out: Path) -> None:
    do(texts, out, part(1, 2))
    with own_shard(out, Shard(2, 2)):
        do(texts, out, part(1, 2))  # another one
        for way in (Way(), Way(resume=True), part(1, 1)):
            with pytest.raises(DataError, match="shard 2/2 is being done by another process"):
                do(texts, out, way)
    with own_shard(out, Shard()), pytest.raises(DataError, match="by another process"):
        do(texts, out, part(2, 2))
    assert set(counted(out).values()) == {2}
    do(texts, out, part(2, 2))


def test_two_jobs_that_begin_at_once_are_told_apart(
    texts: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second has read that nothing was begun, and then the first begins."""
    real, other = Noted.read, texts.with_name("other")
    other.mkdir()
    (other / "q.txt").write_text("x", encoding="utf-8")
    refused = []

    def slow(output: Path) -> Noted | None:
        monkeypatch.setattr(Noted, "read", real)
        found = real(output)
        try:
            do(other, out, part(2, 2))
        except DataError as error:
            refused.append(str(error))
        return found

    monkeypatch.setattr("cohort.base.locks._PATIENCE", 0.1)
    monkeypatch.setattr(Noted, "read", slow)
    do(texts, out, part(1, 2))
    assert len(refused) == 1
    with pytest.raises(DataError, match="the list of what is to be done"):
        do(other, out, part(2, 2))
    do(texts, out, part(2, 2))
    assert len(read(out)) == 6


class LostNode:
    """A crew of six, of which five are lost at once while they load; those after them work."""

    seats = 6

    def __init__(self) -> None:
        self.hired = 0

    def hire(self, job: Job) -> Hand:
        self.hired += 1
        return LostHand(self.hired)

    def wait(self, hands: Sequence[Hand]) -> list[Hand]:
        lost = [hand for hand in hands if hand.goes]  # type: ignore[attr-defined]
        if self.hired == 6 and lost:
            return lost
        return [hand for hand in hands if not hand.goes]  # type: ignore[attr-defined]


class LostHand:
    def __init__(self, number: int) -> None:
        self.goes, self.item = 1 < number <= 6, None

    def give(self, item: Item) -> None:
        self.item = item

    def answer(self) -> Made | DataError | None:
        if self.goes:
            raise Lost
        return Made(self.item.id) if self.item else None

    def dismiss(self) -> None:
        pass


class Slow(LostNode):
    """One of which none loads until all are hired."""

    def wait(self, hands: Sequence[Hand]) -> list[Hand]:
        return [] if self.hired < 6 else super().wait(hands)


class NoMemory(LostNode):
    """One of which all are always lost."""

    def hire(self, job: Job) -> Hand:
        hand = super().hire(job)
        hand.goes = True  # type: ignore[attr-defined]
        return hand

    def wait(self, hands: Sequence[Hand]) -> list[Hand]:
        return list(hands) if len(hands) == 6 else []


def done_by(crew: Any, out: Path) -> Iterator[str]:
    @contextmanager
    def opened() -> Iterator[Any]:
        yield crew

    items: Iterable[Item] = [Item(f"p{number}", None) for number in range(40)]
    for item, _ in by_crew(CountingJob(out), items, opened()):
        yield item.id


def test_a_node_that_is_lost_while_its_workers_load_ends_no_others(out: Path) -> None:
    assert sorted(done_by(Slow(), out)) == sorted(f"p{number}" for number in range(40))


def test_workers_that_are_lost_whenever_they_load_end_it(out: Path) -> None:
    crew = NoMemory()
    with pytest.raises(DataError, match="ended 3 times while it loaded"):
        list(done_by(crew, out))
    assert crew.hired == 18


def test_a_line_of_an_earlier_version_is_older_than_any_of_this(texts: Path, out: Path) -> None:
    do(texts, out, part(2, 2))
    path = work_folder(out) / "done/2-of-2.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        line.pop("turn", None)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (texts / "p1.txt").write_text("changed", encoding="utf-8")
    do(texts, out, Way(resume=True))
    assert read(out)[1] == b"7\n"
