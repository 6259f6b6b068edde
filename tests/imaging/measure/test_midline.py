"""The midline's shift on drawn lines of known shift."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.space.affine import make_affine
from cohort.space.grid import Grid
from imaging.measure.midline import midlines
from imaging.space.orientation import file_slice, lps_view


class Bend(NamedTuple):
    """How far a midline is from the straight line between its ends, toward the left, and where."""

    left_mm: float
    slice: int

    @property
    def mm(self) -> float:
        return abs(self.left_mm)

    @property
    def side(self) -> str:
        return "left" if self.left_mm > 0 else "right"


def midline_shift(mask: NDArray, affine: NDArray) -> Bend | None:
    """Return the largest bend of the lines of all slices."""
    grid = Grid((mask.shape[0], mask.shape[1], mask.shape[2]), affine)
    bends = {
        k: line.shift() for k, line in midlines(lps_view(mask, affine), grid.lps.spacing).items()
    }
    if not bends:
        return None
    k = max(bends, key=lambda key: abs(bends[key]))
    return Bend(bends[k], file_slice(k, affine, mask.shape))


AXES = ("LR", "PA", "IS")


Curve = Callable[[NDArray], NDArray]


def bump(mm: float) -> Curve:
    """A midline pushed `mm` toward the patient's left halfway between its ends."""
    return lambda t: mm * np.sin(np.pi * t) ** 2


def draw(
    *curves: Curve | None,
    axcodes: str = "LPS",
    spacing: tuple[float, float, float] = (0.5, 0.5, 5.0),
    turned: float = 0.0,
    length: float = 140.0,
    width: float = 2.5,
) -> tuple[NDArray, NDArray]:
    """Draw a midline in a head that lies in the world, and return mask and affine.

    Parameters
    ----------
    curves
        For each slice, from inferior to superior, the place of the line in mm to the left of
        straight, from its front end 0 to its back end 1; None for a slice without a line.
    axcodes
        Orientation of the array.
    spacing
        Along left-right, anterior-posterior and inferior-superior, in mm.
    turned
        Degrees by which the head is turned in the plane.
    length, width
        Of the line in mm.
    """
    size = (round(120 / spacing[0]), round(180 / spacing[1]), len(curves))
    mask = np.zeros(size, np.uint8)
    left, back = np.meshgrid(
        (np.arange(size[0]) - size[0] / 2) * spacing[0],
        (np.arange(size[1]) - size[1] / 2) * spacing[1],
        indexing="ij",
    )
    c, s = np.cos(np.radians(turned)), np.sin(np.radians(turned))
    across, along = c * left + s * back, c * back - s * left
    t = along / length + 0.5
    for k, curve in enumerate(curves):
        if curve is not None:
            mask[..., k] = (np.abs(across - curve(t)) < width / 2) & (t >= 0) & (t <= 1)
    # LPS as drawn, now to `axcodes`.
    order = [next(i for i, pair in enumerate(AXES) if code in pair) for code in axcodes]
    mask = np.transpose(mask, order)
    for axis, code in enumerate(axcodes):
        if code not in "LPS":
            mask = np.flip(mask, axis)
    along_axes = (spacing[order[0]], spacing[order[1]], spacing[order[2]])
    return mask, make_affine(axcodes, along_axes, mask.shape)


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "LAI", "RPI", "SAL", "PIR"])
@pytest.mark.parametrize("spacing", [(0.5, 0.5, 5.0), (0.4, 0.8, 2.5), (0.9, 0.45, 6.0)])
@pytest.mark.parametrize("mm", [6.0, -3.5])
def test_shift_side_and_slice_in_every_orientation(
    axcodes: str, spacing: tuple[float, float, float], mm: float
) -> None:
    mask, affine = draw(None, bump(mm / 3), bump(mm), bump(mm / 2), None, None, axcodes=axcodes,
                        spacing=spacing)  # fmt: skip
    shift = midline_shift(mask, affine)
    assert shift is not None
    assert shift.left_mm == pytest.approx(mm, abs=0.3)
    assert shift.mm == pytest.approx(abs(mm), abs=0.3)
    assert shift.side == ("left" if mm > 0 else "right")
    # The third slice from below of six, wherever the array counts from.
    axis = next(i for i, code in enumerate(axcodes) if code in "IS")
    assert shift.slice == (2 if axcodes[axis] == "S" else 3)
    assert mask.take(shift.slice, axis).any()


def test_what_is_marked_beside_the_line_is_no_shift() -> None:
    mask, affine = draw(bump(2.0), bump(3.0), bump(2.0))
    wall = mask.copy()
    # 14 mm of a ventricle's wall, 4 mm beside the line, joined to it and wider than it.
    left, back, slice_ = np.nonzero(mask)
    near = (slice_ == 1) & (np.abs(back - 240) < 14)
    for step in range(1, 9):
        wall[left[near] + step, back[near], 1] = 1
    plain, walled = midline_shift(mask, affine), midline_shift(wall, affine)
    assert plain is not None and walled is not None
    assert walled.left_mm == pytest.approx(plain.left_mm, abs=0.6)


@pytest.mark.parametrize("turned", [-20, -7, 12])
def test_turned_head_is_measured_along_its_own_line(turned: float) -> None:
    straight, affine = draw(bump(0), bump(0), turned=turned)
    shifted, _ = draw(bump(0), bump(5), turned=turned)
    none, some = midline_shift(straight, affine), midline_shift(shifted, affine)
    assert none is not None and some is not None
    assert none.mm < 0.3
    assert some.left_mm == pytest.approx(5, abs=0.3)


def test_straight_line_off_centre_has_no_shift() -> None:
    mask, affine = draw(lambda t: 12.0 + 0 * t)
    shift = midline_shift(mask, affine)
    assert shift is not None and shift.mm < 0.1


def test_shift_off_the_middle_is_found() -> None:
    mask, affine = draw(lambda t: 7 * np.exp(-(((t - 0.35) / 0.12) ** 2)))
    shift = midline_shift(mask, affine)
    assert shift is not None
    assert shift.left_mm == pytest.approx(7, abs=0.5)


def test_ragged_line_has_the_shift_of_the_smooth_one() -> None:
    rng = np.random.default_rng(0)
    mask, affine = draw(bump(5))
    for y in np.flatnonzero(mask[..., 0].any(axis=0)):
        mask[:, y, 0] = np.roll(mask[:, y, 0], rng.integers(-3, 4))  # up to 1.5 mm
        mask[:, y, 0] *= rng.random(mask.shape[0]) < 0.8
    shift = midline_shift(mask, affine)
    assert shift is not None
    assert shift.left_mm == pytest.approx(5, abs=0.7)


def test_broken_line_has_the_shift_of_the_whole_one() -> None:
    mask, affine = draw(bump(5))
    for start in (90, 150, 250):  # gaps of 6, 12 and 6 mm
        mask[:, start : start + (24 if start == 150 else 12)] = 0
    shift = midline_shift(mask, affine)
    assert shift is not None
    assert shift.left_mm == pytest.approx(5, abs=0.3)


@pytest.mark.parametrize(
    "speck",
    [
        pytest.param((slice(10, 16), slice(100, 106)), id="beside the line"),
        pytest.param((slice(10, 16), slice(180, 190)), id="in a gap"),
        pytest.param((slice(200, 206), slice(2, 10)), id="before its front end"),
        pytest.param((slice(180, 230), slice(352, 358)), id="behind its back end"),
    ],
)
def test_specks_do_not_change_the_shift(speck: tuple[slice, slice]) -> None:
    mask, affine = draw(bump(5))
    mask[:, 178:192] = 0
    clean = midline_shift(mask, affine)
    mask[speck] = 1
    specked = midline_shift(mask, affine)
    assert clean is not None and specked is not None
    assert specked.left_mm == pytest.approx(clean.left_mm, abs=0.3)


def test_a_slice_where_the_line_stops_short_is_not_measured() -> None:
    whole, affine = draw(bump(3), bump(3))
    partial = whole.copy()
    # A third of a line that bends another way.
    other, _ = draw(bump(-9), bump(-9))
    partial[..., 1] = other[..., 1]
    partial[:, :130, 1] = partial[:, 230:, 1] = 0
    shift = midline_shift(partial, affine)
    assert shift is not None
    assert (shift.slice, round(shift.left_mm)) == (0, 3)


def test_scraps_of_a_line_are_not_measured() -> None:
    mask, affine = draw(bump(5), length=30.0)
    assert midline_shift(mask, affine) is None
    dotted, affine = draw(bump(5))
    dotted[:, np.arange(360) % 60 > 22] = 0  # a third of its rows, in pieces of 11 mm
    assert midline_shift(dotted, affine) is None


def test_empty_mask_has_no_shift() -> None:
    assert midline_shift(np.zeros((20, 30, 4)), np.diag([1.0, 1.0, 5.0, 1.0])) is None


def test_mask_that_fills_the_head_is_no_crash() -> None:
    full = np.ones((60, 80, 3))
    shift = midline_shift(full, np.diag([1.0, 1.0, 5.0, 1.0]))
    assert shift is not None and shift.mm == pytest.approx(0, abs=1e-6)


def test_tilted_gantry_does_not_change_the_shift() -> None:
    mask, affine = draw(None, bump(4), bump(2))
    sheared = affine.copy()
    sheared[1, 2] = 5.0 * np.tan(np.radians(20))
    straight, tilted = midline_shift(mask, affine), midline_shift(mask, sheared)
    assert straight == tilted
