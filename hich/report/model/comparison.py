"""CT and record of a case, compared aspect by aspect."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cohort.schema.records.findings import Bound
from hich.report.messages import Message
from hich.report.model.finding import Finding


@dataclass(frozen=True)
class Value:
    """One value of a comparison: a number in a unit, a word, or both (5 mm toward the right).

    Attributes
    ----------
    number
        In `unit`.
    unit
        `ml`, `mm`, or None for a count.
    term
        A key of `hich.report.messages.TERMS`, or a word of the record's vocabulary.
    sign
        Where the record states a bound, and `number` is that: below, up to, above, from it on, or
        nearly as much.
    """

    number: float | None = None
    unit: str | None = None
    term: str | None = None
    sign: Bound | None = None

    @property
    def reach(self) -> tuple[float, float] | None:
        """The least and the most that the number can be: less than 30 mL is not 30 mL.

        None without a number.

        Examples
        --------
        >>> Value(30, "ml").reach, Value(30, "ml", sign="≤").reach, Value(30, "ml", sign="≥").reach
        ((30, 30), (0.0, 30), (30, inf))
        >>> low, high = Value(30, "ml", sign="<").reach
        >>> low, high < 30, Value(30, "ml", sign="≈").reach == (high, 30)
        (0.0, True, True)
        """
        number = self.number
        if number is None:
            return None
        just_below = math.nextafter(number, 0.0)
        return {
            None: (number, number),
            "<": (0.0, just_below),
            "≤": (0.0, number),
            ">": (math.nextafter(number, math.inf), math.inf),
            "≥": (number, math.inf),
            "≈": (just_below, number),  # which side of a limit it lies on isn't told
        }[self.sign]

    def holds(self, number: float) -> bool:
        """Whether a number lies within the bound that is stated; of none there is nothing to say.

        Nearly as much as this is no bound to lie within: how far below it one lies counts.
        """
        low, high = self.reach or (0.0, 0.0)
        return self.sign not in (None, "≈") and low <= number <= high


@dataclass(frozen=True)
class Crossed:
    """A limit that surgeons use, which CT and record lie on two sides of.

    Attributes
    ----------
    name
        One of `hich.report.compare.deciding.LIMITS`.
    limit
        Where it lies; None of a yes or no.
    sure
        Whether they do however the record is read, and not by some way to read it only.
    """

    name: str
    limit: Value | None
    sure: bool = True


@dataclass(frozen=True)
class Row:
    """CT and record compared in one aspect.

    Attributes
    ----------
    aspect
        One of `hich.report.compare.rows.ASPECTS`.
    ct
        What the predicted masks say.
    reference
        What the reference masks say, where there are any; it has no part in the verdict.
    record
        What the record says: one value, or several where it contradicts itself or has several
        hematomas; empty where it says nothing.
    compared
        The value of the record that the CT was, or would be, compared with: a sum where several
        hematomas are added up; None where the record can be read in several ways.
    evidence
        The findings that `record` was taken from, in text order.
    verdict
        One of `hich.report.messages.VERDICTS`.
    reason
        Why.
    crossed
        The limits that CT and record lie on two sides of, whether or not they agree.
    """

    aspect: str
    ct: Value | None
    reference: Value | None
    record: tuple[Value, ...]
    compared: Value | None
    evidence: tuple[Finding, ...]
    verdict: str
    reason: Message
    crossed: tuple[Crossed, ...] = ()


@dataclass(frozen=True)
class Bleed:
    """What scan and record tell of the bleed: `absent`, or its side, `left`, `right` or `both`.

    Attributes
    ----------
    seen
        By the scan's masks.
    said
        By the record.
    drawn
        Whether `seen` is of reference masks, and not of predicted ones.
    """

    seen: str
    said: str
    drawn: bool = True
