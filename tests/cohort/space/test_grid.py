"""Indices, mm and mL of straight, tilted and uneven grids, by hand and in every orientation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutations import fuzz
from nibabel.orientations import (
    apply_orientation,
    axcodes2ornt,
    inv_ornt_aff,
    io_orientation,
    ornt_transform,
)
from numpy.typing import NDArray

from cohort.checks.head.thumbnail import oriented
from cohort.space.grid import Grid
from cohort.space.same_grid import grid_difference
from cohort.space.slices.stack import grid_of_slices

ORIENTATIONS = [
    "".join(codes)
    for triple in itertools.permutations([("L", "R"), ("P", "A"), ("I", "S")])
    for codes in itertools.product(*triple)
]
GAPS = (4.0, 4.0, 1.0, 7.0)


def stack(gaps: tuple[float, ...] = GAPS, tilt: float = 0.0, pixel: float = 0.5) -> Grid:
    """Return slices of 6×8 pixels, axes LPS, tilted around the axis from left to right."""
    angle = np.radians(tilt)
    in_plane = np.array([[-pixel, 0], [0, -pixel * np.cos(angle)], [0, -pixel * np.sin(angle)]])
    # The table moves along the patient, whichever way the gantry leans.
    places = np.zeros((len(gaps) + 1, 3))
    places[1:, 2] = np.cumsum(gaps)
    return grid_of_slices((6, 8), in_plane, places + (10.0, 20.0, -30.0))


def turned(grid: Grid, axcodes: str) -> Grid:
    """Return a grid, of axes LPS, as a file with other axes holds it."""
    turn = ornt_transform(io_orientation(grid.affine), axcodes2ornt(axcodes))
    affine = grid.affine @ inv_ornt_aff(turn, grid.shape)
    first, second, third = (grid.shape[int(axis)] for axis in np.argsort(turn[:, 0]))
    places = None
    if grid.places is not None:
        numbers = apply_orientation(np.arange(np.prod(grid.shape)).reshape(grid.shape), turn)
        axis = next(i for i, code in enumerate(axcodes) if code in "IS")
        firsts = np.moveaxis(numbers, axis, 0)[:, 0, 0]
        places = grid.to_mm(np.stack(np.unravel_index(firsts, grid.shape), axis=1))
    return Grid((first, second, third), affine, places)


def test_slices_stand_for_the_space_half_way_to_their_neighbours() -> None:
    grid = stack()
    assert not grid.even
    assert grid.levels_mm == pytest.approx([0, 4, 8, 9, 16])
    # An end slice reaches as far outward as inward.
    assert grid.thicknesses_mm == pytest.approx([4, 4, 2.5, 4, 7])
    mask = np.zeros(grid.shape, np.uint8)
    mask[1:5, 2:4, 2] = mask[0, 0, 4] = 1
    assert grid.volume_ml(mask) == pytest.approx((8 * 0.25 * 2.5 + 0.25 * 7) / 1000)


def test_a_tilted_gantry_leaves_less_between_the_slices() -> None:
    upright, tilted = stack(), stack(tilt=20)
    shrunk = np.cos(np.radians(20))
    assert tilted.levels_mm == pytest.approx(upright.levels_mm * shrunk)
    assert tilted.thicknesses_mm == pytest.approx(upright.thicknesses_mm * shrunk)
    even = stack((5.0, 5.0), tilt=20)
    assert even.even and not even.straight
    assert even.thicknesses_mm == pytest.approx([5 * shrunk] * 3)
    assert even.voxels_ml[0] * 1000 == pytest.approx(abs(np.linalg.det(even.affine[:3, :3])))


def test_slices_that_are_even_need_no_places() -> None:
    grid = stack((5.0, 5.004, 4.996))
    assert grid.even and grid.spacing == pytest.approx((0.5, 0.5, 5.0))
    alone = grid_of_slices((6, 8), np.array([[-0.5, 0], [0, -0.5], [0, 0]]), np.zeros((1, 3)), 5.0)
    assert alone.even and alone.voxels_ml.tolist() == [0.00125] and alone.axcodes == "LPS"


def test_places_go_on_between_and_beyond_slices() -> None:
    grid = stack()
    assert grid.to_mm([0, 0, 3]) == pytest.approx([10, 20, -21])
    assert grid.to_mm([2, 4, 3.5]) == pytest.approx([9, 18, -17.5])
    assert grid.to_mm([[0, 0, -0.5], [0, 0, 4.5]])[:, 2] == pytest.approx([-32, -10.5])
    assert grid.upright([2, 4, 4.5]) == pytest.approx([1, 2, 19.5])
    assert grid.level_at(3.5) == pytest.approx(12.5)


@fuzz(60)
@given(
    axcodes=st.sampled_from(ORIENTATIONS),
    tilt=st.sampled_from((0, 18.5, -25)),
    gaps=st.lists(st.sampled_from((1.0, 4.0, 5.0, 7.0)), min_size=1, max_size=5),
)
def test_a_turned_file_has_the_same_places_volumes_and_distances(
    axcodes: str, tilt: float, gaps: list[float]
) -> None:
    grid = stack(tuple(gaps), tilt)
    of_file = turned(grid, axcodes)
    assert (of_file.axcodes, of_file.even) == (axcodes, grid.even)
    rng = np.random.default_rng(0)
    mask = rng.integers(0, 2, grid.shape).astype(np.uint8)
    turn = ornt_transform(axcodes2ornt("LPS"), axcodes2ornt(axcodes))
    same = apply_orientation(mask, turn)
    assert of_file.volume_ml(same) == pytest.approx(grid.volume_ml(mask))
    assert sorted(of_file.thicknesses_mm) == pytest.approx(sorted(grid.thicknesses_mm))
    assert of_file.diagonal_mm == pytest.approx(grid.diagonal_mm)
    back = of_file.lps
    assert back.axcodes == "LPS" and back.shape == grid.shape
    index = rng.uniform(-0.5, 1, (20, 3)) * grid.shape
    assert back.to_mm(index) == pytest.approx(grid.to_mm(index), abs=1e-9)
    assert back.levels_mm == pytest.approx(grid.levels_mm)
    assert (oriented(same, axcodes) == mask).all()
    for frame in (grid.metric, grid.upright, of_file.lps.upright):
        assert distances(frame(index)) == pytest.approx(distances(grid.to_mm(index)), abs=1e-9)
    assert grid_difference(of_file, of_file.lps) is None or axcodes != "LPS"


def distances(points: NDArray) -> NDArray:
    return np.linalg.norm(points[1:] - points[:-1], axis=1)


def test_a_box_of_a_grid_lies_where_it_lay() -> None:
    grid = stack(tilt=15)
    part = grid.cropped((slice(1, 4), slice(2, 8), slice(1, 4)))
    assert part.shape == (3, 6, 3)
    assert part.to_mm([1, 1, 1.5]) == pytest.approx(grid.to_mm([2, 3, 2.5]))
    flat = grid.cropped((slice(None), slice(None), slice(2, 3)))
    assert flat.to_mm([0, 0, 0]) == pytest.approx(grid.to_mm([0, 0, 2]))
    assert flat.thicknesses_mm == pytest.approx(grid.thicknesses_mm[2:3])


def test_uneven_grids_differ_where_a_slice_lies_elsewhere() -> None:
    grid = stack()
    assert grid_difference(stack((4.0, 4.0, 1.01, 6.99)), grid) is None
    assert "up to 1.0 mm away" in str(grid_difference(stack((4.0, 4.0, 2.0, 6.0)), grid))
    even = Grid(grid.shape, grid.affine)
    assert "mm away" in str(grid_difference(even, grid)) and "mm away" in str(
        grid_difference(grid, even)
    )


def test_uneven_slices_that_are_not_axial_are_refused() -> None:
    coronal = np.array([[-0.5, 0], [0, 0], [0, -0.5]])
    places = np.array([[0, 0, 0], [0, 4, 0], [0, 9, 0.0]])
    with pytest.raises(ValueError, match="axial"):
        grid_of_slices((4, 4), coronal, places)
