"""The scripts of docs/how-to/slurm, by reading them, with a Slurm in name only, and with one."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hich.merge.__main__ import LAST_STEPS
from tests.conftest import ROOT
from tests.style.test_docs import faults

SCRIPTS = ROOT / "docs/how-to/slurm"
ARRAYS = ("predict", "annotate")
ONE_TO_THREE = {"ID": "2", "COUNT": "3", "MIN": "1", "MAX": "3"}

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the scripts are bash")


def call(*line: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run bash with nothing of this process's environment but where programs are."""
    path = f"{variables.pop('before')}:/usr/bin:/bin" if "before" in variables else "/usr/bin:/bin"
    return subprocess.run(
        ["bash", *map(str, line)],
        env={"PATH": path, **variables},
        capture_output=True,
        text=True,
    )


def program(path: Path, line: str) -> Path:
    """Write a program that does what a line of sh says."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def said(tmp_path: Path) -> Path:
    """Return a program that prints its words, one a line."""
    return program(tmp_path / "bin/hich", 'printf "%s\\n" "$@"')


@pytest.mark.parametrize("path", sorted(SCRIPTS.iterdir()), ids=lambda path: path.name)
def test_a_script_is_bash_and_shown_and_linked_on_the_page(path: Path) -> None:
    assert call("-n", path).stderr == ""
    page = (ROOT / "docs/how-to/slurm.md").read_text(encoding="utf-8")
    assert f'--8<-- "{path.relative_to(ROOT).as_posix()}"' in page
    assert f"(slurm/{path.name})" in page


@pytest.mark.parametrize("command", ARRAYS)
def test_a_task_does_its_shard_by_options_that_the_command_has(command: str, said: Path) -> None:
    variables = {f"SLURM_ARRAY_TASK_{name}": value for name, value in ONE_TO_THREE.items()}
    script = SCRIPTS / f"{command}.sbatch"
    done = call(script, "a folder", "out", "--device", "cpu", HICH=str(said), **variables)
    words = done.stdout.splitlines()
    expected = [command, "a folder", "--output", "out", "--shard", "2/3", "--resume"]
    assert words == [*expected, "--device", "cpu"]
    assert list(faults(["hich", *words])) == []
    assert command in LAST_STEPS


@pytest.mark.parametrize("array", [{"MIN": "0", "MAX": "2"}, {"MAX": "5"}, {"MIN": "2"}])
def test_an_array_that_would_cut_otherwise_is_refused(array: dict[str, str], said: Path) -> None:
    """Of `--array=0-2` no task would do shard 3/3, and `--array=2,5` would have two shards."""
    variables = {f"SLURM_ARRAY_TASK_{n}": value for n, value in (ONE_TO_THREE | array).items()}
    done = call(SCRIPTS / "predict.sbatch", "scans", "out", HICH=str(said), **variables)
    assert done.returncode == 2 and "1-N" in done.stderr and done.stdout == ""


def test_merging_is_of_the_output(said: Path) -> None:
    done = call(SCRIPTS / "merge.sbatch", "out", HICH=str(said))
    assert done.stdout.splitlines() == ["merge", "out"]
    assert list(faults(["hich", "merge", "out"])) == []


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.sbatch")), ids=lambda path: path.name)
def test_a_job_says_what_it_needs_and_may_be_requeued(path: Path) -> None:
    asked = re.findall(r"^#SBATCH --([\w-]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert {"time", "mem", "cpus-per-task", "requeue"} <= set(asked)


@pytest.mark.parametrize("command", ARRAYS)
def test_the_merge_waits_for_the_whole_array(command: str, said: Path, tmp_path: Path) -> None:
    """`sbatch` here writes down what it was asked, and gives numbers as one of a federation."""
    program(tmp_path / "bin/python", 'echo "numpy==2.3.5"')
    asked = tmp_path / "asked"
    program(
        tmp_path / "bin/sbatch", f'echo "$@" >> "{asked}"; echo "$(wc -l < "{asked}");elsewhere"'
    )
    out = tmp_path / "out"
    submit = (SCRIPTS / "submit.sh", f"{command}.sbatch", "8", "in", f"{out}/", "--device", "cpu")
    done = call(*submit, HICH=str(said), before=str(tmp_path / "bin"))
    assert done.stdout == "1 2\n", done.stderr
    array, merge = asked.read_text(encoding="utf-8").splitlines()
    assert array == f"--parsable --array=1-8 {SCRIPTS}/{command}.sbatch in {out} --device cpu"
    assert merge == f"--parsable --dependency=afterany:1 {SCRIPTS}/merge.sbatch {out}"
    assert (tmp_path / "out.work/constraints.txt").read_text(encoding="utf-8") == "numpy==2.3.5\n"


def test_nothing_is_submitted_where_the_program_is_missing(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    program(tmp_path / "bin/sbatch", f'touch "{asked}"')
    submit = (SCRIPTS / "submit.sh", "predict.sbatch", "8", "in", tmp_path / "out")
    nowhere = str(tmp_path / "nowhere/hich")
    done = call(*submit, HICH=nowhere, before=str(tmp_path / "bin"))
    assert done.returncode and nowhere in done.stderr and not asked.exists()
    assert call(SCRIPTS / "submit.sh", "predict.sbatch", "8").returncode == 2


@pytest.fixture
def slurm() -> Iterator[Any]:
    """Start a Slurm of one node, by benchmarks/clusters/slurm_node.py."""
    from benchmarks.clusters.slurm_node import cluster, missing

    if why := missing():
        pytest.skip(why)
    # A socket's path may have 100 characters, which pytest's folders nearly have.
    with tempfile.TemporaryDirectory(prefix="slurm") as name, cluster(Path(name)) as of_one_node:
        yield of_one_node


def test_slurm_runs_the_merge_after_tasks_of_which_one_failed(
    slurm: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scripts, dependency and variables are real; the program only notes what it was told."""
    log = tmp_path / "log"
    line = f'echo "$1 $6" >> "{log}"; [ "$6" != 2/3 ]'
    Path(slurm.environment["HICH"]).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    from benchmarks.clusters.slurm_job import submit

    array, merge = submit(slurm, "predict.sbatch", 3, tmp_path / "in", tmp_path / "out")
    (job,) = slurm.wait(merge)
    assert job.state == "COMPLETED"
    assert sorted(one.state for one in slurm.wait(array)) == ["COMPLETED", "COMPLETED", "FAILED"]
    *tasks, last = log.read_text(encoding="utf-8").split("\n")[:-1]
    assert sorted(tasks) == ["predict 1/3", "predict 2/3", "predict 3/3"]
    assert last == "merge "
