"""A linear-chain conditional random field over a batch of sequences of any lengths.

A sequence of tags y has the score s(y) = sum of scores[t, y_t] + sum of transitions[y_t-1, y_t]
and the probability exp(s(y)) / Z (Lafferty, McCallum and Pereira 2001). `expectations` computes
log Z and its gradients, `marginals` all that they and the probability of an entity are made of: by
the forward-backward algorithm, scaled at each step so that nothing overflows (Rabiner 1989,
doi:10.1109/5.18626, section V.A).

All sequences of a batch go step by step together. They are *packed*: sorted by length, the first
tags of all come first, then the second tags of those that have one, and so on. So nothing is
padded, and one record of 200,000 characters among short ones costs no more than its own length.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

IMPOSSIBLE = -np.inf
"""Score of a tag or a transition that cannot be."""


class Packing:
    """Where the rows of concatenated sequences stand once they are packed.

    Parameters
    ----------
    lengths
        Length of each sequence; may be 0.

    Attributes
    ----------
    rows
        `(n,)`: for each packed row, its row in the concatenated sequences.
    steps
        `(start, end)`: the packed rows of each step.
    before
        `(n - starts,)`: for each packed row but those of the first step, the packed row of the
        tag before it.
    first, last
        `(n,)`: whether a sequence starts, or ends, at a packed row.

    Examples
    --------
    >>> packing = Packing([1, 3])
    >>> packing.rows.tolist(), packing.steps
    ([1, 0, 2, 3], [(0, 2), (2, 3), (3, 4)])
    >>> packing.before.tolist(), packing.last.tolist()
    ([0, 2], [False, True, False, True])
    """

    def __init__(self, lengths: "list[int]") -> None:
        sorted_lengths = -np.sort(-np.asarray(lengths, dtype="int64"))
        order = np.argsort(-np.asarray(lengths, dtype="int64"), kind="stable")
        number = int(sorted_lengths.max(initial=0))
        # How many sequences go that far: those that are longer than the step's number.
        sizes = np.searchsorted(-sorted_lengths, -np.arange(number), side="left")
        starts = np.concatenate([[0], np.cumsum(sizes)])
        step = np.repeat(np.arange(number), sizes)
        place = np.arange(len(step)) - starts[step]  # the sequence's place in the sorted order
        firsts = np.cumsum(lengths, dtype="int64") - np.asarray(lengths, dtype="int64")
        self.rows = firsts[order][place] + step
        self.steps = list(pairwise(starts.tolist()))
        self.first = step == 0
        self.last = step == sorted_lengths[place] - 1
        self.before = (starts[step - 1] + place)[~self.first]


@dataclass
class Marginals:
    """What the forward-backward algorithm tells of packed sequences.

    That a sequence has the tags y from row t to row u has the probability `forward[t, y_t]`, times
    `onto[y_v-1, y_v] * factors[v, y_v]` for each row v after t, times `backward[u, y_u]`.

    Attributes
    ----------
    log_z
        Sum over the sequences.
    forward
        `(n, tags)`: probability of each tag as far as the sequence goes to its row.
    backward
        `(n, tags)`: by what the rest of the sequence multiplies it.
    factors
        `(n, tags)`: exp of the scores, scaled row by row.
    onto
        `(tags, tags)`: exp of the transitions, scaled likewise.
    """

    log_z: float
    forward: Array
    backward: Array
    factors: Array
    onto: Array

    @property
    def tags(self) -> Array:
        """`(n, tags)`, packed: the probability of each tag; each row sums to 1."""
        return self.forward * self.backward


def marginals(scores: Array, transitions: Array, packing: Packing) -> Marginals:
    """Run the forward-backward algorithm; parameters as for `expectations`."""
    highest, highest_transition = scores.max(axis=1, keepdims=True), transitions.max()
    weights = np.exp((scores - highest).astype("float64"))
    onto = np.exp((transitions - highest_transition).astype("float64"))
    forward = np.empty_like(weights)
    scale = np.empty((len(weights), 1))
    previous = 0
    for start, end in packing.steps:
        reached = weights[start:end]
        if start:
            reached = reached * (forward[previous : previous + end - start] @ onto)
        total = reached.sum(axis=1, keepdims=True)
        # 0 only if the best way is e^-700 times less likely than the best tags one by one.
        scale[start:end] = np.maximum(total, np.finfo("float64").tiny)
        forward[start:end] = reached / scale[start:end]
        previous = start
    backward = np.ones_like(weights)
    factors = weights / scale
    for (before, _), (start, end) in zip(packing.steps[-2::-1], packing.steps[:0:-1], strict=True):
        onward = factors[start:end] * backward[start:end]
        backward[before : before + end - start] = onward @ onto.T
    log_z = np.log(scale).sum() + highest.sum() + highest_transition * len(packing.before)
    return Marginals(float(log_z), forward, backward, factors, onto)


def expectations(scores: Array, transitions: Array, packing: Packing) -> tuple[float, Array, Array]:
    """Return log Z and its gradients with respect to the scores and the transitions.

    These are the probability of each tag at each row, and the expected number of each transition.

    Parameters
    ----------
    scores
        `(n, tags)`, packed; `IMPOSSIBLE` where a tag cannot be.
    transitions
        `(tags, tags)`, from a tag to the next; `IMPOSSIBLE` where one cannot be.
    packing
        The order of `scores`.

    Returns
    -------
    log_z
        Sum over the sequences.
    tags
        `(n, tags)`, packed; each row sums to 1.
    pairs
        `(tags, tags)`.
    """
    found = marginals(scores, transitions, packing)
    onward = (found.factors * found.backward)[~packing.first]
    pairs = (found.forward[packing.before].T @ onward) * found.onto
    return found.log_z, found.tags, pairs
