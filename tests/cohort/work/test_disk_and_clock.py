"""A disk that is full, and clocks that are wrong: said with what to do, and nothing lost."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from counting import CountingJob, counted, items_in

from cohort.work.completed import completed
from cohort.work.engine import do_items
from cohort.work.job import Shard, Way
from cohort.work.ledger import work_folder
from tests.conftest import ROOT

HERE = Path(__file__).parent
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, HERE)))}
COUNT = (sys.executable, str(HERE / "count_texts.py"))


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(40):
        (folder / f"p{number:02}.txt").write_text("x" * number, encoding="utf-8")
    return folder


FULL = """
set -e
mkdir "$1/small"; mount -t tmpfs -o size=80k small "$1/small"
shift; set +e
"$@"; echo "exit $?"
cp -r small before
mount -o remount,size=4m small
"$@"; echo "exit $?"
cp -r small after; cp small/log after/log
"""


def test_a_disk_that_is_full_is_told_and_the_rest_is_done_when_there_is_room(
    texts: Path, tmp_path: Path
) -> None:
    if not shutil.which("unshare"):
        pytest.skip("no program `unshare` here")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    run = subprocess.run(
        ["unshare", "--mount", "sh", "-c", FULL, "sh", tmp_path, *COUNT, texts, "small/out"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    said = run.stdout.splitlines() + run.stderr.splitlines()
    assert "exit 1" in said and "exit 0" in said, run
    assert "No space left on device; make room there and try again" in run.stderr
    assert run.stderr.count("✘") == 1 and "Traceback" not in run.stderr
    before = {path.name: path.read_text() for path in (tmp_path / "before/out").iterdir()}
    assert 0 < len(before) < 40 and not any(name.startswith(".") for name in before)
    assert all(text == f"{int(name[1:3])}\n" for name, text in before.items())
    after = tmp_path / "after/out"
    assert {path.name: path.read_text() for path in after.iterdir()} == {
        f"p{number:02}.txt": f"{number}\n" for number in range(40)
    }
    done = (work_folder(after) / "done/1-of-1.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["id"] for line in done) == [f"p{n:02}" for n in range(40)]
    twice = [name for name, times in counted(after).items() if times > 1]
    assert len(twice) <= 1  # the one whose file or line there was no room for


def test_clocks_that_are_wrong_change_nothing(texts: Path, tmp_path: Path) -> None:
    if not shutil.which("faketime"):
        pytest.skip("no program `faketime` here")
    out = tmp_path / "out"
    for when in ("1999-12-31 23:59:58", "2037-01-01 00:00:00", "1999-12-31 23:59:58"):
        run = subprocess.run(
            ["faketime", when, *COUNT, texts, out], env=ENVIRONMENT, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
        (texts / "p05.txt").write_text(f"changed {when}", encoding="utf-8")
    # What was changed is done again, whatever its time; the rest is kept.
    assert {name: times for name, times in counted(out).items() if times > 1} == {"p05": 3}


@pytest.mark.parametrize("seconds", [0, 2**31 - 1])
def test_times_of_files_from_other_machines_decide_nothing(
    texts: Path, tmp_path: Path, seconds: int
) -> None:
    items, out = items_in(texts), tmp_path / "out"
    ids = [item.id for item in items]
    for number in (1, 2):
        way = Way(Shard(number, 2), in_shards=True, resume=True, pack=7 * (number - 1) or None)
        do_items(CountingJob(out), items, ids, out, way, "Counting")
        for path in [*texts.iterdir(), *out.iterdir(), *work_folder(out).rglob("*")]:
            os.utime(path, (seconds, seconds))
    assert [entry.id for entry in completed(out).entries] == ids
    do_items(CountingJob(out), items, ids, out, Way(resume=True), "Counting")
    assert max(counted(out).values()) == 1


@pytest.mark.parametrize("more", [(), ("--pack", "7")], ids=["loose", "packed"])
@pytest.mark.skipif(sys.platform == "win32", reason="knows no such signals")
def test_a_run_that_is_killed_three_times_is_complete_and_nothing_is_there_twice(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    texts, out, chance = tmp_path / "texts", tmp_path / "out", random.Random(19)
    texts.mkdir()
    for number in range(200):
        text = "slow" if number % 4 == 0 else "x" * number
        (texts / f"p{number:03}.txt").write_text(text, encoding="utf-8")
    line = [*COUNT, texts, out, "--shard", "1/1", *more]
    for least in sorted(chance.sample(range(20, 180), 3)):
        process = subprocess.Popen(line, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
        while len(counted(out)) < least:
            assert process.poll() is None
            time.sleep(0.001)
        process.kill()
        process.wait()
    subprocess.run(line, env=ENVIRONMENT, check=True, capture_output=True)
    done = completed(out)
    lengths = [len(item.payload.read_text(encoding="utf-8")) for item in items_in(texts)]
    assert [done.files.read_all(one) for one in done.entries] == [
        [f"{length}\n".encode()] for length in lengths
    ]
    lines = (work_folder(out) / "done/1-of-1.jsonl").read_text().splitlines()
    assert len(lines) == len({json.loads(line)["id"] for line in lines}) == 200
    assert counted(out).total() <= 203  # each time, what it was working on
    loose = [path for path in out.iterdir() if not path.name.startswith(".")]
    assert len(loose) == (0 if more else 200)
