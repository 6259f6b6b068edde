"""Workers of a Ray cluster: with `ray_head` and `ray_start` the one place that knows Ray.

A Ray cluster runs what anybody sends who can reach it. So one that is started here is bound to
this machine alone, without dashboard, and sends no usage statistics.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from cohort.base.cli import say_note
from cohort.base.devices import parse_device
from cohort.base.errors import DataError, UsageError, reason, told_of
from cohort.base.files import clear_partial, temporary_name
from cohort.base.locks import being_written
from cohort.base.processes import cores
from cohort.work.crew import Hand, Lost
from cohort.work.job import Item, Job, Made
from cohort.work.ray_head import PATIENCE, ClusterHead, end_without_ray
from cohort.work.ray_start import LOCAL, own_folder, ray_environment, require_ray, why_not

_LOOPBACK = "127.0.0.1"
_LONG = 24
"""After how many such times it is said that no worker has begun."""
_STORE = 128 << 20
"""Bytes for what workers hand to each other, which is little: files hold the results."""


@contextmanager
def ray_crew(address: str, job: Job) -> Iterator[_RayCrew]:
    """Give the crew of a cluster, whose workers each have one core, or one GPU.

    Parameters
    ----------
    address
        `local` to start one on this machine, `auto` for the one that this machine is part of, or
        the address of its head, as in `10.0.0.1:6379`.
    job
        The job; its `place` is one that all workers write to.

    Raises
    ------
    UsageError
        If Ray is not installed, or there is no such address.
    DataError
        If nobody answers there, or it has another version of Ray.
    """
    require_ray(address)
    own = own_folder() if address == LOCAL else nullcontext()
    with ray_environment(address == LOCAL), own as folder:
        import ray

        options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        if address == LOCAL:
            options |= {"num_cpus": cores(), "include_dashboard": False, "_temp_dir": str(folder)}
            options |= {"object_store_memory": _STORE, "_node_ip_address": _LOOPBACK}
        _init(ray, address, options)
        clear_partial(job.place, {"token"})  # of a run that was killed
        token = temporary_name(job.place / "token")
        is_new = not job.place.exists()
        head: ClusterHead | None = None
        try:
            if address == LOCAL and ray.util.get_node_ip_address() != _LOOPBACK:
                raise DataError(
                    "--ray local: Ray would listen to other machines, since it was imported "
                    "before; use it in a process of its own, such as the command `hich`."
                )
            # Of each worker that dies Ray prints lines to stdout, where a command's JSON may be.
            with suppress(AttributeError):
                ray._private.worker.print_to_stdstream = lambda *_, **__: None
            job.place.mkdir(parents=True, exist_ok=True)
            token.touch()
            with being_written(token):
                crew = _RayCrew(ray, job, token)
                head = crew.head
                yield crew
        finally:
            token.unlink(missing_ok=True)
            if is_new:
                with suppress(OSError):  # it holds something now
                    job.place.rmdir()
            if head is not None and head.is_lost:
                end_without_ray(ray)
            else:
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
                raise why_not(address, error) from None


class _RayCrew:
    def __init__(self, ray: Any, job: Job, token: Path) -> None:
        self._ray, self._token = ray, token
        gpu = parse_device(getattr(job, "device", "cpu")).kind == "cuda"
        self._needs = {"num_cpus": 1, "num_gpus": int(gpu)}
        self._kind = "GPU" if gpu else "CPU"
        self._in_vain = 0
        self.head = ClusterHead(ray.get_runtime_context().gcs_address)
        if gpu and not self.seats:
            raise DataError("--ray: no node of the cluster has a GPU; use --device cpu.")

    @property
    def seats(self) -> int:
        return int(self.head.ask(self._ray.cluster_resources).get(self._kind, 0))

    def hire(self, job: Job) -> _Actor:
        remote = self._ray.remote(**self._needs, max_restarts=0, max_task_retries=0)(_Remote)
        actor = self.head.ask(remote.remote)
        return _Actor(self._ray, actor, job, self._token, self.head)

    def wait(self, hands: Sequence[Hand]) -> list[Hand]:
        of = {hand.reference: hand for hand in hands if isinstance(hand, _Actor)}
        ready, _ = self._ray.wait(list(of), num_returns=1, timeout=PATIENCE)
        if not ready:
            self.head.require()
        self._in_vain = (
            0 if ready or not all(one.loads for one in of.values()) else self._in_vain + 1
        )
        if self._in_vain == _LONG:
            say_note(
                f"--ray: no worker has begun yet. Others may be using the cluster's {self._kind}s; "
                "`ray status` tells."
            )
        return [of[reference] for reference in ready]


class _Actor:
    def __init__(self, ray: Any, actor: Any, job: Job, token: Path, head: ClusterHead) -> None:
        self._ray, self._actor, self._job, self.loads = ray, actor, job, True
        self._head = head
        there = (os.getcwd(), str(token.resolve()), ray.__version__)
        self.reference = actor.load.remote(job, *there)

    def give(self, item: Item) -> None:
        self.loads = False
        readable = [str(path) for path in self._job.paths(item) if os.access(path, os.R_OK)]
        try:
            self.reference = self._actor.work.remote(item, readable)
        except (self._ray.exceptions.ObjectStoreFullError, OSError) as error:
            raise DataError(
                f"--ray: no room for what is handed to workers ({reason(error)}); make room in "
                "/dev/shm and /tmp, and go on with --resume."
            ) from None

    def answer(self) -> Made | DataError | None:
        errors = self._ray.exceptions
        try:
            answer: Made | DataError | None = self._ray.get(self.reference)
            return answer
        except errors.RayTaskError as error:
            if isinstance(error.cause, (DataError, UsageError, OSError)):
                raise error.cause from None
            if self.loads and isinstance(error.cause, (*_OF_OTHER_CODE, errors.RaySystemError)):
                raise _cannot_load(error.cause) from None
            raise
        except (errors.RayActorError, errors.WorkerCrashedError, errors.OutOfMemoryError) as error:
            if self.loads and "No module named" in str(error):
                raise _cannot_load(error) from None
            raise Lost from None
        except errors.RaySystemError as error:
            raise _cannot_load(error) from None

    def dismiss(self) -> None:
        with suppress(Exception):  # it may have ended by itself
            if not self._head.is_lost:
                self._head.ask(lambda: self._ray.kill(self._actor))


_OF_OTHER_CODE = (ImportError, AttributeError, TypeError)
"""What a node raises whose code hasn't what the driver's calls."""


class _Remote:
    """What runs on a node: it loads the job once."""

    def __init__(self) -> None:
        self._worker: Any = None
        self._node = ""

    def load(self, job: Job, folder: str, token: str, ray_version: str) -> None:
        """Load the job in the folder in which the command was called.

        Raises
        ------
        DataError
            If this node can't see that folder, the output or the model, or has other versions.
        """
        import ray

        self._node = ray.util.get_node_ip_address()
        if not Path(folder).is_dir():
            raise self._cannot_see(folder)
        if not Path(token).is_file():
            raise self._cannot_see(str(Path(token).parent))
        os.chdir(folder)
        if ray.__version__ != ray_version:
            raise DataError(
                f"--ray: node {self._node} has Ray {ray.__version__}, this machine {ray_version}; "
                "install the same version on every node."
            )
        if job.code_here() != job.identity.code:
            raise DataError(
                f"--ray: node {self._node} has another version of this program, or of a library "
                "that it computes with; install the same versions on every node."
            )
        with told_of(f"--ray: node {self._node}"):
            self._worker = job.load()

    def work(self, item: Item, readable: Sequence[str]) -> Made | DataError:
        """Do an item.

        Raises
        ------
        DataError
            If this node can't read what the driver can: then the item is not at fault.
        OSError
            If it can't write.
        """
        for path in readable:
            if not os.access(path, os.R_OK):
                raise self._cannot_see(path)
        try:
            outcome: Made | DataError = next(iter(self._worker.stream([item])))
            return outcome
        except OSError as error:
            if error.errno is None:
                raise
            said = f"{error.strerror} on node {self._node}"
            raise OSError(error.errno, said, error.filename) from None

    def _cannot_see(self, path: str) -> DataError:
        return DataError(
            f"--ray: node {self._node} of the cluster can't see {path}; use folders that all "
            "nodes share, at the same place on each. What is complete is kept: go on with --resume."
        )


def _cannot_load(error: Exception) -> DataError:
    """Return what to do where this project isn't installed."""
    said = reason(error)
    if found := re.search(r"No module named '?[\w.]+'?", str(error)):
        said = found[0]
    return DataError(
        f"--ray: a worker can't load this program ({said}); install the same version on every node."
    )
