"""Tell whether two files hold the same scan, whatever the file is like.

Two scans are the same if their voxels are, in whatever order they are stored (axes exchanged or
reversed), of whatever type, compressed or not, and whatever the header says of place and spacing.
A constant added to all values, as where an intercept was lost, makes no difference either.

A *key* is quick: it looks at the slices in the middle alone, for which half of a compressed file
is enough. Scans of different keys differ; for those of one key the *digest*, of all voxels, tells.
"""

from __future__ import annotations

import zlib
from collections.abc import Hashable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from isal import igzip, isal_zlib

from cohort.base.errors import DataError
from cohort.space.file_types import NIFTI, read_volume, type_of
from cohort.space.nifti.volume import read_image_header

UNREADABLE: tuple[type[Exception], ...] = (  # type: ignore[assignment]
    DataError,
    OSError,
    EOFError,
    ValueError,
    zlib.error,
    isal_zlib.error,
)
"""What reading a file that is missing, damaged or cut off may raise."""


def scan_key(voxels: np.ndarray) -> Hashable:
    """Return what is equal for the same scan in any order, and seldom for others.

    Parameters
    ----------
    voxels
        Three axes, in the file's order.
    """
    axis = _telling_axis(voxels.shape)
    if axis is None:
        return scan_digest(voxels)
    last = voxels.shape[axis] - 1
    slices = np.moveaxis(voxels, axis, 0)  # views; np.take would copy all voxels
    return _key(voxels.shape, slices[last // 2], slices[(last + 1) // 2])


def read_scan_key(path: Path) -> Hashable:
    """Return `scan_key` of the voxels of a file, of which no more is read than it takes.

    Raises
    ------
    UNREADABLE
        If the file is missing or damaged.
    """
    if type_of(path) is not NIFTI:
        return scan_key(read_volume(path)[0])
    image: Any = read_image_header(path)
    shape = tuple(image.shape)
    axis = _telling_axis(shape)
    if axis != 2 or len(shape) != 3:
        return scan_key(read_volume(path)[0])
    last = shape[2] - 1
    middle = (last // 2, (last + 1) // 2)
    if path.name.lower().endswith(".gz"):
        # NIfTI's last axis varies slowest: what comes behind the middle needn't be decompressed.
        size = shape[0] * shape[1] * image.get_data_dtype().itemsize
        with igzip.open(path) as file:
            start = file.read(int(image.dataobj.offset) + size * (middle[1] + 1))
        image = type(image).from_bytes(start)
    return _key(shape, *(np.asanyarray(image.dataobj[..., index]) for index in middle))


def scan_digest(voxels: np.ndarray) -> str:
    """Return what is equal for the same scan in any order, and for no other.

    These are the sums of the slices along each axis, read from the end that comes first.
    """
    whole = _whole(voxels)
    lowest = float(whole.min())
    sums = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        along = whole.sum(axis=others, dtype=np.float64)
        along -= lowest * (whole.size // whole.shape[axis])
        along += 0.0  # -0.0 becomes 0.0
        sums.append(min(along.tolist(), along[::-1].tolist()))
    sums.sort(key=lambda along: (len(along), along))
    digest = blake2b(digest_size=16)
    for along in sums:
        digest.update(np.array([len(along), *along]).tobytes())
    return digest.hexdigest()


def _telling_axis(shape: tuple[int, ...]) -> int | None:
    """Return the axis that is known from its length in any order of the axes, the shortest first.

    In head CT that is the axis of the slices.
    """
    for length in (min(shape), max(shape)):
        if shape.count(length) == 1:
            return shape.index(length)
    return None


def _key(shape: tuple[int, ...], one: np.ndarray, other: np.ndarray) -> Hashable:
    """Return a key of the two slices in the middle, which are one where their number is odd."""
    both = _whole(one).astype(np.float64) + _whole(other)
    both -= both.min()
    return (*sorted(shape), float(both.sum()), float(np.square(both).sum()))


def _whole(voxels: np.ndarray) -> np.ndarray:
    """Return whole numbers: a slope leaves 34.999996 of 35."""
    if voxels.dtype.kind != "f":
        return voxels
    return np.rint(np.nan_to_num(voxels, nan=0.0, posinf=0.0, neginf=0.0))
