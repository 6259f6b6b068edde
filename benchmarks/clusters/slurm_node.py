"""A Slurm of one node: this machine.

It needs Debian's packages: `apt-get install slurm-wlm munge`. Its daemons listen on loopback, keep
all that they write in a folder, and are stopped at the end. Commands of tasks run in a network
namespace without any network, if that can be made (as root), so that nothing can be fetched.
"""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import ROOT
from benchmarks.clusters.ports import free_ports

DAEMONS = ("munged", "slurmctld", "slurmd")
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
            ports=free_ports(2),
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
