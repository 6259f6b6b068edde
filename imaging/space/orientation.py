"""Volumes of files seen in LPS axes: toward the patient's left, posterior and superior."""

from __future__ import annotations

import numpy as np
from nibabel.orientations import (
    apply_orientation,
    axcodes2ornt,
    io_orientation,
    ornt_transform,
)
from numpy.typing import NDArray

LPS = "LPS"


def lps_view(volume: NDArray, affine: NDArray) -> NDArray:
    """Return `volume` with its axes turned to the nearest of LPS.

    Parameters
    ----------
    volume
        [I, J, K], in a file's own axis order.
    affine
        [4, 4], voxel indices to RAS+ mm.

    Returns
    -------
    ndarray
        [X, Y, Z]: the same memory, so that what is written to it stands in `volume`.

    Examples
    --------
    >>> ras = np.arange(4).reshape(4, 1, 1)
    >>> lps_view(ras, np.eye(4))[:, 0, 0]
    array([3, 2, 1, 0])
    """
    return apply_orientation(volume, _to_lps(affine))


def file_slice(slice_up: int, affine: NDArray, shape: tuple[int, ...]) -> int:
    """Return the index along the file's own axial axis of a slice of `lps_view`, and back.

    Examples
    --------
    >>> file_slice(0, np.diag([1, 1, -1, 1]), (2, 2, 9))
    8
    """
    to_lps = _to_lps(affine)
    axis = int(np.flatnonzero(to_lps[:, 0] == 2)[0])
    return shape[axis] - 1 - slice_up if to_lps[axis, 1] < 0 else slice_up


def _to_lps(affine: NDArray) -> NDArray:
    return ornt_transform(io_orientation(affine), axcodes2ornt(LPS))
