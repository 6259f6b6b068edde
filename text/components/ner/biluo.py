"""The BILUO tags of a recogniser's labels, spaCy's name for BIOES, and which may follow which."""

from collections.abc import Iterable, Sequence

import numpy as np

from .crf import IMPOSSIBLE, Array, Packing

OUTSIDE = "O"


class Biluo:
    """Tags of an entity's first (B), inner (I) and last (L) token, of one token (U), and none (O).

    Parameters
    ----------
    labels
        Labels of the entities.

    Attributes
    ----------
    labels
        As given.
    tags
        `O`, then B, I, L and U of each label.
    transitions
        `(tags, tags)`, 0 where a tag may follow another, `IMPOSSIBLE` where not.
    first, last
        `(tags,)`, likewise for the first and the last token of a text.

    Examples
    --------
    >>> scheme = Biluo(["SITE"])
    >>> scheme.tags
    ['O', 'B-SITE', 'I-SITE', 'L-SITE', 'U-SITE']
    """

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels = tuple(labels)
        self.tags = [OUTSIDE, *(f"{part}-{label}" for label in labels for part in "BILU")]
        self.index = {tag: i for i, tag in enumerate(self.tags)}
        opens = np.array([tag[0] in "OBU" for tag in self.tags])
        closes = np.array([tag[0] in "OLU" for tag in self.tags])
        label_of = np.array([0, *(i for i in range(1, len(labels) + 1) for _ in "BILU")])
        same = label_of[:, None] == label_of[None, :]
        may_follow = np.where(closes[:, None], opens[None, :], ~opens[None, :] & same)
        self.transitions = np.where(may_follow, 0.0, IMPOSSIBLE)
        self.first = np.where(opens, 0.0, IMPOSSIBLE)
        self.last = np.where(closes, 0.0, IMPOSSIBLE)

    def possible(self, scores: Array, packing: Packing) -> Array:
        """Return packed `scores` with the tags ruled out that no text starts or ends with."""
        scores = scores.astype("float64")
        scores[packing.first] += self.first
        scores[packing.last] += self.last
        return scores

    def allowed(self, tags: Iterable["str | None"]) -> Array:
        """Return `(n, tags)`, which tags are right: one a token, or any where `None` stands.

        Raises
        ------
        KeyError
            If a tag is of none of the labels.
        """
        listed = list(tags)
        allowed = np.zeros((len(listed), len(self.tags)), dtype=bool)
        for row, tag in zip(allowed, listed, strict=True):
            row[slice(None) if tag is None else self.index[tag]] = True
        return allowed
