"""Affines, 4×4 matrices from voxel indices to RAS+ mm: made, and what they say.

World coordinates are those of NIfTI: x toward the patient's right side, y toward anterior, z toward
superior. `axcodes` name what each array axis points toward: L or R, P or A, I or S.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DIRECTIONS = {
    "R": (1, 0, 0),
    "L": (-1, 0, 0),
    "A": (0, 1, 0),
    "P": (0, -1, 0),
    "S": (0, 0, 1),
    "I": (0, 0, -1),
}
"""World direction (RAS+) of each axis code."""

UPRIGHT = 1 - 1e-4
"""A voxel of less than this share of the product of its sides has leaning axes: by 1 degree."""


def upright_frame(affine: NDArray) -> NDArray:
    """Return the matrix [3, 3] from indices to mm in a frame that stands on the axial slices.

    Its x and y axes lie in the plane of the slices, x along the first array axis, and z at right
    angles to them: where the axes lean (a tilted gantry) `[2, 2]` is the true distance between
    slices.

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


def make_affine(
    axcodes: str, spacing: tuple[float, float, float], shape: tuple[int, int, int]
) -> np.ndarray:
    """Return the affine of a straight volume whose centre is at the world's origin.

    Parameters
    ----------
    axcodes
        What each array axis points toward, for example `"LPS"`.
    spacing
        Distance between voxel centres along each array axis, in mm.
    shape
        Voxels along each array axis.

    Examples
    --------
    >>> make_affine("LPS", (0.5, 0.5, 5.0), (3, 3, 3))
    array([[-0.5,  0. ,  0. ,  0.5],
           [ 0. , -0.5,  0. ,  0.5],
           [ 0. ,  0. ,  5. , -5. ],
           [ 0. ,  0. ,  0. ,  1. ]])
    """
    affine = np.eye(4)
    affine[:3, :3] = np.array([DIRECTIONS[code] for code in axcodes]).T * np.array(spacing)
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return affine + 0.0  # -0.0 becomes 0.0


def axcodes_of(affine: np.ndarray) -> str:
    """Return what each array axis points toward.

    Examples
    --------
    >>> axcodes_of(np.diag([-0.5, -0.5, 5.0, 1.0]))
    'LPS'
    """
    from nibabel.orientations import aff2axcodes

    return "".join(str(code) for code in aff2axcodes(affine))


def has_right_angles(affine: np.ndarray) -> bool:
    """Whether the three array axes stand at right angles to each other, to a degree."""
    cuboid = float(np.prod(np.linalg.norm(affine[:3, :3], axis=0)))
    return abs(float(np.linalg.det(affine[:3, :3]))) >= cuboid * UPRIGHT


def is_a_volume(affine: np.ndarray) -> bool:
    """Whether the three array axes span a volume, so that each of them has a direction."""
    from nibabel.orientations import aff2axcodes

    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        return False
    return None not in aff2axcodes(affine)


def times(sizes: tuple[int, ...] | tuple[float, ...]) -> str:
    """Return sizes for people.

    Examples
    --------
    >>> times((512, 512, 25)), times((0.45, 0.45, 5.0))
    ('512×512×25', '0.45×0.45×5')
    """
    return "×".join(f"{size:.6g}" for size in sizes)
