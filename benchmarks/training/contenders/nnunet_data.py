"""A cohort as nnU-Net's dataset, and nnU-Net's probabilities as masks.

nnU-Net holds one label a voxel. Structures that overlap are therefore written as a bit field (bit
k is the structure of channel k, as in this project's mask PNGs) and declared as regions: each
structure is the set of the label values with its bit, learnt as a sigmoid output of its own. Its
own label maps could not give them back, since they paint one region over the other; so the
probabilities of the regions are what is read.

All volumes are turned to RAS, since nnU-Net takes axes as they stand in the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.orientations import apply_orientation, io_orientation, ornt_transform

from benchmarks.training.contenders.base import Task
from cohort.base.files import write_json
from cohort.facts.structures import STRUCTURES
from cohort.schema.case import Case
from cohort.space.file_types import read_header, read_volume
from cohort.space.nifti.volume import save_volume

SUFFIX = ".nii.gz"
RAS = np.array([[0, 1], [1, 1], [2, 1]])


def write_dataset(task: Task, folder: Path) -> None:
    """Write train and val as nnU-Net's training cases, and test as its images to predict."""
    for case in [*task.train, *task.val]:
        _write_image(task, case, folder / "imagesTr")
        masks = [read_volume(task.cohort.path(case.masks[s.id]))[0] > 0 for s in STRUCTURES]
        bits = np.packbits(masks, axis=0, bitorder="little")[0]
        header = read_header(task.cohort.path(str(case.image)))
        _save_as_ras(folder / "labelsTr" / f"{case.id}{SUFFIX}", bits, header.affine)
    for case in task.test:
        _write_image(task, case, folder / "imagesTs")
    labels = {s.id: _values_with_bit(s.channel) for s in STRUCTURES}
    write_json(
        folder / "dataset.json",
        {
            "channel_names": {"0": "CT"},
            "labels": {"background": 0, **labels},
            # What its label maps would paint; they are not used.
            "regions_class_order": [1 << s.channel for s in STRUCTURES],
            "numTraining": len(task.train) + len(task.val),
            "file_ending": SUFFIX,
            "overwrite_image_reader_writer": "NibabelIO",
        },
    )


def splits_of(task: Task) -> list[dict[str, Sequence[str]]]:
    """Return the cohort's split as nnU-Net's `splits_final.json` of one fold."""
    return [{"train": [c.id for c in task.train], "val": [c.id for c in task.val]}]


def write_masks(task: Task, predicted: Path, masks: Path) -> None:
    """Turn the probabilities `<case>.npz` in `predicted` into masks on the scans' own grids.

    A voxel belongs to a structure where its region's probability is above 0.5, nnU-Net's rule.
    """
    for case in task.test:
        with np.load(predicted / f"{case.id}.npz") as file:
            # nnU-Net's arrays are [region, Z, Y, X].
            inside = (file["probabilities"] > 0.5).transpose(0, 3, 2, 1)
        affine = read_header(task.cohort.path(str(case.image))).affine
        from_ras = ornt_transform(RAS, io_orientation(affine))
        for structure in STRUCTURES:
            mask = apply_orientation(inside[structure.channel].astype(np.uint8), from_ras)
            save_volume(masks / f"{case.id}_{structure.id}.nii.gz", mask, affine)


def _write_image(task: Task, case: Case, folder: Path) -> None:
    voxels, header = read_volume(task.cohort.path(str(case.image)))
    hounsfield = np.round(voxels).astype(np.int16)
    _save_as_ras(folder / f"{case.id}_0000{SUFFIX}", hounsfield, header.affine)


def _save_as_ras(path: Path, voxels: np.ndarray, affine: np.ndarray) -> None:
    turned = nib.as_closest_canonical(nib.Nifti1Image(voxels, affine))
    save_volume(path, np.asanyarray(turned.dataobj), turned.affine)


def _values_with_bit(bit: int) -> list[int]:
    return [value for value in range(1 << len(STRUCTURES)) if value >> bit & 1]
