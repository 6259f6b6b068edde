"""What is wrong with a file that cannot be read as a NIfTI volume, for people."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
from isal import isal_zlib

from cohort.base.errors import DataError
from cohort.space.affine import is_a_volume, times
from cohort.space.grid import Grid

POSSIBLE_MM = (1e-3, 1e3)
"""Spacing outside of these limits is a damaged header's, or is not in mm."""
FARTHEST_MM = 1e6
"""Farther from the world's origin, distances between voxels would be lost in rounding."""
_GZIP = b"\x1f\x8b"
_HEADER_BYTES = 352
"""Of NIfTI-1, up to its first voxel."""


def is_gz(path: Path) -> bool:
    """Return whether the file is gzip-compressed by its name."""
    return path.name.lower().endswith(".gz")


def of_the_machine(error: Exception) -> bool:
    """Return whether the system kept a file from being read, and not what the file holds.

    A damaged header makes nibabel and numpy raise whatever comes first: errors of nearly every
    class, and an `OSError` for a position that no file can have.
    """
    return isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)


def what_it_is(path: Path) -> str:
    """Say what a file is whose header cannot be read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(132)
    compressed = start.startswith(_GZIP)
    if start.endswith(b"DICM"):
        return "DICOM; rename it, to end in .dcm"
    if size < _HEADER_BYTES and not (is_gz(path) and compressed):
        return f"{size} bytes long, a placeholder or an empty download"
    if is_gz(path) and not compressed:
        return "named .gz, but not gzip-compressed"
    if compressed and not is_gz(path):
        return "gzip-compressed, but not named .gz; rename it"
    if is_gz(path) and (fault := gzip_fault(path.read_bytes())):
        return fault
    return "its header cannot be read; damaged or another format"


def gzip_fault(data: bytes) -> str | None:
    """Say what a gzip file is that cannot be unpacked, None if it can.

    It is one compressed stream or several, as `bgzip` and `cat` make them; zeros may follow, as on
    tapes. What else follows belongs to none of them, and nobody knows how it came there.
    """
    rest = data
    while rest:
        if not rest.startswith(_GZIP[: len(rest)]):
            number = "1 byte" if len(rest) == 1 else f"{len(rest)} bytes"
            return f"longer than its compressed data, by {number} of something else"
        stream = isal_zlib.decompressobj(wbits=31)
        try:
            stream.decompress(rest)
        except isal_zlib.error as error:  # type: ignore[misc]
            return f"truncated or damaged ({error})"
        if not stream.eof:
            return "truncated (its compressed data ends too early)"
        rest = stream.unused_data.lstrip(b"\0")
    return None


def require_places(
    path: Path, affine: np.ndarray, spacing: tuple[float, float, float] | None = None
) -> None:
    """Refuse an affine that gives voxels no places in a scanner.

    Parameters
    ----------
    path
        How the error calls the volume.
    affine
        [4, 4], voxel indices to RAS+ mm.
    spacing
        What is stated beside it and counts instead, in mm.

    Raises
    ------
    DataError
        If it maps to no volume, voxels are far too large or small, or it lies far away.
    """
    if not is_a_volume(affine):
        raise DataError(
            f"{path}: its affine maps voxels to no volume (a spacing of zero, or not a number); "
            "export it again from its source."
        )
    spacing = spacing or Grid((1, 1, 1), affine).spacing
    if not POSSIBLE_MM[0] <= min(spacing) <= max(spacing) <= POSSIBLE_MM[1]:
        raise DataError(
            f"{path}: states a spacing of {times(spacing)} mm; export it again from its source."
        )
    if np.abs(affine[:3, 3]).max() > FARTHEST_MM:
        raise DataError(
            f"{path}: lies {np.abs(affine[:3, 3]).max() / 1e6:.3g} km from the scanner's centre by "
            "its affine; export it again from its source."
        )
