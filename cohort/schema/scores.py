"""What `imaging.evaluate` writes over all cases of a part, `<part>.json`, and the report reads.

Of the text half's scores that file is spaCy's own (`spacy evaluate`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pydantic.dataclasses import dataclass

from cohort.schema.problems import Integer, Number
from cohort.schema.scan import OPEN, Note


@dataclass(frozen=True, config=OPEN)
class ScoresFile:
    """How well predicted masks fit the reference masks, over all cases of a part.

    Attributes
    ----------
    cases
        How many there are.
    part, split, split_by
        Which part of which split they are, and whether that is by patient or by slice.
    model
        What predicted.
    mean_dice
        Mean over the structures.
    structures
        Structure to its scores: means with intervals, and how often it was found or missed.
    measurements
        How measurements on predicted masks agree with those on reference masks.
    left_out
        Why cases were left out, to how many.
    not_learnt
        Structure that the model hasn't learnt, to the reason.
    notes
        What is unusual about the files of a case.
    """

    cases: Integer
    part: str
    structures: Mapping[str, Any]
    mean_dice: Number | None = None
    model: Mapping[str, Any] | str | None = None
    split: str | None = None
    split_by: str | None = None
    measurements: Mapping[str, Any] = field(default_factory=dict)
    left_out: Mapping[str, Any] = field(default_factory=dict)
    not_learnt: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
