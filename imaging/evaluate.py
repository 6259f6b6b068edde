"""Score a trained model on a part of a cohort, per structure and case, in physical space."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cohort.base.cli import run
from cohort.base.devices import DeviceOption
from cohort.base.errors import DataError, UsageError
from cohort.base.files import atomic_file, portable, require_place, write_json
from cohort.facts.structures import BY_ID
from cohort.provenance.note import note_made
from cohort.schema.manifest import Case, Cohort
from cohort.schema.problems import VERSION, VERSION_KEY
from cohort.schema.split import Split
from imaging.model.folder import WEIGHTS, is_boxed, model_or_boxed
from imaging.model.threads import let_threads_sleep
from imaging.scores.scoreboard import print_summary

if TYPE_CHECKING:
    from imaging.scores.comparison import Compared
    from imaging.scores.metrics import StructureScore

Part = Literal["train", "val", "test"]


class PartChoice(str, Enum):
    """The parts, for the command line."""

    train = "train"
    val = "val"
    test = "test"


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes
    ----------
    summary
        What stands in `<part>.json`.
    scores
        The rows of `<part>_cases.csv`.
    compared
        Those of `<part>_measurements.csv`: what was measured on predicted and reference masks.
    notes
        Id of a case to what was unusual about its files: kind and sentence of each.
    """

    summary: dict[str, Any]
    scores: list[StructureScore]
    compared: list[Compared]
    notes: dict[str, list[tuple[str, str]]]


def main(
    named: Annotated[
        list[Path],
        typer.Argument(
            metavar="[MODEL] COHORT",
            help="Folder of the cohort; before it may stand that of a trained model.",
        ),
    ],
    split: Annotated[
        Path, typer.Option(help="JSON file that says which part each case belongs to.")
    ],
    output: Annotated[
        Path, typer.Option(help="Folder to write <part>.json and its tables and plots to.")
    ],
    model: Annotated[
        Path | None,
        typer.Option(help="Folder of a trained model.", show_default="that in the box"),
    ] = None,
    part: Annotated[
        list[PartChoice] | None,
        typer.Option(
            help="Part to score the model on; may be given several times.", show_default="test"
        ),
    ] = None,
    device: DeviceOption = "cpu",
    predictions: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder to write masks, measurements and a picture of each scan to, which "
            "`imaging.predict --resume` takes over instead of computing them again.",
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Score what cannot be a head CT, and masks of another image, as well."
        ),
    ] = False,
) -> None:
    """Score a trained model on a part of a cohort, in physical space on each scan's own grid.

    Writes the summary over cases (<part>.json), a table of all cases (_cases.csv), a table of what
    was measured on predicted and reference masks (_measurements.csv), and Bland-Altman plots of
    volumes and midline shift (_agreement.png). How empty masks count stands in
    imaging/scores/metrics.py.

    Of records, `python -m spacy evaluate` scores a pipeline.
    """
    *first, cohort = named
    if len(first) > (model is None):
        raise UsageError(
            f"{', '.join(map(str, named))}: name one model, as the first argument or by --model, "
            "and one cohort."
        )
    chosen = first[0] if first else model
    wanted: list[Part] = [one.value for one in part or (PartChoice.test,)]
    for one in dict.fromkeys(wanted):
        result = evaluate(chosen, cohort, split, one, output, device, force, predictions)
        note_made(
            output,
            names_of_scores(one),
            of=[model_or_boxed(chosen), cohort],
            half="scans",
            part=one,
            split=split,
            device=device,
        )
        print_summary(result.summary, result.notes, str(output / f"{one}_cases.csv"))


def evaluate(
    model: Path | None,
    cohort: Path,
    split: Path,
    part: Part,
    output: Path,
    device: str | int = "cpu",
    force: bool = False,
    predictions: Path | None = None,
) -> Evaluation:
    """Score the model in the folder `model` on the cases of `part`; write the files to `output`.

    None, or `pretrained`, is the model that comes with the program (`imaging.model.folder`).

    With a split by slice only the slices of `part` count: all others are emptied in reference and
    prediction alike, and volumes are those within these slices.

    The folder `predictions`, if given, gets what `imaging.predict` writes of the same scans.

    Raises
    ------
    DataError
        If the model, the cohort or the split cannot be read, no case of the part has masks,
        `output` or `predictions` cannot be written to; or without `force`, a scan cannot be a head
        CT or a mask is not its image's.
    """
    from imaging.jobs.hand_over import handing_over
    from imaging.model.bundle import load_bundle
    from imaging.model.device import pick_device
    from imaging.model.learnt import doubt_of
    from imaging.scans.given import ScanFile, refuse_scans_inside
    from imaging.scores.comparison import compare_measurements
    from imaging.scores.evaluator import score_cases
    from imaging.scores.summary import summarise

    require_place(output)
    if predictions:
        require_place(predictions)
    folder = model_or_boxed(model)
    bundle = load_bundle(folder, pick_device(device))
    loaded, parts = Cohort.load(cohort), Split.load(split)
    cases, left_out = choose_cases(loaded, parts, part, set(bundle.untold))
    if not cases:
        reasons = "; ".join(f"{n} {reason}" for reason, n in left_out.items())
        raise DataError(
            f"{cohort}: no case of the part {part!r} has a CT with masks"
            f"{f' ({reasons})' if reasons else ''}; "
            "split again with other --ratios, or choose another --part."
        )
    with ExitStack() as stack:
        hand_over = None
        if predictions:
            scans = [ScanFile(case.id, loaded.path(str(case.image))) for case in cases]
            refuse_scans_inside(predictions, scans)
            hand_over = stack.enter_context(handing_over(bundle, predictions, scans, force))
        scores, compared, notes = score_cases(bundle, loaded, cases, parts, part, force, hand_over)
    doubt = doubt_of(bundle.metadata)
    told = [name for name in BY_ID if name not in bundle.untold]
    unannotated = Counter(name for case in cases for name in told if name not in case.masks)
    summary = {
        "cases": len(cases),
        **summarise(scores, {s: unannotated[s] for s in loaded.structures if s in told}),
        "not_learnt": bundle.untold,
        "notes": [
            *([{"case": None, "kind": "model", "what": doubt}] if doubt else []),
            *(
                {"case": id_, "kind": k, "what": what}
                for id_, of in notes.items()
                for k, what in of
            ),
        ],
        "measurements": compare_measurements(compared),
        "model": bundle.in_words if is_boxed(folder) else portable(folder),
        "weights_sha256": hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest(),
        "split": portable(split),
        "part": part,
        "split_by": parts.by,
        "left_out": left_out,
    }
    result = Evaluation(summary, scores, compared, notes)
    _write(output, part, result)
    return result


def choose_cases(
    cohort: Cohort, split: Split, part: str, untold: Collection[str] = ()
) -> tuple[list[Case], dict[str, int]]:
    """Return the cases of `part` that have a CT with masks; and how many were left out and why.

    Masks of structures that are `untold` by the model don't count.
    """
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
        elif set(case.masks) <= set(untold):
            left_out["without masks of what the model has learnt"] += 1
        else:
            cases.append(case)
    return cases, dict(left_out)


def names_of_scores(part: str) -> list[str]:
    """Return the names of the files that an evaluation of a part may write."""
    tables = [f"{part}_{name}.csv" for name in ("cases", "measurements")]
    return [f"{part}.json", *tables, f"{part}_agreement.png"]


def _write(output: Path, part: str, result: Evaluation) -> None:
    from imaging.prediction.table import write_rows
    from imaging.scores.agreement_plot import draw_agreement
    from imaging.scores.comparison import comparison_rows
    from imaging.scores.metrics import score_row

    tables = {
        "cases": [
            {**score_row(score), "notes": _cell(result.notes, score.case)}
            for score in result.scores
        ],
        "measurements": [
            {**row, "notes": _cell(result.notes, row["case"])}
            for row in comparison_rows(result.compared)
        ],
    }
    with ExitStack() as all_files:
        for name, rows in tables.items():
            table = all_files.enter_context(atomic_file(output / f"{part}_{name}.csv"))
            write_rows(table, rows)
        picture = output / f"{part}_agreement.png"
        figure = draw_agreement(result.scores)
        if figure is None:
            picture.unlink(missing_ok=True)  # of another model or more cases
        else:
            figure.savefig(all_files.enter_context(atomic_file(picture)))
        write_json(output / f"{part}.json", {VERSION_KEY: VERSION, **result.summary})


def _cell(notes: Mapping[str, Sequence[tuple[str, str]]], case: str) -> str:
    return " ".join(what for _, what in notes.get(case, ()))


if __name__ == "__main__":
    let_threads_sleep()
    run(main)
