"""Whether a header's two affines, its sform and its qform, say the same; or sform and pixdim.

A qform holds a rotation, a voxel size, one reflection and a place, so that it cannot tell of slices
that are shifted against each other (a gantry tilt that was not corrected). Beside such an sform
writers put the nearest rotation, and for the distance of the slices the one along the shift or the
one across the slices: all of these are the same as far as a qform can say it.
(nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h, methods 2 and 3)
"""

from __future__ import annotations

import numpy as np

from cohort.space.affine import axcodes_of, times
from cohort.space.header import Header

SPACING_SHARE = 0.01
"""Voxel sizes that were rounded to two decimals differ by less."""
TURN_DEG = 0.5
"""A quaternion in float32 is off by 0.04° at most, near half a turn."""
PLACE_SHARE, PLACE_MM = 0.1, 0.05
"""Share of the smallest voxel side, as for a mask on its image's grid; and what rounding makes."""


def form_differences(header: Header) -> list[str]:
    """Say in what the sform and the qform of a header differ; nothing if they agree.

    Each is the end of "they differ in …", the sform's value first; without a qform, the spacing of
    pixdim is compared with the sform's. No more is said than is true: volumes that are mirrored or
    scaled about their centre, or about their first voxel, are not said to lie in another place.
    """
    if header.qform is None:
        stated = header.pixdim
        return _spacing_difference(header, np.abs(stated)) if stated is not None else []
    sform, qform = header.affine, header.qform
    spacings = np.linalg.norm(sform[:3, :3], axis=0), np.linalg.norm(qform[:3, :3], axis=0)
    first, second = sform[:3, :3] / spacings[0], qform[:3, :3] / spacings[1]
    shear = _shear(first)
    differences = []

    turn = float(_degrees((first * second).sum(axis=0)).max())
    if turn > TURN_DEG + shear:
        if turn > 45 and header.axcodes != axcodes_of(qform):
            differences.append(f"orientation ({header.axcodes}, {axcodes_of(qform)})")
        else:
            differences.append(f"rotation (by {turn:.3g}°)")

    differences += _spacing_difference(header, spacings[1])

    middle = np.array([*(n - 1 for n in header.shape), 2]) / 2
    apart = min(
        float(np.linalg.norm(((sform - qform) @ point)[:3])) for point in (middle, [0, 0, 0, 1])
    )
    if apart > max(PLACE_SHARE * min(header.spacing), PLACE_MM):
        differences.append(f"position (by {apart:.3g} mm)")
    return differences


def _spacing_difference(header: Header, other: np.ndarray) -> list[str]:
    spacing = np.linalg.norm(header.affine[:3, :3], axis=0)
    ratio = other / spacing
    least = np.cos(np.radians(_shear(header.affine[:3, :3] / spacing))) * (1 - SPACING_SHARE)
    if (ratio >= least).all() and (ratio <= 1 + SPACING_SHARE).all():
        return []
    return [f"spacing ({times(header.spacing)} mm, {times(tuple(other.tolist()))} mm)"]


def _shear(directions: np.ndarray) -> float:
    """Return by how many degrees two of the axes, unit columns, are off the perpendicular."""
    cosines = np.abs(directions.T @ directions)[np.triu_indices(3, 1)]
    return float(90 - _degrees(cosines.max()))


def _degrees(cosine: np.ndarray) -> np.ndarray:
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))
