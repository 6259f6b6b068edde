"""Volumes of files seen in LPS axes: toward the patient's left, posterior and superior."""

from __future__ import annotations

import numpy as np
from nibabel.orientations import apply_orientation, axcodes2ornt, io_orientation, ornt_transform
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


def lps_spacing(affine: NDArray) -> tuple[float, float, float]:
    """Return the distance in mm between voxels along x, y and z of `lps_view`."""
    own = np.linalg.norm(affine[:3, :3], axis=0)
    x, y, z = (float(own[int(axis)]) for axis in np.argsort(_to_lps(affine)[:, 0]))
    return x, y, z


def _to_lps(affine: NDArray) -> NDArray:
    return ornt_transform(io_orientation(affine), axcodes2ornt(LPS))
