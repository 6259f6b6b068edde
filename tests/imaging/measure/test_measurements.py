"""Measurements on heads whose true measures are known."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cohort.space.grid import Grid
from imaging.measure import measurements
from imaging.measure.measurements import Measurements


def measure(masks: Any, affine: NDArray, hu: NDArray | None = None) -> Measurements:
    first, second, third = next(iter(masks.values())).shape
    return measurements.measure(masks, Grid((first, second, third), affine), hu)


AXCODES = ("LPS", "RAS", "LAI", "RPI", "SAL", "PIR")
STRUCTURES = ("hematoma", "midline", "ventricle_left", "ventricle_right")


def turned(around: tuple[int, int, int], degrees: float) -> NDArray:
    """Return the rotation matrix around an axis."""
    axis = np.array(around) / np.linalg.norm(around)
    return Rotation.from_rotvec(axis * np.radians(degrees)).as_matrix()


def ball_ml(*radii: float) -> float:
    return 4 / 3 * np.pi * float(np.prod(radii)) / 1000


def bulge(mm: float) -> Callable[[NDArray], NDArray]:
    """A midline pushed `mm` toward the left halfway between its ends."""
    return lambda t: mm * np.sin(np.pi * np.clip(t, 0, 1)) ** 2


def head(grid: Any, side: float = 1.0, shift: float = -5.0) -> dict[str, NDArray]:
    """A putaminal bleed at the left (1) or the right (-1), and what it does to the rest."""
    near, far = (4, 20, 6), (6, 26, 9)
    return {
        "hematoma": grid.ellipsoid((30 * side, -12, 0), (14, 22, 18)),
        "midline": grid.midline(bulge(shift * side)),
        "ventricle_left": grid.ellipsoid((12, 8, 8), near if side > 0 else far),
        "ventricle_right": grid.ellipsoid((-12, 8, 8), far if side > 0 else near),
    }


@pytest.mark.parametrize("axcodes", AXCODES)
@pytest.mark.parametrize(("tilt", "turn"), [(0, 0), (18, -9)])
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_head_is_measured_alike_in_every_orientation(
    make_grid: Any, axcodes: str, tilt: float, turn: float, side: str
) -> None:
    grid = make_grid(axcodes, (0.8, 0.9, 2.5), tilt=tilt, turn=turn)
    sign = 1 if side == "left" else -1
    found = measure(head(grid, sign), grid.affine)
    bleed, other = found.hematoma, "right" if side == "left" else "left"
    assert bleed.volume_ml == pytest.approx(ball_ml(14, 22, 18), rel=0.01)
    assert (bleed.side, bleed.side_by, bleed.components) == (side, "midline", 1)
    # World coordinates are RAS+: left is negative, so is the back.
    assert bleed.centroid_mm == pytest.approx((-30 * sign, 12, 0), abs=0.2)
    assert bleed.largest_diameter_mm == pytest.approx(44, rel=0.02)
    assert found.midline.largest_mm == pytest.approx(4.8, abs=0.6)
    assert found.midline.shift_mm == pytest.approx(4.4, abs=0.5)  # the septum lies before it
    assert (found.midline.toward, found.midline.largest_toward) == (other, other)
    volumes = {"left": found.ventricles.left_ml, "right": found.ventricles.right_ml}
    assert volumes[side] == pytest.approx(ball_ml(4, 20, 6), rel=0.01)
    assert volumes[other] == pytest.approx(ball_ml(6, 26, 9), rel=0.01)
    assert found.ventricles.compressed == side


@pytest.mark.parametrize("spacing", [(0.5, 0.5, 5.0), (0.4, 0.8, 2.5), (1.0, 1.0, 1.0)])
@pytest.mark.parametrize("tilt", [0, 15])
def test_volume_of_ellipsoids_within_one_percent(
    make_grid: Any, spacing: tuple[float, float, float], tilt: float
) -> None:
    grid = make_grid("RAS", spacing, (80, 90, 90), tilt=tilt, turn=10)
    mask = grid.ellipsoid((3, 2, 1), (22, 31, 26), turned((1, 2, 3), 40))
    volume = measure({"hematoma": mask}, grid.affine).hematoma.volume_ml
    assert volume == pytest.approx(ball_ml(22, 31, 26), rel=0.01)


@pytest.mark.parametrize("in_plane", [0, 25, 60, 105])
@pytest.mark.parametrize("spacing", [(0.5, 0.5, 1.0), (0.4, 0.7, 0.5)])
@pytest.mark.parametrize("axcodes", ["LPS", "SAL"])
def test_abc2_of_an_ellipsoid_turned_in_the_plane(
    make_grid: Any, in_plane: float, spacing: tuple[float, float, float], axcodes: str
) -> None:
    grid = make_grid(axcodes, spacing, (60, 60, 50))
    mask = grid.ellipsoid((0, 0, 0), (13, 25, 20), turned((0, 0, 1), in_plane))
    bleed = measure({"hematoma": mask}, grid.affine).hematoma
    assert bleed.abc2 is not None
    assert bleed.abc2.a_mm == pytest.approx(50, abs=0.6)
    assert bleed.abc2.b_mm == pytest.approx(26, abs=0.5)
    # More than 75 % of the largest area up to half of the height from the middle, 25 % up to
    # √0.75 of it: 2 · (0.5 + (0.866 - 0.5) / 2) · 20 mm.
    assert bleed.abc2.c_mm == pytest.approx(27.32, abs=1.0)  # half slices of 0.5 and 1 mm
    assert bleed.abc2_ml == pytest.approx(50 * 26 * 27.32 / 2000, rel=0.05)


def test_abc2_weighs_slices_as_kothari_did() -> None:
    mask = np.zeros((60, 60, 9), np.uint8)
    # Areas of 100, 76, 75, 50, 25, 24 and 4 % of the largest, 20 × 20 pixels.
    for k, pixels in enumerate((16, 100, 200, 400, 304, 300, 96)):
        flat = np.zeros(400, np.uint8)
        flat[:pixels] = 1
        mask[20:40, 20:40, k + 1] = flat.reshape(20, 20)
    shape = measure({"hematoma": mask}, np.diag([-1.0, -1.0, 5.0, 1.0])).hematoma.abc2
    assert shape is not None
    # 1 for 100 and 76 %, a half for 75, 50 and 25 %, none for 24 and 4 %.
    assert (shape.c_slices, shape.c_mm, shape.slice) == (3.5, 17.5, 4)
    # From edge to edge; corners are cut by half a pixel on both sides.
    assert shape.a_mm == pytest.approx(20 * np.sqrt(2), abs=0.8)
    assert shape.b_mm == pytest.approx(20 * np.sqrt(2), abs=1.0)


def test_abc2_counts_slices_by_their_distance_where_the_gantry_was_tilted(make_grid: Any) -> None:
    straight = make_grid("LPS", (0.5, 0.5, 5.0), (60, 80, 60))
    mask = straight.ellipsoid((0, 0, 0), (15, 25, 20))
    leaning = straight.affine.copy()
    leaning[1, 2] += 5 * np.tan(np.radians(20))
    one, other = (measure({"hematoma": mask}, a).hematoma for a in (straight.affine, leaning))
    assert one.abc2 == other.abc2
    assert one.volume_ml == pytest.approx(other.volume_ml)


def test_the_midlines_curve_tells_the_side_not_the_middle_of_the_array(make_grid: Any) -> None:
    grid = make_grid(extent=(110, 150, 60))
    # A bleed of the right pushes the midline 14 mm to the left, and reaches as far itself.
    mask = grid.ellipsoid((-5, 0, 0), (16, 20, 15))
    pushed = measure({"hematoma": mask, "midline": grid.midline(bulge(14))}, grid.affine)
    straight = measure({"hematoma": mask, "midline": grid.midline(bulge(0))}, grid.affine)
    assert pushed.hematoma.side == "right"
    assert straight.hematoma.side == "both"
    assert straight.hematoma.left_ml == pytest.approx(0.27 * straight.hematoma.volume_ml, rel=0.05)


def test_below_the_midlines_mask_its_plane_tells_the_side(make_grid: Any) -> None:
    grid = make_grid(extent=(110, 150, 130))
    x, y, z = np.moveaxis(grid.world, -1, 0)
    # A head that leans over: 30 mm to the left at the height of -50 mm, where no line is marked.
    leaning = (np.abs(x + 0.6 * z) < 1.5) & (np.abs(y) < 70) & (np.abs(z) < 25)
    mask = grid.ellipsoid((20, 20, -50), (6, 6, 6))
    found = measure({"hematoma": mask, "midline": leaning.astype(np.uint8)}, grid.affine)
    assert found.hematoma.side == "right"


def test_without_a_midline_the_ventricles_tell_the_side(make_grid: Any) -> None:
    grid = make_grid()
    masks = {
        "hematoma": grid.ellipsoid((10, 0, 0), (6, 6, 6)),
        "midline": np.zeros(grid.shape, np.uint8),
        "ventricle_left": grid.ellipsoid((38, 0, 0), (8, 25, 10)),
        "ventricle_right": grid.ellipsoid((20, 0, 0), (8, 25, 10)),
    }
    bleed = measure(masks, grid.affine).hematoma
    assert (bleed.side, bleed.side_by) == ("right", "ventricles")
    del masks["ventricle_right"]
    bleed = measure(masks, grid.affine).hematoma
    assert (bleed.side, bleed.side_by) == ("left", "array")


def skull(grid: Any, centre: tuple[float, float, float], turn: float) -> NDArray:
    """Return HU of a head 150 mm wide and 180 mm long, turned around the vertical axis."""
    axes = turned((0, 0, 1), turn)
    outer = grid.ellipsoid(centre, (75, 90, 300), axes) > 0
    inner = grid.ellipsoid(centre, (69, 84, 300), axes) > 0
    return np.where(inner, 30, np.where(outer, 900, -1000))


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "SAL"])
@pytest.mark.parametrize("turn", [-12, 0, 9])
def test_without_a_midline_the_skull_tells_the_side(
    make_grid: Any, axcodes: str, turn: float
) -> None:
    grid = make_grid(axcodes, (1.5, 1.5, 5), (220, 220, 40))
    # A head well to the left of the array's middle, and a bleed in front, to its own right.
    centre, axes = (25.0, 5.0, 0.0), turned((0, 0, 1), turn)
    place = np.array(centre) + np.array([-9, -50, 0]) @ axes
    masks = {"hematoma": grid.ellipsoid(place, (6, 6, 12))}
    hu = skull(grid, centre, turn)
    bleed = measure(masks, grid.affine, hu).hematoma
    assert (bleed.side, bleed.side_by) == ("right", "head")
    blind = measure(masks, grid.affine, np.zeros(grid.shape)).hematoma
    assert (blind.side, blind.side_by) == ("left", "array")
    # A midline that is marked goes before the skull.
    masks["midline"] = grid.midline(lambda t: place[0] - 20 + 0 * t)
    marked = measure(masks, grid.affine, hu).hematoma
    assert (marked.side, marked.side_by) == ("left", "midline")


def test_blood_on_both_sides(make_grid: Any) -> None:
    grid = make_grid()
    masks = head(grid)
    masks["hematoma"] |= grid.ellipsoid((-30, 0, 0), (12, 14, 12))
    bleed = measure(masks, grid.affine).hematoma
    assert (bleed.side, bleed.components) == ("both", 2)
    assert bleed.left_ml == pytest.approx(ball_ml(14, 22, 18), rel=0.02)
    assert bleed.right_ml == pytest.approx(ball_ml(12, 14, 12), rel=0.02)
    # ABC/2 is over both, its lengths are the larger one's.
    assert bleed.abc2 is not None and bleed.abc2_ml is not None
    assert bleed.abc2.ml < bleed.abc2_ml < bleed.volume_ml
    assert bleed.abc2.a_mm == pytest.approx(44, abs=1)
    assert bleed.centroid_mm == pytest.approx((-30, 12, 0), abs=0.5)


def test_specks_are_not_counted(make_grid: Any) -> None:
    grid = make_grid()
    masks = head(grid)
    whole = measure(masks, grid.affine).hematoma
    masks["hematoma"][2:5, 2:5, 2] = 1  # 9 voxels of 0.0026 mL
    specked = measure(masks, grid.affine).hematoma
    assert specked.components == 1
    assert specked.largest_diameter_mm == whole.largest_diameter_mm
    assert specked.volume_ml == pytest.approx(whole.volume_ml + 0.02304)


def test_a_straight_midline_points_to_no_side(make_grid: Any) -> None:
    grid = make_grid()
    midline = measure({"midline": grid.midline(bulge(1))}, grid.affine).midline
    assert midline.toward is None
    assert midline.shift_mm == pytest.approx(1, abs=0.5)


def test_what_is_not_annotated_is_null_and_what_is_absent_is_zero() -> None:
    shape, affine = (20, 30, 4), np.diag([-1.0, -1.0, 5.0, 1.0])
    empty = measure(dict.fromkeys(STRUCTURES, np.zeros(shape, np.uint8)), affine).to_json()
    assert empty["hematoma"].pop("volume_ml") == 0
    assert empty["hematoma"].pop("components") == 0
    assert {empty["ventricles"].pop(f"{side}_ml") for side in ("left", "right")} == {0}
    assert empty["midline"].pop("unknown") == "no_midline"
    assert {value for part in empty.values() for value in part.values()} == {None}
    alone = measure({"midline": np.zeros(shape, np.uint8)}, affine).to_json()
    assert alone["midline"].pop("unknown") == "no_midline"
    assert {value for part in alone.values() for value in part.values()} == {None}


def test_one_voxel_is_as_large_as_itself() -> None:
    mask = np.zeros((9, 9, 5), np.uint8)
    mask[0, 8, 4] = 255
    bleed = measure({"hematoma": mask}, np.diag([-0.5, -0.5, 5.0, 1.0])).hematoma
    assert (bleed.volume_ml, bleed.components) == (pytest.approx(0.00125), 1)
    assert bleed.abc2 is not None
    assert (bleed.abc2.a_mm, bleed.abc2.b_mm, bleed.abc2.c_mm) == pytest.approx((0.5, 0.5, 5))
    assert bleed.largest_diameter_mm == pytest.approx(5)


def test_a_mask_that_fills_the_scan() -> None:
    masks = dict.fromkeys(STRUCTURES, np.ones((20, 30, 4), np.uint8))
    bleed = measure(masks, np.diag([-1.0, -1.0, 5.0, 1.0])).hematoma
    assert (bleed.volume_ml, bleed.distance_to_ventricle_mm) == (pytest.approx(12), 0.0)


@pytest.mark.parametrize(("gap", "expected"), [(0, 0.0), (1, 1.0), (6, 6.0)])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_distance_between_surfaces(gap: int, expected: float, axis: int) -> None:
    bleed, ventricle = np.zeros((2, 40, 40, 40), np.uint8)
    bleed[4:14, 4:14, 4:14] = 1
    place: list[slice] = [slice(4, 14)] * 3
    place[axis] = slice(14 + gap, 30)
    ventricle[tuple(place)] = 1
    spacing = np.array([1.0, 1.0, 1.0])
    spacing[axis] = 1.0 if axis < 2 else 3.0
    empty = np.zeros_like(bleed)
    masks = {"hematoma": bleed, "ventricle_right": ventricle, "ventricle_left": empty}
    affine = np.diag([*(spacing * [-1, -1, 1]), 1.0])
    found = measure(masks, affine).hematoma
    assert found.distance_to_ventricle_mm == pytest.approx(expected * spacing[axis])
    del masks["ventricle_left"]  # not looked for, so the nearest is not known
    unknown = measure(masks, affine).hematoma
    assert (unknown.distance_to_ventricle_mm, unknown.site) == (None, None)


def test_distance_of_two_balls(make_grid: Any) -> None:
    grid = make_grid("PIR", (0.6, 0.6, 1.0), (120, 60, 60), tilt=10)
    masks = {
        "hematoma": grid.ellipsoid((30, 0, 0), (12, 12, 12)),
        "ventricle_left": grid.ellipsoid((-4, 0, 0), (8, 8, 8)),
        "ventricle_right": grid.ellipsoid((-30, 0, 0), (4, 4, 4)),
    }
    found = measure(masks, grid.affine).hematoma
    assert found.distance_to_ventricle_mm == pytest.approx(14, abs=0.5)
    masks["hematoma"] = grid.ellipsoid((5, 0, 0), (4, 4, 4))
    assert measure(masks, grid.affine).hematoma.distance_to_ventricle_mm == 0


def test_slices_are_counted_as_the_file_counts_them(make_grid: Any) -> None:
    for axcodes in AXCODES:
        grid = make_grid(axcodes, (1.0, 1.0, 4.0))
        mask = grid.ellipsoid((20, 0, 30), (14, 14, 14))
        shape = measure({"hematoma": mask}, grid.affine).hematoma.abc2
        assert shape is not None
        axis = next(i for i, code in enumerate(axcodes) if code in "IS")
        areas = mask.sum(axis=tuple({0, 1, 2} - {axis}))
        assert areas[shape.slice] == areas.max()


def test_json_has_the_documented_keys_and_no_nan(make_grid: Any) -> None:
    grid = make_grid()
    found: Measurements = measure(head(grid), grid.affine)
    value = found.to_json()
    json.dumps(value, allow_nan=False)
    beside = {"ventricular_blood", "edema", "outer_blood"}
    assert set(value) == {"hematoma", "midline", "ventricles"} | beside
    expected = {"volume_ml", "abc2_ml", "abc2", "side", "components", "centroid_mm", "site",
                "tada_ml", "tada_c_mm", "tada_slices",
                "largest_diameter_mm", "distance_to_ventricle_mm", "site_reason",
                "site_unknown"}  # fmt: skip
    assert set(value["hematoma"]) == expected | {"left_ml", "right_ml", "side_by"}
    assert set(value["hematoma"]["abc2"]) == {"a_mm", "b_mm", "c_slices", "c_mm", "slice"}
    largest = {"largest_mm", "largest_toward", "largest_slice"}
    sure = {"error_mm", "support", "septum_by", "unknown"}
    assert set(value["midline"]) == {"shift_mm", "toward", "slice"} | largest | sure
    keys = {"left_ml", "right_ml", "left_right_ratio", "compressed"}
    assert set(value["ventricles"]) == keys
    assert set(value["ventricular_blood"]) == {"volume_ml", "left_ml", "right_ml", "central_ml"}
    assert set(value["edema"]) == set(value["outer_blood"]) == {"volume_ml"}
