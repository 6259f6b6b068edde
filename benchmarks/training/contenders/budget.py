"""Schedules that end within a budget of CPU-seconds.

A training costs a start (imports, reading the data) and then as much for each unit of its
schedule (an epoch, a step). Two short trainings tell both; each real one corrects them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from benchmarks.training.contenders.process import Spent
from cohort.base.errors import DataError

AIM = 0.97
"""Share of the budget that a schedule is planned for; the rest is for noise."""

LEAST = 0.85
"""Share of the budget below which a schedule is taken for too short, and trained anew."""

ATTEMPTS = 3


@dataclass(frozen=True)
class Cost:
    """CPU-seconds of a training as a function of its length.

    Attributes
    ----------
    start
        What it takes in any case.
    unit
        What each unit of the schedule takes.
    """

    start: float
    unit: float

    @classmethod
    def through(cls, short: tuple[int, float], long: tuple[int, float]) -> Cost:
        """Return the cost that explains two trainings, each given as units and CPU-seconds.

        Where noise would make the start or the units cost less than nothing, the long training's
        seconds are all taken for its units', which plans too short rather than too long.

        Examples
        --------
        >>> Cost.through((1, 12.0), (3, 16.0))
        Cost(start=10.0, unit=2.0)
        """
        unit = (long[1] - short[1]) / (long[0] - short[0])
        start = short[1] - unit * short[0]
        if unit <= 0 or start < 0:
            return cls(0.0, long[1] / long[0])
        return cls(start, unit)

    def corrected(self, units: int, seconds: float) -> Cost:
        """Return the cost with the same start that explains a training of `units`."""
        return replace(self, unit=max(seconds - self.start, 0.1 * seconds) / units)

    def units_within(self, seconds: float) -> int:
        """Return the longest schedule that ends within `seconds`; 0 if none does.

        Examples
        --------
        >>> Cost(10.0, 2.0).units_within(15.0), Cost(10.0, 2.0).units_within(11.0)
        (2, 0)
        """
        return max(0, int((seconds - self.start) / self.unit))


@dataclass(frozen=True)
class Trained:
    """A training that was run.

    Attributes
    ----------
    planned, done
        Units of its schedule, and those until it stopped, which may be earlier.
    spent
        What it took.
    """

    planned: int
    done: int
    spent: Spent


def calibrate(train: Callable[[int], Trained], short: int, long: int) -> Cost:
    """Train for `short` and for `long` units, and return what that tells of the cost."""
    return Cost.through((short, train(short).spent.cpu), (long, train(long).spent.cpu))


def train_within(
    budget: float, train: Callable[[int], Trained], cost: Cost
) -> tuple[Trained, Cost]:
    """Train with the longest schedule that ends within `budget` CPU-seconds.

    A training that took more, or that had much time left, is done anew with what it told of the
    cost; the last of `ATTEMPTS` stands as it is. One that stopped early of itself stands too.

    Returns
    -------
    trained
        The training that stands.
    cost
        Corrected by it, for the next budget.

    Raises
    ------
    DataError
        If not even the shortest schedule ends within the budget.
    """
    planned = 0
    for _ in range(ATTEMPTS):
        units = cost.units_within(AIM * budget)
        if not units:
            raise DataError(
                f"{budget:g} CPU-seconds are not enough: the shortest schedule takes about "
                f"{cost.start + cost.unit:.0f}."
            )
        if units == planned:
            break
        trained, planned = train(units), units
        seconds = trained.spent.cpu
        if trained.done < units and seconds <= budget:
            break
        cost = cost.corrected(trained.done, seconds)
        if LEAST * budget <= seconds <= budget:
            break
    return trained, cost
