"""Scoring the cases of a cohort as a job: what each case's scores depend on, and who makes them.

A case's scores are a file in the work folder; means, intervals, tables and plots are made of all of
them at the end, by whom and wherever they were computed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from cohort.base.errors import DataError
from cohort.base.files import write_text
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.split import Split
from cohort.space.address import Address
from cohort.space.content import content_digest
from cohort.work.completed import Completed
from cohort.work.job import (
    Item,
    Job,
    JobIdentity,
    Made,
    digest_of,
    digest_of_code,
    digest_of_files,
    digests,
)
from cohort.work.ledger import Entry, work_folder
from cohort.work.packs import ItemFiles
from cohort.work.whole import refuse_failures
from imaging.jobs.evaluation import Evaluation, EvaluationAsked, evaluation_of, write_evaluation
from imaging.model.folder import PARTS
from imaging.model.precision import compute_in_bfloat16, cpu_has_bfloat16

if TYPE_CHECKING:
    from imaging.model.bundle import Bundle

_CODE = ("imaging.scores.evaluator", "imaging.scores.case_result")
"""The modules that score a case, with all that they import."""
_LIBRARIES = ("torch", "monai", "pytorch-ignite", "numpy", "scipy")


@dataclass
class EvaluateJob(Job):
    """A model that is scored on cases of a cohort.

    Attributes
    ----------
    place
        Folder that scores are written to.
    model, device
        As `imaging.evaluate.evaluate` has them.
    cohort, split
        Where the cases lie, and which of their slices count.
    force
        Score scans that cannot be head CTs, and masks that are not their image's, as well.
    bfloat16
        Whether CPUs compute in bfloat16: decided by who starts the work, for all workers.
    """

    place: Path
    model: Path
    identity: JobIdentity
    cohort: Cohort
    split: Split
    device: str | int = "cpu"
    force: bool = False
    bfloat16: bool = False
    command: str = "evaluate"
    keeps: ClassVar[Literal["output", "work"]] = "work"
    _bundle: Bundle | None = None

    @classmethod
    def of(
        cls,
        bundle: Bundle,
        cohort: Cohort,
        split: Split,
        output: Path,
        device: str | int = "cpu",
        force: bool = False,
    ) -> EvaluateJob:
        """Return the job of a model that is loaded here; other processes load it again."""
        kind = next((one.device.type for one in bundle.network.parameters()), "cpu")
        precise = kind == "cpu" and cpu_has_bfloat16()
        # Of the split all slices, so that no scores are put together that are of two splits.
        identity = JobIdentity(
            digest_of([kind, precise, force, split.slices]),
            digest_of_files(bundle.folder / part for part in PARTS),
            digest_of_code(_CODE, _LIBRARIES),
        )
        return cls(
            work_folder(output),
            bundle.folder,
            identity,
            cohort,
            split,
            device,
            force,
            cpu_has_bfloat16(),
            _bundle=bundle,
        )

    def digest(self, item: Item) -> str:
        """Return the SHA-256 of a case's scan and masks, and of its slices that count.

        Raises
        ------
        DataError
            If one of its files can't be read.
        """
        part, case = item.payload
        scan = content_digest(self.cohort.path(case.image))
        masks = {name: content_digest(self.cohort.path(path)) for name, path in case.masks.items()}
        return digest_of([scan, masks, part, self.split.slices.get(case.id)])

    def paths(self, item: Item) -> Sequence[Path]:
        """Return the files or folders of a case's scan and masks."""
        _, case = item.payload
        files = [case.image, *case.masks.values()]
        return [Address.of(self.cohort.path(path)).file for path in files]

    def code_here(self) -> str:
        """Return the SHA-256 of the code that scores a case, and libraries' versions."""
        return digest_of_code(_CODE, _LIBRARIES)

    def load(self) -> _Scoring:
        """Load the model."""
        from imaging.model.bundle import load_bundle
        from imaging.model.device import pick_device

        compute_in_bfloat16(self.bfloat16)
        return _Scoring(self, self._bundle or load_bundle(self.model, pick_device(self.device)))


class _Scoring:
    """A loaded model."""

    def __init__(self, job: EvaluateJob, bundle: Bundle) -> None:
        self._job, self._bundle = job, bundle

    def stream(self, items: Iterable[Item]) -> Iterator[Made | DataError]:
        """Score cases, each by an evaluator of its own: so a bad one ends no other."""
        for item in items:
            try:
                yield self._score(item)
            except DataError as error:
                yield error

    def _score(self, item: Item) -> Made:
        from imaging.scores.case_result import CaseResult
        from imaging.scores.evaluator import score_cases

        job, (part, case) = self._job, item.payload
        digest = job.digest(item)
        scores, (compared,), notes = score_cases(
            self._bundle, job.cohort, [case], job.split, part, job.force, shows=False
        )
        name = f"cases/{item.id}.json"
        result = CaseResult(scores, compared, notes[case.id])
        write_text(job.place / name, json.dumps(result.to_json(), ensure_ascii=False))
        return Made(digest, digests({name: job.place / name}))


def items_to_score(asked: Iterable[tuple[EvaluationAsked, Sequence[Case]]]) -> list[Item]:
    """Return the cases of each part as a job's items: with a split by slice one may be in two."""
    return [
        Item(f"{one.part}/{case.id}", (one.part, case)) for one, cases in asked for case in cases
    ]


def as_asked(asked: Iterable[EvaluationAsked]) -> dict[str, list[dict[str, object]]]:
    """Return what `conclude` needs to know, as JSON has it."""
    return {"asked": [asdict(one) for one in asked]}


def conclude(output: Path, done: Completed) -> list[Evaluation]:
    """Write summary, tables and plots of each part, of all its cases' scores."""
    entries = {entry.id: entry for entry in done.entries}
    results = []
    for value in done.noted.last_step["asked"]:
        asked = EvaluationAsked(**value)
        of_part = [entries[f"{asked.part}/{case}"] for case in asked.cases]
        results.append(_of_part(asked, of_part, done.files))
    for result in results:
        write_evaluation(output, result.summary["part"], result)
    return results


def finish(output: Path, done: Completed) -> list[str]:
    """Write what `imaging.evaluate` writes; return what was done, in words.

    Raises
    ------
    DataError
        If a case failed: means over the others would look better, or worse, than the model is.
    """
    refuse_failures(done)
    return [
        f"{result.summary['cases']} cases of the part {result.summary['part']!r}: "
        f"{output / result.summary['part']}.json"
        for result in conclude(output, done)
    ]


def _of_part(asked: EvaluationAsked, entries: Iterable[Entry], files: ItemFiles) -> Evaluation:
    from imaging.scores.case_result import CaseResult

    found = [
        CaseResult.from_json(json.loads(value))
        for entry in entries
        for value in files.read_all(entry)
    ]
    scores = [score for one in found for score in one.scores]
    compared = [one.compared for one in found]
    return evaluation_of(asked, scores, compared, {one.compared.case: one.notes for one in found})
