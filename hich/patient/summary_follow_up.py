"""Several scans as `summary.json` has them."""

from __future__ import annotations

from dataclasses import asdict

from cohort.schema.follow_up import (
    FollowedChange,
    FollowedClearance,
    FollowedGrowth,
    FollowedStep,
    FollowedUp,
    FollowedValue,
    PlacedScan,
    PlacedStatement,
)
from hich.report.model.comparison import Value
from hich.report.model.follow_up import Change, FollowUp, FollowUpStep
from hich.report.pages.words import Words

_WORDS = Words("en")  # as all files that programs read


def summary_of_follow_up(told: FollowUp, registered: tuple[bool, ...] | None = None) -> FollowedUp:
    """Return what is told of several scans, without the record's words.

    `registered` says of each later scan whether it is shown in the place of the first.
    """
    return FollowedUp(
        tuple(PlacedScan(scan.id, scan.hours, scan.surgery) for scan in told.scans),
        told.times_by,
        tuple(map(_step, told.steps)),
        tuple(
            PlacedStatement(s.start, s.end, s.scan, _WORDS.say(s.reason) if s.reason else None)
            for s in told.statements
        ),
        registered=registered,
        notes=tuple(map(_WORDS.say, told.notes)),
    )


def _step(step: FollowUpStep) -> FollowedStep:
    return FollowedStep(
        step.scan,
        step.baseline,
        step.hours,
        tuple(map(_change, step.changes)),
        FollowedGrowth(**asdict(step.growth)) if step.growth else None,
        FollowedClearance(**asdict(step.clearance)) if step.clearance else None,
        tuple(map(_WORDS.say, step.notes)),
    )


def _change(change: Change) -> FollowedChange:
    return FollowedChange(
        measure=change.measure,
        before=_value(change.before),
        after=_value(change.after),
        difference=change.difference,
        percent=change.percent,
        error=change.error,
        verdict=change.verdict,
        reason=_WORDS.say(change.reason) if change.reason else None,
    )


def _value(value: Value | None) -> FollowedValue | None:
    if value is None or value.number is None or value.unit is None:
        return None
    toward = value.term if value.term in ("left", "right") else None
    return FollowedValue(value.number, value.unit, toward)  # type: ignore[arg-type]
