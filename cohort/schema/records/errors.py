"""What `text.errors` counted, `errors.json`: scores, confusion and groups of errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic.dataclasses import dataclass

from cohort.schema.problems import Integer, Number
from cohort.schema.scans.scan import OPEN

Counts = Mapping[str, Integer]


@dataclass(frozen=True, config=OPEN)
class StrictScore:
    """How well entities are found; one counts if span and label are exact.

    Attributes
    ----------
    precision, recall
        Null where nothing was found, or is annotated.
    f1
        Their harmonic mean, 0 where one of them is undefined.
    gold, predicted, correct
        Entities annotated, found, and found exactly.
    """

    precision: Number | None
    recall: Number | None
    f1: Number
    gold: Integer
    predicted: Integer
    correct: Integer


@dataclass(frozen=True, config=OPEN)
class StrictScores:
    """Scores of a pipeline.

    Attributes
    ----------
    all
        Over all labels (micro average).
    labels
        Label to its score, the lowest first.
    learnt
        Over the labels that the pipeline knows; null if none of these is annotated.
    """

    all: StrictScore
    labels: Mapping[str, StrictScore]
    learnt: StrictScore | None


@dataclass(frozen=True, config=OPEN)
class AnnotatedLabel:
    """What became of the annotated entities of a label.

    Attributes
    ----------
    predicted
        Predicted label to how many answer to them; of the same label the correct ones alone.
    boundary
        How many were found with the same label and other boundaries.
    missed
        How many nothing answers to.
    """

    predicted: Counts
    boundary: Integer
    missed: Integer


@dataclass(frozen=True, config=OPEN)
class LabelConfusion:
    """What became of all entities.

    Attributes
    ----------
    gold
        Annotated label to what became of its entities.
    spurious
        Predicted label to its entities that answer to nothing.
    """

    gold: Mapping[str, AnnotatedLabel]
    spurious: Counts


@dataclass(frozen=True, config=OPEN)
class ErrorGroup:
    """Errors that are alike.

    Attributes
    ----------
    kind
        Of the errors.
    gold_label, gold_text, predicted_label, predicted_text
        Label and text of what is annotated and of what is predicted; null where nothing is.
    count
        How many errors they are.
    annotated, found
        How often the corpus annotates just this text with this label, and how many of these are
        found exactly.
    """

    kind: Literal["boundary", "label", "boundary, label", "missed", "spurious"]
    gold_label: str | None
    gold_text: str | None
    predicted_label: str | None
    predicted_text: str | None
    count: Integer
    annotated: Integer
    found: Integer


@dataclass(frozen=True, config=OPEN)
class ErrorsFile:
    """What a pipeline gets wrong.

    Attributes
    ----------
    model, corpus
        As they were given.
    documents, unannotated
        How many were scored, and how many left out, since nothing says that they were annotated.
    scores
        How well entities are found.
    unlearnt
        Annotated labels that the pipeline does not know.
    kinds
        Kind of a pair (`text.scores.alignment`) to how many there are.
    confusion
        What was found in place of what.
    groups
        All errors, the largest group first.
    """

    model: str
    corpus: str
    documents: Integer
    unannotated: Integer
    scores: StrictScores
    unlearnt: tuple[str, ...]
    kinds: Counts
    confusion: LabelConfusion
    groups: tuple[ErrorGroup, ...]
