"""What a contender is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.training.contenders.budget import Trained
from benchmarks.training.contenders.process import Spent
from cohort.base.errors import DataError, UsageError
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.split import Split


@dataclass(frozen=True)
class Task:
    """What all contenders are given.

    Attributes
    ----------
    cohort, split
        The cohort's folder and the file of its split.
    work
        Folder for what they write.
    train, val, test
        The cases of each part that have a CT with all four masks.
    """

    cohort: Cohort
    split: Path
    work: Path
    train: Sequence[Case]
    val: Sequence[Case]
    test: Sequence[Case]

    @classmethod
    def load(cls, cohort: Path, split: Path, work: Path) -> Task:
        """Read the cohort and its split.

        Raises
        ------
        DataError
            If a part has no case, or a case lacks one of the masks: nnU-Net knows no structure
            that nobody looked for.
        UsageError
            If the split is by slice.
        """
        loaded, parts = Cohort.load(cohort), Split.load(split)
        if parts.by != "patient":
            raise UsageError(f"{split}: is by slice; the contenders need a split by patient.")
        cases = {
            part: [case for case in loaded.with_image if parts.cases.get(case.id) == part]
            for part in ("train", "val", "test")
        }
        for part, of_part in cases.items():
            if not of_part:
                raise DataError(f"{split}: no case with a CT is in the part {part!r}.")
            for case in of_part:
                if missing := [name for name in STRUCTURE_IDS if name not in case.masks]:
                    raise DataError(f"{cohort}: case {case.id!r} has no mask of {missing[0]}.")
        return cls(loaded, split, work, cases["train"], cases["val"], cases["test"])


class Contender(ABC):
    """A way to train a segmentation network on a cohort and to use it.

    Attributes
    ----------
    name
        Short, for files and options.
    title
        For people.
    unit
        What its schedule is counted in.
    calibration
        Lengths of the two trainings that tell its cost, in units.
    task
        What it is given.
    """

    name: str
    title: str
    unit: str
    calibration: tuple[int, int]

    def __init__(self, task: Task) -> None:
        self.task = task
        self.work = task.work / self.name

    @property
    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Its settings in plain JSON values, for the record."""

    @abstractmethod
    def prepare(self) -> Spent:
        """Do what is done once for a cohort, and say what it took."""

    @abstractmethod
    def train(self, units: int, folder: Path) -> Trained:
        """Train anew with a schedule of `units`; write the model to the empty `folder`."""

    @abstractmethod
    def predict(self, folder: Path, masks: Path) -> Spent:
        """Segment the test part with the model in `folder`.

        Writes `<case>_<structure>.nii.gz` on each scan's own grid to the folder `masks`.
        """
