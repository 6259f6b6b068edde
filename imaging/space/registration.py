"""Two scans of one head brought to the same place by the skull: turned and moved, not bent.

The skull stays what it is between two scans of a patient, whatever bleeds, swells or is drained
inside. SimpleITK finds the rotation and the shift (`ImageRegistrationMethod`: what reads
as bone in and around the first scan's skull, by mean squares, from coarse to fine). It is for
looking at two scans side by side: nothing is measured on a volume that was resampled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.facts.limits import BONE_HU, THIN_BONE_HU
from cohort.space.grid import Grid
from imaging.space.sampling import sample_at

STEP_MM = 2.5
"""Voxel side of the copies that are registered: the skull is 5 to 8 mm thick, and slices are
mostly 5 mm apart."""
MARGIN_MM = 10.0
DENSEST_HU = 1000.0
"""Bone that reads more counts the same, so that teeth and metal pull no harder than the vault."""
STARTS_MM = (-30.0, -15.0, 0.0, 15.0, 30.0)
"""Along the patient's axis, from where the skulls' centres fall on each other: these differ where
one of the scans begins lower, or ends before the vertex."""
SHRINKS, SMOOTHS_MM = (4, 2, 1), (6.0, 3.0, 0.0)
AROUND = 2
"""Voxels around the skull that are compared as well: far from it, nothing tells."""
SAMPLED = 0.25
"""Share of the voxels that are compared, evenly spread, so that the result is always the same."""
LEAST_OVERLAP = 0.7
"""Dice of both skulls from which on the result counts. Of generated heads one skull has 0.9, turned
and on slices of 7 mm; two skulls had up to 0.51, and one that its header mirrors 0.59."""


class NoBone(DataError):
    """A scan shows no bone to go by, as where its HU end below that of bone."""


@dataclass(frozen=True)
class Registration:
    """How a scan lies to another of the same head.

    Attributes
    ----------
    matrix
        [4, 4], RAS+ mm of the fixed scan to RAS+ mm of the moving one.
    overlap
        Dice of both skulls where both scans show anything.
    """

    matrix: NDArray[np.float64]
    overlap: float


def register_skulls(
    fixed: NDArray, fixed_grid: Grid, moving: NDArray, moving_grid: Grid
) -> Registration:
    """Find where in a scan the places of another one of the same head are.

    Parameters
    ----------
    fixed, moving
        HU, [I, J, K] in any orientation.
    fixed_grid, moving_grid
        Where their voxels lie.

    Raises
    ------
    ImportError
        If SimpleITK is not installed.
    NoBone
        If one shows no bone.
    DataError
        If the skulls don't fall on each other.
    """
    import SimpleITK as sitk

    # HU that end at 255 leave a skull as thick as its blur: other heads, and mirrored ones, fall on
    # that nearly as well as the same one does.
    if not ((fixed >= BONE_HU).any() and (moving >= BONE_HU).any()):
        raise NoBone(f"a scan shows no bone to go by (nothing reads {BONE_HU:.0f} HU).")
    one, origin = _bone(fixed, fixed_grid)
    two, other_origin = _bone(moving, moving_grid)
    images = [_image(sitk, of, at) for of, at in ((one, origin), (two, other_origin))]
    transform = _registered(sitk, *images)
    matrix = _matrix(transform)
    overlap = _overlap(fixed, fixed_grid, moving, moving_grid, matrix)
    if overlap < LEAST_OVERLAP:
        raise DataError(f"the skulls don't fall on each other (overlap {overlap:.2f}).")
    return Registration(matrix, overlap)


def _bone(hu: NDArray, grid: Grid) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return bone as a copy of `STEP_MM` along the world's axes [X, Y, Z], and its first place."""
    places, origin = _around(grid)
    read = np.clip(sample_at(hu, grid, places, outside=-1000.0), THIN_BONE_HU, DENSEST_HU)
    return (read - THIN_BONE_HU).astype(np.float32), origin


def _around(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the places [X, Y, Z, 3] of an even copy of a scan, and the first of them."""
    last = np.array(grid.shape) - 1
    corners = grid.to_mm(np.array(np.meshgrid(*[(0, n) for n in last])).reshape(3, -1).T)
    low, high = corners.min(0) - MARGIN_MM, corners.max(0) + MARGIN_MM
    axes = [np.arange(a, b + STEP_MM, STEP_MM) for a, b in zip(low, high, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1), low


def _image(sitk: Any, values: NDArray[np.float32], origin: NDArray[np.float64]) -> Any:
    image = sitk.GetImageFromArray(np.ascontiguousarray(values.T))  # its arrays are [Z, Y, X]
    image.SetSpacing([STEP_MM] * 3)
    image.SetOrigin([float(mm) for mm in origin])
    return image


def _registered(sitk: Any, fixed: Any, moving: Any) -> Any:
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMeanSquares()
    skull = sitk.Cast(fixed > 0, sitk.sitkUInt8)
    method.SetMetricFixedMask(sitk.BinaryDilate(skull, [AROUND] * 3))
    method.SetMetricSamplingStrategy(method.REGULAR)
    method.SetMetricSamplingPercentage(SAMPLED)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(
        learningRate=2.0,
        minStep=0.002,
        numberOfIterations=300,
        relaxationFactor=0.7,
        gradientMagnitudeTolerance=1e-9,
    )
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetShrinkFactorsPerLevel(SHRINKS)
    method.SetSmoothingSigmasPerLevel(SMOOTHS_MM)
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    centred = sitk.CenteredTransformInitializer(
        fixed, moving, sitk.Euler3DTransform(), sitk.CenteredTransformInitializerFilter.MOMENTS
    )
    starts = []
    for up in STARTS_MM:
        start = sitk.Euler3DTransform(centred)
        x, y, z = start.GetTranslation()
        start.SetTranslation((x, y, z + up))
        method.SetInitialTransform(start, inPlace=False)
        starts.append((method.MetricEvaluate(fixed, moving), up, start))
    method.SetInitialTransform(min(starts, key=lambda tried: tried[:2])[2], inPlace=False)
    return method.Execute(fixed, moving)


def _matrix(transform: Any) -> NDArray[np.float64]:
    """Return a rigid transform as a matrix, by where it takes the axes."""
    start = np.array(transform.TransformPoint((0.0, 0.0, 0.0)))
    matrix = np.eye(4)
    matrix[:3, 3] = start
    for axis in range(3):
        matrix[:3, axis] = np.array(transform.TransformPoint(tuple(np.eye(3)[axis]))) - start
    return matrix


def _overlap(
    fixed: NDArray, fixed_grid: Grid, moving: NDArray, moving_grid: Grid, matrix: NDArray
) -> float:
    """Return the Dice of both skulls, where both scans show anything."""
    places, _ = _around(fixed_grid)
    one = sample_at(fixed, fixed_grid, places, outside=np.nan)
    two = sample_at(moving, moving_grid, places @ matrix[:3, :3].T + matrix[:3, 3], outside=np.nan)
    both = ~(np.isnan(one) | np.isnan(two))
    bones = [(of >= BONE_HU) & both for of in (one, two)]
    total = sum(int(np.count_nonzero(bone)) for bone in bones)
    return 2 * int(np.count_nonzero(bones[0] & bones[1])) / total if total else 0.0
