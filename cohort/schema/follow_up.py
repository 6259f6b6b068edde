"""What is told of several scans of one patient: `follow_up` of `summary.json`."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from cohort.schema.problems import Flag, Integer, Number
from cohort.schema.scans.scan import OPEN

Judged = Literal["yes", "no", "open"]


@dataclass(frozen=True, config=OPEN)
class FollowedValue:
    """A value of a scan: a number in a unit, a shift with the side that it goes to.

    Attributes
    ----------
    number, unit
        In `ml` or `mm`.
    toward
        Of a shift: `left` or `right`.
    """

    number: Number
    unit: str
    toward: Literal["left", "right"] | None = None


@dataclass(frozen=True, kw_only=True, config=OPEN)
class FollowedChange:
    """A measure of two scans.

    Attributes
    ----------
    measure
        `hematoma`, `ventricular_blood`, `edema`, `midline_shift`, `ventricle_left` or
        `ventricle_right`.
    before, after
        Each measured on its own scan; null where it can't be told.
    difference
        After minus before; of a shift, toward the side that it had before.
    percent
        The same in % of what was before; null of a shift, and where what was before is not more
        than its own error.
    error
        How far off the difference may be, by the test of the model; null where that isn't known.
    verdict
        `more`, `less`, `same` (within the error), `unjudged` (the error isn't known) or `untold`.
    reason
        Why it can't be told, in English.
    """

    measure: str
    before: FollowedValue | None
    after: FollowedValue | None
    difference: Number | None
    percent: Number | None
    error: Number | None
    verdict: Literal["more", "less", "same", "unjudged", "untold"]
    reason: str | None = None


@dataclass(frozen=True, config=OPEN)
class FollowedGrowth:
    """Growth of the hematoma, of scans before surgery; `open` where a limit lies within the error.

    Attributes
    ----------
    standard
        6 mL or 33 % more (doi:10.1212/WNL.0b013e3182143317).
    revised
        The same, or new blood in the ventricles, or 1 mL more of it
        (doi:10.1161/STROKEAHA.119.027451).
    in_window
        Whether the scans are at most 72 hours apart; null where that isn't known, or the patient's
        first scan is not among these.
    limit_ml
        The lesser of 6 mL and 33 % of the first volume.
    """

    standard: Judged
    revised: Judged
    in_window: Flag | None
    limit_ml: Number


@dataclass(frozen=True, config=OPEN)
class FollowedClearance:
    """What surgery left of the hematoma.

    Attributes
    ----------
    residual_ml
        Its volume; null where it can't be told.
    percent
        What is gone, in % of the last volume before surgery; null where none is known, and where
        there is more than before.
    error_percent
        How far off that may be.
    """

    residual_ml: Number | None
    percent: Number | None
    error_percent: Number | None


@dataclass(frozen=True, config=OPEN)
class FollowedStep:
    """A later scan beside the one that it is compared with.

    Attributes
    ----------
    scan, baseline
        Places of both in `scans`.
    hours
        Between them; null where that isn't known.
    changes
        One a measure.
    growth
        Null after surgery; `open` where it isn't known whether the scan was before or after it.
    clearance
        Null before it, and where that isn't known.
    notes
        What there is to say of it, in English.
    """

    scan: Integer
    baseline: Integer
    hours: Number | None
    changes: tuple[FollowedChange, ...]
    growth: FollowedGrowth | None = None
    clearance: FollowedClearance | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, config=OPEN)
class PlacedScan:
    """One of the scans.

    Attributes
    ----------
    id
        Of the scan.
    hours
        Since the patient's first scan, also where that could not be used; since the first of these
        where its time isn't known either. Null where only the order is known.
    after_surgery
        `seen` if it shows so, or one before it does; `told` if the record alone says so; `open` if
        the record tells of surgery, and the hematoma is larger than before, so that this scan may
        be from before or after it; else null.
    """

    id: str
    hours: Number | None
    after_surgery: Literal["seen", "told", "open"] | None


@dataclass(frozen=True, config=OPEN)
class PlacedStatement:
    """What the record says of a repeated CT, without its words.

    Attributes
    ----------
    start, end
        Offsets in the note's text.
    scan
        Place in `scans` of the scan that it means; null where that can't be told.
    reason
        Why it can't, in English.
    """

    start: Integer
    end: Integer
    scan: Integer | None
    reason: str | None = None


@dataclass(frozen=True, config=OPEN)
class FollowedUp:
    """Several scans of one patient, by time.

    Attributes
    ----------
    scans
        The first one first.
    times_by
        What tells it: `hours` (as named), `dicom`, `manifest`, or `order` alone.
    steps
        One for each scan but the first.
    statements
        What the record says of repeated CTs.
    registered
        Whether the page shows each later scan in the place of the first; null where it wasn't
        tried. Values are measured on each scan as it is.
    notes
        On what all of it rests, in English.
    """

    scans: tuple[PlacedScan, ...]
    times_by: Literal["hours", "dicom", "manifest", "order"]
    steps: tuple[FollowedStep, ...]
    statements: tuple[PlacedStatement, ...] = ()
    registered: tuple[Flag, ...] | None = None
    notes: tuple[str, ...] = ()
