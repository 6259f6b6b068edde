"""Generate a cohort: head CTs with masks and records that tell the same story.

The patients are made up: results on them say nothing about real ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import as_completed
from dataclasses import replace
from enum import Enum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import counted, run
from cohort.base.cli import progress as bar
from cohort.base.errors import DataError, UsageError
from cohort.base.files import atomic_folder
from cohort.base.processes import cores, process_pool
from cohort.jobs.generated import marker_of, provenance_of, refuse_to_replace, write_beside
from cohort.schema.case import Case
from cohort.schema.manifest import MANIFEST
from cohort.work.job import PLAIN, Way
from cohort.work.options import (
    PackOption,
    RayOption,
    ResumeOption,
    RetryOption,
    ShardOption,
    way_of,
)
from cohort.work.whole import do_whole

if TYPE_CHECKING:
    from cohort.synthetic.case import Order
    from cohort.synthetic.mapped.choose import HeadMaps
    from cohort.synthetic.story import Story
    from cohort.synthetic.style import StyleName

SIZES, SLICES = (64, 1024), (8, 320)


class StyleChoice(str, Enum):
    """The styles of `cohort.synthetic.style`, for the command line."""

    routine = "routine"
    other = "other"
    emergency = "emergency"
    neurosurgery = "neurosurgery"


def main(
    out: Annotated[Path, typer.Argument(help="Folder to write the cohort to.")],
    cases: Annotated[int, typer.Option(help="How many cases to generate.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 0,
    size: Annotated[int, typer.Option(help="Width and height of each CT in pixels.")] = 256,
    slices: Annotated[int, typer.Option(help="Number of slices in each CT.")] = 24,
    style: Annotated[
        StyleChoice,
        typer.Option(
            help="routine, or other: another hospital, with older patients, tilted gantry, "
            "thicker slices, sharper and noisier images, air mostly cut at 0 HU. emergency: "
            "routine's scanner, more blood outside the brain, fewer and smaller hematomas. "
            "neurosurgery: routine's scanner, large hematomas that push the midline."
        ),
    ] = StyleChoice.routine,
    anatomy: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Label maps of real heads (SynthSeg's training maps) to make the heads from; "
            "without it they are drawn.",
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(help="Cases to make at once.", show_default="one per core"),
    ] = None,
    used: Annotated[
        Path | None,
        typer.Option(
            "--for",
            metavar="COHORT",
            help="The cohort that the steps after this one use: OUT is generated only if it is "
            "that one; another must be there already.",
        ),
    ] = None,
    shard: ShardOption = None,
    resume: ResumeOption = False,
    retry_failed: RetryOption = False,
    ray: RayOption = None,
    pack: PackOption = None,
) -> None:
    """Generate cases in the folder OUT: head CTs, a mask per structure, and tagged records."""
    way = way_of(shard, resume, retry_failed, ray, processes or 1, pack)
    console = Console(stderr=True, highlight=False)
    if used is not None and used.resolve() != out.resolve():
        require_cohort(used)
        console.print(f"{escape(str(used))} is used as it is; nothing is generated.")
        return
    stories = synthesize(
        out,
        cases,
        seed,
        size=size,
        slices=slices,
        style=style.value,
        anatomy=anatomy,
        processes=processes,
        progress=True,
        way=way,
    )
    if stories:
        console.print(_summary(out, list(stories.values())))


def synthesize(
    out: Path,
    cases: int,
    seed: int = 0,
    *,
    size: int = 256,
    slices: int = 24,
    style: StyleName = "routine",
    anatomy: Path | None = None,
    processes: int | None = None,
    progress: bool = False,
    way: Way = PLAIN,
) -> dict[str, Story]:
    """Generate the cohort `out`.

    Case k is the same for every number of cases and of processes.

    Parameters
    ----------
    out
        Folder to write; a generated cohort that stands there is replaced.
    cases, seed
        How many cases; the same seed gives the same files.
    size, slices
        Width and height in pixels, and slices, of each CT.
    style
        The hospital's: a name in `cohort.synthetic.style.STYLES`.
    anatomy
        Folder of label maps to make the heads from; None draws them.
    processes
        Cases made at once; all cores if None.
    progress
        Show a bar on stderr.
    way
        Which cases are made, where, and whether those that are made are kept (`cohort.work`).

    Returns
    -------
    dict
        Case id to story, as in the cohort's `truth.json`; empty of a shard.

    Raises
    ------
    UsageError
        If a number makes no sense.
    DataError
        If `out` holds anything else than a generated cohort, `anatomy` a file that is not a label
        map of a head, or if a process was killed.
    """
    _refuse_bad_numbers(cases, seed, size, slices, processes)
    if style not in [known.value for known in StyleChoice]:
        known = ", ".join(choice.value for choice in StyleChoice)
        raise UsageError(f"--style {style}: {known} are known.")
    refuse_to_replace(out)
    from cohort.synthetic.case import Order

    order = Order(seed, size, slices, style, _read_maps(anatomy, progress))
    at_once = min(processes or cores(), cases)
    if not way.is_plain:
        from cohort.jobs.synthesize import SynthesizeJob, cases_to_generate, conclude_cohort

        items = cases_to_generate(cases)
        way = replace(way, processes=1 if way.ray else at_once)
        ids, step = [one.id for one in items], {"provenance": provenance_of(order, cases)}
        job, what = SynthesizeJob.of(order, out), "Generating cases"
        return do_whole(job, items, ids, out, way, what, step, conclude_cohort) or {}
    with atomic_folder(out, marker=marker_of(out)) as folder:
        jobs = _make(folder, cases, order, at_once)
        made = dict(bar(jobs, "Generating cases", cases) if progress else jobs)
        found = [made[number] for number in sorted(made)]
        return write_beside(folder, out.resolve().name, found, provenance_of(order, cases))


def require_cohort(folder: Path) -> None:
    """Raise `DataError` unless `folder` holds a manifest."""
    if (folder / MANIFEST).is_file():
        return
    what = f"holds no {MANIFEST}" if folder.exists() else "no such cohort folder"
    raise DataError(f"{folder}: {what}; make it with `hich import files` or `hich import hich-it`.")


def _refuse_bad_numbers(
    cases: int, seed: int, size: int, slices: int, processes: int | None
) -> None:
    if cases < 1:
        raise UsageError(f"--cases {cases}: at least 1 case is needed.")
    if seed < 0:
        raise UsageError(f"--seed {seed}: 0 or more is needed.")
    if not SIZES[0] <= size <= SIZES[1]:
        raise UsageError(f"--size {size}: {SIZES[0]} to {SIZES[1]} pixels are possible.")
    if not SLICES[0] <= slices <= SLICES[1]:
        raise UsageError(f"--slices {slices}: {SLICES[0]} to {SLICES[1]} slices are possible.")
    if processes is not None and processes < 1:
        raise UsageError(f"--processes {processes}: at least 1 is needed.")


def _read_maps(anatomy: Path | None, progress: bool) -> HeadMaps | None:
    if anatomy is None:
        return None
    from cohort.synthetic.mapped.choose import HeadMaps

    if progress:
        Console(stderr=True, highlight=False).print(f"Reading label maps in {escape(str(anatomy))}")
    return HeadMaps.of(anatomy)


def _make(
    folder: Path, cases: int, order: Order, processes: int
) -> Iterator[tuple[int, tuple[Case, Story]]]:
    """Give number and result of each case, as they get ready."""
    from cohort.synthetic.case import make_case, make_cases

    jobs = _batches(cases, order)
    if processes == 1:
        for number in chain.from_iterable(jobs):
            yield number, make_case(folder, number, order)
        return
    with process_pool(processes) as pool:
        for job in as_completed(pool.submit(make_cases, folder, batch, order) for batch in jobs):
            yield from job.result().items()


def _batches(cases: int, order: Order) -> list[list[int]]:
    """Return numbers of cases that are made one after another.

    They are those of one label map, since reading it takes as long as making a few of them.
    """
    found: dict[Path | int, list[int]] = {}
    for number in range(1, cases + 1):
        chosen = order.map_of(number)
        found.setdefault(chosen.path if chosen else number, []).append(number)
    return list(found.values())


def _summary(out: Path, stories: list[Story]) -> str:
    bled = [story for story in stories if story.site is not None]
    sites = Counter(story.site.replace("_", " ") for story in bled if story.site)
    parts = [", ".join(f"{count} {site}" for site, count in sites.most_common())]
    if free := len(stories) - len(bled):
        parts[0] += f"{', ' if bled else ''}{free} without a hematoma"
    if bled:
        volumes = [story.volume_ml for story in bled]
        most = f" to {max(volumes):.1f}" if len(bled) > 1 else ""
        parts.append(
            f"{min(volumes):.1f}{most} mL, "
            f"{sum(story.shift_side is not None for story in bled)} with midline shift, "
            f"{sum(story.intraventricular for story in bled)} with blood in the ventricles, "
            f"{sum(story.second is not None for story in bled)} with two hematomas"
        )
    return (
        f"[green]✔[/green] {counted(len(stories), 'generated case')} in {escape(str(out))}: "
        + "; ".join(parts)
        + "."
    )


if __name__ == "__main__":
    run(main)
