"""Do the records belong to the scans? Side and presence of the bleed tell, over many cases.

Each case has two words: what its scan shows (absent, left, right, both) and what its record says.
Where records stand beside the wrong scans these agree no better than by chance.

- *By chance* is what a permutation test says, in which records are dealt out to scans anew (Pitman,
  J R Stat Soc Suppl 1937;4:119; p-value after Phipson and Smyth, Stat Appl Genet Mol Biol
  2010;9:39).
- A small cohort may miss significance with records that are right. So agreement must also be less
  than right ones would have: a share of the way from chance to the most that is possible with so
  many scans and records of each word (kappa over its maximum; Cohen, Educ Psychol Meas 1960;20:37),
  by a one-sided binomial test.
- Or the records agree better than by chance with the scans some cases further up or down in the
  manifest, as after a row that was lost or doubled, and as they stand far less than that.

Where all bleeds lie on one side, or the scans or records all say the same, nothing can be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import eq

import numpy as np

FEWEST = 20
"""Cases that have both, below which nothing is said."""

NO_BETTER = 0.01
"""P-value above which agreement is no better than chance."""

LEAST_ROOM = 0.2
"""By how much agreement could exceed chance at least, for anything to be told: it is 0.18 where one
bleed in ten lies on the other side."""

LEAST_KAPPA = {True: 0.6, False: 0.4}
"""Of its maximum, what records of the same patients have at least: with masks that people drew, and
with a model's, which may be a poor one."""

WORSE = 0.05
"""Probability at which agreement is less than that."""

OFFSETS = (1, -1, 2, -2, 3, -3)
"""By how many cases records may have moved."""

OFFSET_P = 0.01
"""P-value for an offset, all of those tried together."""

MUCH_WORSE = 0.001
"""Probability at which no more agree as they stand, were it the share that does when moved."""

DRAWS = 1999
AT_ONCE = 1000
"""Draws of the permutation test, and how many are held in memory."""


@dataclass(frozen=True)
class PairedCase:
    """A case that has both.

    Attributes
    ----------
    place
        Its place in the manifest.
    seen, said
        What the scan shows of the bleed, and what the record says.
    drawn
        Whether `seen` is of masks that people drew, not of a model's.
    """

    place: int
    seen: str
    said: str
    drawn: bool = True


@dataclass(frozen=True)
class ObservedAgreement:
    """How many of so many cases agree, and how many would by chance."""

    cases: int
    agree: int
    chance: float
    p: float


@dataclass(frozen=True)
class Pairing:
    """What the cases tell of the pairing of scans and records.

    Attributes
    ----------
    agreement
        As they stand.
    looks_wrong
        Whether they look wrongly paired.
    offset, moved
        By how many cases further down in the manifest the records stand that fit the scans, and
        how these agree; None where no such records do.
    """

    agreement: ObservedAgreement
    looks_wrong: bool
    offset: int | None = None
    moved: ObservedAgreement | None = None


def judge_pairing(pairs: Sequence[PairedCase]) -> Pairing | None:
    """Judge whether scans and records are rightly paired; None where that can't be told."""
    from scipy.stats import binom

    seen, said = [pair.seen for pair in pairs], [pair.said for pair in pairs]
    if len(pairs) < FEWEST or _room(seen, said) < LEAST_ROOM:
        return None
    agreement = _agreement(seen, said)
    offset, moved = _best_offset(pairs, agreement)
    if moved is not None:
        share = moved.agree / moved.cases
        if binom.cdf(agreement.agree, agreement.cases, share) < MUCH_WORSE:
            return Pairing(agreement, True, offset, moved)
    if agreement.p <= NO_BETTER:
        return Pairing(agreement, False)
    least = LEAST_KAPPA[all(pair.drawn for pair in pairs)]
    expected = _chance(seen, said) + least * _room(seen, said)
    return Pairing(agreement, bool(binom.cdf(agreement.agree, len(pairs), expected) < WORSE))


def _agreement(seen: Sequence[str], said: Sequence[str]) -> ObservedAgreement:
    words = {word: number for number, word in enumerate(dict.fromkeys([*seen, *said]))}
    one, other = (np.array([words[w] for w in column], np.int8) for column in (seen, said))
    agree = int((one == other).sum())
    rng = np.random.default_rng(0)
    as_well = 0
    for start in range(0, DRAWS, AT_ONCE):
        dealt = np.tile(other, (min(AT_ONCE, DRAWS - start), 1))
        rng.permuted(dealt, axis=1, out=dealt)
        as_well += int(((dealt == one).sum(axis=1) >= agree).sum())
    p = (as_well + 1) / (DRAWS + 1)
    return ObservedAgreement(len(seen), agree, len(seen) * _chance(seen, said), p)


def _best_offset(
    pairs: Sequence[PairedCase], as_they_stand: ObservedAgreement
) -> tuple[int | None, ObservedAgreement | None]:
    said_at = {pair.place: pair.said for pair in pairs}
    found: list[tuple[float, int, ObservedAgreement]] = []
    for offset in OFFSETS:
        moved = [
            (pair.seen, said_at[pair.place + offset])
            for pair in pairs
            if pair.place + offset in said_at
        ]
        if moved:
            seen, said = zip(*moved, strict=True)
            agree = sum(map(eq, seen, said))
            if agree * as_they_stand.cases <= as_they_stand.agree * len(moved):
                continue
            agreement = _agreement(seen, said)
            found.append((agreement.p, offset, agreement))
    best = min(found, key=lambda one: one[0], default=None)
    if best is None or best[0] * len(OFFSETS) > OFFSET_P:
        return None, None
    return best[1], best[2]


def _chance(seen: Sequence[str], said: Sequence[str]) -> float:
    """Return the share that agrees by chance."""
    one, other = Counter(seen), Counter(said)
    return sum(one[word] * other[word] for word in one) / len(seen) ** 2


def _room(seen: Sequence[str], said: Sequence[str]) -> float:
    """Return by how much the share that agrees can exceed chance at most."""
    one, other = Counter(seen), Counter(said)
    most = sum(min(one[word], other[word]) for word in one) / len(seen)
    return most - _chance(seen, said)
