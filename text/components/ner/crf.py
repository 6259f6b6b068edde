"""A linear-chain conditional random field over a batch of sequences of any lengths.

A sequence of tags y has the score s(y) = sum of scores[t, y_t] + sum of transitions[y_t-1, y_t]
and the probability exp(s(y)) / Z (Lafferty, McCallum and Pereira 2001). `expectations` computes
log Z and its gradients by the forward-backward algorithm, scaled at each step so that nothing
overflows (Rabiner 1989, doi:10.1109/5.18626, section V.A); `best_tags` finds the best-scored tags
by Viterbi's algorithm (Viterbi 1967, doi:10.1109/TIT.1967.1054010).

All sequences of a batch go step by step together. They are *packed*: sorted by length, the first
tags of all come first, then the second tags of those that have one, and so on. So nothing is
padded, and one record of 200,000 characters among short ones costs no more than its own length.
"""

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
    highest, highest_transition = scores.max(axis=1, keepdims=True), transitions.max()
    weights = np.exp((scores - highest).astype("float64"))
    steps_to = np.exp((transitions - highest_transition).astype("float64"))
    forward = np.empty_like(weights)
    scale = np.empty((len(weights), 1))
    previous = 0
    for start, end in packing.steps:
        reached = weights[start:end]
        if start:
            reached = reached * (forward[previous : previous + end - start] @ steps_to)
        total = reached.sum(axis=1, keepdims=True)
        # 0 only if the best way is e^-700 times less likely than the best tags one by one.
        scale[start:end] = np.maximum(total, np.finfo("float64").tiny)
        forward[start:end] = reached / scale[start:end]
        previous = start
    backward = np.ones_like(weights)
    onward = weights / scale  # what each tag brings to those before it
    for (before, _), (start, end) in zip(packing.steps[-2::-1], packing.steps[:0:-1], strict=True):
        onward[start:end] *= backward[start:end]
        backward[before : before + end - start] = onward[start:end] @ steps_to.T
    pairs = (forward[packing.before].T @ onward[~packing.first]) * steps_to
    log_z = np.log(scale).sum() + highest.sum() + highest_transition * len(packing.before)
    return float(log_z), forward * backward, pairs


def best_tags(scores: Array, transitions: Array, packing: Packing) -> Array:
    """Return the best-scored tags, `(n,)`, packed; parameters as for `expectations`."""
    from_tag = np.zeros(scores.shape, dtype="int32")
    best = np.empty_like(scores)
    previous = 0
    to_from = np.ascontiguousarray(transitions.T)[None]
    for start, end in packing.steps:
        best[start:end] = scores[start:end]
        if start:
            ways = best[previous : previous + end - start, None, :] + to_from
            from_tag[start:end] = ways.argmax(axis=2)
            best[start:end] += ways.max(axis=2)
        previous = start
    tags = best.argmax(axis=1)  # right where a sequence ends; elsewhere the next tag says
    for (before, _), (start, end) in zip(packing.steps[-2::-1], packing.steps[:0:-1], strict=True):
        rows = np.arange(start, end)
        tags[before : before + end - start] = from_tag[rows, tags[rows]]
    return tags
