"""Workers that are lost: what they worked on is done by others."""

from __future__ import annotations

import errno
import random
import sys
from pathlib import Path

import pytest
from counting import CountingJob, counted, failed, items_in

from cohort.work.completed import completed
from cohort.work.engine import do_items
from cohort.work.job import Way

TWO = Way(resume=True, processes=2)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="knows no such signals")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(40):
        (folder / f"p{number:03}.txt").write_text("x" * number, encoding="utf-8")
    return folder


def do(texts: Path, way: Way = TWO):  # noqa: ANN201
    items = items_in(texts)
    out = texts.with_name("out")
    return do_items(CountingJob(out), items, [one.id for one in items], out, way, "Counting"), out


def test_lost_workers_cost_no_more_than_what_they_worked_on(texts: Path) -> None:
    killers = random.Random(1).sample(range(40), 3)
    for number in killers:
        (texts / f"p{number:03}.txt").write_text("kill once", encoding="utf-8")
    (texts / "p020.txt").write_text("bad", encoding="utf-8")
    done, out = do(texts)
    assert len(done.made) == 39 and list(done.failures) == ["p020"]
    begun = counted(out)
    assert {name for name, times in begun.items() if times > 1} == {f"p{n:03}" for n in killers}
    assert max(begun.values()) == 2
    assert [one.id for one in completed(out).entries] == sorted(done.made)
    assert list(out.glob(".*")) == []  # nor what they had half written


def test_what_ends_each_worker_is_named_and_the_rest_is_done(texts: Path) -> None:
    (texts / "p001.txt").write_text("kill", encoding="utf-8")
    done, out = do(texts)
    assert len(done.made) == 39 and counted(out)["p001"] == 3
    ((name, why),) = failed(out)
    assert name == "p001" and "ended 3 times" in why and "--retry-failed" in why
    again, _ = do(texts)
    assert again.failed_before == 1 and len(again.kept) == 39
    (texts / "p001.txt").write_text("kill once", encoding="utf-8")  # begun before: it is counted
    retried, _ = do(texts, Way(resume=True, retry_failed=True))
    assert retried.made == ["p001"] and failed(out) == []


@pytest.mark.parametrize(("text", "raised"), [("bug", ZeroDivisionError), ("full", OSError)])
@pytest.mark.parametrize("processes", [1, 2])
def test_a_bug_or_a_full_disk_is_no_lost_worker_and_loses_nothing(
    texts: Path, text: str, raised: type[Exception], processes: int
) -> None:
    (texts / "p020.txt").write_text(text, encoding="utf-8")
    with pytest.raises(raised) as caught:
        do(texts, Way(resume=True, processes=processes))
    if text == "full":
        assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, "p020.txt")
    (texts / "p020.txt").write_text("mended", encoding="utf-8")
    done, out = do(texts)
    assert done.kept and sorted(done.kept + done.made) == [one.id for one in items_in(texts)]
    begun = counted(out)
    assert all(begun[name] == 1 for name in done.kept)
