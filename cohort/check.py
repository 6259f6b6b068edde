"""Check every file of a cohort before hours of training."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

from cohort.base.cli import counted, print_json, progress, run
from cohort.base.errors import DataError, UsageError, raise_all
from cohort.base.files import write_json
from cohort.base.note_lines import note_lines
from cohort.base.processes import cores
from cohort.checks.case import check_case
from cohort.checks.report import CheckReport, counts_of, report_on
from cohort.faults import CheckResult
from cohort.jobs.check import MOST_WORKERS, CheckJob, conclude_check
from cohort.provenance.note import note_made
from cohort.schema.manifest import Cohort
from cohort.work.job import Item, Way
from cohort.work.options import (
    PackOption,
    RayOption,
    ResumeOption,
    RetryOption,
    ShardOption,
    way_of,
)
from cohort.work.whole import do_whole

ROWS = 200
WIDTH = 110
"""Columns of the table in a log file, which has no width of its own."""


def main(
    cohort: Annotated[Path, typer.Argument(help="Folder of the cohort.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write the report to this JSON file as well.")
    ] = None,
    shard: ShardOption = None,
    resume: ResumeOption = False,
    retry_failed: RetryOption = False,
    ray: RayOption = None,
    pack: PackOption = None,
) -> None:
    """Check every image, mask, record and tag file of a cohort.

    A problem would make a later step fail, or its results wrong: all are listed, and the exit
    code is 1. A note is worth a look.
    """
    way = way_of(shard, resume, retry_failed, ray, pack=pack)
    report: CheckReport | None
    if way.is_plain:
        try:
            report = check(cohort)
        except DataError as error:
            report = CheckReport(str(cohort), problems=list(error.problems))
        if output is not None:
            write_json(output, report.to_json())
    elif output is None:
        raise UsageError(
            "--shard, --resume and --ray: name a report by --output FILE; beside it is noted what "
            "is done."
        )
    else:
        report = check_by_case(cohort, output, way)
        if report is None:
            return
    if output is not None:
        note_made(output.parent, [output.name], of=[cohort])
    if as_json:
        print_json(report.to_json())
    else:
        _show(report, str(output) if output else "--json, or --output FILE")
    raise_all(report.all_problems())


def check(folder: Path, workers: int | None = None) -> CheckReport:
    """Check the cohort in `folder`, several cases at a time.

    Parameters
    ----------
    workers
        How many cases at a time; None for one per core, eight at most.

    Raises
    ------
    DataError
        If there is no readable manifest, or files are missing. What is wrong with the files
        themselves stands in the report.
    """
    cohort = Cohort.load(folder)
    # Threads: most of the time goes to decompression, which runs beside other threads.
    with ThreadPoolExecutor(workers or min(cores(), MOST_WORKERS)) as pool:
        results = pool.map(lambda case: check_case(cohort, case), cohort.cases)
        try:
            found = list(progress(results, "Checking", len(cohort.cases)))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return report_on(cohort, found)


def check_by_case(folder: Path, output: Path, way: Way) -> CheckReport | None:
    """Check the cases one by one, each a file beside `output`, and write the report there.

    Parameters
    ----------
    folder
        Of the cohort.
    output
        The JSON file.
    way
        Which cases are checked, and whether what was found in the same files before is kept.

    Returns
    -------
    CheckReport
        None of a shard, which writes no report.

    Raises
    ------
    DataError
        As `check`; or if a case can't be checked, since a process ended: no report is written.
    """
    cohort = Cohort.load(folder)
    job, ids = CheckJob.of(cohort, output), [case.id for case in cohort.cases]
    items = [Item(case.id, case) for case in cohort.cases]
    step = {"cohort": str(folder)}
    return do_whole(job, items, ids, output, way, "Checking", step, conclude_check)


def _show(report: CheckReport, place: str) -> None:
    console = Console(soft_wrap=True, highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, WIDTH)
    if report.cases:
        console.print(_table(report), soft_wrap=False)
        counts = ", ".join(f"{what} {count}" for what, count in counts_of(report).items())
        console.print(escape(f"{report.cohort}: {counts}"))
    # Ids alone would not say which of a case's files is meant.
    notes = {
        case: [(note.kind, f"{note.file}: {note.what}") for note in found.notes]
        for case, found in report.cases.items()
    }
    for line in note_lines(notes, place):
        console.print(f"[yellow]Note:[/yellow] {escape(line)}")
    if not report.all_problems():
        console.print(f"[green]✔[/green] {escape(report.cohort)}: no problems")


def _table(report: CheckReport) -> Table:
    table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0))
    for column in ("Case", "Voxels", "mm", "Axes", "HU", "Masks", "Record", "Entities"):
        justify: JustifyMethod = "left" if column in ("Case", "Axes") else "right"
        table.add_column(column, justify=justify, no_wrap=True)
    table.add_column("", no_wrap=True)
    rows = list(report.cases.items())
    if len(rows) > ROWS:  # then those with something to say are enough
        rows = [(case, found) for case, found in rows if found.problems or found.notes][:ROWS]
        table.caption = f"{len(rows)} of {len(report.cases)} cases; --json names all"
    for case_id, found in rows:
        table.add_row(escape(case_id), *_cells(found.facts), _verdict(found))
    return table


def _cells(facts: dict[str, Any]) -> Iterator[str]:
    image, record = facts.get("image"), facts.get("record")
    if image:
        yield "×".join(map(str, image["shape"]))
        yield "×".join(f"{mm:.3g}" for mm in image["spacing_mm"])
        yield image["axcodes"]
        low, high = image["hu_min"], image["hu_max"]
        yield "–" if low is None else f"{low:.0f}..{high:.0f}"
    else:
        yield from ("–", "–", "–", "–")
    masks = facts.get("masks", {})
    yield str(len(masks)) if masks else "–"
    yield str(record["characters"]) if record else "–"
    yield str(sum(record["entities"].values())) if record and "entities" in record else "–"


def _verdict(found: CheckResult) -> str:
    if found.problems:
        return f"[red]✘ {len(found.problems)}[/red]"
    if found.notes:
        return f"[yellow]{counted(len(found.notes), 'note')}[/yellow]"
    # A fact that no number of the table tells, and that volumes are to be read with.
    coverage = found.facts.get("coverage", {})
    part = f" {coverage['height_mm']:g} mm of the head" if coverage.get("part") else ""
    return f"[green]✔[/green]{part}"


if __name__ == "__main__":
    run(main)
