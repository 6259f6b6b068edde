"""Masks that other programs drew on DICOM series, and the series that each belongs to.

A DICOM segmentation names its series. Other files name none: they belong to the series whose grid
is theirs, if it is that of one series only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import DataError, few
from cohort.facts.structure_names import structure_named
from cohort.space.dicom.instance import Series
from cohort.space.dicom.segmentation import is_segmentation, read_segmentations
from cohort.space.grid import Grid


@dataclass
class SeriesMasks:
    """Masks of the cases of an import.

    Attributes
    ----------
    masks
        Case id to structure to mask, uint8 [I, J, K] of 0/1 on the grid of the case's scan.
    left_out
        Sentences on what was not taken.
    """

    masks: dict[str, dict[str, NDArray[np.uint8]]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def add(self, case_id: str, structure: str, mask: NDArray[np.uint8], name: str) -> None:
        """Add a mask; a second one of a structure is not taken."""
        of_case = self.masks.setdefault(case_id, {})
        if structure in of_case:
            self.left_out.append(f"{name}: is a second mask of {structure} of case {case_id}.")
        else:
            of_case[structure] = mask


def masks_of_segmentations(
    series: Sequence[Series], cases: Mapping[str, tuple[str, Grid]]
) -> SeriesMasks:
    """Read the DICOM segmentations among some series.

    Parameters
    ----------
    series
        Of any kind; what is no segmentation is passed over.
    cases
        Series Instance UID of a CT to the case that it is, and its grid.
    """
    found = SeriesMasks()
    for one in filter(is_segmentation, series):
        try:
            segmentations = read_segmentations(one)
        except DataError as error:
            found.left_out += error.problems
            continue
        for segmentation in segmentations:
            known = [uid for uid in segmentation.series_uids if uid in cases]
            if not known:
                found.left_out.append(
                    f"{segmentation.name}: was drawn on a series that is not imported."
                )
                continue
            case_id, grid = cases[known[0]]
            for segment in segmentation.segments:
                structure = structure_named(segment.label)
                if structure is None:
                    found.left_out.append(
                        f"{segmentation.name}: has a segment that is called like no structure."
                    )
                    continue
                try:
                    mask = segmentation.mask(segment, grid)
                except DataError as error:
                    found.left_out += error.problems
                else:
                    found.add(case_id, structure, mask, segmentation.name)
    return found


def case_on_grid(name: Path, grid: Grid, cases: Mapping[str, Grid]) -> str:
    """Return the case whose scan has a grid.

    Raises
    ------
    DataError
        If there is none, or more than one.
    """
    same = [case_id for case_id, of_case in cases.items() if grid.difference(of_case) is None]
    if len(same) == 1:
        return same[0]
    if not same:
        raise DataError(f"{name}: lies on the grid of none of the series that were imported.")
    raise DataError(
        f"{name}: lies on the grid of {len(same)} cases ({few(same, 3)}), and nothing says which "
        "of them it belongs to."
    )
