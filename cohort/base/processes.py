"""Work on many cases in several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from cohort.base.errors import DataError


@contextmanager
def process_pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of that many processes; when the block ends, what waits in it is dropped.

    Raises
    ------
    DataError
        If one of them was killed.
    """
    # Ctrl-C is the parent's to answer: it drops what is waiting and cleans up.
    pool = ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
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


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
