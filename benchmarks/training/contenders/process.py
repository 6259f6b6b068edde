"""Run a program with a fixed number of threads, and say how many CPU-seconds it took.

CPU-seconds are the user and system time of the program and of all that it started and waited
for: loading workers, export pools. Linux and macOS, since `os.wait4` is.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cohort.base.errors import DataError

THREADS = 1
"""One, so that no CPU-seconds go into threads that wait for each other, and so that a second
contender can be measured on the other core at the same time."""

Command = list[str | Path]
"""Program and arguments."""

ENVIRONMENT = {
    **{
        f"{library}_NUM_THREADS": str(THREADS)
        for library in ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "BLOSC")
    },
    # Threads that wait for each other in a busy loop burn CPU-seconds; see imaging/__init__.py.
    "GOMP_SPINCOUNT": "1000",
    "PYTHONUNBUFFERED": "1",
}
"""What every contender runs under, over and above the environment of this program."""


@dataclass(frozen=True)
class Spent:
    """What a program took, in seconds.

    Attributes
    ----------
    cpu
        User and system time of the whole tree of processes.
    wall
        From start to end.
    peak_mb
        Most memory that one of its processes held, in MB.
    """

    cpu: float
    wall: float
    peak_mb: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        peak = max(self.peak_mb, other.peak_mb)
        return Spent(self.cpu + other.cpu, self.wall + other.wall, peak)


def run(command: Command, log: Path, environment: Mapping[str, str] | None = None) -> Spent:
    """Run `command` to its end, its output going to the file `log`.

    Parameters
    ----------
    command
        Program and arguments.
    log
        Replaced if it exists.
    environment
        Variables beside `ENVIRONMENT` and those of this program.

    Raises
    ------
    DataError
        If the program fails; with the last lines of its log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    variables = {**os.environ, **ENVIRONMENT, **(environment or {})}
    start = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=variables,
            start_new_session=True,  # so that what it started can be ended with it
        )
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:  # Ctrl-C as well
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-12:]
        raise DataError(
            f"{Path(command[0]).name} ended with {process.returncode}; see {log}:", *last
        )
    peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)  # bytes there, else KB
    return Spent(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, peak)
