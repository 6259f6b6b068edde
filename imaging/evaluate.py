"""Score a trained model on a part of a cohort, per structure and case, in physical space."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import typer

from cohort.base.cli import run
from cohort.base.devices import DeviceOption
from cohort.base.errors import UsageError
from cohort.base.files import require_place
from cohort.links.read_split import read_split
from cohort.provenance.note import note_made
from cohort.schema.manifest import Cohort
from cohort.work.job import Way
from cohort.work.options import (
    PackOption,
    RayOption,
    ResumeOption,
    RetryOption,
    ShardOption,
    way_of,
)
from cohort.work.whole import do_whole
from imaging.jobs.evaluation import (
    Evaluation,
    ask,
    evaluation_of,
    names_of_scores,
    write_evaluation,
)
from imaging.model.folder import model_or_boxed
from imaging.model.threads import let_threads_sleep
from imaging.scores.scoreboard import print_summary

Part = Literal["train", "val", "test"]


RESUME = Way(resume=True)


class PartChoice(str, Enum):
    """The parts, for the command line."""

    train = "train"
    val = "val"
    test = "test"


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
    shard: ShardOption = None,
    resume: ResumeOption = False,
    retry_failed: RetryOption = False,
    ray: RayOption = None,
    pack: PackOption = None,
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
    wanted: list[Part] = list(dict.fromkeys(one.value for one in part or (PartChoice.test,)))
    way = way_of(shard, resume, retry_failed, ray, pack=pack)
    if predictions and not way.is_plain:
        raise UsageError(
            "--predictions: is not for --shard, --resume and --ray; give these to `hich predict`, "
            "too."
        )
    if not way.is_plain:
        results = evaluate_by_case(chosen, cohort, split, wanted, output, device, force, way)
        for result in results:
            _note_and_print(result, chosen, cohort, split, output, device)
        return
    for one in wanted:
        result = evaluate(chosen, cohort, split, one, output, device, force, predictions)
        _note_and_print(result, chosen, cohort, split, output, device)


def _note_and_print(
    result: Evaluation,
    model: Path | None,
    cohort: Path,
    split: Path,
    output: Path,
    device: str | int,
) -> None:
    part = result.summary["part"]
    note_made(
        output,
        names_of_scores(part),
        of=[model_or_boxed(model), cohort],
        half="scans",
        part=part,
        split=split,
        device=device,
    )
    print_summary(result.summary, result.notes, str(output / f"{part}_cases.csv"))


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
    from imaging.scans.given import ScanFile, refuse_scans_inside
    from imaging.scores.evaluator import score_cases

    require_place(output)
    if predictions:
        require_place(predictions)
    bundle = load_bundle(model_or_boxed(model), pick_device(device))
    loaded = Cohort.load(cohort)
    parts = read_split(split, loaded)
    asked, cases = ask(bundle, loaded, parts, split, part)
    with ExitStack() as stack:
        hand_over = None
        if predictions:
            scans = [ScanFile(case.id, loaded.path(str(case.image))) for case in cases]
            refuse_scans_inside(predictions, scans)
            hand_over = stack.enter_context(handing_over(bundle, predictions, scans, force))
        scored = score_cases(bundle, loaded, cases, parts, part, force, hand_over)
    result = evaluation_of(asked, *scored)
    write_evaluation(output, part, result)
    return result


def evaluate_by_case(
    model: Path | None,
    cohort: Path,
    split: Path,
    parts: Sequence[Part],
    output: Path,
    device: str | int = "cpu",
    force: bool = False,
    way: Way = RESUME,
) -> list[Evaluation]:
    """Score cases one by one, each a file beside `output`, and then do what `evaluate` does.

    Parameters
    ----------
    model, cohort, split, output, device, force
        As `evaluate` has them.
    parts
        The parts.
    way
        Which cases are scored, and whether scores that were made of the same are kept.

    Returns
    -------
    list of Evaluation
        One of each part; none of a shard, which writes nothing to `output`.

    Raises
    ------
    DataError
        As `evaluate`; or if a case can't be scored: the others are done, and nothing is written.
    """
    from imaging.jobs.evaluate import EvaluateJob, as_asked, conclude, items_to_score
    from imaging.model.bundle import load_bundle
    from imaging.model.device import pick_device

    require_place(output)
    bundle = load_bundle(model_or_boxed(model), pick_device(device))
    loaded = Cohort.load(cohort)
    found = read_split(split, loaded)
    asked = [ask(bundle, loaded, found, split, part) for part in parts]
    items = items_to_score(asked)
    job = EvaluateJob.of(bundle, loaded, found, output, device, force)
    step = as_asked(one for one, _ in asked)
    ids = [item.id for item in items]
    return do_whole(job, items, ids, output, way, "Evaluating", step, conclude) or []


if __name__ == "__main__":
    let_threads_sleep()
    run(main)
