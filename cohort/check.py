"""Check every file of a cohort before hours of training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

from cohort.base.cli import counted, print_json, progress, run
from cohort.base.errors import DataError, raise_all
from cohort.base.files import write_json
from cohort.base.note_lines import note_lines
from cohort.base.processes import cores
from cohort.faults import CheckResult, FileNote
from cohort.links.find import find_links, link_notes
from cohort.provenance.note import note_made
from cohort.schema.manifest import Case, Cohort
from cohort.schema.problems import VERSION, VERSION_KEY

MOST_WORKERS = 8
"""More would not be faster, and each holds a CT in memory."""

ROWS = 200
WIDTH = 110
"""Columns of the table in a log file, which has no width of its own."""


@dataclass
class Report:
    """What a check of a whole cohort found.

    Attributes
    ----------
    cohort
        Name of the cohort, or its folder if it has no readable manifest.
    cases
        Case id to findings, in the manifest's order.
    problems
        Of the cohort as a whole.
    """

    cohort: str
    cases: dict[str, CheckResult] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def all_problems(self) -> list[str]:
        """All problems, the cohort's own first."""
        return self.problems + [p for found in self.cases.values() for p in found.problems]

    def all_notes(self) -> list[FileNote]:
        """All notes of all cases."""
        return [note for found in self.cases.values() for note in found.notes]

    def noted(self) -> dict[str, list[str]]:
        """Return the kinds of notes there are, each with the ids of the cases that have one."""
        ids: dict[str, list[str]] = {}
        for case, found in self.cases.items():
            for kind in dict.fromkeys(note.kind for note in found.notes):
                ids.setdefault(kind, []).append(case)
        return ids

    def to_json(self) -> dict[str, Any]:
        """Return the report as `cohort.schema.check` describes it, in plain JSON values."""
        return {
            VERSION_KEY: VERSION,
            "cohort": self.cohort,
            "ok": not self.all_problems(),
            "counts": _counts(self),
            "problems": self.all_problems(),
            "notes": self.noted(),
            "cases": [
                {
                    "id": case_id,
                    **found.facts,
                    "problems": found.problems,
                    "notes": [note._asdict() for note in found.notes],
                    "cannot_be_told": found.untold,
                }
                for case_id, found in self.cases.items()
            ],
        }


def main(
    cohort: Annotated[Path, typer.Argument(help="Folder of the cohort.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write the report to this JSON file as well.")
    ] = None,
) -> None:
    """Check every image, mask, record and tag file of a cohort.

    A problem would make a later step fail, or its results wrong: all are listed, and the exit
    code is 1. A note is worth a look.
    """
    try:
        report = check(cohort)
    except DataError as error:
        report = Report(str(cohort), problems=list(error.problems))
    if output is not None:
        write_json(output, report.to_json())
        note_made(output.parent, [output.name], of=[cohort])
    if as_json:
        print_json(report.to_json())
    else:
        _show(report, str(output) if output else "--json, or --output FILE")
    raise_all(report.all_problems())


def check(folder: Path, workers: int | None = None) -> Report:
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
    report = Report(cohort.name)
    # Threads: most of the time goes to decompression, which runs beside other threads.
    with ThreadPoolExecutor(workers or min(cores(), MOST_WORKERS)) as pool:
        results = pool.map(lambda case: check_case(cohort, case), cohort.cases)
        try:
            bar = progress(results, "Checking", len(cohort.cases))
            for case, found in zip(cohort.cases, bar, strict=True):
                report.cases[case.id] = found
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    report.problems += _systematic_swaps(report)
    scans, records = (
        {case: found.keys.get(half) for case, found in report.cases.items()}
        for half in ("scan", "record")
    )
    for case_id, notes in link_notes(cohort, find_links(cohort, scans, records)).items():
        report.cases[case_id].notes += notes
    return report


def check_case(cohort: Cohort, case: Case) -> CheckResult:
    """Check the files of one case."""
    from cohort.checks.record import check_record
    from cohort.checks.scan import check_scan

    halves = [check_scan(cohort, case)] if case.image else []
    halves += [check_record(cohort, case)] if case.record else []
    found = CheckResult()
    for half in halves:
        found.add(half)
    return found


def _systematic_swaps(report: Report) -> list[str]:
    """One ventricle on the wrong side may be mass effect; most of a cohort's is not."""
    judged = [found.facts["sides"] for found in report.cases.values() if "sides" in found.facts]
    wrong = [list(sides.values()) for sides in judged if not all(sides.values())]
    only_notes = any(len(sides) == 1 or any(sides) for sides in wrong)  # the rest are problems
    if 2 * len(wrong) <= len(judged) or not only_notes:
        return []
    return [
        f"{report.cohort}: in {len(wrong)} of {len(judged)} cases a ventricle lies on the wrong "
        "side of the midline; the labels of left and right are swapped, or the images are mirrored."
    ]


def _counts(report: Report) -> dict[str, int]:
    facts = [found.facts for found in report.cases.values()]
    masks = Counter(structure for fact in facts for structure in fact.get("masks", {}))
    empty = Counter(
        structure
        for fact in facts
        for structure, mask in fact.get("masks", {}).items()
        if not mask["voxels"]
    )
    return {
        "cases": len(facts),
        "images": sum("image" in fact for fact in facts),
        **{f"masks of {structure}": count for structure, count in masks.items()},
        **{f"empty masks of {structure}": count for structure, count in empty.items()},
        "records": sum("record" in fact for fact in facts),
        "tagged records": sum("entities" in fact.get("record", {}) for fact in facts),
        "entities": sum(sum(fact.get("record", {}).get("entities", {}).values()) for fact in facts),
        "problems": len(report.all_problems()),
        "notes": len(report.all_notes()),
    }


def _show(report: Report, place: str) -> None:
    console = Console(soft_wrap=True, highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, WIDTH)
    if report.cases:
        console.print(_table(report), soft_wrap=False)
        counts = ", ".join(f"{what} {count}" for what, count in _counts(report).items())
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


def _table(report: Report) -> Table:
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
