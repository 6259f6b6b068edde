"""Workers of a Ray cluster: the one place that knows Ray.

A Ray cluster runs what anybody sends who can reach it. So one that is started here is bound to
this machine alone, without dashboard, and sends no usage statistics.
"""

from __future__ import annotations

import os
import re
import socket
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cohort.base.devices import parse_device
from cohort.base.errors import DataError, UsageError, reason
from cohort.base.files import write_text
from cohort.base.processes import cores
from cohort.work.crew import Hand, Lost
from cohort.work.job import Item, Job, Made
from cohort.work.ledger import work_folder

LOCAL, AUTO = "local", "auto"
_LOOPBACK = "127.0.0.1"
_PATIENCE, _ANSWERS = 5.0, 10.0
"""How long to wait for an answer at a time, and for a cluster, in seconds."""
_STORE = 128 << 20
"""Bytes for what workers hand to each other, which is little: files hold the results."""


@contextmanager
def ray_crew(address: str, job: Job, output: Path) -> Iterator[_RayCrew]:
    """Give the crew of a cluster, whose workers each have one core, or one GPU.

    Parameters
    ----------
    address
        `local` to start one on this machine, `auto` for the one that this machine is part of, or
        the address of its head, as in `10.0.0.1:6379`.
    job
        The job.
    output
        What the command writes.

    Raises
    ------
    UsageError
        If Ray is not installed, or the address is none.
    DataError
        If nobody answers there, or it has another version of Ray.
    """
    # Read when Ray is first imported.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if address == LOCAL:
        # Else a node is never bound to loopback: `ray.init` replaces 127.0.0.1 by another address.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    try:
        import ray
    except ImportError:
        raise UsageError(
            '--ray: Ray is not installed; install it with `pip install "hich-workflow[cluster]"`, '
            "or use --shard, which needs nothing."
        ) from None
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address == LOCAL:
        quiet |= {"num_cpus": cores(), "include_dashboard": False, "object_store_memory": _STORE}
        quiet |= {"_node_ip_address": _LOOPBACK}
    else:
        _require_answer(address)
    _init(ray, address, quiet)
    if address == LOCAL and ray.util.get_node_ip_address() != _LOOPBACK:
        ray.shutdown()
        raise DataError(
            "--ray local: Ray would listen to other machines, since it was imported before; use it "
            "in a process of its own, such as the command `hich`."
        )
    # Of each worker that dies Ray prints lines to stdout, where a command's JSON may be.
    with suppress(AttributeError):
        ray._private.worker.print_to_stdstream = lambda *_, **__: None
    token = work_folder(output) / f".{uuid.uuid4().hex}.token"
    try:
        write_text(token, token.name)
        yield _RayCrew(ray, job, token)
    finally:
        token.unlink(missing_ok=True)
        ray.shutdown()


def _init(ray: Any, address: str, options: dict[str, Any]) -> None:
    """Start Ray, or join it; twice, since it gives up where it isn't up within seconds."""
    for last in (address != LOCAL, True):
        try:
            ray.init(address=address, **options)
            return
        except Exception as error:
            ray.shutdown()
            if last:
                raise _why_not(address, error) from None


class _RayCrew:
    def __init__(self, ray: Any, job: Job, token: Path) -> None:
        self._ray, self._token = ray, token
        gpu = parse_device(getattr(job, "device", "cpu")).kind == "cuda"
        self._needs = {"num_cpus": 1, "num_gpus": int(gpu)}
        self._kind = "GPU" if gpu else "CPU"
        if gpu and not self.seats:
            raise DataError("--ray: no node of the cluster has a GPU; use --device cpu.")

    @property
    def seats(self) -> int:
        return int(self._ray.cluster_resources().get(self._kind, 0))

    def hire(self, job: Job) -> _Actor:
        remote = self._ray.remote(**self._needs, max_restarts=0, max_task_retries=0)(_Remote)
        actor = remote.remote()
        there = (os.getcwd(), str(self._token.resolve()), self._ray.__version__)
        return _Actor(self._ray, actor, actor.load.remote(job, *there))

    def wait(self, hands: Sequence[Hand]) -> list[Hand]:
        of = {hand.reference: hand for hand in hands if isinstance(hand, _Actor)}
        ready, _ = self._ray.wait(list(of), num_returns=1, timeout=_PATIENCE)
        return [of[reference] for reference in ready]


class _Actor:
    def __init__(self, ray: Any, actor: Any, reference: Any) -> None:
        self._ray, self._actor, self.reference = ray, actor, reference

    def give(self, item: Item) -> None:
        self.reference = self._actor.work.remote(item)

    def answer(self) -> Made | DataError | None:
        errors = self._ray.exceptions
        try:
            answer: Made | DataError | None = self._ray.get(self.reference)
            return answer
        except errors.RayTaskError as error:
            cause = error.cause
            known = isinstance(cause, (DataError, UsageError, OSError))
            raise (cause if known else error) from None
        except (errors.RayActorError, errors.WorkerCrashedError, errors.OutOfMemoryError) as error:
            if "import" in str(error) or "No module" in str(error):
                raise _cannot_load(error) from None
            raise Lost from None
        except errors.RaySystemError as error:
            raise _cannot_load(error) from None

    def dismiss(self) -> None:
        with suppress(Exception):  # it may have ended by itself
            self._ray.kill(self._actor)


class _Remote:
    """What runs on a node: it loads the job once."""

    def __init__(self) -> None:
        self._worker: Any = None

    def load(self, job: Job, folder: str, token: str, ray_version: str) -> None:
        """Load the job in the folder in which the command was called.

        Raises
        ------
        DataError
            If this node can't see that folder or the output, or has other versions.
        """
        import ray

        node = ray.get_runtime_context().get_node_id()[:8]
        if not Path(folder).is_dir() or not Path(token).is_file():
            missing = folder if not Path(folder).is_dir() else str(Path(token).parent)
            raise DataError(
                f"--ray: node {node} of the cluster can't see {missing}; use folders that all "
                "nodes share, at the same place on each."
            )
        os.chdir(folder)
        if ray.__version__ != ray_version:
            raise DataError(
                f"--ray: node {node} has Ray {ray.__version__}, this machine {ray_version}; "
                "install the same version on every node."
            )
        if job.code_here() != job.identity.code:
            raise DataError(
                f"--ray: node {node} has another version of this program, or of a library that it "
                "computes with; install the same versions on every node."
            )
        self._worker = job.load()

    def work(self, item: Item) -> Made | DataError:
        """Do an item."""
        outcome: Made | DataError = next(iter(self._worker.stream([item])))
        return outcome


def _cannot_load(error: Exception) -> DataError:
    """Return what to do where this project isn't installed."""
    said = reason(error)
    if found := re.search(r"No module named '?[\w.]+'?", str(error)):
        said = found[0]
    return DataError(
        f"--ray: a worker can't load this program ({said}); install the same version on every node."
    )


def _require_answer(address: str) -> None:
    """Make sure, within seconds, that somebody answers at an address."""
    if address == AUTO:
        return
    host, colon, port = address.rpartition(":")
    if not (colon and host and port.isdigit()) or "/" in address:
        raise UsageError(
            f"--ray {address}: is {LOCAL}, {AUTO}, or the address of a cluster's head, as in "
            "10.0.0.1:6379, from a machine that is part of it."
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWERS).close()
    except (OSError, OverflowError):
        raise DataError(
            f"--ray {address}: nobody answers there; is the cluster started (`ray start --head`), "
            "and can this machine reach it?"
        ) from None


def _why_not(address: str, error: Exception) -> DataError:
    said = reason(error)
    if "ersion mismatch" in said:
        return DataError(
            f"--ray {address}: {said}. Install the same versions of Ray and Python on every node."
        )
    if address == LOCAL:
        return DataError(f"--ray local: Ray could not be started ({said}).")
    return DataError(
        f"--ray {address}: no cluster there that this machine is part of ({said}); start one with "
        "`ray start --head`, or use --ray local."
    )
