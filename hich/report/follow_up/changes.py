"""How a measure changed from one scan to another, each measured on its own grid.

A change that is not larger than the method's own error is not a change. The error of a measured
value is the wider limit of agreement of the model's test for that size (`ExpectedErrors`); that of
a difference is the root of the sum of their squares, as of two independent values: our choice, on
the side of calling less a change, since what a model does wrong twice alike cancels out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

from cohort.facts.limits import BLEED_ML, NO_SHIFT_MM
from hich.report.gather.predictions import Prediction
from hich.report.messages import Message
from hich.report.model.comparison import Value
from hich.report.model.follow_up import Change, Verdict
from hich.report.model.masks import CaseMeasurements


@dataclass(frozen=True)
class _Measure:
    """What is followed.

    Attributes
    ----------
    structure
        Whose error it has.
    beside
        Other structures that must be in view as a whole.
    value
        Reads it from what was measured.
    unit
        `ml` or `mm`.
    """

    structure: str
    value: Callable[[CaseMeasurements], Value | None]
    unit: str = "ml"
    beside: tuple[str, ...] = ()


def _ml(number: float | None) -> Value | None:
    return None if number is None else Value(number, "ml")


def _shift(measured: CaseMeasurements) -> Value | None:
    shift, toward = measured.midline.shift_mm, measured.midline.toward
    if shift is None or (toward is None and shift >= NO_SHIFT_MM):
        return None
    return Value(shift, "mm", toward)


MEASURES: dict[str, _Measure] = {
    "hematoma": _Measure("hematoma", lambda m: _ml(m.hematoma.volume_ml)),
    "ventricular_blood": _Measure(
        "ventricular_blood",
        lambda m: _ml(m.ventricular_blood.volume_ml),
        beside=("ventricle_left", "ventricle_right"),
    ),
    "edema": _Measure("edema", lambda m: _ml(m.edema.volume_ml)),
    "midline_shift": _Measure("midline", _shift, "mm"),
    "ventricle_left": _Measure("ventricle_left", lambda m: _ml(m.ventricles.left_ml)),
    "ventricle_right": _Measure("ventricle_right", lambda m: _ml(m.ventricles.right_ml)),
}
"""What is followed, in the order of the tables."""


def value_of(prediction: Prediction, measure: str) -> Value | None:
    """Return a measure of a scan; None where it can't be told."""
    measured = prediction.measurements
    if measured is None or MEASURES[measure].structure in prediction.untold:
        return None
    return MEASURES[measure].value(measured)


def shows_part(prediction: Prediction) -> bool:
    """Whether a scan shows less than the head, so that there may be more than it measures."""
    coverage = prediction.coverage
    return coverage is not None and (coverage.part or coverage.cut_off)


def change_of(
    measure: str, before: Prediction, after: Prediction, cut: Collection[str] = ()
) -> Change:
    """Compare a measure of two scans.

    Parameters
    ----------
    measure
        A key of `MEASURES`.
    before, after
        What was predicted of them.
    cut
        Structures that go on beyond an edge of a scan: their volumes are no whole ones.
    """
    one, two = value_of(before, measure), value_of(after, measure)
    if one is None or two is None or one.number is None or two.number is None:
        return Change(measure, one, two, reason=Message("follow.untold"))
    needs = {MEASURES[measure].structure, *MEASURES[measure].beside}
    if MEASURES[measure].unit == "ml" and needs & set(cut):
        return Change(measure, one, two, reason=Message("follow.cut"))
    difference = _shift_difference(one, two) if one.unit == "mm" else two.number - one.number
    # Of what may as well be nothing no share can be told.
    least = max(BLEED_ML, before.error_ml(MEASURES[measure].structure) or 0.0)
    percent = 100 * difference / one.number if one.unit == "ml" and one.number >= least else None
    error = _error(measure, before, after)
    verdict: Verdict = "unjudged"
    if error is not None:
        verdict = "same" if abs(difference) <= error else "more" if difference > 0 else "less"
    return Change(measure, one, two, difference, percent, error, verdict)


def _error(measure: str, before: Prediction, after: Prediction) -> float | None:
    """Return how far off the difference may be; None where that isn't known of both."""
    if MEASURES[measure].unit == "mm":
        errors = [before.shift_error_mm, after.shift_error_mm]
    else:
        structure = MEASURES[measure].structure
        errors = [before.error_ml(structure), after.error_ml(structure)]
    known = [error for error in errors if error is not None]
    return math.hypot(*known) if len(known) == len(errors) else None


def _shift_difference(before: Value, after: Value) -> float:
    """Return how much more the midline is pushed to the side that it was pushed to before.

    If it was not pushed, to the side that it is pushed to now. A shift without a side is less than
    `NO_SHIFT_MM`, and beside one with a side it counts as none.
    """
    side = before.term or after.term
    if side is None:
        return (after.number or 0.0) - (before.number or 0.0)
    one, two = (
        (value.number or 0.0) * (0 if value.term is None else 1 if value.term == side else -1)
        for value in (before, after)
    )
    return two - one
