"""The volume of a voxel, in mL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MM3_PER_ML = 1000.0


def straight_voxel_ml(spacing: Sequence[float] | NDArray) -> float:
    """Return the volume of a voxel in mL, of a grid whose axes are at right angles.

    Parameters
    ----------
    spacing
        Distance between voxels along each axis of the grid, in mm.

    Examples
    --------
    >>> straight_voxel_ml((0.5, 0.5, 5.0))
    0.00125
    """
    return float(np.prod(spacing, dtype=float)) / MM3_PER_ML


def voxel_ml(affine: NDArray) -> float:
    """Return the volume of a voxel in mL, of a grid whose axes may lean (a tilted gantry).

    Parameters
    ----------
    affine
        [4, 4] or [3, 3], voxel indices to mm.

    Examples
    --------
    >>> voxel_ml(np.diag([0.5, 0.5, 5.0, 1.0]))
    0.00125
    """
    one, two, three = affine[:3, :3].T
    return float(abs(np.cross(one, two) @ three) / MM3_PER_ML)
