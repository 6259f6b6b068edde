"""Masks that other programs drew on DICOM series, and the series that each belongs to.

A DICOM segmentation names its series. Other files name none: they belong to the series whose grid
is theirs, if it is that of one series only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import DataError, few
from cohort.facts.structure_names import structure_named
from cohort.facts.structures import STRUCTURE_IDS
from cohort.importing.find_segments import SegmentFinder
from cohort.space.dicom.instance import Series
from cohort.space.dicom.segmentation import is_segmentation, read_segmentations
from cohort.space.file_types import SEGMENTATION, SUFFIXES, strip_suffix, type_of
from cohort.space.grid import Grid
from cohort.space.masks import binary_mask, read_mask_header, read_mask_volume
from cohort.space.same_grid import grid_difference


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
        Of any kind; what is not a segmentation is passed over.
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


def masks_of_files(paths: Sequence[Path], grids: Mapping[str, Grid], found: SeriesMasks) -> None:
    """Add masks from files, each to the case on whose grid it lies.

    Parameters
    ----------
    paths
        Files, or folders of them: `.seg.nrrd`, or volumes whose names end in the name of a
        structure.
    grids
        Case id to the grid of its scan.
    found
        What they are added to.

    Raises
    ------
    DataError
        If a path does not exist.
    """
    for path in _files(paths):
        try:
            for structure, address in _structures_in(path).items():
                case_id, mask = _on_grid(address, path, grids)
                found.add(case_id, structure, mask, str(path))
        except DataError as error:
            found.left_out += error.problems
        except ValueError as error:
            found.left_out.append(f"{path}: {error}; a mask has 0 and 1, one file per structure.")


def _files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise DataError(f"{path}: no such file or folder.")
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        files += [one for one in inside if one.is_file() and one.name.lower().endswith(SUFFIXES)]
    return files


def _structures_in(path: Path) -> dict[str, Path]:
    if type_of(path) is SEGMENTATION:
        return SegmentFinder().masks(path)
    words = re.split(r"[\s_.-]+", strip_suffix(path.name))
    names = ["_".join(words[start:]) for start in range(len(words))]
    structure = next((known for name in names if (known := structure_named(name))), None)
    if structure is None:
        raise DataError(
            f"{path}: its name ends in no structure's; the structures are "
            f"{', '.join(STRUCTURE_IDS)}."
        )
    return {structure: path}


def _on_grid(address: Path, path: Path, grids: Mapping[str, Grid]) -> tuple[str, NDArray[np.uint8]]:
    """Return the case on whose grid a mask lies, and the mask on it."""
    fitting = []
    for case_id, grid in grids.items():
        if grid_difference(read_mask_header(address, grid).grid, grid) is None:
            fitting.append(case_id)
    if not fitting:
        raise DataError(f"{path}: lies on the grid of none of the imported series.")
    if len(fitting) > 1:
        raise DataError(
            f"{path}: lies on the grid of {len(fitting)} cases ({few(fitting, 3)}), and nothing "
            "says which of them it belongs to."
        )
    values, _ = read_mask_volume(address, grids[fitting[0]])
    return fitting[0], binary_mask(values)[0]
