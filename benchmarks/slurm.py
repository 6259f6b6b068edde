"""A one-node Slurm on this machine, on which the scripts of docs/how-to/slurm are tried.

Run from the project's folder: `python benchmarks/slurm.py [--scans 12] [--records 2000]
[--shards 3]`, with Debian's packages: `apt-get install slurm-wlm munge`. Its daemons listen on
loopback, keep all that they write in a temporary folder, and are stopped at the end.

First one process does all generated scans, then all records: what it needs by scan (seconds of a
core, without its start; peak memory). Then submit.sh does the same in shards: a task is ended by
`kill -9` after its first scan and requeued, and the files are compared. At last a task is given too
little memory, and one too little time. Commands of tasks run in a network namespace without any
network, if that can be made (as root), so that nothing can be fetched.
"""

from __future__ import annotations

import argparse
import getpass
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "docs/how-to/slurm"
DAEMONS = ("munged", "slurmctld", "slurmd")
MORE = {"predict": (), "annotate": ("--no-pages",)}
PATIENCE = 3600.0  # seconds that a job may take
ENDED = ("COMPLETED", "FAILED", "TIMEOUT", "OUT_OF_MEMORY", "CANCELLED", "NODE_FAIL")
CONFIG = """\
ClusterName=trial
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MpiDefault=none
ReturnToService=2
KillWait=5
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory}
PartitionName=trial Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class Job(NamedTuple):
    """A job, or a task of an array: its state, and what Slurm says of it."""

    state: str
    fields: dict[str, str]


@dataclass
class Cluster:
    """A Slurm that runs.

    Attributes
    ----------
    folder
        What its daemons write; logs of jobs.
    environment
        Variables by which its commands find it, and scripts the program.
    without_network
        Whether tasks run without any network.
    """

    folder: Path
    environment: dict[str, str]
    without_network: bool

    def ask(self, *line: str | Path) -> str:
        """Run a command of Slurm, or a script that calls some; return what it prints."""
        done = subprocess.run(
            [str(word) for word in line],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{shlex.join(map(str, line))}: {done.stderr.strip()}")
        return done.stdout.strip()

    def jobs(self, number: str) -> list[Job]:
        """Return a job, or the tasks of an array."""
        lines = self.ask("scontrol", "show", "job", "--oneliner", number).splitlines()
        found = [dict(w.split("=", 1) for w in line.split() if "=" in w) for line in lines]
        return [Job(fields["JobState"], fields) for fields in found]

    def wait(self, number: str) -> list[Job]:
        """Wait until a job, or all tasks of an array, have ended."""

        def all_ended() -> list[Job] | None:
            jobs = self.jobs(number)
            return jobs if all(job.state in ENDED for job in jobs) else None

        return until(all_ended, f"job {number} to end")

    def processes(self, number: str) -> list[int]:
        """Return the processes of a job, as Slurm knows them."""
        lines = self.ask("scontrol", "listpids", number).splitlines()[1:]
        return [int(line.split()[0]) for line in lines if int(line.split()[0]) > 0]


def until(look: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Return what `look` finds, once it does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.3)
    raise TimeoutError(f"waited {seconds:.0f} s for {what}")


_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


def missing() -> str | None:
    """Return why there can be no Slurm here, if so."""
    needed = (*DAEMONS, "sbatch", "scontrol")
    if absent := [name for name in needed if not shutil.which(name, path=_PATH)]:
        return f"{', '.join(absent)}: not here (Debian: apt-get install slurm-wlm munge)"
    return None


@contextmanager
def cluster(folder: Path, cores: int = 2, memory_mb: int = 8000) -> Iterator[Cluster]:
    """Start a Slurm that knows this machine only; stop it at the end.

    Parameters
    ----------
    folder
        An empty one, whose path is short (a socket lies in it).
    cores, memory_mb
        What it may give to jobs.
    """
    folder = folder.resolve()
    folder.chmod(0o755)
    for name in ("munge", "state", "spool", "bin"):
        (folder / name).mkdir(mode=0o755)
    key = folder / "munge/key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    config = folder / "slurm.conf"
    config.write_text(
        CONFIG.format(
            host=socket.gethostname().split(".")[0],
            user=getpass.getuser(),
            folder=folder,
            ports=_free_ports(2),
            cores=cores,
            memory=memory_mb,
        )
    )
    apart = subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode == 0
    before = "unshare --net " if apart else ""
    python = shlex.quote(sys.executable)
    _write_program(folder / "bin/hich", f'exec {before}{python} -m hich "$@"')
    _write_program(folder / "bin/python", f'exec {python} "$@"')
    environment = os.environ | {"PATH": _PATH, "SLURM_CONF": str(config), "PYTHONPATH": str(ROOT)}
    environment["HICH"] = str(folder / "bin/hich")
    made = Cluster(folder, environment, apart)
    munge = [f"--{name}={folder}/munge/{file}" for name, file in _MUNGE.items()]
    with ExitStack() as daemons:
        # --force: a temporary folder is closed to other users, which it would refuse.
        daemons.enter_context(_daemon(made, "munged", "--foreground", "--force", *munge))
        until((folder / "munge/socket").exists, "munged", 60)
        for name in ("slurmctld", "slurmd"):
            daemons.enter_context(_daemon(made, name, "-D", "-f", str(config)))

        def idle() -> bool:
            try:
                return made.ask("sinfo", "--noheader", "--format=%T") == "idle"
            except RuntimeError:
                return False  # not there yet

        until(idle, f"the node; see {folder}/slurmctld.log", 60)
        yield made


_MUNGE = {"key-file": "key", "socket": "socket", "pid-file": "pid", "seed-file": "seed"}
_MUNGE["log-file"] = "log"


@contextmanager
def _daemon(of: Cluster, name: str, *arguments: str) -> Iterator[None]:
    with (of.folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [name, *arguments], env=of.environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _write_program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as sockets:
        taken = [sockets.enter_context(socket.socket()) for _ in range(count)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in taken]


class Used(NamedTuple):
    """What a process needed: seconds on the clock and of cores, peak memory in MB."""

    wall: float
    core: float
    peak: float


def measured(*line: str | Path) -> Used:
    """Run `hich` with one thread, and return what it needed."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "hich", *map(str, line)],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"hich {shlex.join(map(str, line))}: ended with {status}")
    wall = time.perf_counter() - start
    return Used(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def tree(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def submit(on: Cluster, script: str, shards: int, *rest: str | Path) -> tuple[str, str]:
    """Submit by docs/how-to/slurm/submit.sh; return the numbers of the array and the merge."""
    said = on.ask("bash", SCRIPTS / "submit.sh", script, str(shards), *rest)
    array, merge = said.split()
    return array, merge


def kill_one(on: Cluster, array: str, out: Path, shards: int) -> int:
    """End task 1 by `kill -9` when it has done something, and requeue it; return how much it had.

    Raises
    ------
    RuntimeError
        If it had ended before.
    """
    done = Path(f"{out}.work") / f"done/1-of-{shards}.jsonl"
    lines = until(lambda: done.is_file() and done.read_bytes().count(b"\n"), "task 1 to do an item")
    (task,) = (job.fields["JobId"] for job in on.jobs(f"{array}_1"))
    for process in on.processes(task):
        os.kill(process, signal.SIGKILL)

    def failed() -> bool:
        (job,) = on.jobs(f"{array}_1")
        if job.state == "COMPLETED":
            raise RuntimeError("task 1 was done before it was killed; take more items")
        return job.state == "FAILED"

    until(failed, "task 1 to fail")
    on.ask("scontrol", "requeue", f"{array}_1")
    return int(lines)


def ended_by(on: Cluster, limit: str, script: str, *rest: str | Path) -> str:
    """Submit one task with a limit that is too low; return how Slurm calls its end."""
    number = on.ask("sbatch", "--parsable", limit, "--array=1-1", SCRIPTS / script, *rest)
    return ", ".join(sorted({job.state for job in on.wait(number)}))


def trial(on: Cluster, script: str, shards: int, source: Path, one: Path, kill: bool) -> None:
    """Do by shards what was done to the folder `one`, and compare."""
    out = one.with_name(f"{one.name}-shards")
    start = time.perf_counter()
    array, merge = submit(on, script, shards, source, out, *MORE[script.split(".")[0]])
    told = ""
    if kill:
        had = kill_one(on, array, out, shards)
        told = f", task 1 killed after {had} of its items and requeued"
    (job,) = on.wait(merge)
    wall = time.perf_counter() - start
    if job.state != "COMPLETED":
        raise RuntimeError((on.folder / f"hich-merge-{merge}.log").read_text())
    if kill:
        log = (on.folder / f"hich-{script.split('.')[0]}-{array}_1.log").read_text()
        assert "kept: " in log, log
    same = tree(one) == tree(out)
    print(
        f"{script}: {shards} tasks and merge {wall:.0f} s{told}; {len(tree(out))} files, "
        f"{'byte for byte as' if same else 'NOT as'} one process's",
        flush=True,
    )
    if not same:
        raise SystemExit(1)


def costs(what: str, count: int, few: Used, many: Used, of_few: int) -> None:
    """Print what an item costs, and what a start, by runs of a few and of all."""
    each = (many.core - few.core) / (count - of_few)
    start = few.core - of_few * each
    print(
        f"{what}: {each:.3g} core-seconds each, {start:.1f} core-seconds to start, peak "
        f"{many.peak:.0f} MB ({count} in {many.core:.1f} core-seconds, {many.wall:.0f} s)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=int, default=12)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--shards", type=int, default=3)
    parser.add_argument("--heads", type=int, default=4, help="each is several scans")
    parser.add_argument("--cohort", type=Path, help="generated heads that are there already")
    parser.add_argument("--only", choices=("predict", "annotate"))
    parser.add_argument("--limits", action="store_true", help="try too little memory and time")
    asked = parser.parse_args()
    if why := missing():
        raise SystemExit(why)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # daemons are stopped then, too
    print(f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores", flush=True)
    with tempfile.TemporaryDirectory(prefix="slurm") as temporary:
        folder = Path(temporary)
        sources = {}
        if asked.only != "annotate":
            scans = link_scans(folder, asked.cohort, asked.heads, asked.scans)
            sources["predict"] = scans, scans / "s0000.nii.gz", asked.scans, 1
        if asked.only != "predict":
            sys.path.insert(0, str(ROOT / "benchmarks"))
            from memory import make

            counts = asked.records, asked.records // 10
            sources["annotate"] = *(make(folder, "csv", count) for count in counts), *counts
        for command, (all_, some, count, of_some) in sources.items():
            more = MORE[command]
            few = measured(command, some, "--output", folder / f"{command}-few", *more)
            many = measured(command, all_, "--output", folder / command, *more)
            costs(command, count, few, many, of_some)
        (folder / "slurm").mkdir()
        with cluster(folder / "slurm", os.cpu_count() or 1) as on:
            print(f"tasks {'without any' if on.without_network else 'with'} network", flush=True)
            for command, (all_, *_) in sources.items():
                kill = command == "predict"
                trial(on, f"{command}.sbatch", asked.shards, all_, folder / command, kill)
                again = measured("merge", folder / f"{command}-shards")
                print(f"merge: {again.core:.1f} core-seconds, peak {again.peak:.0f} MB", flush=True)
            for limit in ("--mem=200M", "--time=00:01:00") if asked.limits else ():
                state = ended_by(on, limit, f"{command}.sbatch", all_, folder / "limited")
                print(f"{limit}: {state}", flush=True)


def link_scans(folder: Path, heads: Path | None, few: int, count: int) -> Path:
    """Return a folder of so many scans of a few heads, which are generated unless given."""
    if heads is None:
        heads = folder / "cohort"
        size = ("--cases", str(few), "--size", "512", "--slices", "25")
        measured("synthesize", heads, *size, "--processes", "1")
    images = sorted((heads.resolve() / "images").iterdir())
    scans = folder / "scans"
    scans.mkdir()
    for number in range(count):
        (scans / f"s{number:04}.nii.gz").symlink_to(images[number % len(images)])
    return scans


if __name__ == "__main__":
    main()
