"""The options of commands that do one item after the other."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from cohort.base.errors import UsageError
from cohort.work.job import Shard, Way
from cohort.work.ray_start import require_ray

ShardOption = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        help="Do every N-th item only, from the I-th on: N runs do all, each on a machine of its "
        "own; then `hich merge OUT`.",
    ),
]
ResumeOption = Annotated[
    bool,
    typer.Option(
        "--resume", help="Keep what was done before of the same input, options, model and code."
    ),
]
RetryOption = Annotated[
    bool,
    typer.Option("--retry-failed", help="Try again what failed before, too."),
]


RayOption = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="local|auto|ADDRESS",
        help="Let workers of a Ray cluster do it (extra `cluster`): one that is started on this "
        "machine, the one that it is part of, or that of this address.",
    ),
]
PackOption = Annotated[
    int | None,
    typer.Option(
        "--pack",
        metavar="N",
        min=1,
        help="With --shard: keep the files of each N items in one archive in OUT.work, where the "
        "number of files is limited; `hich merge OUT` takes them out.",
    ),
]


def way_of(
    shard: str | None,
    resume: bool = False,
    retry_failed: bool = False,
    ray: str | None = None,
    processes: int = 1,
    pack: int | None = None,
) -> Way:
    """Return how a command is to go about its items, by its options.

    Raises
    ------
    UsageError
        If `shard` is not one, `retry_failed` or `pack` stands alone, `ray` beside several processes,
        or Ray is not installed.
    DataError
        If nobody answers at the address `ray`.

    Examples
    --------
    >>> way_of("2/3", False, False).shard
    Shard(number=2, of=3)
    """
    if retry_failed and not resume:
        raise UsageError("--retry-failed: goes with --resume, by which the rest is kept.")
    if pack is not None and shard is None:
        raise UsageError("--pack: goes with --shard; what one machine does lies loose in the end.")
    if ray is not None and processes > 1:
        raise UsageError("--ray: has a worker for each core of the cluster; leave --processes out.")
    if ray is not None:
        require_ray(ray)
    return Way(
        _shard(shard) if shard is not None else Shard(),
        resume,
        retry_failed,
        ray,
        in_shards=shard is not None,
        processes=processes,
        pack=pack,
    )


def _shard(text: str) -> Shard:
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    number, of = map(int, found.groups()) if found else (0, 0)
    if not 1 <= number <= of:
        raise UsageError(f"--shard {text}: is I/N, as in 2/3, I from 1 to N.")
    return Shard(number, of)
