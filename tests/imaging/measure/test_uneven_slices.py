"""Measures and scores of scans whose slices are tilted and uneven: those of the patient."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.space.grid import Grid
from cohort.space.slices.stack import grid_of_slices
from imaging.measure.measurements import measure
from imaging.scores.metrics import score
from imaging.scores.surfaces import hd95_mm, surface_dice
from imaging.space.cleanup import Removed, clean_up

GAPS = [2.0] * 20 + [1.0] + [4.0] * 10
"""Thin slices below, thick ones above, and two that nearly meet, as scanners leave them."""


def uneven(gaps: list[float], tilt: float = 0.0, pixel: float = 0.8, size: int = 150) -> Grid:
    """Return slices, axes LPS, around the world's origin; the table moves straight up."""
    angle = np.radians(tilt)
    in_plane = pixel * np.array([[-1, 0], [0, -np.cos(angle)], [0, -np.sin(angle)]])
    heights = np.concatenate([[0], np.cumsum(gaps)])
    corner = -in_plane.sum(axis=1) * (size - 1) / 2
    places = corner + np.stack([0 * heights, 0 * heights, heights - heights.mean()], axis=1)
    return grid_of_slices((size, size), in_plane, places)


def ellipsoid(grid: Grid, centre: tuple[float, ...], radii: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return the mask of an ellipsoid; its centre is LPS+ in mm."""
    index = np.moveaxis(np.indices(grid.shape), 0, -1)
    world = grid.to_mm(index) * [-1, -1, 1]
    return (np.square((world - centre) / radii).sum(axis=-1) <= 1).astype(np.uint8)


@pytest.mark.parametrize("tilt", [0, 18.5, -20])
def test_a_ball_is_as_large_and_lies_where_it_does(tilt: float) -> None:
    grid = uneven(GAPS, tilt)
    assert not grid.even
    mask = ellipsoid(grid, (25, -10, -5), (16, 22, 18))
    found = measure({"hematoma": mask}, grid).hematoma
    assert found.volume_ml == pytest.approx(4 / 3 * np.pi * 16 * 22 * 18 / 1000, rel=0.015)
    assert found.centroid_mm == pytest.approx((-25, 10, -5), abs=0.4)
    assert found.largest_diameter_mm == pytest.approx(44, rel=0.04)
    assert found.side == "left"
    # By the affine, whose slices are even, it would be off by far.
    by_affine = measure({"hematoma": mask}, Grid(grid.shape, grid.affine)).hematoma
    assert by_affine.volume_ml != pytest.approx(found.volume_ml, rel=0.1)


def test_height_of_abc2_adds_up_the_slices_own_thickness() -> None:
    grid = uneven([4.0, 4.0, 1.0, 7.0, 7.0])
    mask = np.zeros(grid.shape, np.uint8)
    mask[40:60, 40:70, 1:5] = 1
    abc2 = measure({"hematoma": mask}, grid).hematoma.abc2
    assert abc2 is not None
    # Half way to the neighbours: 4, (4 + 1) / 2, (1 + 7) / 2 and 7 mm.
    assert abc2.c_mm == pytest.approx(4 + 2.5 + 4 + 7)
    assert abc2.c_slices == 4


def test_height_of_tada_s_formula_adds_up_all_slices_that_show_the_bleed() -> None:
    grid = uneven([4.0, 4.0, 1.0, 7.0, 7.0], pixel=1.0)
    mask = np.zeros(grid.shape, np.uint8)
    mask[40:60, 40:70, 2] = 1
    mask[50, 50, [1, 3, 4]] = 1  # specks, which count in full here and not at all for Kothari
    bleed = measure({"hematoma": mask}, grid).hematoma
    assert (bleed.tada_slices, bleed.tada_c_mm) == (4, pytest.approx(4 + 2.5 + 4 + 7))
    assert bleed.abc2 is not None and bleed.abc2.c_mm == pytest.approx(2.5)
    assert bleed.tada_ml == pytest.approx(bleed.abc2_ml * 17.5 / 2.5)


@pytest.mark.parametrize("tilt", [0, 20])
def test_tada_s_formula_of_an_ellipsoid_through_uneven_slices(tilt: float) -> None:
    grid = uneven([2.0] * 20 + [1.0] + [4.0] * 10, pixel=0.5, size=160)
    mask = ellipsoid(grid, (5, -3, 2), (20, 12, 15))
    bleed = measure({"hematoma": mask}, grid).hematoma
    # Halved, not multiplied by π / 6; a slice more or less of 31 mm.
    assert bleed.tada_ml == pytest.approx(40 * 24 * 30 / 2000, rel=0.1)


def test_pieces_are_removed_by_their_true_volume() -> None:
    grid = uneven([4.0, 4.0, 1.0, 7.0])
    mask = np.zeros(grid.shape, np.uint8)
    mask[10:14, 10:14, 2] = 1  # 16 pixels of 0.64 mm² through 2.5 mm
    mask[30:34, 30:34, 4] = 1  # and through 7 mm
    effect = clean_up(mask, grid, smallest_ml=0.03)
    assert effect.removed["smallest_ml"] == Removed(1, pytest.approx(16 * 0.64 * 2.5 / 1000))
    assert mask[..., 4].sum() == mask.sum() == 16


def test_overlap_counts_by_volume() -> None:
    grid = uneven([4.0, 4.0, 1.0, 7.0, 7.0])
    one, other = np.zeros((2, *grid.shape), np.uint8)
    one[10:20, 10:20, 1] = other[10:20, 10:20, 1] = 1  # 100 pixels of 4 mm
    one[10:20, 10:20, 4] = 1  # and 100 of 7 mm
    found = score("p1", "hematoma", one, other, grid)
    assert found.dice == pytest.approx(2 * 4 / (4 + 7 + 4))
    assert (found.precision, found.recall) == (pytest.approx(4 / 11), 1.0)
    assert found.iou == pytest.approx(4 / 11)


@pytest.mark.parametrize("tilt", [0, 20])
def test_distances_are_the_patient_s(tilt: float) -> None:
    grid = uneven([4.0, 4.0, 1.0, 7.0], tilt)
    one, other = np.zeros((2, *grid.shape), np.uint8)
    one[50, 50, 1] = other[50, 50, 4] = 1
    assert hd95_mm(one > 0, other > 0, grid) == pytest.approx(12.0)
    found = score("p1", "hematoma", one, other, grid)
    assert found.hd95_mm == pytest.approx(12.0)
    shrunk = np.cos(np.radians(tilt))
    assert found.volume_ml == pytest.approx(0.64 * 4 * shrunk / 1000)
    assert found.reference_ml == pytest.approx(0.64 * 7 * shrunk / 1000)


def test_surface_dice_weighs_a_surface_by_its_true_area() -> None:
    grid = uneven([2.0, 2.0, 2.0, 8.0, 8.0, 8.0, 8.0], pixel=1.0)
    one, other = np.zeros((2, *grid.shape), bool)
    one[20:40, 20:40, 1] = other[20:40, 20:40, 1] = True  # the same, through 2 mm
    one[20:40, 20:40, 5] = other[70:90, 20:40, 5] = True  # elsewhere, through 8 mm
    (share,) = surface_dice(one, other, grid, [1.0])
    thin, thick = (2 * 20 * 20 + 80 * mm for mm in (2, 8))
    assert share == pytest.approx(thin / (thin + thick), abs=0.015)
    (by_affine,) = surface_dice(one, other, Grid(grid.shape, grid.affine), [1.0])
    assert by_affine == pytest.approx(0.5)


def test_the_middle_follows_a_tilted_plane_through_uneven_slices() -> None:
    # A head that leans to the left: its midline goes 0.3 mm aside for each mm upward.
    grid = uneven(GAPS)
    index = np.moveaxis(np.indices(grid.shape), 0, -1)
    x, y, z = np.moveaxis(grid.to_mm(index) * [-1, -1, 1], -1, 0)
    aside = x - 0.3 * z
    midline = ((np.abs(aside) < 1.5) & (np.abs(y) < 55) & (np.abs(z) < 12)).astype(np.uint8)
    bleed = ((np.abs(aside - 12) < 6) & (np.abs(y) < 10) & (np.abs(z) < 36)).astype(np.uint8)
    found = measure({"hematoma": bleed, "midline": midline}, grid)
    assert found.hematoma.side == "left" and found.hematoma.side_by == "midline"
    assert found.hematoma.right_ml == pytest.approx(0, abs=0.05)
    assert found.midline.shift_mm == pytest.approx(0, abs=0.5)
