"""Schemes of character tags: which one a file uses, and how illegal sequences are repaired.

=========  ========================================================  ==================
scheme     letters                                                   entity of 3, of 1
=========  ========================================================  ==================
BIO        B begins, I goes on                                       B I I, B
BIOES      B begins, I goes on, E ends, S is a single character      B I E, S
BMES       the same with M (middle) for I                            B M E, S
BMEWO      the same with M for I and W (whole) for S                 B M E, W
BILOU      the same with L (last) for E and U (unit) for S           B I L, U
=========  ========================================================  ==================

A tag is a letter and an entity type, `B-SIGNS`, or reversed, `SIGNS-B`; `O` is outside.

**Repair rule.** Every tagged character keeps its type, and no character gains one. Reading left
to right, B and S begin an entity; I and E go on with an open entity of their own type and begin
one if there is none; E and S end it, and so do O, another type and the end of the document.
Tags that stand otherwise than this reading would write them in their own scheme are counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

OUTSIDE = "O"

# Letter to its name in BIOES.
_SCHEMES: dict[str, dict[str, str]] = {
    "BIO": {"B": "B", "I": "I"},
    "BIOES": {"B": "B", "I": "I", "E": "E", "S": "S"},
    "BMES": {"B": "B", "M": "I", "E": "E", "S": "S"},
    "BMEWO": {"B": "B", "M": "I", "E": "E", "W": "S"},
    "BILOU": {"B": "B", "I": "I", "L": "E", "U": "S"},
}
_LETTERS = frozenset("BIMELSWU")
_DELIMITERS = "-_"


class Scheme(NamedTuple):
    """How tags are written.

    Attributes
    ----------
    name
        "BIO", "BIOES", "BMES", "BMEWO" or "BILOU".
    reversed
        Whether the type stands first (`SIGNS-B`).
    """

    name: str
    reversed: bool

    def __str__(self) -> str:
        return f"{self.name}, reversed (TYPE-B)" if self.reversed else self.name

    def to_bioes(self, tag: str) -> str | None:
        """Return `tag` with its BIOES letter first, or None if it isn't of this scheme."""
        if tag == OUTSIDE:
            return OUTSIDE
        letter, label = _take_apart(tag, self.reversed)
        bioes = _SCHEMES[self.name].get(letter)
        return f"{bioes}-{label}" if bioes and label else None


class Span(NamedTuple):
    """An entity or a section: characters `start` to `end` (not included) have the label `label`."""

    start: int
    end: int
    label: str


def detect(tags: Iterable[str]) -> Scheme | None:
    """Return the scheme that most distinct `tags` are of; None if all are O, or none is a tag."""
    tags = [tag for tag in set(tags) if tag != OUTSIDE]
    readings = []
    for turned in (False, True):
        letters = [letter for letter, label in (_take_apart(t, turned) for t in tags) if label]
        known = [letter for letter in letters if letter in _LETTERS]
        for name, table in _SCHEMES.items():
            fitting = sum(letter in table for letter in known)
            readings.append((fitting, Scheme(name, turned)))
    # `max` takes the first of equals: plain before reversed, BIO before BIOES before BMES.
    fitting, scheme = max(readings, key=lambda reading: reading[0], default=(0, None))
    return scheme if fitting else None


def spans(tags: Sequence[str], gaps: frozenset[int] | set[int] = frozenset()) -> list[Span]:
    """Return the entities that BIOES `tags` mark, illegal sequences read by the repair rule.

    Parameters
    ----------
    tags
        `O`, `B-…`, `I-…`, `E-…` and `S-…`, one per character.
    gaps
        Indices that carry no tag of their own (line breaks of a record): they end no entity.

    Examples
    --------
    >>> spans(["O", "I-SITE", "E-SITE", "S-SIDE"])
    [Span(start=1, end=3, label='SITE'), Span(start=3, end=4, label='SIDE')]
    """
    found: list[Span] = []
    start, end, open_label = 0, 0, ""
    for index, tag in enumerate(tags):
        if tag == OUTSIDE:
            if open_label and index not in gaps:
                found.append(Span(start, end, open_label))
                open_label = ""
            continue
        letter, label = tag[0], tag[2:]
        if open_label and (letter in "BS" or label != open_label):
            found.append(Span(start, end, open_label))
            open_label = ""
        if not open_label:
            start, open_label = index, label
        end = index + 1
        if letter in "ES":
            found.append(Span(start, end, open_label))
            open_label = ""
    if open_label:
        found.append(Span(start, end, open_label))
    return found


def bioes(entities: Iterable[Span], length: int) -> list[str]:
    """Return the BIOES tags of `length` characters that mark `entities` (they never overlap).

    Examples
    --------
    >>> bioes([Span(1, 3, "SITE")], 4)
    ['O', 'B-SITE', 'E-SITE', 'O']
    """
    tags = [OUTSIDE] * length
    for start, end, label in entities:
        if end - start == 1:
            tags[start] = f"S-{label}"
            continue
        tags[start] = f"B-{label}"
        tags[start + 1 : end - 1] = [f"I-{label}"] * (end - start - 2)
        tags[end - 1] = f"E-{label}"
    return tags


def _take_apart(tag: str, turned: bool) -> tuple[str, str]:
    """Return the letter and the type of `tag`, empty where it has none."""
    if len(tag) < 3:
        return "", ""
    if turned:
        return (tag[-1], tag[:-2]) if tag[-2] in _DELIMITERS else ("", "")
    return (tag[0], tag[2:]) if tag[1] in _DELIMITERS else ("", "")
