"""What of a corpus is trained on, and what is validated on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.datalist import Datalist
from imaging.model.learnt import Lessons, lessons
from imaging.scans.datalist import forced_cases, labelled_slices, list_digest, scans_of


@dataclass(frozen=True)
class TrainingCorpus:
    """The slices of a training.

    Attributes
    ----------
    slices, scored
        Entries of the list of slices: those that are trained on, and those that are validated on.
    lessons
        What there is to learn each structure from.
    sometimes_undrawn
        Structures that are not annotated in some slice, though they may be in most.
    forced
        Cases that were exported although they would have been refused.
    val_cases
        How many cases of the validation have some of each structure.
    digest, scans
        By which the corpus, and its scans, are known again.
    """

    slices: list[dict[str, Any]]
    scored: list[dict[str, Any]]
    lessons: Lessons
    sometimes_undrawn: set[str]
    forced: list[str]
    val_cases: dict[str, int]
    digest: str
    scans: list[str]

    @classmethod
    def of(cls, listed: Datalist, folder: Path, may_lack_validation: bool) -> TrainingCorpus:
        """Take what a list of slices says.

        Raises
        ------
        DataError
            If it has no slices to train on, or none to validate on though it needs them.
        """
        slices = labelled_slices(listed, folder, "train")
        scored = labelled_slices(listed, folder, "val", may_be_empty=may_lack_validation)
        return cls(
            slices,
            scored,
            lessons(slices),
            {name for name in STRUCTURE_IDS for e in slices if name not in e["structures"]},
            forced_cases(slices),
            {name: lesson.shown for name, lesson in lessons(scored).items()},
            list_digest({"train": slices, "val": scored}),
            scans_of([*slices, *scored]),
        )

    @property
    def shows(self) -> list[bool]:
        """Whether each slice that is trained on shows any structure."""
        return [bool(entry["present"]) for entry in self.slices]
