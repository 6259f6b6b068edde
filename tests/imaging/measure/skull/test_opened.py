"""A skull that lacks a piece is noted; a burr hole, and a skull out of view, are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.faults import CheckResult
from cohort.space.grid import Grid
from hich.report.compare.surgery import shows_surgery
from imaging.measure.skull.head_frame import HeadFrame
from imaging.measure.skull.opened import check_opened
from imaging.space.orientation import lps_view

SHAPE, SPACING = (110, 130, 24), (1.8, 1.8, 6.0)
X, Y, Z = np.meshgrid(
    *(((np.arange(n) - (n - 1) / 2) * mm) for n, mm in zip(SHAPE, SPACING, strict=True)),
    indexing="ij",
)


def head() -> NDArray[np.float64]:
    radius = np.sqrt((X / 72) ** 2 + (Y / 88) ** 2 + ((Z + 20) / 95) ** 2)
    return np.select([radius < 0.9, radius < 1, radius < 1.06], [32.0, 1000.0, 40.0], -1000.0)


def noted(hu: NDArray, axcodes: str = "LPS") -> list[str]:
    grid = Grid.with_spacing(SHAPE, SPACING, axcodes)
    found = CheckResult()
    check_opened(Path("p.nii.gz"), HeadFrame.of(lps_view(hu, grid.affine), grid), found)
    return [note.kind for note in found.notes]


@pytest.mark.parametrize("axcodes", ["LPS", "RAI"])
def test_a_missing_flap_is_noted_as_after_surgery(axcodes: str) -> None:
    hu = head()
    hu[(hu > 500) & (X > 20) & (np.abs(Y) < 35) & (np.abs(Z - 10) < 25)] = 35
    kinds = noted(hu, axcodes)
    assert kinds == ["open skull"] and shows_surgery(kinds)


def test_a_closed_skull_and_one_with_a_burr_hole_have_no_note() -> None:
    assert noted(head()) == []
    hole = head()
    hole[(hole > 500) & (X > 20) & (np.hypot(Y, Z - 10) < 8)] = 35
    assert noted(hole) == []


def test_what_the_field_of_view_cuts_off_is_no_gap() -> None:
    grid = Grid.with_spacing((92, *SHAPE[1:]), SPACING, "LPS")
    found = CheckResult()
    check_opened(Path("p.nii.gz"), HeadFrame.of(head()[:92], grid), found)
    assert found.notes == []
