"""Entities that are likelier than not: what `hich_ner` marks.

The tagging that is likeliest as a whole (Viterbi 1967, doi:10.1109/TIT.1967.1054010) has entities
that are likelier wrong than right: of 左侧肢体, 肢体 and none the one with the largest share. Here
each entity is asked for by itself, all taggings weighed. Two that are likelier than not never
overlap, since no tagging has both. F1 is highest with a limit of half the F1 reached (Lipton, Elkan
and Naryanaswamy 2014, doi:10.1007/978-3-662-44851-9_15), which is close to one half.
"""

from __future__ import annotations

import numpy as np

from .biluo import Biluo
from .crf import Array, Marginals, Packing

LIMIT = 0.5
"""Probability above which an entity is marked; lower ones would let entities overlap."""


def likely_entities(
    found: Marginals, packing: Packing, scheme: Biluo
) -> list[tuple[int, int, str]]:
    """Return the entities that are likelier than not, sorted.

    Parameters
    ----------
    found
        Of the tags of `scheme`.
    packing
        The order of `found`.
    scheme
        The tags.

    Returns
    -------
    list of (int, int, str)
        Start and end among the rows of the concatenated sequences, and label.
    """
    probability = found.tags
    after = np.empty(len(probability), dtype="int64")
    after[packing.before] = np.flatnonzero(~packing.first)
    begins, inner, lasts, units = np.arange(1, len(scheme.tags)).reshape(-1, 4).T
    rows, labels = np.nonzero(probability[:, units] > LIMIT)
    likely = [(rows, rows, labels)]
    starts, labels = np.nonzero(probability[:, begins] > LIMIT)
    # Probability of all that begins there with that label, by what comes before it and itself. It
    # falls with each token, and an entity that has become unlikely is followed no further.
    before, rows, tags = found.forward[starts, begins[labels]], starts, begins[labels]
    while len(starts):
        rows = after[rows]
        ends, ways = lasts[labels], inner[labels]
        to_end = before * found.onto[tags, ends] * found.factors[rows, ends]
        ended = to_end * found.backward[rows, ends] > LIMIT
        likely.append((starts[ended], rows[ended], labels[ended]))
        before = before * found.onto[tags, ways] * found.factors[rows, ways]
        more = before * found.backward[rows, ways] > LIMIT
        starts, rows, labels, tags, before = (
            each[more] for each in (starts, rows, labels, ways, before)
        )
    return sorted(
        (start, end + 1, scheme.labels[label])
        for starts, ends, labels in likely
        for start, end, label in zip(
            *_lists(packing.rows[starts], packing.rows[ends], labels), strict=True
        )
    )


def _lists(*arrays: Array) -> list[list[int]]:
    return [array.tolist() for array in arrays]
