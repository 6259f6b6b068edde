"""The ICH score of a case: its items by CT and by record, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from hich.report.messages import Message
from hich.report.model.comparison import Value
from hich.report.model.finding import Finding

HIGHEST_SCORE = 6
Source = Literal["ct", "record"]


class ScorePoints(NamedTuple):
    """Points of an item or of the score: the least and the most that they can be.

    Examples
    --------
    >>> ScorePoints(0, 1).plus(ScorePoints(1, 1)), ScorePoints(0, 0).meets(ScorePoints(1, 1))
    (ScorePoints(low=1, high=2), False)
    """

    low: int
    high: int

    def plus(self, other: ScorePoints) -> ScorePoints:
        """Return the sum."""
        return ScorePoints(self.low + other.low, self.high + other.high)

    def meets(self, other: ScorePoints) -> bool:
        """Whether both can be right at once."""
        return self.low <= other.high and other.low <= self.high

    def hull(self, other: ScorePoints) -> ScorePoints:
        """Return the narrowest range that holds both."""
        return ScorePoints(min(self.low, other.low), max(self.high, other.high))


@dataclass(frozen=True)
class SourcePoints:
    """What a source, CT or record, says of an item.

    Attributes
    ----------
    points
        A range where the source leaves it open.
    values
        What it says; several where it can be read in several ways.
    reason
        Why the points are a range, or what is odd about them.
    evidence
        Of the record: the findings that say so.
    beside
        What the CT says otherwise measured: a volume by voxels, beside that by the formula.
    """

    points: ScorePoints
    values: tuple[Value, ...] = ()
    reason: Message | None = None
    evidence: tuple[Finding, ...] = ()
    beside: Value | None = None


@dataclass(frozen=True)
class ScoreItem:
    """One item of the score.

    Attributes
    ----------
    name
        `gcs`, `volume`, `ventricular_blood`, `infratentorial` or `age`.
    most
        The most points that it can give.
    ct, record
        What each says; None where it says nothing.
    untold
        Why the CT, or the record, says nothing, where there is more to say than that.
    """

    name: str
    most: int
    ct: SourcePoints | None = None
    record: SourcePoints | None = None
    untold: tuple[Message, ...] = ()

    @property
    def sources(self) -> tuple[SourcePoints, ...]:
        """Those that say anything."""
        return tuple(source for source in (self.ct, self.record) if source is not None)

    @property
    def is_contradicted(self) -> bool:
        """Whether CT and record can't both be right."""
        return bool(self.ct and self.record and not self.ct.points.meets(self.record.points))

    @property
    def points(self) -> ScorePoints:
        """Its points by all that is known: all that it can give where nothing is."""
        first, *others = [source.points for source in self.sources] or [ScorePoints(0, self.most)]
        for other in others:
            first = first.hull(other)
        return first

    def points_by(self, source: Source) -> ScorePoints:
        """Return its points by the CT, or by the record, where they contradict each other."""
        said = self.ct if source == "ct" else self.record
        return said.points if self.is_contradicted and said else self.points

    @property
    def reasons(self) -> tuple[Message, ...]:
        """Why it is a range, or contradicted; what else there is to say."""
        found = [source.reason for source in self.sources if source.reason]
        if self.is_contradicted:
            found.insert(0, Message("ich.contradicted"))
        if not self.sources:
            return self.untold or (Message("ich.untold"),)
        return (*found, *self.untold)


@dataclass(frozen=True)
class IchScore:
    """The ICH score (Hemphill et al. 2001, doi:10.1161/01.STR.32.4.891), from 0 to 6.

    Attributes
    ----------
    items
        All five, in the order of the publication.
    notes
        On what it rests.
    """

    items: tuple[ScoreItem, ...]
    notes: tuple[Message, ...] = ()

    @property
    def total(self) -> ScorePoints:
        """The score, a range where an item is one or is contradicted."""
        return _sum([item.points for item in self.items])

    @property
    def is_contradicted(self) -> bool:
        """Whether CT and record contradict each other in an item."""
        return any(item.is_contradicted for item in self.items)

    def total_by(self, source: Source) -> ScorePoints:
        """Return the score with the contradicted items by the CT, or by the record."""
        return _sum([item.points_by(source) for item in self.items])


def _sum(points: list[ScorePoints]) -> ScorePoints:
    total = ScorePoints(0, 0)
    for one in points:
        total = total.plus(one)
    return total
