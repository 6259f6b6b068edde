"""Score a trained model on a part of a cohort, per structure and case, in physical space."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from cohort.cli import run
from cohort.errors import DataError
from cohort.files import atomic_file, write_json
from cohort.manifest import Case, Cohort
from cohort.splitfile import Split
from cohort.structures import BY_ID

if TYPE_CHECKING:
    from imaging.metrics import Score

Part = Literal["train", "val", "test"]


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes
    ----------
    summary
        What stands in `<part>.json`.
    scores
        The rows of `<part>_cases.csv`.
    """

    summary: dict[str, Any]
    scores: list[Score]


def main(
    model: Annotated[Path, typer.Argument(help="Folder of the trained model.")],
    cohort: Annotated[Path, typer.Argument(help="Folder of the cohort.")],
    split: Annotated[
        Path, typer.Option(help="JSON file that says which part each case belongs to.")
    ],
    output: Annotated[Path, typer.Option(help="Folder to write <part>.json and _cases.csv to.")],
    part: Annotated[Part, typer.Option(help="Part to score the model on.")] = "test",
    gpu_id: Annotated[int, typer.Option(help="Number of the GPU; -1 for the CPU.")] = -1,
) -> None:
    """Score a trained model on a part of a cohort, in physical space on each scan's own grid.

    Writes the summary over cases and a table of all cases. How empty masks count stands in
    imaging/metrics.py.
    """
    result = evaluate(model, cohort, split, part, output, gpu_id)
    _print_table(result.summary)


def evaluate(
    model: Path, cohort: Path, split: Path, part: Part, output: Path, gpu_id: int = -1
) -> Evaluation:
    """Score the model in the folder `model` on the cases of `part`; write both files to `output`.

    With a split by slice only the slices of `part` count: all others are emptied in reference and
    prediction alike, and volumes are those within these slices.

    Raises
    ------
    DataError
        If the model, the cohort or the split is none, or no case of the part has masks.
    """
    from imaging.bundle import load_bundle
    from imaging.device import pick_device
    from imaging.evaluator import score_cases
    from imaging.metrics import summarise

    bundle = load_bundle(model, pick_device(gpu_id))
    loaded, parts = Cohort.load(cohort), Split.load(split)
    cases, left_out = choose_cases(loaded, parts, part)
    if not cases:
        reasons = "; ".join(f"{n} {reason}" for reason, n in left_out.items())
        raise DataError(
            f"{cohort}: no case of the part {part!r} has a CT with masks ({reasons}); "
            "split again with other --ratios, or choose another --part."
        )
    scores = score_cases(bundle, loaded, cases, parts, part)
    unannotated = Counter(name for case in cases for name in BY_ID if name not in case.masks)
    summary = {
        "cases": len(cases),
        **summarise(scores, {s: unannotated[s] for s in loaded.structures}),
        "model": _portable(model),
        "split": _portable(split),
        "part": part,
        "split_by": parts.by,
        "left_out": left_out,
    }
    _write(output, part, summary, scores)
    return Evaluation(summary, scores)


def choose_cases(cohort: Cohort, split: Split, part: str) -> tuple[list[Case], dict[str, int]]:
    """Return the cases of `part` that have a CT with masks; and how many were left out and why."""
    cases: list[Case] = []
    left_out: Counter[str] = Counter()
    for case in cohort.cases:
        if split.by == "slice" and case.image:
            of_part = part in split.slices.get(case.id, ())
        else:
            of_part = split.cases.get(case.id) == part
        if case.id not in split.cases and case.id not in split.slices:
            left_out["not in the split"] += 1
        elif not of_part:
            continue
        elif not case.image:
            left_out["without a CT"] += 1
        elif not case.masks:
            left_out["without masks"] += 1
        else:
            cases.append(case)
    return cases, dict(left_out)


def _portable(path: Path) -> str:
    """Return a path that says nothing about the machine."""
    return path.name if path.is_absolute() else path.as_posix()


def _write(output: Path, part: str, summary: Mapping[str, Any], scores: Sequence[Score]) -> None:
    from imaging.metrics import Score

    columns = [*(field.name for field in fields(Score)), "volume_error_ml", "volume_abs_error_ml"]
    with ExitStack() as both:
        table = both.enter_context(atomic_file(output / f"{part}_cases.csv"))
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            for score in scores:
                writer.writerow([_cell(getattr(score, column)) for column in columns])
        write_json(output / f"{part}.json", summary)


def _cell(value: Any) -> Any:
    """Return a value as it stands in the table: rounded, empty where there is none."""
    if value is None:
        return ""
    return round(value, 6) if isinstance(value, float) else value


def _print_table(summary: Mapping[str, Any]) -> None:
    from rich import box
    from rich.table import Table

    title = f"{summary['cases']} cases of the part {summary['part']!r}, means over cases"
    # Narrow enough for a terminal of 80 columns; the rest stands in the files.
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=0)
    table.add_column("structure", no_wrap=True)
    for heading in ("Dice", "95% CI", "IoU", "HD95", "prec.", "recall", "err. mL", "missed"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("false", justify="right", no_wrap=True)
    for structure, value in summary["structures"].items():
        table.add_row(
            structure,
            _shown(value["dice"]["mean"], 3),
            "–".join(_shown(bound, 2) for bound in value["dice"]["ci95"] or []),
            _shown(value["iou"]["mean"], 3),
            _shown(value["hd95_mm"]["mean"], 1),
            _shown(value["precision"]["mean"], 3),
            _shown(value["recall"]["mean"], 3),
            _shown(value["volume_abs_error_ml"]["mean"], 2),
            str(value["missed"]),
            str(value["false_alarms"]),
        )
    console = Console(highlight=False)
    console.print(table)
    console.print("HD95 in mm; err. mL: absolute error of the volume; false: false alarms.")
    for reason, number in summary["left_out"].items():
        console.print(f"Left out: {number} cases {reason}.")
    if summary["split_by"] == "slice":
        console.print(
            "[red]Split by slice:[/red] slices of these patients were in training as well, "
            "so these scores are too good."
        )
    console.print(f"Mean Dice over structures: {_shown(summary['mean_dice'], 3)}")


def _shown(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


if __name__ == "__main__":
    run(main)
