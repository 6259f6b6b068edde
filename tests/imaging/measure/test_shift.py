"""The midline shift of heads with a skull: from bone, midline and ventricles together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cohort.schema.scans.measurements import Midline
from cohort.space.grid import Grid
from imaging.measure.measurements import measure

SHAPE, SPACING = (96, 108, 20), (2.0, 2.0, 6.0)


class Head:
    """A skull of 140 × 170 mm with a midline and two frontal horns.

    `push` gives the mm toward the patient's left at places y (backward) and z (upward);
    `degrees` turn the head about x, y and z; `crooked` is by how much its left half lies farther
    back, in mm per mm aside.
    """

    def __init__(
        self,
        axcodes: str = "LPS",
        degrees: Any = (0, 0, 0),
        bend: Any = None,
        crooked: float = 0.0,
    ) -> None:
        order = {"LR": 0, "PA": 1, "IS": 2}
        axes = [next(order[pair] for pair in order if code in pair) for code in axcodes]
        shape, spacing = [SHAPE[a] for a in axes], [SPACING[a] for a in axes]
        self.grid = Grid.with_spacing(shape, spacing, axcodes)
        index = np.moveaxis(np.indices(shape), 0, -1)
        world = self.grid.to_mm(index) * [-1, -1, 1]  # LPS
        turn = Rotation.from_euler("xyz", degrees, degrees=True).as_matrix()
        x, y, z = np.moveaxis(world @ turn, -1, 0)
        radius = np.sqrt((x / 70) ** 2 + ((y - crooked * x) / 85) ** 2 + (z / 95) ** 2)
        hu = np.where(radius < 1, 30, np.where(radius < 1.08, 1000, -1000)).astype(np.int16)
        push = (
            np.zeros_like(x) if bend is None else bend(y, z) * np.clip(1.6 - 1.6 * radius**4, 0, 1)
        )
        u = x - push
        line = (np.abs(u) < 1.6) & (radius < 1)
        horns = (np.abs(y + 22) < 26) & (np.abs(z - 10) < 12) & (np.abs(np.abs(u) - 8) < 4.5)
        self.masks = {
            "midline": line.astype(np.uint8),
            "ventricle_left": (horns & (u > 0)).astype(np.uint8),
            "ventricle_right": (horns & (u < 0)).astype(np.uint8),
        }
        # What the masks mark is to be seen: falx and septum are denser than the brain, CSF less.
        noise = np.random.default_rng(0).normal(0, 4, hu.shape) * (radius < 1)
        self.hu = (hu + noise + 15 * line - 22 * horns).astype(np.int16)
        self.back, self.up = y, z

    def measured(self, probabilities: NDArray | None = None) -> Midline:
        return measure(self.masks, self.grid, self.hu, probabilities).midline


def bump(mm: float, y0: float = -28.0) -> Any:
    return lambda y, z: mm * np.exp(-(((y - y0) / 45) ** 2) - ((z - 8) / 50) ** 2)


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "LAI", "SAL", "PIR"])
@pytest.mark.parametrize(("mm", "side"), [(8.0, "left"), (-4.0, "right")])
def test_shift_has_size_and_side_in_every_orientation(axcodes: str, mm: float, side: str) -> None:
    found = Head(axcodes, bend=bump(mm)).measured()
    assert found.shift_mm == pytest.approx(0.93 * abs(mm), abs=0.5)  # the mean over the septum
    assert (found.toward, found.largest_toward) == (side, side)
    assert found.largest_mm is not None and found.largest_mm >= found.shift_mm
    assert found.septum_by == "ventricles" and found.unknown is None
    assert found.support == 1 and found.error_mm is not None and found.error_mm < 1


@pytest.mark.parametrize("degrees", [(0, 0, 14), (0, 8, 0), (12, 0, 0), (8, -6, -12)])
@pytest.mark.parametrize("mm", [0.0, 6.0])
def test_a_tilted_or_turned_head_has_the_same_shift(degrees: Any, mm: float) -> None:
    found = Head(degrees=degrees, bend=bump(mm)).measured()
    assert found.shift_mm == pytest.approx(mm, abs=1.0)


def test_two_bleeds_that_push_from_both_sides() -> None:
    # In front the midline goes to the left, behind, farther, to the right.
    def bend(y: NDArray, z: NDArray) -> NDArray:
        return bump(4, -30)(y, z) * (y < 10) - 7 * np.exp(-(((y - 40) / 22) ** 2)) * (y > 0)

    found = Head(bend=bend).measured()
    assert (found.toward, found.largest_toward) == ("left", "right")
    assert found.shift_mm == pytest.approx(3.8, abs=0.8)
    assert found.largest_mm == pytest.approx(6.5, abs=1.0)


@pytest.mark.parametrize("crooked", [0.2, -0.35])
@pytest.mark.parametrize("mm", [0.0, 5.0])
def test_a_crooked_skull_pushes_no_midline(crooked: float, mm: float) -> None:
    # Of a flattened occiput: the plane that halves such a skull about is turned against its falx.
    head = Head(bend=bump(mm), crooked=crooked)
    found = head.measured()
    assert found.shift_mm == pytest.approx(0.93 * mm, abs=1.0)
    assert found.largest_mm == pytest.approx(mm, abs=2.0)


def test_by_the_line_alone_a_shift_is_less_sure() -> None:
    head = Head(bend=lambda y, z: 8 * np.exp(-(((y + 28) / 40) ** 2) - ((z - 8) / 35) ** 2))
    found = measure({"midline": head.masks["midline"]}, head.grid).midline
    assert found.septum_by == "line"
    at_septum = head.measured().shift_mm
    assert found.shift_mm and at_septum and found.error_mm
    assert abs(found.shift_mm - at_septum) < 2 * found.error_mm


def test_gaps_in_the_line_are_bridged() -> None:
    head = Head(bend=bump(6))
    head.masks["midline"][(np.abs(head.back + 30) < 4) | (np.abs(head.back - 20) < 8)] = 0
    assert head.measured().shift_mm == pytest.approx(6, abs=0.7)


def test_a_line_in_pieces_cannot_be_told() -> None:
    head = Head(bend=bump(6))
    head.masks["midline"][(np.abs(head.back + 24) < 16)] = 0
    found = head.measured()
    assert (found.shift_mm, found.toward, found.unknown) == (None, None, "broken")
    assert found.support is not None and found.support < 0.4


def test_without_a_midline_there_is_no_shift() -> None:
    head = Head()
    head.masks["midline"][:] = 0
    assert head.measured() == Midline(unknown="no_midline")


def test_scan_that_misses_the_septum_cannot_be_told() -> None:
    head = Head(bend=bump(5))
    top = slice(15, None)
    masks = {name: mask[..., top] for name, mask in head.masks.items()}
    grid = Grid.with_spacing(masks["midline"].shape, SPACING)
    assert measure(masks, grid, head.hu[..., top]).midline.unknown == "no_septum"


def test_without_ventricles_the_skull_tells_where_the_septum_is() -> None:
    head = Head(bend=bump(6))
    del head.masks["ventricle_left"], head.masks["ventricle_right"]
    found = head.measured()
    assert found.septum_by == "skull"
    assert found.shift_mm == pytest.approx(6, abs=0.8)


def test_two_lines_cannot_be_told() -> None:
    one, other = Head(bend=bump(10)), Head(bend=bump(-10))
    for name in ("ventricle_left", "ventricle_right"):
        one.masks[name][:] = 0
    levels = np.where(one.masks["midline"] | other.masks["midline"], 150, 0).astype(np.uint8)
    assert one.measured(levels).unknown == "contradictory"


@pytest.mark.parametrize("axcodes", ["LPS", "RAI", "SPL"])
def test_what_the_scan_does_not_show_cannot_be_told(axcodes: str) -> None:
    head = Head(axcodes, bend=bump(6))
    probabilities = head.masks["midline"] * np.uint8(230)
    assert head.measured(probabilities).shift_mm == pytest.approx(6, abs=0.8)
    head.hu = np.where(
        (head.hu > -500) & (head.hu < 500),
        np.random.default_rng(1).normal(30, 4, head.hu.shape),
        head.hu,
    ).astype(np.int16)
    assert head.measured(probabilities).unknown == "hidden"
    # Who draws a mask has seen what he drew.
    assert head.measured().shift_mm == pytest.approx(6, abs=0.8)


def test_faint_probabilities_tell_as_much_as_a_mask() -> None:
    head = Head(bend=bump(6))
    faint = (head.masks["midline"] * 90).astype(np.uint8)  # below one half: no mask would show it
    assert head.measured(faint).shift_mm == pytest.approx(6, abs=0.8)


def test_a_network_that_is_sure_of_nothing_has_no_shift() -> None:
    """Its highest level is 1 of 255, as that of a mask is 1."""
    head = Head(bend=bump(6))
    head.masks = {"midline": head.masks["midline"]}  # horns would lend it their own certainty
    for scarcely in (head.masks["midline"], head.masks["midline"] / np.float32(255)):
        found = head.measured(scarcely)
        assert (found.shift_mm, found.unknown) == (None, "no_midline")


def test_probabilities_are_the_same_in_255ths_and_as_fractions() -> None:
    head = Head(bend=bump(6))
    levels = head.masks["midline"] * np.uint8(90)
    assert head.measured(levels / np.float32(255)) == head.measured(levels)
