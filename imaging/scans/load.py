"""A scan, and the masks that were drawn on it, as they are read from files or memory: in HU."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import Transform

from cohort.base.errors import DataError, raise_all
from cohort.facts.structures import STRUCTURES
from cohort.faults import FileNote
from cohort.space.file_types import read_volume, require_finite
from cohort.space.grid import Grid
from cohort.space.header import Header
from cohort.space.masks import binary_mask, read_mask_volume
from cohort.space.same_grid import grid_difference
from imaging.space.mask_arrays import empty_masks

SLICE_PLACES_META = "slice_places"
"""Key of `Grid.places` in a MetaTensor's metadata, where slices are uneven."""


class LoadScand(Transform):
    """Read the files of `{"image": path, "masks": {structure: path}}`.

    What is in memory already stands under `volume`: voxels [I, J, K] and header.

    `header` is what the file says of it (`cohort.space.header.Header`).
    `image` becomes a MetaTensor [1, I, J, K] in HU in the file's own axis order: int16 where the
    file holds whole numbers that fit, which halves the memory to move, else float32. With `masks`,
    `label`, `annotated` and `notes` are added as `scan_transforms` says; `masks` stays.
    """

    def __init__(self, masks: bool) -> None:
        self.masks = masks

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the scan of `data`.

        Raises
        ------
        DataError
            Listing all that is wrong: a file of no known type, truncated or 4D, NaN or infinite
            voxels, a mask on another grid or with other values than 0 and 1 (or 255).
        """
        path = Path(data["image"])
        voxels, header = data.get("volume") or read_volume(path)
        hounsfield = _as_hounsfield(voxels)
        require_finite(path, hounsfield)
        image = _volume(hounsfield[None], header, path)
        result: dict[str, Any] = {"image": image, "header": header}
        if self.masks:
            label, annotated, notes = _read_masks(data.get("masks") or {}, header)
            result["label"] = _volume(label, header, path)
            result |= {"annotated": annotated, "notes": notes}
        return {**data, "volume": None, **result}


def volume_grid(volume: MetaTensor) -> Grid:
    """Return where the voxels of a volume [C, I, J, K] lie, as `LoadScand` read it."""
    first, second, third = volume.shape[1:]
    places = volume.meta.get(SLICE_PLACES_META)
    return Grid(
        (first, second, third),
        np.asarray(volume.affine.cpu(), np.float64),
        None if places is None else np.asarray(places, np.float64),
    )


def _as_hounsfield(voxels: np.ndarray) -> np.ndarray:
    """Return voxels as int16 if that holds their type's values, else as float32."""
    whole = voxels.dtype.kind in "iu" and np.can_cast(voxels.dtype, np.int16)
    # In the machine's own byte order, which torch needs.
    return voxels.astype(np.int16 if whole else np.float32, copy=not voxels.flags.writeable)


def _volume(values: np.ndarray, header: Header, path: Path) -> MetaTensor:
    meta: dict[str, Any] = {"filename_or_obj": str(path), "space": "RAS"}
    if header.grid.places is not None:
        meta[SLICE_PLACES_META] = header.grid.places
    return MetaTensor(torch.from_numpy(values), torch.from_numpy(header.affine), meta)


def _read_masks(
    masks: Mapping[str, str | Path], reference: Header
) -> tuple[np.ndarray, list[bool], list[FileNote]]:
    label = empty_masks(reference.shape)
    problems: list[str] = []
    notes: list[FileNote] = []
    for structure in STRUCTURES:
        if structure.id not in masks:
            continue
        path = Path(masks[structure.id])
        try:
            values, header = read_mask_volume(path, reference.grid)
            difference = grid_difference(header.grid, reference.grid)
            if difference:
                problems.append(f"{path}: {difference}; a mask needs its image's grid.")
                continue
            label[structure.channel], written = binary_mask(values)
            notes += header.notes
        except DataError as error:
            problems += error.problems
        except ValueError as error:
            problems.append(f"{path}: {error}; a mask holds 0 and 1 only.")
        else:
            if written:
                notes.append(FileNote(str(path), "mask values", f"{written} was read as 0 and 1."))
    raise_all(problems)
    return label, [structure.id in masks for structure in STRUCTURES], notes
