"""Each case of an evaluation scored on its own grid, in mm and mL, and measured."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
from ignite.engine import Engine, Events
from monai.data import MetaTensor
from monai.transforms import Transform

from cohort.base.errors import DataError
from cohort.facts.doubts import SIZES
from cohort.facts.structures import BY_ID
from cohort.schema.case import Case
from cohort.schema.scans.measurements import Measurements
from cohort.schema.split import Split
from imaging.measure.belief import leave_out
from imaging.measure.measurements import measure
from imaging.measure.skull.head_frame import HeadFrame
from imaging.model.inference import ScanInferer, Segmentation
from imaging.model.learnt import untold_notes
from imaging.scans.load import volume_grid
from imaging.scores.comparison import Compared
from imaging.scores.metrics import StructureScore, score, with_shift, without_sizes
from imaging.scores.summary import dice_by_structure, mean_dice
from imaging.space.orientation import lps_view

SAID = "said"
"""Key of what is said of a scan, as JSON."""


class LookedThrough(Protocol):
    """A scan that was looked through before it was segmented."""

    @property
    def frame(self) -> HeadFrame:
        """Its skull."""


class TakesOver(Protocol):
    """What takes the masks of each scan besides (`imaging.jobs.hand_over`)."""

    @property
    def kept(self) -> Transform:
        """The last of a scan's transforms, which keeps what batches can't hold."""

    def look(self, case: str, hu: MetaTensor) -> LookedThrough | None:
        """Look through a scan [1, I, J, K]; None if it is not taken."""

    def write(self, read: Any, found: Segmentation, measured: Measurements | None) -> None:
        """Take what was found in a scan that was looked through, and measured on the whole."""


class CaseScoreHandler:
    """Handler that scores each case against its masks, and measures what both tell.

    When the evaluator has seen all cases, `engine.state.metrics` holds `mean_dice` and for each
    structure `dice_<structure>`, where there was something to average.

    Parameters
    ----------
    cases
        Those that will be seen; their ids stand under `case` in the batches.
    split, part
        As `score_cases` has them.
    untold
        Structures that the model has not learnt: they are neither scored nor measured.
    inferer
        What makes the masks: its probabilities of the midline tell the shift. Without it, and
        where a split by slice leaves some of them, the masks do.
    hand_over
        What else takes what was found in each scan.

    A case is scored in a thread, while the network sees the next one.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        split: Split,
        part: str,
        untold: Collection[str] = (),
        inferer: ScanInferer | None = None,
        hand_over: TakesOver | None = None,
    ) -> None:
        self.inferer = inferer
        self.hand_over = hand_over
        self.told = [name for name in BY_ID if name not in untold]
        self.cases = {case.id: case for case in cases}
        self.split = split
        self.part = part
        self.scores: list[StructureScore] = []
        self.compared: list[Compared] = []
        self.notes: dict[str, list[tuple[str, str]]] = {}
        self._thread = ThreadPoolExecutor(1)
        self._waiting: list[Future[None]] = []

    def attach(self, engine: Engine) -> None:
        """Listen to an evaluator whose batches are decollated."""
        engine.add_event_handler(Events.STARTED, lambda _: self._clear())
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._submit)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._summarise)

    def problems(self) -> list[str]:
        """Wait likewise; return what is wrong with the last case, if anything is."""
        try:
            self.wait()
        except DataError as error:
            return list(error.problems)
        return []

    def wait(self) -> None:
        """Wait until all cases that the network saw are scored; raises what that raised."""
        waiting, self._waiting = self._waiting, []
        for scored in waiting:
            scored.result()

    def _submit(self, engine: Engine) -> None:
        self.wait()  # for the case before: more than two are never held
        batches: list[dict[str, Any]] = engine.state.batch  # type: ignore[assignment]
        outputs: list[dict[str, Any]] = engine.state.output  # type: ignore[assignment]
        for batch, output in zip(batches, outputs, strict=True):
            found = self.inferer.found if self.inferer else None
            self._waiting.append(self._thread.submit(self._score, batch, output, found))

    def _score(
        self, batch: dict[str, Any], output: dict[str, Any], found: Segmentation | None
    ) -> None:
        case = self.cases[batch["case"]]
        label: MetaTensor = output["label"]
        prediction, reference = output["pred"].cpu().numpy(), label.cpu().numpy()
        grid = volume_grid(label)
        in_part = case.id in self.split.slices
        said = json.loads(batch[SAID])
        self.notes[case.id] = [(kind, what) for kind, what in said["notes"]]
        self.notes[case.id] += untold_notes(said["untold"])
        told = [name for name in self.told if name not in said["untold"]]
        annotated = {name: reference[BY_ID[name].channel] for name in case.masks}
        predicted = {name: prediction[BY_ID[name].channel] for name in told}
        hu = batch["hu"].cpu()
        read = self.hand_over.look(case.id, hu) if self.hand_over else None
        frame = read.frame if read else HeadFrame.of(hu[0].numpy(), grid)
        midline = found.midline if found else None
        whole = None if in_part else measure(predicted, grid, frame, midline)
        if self.hand_over and read and found:
            self.hand_over.write(read, found, whole)
        if in_part:
            self._leave_part(case.id, prediction, grid.affine)
            self._leave_part(case.id, reference, grid.affine)
        # Of a part the masks tell the shift, not the probabilities of all slices.
        by_model = whole or measure(predicted, grid, frame)
        measured = [
            leave_out(one, said["untold"]) for one in (by_model, measure(annotated, grid, frame))
        ]
        self.compared.append(Compared(case.id, *measured))
        for name in case.masks:
            if name not in told:
                continue
            channel = BY_ID[name].channel
            one = score(case.id, name, prediction[channel], reference[channel], grid)
            if name == "midline":
                one = with_shift(one, *(found.midline for found in measured))
            self.scores.append(without_sizes(one) if SIZES in said["untold"] else one)

    def _clear(self) -> None:
        self.wait()
        self.scores.clear()
        self.compared.clear()
        self.notes.clear()

    def _leave_part(self, case_id: str, masks: np.ndarray, affine: np.ndarray) -> None:
        """Empty the slices of `masks` [S, I, J, K] that are not of the part."""
        parts = self.split.slices[case_id]
        others = [part != self.part for part in parts]
        for mask in masks:
            upward = lps_view(mask, affine)
            if len(parts) != upward.shape[2]:
                raise DataError(
                    f"case {case_id!r}: its CT has {upward.shape[2]} slices, the split "
                    f"{len(parts)}; split the cohort again."
                )
            upward[..., others] = 0

    def _summarise(self, engine: Engine) -> None:
        self.wait()
        dice = dice_by_structure(self.scores)
        engine.state.metrics.update({f"dice_{name}": mean for name, mean in dice.items()})
        if (mean := mean_dice(self.scores)) is not None:
            engine.state.metrics["mean_dice"] = mean
