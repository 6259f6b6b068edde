"""What the head's own shape tells of its spacing and its sides, and what rests on that."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.facts.coverage import coverage_words
from cohort.facts.doubts import SIDES, SIZES
from cohort.facts.structures import LANDMARKS
from tests.cohort.checks.conftest import check, notes

STRETCHED = {
    "half as wide": (0.5, 1, 1),
    "narrower": (0.7, 1, 1),
    "longer": (1, 1.5, 1),
    "wider": (1.5, 1, 1),
    "shorter": (1, 0.7, 1),
    "slices nearer": (1, 1, 0.7),
    "slices further": (1, 1, 1.75),
}


@pytest.mark.parametrize("stretch", STRETCHED)
def test_sizes_of_a_stretched_head_cannot_be_told(
    generated: tuple[NDArray, tuple[float, float, float]], stretch: str
) -> None:
    hu, spacing = generated
    x, y, z = (mm * by for mm, by in zip(spacing, STRETCHED[stretch], strict=True))
    found = check(hu, (x, y, z))
    assert found.problems or {note.kind for note in found.notes} == {"spacing"}
    assert found.problems or (SIZES in found.untold and SIDES not in found.untold)


@pytest.mark.parametrize("axis", [0, 1])
def test_an_array_that_was_resized_is_judged_by_its_spacing(
    generated: tuple[NDArray, tuple[float, float, float]], axis: int
) -> None:
    hu, spacing = generated
    some = np.linspace(0, hu.shape[axis] - 1, hu.shape[axis] * 5 // 4).round().astype(int)
    resized = hu.take(some, axis)
    true = tuple(mm * 0.8 if axis == a else mm for a, mm in enumerate(spacing))
    assert notes(check(resized, true)) == ""  # type: ignore[arg-type]
    wrong = check(hu, true)  # type: ignore[arg-type]
    assert wrong.problems or SIZES in wrong.untold


@pytest.mark.parametrize("part", [slice(9, 14), slice(12, 13)])
def test_a_slab_turned_by_a_right_angle_is_told(
    generated: tuple[NDArray, tuple[float, float, float]], part: slice
) -> None:
    hu, (x, _, z) = generated
    assert check(hu[..., part], (x, x, z)).untold == {}
    turned = check(np.rot90(hu[..., part]), (x, x, z))
    assert set(turned.untold) >= {*LANDMARKS, SIDES}


@pytest.mark.parametrize("axes", [(1,), (0, 1), (2,)])
def test_sides_of_a_head_that_lies_turned_over_cannot_be_told(
    generated: tuple[NDArray, tuple[float, float, float]], axes: tuple[int, ...]
) -> None:
    hu, spacing = generated
    found = check(np.flip(hu, axes), spacing)
    assert "may be swapped" in notes(found)
    assert set(found.untold) == {*LANDMARKS, SIDES}


@pytest.mark.parametrize("mm", [110, 130, 150])
def test_small_fields_of_view_are_a_fact_and_no_note(
    generated: tuple[NDArray, tuple[float, float, float]], mm: int
) -> None:
    hu, (x, y, z) = generated
    edge = [(n - round(mm / step)) // 2 for n, step in zip(hu.shape, (x, y), strict=False)]
    small = hu[edge[0] : -edge[0], edge[1] : -edge[1]]
    found = check(small, (x, y, z))
    assert notes(found) == "" and found.untold == {}
    if min(small.shape[:2]) >= 40:
        assert found.facts["coverage"]["cut_off"]


def test_a_head_without_its_vertex_is_a_part(
    generated: tuple[NDArray, tuple[float, float, float]],
) -> None:
    hu, spacing = generated
    assert not check(hu, spacing).facts["coverage"]["part"]
    assert check(hu, spacing).facts["coverage"]["spacing_checked"]
    lower = check(hu[..., : hu.shape[2] * 2 // 3], spacing).facts["coverage"]
    assert lower["part"] and coverage_words(lower).startswith("part: 14 slices")
