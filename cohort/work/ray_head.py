"""The head of a Ray cluster, which may be lost while others work."""

from __future__ import annotations

import atexit
import os
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, TimeoutError
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

from cohort.base.errors import DataError

T = TypeVar("T")
PATIENCE = 5.0
"""How long to wait for an answer at a time, in seconds."""


class ClusterHead:
    """The cluster's head: without it, Ray's calls wait for a minute, and then end this process.

    Attributes
    ----------
    is_lost
        Whether it was found not to answer: then nothing of Ray may be called any more.
    """

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._at, self.is_lost = (host.strip("[]"), int(port)), False

    def ask(self, call: Callable[[], T]) -> T:
        """Return what a call of Ray's returns that needs the head.

        Raises
        ------
        DataError
            If the head doesn't answer.
        """
        answer: Future[T] = Future()
        # A thread of its own, for which the program's end doesn't wait.
        Thread(target=_answer, args=(answer, call), daemon=True).start()
        while True:
            try:
                return answer.result(PATIENCE)
            except TimeoutError:
                self.require()

    def require(self) -> None:
        """Make sure that it answers: twice, since it may be busy.

        Raises
        ------
        DataError
            If it doesn't.
        """
        for last in (False, True):
            try:
                socket.create_connection(self._at, PATIENCE).close()
                return
            except OSError:
                if not last:
                    time.sleep(1)
        self.is_lost = True
        raise DataError(
            f"--ray: the cluster's head ({self._at[0]}) doesn't answer any more. What was complete "
            "is kept; start the cluster again, and go on with --resume."
        )


def end_without_ray(ray: Any) -> None:
    """Let this process end, when it does, without what Ray would call, wait for and crash at."""
    atexit.unregister(ray._private.worker.shutdown)

    @atexit.register
    def end() -> None:
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        os._exit(1)


def _answer(answer: Future[T], call: Callable[[], T]) -> None:
    try:
        answer.set_result(call())
    except BaseException as error:
        answer.set_exception(error)
