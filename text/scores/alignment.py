"""Predicted entities laid against the annotated ones: who answers to whom, and what is wrong.

**Alignment.** Two entities can answer to each other if they share a character. Pairs are taken
greedily: first those that share most, by intersection over union of their characters, then those
of one label, then the earlier; an entity is in one pair at most. So an exact hit is never given
up for a longer neighbour, and of two predictions inside one annotation the larger is a wrong
boundary, the other spurious.

===============  ==========  =========================================================
kind             boundaries  label
===============  ==========  =========================================================
correct          same        same
boundary         other       same
label            same        other
boundary, label  other       other
missed           an annotated entity that no predicted one answers to
spurious         a predicted entity that no annotated one answers to
===============  ==========  =========================================================

These are the kinds of MUC-5 (Chinchor and Sundheim 1993, https://aclanthology.org/M93-1007) and
SemEval-2013 task 9 (Segura-Bedmar et al. 2013, https://aclanthology.org/S13-2056), wrong boundaries
and wrong labels told apart. Only `correct` counts in the strict scores, as in spaCy's `ents_f`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cohort.tags.scheme import Span

CORRECT = "correct"
BOUNDARY = "boundary"
LABEL = "label"
BOUNDARY_AND_LABEL = "boundary, label"
MISSED = "missed"
SPURIOUS = "spurious"
KINDS = (CORRECT, BOUNDARY, LABEL, BOUNDARY_AND_LABEL, MISSED, SPURIOUS)


class EntityPair(NamedTuple):
    """An annotated entity and the predicted one that answers to it; one of them may be None."""

    gold: Span | None
    predicted: Span | None

    @property
    def kind(self) -> str:
        """What is wrong, if anything (see the table above)."""
        if self.gold is None:
            return SPURIOUS
        if self.predicted is None:
            return MISSED
        same_label = self.gold.label == self.predicted.label
        if self.gold[:2] == self.predicted[:2]:
            return CORRECT if same_label else LABEL
        return BOUNDARY if same_label else BOUNDARY_AND_LABEL

    @property
    def start(self) -> int:
        """Where the first of the two begins."""
        return min(span.start for span in (self.gold, self.predicted) if span)

    @property
    def end(self) -> int:
        """Where the last of the two ends."""
        return max(span.end for span in (self.gold, self.predicted) if span)


def align(gold: Sequence[Span], predicted: Sequence[Span]) -> list[EntityPair]:
    """Pair the entities of a text, in text order.

    Parameters
    ----------
    gold, predicted
        Entities; those of one list don't overlap, as in spaCy's `doc.ents`.

    Examples
    --------
    >>> pairs = align([Span(0, 6, "SITE")], [Span(2, 6, "SITE"), Span(9, 11, "SYMPTOM")])
    >>> [pair.kind for pair in pairs]
    ['boundary', 'spurious']
    """
    gold, predicted = sorted(gold), sorted(predicted)
    best = sorted(
        _overlaps(gold, predicted),
        key=lambda pair: (-_iou(*pair), pair[0].label != pair[1].label, pair),
    )
    answers: dict[Span, Span] = {}
    taken: set[Span] = set()
    for one, other in best:
        if one not in answers and other not in taken:
            answers[one] = other
            taken.add(other)
    pairs = [EntityPair(span, answers.get(span)) for span in gold]
    pairs += [EntityPair(None, span) for span in predicted if span not in taken]
    return sorted(pairs, key=lambda pair: (pair.start, pair.end))


def _overlaps(gold: Sequence[Span], predicted: Sequence[Span]) -> list[tuple[Span, Span]]:
    """Return all pairs that share a character, in one walk through both sorted lists."""
    found, i, j = [], 0, 0
    while i < len(gold) and j < len(predicted):
        one, other = gold[i], predicted[j]
        if one.start < other.end and other.start < one.end:
            found.append((one, other))
        if one.end <= other.end:
            i += 1
        else:
            j += 1
    return found


def _iou(one: Span, other: Span) -> float:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared / (max(one.end, other.end) - min(one.start, other.start))
