"""The volume of a structure, in mL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MM3_PER_ML = 1000.0


def volume_ml(mask: NDArray, spacing: Sequence[float] | NDArray) -> float:
    """Return the volume of a structure in mL: its voxels times the volume of one.

    Parameters
    ----------
    mask
        The structure on any grid, any shape; what is not zero belongs to it.
    spacing
        Distance between voxels along each axis of the grid, in mm.

    Examples
    --------
    >>> volume_ml(np.ones((10, 10, 4)), (0.5, 0.5, 5.0))
    0.5
    """
    return float(np.count_nonzero(mask) * np.prod(spacing, dtype=float) / MM3_PER_ML)


def voxel_ml(affine: NDArray) -> float:
    """Return the volume of a voxel in mL, of a grid whose axes may lean (a tilted gantry).

    Examples
    --------
    >>> voxel_ml(np.diag([0.5, 0.5, 5.0, 1.0]))
    0.00125
    """
    one, two, three = affine[:3, :3].T
    return float(abs(np.cross(one, two) @ three) / MM3_PER_ML)
