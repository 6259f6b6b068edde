"""Tada's formula (多田公式), the bedside volume of Chinese records, beside voxels and ABC/2."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cohort.schema.scans.measurements import Hematoma
from cohort.space.grid import Grid
from imaging.measure.measurements import measure

MM1 = np.diag([-1.0, -1.0, 5.0, 1.0])
"""Pixels of 1 mm, slices of 5 mm."""


def bleed_of(mask: np.ndarray, affine: np.ndarray = MM1) -> Hematoma:
    return measure({"hematoma": mask}, Grid(mask.shape, affine)).hematoma


def turned(degrees: float) -> np.ndarray:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])


@pytest.mark.parametrize("in_plane", [0, 35, 90])
@pytest.mark.parametrize(("axcodes", "spacing"), [("LPS", (0.5, 0.5, 1)), ("SAL", (0.4, 0.7, 0.5))])
def test_of_an_ellipsoid_all_three_diameters_count(
    make_grid: Any, in_plane: float, axcodes: str, spacing: tuple[float, float, float]
) -> None:
    grid = make_grid(axcodes, spacing, (60, 60, 50))
    mask = grid.ellipsoid((0, 0, 0), (13, 25, 20), turned(in_plane))
    bleed = bleed_of(mask, grid.affine)
    assert bleed.tada_c_mm == pytest.approx(40, abs=1)
    assert bleed.tada_ml == pytest.approx(50 * 26 * 40 / 2000, rel=0.04)
    # 3 / π of the volume, and beyond Kothari's, who leaves out the ends.
    assert bleed.tada_ml / bleed.volume_ml == pytest.approx(3 / np.pi, rel=0.04)
    assert bleed.abc2_ml == pytest.approx(0.68 * bleed.tada_ml, rel=0.05)


def test_hand_computed() -> None:
    """A cross of 60 × 40 mm through three slices, and a speck above: 6 × 4 × 2 / 2 = 24 mL."""
    mask = np.zeros((80, 80, 8), np.uint8)
    mask[10:70, 38:42, 2:5] = 1
    mask[38:42, 20:60, 2:5] = 1
    mask[40, 40, 5] = 1
    bleed = bleed_of(mask)
    assert (bleed.tada_slices, bleed.tada_c_mm) == (4, 20)
    assert bleed.tada_ml == pytest.approx(24, rel=0.02)
    assert bleed.abc2_ml == pytest.approx(18, rel=0.02)  # without the speck
    assert bleed.volume_ml == pytest.approx(5.765)  # an irregular bleed doesn't fill its diameters


def test_one_slice_is_as_high_as_it_is_thick() -> None:
    mask = np.zeros((60, 60, 3), np.uint8)
    mask[10:50, 20:40, 1] = 1
    bleed = bleed_of(mask)
    assert (bleed.tada_slices, bleed.tada_c_mm) == (1, 5)
    assert bleed.abc2 is not None
    assert bleed.tada_ml == bleed.abc2_ml == bleed.abc2.ml
    alone = bleed_of(mask[..., 1:2])
    assert (alone.tada_slices, alone.tada_ml) == (1, bleed.tada_ml)


def test_two_bleeds_are_measured_each_and_added_up() -> None:
    one, other = np.zeros((2, 90, 90, 10), np.uint8)
    one[10:50, 10:40, 2:8] = 1
    other[70:80, 60:80, 1:3] = 1
    each = [bleed_of(mask).tada_ml or 0 for mask in (one, other)]
    bleed = bleed_of(one | other)
    assert bleed.components == 2
    assert bleed.tada_ml == pytest.approx(sum(each))
    assert (bleed.tada_slices, bleed.tada_c_mm) == (6, 30)  # the larger one's


def test_thickness_is_the_distance_between_slices() -> None:
    """Overlapping slices count half each, those with a gap between them all of it."""
    mask = np.zeros((60, 60, 12), np.uint8)
    mask[20:40, 20:40, 2:10] = 1
    for apart in (2.5, 5.0, 7.0):
        bleed = bleed_of(mask, np.diag([-1.0, -1.0, apart, 1.0]))
        assert (bleed.tada_slices, bleed.tada_c_mm) == (8, 8 * apart)


def test_without_a_bleed_there_is_none() -> None:
    bleed = bleed_of(np.zeros((20, 20, 4), np.uint8))
    assert (bleed.volume_ml, bleed.tada_ml, bleed.tada_slices) == (0, None, None)
