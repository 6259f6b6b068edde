"""MONAI's evaluator on whole scans: each case is scored on its own grid, in mm and mL."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events
from monai.data import DataLoader
from monai.engines import PrepareBatchExtraInput, SupervisedEvaluator
from monai.transforms import Compose, SelectItemsd
from rich.console import Console
from rich.progress import Progress

from cohort.base.errors import DataError, raise_all
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.split import Split
from imaging.model.bundle import Bundle
from imaging.model.inference import ScanInferer, inference_transforms
from imaging.scans.plausible import only_checked, refuse_implausible
from imaging.scans.preprocess import read_scan
from imaging.scores.case_scoring import SAID, CaseScoreHandler, TakesOver
from imaging.scores.comparison import Compared
from imaging.scores.metrics import StructureScore
from imaging.scores.read_ahead import ReadAhead


def score_cases(
    bundle: Bundle,
    cohort: Cohort,
    cases: Sequence[Case],
    split: Split,
    part: str,
    force: bool = False,
    hand_over: TakesOver | None = None,
    shows: bool = True,
) -> tuple[list[StructureScore], list[Compared], dict[str, list[tuple[str, str]]]]:
    """Score a model on cases with masks, one after the other, and measure both sets of masks.

    Parameters
    ----------
    bundle
        The model.
    cohort, cases
        Where the cases lie, and which.
    split, part
        With a split by slice, only its slices of `part` count.
    force
        Score scans that cannot be head CTs, and masks that are not their image's, as well.
    hand_over
        What else takes what was found in each scan.
    shows
        Whether a bar tells how far it is.

    Returns
    -------
    scores, compared
        One of each structure and case, and one of each case.
    notes
        Id of a case to what was unusual about its files, and what its scan doesn't allow to tell:
        kind and sentence of each.

    Raises
    ------
    DataError
        Listing all files that are not what they should be, scans that cannot be a head CT
        (`cohort.checks.plausible`) and masks that are not their image's
        (`cohort.checks.masks.check`); or if the split knows other slices than a scan has.
    """
    reading = refuse_implausible(inference_transforms(bundle.preprocess, masks=True), force)
    kept = [hand_over.kept] if hand_over else []
    collated = SelectItemsd(["case", "image", "hu", "label", SAID])
    transforms = Compose([*reading.transforms, *kept, _as_text, collated])
    inferer = ScanInferer(bundle.postprocess, bundle.untold)
    handler = CaseScoreHandler(cases, split, part, bundle.untold, inferer, hand_over)
    evaluator = SupervisedEvaluator(
        device=next(bundle.network.parameters()).device,
        val_data_loader=DataLoader(ReadAhead(_items(cohort, cases), transforms), batch_size=1),
        network=bundle.network,
        prepare_batch=PrepareBatchExtraInput({"hu": "hu"}),
        inferer=inferer,
        val_handlers=[handler],
    )
    evaluator.logger.setLevel(logging.CRITICAL)  # errors reach the user as such
    try:
        with _progress(evaluator, len(cases), shows), _as_data_error():
            evaluator.run()
    except DataError as error:
        # Nothing is scored any more, but all that is to be mended is named at once.
        late = handler.problems()
        # Each case that can't be scored may have several problems.
        after = _items(cohort, cases[len(handler.compared) + bool(late) + 1 :])
        raise_all([*late, *error.problems, *_problems(only_checked(reading), after)])
    return handler.scores, handler.compared, handler.notes


def _as_text(data: dict[str, Any]) -> dict[str, Any]:
    """Make one text of what is said of a scan: a batch can't hold lists of any length."""
    # What is written to files names no folder of this machine.
    notes = [(note.kind, f"{Path(note.file).name}: {note.what}") for note in data["notes"]]
    return {**data, SAID: json.dumps({"notes": notes, "untold": data["untold"]})}


def _problems(transforms: Compose, items: Sequence[dict[str, Any]]) -> list[str]:
    """Return why scans are refused."""
    problems: list[str] = []
    for item in items:
        try:
            read_scan(transforms, item["image"], item["masks"])
        except DataError as error:
            problems += error.problems
    return problems


def _items(cohort: Cohort, cases: Sequence[Case]) -> list[dict[str, Any]]:
    return [
        {
            "case": case.id,
            "image": cohort.path(str(case.image)),
            "masks": {name: cohort.path(path) for name, path in case.masks.items()},
        }
        for case in cases
    ]


@contextmanager
def _progress(engine: Engine, total: int, shows: bool) -> Iterator[None]:
    console = Console(stderr=True)
    shows = shows and console.is_terminal
    with Progress(console=console, transient=True, disable=not shows) as progress:
        task = progress.add_task("Evaluating", total=total)
        engine.add_event_handler(Events.ITERATION_COMPLETED, lambda _: progress.advance(task))
        yield


@contextmanager
def _as_data_error() -> Iterator[None]:
    """Unwrap the data's errors from those of MONAI's transforms."""
    try:
        yield
    except RuntimeError as error:
        if isinstance(error.__cause__, DataError):
            raise error.__cause__ from None
        raise
