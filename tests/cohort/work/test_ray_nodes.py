"""A cluster of two nodes on this machine, of which one is lost, or is not as it should be."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from counting import counted
from ray_cluster import cluster_with_head

from cohort.work.ledger import work_folder
from tests.conftest import ROOT

HERE = Path(__file__).parent
MASKED = ("unshare", "--mount", "sh", "-c")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Give a cluster whose head has no core, so that all work is another node's."""
    with cluster_with_head(0, PYTHONPATH=os.pathsep.join(map(str, (ROOT, HERE)))) as nodes:
        yield nodes


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(200):
        (folder / f"p{number:03}.txt").write_text("slow" + "x" * number, encoding="utf-8")
    return folder


def begin(cluster: Any, texts: Path, **environment: str) -> subprocess.Popen[str]:
    line = [sys.executable, HERE / "count_texts.py", texts, texts.with_name("out")]
    return subprocess.Popen(
        [*map(str, line), "--ray", cluster.address],
        env=cluster.environment | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Return exit code and what was said, without what Ray's own log says."""
    _, said = process.communicate(timeout=300)
    return process.returncode, said


def lines(texts: Path) -> list[str]:
    """Return the ids of what is noted as done."""
    found = []
    for path in (work_folder(texts.with_name("out")) / "done").glob("*.jsonl"):
        found += [json.loads(line)["id"] for line in path.read_text().splitlines()]
    return found


def until_done(texts: Path, count: int, process: subprocess.Popen[str]) -> None:
    while len(lines(texts)) < count:
        assert process.poll() is None, end(process)
        time.sleep(0.02)


def complete(texts: Path) -> Counter[str]:
    """Make sure that all is there once and right; return how often each was begun."""
    names = sorted(path.stem for path in texts.iterdir())
    assert sorted(lines(texts)) == names
    out = texts.with_name("out")
    made = {path.stem: int(path.read_text()) for path in out.iterdir()}
    assert made == {name: len((texts / f"{name}.txt").read_text()) for name in names}
    return counted(out)


def test_a_lost_node_costs_what_it_was_working_on(cluster: Any, node: Any, texts: Path) -> None:
    stays, goes = node(1), node(2)
    process = begin(cluster, texts)
    until_done(texts, 60, process)
    assert goes.workers and stays.workers
    goes.end()
    assert end(process) == (0, "")
    begun = complete(texts)
    assert begun.total() - 200 <= 2  # one for each of its cores


def test_three_workers_are_killed_at_random(cluster: Any, node: Any, texts: Path) -> None:
    only, chance = node(2), random.Random(4)
    process = begin(cluster, texts)
    for count in sorted(chance.sample(range(10, 180), 3)):
        until_done(texts, count, process)
        os.kill(chance.choice(only.workers), signal.SIGKILL)
    assert end(process) == (0, "")
    begun = complete(texts)
    assert 0 < begun.total() - 200 <= 3 and max(begun.values()) == 2


def test_ctrl_c_leaves_what_is_complete(cluster: Any, node: Any, texts: Path) -> None:
    node(1)
    process = begin(cluster, texts)
    until_done(texts, 20, process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    code, said = end(process)
    assert code == 130 and "complete is kept" in said and "Traceback" not in said
    had = set(lines(texts))
    assert 20 <= len(had) < 200 and not list(texts.with_name("out").glob(".*"))
    code, said = end(begin(cluster, texts))
    assert code == 0 and said == f"Note: kept: {len(had)} results made of the same before.\n"
    begun = complete(texts)
    assert {name: begun[name] for name in had} == dict.fromkeys(had, 1)


def masked(folder: Path) -> tuple[str, ...]:
    """Return words before a command that doesn't see what is in the folder."""
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("a folder can be hidden from a process by root only")
    return (*MASKED, f'mount -t tmpfs hidden "{folder}" && exec "$@"', "sh")


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no program `unshare` here")
@pytest.mark.parametrize("what", ["texts", "out"])
def test_a_node_that_cannot_see_a_folder_is_named(
    cluster: Any, node: Any, texts: Path, what: str
) -> None:
    folder = texts.with_name(what)
    folder.mkdir(exist_ok=True)
    node(1, before=masked(folder))
    address = f"127.0.0.{1 + len(cluster.nodes)}"
    code, said = end(begin(cluster, texts))
    assert code == 1 and said.count("✘") == 1
    assert f"node {address} of the cluster can't see {folder}" in said and "share" in said
    assert lines(texts) == [] and not list(texts.with_name("out").glob("*"))


def test_a_node_of_another_version_is_named(cluster: Any, node: Any, texts: Path) -> None:
    node(1, environment={"CODE": "other"})
    code, said = end(begin(cluster, texts))
    assert code == 1 and "has another version of this program" in said and "install" in said


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no program `unshare` here")
def test_a_node_without_the_program_is_told(cluster: Any, node: Any, texts: Path) -> None:
    node(1, before=masked(HERE))  # and so without `counting`
    code, said = end(begin(cluster, texts))
    assert code == 1 and "can't load this program (No module named 'counting')" in said


def test_a_full_disk_is_told_with_its_node(cluster: Any, node: Any, texts: Path) -> None:
    (texts / "p100.txt").write_text("full", encoding="utf-8")
    node(1)
    code, said = end(begin(cluster, texts))
    assert code == 1 and "on node 127.0.0." in said and "make room" in said
    assert len(lines(texts)) == 100  # kept, and the rest is done later
    (texts / "p100.txt").write_text("x", encoding="utf-8")
    code, said = end(begin(cluster, texts))
    assert code == 0 and "kept: 100 results" in said
    assert complete(texts).total() == 201


def test_a_cluster_that_asks_for_a_token(cluster: Any, texts: Path) -> None:
    code, said = end(begin(cluster, texts, RAY_AUTH_MODE="token", RAY_AUTH_TOKEN="0" * 32))
    assert code == 1 and "asks for a token" in said and "RAY_AUTH_TOKEN_PATH" in said


def test_a_lost_head_is_told_and_another_cluster_goes_on(texts: Path) -> None:
    path = os.pathsep.join(map(str, (ROOT, HERE)))
    with cluster_with_head(0, PYTHONPATH=path) as cluster:
        cluster.start(1)
        process = begin(cluster, texts)
        until_done(texts, 20, process)
        cluster.nodes[0].end()
        code, said = end(process)
    assert code == 1 and said.count("✘") == 1
    assert "the cluster's head (127.0.0.2) doesn't answer" in said and "--resume" in said
    had = lines(texts)
    assert 20 <= len(had) < 200
    with cluster_with_head(1, PYTHONPATH=path) as cluster:
        code, said = end(begin(cluster, texts))
    assert (code, said) == (0, f"Note: kept: {len(had)} results made of the same before.\n")
    begun = complete(texts)
    assert {begun[name] for name in had} == {1}
