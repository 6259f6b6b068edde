"""What a run of `imaging.predict` did, and how it is told: to people as a table, or as JSON."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from cohort.base.cli import counted, print_json
from cohort.base.note_lines import note_lines
from cohort.facts.coverage import is_part
from cohort.facts.structures import BY_ID
from cohort.schema.problems import VERSION, VERSION_KEY


@dataclass
class Predictions:
    """What was predicted.

    Attributes
    ----------
    scans
        For each scan what stands in its JSON file.
    problems
        Sentences on inputs that are not scans.
    left_out
        Reason to the number of a cohort's cases that were left out for it.
    seconds
        For each scan the time until its files were written, from when those of the scan before
        it were: scans are read ahead.
    kept
        Ids of scans whose results stand as they were made before.
    removed
        Ids of scans whose results of earlier runs were removed.
    model
        The model, in words.
    """

    scans: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: Mapping[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    model: str = ""


def print_as_json(result: Predictions) -> None:
    """Print what was predicted as one JSON object; nothing else goes to stdout."""
    value = {
        VERSION_KEY: VERSION,
        "model": result.model,
        "scans": result.scans,
        "problems": result.problems,
        "left_out": dict(result.left_out),
        "kept": result.kept,
        "removed": result.removed,
    }
    print_json(value)


def print_table(result: Predictions, output: Path) -> None:
    """Print a row for each scan, and what there is to know besides."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from imaging.prediction.table import TABLE, notes_of

    table_file = output / TABLE
    console = Console(soft_wrap=True, highlight=False)
    # Narrow enough for ids of 18 characters on a terminal of 80 columns; longer ones are folded.
    table = Table(box=box.SIMPLE_HEAD, padding=0)
    table.add_column("scan", overflow="fold")
    for heading in ("hematoma\nmL", "ABC/2\nmL", "Tada\nmL", "side", "midline\nshift mm"):
        table.add_column(heading, justify="left" if heading == "side" else "right", no_wrap=True)
    for heading in ("ventri-\nleft mL", "cles\nright mL", "ventr.\nblood mL"):
        table.add_column(heading, justify="right", no_wrap=True)
    for scan in result.scans:
        found = scan["measurements"]
        bleed, midline, ventricles = (found[key] for key in ("hematoma", "midline", "ventricles"))
        table.add_row(
            escape(scan["id"]),
            _shown(bleed["volume_ml"]),
            _shown(bleed["abc2_ml"]),
            _shown(bleed["tada_ml"]),
            bleed["side"] or "–",
            " ".join(filter(None, [_shown(midline["shift_mm"]), midline["toward"]])),
            _shown(ventricles["left_ml"]),
            _shown(ventricles["right_ml"]),
            _shown(found["ventricular_blood"]["volume_ml"]),
        )
    if result.scans:
        console.print(table)
        console.print(f"Model: {escape(result.model)}.")
    for line in note_lines({scan["id"]: notes_of(scan) for scan in result.scans}, str(table_file)):
        console.print(f"[yellow]Note:[/yellow] {escape(line)}")
    for line in _covered(result.scans, str(table_file)):
        console.print(escape(line))
    for line in _cleaned_up(result.scans):
        console.print(line)
    for reason, number in result.left_out.items():
        console.print(f"Left out: {counted(number, 'case')} {escape(reason)}.")
    if result.kept:
        print_kept = counted(len(result.kept), "scan")
        console.print(f"Kept: results of {print_kept}, made of the same before.")
    if result.removed:
        others = counted(len(result.removed), "scan")
        console.print(f"Removed: results of {others} of earlier runs.")
    if result.scans:
        done = counted(len(result.scans), "scan")
        took = f"{sum(result.seconds):.1f} s"
        console.print(f"[green]✔[/green] {done} in {escape(str(output))} ({took})")


def _covered(scans: Sequence[Mapping[str, Any]], place: str) -> list[str]:
    """Return a line on the scans that show a part of a head only, if there are any."""
    parts = [scan for scan in scans if is_part(scan["coverage"])]
    if not parts:
        return []
    words = parts[0]["coverage"]["in_words"].removeprefix("part: ")
    return [
        f"A part of the head only, volumes being of the slices at hand: "
        f"{counted(len(parts), 'scan')} of {len(scans)}, such as {parts[0]['id']} ({words}). "
        f"Each: column coverage of {place}"
    ]


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _cleaned_up(scans: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a line for each structure and rule that removed pieces of some scans."""
    reasons = {
        "smallest_ml": "too small",
        "lowest_peak": "nowhere sure enough",
        "inside_skull": "outside the skull",
    }
    pieces: Counter[tuple[str, str]] = Counter()
    ml: dict[tuple[str, str], float] = defaultdict(float)
    of: Counter[tuple[str, str]] = Counter()
    for scan in scans:
        for structure, rules in scan["removed"].items():
            for rule, removed in rules.items():
                pieces[structure, rule] += removed["components"]
                ml[structure, rule] += removed["ml"] or 0.0  # None where sizes can't be told
                of[structure, rule] += removed["components"] > 0
    return [
        f"Cleaned up: {counted(number, 'piece')} of {BY_ID[structure].name_en.lower()} "
        f"{reasons[rule]} ({ml[structure, rule]:.2f} mL) in {counted(of[structure, rule], 'scan')}."
        for (structure, rule), number in pieces.items()
        if number
    ]
