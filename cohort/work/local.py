"""Workers that are processes of this machine."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from cohort.base.errors import DataError
from cohort.base.processes import begin_process, cores, interrupt_held
from cohort.work.crew import Hand, Lost
from cohort.work.job import Item, Job, Made

_PATIENCE = 5.0
"""How long to wait for an answer at a time, in seconds."""


@contextmanager
def local_crew(processes: int) -> Iterator[_LocalCrew]:
    """Give a crew of so many processes."""
    yield _LocalCrew(processes)


class _LocalCrew:
    def __init__(self, processes: int) -> None:
        self.seats = processes
        self._context = multiprocessing.get_context("spawn")
        self._threads = max(1, cores() // processes)

    def hire(self, job: Job) -> _Process:
        here, there = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(there, self._threads), daemon=True)
        with interrupt_held():
            process.start()
        there.close()  # else it would stay open when the process ends
        hand = _Process(process, here)
        hand.send(job)
        return hand

    def wait(self, hands: Sequence[Hand]) -> list[Hand]:
        of = {hand.pipe: hand for hand in hands if isinstance(hand, _Process)}
        return [of[pipe] for pipe in wait(list(of), _PATIENCE) if isinstance(pipe, Connection)]


class _Process:
    def __init__(self, process: Any, pipe: Connection) -> None:
        self.process, self.pipe = process, pipe

    def send(self, value: Any) -> None:
        with suppress(BrokenPipeError, ConnectionError):  # told when its answer is asked for
            self.pipe.send(value)

    give = send

    def answer(self) -> Made | DataError | None:
        try:
            raised, value = self.pipe.recv()
        except (EOFError, ConnectionError, pickle.UnpicklingError):
            raise Lost from None
        if raised:
            raise value
        answer: Made | DataError | None = value
        return answer

    def dismiss(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Connection, threads: int) -> None:
    """Load the job that comes first, and do the items that come after it."""
    begin_process(threads)
    with suppress(EOFError, ConnectionError):  # the one that hired it has ended
        job: Job = pipe.recv()
        worker = _attempt(pipe, lambda: (job.load(), None))
        while True:
            item: Item = pipe.recv()
            _attempt(pipe, lambda item=item: (None, next(iter(worker.stream([item])))))


def _attempt(pipe: Connection, call: Any) -> Any:
    """Call, and answer what it returns for the other side, or what it raises."""
    try:
        kept, answer = call()
    except Exception as error:
        pipe.send((True, _sendable(error)))
        return None
    pipe.send((False, answer))
    return kept


def _sendable(error: Exception) -> Exception:
    """Return an error that can be unpickled: not all libraries' can."""
    try:
        pickle.loads(pickle.dumps(error))
        return error
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
