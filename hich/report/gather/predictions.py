"""What the imaging half found in each CT: `<id>.json`, and the masks beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.base.files import read_json
from cohort.facts.structures import STRUCTURE_IDS
from cohort.provenance.read import is_provenance
from cohort.schema.problems import in_brackets, parse
from cohort.schema.scans.scan import Coverage, ExpectedErrors, Model, ScanResult
from cohort.space.address import Address
from cohort.space.affine import times
from cohort.space.header import Header
from cohort.space.masks import binary_mask, read_mask_header, read_mask_volume
from cohort.space.same_grid import grid_difference
from cohort.space.slices.places import NAME as SLICE_PLACES
from hich.report.gather.measured import measurements_of
from hich.report.messages import CheckSentence
from hich.report.model.masks import CaseMeasurements


@dataclass(frozen=True)
class Prediction:
    """What was predicted of a CT.

    Attributes
    ----------
    masks
        Structure id to its mask: a file, or a part of one.
    measurements
        None of predictions by earlier versions, and where the masks were edited since.
    volumes_ml
        Structure id to its volume, where that can be told.
    model
        What predicted.
    notes
        What is unusual about the scan, or the model.
    untold
        Id of a structure of which nothing can be told, or a doubt, to the reason.
    coverage
        How much of the head is in view; None of predictions by earlier versions.
    shape
        Of the CT, in voxels.
    errors
        How far off the values may be; None where the model doesn't tell.
    """

    masks: Mapping[str, Path]
    measurements: CaseMeasurements | None
    volumes_ml: Mapping[str, float]
    model: Model
    notes: tuple[CheckSentence, ...]
    untold: Mapping[str, CheckSentence]
    coverage: Coverage | None
    shape: tuple[int, ...]
    errors: ExpectedErrors | None = None

    def error_ml(self, structure: str) -> float | None:
        """Return how far off a structure's volume may be; None where that isn't known."""
        return self.errors.most_ml.get(structure) if self.errors else None

    @property
    def shift_error_mm(self) -> float | None:
        """How far off the midline shift may be: the wider limit of agreement of the model's test.

        Of shifts of its size, where the model tells it by size. With too few cases for limits, the
        mean absolute difference; None without either.
        """
        if self.errors is None or self.errors.shift is None:
            return None
        shift = self.errors.shift_of_size if self.errors.shift.sizes else self.errors.shift
        if shift is None:
            return None
        return max(map(abs, shift.limits_mm)) if shift.limits_mm else shift.mae_mm


def find_predictions(folder: Path) -> dict[str, Path] | None:
    """Return the id of each CT that was predicted, to its JSON; None if there is no such folder."""
    if not folder.is_dir():
        return None
    found = {path.stem: path for path in sorted(folder.glob("*.json"))}
    return {
        name: path
        for name, path in found.items()
        if not (name.startswith(".") or is_provenance(path) or SLICE_PLACES.fullmatch(path.name))
    }


def read_prediction(path: Path) -> Prediction:
    """Read what `imaging.predict` wrote of a CT.

    Raises
    ------
    DataError
        If the file is missing or damaged, or names masks outside of its folder.
    """
    found, problems = parse(ScanResult, read_json(path))
    if found is None:
        why = in_brackets(problems)
        raise DataError(f"{path}: is not a prediction of `imaging.predict` {why}; predict again.")
    files = [str(Address.of(Path(name)).file) for name in found.masks.values()]
    if any(Path(file).name != file for file in files):
        raise DataError(f"{path}: names masks outside of its folder; predict again.")
    return prediction_of(found, path.parent)


def prediction_of(found: ScanResult, folder: Path) -> Prediction:
    """Return what `imaging.predict` told of a CT, whose masks lie in `folder`."""
    names = [name for name in STRUCTURE_IDS if name in found.masks]
    kinds = found.cannot_be_told_kinds or {}  # earlier versions don't write them
    untold = {n: CheckSentence(kinds.get(n, ""), why) for n, why in found.cannot_be_told.items()}
    measured = found.measurements
    volumes = {name: found.volumes_ml[name] for name in names}
    return Prediction(
        {name: folder / found.masks[name] for name in names},
        measurements_of(measured, untold) if measured else None,
        {name: ml for name, ml in volumes.items() if ml is not None},
        found.model,
        # Earlier versions called them warnings, and gave them no kind.
        tuple(CheckSentence(note.kind, note.what) for note in found.notes)
        or tuple(CheckSentence("", what) for what in found.warnings),
        untold,
        found.coverage,
        found.shape,
        found.expected_errors,
    )


def why_not_of(prediction: Prediction, image: Header) -> str | None:
    """Say why a prediction can't be of the CT with that header; None if it can."""
    if prediction.shape != image.shape:
        return f"has {times(prediction.shape)} voxels, the image {times(image.shape)}"
    for path in prediction.masks.values():
        try:
            difference = grid_difference(read_mask_header(path, image.grid).grid, image.grid)
        except DataError:
            continue  # said where the mask is read
        if difference:
            return difference
    return None


def read_mask(path: Path, image: Header) -> NDArray[np.uint8]:
    """Read a mask of the CT with that header.

    Raises
    ------
    DataError
        If it is missing, damaged, no mask, or on another grid.
    """
    values, header = read_mask_volume(path, image.grid)
    difference = grid_difference(header.grid, image.grid)
    if difference:
        raise DataError(f"{path}: {difference}; it belongs to another scan.")
    try:
        return binary_mask(values)[0]
    except ValueError as error:
        raise DataError(f"{path}: {error}, so it is not a mask.") from None


def touches_border(mask: NDArray, axial_axis: int) -> bool:
    """Whether a structure goes on beyond the scan's first or last slice, or beyond an edge."""
    # Views: `np.take` would copy all of a mask whose memory is not in order, for each of them.
    edges = (
        mask[(slice(None),) * axis + (index,)].any()
        for axis in sorted(range(3), key=lambda a: a != axial_axis)
        for index in (0, -1)
    )
    return any(edges)
