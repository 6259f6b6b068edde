"""Volumes of voxels."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.space.volume import straight_voxel_ml, voxel_ml


def test_voxel_of_a_straight_grid_is_the_product_of_its_spacing() -> None:
    assert straight_voxel_ml((0.5, 0.4, 5.0)) == pytest.approx(0.001)
    assert straight_voxel_ml((1, 1, 1)) == 0.001
    assert voxel_ml(np.diag([-0.5, 0.4, -5.0])) == pytest.approx(0.001)


def test_voxels_of_a_leaning_grid_are_smaller_than_their_spacing_says() -> None:
    affine = np.diag([0.5, 0.5, 5.0, 1.0])
    affine[1, 2] = 5 * np.tan(np.radians(20))  # slices 5 mm apart, each further back
    assert voxel_ml(affine) == pytest.approx(0.00125)
    assert voxel_ml(affine[[1, 0, 2, 3]]) == pytest.approx(0.00125)  # whatever its handedness
