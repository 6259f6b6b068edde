"""Label maps: several structures in one volume, each with a label of its own.

Where structures overlap, a label map shows one of them; the order is `Structure.hides`. What is
hidden is kept in a file beside it, `p1_labels.hidden.nii.gz` of `p1_labels.nii.gz`: a volume on the
same grid that holds the bits of all structures in each voxel (bit `channel` each). When a structure
is read from the label map, its hidden voxels are added wherever the label map still shows what hid
them. So a label map that comes back unedited comes back whole, and one that was edited loses what
is hidden only where somebody drew; a structure that was erased wherever it showed stays erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cohort.base.cli import counted
from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURES, Structure
from cohort.faults import FileNote
from cohort.space.address import Address
from cohort.space.header import Header
from cohort.space.nifti import volume as nifti
from cohort.space.same_grid import grid_difference

HIDDEN = ".hidden"
"""Ends the stem of the file that keeps what a label map hides."""
INTENT = "HICH hidden"
"""Stands in the header of such a file, so that none of another origin is taken for one."""
NOTE = "hidden voxels"
"""Kind of the notes on what a label map hides."""

_SUFFIXES = (*nifti.SUFFIXES, ".nrrd")
_BOTTOM_UP = sorted(STRUCTURES, key=lambda structure: (structure.hides, structure.channel))


class LabelMap(NamedTuple):
    """Structures as a label map.

    Attributes
    ----------
    labels
        uint8 [I, J, K]; see `label_of`.
    bits
        uint8 [I, J, K], the bits of all structures in each voxel.
    hidden
        Structure id to where it isn't shown, bool [I, J, K], of those that overlap others.
    """

    labels: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    hidden: Mapping[str, NDArray[np.bool_]]


def label_of(structure: Structure) -> int:
    """Return the label of a structure in the label maps that are written here."""
    return structure.channel + 1


def label_map(masks: Mapping[str, np.ndarray]) -> LabelMap:
    """Put masks [I, J, K], by structure id, into one volume.

    Examples
    --------
    >>> found = label_map({"hematoma": np.array([[[1, 1]]]), "midline": np.array([[[0, 1]]])})
    >>> found.labels.tolist(), found.bits.tolist(), found.hidden["hematoma"].tolist()
    ([[[1, 2]]], [[[1, 3]]], [[[False, True]]])
    """
    bits = np.zeros(next(iter(masks.values())).shape, np.uint8)
    for structure in STRUCTURES:
        if structure.id in masks:
            bits[np.asarray(masks[structure.id]) != 0] |= np.uint8(1 << structure.channel)
    labels = _shown(bits)
    hidden = {structure.id: _hidden(bits, labels, structure) for structure in STRUCTURES}
    return LabelMap(labels, bits, {name: where for name, where in hidden.items() if where.any()})


def hidden_file(path: Path) -> Path:
    """Return where the file lies that keeps what a label map hides.

    Examples
    --------
    >>> hidden_file(Path("p1_labels.nii.gz")).name
    'p1_labels.hidden.nii.gz'
    """
    name = path.name
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix):
            return path.with_name(f"{name[: -len(suffix)]}{HIDDEN}.nii.gz")
    return path.with_name(f"{name}{HIDDEN}.nii.gz")


def is_hidden_file(path: Path) -> bool:
    """Return whether a file keeps, by its name, what a label map hides."""
    return path.name.lower().endswith(f"{HIDDEN}.nii.gz")


def has_label_map(path: Path) -> bool:
    """Return whether the label map of such a file lies beside it."""
    stem = path.name[: -len(f"{HIDDEN}.nii.gz")]
    return any(path.with_name(stem + suffix).is_file() for suffix in _SUFFIXES)


def read_label(address: Address, values: np.ndarray, header: Header) -> tuple[np.ndarray, Header]:
    """Return the mask of a label that a label map's `address` names, uint8 [I, J, K].

    Parameters
    ----------
    values, header
        Of the whole label map.

    Raises
    ------
    DataError
        If the label map holds other values than whole numbers.
    """
    labels = address.labels
    if values.dtype.kind == "f" and not np.array_equal(values, np.rint(values)):
        raise DataError(
            f"{address.file}: holds values that are not whole numbers; a label map has one label "
            "per voxel."
        )
    mask = np.isin(values, labels).astype(np.uint8)
    structure = next((s for s in STRUCTURES if labels == (label_of(s),)), None)
    beside = hidden_file(address.file)
    bits = _read_bits(beside, header) if structure else None
    if structure is None or bits is None:
        return mask, header
    shown = _shown(bits)
    hidden = _hidden(bits, shown, structure)
    total = int(np.count_nonzero(hidden))
    if not total or not mask.any() and (shown == label_of(structure)).any():
        return mask, header
    hidden &= values == shown
    mask[hidden] = 1
    back = int(np.count_nonzero(hidden))
    what = f"{counted(total, 'voxel')} of {structure.id} that other structures hide "
    what += "were added" if back == total else f"were added where nobody drew: {back}"
    note = FileNote(str(address.path), NOTE, f"{what} (they are kept in {beside.name}).")
    return mask, replace(header, notes=(*header.notes, note))


def _read_bits(path: Path, header: Header) -> NDArray[np.uint8] | None:
    """Return what the file beside a label map keeps; None without one that was written here."""
    if not path.is_file() or not is_ours(nifti.read_image_header(path)):
        return None
    bits, own = nifti.read_volume(path)
    if difference := grid_difference(own.grid, header.grid):
        raise DataError(
            f"{path}: {difference}, so it keeps what another label map hides; remove it, or put "
            "the label map's own in its place."
        )
    return np.asarray(bits, np.uint8)


def is_ours(image: Any) -> bool:
    """Return whether nibabel's image is one that keeps what a label map hides."""
    return bytes(image.header["intent_name"]).rstrip(b"\0") == INTENT.encode()


def _shown(bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the label of the structure that is shown in each voxel, 0 of none."""
    shown = np.zeros(bits.shape, np.uint8)
    for structure in _BOTTOM_UP:
        shown[(bits & (1 << structure.channel)) != 0] = label_of(structure)
    return shown


def _hidden(
    bits: NDArray[np.uint8], shown: NDArray[np.uint8], structure: Structure
) -> NDArray[np.bool_]:
    """Return where a structure is hidden by another one."""
    there = (bits & (1 << structure.channel)) != 0
    return np.asarray(there & (shown != label_of(structure)))
