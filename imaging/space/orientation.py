"""Volumes of files seen in LPS axes: toward the patient's left, posterior and superior."""

from __future__ import annotations

import numpy as np
from nibabel.orientations import (
    apply_orientation,
    axcodes2ornt,
    inv_ornt_aff,
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


def lps_spacing(affine: NDArray) -> tuple[float, float, float]:
    """Return the distance in mm between voxels along x, y and z of `lps_view`."""
    own = np.linalg.norm(affine[:3, :3], axis=0)
    x, y, z = (float(own[int(axis)]) for axis in np.argsort(_to_lps(affine)[:, 0]))
    return x, y, z


def lps_affine(affine: NDArray, shape: tuple[int, ...]) -> NDArray:
    """Return the affine [4, 4] of `lps_view`: its indices to RAS+ mm.

    Parameters
    ----------
    affine, shape
        Those of the file's own [I, J, K].
    """
    return affine @ inv_ornt_aff(_to_lps(affine), shape)


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


def upright_frame(affine: NDArray) -> NDArray:
    """Return the matrix [3, 3] from indices to mm in a frame that stands on the axial slices.

    Its x and y axes lie in the plane of the slices, x along the first array axis, and z at right
    angles to them: distances are those of the patient, whichever way the slices are tilted, and
    where the axes lean (a tilted gantry) `[2, 2]` is the true distance between slices.

    Parameters
    ----------
    affine
        [4, 4] or [3, 3], of an array whose slices are its last axis.

    Examples
    --------
    >>> upright_frame(np.diag([-0.5, -0.5, 5.0, 1.0]))
    array([[0.5, 0. , 0. ],
           [0. , 0.5, 0. ],
           [0. , 0. , 5. ]])
    """
    upper = np.linalg.qr(affine[:3, :3])[1]
    return upper * np.sign(np.diag(upper))[:, None] + 0.0  # + 0.0: no negative zeros


def _to_lps(affine: NDArray) -> NDArray:
    return ornt_transform(io_orientation(affine), axcodes2ornt(LPS))
