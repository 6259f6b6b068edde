"""Volumes of masks."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.volume import volume_ml, voxel_ml


def test_volume_is_voxels_times_voxel_volume() -> None:
    mask = np.zeros((7, 5, 3), np.uint8)
    mask[1:5, 1:3, 1:3] = 1  # 16 voxels of 0.5 x 0.4 x 5 mm = 1 mm³
    assert volume_ml(mask, (0.5, 0.4, 5.0)) == pytest.approx(0.016)


def test_volume_of_nothing_is_zero() -> None:
    assert volume_ml(np.zeros((4, 4, 1)), (1, 1, 1)) == 0.0


def test_volume_counts_voxels_of_masks_with_255() -> None:
    assert volume_ml(np.full((10, 10, 10), 255, np.uint8), (1, 1, 1)) == 1.0


def test_voxels_of_a_leaning_grid_are_smaller_than_their_spacing_says() -> None:
    affine = np.diag([0.5, 0.5, 5.0, 1.0])
    affine[1, 2] = 5 * np.tan(np.radians(20))  # slices 5 mm apart, each further back
    assert voxel_ml(affine) == pytest.approx(0.00125)
    assert voxel_ml(affine[[1, 0, 2, 3]]) == pytest.approx(0.00125)  # whatever its handedness
