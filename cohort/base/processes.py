"""Work on many cases in several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from cohort.base.errors import DataError


@contextmanager
def process_pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of that many processes; when the block ends, what waits in it is dropped.

    Raises
    ------
    DataError
        If one of them was killed.
    """
    pool = _Pool(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=begin_process,
        initargs=(max(1, cores() // processes),),
    )
    try:
        yield pool
    except BrokenProcessPool:
        raise DataError(
            "A process was ended from outside, most likely since memory ran out; "
            "use fewer with --processes 1."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


class _Pool(ProcessPoolExecutor):
    """A pool whose processes never get Ctrl-C, from their beginning on."""

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        """Submit a call, for which a process may have to be started."""
        with interrupt_held():
            return super().submit(*args, **kwargs)


@contextmanager
def interrupt_held() -> Iterator[None]:
    """Hold Ctrl-C back while a process is started, which then never gets it.

    Ctrl-C is sent to all processes of a terminal, and one that is still importing what it needs
    would show a traceback. What comes meanwhile is answered when the block ends. Does nothing on
    Windows, which knows no signals of that kind.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    earlier = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, earlier)


def begin_process(threads: int) -> None:
    """Prepare a process that works for another one; it may use so many threads for matrices."""
    # Ctrl-C is the parent's to answer: it drops what is waiting and cleans up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Read when NumPy is first imported. Processes whose threads outnumber the cores wait for each
    # other: products of matrices took four times as long.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, str(threads))


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
