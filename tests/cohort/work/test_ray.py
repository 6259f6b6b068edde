"""The same work by a Ray cluster."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
from apart import words_apart
from counting import CountingJob, counted, failed, items_in

from cohort.base.errors import DataError, UsageError
from cohort.work.completed import completed
from cohort.work.engine import Done, do_items
from cohort.work.job import Way
from cohort.work.options import way_of
from cohort.work.ray_head import ClusterHead
from cohort.work.with_ray import _Actor, _RayCrew
from tests.conftest import ROOT

LOCAL = Way(resume=True, ray="local")
with_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")


@pytest.fixture(autouse=True)
def found_by_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = (ROOT, Path(__file__).parent, os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, folders)))


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(200):
        (folder / f"p{number:03}.txt").write_text("x" * number, encoding="utf-8")
    return folder


@pytest.fixture
def beyond() -> Iterator[set[str]]:
    """Give the lines of /proc/net on sockets beyond loopback that Ray's processes have had."""
    found: set[str] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.3):
            found.update(open_beyond_loopback())

    thread = threading.Thread(target=watch)
    thread.start()
    yield found
    ended.set()
    thread.join()


def open_beyond_loopback() -> Iterator[str]:
    """Yield lines on TCP sockets of this process and its descendants, but for loopback's."""
    inodes = {inode for pid in descendants(os.getpid()) for inode in inodes_of(pid)}
    for file in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{file}").read_text().splitlines()[1:]:
            columns = line.split()
            local, remote, inode = columns[1], columns[2], columns[9]
            # 127.0.0.1, ::1, and 127.0.0.1 mapped to IPv6, as the kernel writes them.
            loopback = ("0100007F", "0" * 24 + "01000000", "0" * 16 + "FFFF00000100007F")
            listens = columns[3] == "0A"
            near = local.split(":")[0] in loopback and (listens or remote.split(":")[0] in loopback)
            if inode in inodes and not near:
                yield line


def descendants(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                yield from descendants(int(child))


def inodes_of(pid: int) -> Iterator[str]:
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                target = os.readlink(descriptor)
                if target.startswith("socket:["):
                    yield target[8:-1]


def do(texts: Path, way: Way) -> tuple[Done, Path]:
    items, out = items_in(texts), texts.with_name("out")
    return do_items(CountingJob(out), items, [one.id for one in items], out, way, "Counting"), out


@with_ray
def test_three_kills_in_two_hundred_and_nothing_leaves_the_machine(
    texts: Path, beyond: set[str]
) -> None:
    if not Path("/proc/net/tcp").exists():
        pytest.skip("sockets are seen on Linux only")
    killers = [f"p{n:03}" for n in random.Random(1).sample(range(200), 3)]
    for name in killers:
        (texts / f"{name}.txt").write_text("kill once", encoding="utf-8")
    (texts / "p020.txt").write_text("bad", encoding="utf-8")
    (texts / "p030.txt").write_text("kill", encoding="utf-8")
    done, out = do(texts, LOCAL)
    assert len(done.made) == 198 and sorted(done.failures) == ["p020", "p030"]
    begun = counted(out)
    assert {name: times for name, times in begun.items() if times > 1} == {
        **dict.fromkeys(killers, 2),
        "p030": 3,
    }
    assert [name for name, _ in failed(out)] == ["p020", "p030"]
    assert [one.id for one in completed(out).entries] == sorted(done.made)
    assert not list(out.glob(".*"))
    assert beyond == set()


@with_ray
def test_no_packet_leaves_the_machine(texts: Path, tmp_path: Path) -> None:
    """Neither to a cloud's servers, which Ray asks by its own, nor to look up their names."""
    line = [sys.executable, Path(__file__).with_name("count_texts.py"), texts, tmp_path / "out"]
    done = subprocess.run(
        [*words_apart(), *map(str, line), "--ray", "local"],
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["200 made, 0 kept", "packets sent: 0"]
    assert not (tmp_path / ".ray").exists()


def test_without_ray_a_sentence_says_what_to_install(
    texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(UsageError, match=r"not installed.*cluster.*--shard"):
        do(texts, LOCAL)
    with pytest.raises(UsageError, match=r"not installed.*cluster.*--shard"):
        way_of(None, ray="local")  # before anything is read or begun


@with_ray
@pytest.mark.parametrize("address", ["http://x", "10.0.0.1", "ray://h:10001", "a/b:1", ""])
def test_what_is_no_address_is_bad_usage(texts: Path, address: str) -> None:
    with pytest.raises(UsageError, match="address of a cluster's head"):
        do(texts, Way(ray=address))


@with_ray
def test_nobody_answers(texts: Path) -> None:
    with pytest.raises(DataError, match="nobody answers there"):
        do(texts, Way(ray="127.0.0.1:1"))
    with pytest.raises(DataError, match="nobody answers there"):
        way_of(None, ray="127.0.0.1:1")


def test_cores_that_others_use_are_told_once(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = SimpleNamespace(
        __version__="2",
        wait=lambda references, **_: ([], references),
        cluster_resources=lambda: {"CPU": 2},
        get_runtime_context=lambda: SimpleNamespace(gcs_address="127.0.0.1:1"),
    )
    job, token = CountingJob(Path("out")), Path("token")
    load = SimpleNamespace(load=SimpleNamespace(remote=lambda *_: object()))
    monkeypatch.setattr(ClusterHead, "require", lambda _: None)
    crew = _RayCrew(ray, job, token)
    hand = _Actor(ray, load, job, token, crew.head)
    for _ in range(100):
        assert crew.wait([hand]) == []
    assert capsys.readouterr().err.count("Others may be using the cluster's CPUs") == 1


@with_ray
def test_other_versions_of_the_program_are_told(
    texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (texts / "p000.txt").write_text("x", encoding="utf-8")
    items, out = items_in(texts)[:2], texts.with_name("out")
    job = CountingJob(out)
    job.identity = job.identity.__class__("settings", "model", "other")
    with pytest.raises(DataError, match="another version of this program"):
        do_items(job, items, [one.id for one in items], out, LOCAL, "Counting")
