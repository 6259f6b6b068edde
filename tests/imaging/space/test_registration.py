"""Two scans of one head brought to the same place: how far off, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.space.affine import make_affine
from cohort.space.grid import Grid
from imaging.space.sampling import indices_at, sample_at

AXES = np.array([64.0, 88.0, 80.0])
TURNED = (8.0, -5.0, 12.0)
MOVED = (9.0, -14.0, 21.0)


def place(degrees: tuple[float, float, float], shift: tuple[float, float, float]) -> NDArray:
    """Return where a head lies that is turned about x, y and z, and moved, as a matrix."""
    (a, b, c), matrix = np.radians(degrees), np.eye(4)
    about_x = [[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]]
    about_y = [[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]]
    about_z = [[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]]
    matrix[:3, :3] = np.array(about_z) @ about_y @ about_x
    matrix[:3, 3] = shift
    return matrix


def scanned(grid: Grid, lies: NDArray, *, flap: bool = False) -> NDArray[np.int16]:
    """Return a scan of a head whose left and right, front and back differ; without a bone flap."""
    index = np.moveaxis(np.indices(grid.shape), 0, -1)
    head = (grid.to_mm(index) - lies[:3, 3]) @ lies[:3, :3]  # the inverse of a rotation
    x, y, z = np.moveaxis(head, -1, 0)
    inside = np.linalg.norm(head / AXES, axis=-1)
    inner = np.linalg.norm(head / (AXES - np.where((x < 0) & (y < 0), 11, 6)[..., None]), axis=-1)
    hu = np.full(grid.shape, -1000.0)
    hu[inside < 1] = 35
    hu[(inside < 1) & (inner >= 1)] = 900
    base = (np.abs(z + 42 - 0.2 * y) < 5) & (inside < 1)  # rises toward the front
    hu[base & (x**2 + y**2 > 300)] = 800
    hu[(z + 42 - 0.2 * y < -5)] = -1000
    for centre, radius in (((-36, -10, -40), 14), ((40, -16, -38), 12), ((18, 66, -26), 13)):
        hu[(np.linalg.norm(head - centre, axis=-1) < radius) & (inside < 1)] = 700
    if flap:
        hu[(x < -30) & (np.abs(y) < 30) & (z > 5) & (hu > 300)] = 20
    return hu.astype(np.int16)


def grid_of(axcodes: str = "LPS", step: float = 5.0) -> Grid:
    sizes = {"L": (92, 2.0), "P": (116, 2.0), "S": (int(200 / step), step)}
    pairs = {"L": "L", "R": "L", "P": "P", "A": "P", "S": "S", "I": "S"}
    shape = tuple(sizes[pairs[code]][0] for code in axcodes)
    spacing = tuple(sizes[pairs[code]][1] for code in axcodes)
    return Grid(shape, make_affine(axcodes, spacing, shape))  # type: ignore[arg-type]


def uneven(grid: Grid) -> Grid:
    """Return the grid with slices closer together below, as at the skull base."""
    places = np.repeat(grid.affine[:3, 3][None], grid.shape[2], axis=0)
    places[:, 2] += np.cumsum(np.r_[0, np.where(np.arange(grid.shape[2] - 1) < 12, 3.0, 6.0)])
    return Grid(grid.shape, grid.affine, places)


def off_by(found: NDArray, true: NDArray) -> NDArray:
    """Return how far off places in the head are, in mm."""
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (400, 3)) * AXES
    places = [points @ m[:3, :3].T + m[:3, 3] for m in (found, true)]
    return np.linalg.norm(places[0] - places[1], axis=1)


@pytest.mark.parametrize(
    ("moving", "flap"),
    [(grid_of(), False), (grid_of("RAI", 4.0), True), (uneven(grid_of()), False)],
    ids=["same grid", "other axes, bone flap gone", "uneven slices"],
)
def test_a_turned_and_moved_head_is_brought_back_within_a_mm(moving: Grid, flap: bool) -> None:
    pytest.importorskip("SimpleITK")
    from imaging.space.registration import register_skulls

    fixed, lies = grid_of(), place(TURNED, MOVED)
    found = register_skulls(
        scanned(fixed, np.eye(4)), fixed, scanned(moving, lies, flap=flap), moving
    )
    off = off_by(found.matrix, lies)
    assert off.mean() < 0.7 and off.max() < 1.3, (off.mean(), off.max())
    assert np.linalg.det(found.matrix[:3, :3]) == pytest.approx(1)  # turned, never mirrored


def test_what_is_no_place_of_the_same_skull_is_refused() -> None:
    pytest.importorskip("SimpleITK")
    from imaging.space.registration import register_skulls

    grid = grid_of()
    one, other = scanned(grid, np.eye(4)), scanned(grid, place(TURNED, MOVED))
    smaller = Grid(grid.shape, np.diag([0.8, 0.8, 0.8, 1.0]) @ grid.affine)
    with pytest.raises(DataError, match="don't fall on each other"):
        register_skulls(one, grid, other, smaller)
    with pytest.raises(DataError, match="no bone"):
        register_skulls(one, grid, np.full(grid.shape, 30, np.int16), grid)


@pytest.mark.parametrize("grid", [grid_of("RAI"), uneven(grid_of())], ids=["even", "uneven"])
def test_places_are_found_again_in_any_grid(grid: Grid) -> None:
    rng = np.random.default_rng(1)
    index = rng.uniform(0, np.array(grid.shape) - 1, (50, 3))
    np.testing.assert_allclose(indices_at(grid, grid.to_mm(index)), index, atol=1e-9)
    ramp = np.moveaxis(np.indices(grid.shape), 0, -1) @ np.array([1.0, 10.0, 100.0])
    np.testing.assert_allclose(
        sample_at(ramp, grid, grid.to_mm(index), outside=-1), index @ [1.0, 10.0, 100.0]
    )
    beyond = grid.to_mm(np.array(grid.shape) + 3.0)
    assert sample_at(ramp, grid, beyond[None], outside=-7) == [-7]
