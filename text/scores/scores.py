"""Strict scores and the confusion of labels, counted over aligned entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from text.scores.alignment import BOUNDARY, CORRECT, MISSED, SPURIOUS, EntityPair


@dataclass
class EntityScore:
    """How well one label, or all of them, is found; an entity counts if span and label are exact.

    Attributes
    ----------
    gold, predicted, correct
        Entities annotated, found, and found exactly.
    """

    gold: int = 0
    predicted: int = 0
    correct: int = 0

    @property
    def precision(self) -> float | None:
        """Share of the found that are correct; None if none was found."""
        return self.correct / self.predicted if self.predicted else None

    @property
    def recall(self) -> float | None:
        """Share of the annotated that are found; None if none is annotated."""
        return self.correct / self.gold if self.gold else None

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0 where one of them is undefined."""
        total = self.gold + self.predicted
        return 2 * self.correct / total if total else 0.0

    @property
    def wrong(self) -> int:
        """Entities annotated and not found exactly, and found and not annotated so."""
        return self.gold + self.predicted - 2 * self.correct

    def to_json(self) -> dict[str, Any]:
        """Return counts and scores, rounded to 4 digits."""
        scores = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        counts = {"gold": self.gold, "predicted": self.predicted, "correct": self.correct}
        return {k: None if v is None else round(v, 4) for k, v in scores.items()} | counts


@dataclass
class Confusion:
    """What became of the entities of each label.

    Attributes
    ----------
    cells
        Annotated label and predicted label to the number of pairs; on the diagonal the correct
        ones alone, elsewhere whatever their boundaries.
    boundary
        Label to its pairs of the same label and other boundaries.
    missed
        Label to annotated entities that nothing answers to.
    spurious
        Label to predicted entities that nothing answers to.
    """

    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    boundary: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    spurious: Counter[str] = field(default_factory=Counter)

    def to_json(self, labels: Iterable[str]) -> dict[str, Any]:
        """Return a row for each annotated label, zeros left out, and the row of the spurious."""
        labels = list(labels)
        rows = {
            gold: {
                "predicted": {k: n for k in labels if (n := self.cells[gold, k])},
                "boundary": self.boundary[gold],
                "missed": self.missed[gold],
            }
            for gold in labels
        }
        return {"gold": rows, "spurious": {k: n for k in labels if (n := self.spurious[k])}}

    def rows(self, labels: Sequence[str]) -> list[list[int]]:
        """Return the confusion as a matrix.

        Returns
        -------
        list of list of int
            [labels + 1, labels + 2]: a row for each annotated label and one for the spurious; a
            column for each predicted label, one for other boundaries and one for the missed.
        """
        rows = [
            [*(self.cells[gold, name] for name in labels), self.boundary[gold], self.missed[gold]]
            for gold in labels
        ]
        return [*rows, [*(self.spurious[name] for name in labels), 0, 0]]


@dataclass
class Tally:
    """All that is counted over the pairs of a corpus.

    Attributes
    ----------
    labels
        Label to its score.
    confusion
        What became of the entities of each label.
    kinds
        Kind of pair (see `text.scores.alignment`) to its number.
    """

    labels: dict[str, EntityScore] = field(default_factory=dict)
    confusion: Confusion = field(default_factory=Confusion)
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def all(self) -> EntityScore:
        """The score over the entities of all labels (micro average)."""
        return self.over(self.labels)

    def over(self, labels: Iterable[str]) -> EntityScore:
        """Return the score over the entities of some labels (micro average)."""
        scores = [self.labels[label] for label in labels]
        return EntityScore(
            sum(score.gold for score in scores),
            sum(score.predicted for score in scores),
            sum(score.correct for score in scores),
        )

    def worst_first(self) -> list[str]:
        """Return the labels, those with the lowest F1 first, of equals those most annotated."""
        return sorted(
            self.labels, key=lambda name: (self.labels[name].f1, -self.labels[name].gold, name)
        )

    def add(self, pair: EntityPair) -> None:
        """Count `pair`."""
        gold, predicted, kind = pair.gold, pair.predicted, pair.kind
        self.kinds[kind] += 1
        if gold:
            self.labels.setdefault(gold.label, EntityScore()).gold += 1
        if predicted:
            self.labels.setdefault(predicted.label, EntityScore()).predicted += 1
        if gold and kind == MISSED:
            self.confusion.missed[gold.label] += 1
        elif predicted and kind == SPURIOUS:
            self.confusion.spurious[predicted.label] += 1
        elif gold and predicted:
            if kind == BOUNDARY:
                self.confusion.boundary[gold.label] += 1
            else:
                self.confusion.cells[gold.label, predicted.label] += 1
            self.labels[gold.label].correct += kind == CORRECT
