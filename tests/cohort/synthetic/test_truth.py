from dataclasses import replace

import numpy as np
import pytest

from cohort.synthetic.anatomy.deformation import NO_EFFECT, mass_effect
from cohort.synthetic.fields import Field, Points
from cohort.synthetic.truth import AppliedShift, applied_shift

BESIDE = (30.0, -10.0, 8.0)


def depth(points: Points) -> Field:
    """A skull that is a ball."""
    return 80 - np.sqrt(points.x**2 + points.y**2 + points.z**2)


@pytest.mark.parametrize(("toward", "side"), [(-1, "right"), (1, "left")])
def test_shift_is_that_of_the_deformation(toward: int, side: str) -> None:
    at = (-toward * BESIDE[0], *BESIDE[1:])
    shift = applied_shift(mass_effect(at, 45.0, 9.0, toward), depth)
    assert shift.side == side
    assert shift.mm == pytest.approx(6.7, abs=0.2)
    assert shift.mm < shift.largest_mm < 9


def test_tissue_that_was_pushed_is_found_where_it_went() -> None:
    # The septum, seen from behind: what lies there now came from the middle.
    effect = replace(mass_effect(BESIDE, 45.0, 9.0, -1), push=0.0, sideways=-6.0)
    far = np.array([-34.0]), np.array([9.0])
    moved = applied_shift(effect, depth)
    now = Points(np.full(1, -moved.mm), *far)
    assert effect.origin(now, depth(now)).x == pytest.approx(0, abs=1)


def test_what_lies_far_from_the_septum_has_its_own_shift() -> None:
    shift = applied_shift(mass_effect((28.0, 55.0, 12.0), 30.0, 6.0, -1), depth)
    assert shift.mm < 0.7 * shift.largest_mm


def test_bleed_below_the_tentorium_pushes_no_septum() -> None:
    shift = applied_shift(mass_effect((15.0, 40.0, -40.0), 20.0, 0.0, 0.0, True), depth)
    assert shift.mm == 0 and shift.side is None


def test_head_without_a_bleed_is_straight() -> None:
    assert applied_shift(NO_EFFECT, depth) == AppliedShift(0.0, None, 0.0)
