"""The file types that a scan or a mask may have: one table, and reading by it.

To add a type, add a row to `FILE_TYPES`. Array axes are those of the file, whatever the type. A
path may name a part of a file, `p1.nii.gz/label=3` (`cohort.space.address`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cohort.base.errors import DataError
from cohort.space.address import Address, Part
from cohort.space.header import Header
from cohort.space.label_maps import hidden_file, read_label
from cohort.space.nifti import volume as nifti
from cohort.space.nrrd import segments
from cohort.space.nrrd import volume as nrrd


@dataclass(frozen=True)
class FileType:
    """A type of file that holds volumes.

    Attributes
    ----------
    name
        What people call it.
    suffixes
        How its files' names end, in lower case.
    one_file_each
        Whether each file of a folder is a volume of its own; of DICOM, a slice is a file.
    read_header, read_volume
        Return what the functions of these names in this module return, of an address. They import
        what they need only when they are called.
    parts
        Kinds of the volumes that it may hold beside each other.
    scans
        Whether its volumes may be scans. If not they are masks, and may be cut to a part of their
        image (`read_mask_volume`).
    """

    name: str
    suffixes: tuple[str, ...]
    read_header: Callable[[Path], Header]
    read_volume: Callable[[Path], tuple[np.ndarray, Header]]
    parts: tuple[Part, ...] = ("label",)
    scans: bool = True
    one_file_each: bool = True


def _read_dicom_header(path: Path) -> Header:
    from cohort.space.dicom import read

    return read.read_header(path)


def _read_dicom_volume(path: Path) -> tuple[np.ndarray, Header]:
    from cohort.space.dicom import read

    return read.read_volume(path)


NIFTI = FileType("NIfTI", nifti.SUFFIXES, nifti.read_header, nifti.read_volume)
SEGMENTATION = FileType(
    "3D Slicer's segmentation",
    (".seg.nrrd",),
    segments.read_header,
    segments.read_volume,
    ("segment",),
    scans=False,
)
NRRD = FileType("NRRD", (".nrrd",), nrrd.read_header, nrrd.read_volume)
DICOM = FileType(
    "DICOM",
    (".dcm", ".ima", ".zip"),
    _read_dicom_header,
    _read_dicom_volume,
    ("series",),
    one_file_each=False,
)
FILE_TYPES = (NIFTI, SEGMENTATION, NRRD, DICOM)
"""In the order in which names are looked at: `.seg.nrrd` ends with `.nrrd`, too."""
SUFFIXES = tuple(
    suffix for file_type in FILE_TYPES if file_type.one_file_each for suffix in file_type.suffixes
)
"""How files are named each of which is a volume."""


def type_of(path: Path) -> FileType:
    """Return the type of a file, by its name; of a folder, or a file without a suffix, DICOM.

    A file that a scanner named by a UID or a number has what looks like a suffix and is DICOM if
    its content is.
    """
    address = Address.of(path)
    name = address.file.name.lower()
    for file_type in FILE_TYPES:
        if name.endswith(file_type.suffixes):
            return file_type
    if address.part == "series" or address.file.is_dir() or holds_dicom(address.file):
        return DICOM
    return NIFTI


def holds_dicom(path: Path) -> bool:
    """Return whether a file is DICOM by its content, or a folder holds one, however deep."""
    from cohort.space.dicom.files.parse import looks_like_dicom

    if path.is_dir():
        return any(
            name.lower().endswith(DICOM.suffixes) or holds_dicom(Path(at, name))
            for at, _, names in os.walk(path)
            for name in sorted(names)
        )
    try:
        with path.open("rb") as file:
            return looks_like_dicom(file.read(132))
    except OSError:
        return False


def may_be_scan(path: Path) -> bool:
    """Return whether a file may hold a scan, by its name."""
    return path.name.lower().endswith(SUFFIXES) and type_of(path).scans


def files_of(path: Path) -> list[Path]:
    """Return the files that the volume `path` is read from.

    Examples
    --------
    >>> files_of(Path("p1.seg.nrrd/segment=hematoma"))
    [PosixPath('p1.seg.nrrd')]
    """
    address = Address.of(path)
    if address.file.is_dir():
        return sorted(Path(at, name) for at, _, names in os.walk(address.file) for name in names)
    beside = hidden_file(address.file)
    return [address.file, *([beside] if address.part == "label" and beside.is_file() else [])]


def require_finite(path: Path, voxels: np.ndarray) -> None:
    """Make sure that each voxel of a scan has a value.

    Raises
    ------
    DataError
        If some are NaN or infinite.
    """
    if voxels.dtype.kind == "f" and not np.isfinite(voxels).all():
        raise DataError(
            f"{path}: holds NaN or infinite voxels; "
            "export it again, or set them to -1024 (air) if they lie outside the scan."
        )


def read_header(path: Path) -> Header:
    """Read what the file of the volume `path` says of it, without its voxels.

    Raises
    ------
    DataError
        If the file is missing, is of no known type, is not 3D, or its affine maps to no volume.
    OSError
        If the system lets nobody read it.
    """
    address, file_type = _of(path)
    if address.part == "label":
        _ = address.labels
        path = address.file
    return file_type.read_header(path)


def read_volume(path: Path) -> tuple[np.ndarray, Header]:
    """Read all voxels of the volume `path`, with the header's scaling applied.

    Returns
    -------
    voxels
        Array in the file's own axis order; of the stored type where the header states no
        scaling, else float64.
    header
        What the header says.

    Raises
    ------
    DataError
        As `read_header` does, and if the file is truncated or damaged.
    """
    address, file_type = _of(path)
    if address.part == "label":
        _ = address.labels
        return read_label(address, *file_type.read_volume(address.file))
    return file_type.read_volume(path)


def _of(path: Path) -> tuple[Address, FileType]:
    address, file_type = Address.of(path), type_of(path)
    if address.part is not None and address.part not in file_type.parts and address.file.exists():
        known = " or ".join(f"{part}=…" for part in file_type.parts)
        raise DataError(f"{path}: {file_type.name} has no {address.part}; name a {known}.")
    return address, file_type


def suffix_of(path: Path) -> str:
    """Return the suffix of a file in lower case, `.nii.gz` being one; `.nii` of unknown ones.

    Examples
    --------
    >>> suffix_of(Path("p1.2.NII.GZ")), suffix_of(Path("p1.seg.nrrd"))
    ('.nii.gz', '.seg.nrrd')
    """
    name = path.name.lower()
    return next((s for s in sorted(SUFFIXES, key=len, reverse=True) if name.endswith(s)), ".nii")


def strip_suffix(name: str) -> str:
    """Return a file name without its suffix, `.nii.gz` being one.

    Examples
    --------
    >>> strip_suffix("p1.2.nii.gz"), strip_suffix("p1.txt"), strip_suffix("p1")
    ('p1.2', 'p1', 'p1')
    """
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return Path(name).stem
