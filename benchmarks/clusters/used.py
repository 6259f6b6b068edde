"""What a command of this program needs, and what it writes."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks import ROOT
from cohort.base.code.contents import PROVENANCE


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
    """Return all files of a folder, without what says when they were made, and by what."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != PROVENANCE)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
