"""An annotated record, and what reading files of them showed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from cohort.tags.scheme import Span

UNTAGGED = "characters without a tag, read as O"
REPAIRED = "illegal tags repaired"
OVERLAPPING = "annotations that overlap a longer one, left out"
EMPTY_RECORDS = "empty records, left out"
EMPTY_MARKS = "annotations of no character, left out"
RELATIONS = "relations between entities, left out"
WHOLE = "labels of whole records, left out"
DISCONTINUOUS = "annotations in pieces, read as one from the first piece to the last"


@dataclass(frozen=True)
class MarkedRecord:
    """One annotated record.

    Attributes
    ----------
    id
        Case id, the id that its file gives it, or the file's name and, if it holds several, the
        number.
    text
        The record.
    entities
        What is marked in it, in characters (Unicode code points), in order; none overlap.
    """

    id: str
    text: str
    entities: list[Span]


class Kind(NamedTuple):
    """What a file is: of tags "BIO", "tab", "UTF-8"; of an annotation tool its name."""

    scheme: str
    separator: str
    encoding: str


@dataclass
class ReadingTally:
    """What reading files showed.

    Attributes
    ----------
    kinds
        Kind of file to how many.
    remarks
        What was changed or left out to how often.
    """

    kinds: Counter[Kind] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)


def settle(spans: Iterable[Span], tally: ReadingTally) -> list[Span]:
    """Return `spans` in order without those that overlap a longer one, which are counted.

    Of two of one length the first stays: a recogniser gives a character one label at most.

    Examples
    --------
    >>> settle([Span(0, 2, "SIDE"), Span(0, 6, "SITE"), Span(6, 8, "SIGN")], ReadingTally())
    [Span(start=0, end=6, label='SITE'), Span(start=6, end=8, label='SIGN')]
    """
    in_order = sorted(spans)
    if all(a.end <= b.start for a, b in zip(in_order, in_order[1:], strict=False)):
        return in_order
    taken: set[int] = set()
    kept = []
    for span in sorted(in_order, key=lambda span: span.start - span.end):
        if taken.isdisjoint(range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            kept.append(span)
    tally.remarks[OVERLAPPING] += len(in_order) - len(kept)
    return sorted(kept)
