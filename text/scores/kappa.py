"""Cohen's kappa of two readings of the same characters.

Each character has the label of the entity that it stands in, or none. Kappa is the share of
characters on which both agree, beyond that expected by chance from how often each gives each label
(Cohen 1960, doi:10.1177/001316446002000104):

    kappa = (observed - expected) / (1 - expected)

Most characters of a record have none for everybody, which raises kappa; so it is told of the
characters to which at least one of both gives a label as well. That one is harsh: where both agree
on a single label its expectation is 1 and kappa cannot be told, and it may be below 0 where one
marks more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from cohort.tags.scheme import Span

Label = str | None
"""Of an entity, which may be any text, O as well; None outside of all."""
Pairs = Counter[tuple[Label, Label]]
"""The label of one and that of the other, to the number of characters."""


class Kappa(NamedTuple):
    """Agreement over characters.

    Attributes
    ----------
    characters
        How many.
    observed
        Share on which both agree; None of no characters.
    expected
        Share on which they would by chance.
    value
        Kappa; None if it cannot be told: of no characters, or where chance alone explains all.
    """

    characters: int
    observed: float | None
    expected: float | None
    value: float | None


def character_pairs(one: Sequence[Span], other: Sequence[Span], length: int) -> Pairs:
    """Count what two readings call the characters of a record of that length.

    Examples
    --------
    >>> pairs = character_pairs([Span(0, 3, "SITE")], [Span(1, 3, "SITE")], 5)
    >>> pairs[None, None], pairs["SITE", None], pairs["SITE", "SITE"]
    (2, 1, 2)
    """
    first, second = _labels(one), _labels(other)
    marked = first.keys() | second.keys()
    pairs = Counter((first.get(at), second.get(at)) for at in marked)
    pairs[None, None] += length - len(marked)
    return pairs


def cohens_kappa(pairs: Pairs) -> Kappa:
    """Return Cohen's kappa.

    Examples
    --------
    >>> counts = {("A", "A"): 20, ("A", None): 5, (None, "A"): 10, (None, None): 15}
    >>> round(cohens_kappa(Counter(counts)).value, 3)
    0.4
    """
    total = pairs.total()
    if not total:
        return Kappa(0, None, None, None)
    first: Counter[Label] = Counter()
    second: Counter[Label] = Counter()
    for (one, other), count in pairs.items():
        first[one] += count
        second[other] += count
    # In whole numbers, so that agreement that chance explains is exactly 1.
    same = sum(count for (one, other), count in pairs.items() if one == other)
    by_chance = sum(first[label] * second[label] for label in first)
    beyond = total * total - by_chance
    value = (same * total - by_chance) / beyond if beyond else None
    return Kappa(total, same / total, by_chance / total**2, value)


def without_outside(pairs: Pairs) -> Pairs:
    """Return the characters to which at least one of both gives a label."""
    return Counter({pair: n for pair, n in pairs.items() if pair != (None, None)})


def _labels(spans: Sequence[Span]) -> dict[int, str]:
    return {at: span.label for span in spans for at in range(span.start, span.end)}
