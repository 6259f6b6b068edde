"""One scorer for all contenders: their masks on the scans' own grids, against the cohort's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.training.contenders.base import Task
from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURE_IDS
from cohort.space.file_types import read_volume
from cohort.space.masks import binary_mask
from cohort.space.same_grid import grid_difference


def score_masks(task: Task, masks: Path) -> dict[str, Any]:
    """Score the masks `<case>_<structure>.nii.gz` in the folder `masks` on the test part.

    Returns
    -------
    dict
        As `imaging.scores.summary.summarise` has it; `imaging.scores.metrics` says what empty masks
        count as.

    Raises
    ------
    DataError
        If a mask is missing or lies on another grid than its reference.
    """
    from imaging.scores.metrics import score
    from imaging.scores.summary import summarise

    scores = []
    for case in task.test:
        for structure in STRUCTURE_IDS:
            path = masks / f"{case.id}_{structure}.nii.gz"
            reference, header = read_volume(task.cohort.path(case.masks[structure]))
            prediction, predicted_header = read_volume(path)
            if difference := grid_difference(predicted_header.grid, header.grid):
                raise DataError(f"{path}: {difference}.")
            both = binary_mask(prediction)[0], binary_mask(reference)[0]
            scores.append(score(case.id, structure, *both, header.grid))
    return summarise(scores, {})
