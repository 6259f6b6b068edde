"""The file types that a scan or a mask may have: one table, and reading by it.

To add a type, add a row to `FILE_TYPES`. Array axes are those of the file, whatever the type.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cohort.space import nifti
from cohort.space.address import Address
from cohort.space.header import Header


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
    """

    name: str
    suffixes: tuple[str, ...]
    read_header: Callable[[Path], Header]
    read_volume: Callable[[Path], tuple[np.ndarray, Header]]
    one_file_each: bool = True


def _read_dicom_header(path: Path) -> Header:
    from cohort.space.dicom import read

    return read.read_header(path)


def _read_dicom_volume(path: Path) -> tuple[np.ndarray, Header]:
    from cohort.space.dicom import read

    return read.read_volume(path)


NIFTI = FileType("NIfTI", nifti.SUFFIXES, nifti.read_header, nifti.read_volume)
DICOM = FileType(
    "DICOM", (".dcm", ".ima", ".zip"), _read_dicom_header, _read_dicom_volume, one_file_each=False
)
FILE_TYPES = (NIFTI, DICOM)
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
    if address.part == "series" or address.file.is_dir() or _holds_dicom(address.file):
        return DICOM
    return NIFTI


def _holds_dicom(path: Path) -> bool:
    from cohort.space.dicom.parse import looks_like_dicom

    try:
        with path.open("rb") as file:
            return looks_like_dicom(file.read(132))
    except OSError:
        return False


def read_header(path: Path) -> Header:
    """Read what the file of the volume `path` says of it, without its voxels.

    Raises
    ------
    DataError
        If the file is missing, is of no known type, is not 3D, or its affine maps to no volume.
    OSError
        If the system lets nobody read it.
    """
    return type_of(path).read_header(path)


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
    return type_of(path).read_volume(path)


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
