"""Work of which nothing may be missing: scores, a corpus, a cohort are of all cases or of none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from cohort.base.cli import say_note
from cohort.base.errors import raise_all
from cohort.work.completed import Completed, completed
from cohort.work.engine import do_items
from cohort.work.job import Item, Job, Shard, Way
from cohort.work.noting import own_shard

T = TypeVar("T")


def do_whole(
    job: Job,
    items: Iterable[Item],
    ids: Sequence[str],
    output: Path,
    way: Way,
    what: str,
    last_step: Mapping[str, Any],
    conclude: Callable[[Path, Completed], T],
) -> T | None:
    """Do the items of a shard; or all that are not done yet, and then the last step.

    Parameters
    ----------
    job, items, ids, output, way, what, last_step
        As `cohort.work.engine.do_items` has them.
    conclude
        The last step, which `hich merge` does for shards.

    Returns
    -------
    object
        What the last step returned; None of a shard.

    Raises
    ------
    DataError
        If items can't be done: then nothing is concluded, and what could be done is kept.
    """
    done = do_items(job, items, ids, output, way, what, last_step)
    if way.in_shards:
        say_note(f"shard {way.shard} has been done; when all are: hich merge {output}")
    raise_all([why for of_one in done.failures.values() for why in of_one])
    if way.in_shards:
        return None
    with own_shard(output, Shard()):
        return conclude(output, completed(output))


def refuse_failures(done: Completed) -> None:
    """Make sure that nothing failed: `hich merge` makes no table of the rest.

    Raises
    ------
    DataError
        Naming all that failed, with the reasons.
    """
    raise_all([why for of_one in done.failures.values() for why in of_one])
