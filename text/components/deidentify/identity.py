"""A piece of a record that says who somebody is, and the kinds of them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import NamedTuple

NAME, NUMBER, PHONE, CONTACT = "NAME", "NUMBER", "PHONE", "CONTACT"
ADDRESS, HOSPITAL, EMPLOYER = "ADDRESS", "HOSPITAL", "EMPLOYER"
DATE, AGE = "DATE", "AGE"
_OF_WORDS = (NAME, HOSPITAL, EMPLOYER, ADDRESS)
"""Kinds of which a single character that is left over says nothing."""
KINDS = (NAME, DATE, AGE, PHONE, NUMBER, CONTACT, HOSPITAL, EMPLOYER, ADDRESS)
"""All kinds, those first that win where two overlap and neither is longer."""


class Identity(NamedTuple):
    """A piece that says who somebody is.

    Attributes
    ----------
    start, end
        Offsets of characters, end excluded.
    kind
        One of `KINDS`.
    sure
        How much it says for itself: 2 where a heading or its own form tells, 1 where its context
        does. Of two that overlap the surer one stays, and the longer of two alike.
    """

    start: int
    end: int
    kind: str
    sure: int = 1


def settle_identities(found: Iterable[Identity]) -> list[Identity]:
    """Return identities in order, none of which overlap.

    What one has beyond a surer one stays, too, unless it is a date, of which a piece says nothing.

    Examples
    --------
    >>> [(i.start, i.end) for i in settle_identities(
    ...     [Identity(0, 4, "ADDRESS"), Identity(2, 9, "NUMBER", 2), Identity(5, 9, "DATE")])]
    [(0, 2), (2, 9)]
    """
    order = sorted(
        set(found), key=lambda i: (-i.sure, i.start - i.end, KINDS.index(i.kind), i.start)
    )
    taken: list[Identity] = []  # in the order of the text
    for one in order:
        at = bisect_left(taken, one.start, key=lambda i: i.end - 1)
        pieces, start = [], one.start
        for other in taken[at:]:
            if other.start >= one.end:
                break
            if other.start > start:
                pieces.append(one._replace(start=start, end=other.start))
            start = max(start, other.end)
        if start < one.end:
            pieces.append(one._replace(start=start))
        if one.kind in (DATE, AGE) and pieces != [one]:
            continue
        for piece in pieces:
            if piece == one or one.kind not in _OF_WORDS or piece.end - piece.start > 1:
                insort(taken, piece)
    return _joined(taken)


def _joined(found: list[Identity]) -> list[Identity]:
    """Return identities of which those of one kind that touch are one."""
    done: list[Identity] = []
    for one in found:
        if done and done[-1].end == one.start and done[-1].kind == one.kind in (ADDRESS, NUMBER):
            done[-1] = done[-1]._replace(end=one.end)
        else:
            done.append(one)
    return done
