"""Measurements on predicted masks beside those on reference masks: which cases count."""

from __future__ import annotations

import pytest

from cohort.schema.scans.measurements import Hematoma, Measurements
from imaging.scores.comparison import Compared, compare_measurements

UNTOLD = Measurements()
"""Of a scan where the hematoma wasn't looked for, or its size cannot be told."""
NO_BLEED = Measurements(hematoma=Hematoma(volume_ml=0.0))
NO_FORMULA = Measurements(hematoma=Hematoma(volume_ml=25.0))
BLEED = Measurements(hematoma=Hematoma(volume_ml=30.0, abc2_ml=29.0, tada_ml=33.0))
SMALLER = Measurements(hematoma=Hematoma(volume_ml=28.0, abc2_ml=27.0, tada_ml=30.0))


@pytest.mark.parametrize(
    ("predicted", "reference", "bias"),
    [
        (SMALLER, BLEED, -2.0),
        (NO_BLEED, BLEED, -29.0),  # missed: 0 mL
        (BLEED, NO_BLEED, 29.0),  # a false alarm
        (NO_BLEED, NO_BLEED, None),  # nothing to compare
        (UNTOLD, BLEED, None),  # of a model that hasn't learnt it
        (BLEED, UNTOLD, None),  # nobody drew it
        (UNTOLD, UNTOLD, None),
        (NO_FORMULA, BLEED, None),  # a bleed, whatever its formula, is not 0 mL
        (BLEED, NO_FORMULA, None),
    ],
)
def test_which_cases_count_for_a_formula(
    predicted: Measurements, reference: Measurements, bias: float | None
) -> None:
    found = compare_measurements([Compared("a", predicted, reference)])["hematoma_abc2_ml"]
    assert (found["bias"], found["n"]) == (bias, 0 if bias is None else 1)
