"""A Ray cluster of several nodes on this machine, which others can't reach.

Each node has an address of its own on loopback, 127.0.0.2 and on, which Linux has without being
told, and is a process, `ray start`, with all that it starts. A node can so be ended like a machine
that loses its power, have other code, or not see a folder.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from benchmarks import ROOT
from benchmarks.clusters.ports import free_ports

_STARTED = "This command will now block forever"
_PATIENCE = 120.0
"""How long a node may take to start, in seconds."""


def missing() -> str | None:
    """Return why there can be no such cluster here, if so."""
    if sys.platform != "linux":
        return "only Linux has several addresses on loopback, and /proc"
    return None if find_spec("ray") else "Ray is not installed (extra `cluster`)"


def descendants(pid: int) -> Iterator[int]:
    """Yield a process and all that it has started, and these have, and so on."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                yield from descendants(int(child))


def words_of(pid: int) -> str:
    """Return the command line of a process; Ray's workers write there what they do."""
    with suppress(OSError):
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
        return line.decode(errors="replace").strip()
    return ""


class Node:
    """A node that runs.

    Attributes
    ----------
    process
        Its `ray start`.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process, self._log = process, log

    @property
    def pids(self) -> list[int]:
        """All its processes."""
        return list(descendants(self.process.pid))

    @property
    def workers(self) -> list[int]:
        """Its processes that load a job, or do its items."""
        return [pid for pid in self.pids if words_of(pid).startswith("ray::_Remote")]

    def end(self) -> None:
        """End all its processes at once, as a machine does that loses its power."""
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def wait_until_started(self) -> None:
        """Wait for it.

        Raises
        ------
        RuntimeError
            If it doesn't start.
        """
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            if _STARTED in self._log.read_text(errors="replace"):
                return
            time.sleep(0.2)
        raise RuntimeError(f"a node did not start:\n{self._log.read_text(errors='replace')}")


class RayNodes:
    """A cluster.

    Attributes
    ----------
    address
        Of its head.
    environment
        Variables for a program that is to use it, and can find this project.
    nodes
        The head, and the others.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.nodes: list[Node] = []
        (port,) = free_ports(1, "127.0.0.2")
        self.address = f"127.0.0.2:{port}"
        self.environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_worker_niceness": "0",  # else workers give way to all else, by 15
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(16),
        }

    def start(
        self,
        cores: int = 1,
        environment: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        python: str = sys.executable,
    ) -> Node:
        """Start a node, the head first; twice if need be, since Ray gives up after 30 seconds.

        Parameters
        ----------
        cores
            How many workers it can have.
        environment
            Variables of it alone.
        before
            Words to stand before its command, as `nice -n 10`.
        python
            The Python that it is of.
        """
        for last in (False, True):
            node = self._begin(cores, environment or {}, before, python)
            try:
                node.wait_until_started()
                break
            except RuntimeError:
                if last:
                    raise
                node.end()
                self.nodes.remove(node)
        return node

    def _begin(
        self, cores: int, environment: Mapping[str, str], before: Sequence[str], python: str
    ) -> Node:
        number = len(self.nodes)
        own = f"127.0.0.{2 + number}"
        line = [*before, python, "-m", "ray.scripts.scripts", "start", "--block"]
        line += [f"--node-ip-address={own}", f"--num-cpus={cores}", "--num-gpus=0"]
        line += ["--object-store-memory=100000000", "--min-worker-port=0", "--max-worker-port=0"]
        if number:
            line += [f"--address={self.address}", "--dashboard-agent-listen-port=0"]
        else:
            line += ["--head", f"--port={self.address.split(':')[1]}", "--include-dashboard=false"]
            line += [f"--temp-dir={self._folder / 'ray'}", "--disable-usage-stats"]
        path = self._folder / f"{own}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                line,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.nodes.append(Node(process, path))
        return self.nodes[-1]


@contextmanager
def ray_nodes() -> Iterator[RayNodes]:
    """Give a cluster without nodes; all that are started are ended with the block."""
    # A socket's path may have 100 characters.
    folder = Path(tempfile.mkdtemp(prefix="ray"))
    cluster = RayNodes(folder)
    try:
        yield cluster
    finally:
        for node in cluster.nodes:
            node.end()
        shutil.rmtree(folder, ignore_errors=True)
