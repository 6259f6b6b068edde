"""Commands by Ray: the bytes of the plain command, on one machine and on two nodes."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from apart import words_apart
from ray_cluster import cluster_with_head

from cohort.base.code.contents import PROVENANCE
from cohort.synthesize import synthesize
from cohort.work.ledger import work_folder
from hich.read.build import read
from imaging.predict import predict
from tests.conftest import ROOT
from tests.hich.patient.conftest import NOTE
from tests.hich.read.test_read_shards import tree as tree_of_read
from text.annotate import annotate


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Give a cluster of one node, which has one core."""
    with cluster_with_head(1) as nodes:
        yield nodes


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of eight small generated scans."""
    folder = tmp_path_factory.mktemp("scans") / "cohort"
    synthesize(folder, 8, size=128, slices=12, processes=1)
    return folder / "images"


@pytest.fixture(scope="module")
def predicted(scans: Path) -> dict[str, bytes]:
    """Return what the plain command makes of them."""
    out = scans.parents[1] / "plain"
    predict(None, [scans], out)
    return tree(out)


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != PROVENANCE)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def begin(cluster: Any, *words: object) -> subprocess.Popen[str]:
    """Begin with a command of `hich` by the cluster."""
    line = [sys.executable, "-m", "hich", *map(str, words), "--ray", cluster.address]
    return subprocess.Popen(
        line,
        env=cluster.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> str:
    """Return what a command that went well has said to stderr."""
    _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    return said


def done(out: Path) -> list[str]:
    """Return the ids of what is noted as done."""
    return [
        json.loads(line)["id"]
        for path in (work_folder(out) / "done").glob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def until_done(out: Path, count: int, process: subprocess.Popen[str]) -> None:
    while len(done(out)) < count:
        has_ended = process.poll() is not None
        assert not has_ended or len(done(out)) >= count, process.communicate()
        time.sleep(0.02)


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
def test_nothing_leaves_the_machine_by_ray_local(
    scans: Path, predicted: dict[str, bytes], tmp_path: Path
) -> None:
    out, home = tmp_path / "out", tmp_path / "home"
    home.mkdir()
    line = [sys.executable, "-m", "hich", "predict", scans, "--output", out, "--ray", "local"]
    run = subprocess.run(
        [*words_apart(), *map(str, line)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "packets sent: 0"
    assert tree(out) == predicted
    assert len(done(out)) == len(set(done(out))) == 8
    assert not (home / ".ray").exists()


def test_scans_are_complete_where_a_node_is_lost(
    cluster: Any, node: Any, scans: Path, predicted: dict[str, bytes], tmp_path: Path
) -> None:
    goes, out = node(1), tmp_path / "out"
    process = begin(cluster, "predict", scans, "--output", out)
    until_done(out, 3, process)
    goes.end()
    assert ended(process) == ""
    assert tree(out) == predicted
    assert len(done(out)) == len(set(done(out))) == 8


def test_records_are_complete_where_workers_are_killed_and_a_node_is_lost(
    cluster: Any, node: Any, tmp_path: Path
) -> None:
    goes = node(1)
    records, chance, out = tmp_path / "records.csv", random.Random(19), tmp_path / "out"
    with records.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "text"))
        # Long enough that work is left when a worker is killed, however busy the machine is.
        writer.writerows((f"p{number}", f"{NOTE * 6}{number}") for number in range(1000))
    process = begin(cluster, "annotate", records, "--output", out, "--no-pages")
    *kills, last = sorted(chance.sample(range(5, 90), 4))
    for count in kills:
        until_done(out, count, process)
        workers = [pid for one in cluster.nodes for pid in one.workers]
        os.kill(chance.choice(workers), signal.SIGKILL)
    until_done(out, last, process)
    goes.end()
    ended(process)
    annotate(None, [records], tmp_path / "plain", pages=False)
    assert tree(out) == tree(tmp_path / "plain")
    assert len(done(out)) == len(set(done(out))) > 100


def test_reading_many_patients_where_a_node_is_lost(
    cluster: Any, node: Any, scans: Path, tmp_path: Path
) -> None:
    goes = node(1)
    (tmp_path / "in").mkdir()
    for scan in sorted(scans.iterdir())[:6]:
        (tmp_path / "in" / scan.name).symlink_to(scan)
        (tmp_path / "in" / scan.name.replace(".nii.gz", ".txt")).write_text(NOTE, "utf-8")
    out = tmp_path / "out"
    process = begin(cluster, "read", tmp_path / "in", "--output", out)
    until_done(out / "predictions/imaging", 2, process)
    goes.end()
    ended(process)
    read(tmp_path / "in", tmp_path / "plain", processes=1)
    assert tree_of_read(out) == tree_of_read(tmp_path / "plain")
    names = done(out / "predictions/imaging")
    assert len(names) == len(set(names)) == 6
