"""When a patient's scans were taken.

Times are those that were named, else those of the DICOM headers, else those of the cohort that the
scans lie in; else the order is all that is known: by the days that the headers state, or else as
they were named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from cohort.base.errors import DataError, UsageError
from hich.patient.origin import ScanOrigin
from hich.report.messages import Message
from hich.report.model.follow_up import TimesBy

SAME_HOURS = 1.0
"""Two sources may tell times of scans so far apart before it is said that they differ."""


@dataclass(frozen=True)
class ScanTimes:
    """The scans by time.

    Attributes
    ----------
    order
        Places of the scans as they were named.
    hours
        Of each, in that order, since the patient's first, as far as that is known; None where only
        the order is.
    by
        What tells.
    notes
        What is to be said of it.
    """

    order: tuple[int, ...]
    hours: tuple[float, ...] | None = None
    by: TimesBy = "order"
    notes: tuple[Message, ...] = ()


def in_order(
    paths: Sequence[Path],
    origins: Sequence[ScanOrigin],
    named: Sequence[float] | None = None,
    earliest: float | None = None,
) -> ScanTimes:
    """Return the scans by time.

    Parameters
    ----------
    paths
        The scans, as they were named.
    origins
        What each says of itself.
    named
        Hours of each, as named by `--hours`.
    earliest
        The least of all hours that were named, also of scans that can't be read.

    Raises
    ------
    DataError
        If two scans were taken at once.
    UsageError
        If the hours don't fit the scans, or contradict the times that these state.
    """
    by: TimesBy = "order"
    stated, by = _stated(origins)
    notes: list[Message] = []
    days = _days(origins)
    if named is not None:
        if len(set(named)) < len(named):
            raise UsageError("--hours: names one time twice; each scan needs a time of its own.")
        if stated is None and days is not None:
            _refuse_contradiction(paths, named, days)
        if stated is not None:
            _refuse_contradiction(paths, named, stated)
            apart, by_file = _span(named), _span(stated)
            if abs(apart - by_file) > SAME_HOURS:
                notes.append(Message("follow.times_differ", {"named": apart, "stated": by_file}))
        hours: Sequence[float] | None = named
        by = "hours"
    else:
        hours = stated
    if hours is None:
        if any(o.acquired or o.hours is not None for o in origins):
            notes.append(Message("follow.some_times"))
        by_day = tuple(sorted(range(len(paths)), key=days.__getitem__ if days else None))
        if list(by_day) != sorted(by_day):
            notes.append(Message("follow.reordered"))
        return ScanTimes(by_day, notes=tuple(notes))
    order = tuple(sorted(range(len(paths)), key=hours.__getitem__))
    for one, two in zip(order, order[1:], strict=False):
        if hours[one] == hours[two]:
            raise DataError(
                f"{paths[one]} and {paths[two]}: were taken at the same time, as two series of one "
                "scan are; name one of them."
            )
    if list(order) != sorted(order):
        notes.append(Message("follow.reordered"))
    first = hours[order[0]]
    if by == "hours" and earliest is not None:
        first = min(first, earliest)
    elif by == "manifest":
        first = 0.0  # they are since the patient's first, named here or not
    return ScanTimes(order, tuple(hours[n] - first for n in order), by, tuple(notes))


def may_be_first(
    lost: Sequence[int],
    kept: Sequence[int],
    named: Sequence[float] | None,
    times: ScanTimes,
) -> bool:
    """Whether one of the scans that can't be read may be the first.

    Parameters
    ----------
    lost, kept
        Places of those that can't be read, and of the others, as they were named.
    named
        Hours of each, as named by `--hours`.
    times
        Of the others.
    """
    if not lost:
        return False
    if named is not None:
        return min(named[number] for number in lost) < min(named[number] for number in kept)
    return lost[0] < kept[0] or list(times.order) != sorted(times.order)


def _stated(origins: Sequence[ScanOrigin]) -> tuple[list[float] | None, TimesBy]:
    """Return the hours that the scans state, if all do, and what tells them."""
    times = [origin.acquired for origin in origins if origin.acquired]
    if len(times) == len(origins):
        first = min(times)
        return [(time - first).total_seconds() / 3600 for time in times], "dicom"
    hours = [origin.hours for origin in origins if origin.hours is not None]
    if len(hours) == len(origins) and len({origin.patient for origin in origins}) == 1:
        return hours, "manifest"
    return None, "order"


def _days(origins: Sequence[ScanOrigin]) -> list[int] | None:
    """Return the days of the scans as numbers, if their headers state all of them."""
    days = [origin.day.toordinal() for origin in origins if origin.day]
    return days if len(days) == len(origins) else None


def _refuse_contradiction(
    paths: Sequence[Path], named: Sequence[float], stated: Sequence[float]
) -> None:
    for one, two in combinations(range(len(paths)), 2):
        if (named[one] - named[two]) * (stated[one] - stated[two]) < 0:
            first, second = (one, two) if named[one] < named[two] else (two, one)
            raise UsageError(
                f"--hours has {paths[first]} before {paths[second]}, and by what the files say it "
                "was taken after it; name the hours in the order of the scans, or none."
            )


def _span(hours: Sequence[float]) -> float:
    return max(hours) - min(hours)
