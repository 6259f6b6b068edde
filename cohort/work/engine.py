"""Doing the items of a job: those that were not done before, here or wherever."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from cohort.base.cli import counted, progress, say_note
from cohort.base.errors import DataError
from cohort.work.crew import by_crew
from cohort.work.job import Item, Job, Made, Way
from cohort.work.ledger import FAILED, work_folder
from cohort.work.local import local_crew
from cohort.work.noting import open_ledger

Executor = Callable[[Job, Iterable[Item]], Iterator[tuple[Item, Made | DataError]]]
"""Does items, and yields each when its files are complete, in whatever order."""


@dataclass
class Done:
    """What became of the items of a run.

    Attributes
    ----------
    kept, made
        Ids of items that stand as they were made before, and of those that were made now.
    again
        How many of `made` had been done before, but not of the same.
    failures
        Id to the reasons, of those too that failed before and were not tried again.
    failed_before
        How many of `failures` were not tried again.
    """

    kept: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    again: int = 0
    failures: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failed_before: int = 0


def do_items(
    job: Job,
    items: Iterable[Item],
    ids: Sequence[str],
    output: Path,
    way: Way,
    what: str,
    last_step: Mapping[str, Any] | None = None,
    seconds: list[float] | None = None,
) -> Done:
    """Do the items of a shard.

    Parameters
    ----------
    job, items, ids
        The job, its items in order, and their ids; payloads are made as they are asked for.
    output
        What the command writes; the list of what is done lies beside it.
    way
        Which items, and what is kept.
    what
        What the bar says.
    last_step
        What `hich merge` will need to know.
    seconds
        Gets the time of each item that was made, from when the one before was.

    Raises
    ------
    DataError
        See `cohort.work.noting.open_ledger`. What is wrong with items is in the result.
    """
    done = Done()
    mine = sum(map(way.shard.has, range(len(ids))))
    with open_ledger(output, job, ids, way, last_step) as ledger:

        def waiting() -> Iterator[Item]:
            for place, item in enumerate(items):
                if not way.shard.has(place):
                    continue
                earlier = ledger.find(item) if way.resume else None
                if earlier is None or (earlier.failed and way.retry_failed):
                    done.again += way.resume and ledger.knows(item.id) and not earlier
                    yield item
                elif earlier.failed:
                    done.failures[item.id] = earlier.failed
                    done.failed_before += 1
                else:
                    done.kept.append(item.id)

        outcomes = _execute(job, waiting(), way)
        _go_through(progress(outcomes, what, mine), done, seconds, ledger.add)
        if job.keeps == "output" and not way.in_shards:
            ledger.unpack(done.kept)
    _tell(done, output, way)
    return done


def do_plainly(
    job: Job, items: Sequence[Item], what: str, seconds: list[float] | None = None
) -> Done:
    """Do all items here, and note nothing of it."""
    done = Done()
    outcomes = progress(in_this_process(job, items), what, len(items))
    _go_through(outcomes, done, seconds, lambda *_: None)
    return done


def _go_through(
    outcomes: Iterable[tuple[Item, Made | DataError]],
    done: Done,
    seconds: list[float] | None,
    note: Callable[[Item, Made | DataError], None],
) -> None:
    start = time.perf_counter()
    for item, outcome in outcomes:
        note(item, outcome)
        now = time.perf_counter()
        if isinstance(outcome, DataError):
            done.failures[item.id] = outcome.problems
        else:
            done.made.append(item.id)
            if seconds is not None:
                seconds.append(now - start)
        start = now


def in_this_process(job: Job, items: Iterable[Item]) -> Iterator[tuple[Item, Made | DataError]]:
    """Do items here, one after the other."""
    begun: deque[Item] = deque()

    def taken() -> Iterator[Item]:
        for item in items:
            begun.append(item)
            yield item

    for outcome in job.load().stream(taken()):
        yield begun.popleft(), outcome


def _execute(job: Job, items: Iterator[Item], way: Way) -> Iterator[tuple[Item, Made | DataError]]:
    first = next(items, None)
    if first is None:  # then nothing needs to be loaded
        return iter(())
    items = chain([first], items)
    if way.ray is not None:
        from cohort.work.with_ray import ray_crew

        return by_crew(job, items, ray_crew(way.ray, job))
    if way.processes > 1:
        return by_crew(job, items, local_crew(way.processes))
    return in_this_process(job, items)


def _tell(done: Done, output: Path, way: Way) -> None:
    """Say what was not simply done."""
    if done.kept:
        say_note(f"kept: {counted(len(done.kept), 'result')} made of the same before.")
    if done.again:
        say_note(
            f"done again: {done.again}, since input, options, model or code differ from those that "
            "earlier results were made of, or a result was changed."
        )
    if done.failures:
        before = f", {done.failed_before} of them before" if done.failed_before else ""
        # Some commands always go on with what was done, and have no --resume.
        hint = f"; {'' if way.resume else '--resume '}--retry-failed tries them again"
        place = work_folder(output) / FAILED
        say_note(f"failed: {len(done.failures)}{before}; reasons in {place}{hint}.")
