"""Several scans of one patient: what changed from one to the other, and what that is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hich.report.messages import Message
from hich.report.model.comparison import Value
from hich.report.model.finding import Finding

Verdict = Literal["more", "less", "same", "unjudged", "untold"]
"""Of a change: `same` is within the method's own error, `unjudged` where that isn't known, and
`untold` where one of the values isn't."""
Judged = Literal["yes", "no", "open"]
"""Whether a limit is reached: `open` where it lies within the error."""
TimesBy = Literal["hours", "dicom", "manifest", "order"]
"""What tells when scans were taken: what was named, their headers, the cohort; or their order."""
Surgery = Literal["seen", "told", "open"]
"""What puts a scan after surgery: itself, or the record alone; `open` where the record tells of
surgery, and not whether this scan, whose hematoma is larger than before, was before or after it."""


@dataclass(frozen=True)
class Change:
    """A measure of two scans.

    Attributes
    ----------
    measure
        A key of `hich.report.follow_up.changes.MEASURES`.
    before, after
        Each measured on its own scan; None where it can't be told.
    difference
        After minus before, in the unit of both; of a shift, toward the side it had before.
    percent
        The difference in % of what was before; None of a shift, and where what was before is
        not more than its own error.
    error
        How far off the difference may be, by the model's test: the root of the sum of the squares
        of both scans' errors, as of two that are independent.
    verdict
        See `Verdict`.
    reason
        Why it can't be told.
    """

    measure: str
    before: Value | None
    after: Value | None
    difference: float | None = None
    percent: float | None = None
    error: float | None = None
    verdict: Verdict = "untold"
    reason: Message | None = None


@dataclass(frozen=True)
class Growth:
    """Whether a hematoma has grown between two scans.

    Attributes
    ----------
    standard
        By 6 mL or 33 %.
    revised
        The same, or new or more blood in the ventricles.
    in_window
        Whether the second scan was taken while the definitions hold; None where no time is known,
        or the patient's first scan is not among these.
    limit_ml
        What of the hematoma's growth reaches the standard definition: the lesser of the two.
    """

    standard: Judged
    revised: Judged
    in_window: bool | None
    limit_ml: float


@dataclass(frozen=True)
class Clearance:
    """What surgery left of a hematoma.

    Attributes
    ----------
    residual_ml
        Its volume after surgery; None where it can't be told.
    percent
        What is gone, in % of the last volume before surgery (血肿清除率); None where it can't be
        told, and where there is more than before.
    error_percent
        How far off that may be, by the model's test.
    """

    residual_ml: float | None
    percent: float | None
    error_percent: float | None


@dataclass(frozen=True)
class FollowUpStep:
    """A later scan beside the one that it is compared with.

    Attributes
    ----------
    scan, baseline
        Places of both in `FollowUp.scans`. Before surgery, the baseline is the first scan; after
        it, the last one before it, or the first of all if none was before it.
    hours
        Between them; None where that isn't known.
    changes
        One a measure.
    growth
        None after surgery; where it isn't known whether it was after, open.
    clearance
        None before it, and where that isn't known.
    notes
        What there is to say of it.
    """

    scan: int
    baseline: int
    hours: float | None
    changes: tuple[Change, ...]
    growth: Growth | None = None
    clearance: Clearance | None = None
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True)
class FollowedScan:
    """One of the scans.

    Attributes
    ----------
    id
        Of the scan.
    hours
        Since the patient's first scan, also where that could not be used; since the first of these
        where its time isn't known either. None where only the order is known.
    surgery
        What puts it after surgery; None if nothing does.
    values
        Measure to what was measured, in the order of the changes.
    untold
        Structures, and doubts (`cohort.facts.doubts`), of which nothing can be told.
    """

    id: str
    hours: float | None
    surgery: Surgery | None
    values: tuple[Value | None, ...]
    untold: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RepeatStatement:
    """What the record says of a repeated CT (复查).

    Attributes
    ----------
    start, end
        Where in the record.
    findings
        What it states.
    hours
        When it was, as far as the statement says: hours after something that it may not name.
    scan
        Place of the scan that it means in `FollowUp.scans`; None where that can't be told.
    reason
        Why it can't.
    """

    start: int
    end: int
    findings: tuple[Finding, ...]
    hours: float | None = None
    scan: int | None = None
    reason: Message | None = None


@dataclass(frozen=True)
class FollowUp:
    """All that is told of several scans of one patient.

    Attributes
    ----------
    scans
        By time, the first one first.
    times_by
        What tells it.
    steps
        One for each scan but the first.
    statements
        What the record says of repeated CTs, in text order.
    notes
        On what all of it rests.
    has_first
        Whether the first of the scans is the patient's first.
    """

    scans: tuple[FollowedScan, ...]
    times_by: TimesBy
    steps: tuple[FollowUpStep, ...]
    statements: tuple[RepeatStatement, ...] = ()
    notes: tuple[Message, ...] = ()
    has_first: bool = True

    @property
    def from_first(self) -> bool:
        """Whether hours, where they are known, are those since the patient's first scan."""
        return self.has_first or bool(self.scans[0].hours)
