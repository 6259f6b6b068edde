"""Scans and masks of DICOM studies, written to a cohort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cohort.base.cli import counted, progress
from cohort.base.errors import DataError
from cohort.importing.dicom.series_masks import SeriesMasks, masks_of_files, masks_of_segmentations
from cohort.importing.dicom.studies import StudyCase
from cohort.importing.key_file import CohortKey
from cohort.schema.case import Case
from cohort.space.dicom.choosing.choice import SeriesChoice, choose, is_named
from cohort.space.dicom.choosing.objects import other_object
from cohort.space.dicom.choosing.pick import nothing_found
from cohort.space.dicom.choosing.studies import PatientStudy, studies_of
from cohort.space.dicom.files.find import find_series
from cohort.space.dicom.instance import Series
from cohort.space.dicom.read import read_series
from cohort.space.file_types import read_header, read_volume
from cohort.space.grid import Grid
from cohort.space.nifti.volume import save_volume


def find_studies(
    folder: Path, series: Sequence[str]
) -> tuple[list[tuple[PatientStudy, SeriesChoice]], list[str], Sequence[Series]]:
    """Return each study with the series chosen from it, what was passed over, and all series.

    Parameters
    ----------
    series
        Names of series to take from their studies, whatever they are.

    Raises
    ------
    DataError
        If there is no DICOM image, or no series of a name.
    """
    found = find_series(folder)
    if not found.series:
        raise DataError(nothing_found(folder, found))
    if unknown := [u for u in series if not any(is_named(one, u) for one in found.series)]:
        raise DataError(*(f"{folder}: holds no series {uid}." for uid in unknown))
    choices = []
    for study in studies_of(found.series):
        if all(other_object(one) is not None for one in study.series):
            continue  # a segmentation or a report that was stored as a study of its own
        asked = next((u for u in series if any(is_named(one, u) for one in study.series)), None)
        choices.append((study, choose(study.series, asked)))
    reasons = Counter(skipped.reason.rstrip(".") for skipped in found.skipped)
    skipped = [f"{counted(count, 'file')}: {reason}." for reason, count in reasons.most_common()]
    return choices, skipped, list(found.series)


def write_scans(
    studies: Sequence[StudyCase],
    target: Path,
    cases: dict[str, Case],
    grids: dict[str, Grid],
    key: CohortKey,
) -> list[str]:
    """Write new scans, and add each to `cases`, its grid to `grids`.

    Returns
    -------
    list of str
        Sentences on those that cannot be read; they are taken out of the key.
    """
    problems: list[str] = []

    for study in progress(studies, "Scans"):
        path = f"images/{study.case_id}.nii.gz"
        try:
            # What messages call it holds nothing of the patient's.
            voxels, header = read_series(study.series, Path(study.study.name))
        except DataError as error:
            problems += error.problems
            del key.cases[study.case_id]
            continue
        save_volume(target / path, voxels, header.grid, header.notes)
        patient = key.cases[study.case_id].patient
        stated = header.patient.to_share() if header.patient else {}
        cases[study.case_id] = Case(study.case_id, path, patient=patient, dicom=stated)
        grids[study.case_id] = header.grid
    return problems


def grids_of(folder: Path, cases: Mapping[str, Case]) -> dict[str, Grid]:
    """Return the grid of each case that a cohort has."""
    return {
        name: read_header(folder / case.image).grid for name, case in cases.items() if case.image
    }


def masks_for(
    series: Sequence[Series],
    paths: Sequence[Path],
    grids: Mapping[str, Grid],
    key: CohortKey,
) -> SeriesMasks:
    """Return the masks that came with the scans, each with the case that it belongs to."""
    by_uid = {
        key.cases[case_id].series_uid.partition("#")[0]: (case_id, grid)
        for case_id, grid in grids.items()
        if case_id in key.cases
    }
    found = masks_of_segmentations(series, by_uid)
    masks_of_files(paths, grids, found)
    return found


def write_masks(
    masks: Mapping[str, Mapping[str, NDArray[Any]]],
    grids: Mapping[str, Grid],
    target: Path,
    cases: dict[str, Case],
) -> list[str]:
    """Write masks that the cohort doesn't have; return sentences on those that it keeps."""
    kept = []
    for case_id, of_case in masks.items():
        paths = dict(cases[case_id].masks)
        for structure, mask in of_case.items():
            if structure in paths:
                # It may have been corrected since.
                if not np.array_equal(read_volume(target / paths[structure])[0], mask):
                    kept.append(
                        f"case {case_id}: has another mask of {structure}, which stays; delete it "
                        "from the manifest to take the one that came."
                    )
                continue
            paths[structure] = f"masks/{case_id}_{structure}.nii.gz"
            save_volume(target / paths[structure], mask, grids[case_id])
        cases[case_id] = replace(cases[case_id], masks=paths)
    return kept


def kept_of(
    case: Case, key: CohortKey, dates: bool, ids: bool, shifted: bool = False
) -> dict[str, str]:
    """Return what a case says of who and when: what it said before, and what is asked for."""
    kept = dict(case.dicom)
    known = key.cases.get(case.id)
    if known is None:
        return kept
    if dates and known.acquired:
        kept["acquired"] = known.acquired
    elif shifted and (moved := key.shifted(known)):
        kept["acquired"] = moved
    if ids:
        told = {
            "patient_id": key.patient_id(known.patient),
            "accession_number": known.accession_number,
        }
        kept |= {name: value for name, value in told.items() if value}
    return kept
