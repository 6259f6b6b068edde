"""Which lateral ventricle is compressed."""

from __future__ import annotations

from typing import Any

import pytest

from cohort.facts.limits import COMPRESSED_SHARE
from imaging.measure.ventricles import measure_ventricles


@pytest.mark.parametrize(
    ("left", "right", "bleed", "expected"),
    [
        pytest.param(6.0, 12.0, "left", "left", id="smaller, beside the bleed"),
        pytest.param(12.0, 6.0, "right", "right", id="right"),
        pytest.param(6.0, 12.0, "both", "left", id="blood on both sides"),
        pytest.param(6.0, 12.0, "right", None, id="smaller, but the bleed is on the other side"),
        pytest.param(6.0, 12.0, None, None, id="no bleed: they are unequal in the healthy too"),
        pytest.param(10.0, 12.0, "left", None, id="nearly equal"),
        pytest.param(0.0, 9.0, "left", "left", id="pressed away altogether"),
        pytest.param(0.0, 0.0, "left", None, id="none to be seen"),
        pytest.param(None, 9.0, "left", None, id="one not annotated"),
    ],
)
def test_compressed_side(left: Any, right: Any, bleed: Any, expected: Any) -> None:
    assert measure_ventricles(left, right, bleed).compressed == expected


def test_threshold_is_the_documented_share() -> None:
    assert measure_ventricles(COMPRESSED_SHARE * 10 - 0.01, 10.0, "left").compressed == "left"
    assert measure_ventricles(COMPRESSED_SHARE * 10, 10.0, "left").compressed is None


def test_ratio_is_left_to_right_and_needs_both() -> None:
    assert measure_ventricles(6.0, 12.0, "left").left_right_ratio == 0.5
    for left, right in ((0.0, 5.0), (5.0, 0.0), (None, 5.0), (5.0, None)):
        assert measure_ventricles(left, right, "left").left_right_ratio is None
