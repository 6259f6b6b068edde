"""Items done by several workers that may be lost: each by one of them, tried again if need be."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Protocol

from cohort.base.errors import DataError
from cohort.base.files import clear_partial
from cohort.work.job import Item, Job, Made

TRIES = 3
"""How often an item is begun whose workers are lost: once, and twice again."""


class Lost(Exception):
    """A worker has ended before it answered."""


class Hand(Protocol):
    """A worker elsewhere; it loads the job first, and answers that with None."""

    def give(self, item: Item) -> None:
        """Let it do an item; it does one at a time."""

    def answer(self) -> Made | DataError | None:
        """Return what it says, once it is ready.

        Raises
        ------
        Lost
            If it has ended.
        DataError, UsageError, OSError
            If the job can't be done there.
        """

    def dismiss(self) -> None:
        """End it, whatever it does."""


class Crew(Protocol):
    """Where workers are."""

    @property
    def seats(self) -> int:
        """How many workers there can be, now."""

    def hire(self, job: Job) -> Hand:
        """Start a worker, which begins to load the job."""

    def wait(self, hands: Sequence[Hand]) -> list[Hand]:
        """Return those that have an answer or are lost; none, if for some seconds none had."""


def by_crew(
    job: Job, items: Iterable[Item], opened: AbstractContextManager[Crew]
) -> Iterator[tuple[Item, Made | DataError]]:
    """Do items by workers of a crew, as many at a time as there are seats.

    Each worker holds one item, one waits for each that is loading, and one more is taken from
    `items`. An item whose worker is lost is begun again, by another one, and nothing is left of
    what it had half written; after `TRIES` it counts as failed.

    Raises
    ------
    DataError
        If a worker can't load the job, workers are lost while they load it, or none are left.
    """
    source = iter(items)
    ahead: deque[Item] = deque()
    idle: list[Hand] = []
    busy: dict[Hand, Item | None] = {}  # None: it is loading the job
    lost: Counter[str] = Counter()
    # Workers that are lost while they load, of those hired before the first of them was lost, count
    # as one: a node takes all of its workers along.
    lost_loading, round_, rounds = 0, 0, dict[Hand, int]()
    with opened as crew:
        try:
            while True:
                loading = sum(item is None for item in busy.values())
                # Each that is loading will want one.
                ahead.extend(islice(source, max(0, loading + 1 - len(ahead))))
                if ahead and idle:
                    hand = idle.pop()
                    busy[hand] = given = ahead.popleft()
                    hand.give(given)
                    continue
                if len(ahead) > loading and len(busy) < crew.seats:
                    hand = crew.hire(job)
                    busy[hand], rounds[hand] = None, round_
                    continue
                if not ahead and loading == len(busy):
                    return  # those that are loading are not needed any more
                ready = crew.wait(list(busy))
                if not ready and loading == len(busy) and not crew.seats:
                    raise DataError(
                        "No worker is left. What was complete is kept; start some, and go on with "
                        "--resume."
                    )
                for hand in ready:
                    item = busy.pop(hand)
                    try:
                        outcome = hand.answer()
                    except Lost:
                        hand.dismiss()
                        if item is None:
                            if rounds[hand] == round_:
                                round_, lost_loading = round_ + 1, lost_loading + 1
                                _refuse_loading(lost_loading)
                            continue
                        lost[item.id] += 1
                        if lost[item.id] < TRIES:
                            ahead.appendleft(item)
                        else:
                            yield item, _given_up(item)
                        continue
                    except BaseException:
                        hand.dismiss()
                        raise
                    idle.append(hand)
                    lost_loading = 0
                    if item is not None:
                        assert outcome is not None
                        if lost[item.id] and isinstance(outcome, Made):
                            _clear_half_written(job, outcome)
                        yield item, outcome
        finally:
            for hand in [*idle, *busy]:
                hand.dismiss()


def _clear_half_written(job: Job, made: Made) -> None:
    """Remove what a worker that is lost had half written of the files that another one has made."""
    names: dict[Path, set[str]] = {}
    for file in map(job.place.joinpath, made.files):
        names.setdefault(file.parent, set()).add(file.name)
    for folder, of_it in names.items():
        clear_partial(folder, of_it)


def _refuse_loading(times: int) -> None:
    if times >= TRIES:
        raise DataError(
            f"A worker ended {times} times while it loaded the model, most likely since memory ran "
            "out; use fewer workers."
        )


def _given_up(item: Item) -> DataError:
    return DataError(
        f"{item.id}: the process that worked on it ended {TRIES} times, most likely since memory "
        "ran out; try it alone, with --retry-failed."
    )
