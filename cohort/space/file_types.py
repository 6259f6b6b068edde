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
    read_header, read_volume
        Return what the functions of these names in this module return, of an address. They import
        what they need only when they are called.
    """

    name: str
    suffixes: tuple[str, ...]
    read_header: Callable[[Path], Header]
    read_volume: Callable[[Path], tuple[np.ndarray, Header]]


NIFTI = FileType("NIfTI", nifti.SUFFIXES, nifti.read_header, nifti.read_volume)
FILE_TYPES = (NIFTI,)
SUFFIXES = tuple(suffix for file_type in FILE_TYPES for suffix in file_type.suffixes)


def type_of(path: Path) -> FileType:
    """Return the type of a file, by its name."""
    name = Address.of(path).file.name.lower()
    return next((of for of in FILE_TYPES if name.endswith(of.suffixes)), NIFTI)


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
