"""The files that hold a prediction's masks: one for each structure, or one for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cohort.base.cli import counted
from cohort.facts.structures import BY_ID, STRUCTURES
from cohort.space.address import Address
from cohort.space.file_types import NIFTI, type_of
from cohort.space.header import Header
from cohort.space.label_maps import INTENT, NOTE, hidden_file, label_map, label_of
from cohort.space.nifti.notes import drop_notes
from cohort.space.nifti.volume import make_image, read_image_header, write_image
from cohort.space.nrrd.segments import write_segmentation

MaskFormat = Literal["nifti", "seg.nrrd", "labelmap"]
MASK_FORMATS: tuple[MaskFormat, ...] = get_args(MaskFormat)

MASK = "{}_{}.nii.gz"
"""Name of a file, of a scan's id and a structure's."""
SEGMENTATION, LABELS = "{}.seg.nrrd", "{}_labels.nii.gz"


@dataclass(frozen=True)
class MaskFiles:
    """Files of masks that are to be written.

    Attributes
    ----------
    files
        Name to what writes it to a path, which need not have that name.
    addresses
        Structure id to where its mask will be, beside the others.
    notes
        What a reader of the results should know, each with a kind.
    """

    files: Mapping[str, Callable[[Path], None]]
    addresses: Mapping[str, str]
    notes: tuple[tuple[str, str], ...] = ()


def names_of_masks(scan_id: str) -> set[str]:
    """Return the names of all files that may be written for the masks of a scan."""
    whole = {SEGMENTATION.format(scan_id), LABELS.format(scan_id)}
    hidden = hidden_file(Path(LABELS.format(scan_id))).name
    return whole | {hidden} | {MASK.format(scan_id, structure.id) for structure in STRUCTURES}


def mask_files(
    scan_id: str,
    masks: Mapping[str, NDArray[np.uint8]],
    header: Header,
    source: Any,
    written_as: MaskFormat,
    sized: bool = True,
) -> MaskFiles:
    """Say which files hold the masks of a scan.

    Parameters
    ----------
    masks
        Structure id to mask [I, J, K], on the grid of `header`.
    source
        `like` of the scan.
    sized
        Whether sizes can be told.
    """
    if written_as == "nifti":
        names = {name: MASK.format(scan_id, name) for name in masks}
        return MaskFiles(
            {names[name]: _volume(mask, source) for name, mask in masks.items()}, names
        )
    if written_as == "seg.nrrd":
        file = SEGMENTATION.format(scan_id)
        addresses = {name: str(Address(Path(file), "segment", name).path) for name in masks}
        return MaskFiles(
            {file: lambda path: write_segmentation(path, masks, header.grid)}, addresses
        )
    file = LABELS.format(scan_id)
    found = label_map(masks)
    files = {file: _volume(found.labels, source, max(map(label_of, STRUCTURES)))}
    notes: tuple[tuple[str, str], ...] = ()
    if found.hidden:
        beside = hidden_file(Path(file)).name
        files[beside] = _volume(found.bits, source, 255, INTENT)
        parts = [
            counted(int(where.sum()), "voxel")
            + (f" ({header.grid.volume_ml(where):.2f} mL)" if sized else "")
            + f" of {BY_ID[name].name_en.lower()}"
            for name, where in found.hidden.items()
        ]
        what = (
            f"Structures overlap, of which {file} shows one: it hides {', '.join(parts)}. "
            f"These are kept in {beside}; volumes are of the whole structures."
        )
        notes = ((NOTE, what),)
    addresses = {
        name: str(Address(Path(file), "label", str(label_of(BY_ID[name]))).path) for name in masks
    }
    return MaskFiles(files, addresses, notes)


def like(path: Path, header: Header) -> Any:
    """Return nibabel's image whose header volumes on the grid of a scan take over.

    That of the scan's own file where it is NIfTI: its affines, their codes, its units.
    """
    if type_of(path) is NIFTI:
        return read_image_header(path)
    return make_image(np.broadcast_to(np.uint8(0), header.shape), header.grid)


def save_like(
    path: Path,
    values: NDArray[np.uint8],
    source: Any,
    one: int = 1,
    most: int = 1,
    intent: str = "",
) -> None:
    """Write a volume with the header of the scan; `one` is what it holds where it means 1."""
    header = source.header.copy()
    header.set_data_dtype(np.uint8)
    drop_notes(header)
    header["cal_min"], header["cal_max"] = 0, most
    if intent:
        header.set_intent("none", name=intent)
    # Without an affine of its own, the image takes both affines of the header as they are.
    image = type(source)(values, None, header)
    slope = np.float32(1 / one)
    if float(slope) * one > 1:  # no reader shall find a probability above 1
        slope = np.nextafter(slope, np.float32(0))
    image.header.set_slope_inter(slope, 0)  # a new image has none
    write_image(path, image)


def _volume(
    values: NDArray[np.uint8], source: Any, most: int = 1, intent: str = ""
) -> Callable[[Path], None]:
    return lambda path: save_like(path, values, source, most=most, intent=intent)
