"""How a training went, epoch by epoch: as a table and as a picture."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cohort.base.files import atomic_file, open_table
from cohort.base.learning_curve import PICTURE, CurveLine, draw
from cohort.facts.structures import BY_ID, STRUCTURES

HISTORY_TABLE = "history.csv"


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to.

    Attributes
    ----------
    number
        From 1 on.
    loss
        Mean training loss.
    learning_rate
        At the end of the epoch.
    dice
        Structure id to its mean Dice over the validation cases that have the structure or where
        some was marked, a false alarm counting as 0; None if there was none. Holds no structure
        that is not learnt; empty where the epoch was not validated.
    seconds
        Duration, validation included.
    cases
        Structure id to the number of validation cases that have it. One that none has is in no
        mean: a false voxel would decide whether it enters, as 0. What is not named here counts,
        as in checkpoints of earlier versions.
    """

    number: int
    loss: float
    learning_rate: float
    dice: Mapping[str, float | None]
    seconds: float
    cases: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_scored(self) -> bool:
        """Whether there was anything to score that counts in the mean."""
        return bool(self._counted)

    @property
    def _counted(self) -> list[float]:
        return [
            value
            for name, value in self.dice.items()
            if value is not None and BY_ID[name].in_means and self.cases.get(name, 1)
        ]

    @property
    def mean_dice(self) -> float:
        """Mean Dice over the structures that count in it and could be scored; 0 if none could."""
        return sum(self._counted) / len(self._counted) if self._counted else 0.0


class History:
    """The epochs of a training so far."""

    def __init__(self) -> None:
        self.epochs: list[Epoch] = []

    @property
    def best(self) -> Epoch | None:
        """The first epoch with the highest mean Dice; the last if none could be scored."""
        scored = (epoch for epoch in self.epochs if epoch.is_scored)
        return max(scored, key=lambda epoch: epoch.mean_dice, default=self.last)

    @property
    def stale(self) -> int:
        """How many epochs have come since the best one."""
        return self.last.number - self.best.number if self.last and self.best else 0

    @property
    def last(self) -> Epoch | None:
        """The latest epoch."""
        return self.epochs[-1] if self.epochs else None

    @property
    def validated(self) -> Mapping[str, float | None]:
        """Dice of the latest validation by structure; empty if there was none."""
        return next((epoch.dice for epoch in reversed(self.epochs) if epoch.dice), {})

    def save(self, folder: Path) -> None:
        """Write `history.csv` to `folder`, atomically."""
        with (
            atomic_file(folder / HISTORY_TABLE) as temporary,
            open_table(temporary, "w") as file,
        ):
            names = [f"val_dice_{structure.id}" for structure in STRUCTURES]
            head = ["epoch", "loss", "learning_rate", *names, "val_mean_dice", "seconds"]
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(head)
            writer.writerows(_row(epoch) for epoch in self.epochs)

    def draw(self, folder: Path) -> None:
        """Write `learning_curve.png` to `folder`, atomically."""
        numbers = [epoch.number for epoch in self.epochs]
        losses = [epoch.loss for epoch in self.epochs]
        draw(
            folder / PICTURE,
            [CurveLine(numbers, losses, "loss", {"color": "black", "marker": "o"})],
            list(_scores(self.epochs)),
            titles=("Training loss", "Validation Dice"),
            unit="epoch",
            best=1,
        )

    def state_dict(self) -> dict[str, Any]:
        """Return the epochs in plain values, for a checkpoint."""
        return {
            "epochs": [
                vars(epoch) | {"dice": dict(epoch.dice), "cases": dict(epoch.cases)}
                for epoch in self.epochs
            ]
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take the epochs from a checkpoint."""
        self.epochs = [Epoch(**values) for values in state["epochs"]]


def _row(epoch: Epoch) -> list[str | int]:
    dice = [epoch.dice.get(structure.id) for structure in STRUCTURES]
    return [
        epoch.number,
        f"{epoch.loss:.5f}",
        f"{epoch.learning_rate:.3g}",
        *("" if value is None else f"{value:.4f}" for value in dice),
        f"{epoch.mean_dice:.4f}" if epoch.is_scored else "",
        f"{epoch.seconds:.2f}",
    ]


def _scores(epochs: Sequence[Epoch]) -> Iterator[CurveLine]:
    """Yield the validation's Dice: of each structure that has any, and the mean."""
    scored = [epoch for epoch in epochs if epoch.dice]
    places = [epoch.number for epoch in scored]
    for structure in STRUCTURES:
        dice = [epoch.dice.get(structure.id) for epoch in scored]
        if any(value is not None for value in dice):
            colour = tuple(part / 255 for part in structure.colour)
            yield CurveLine(places, dice, structure.name_en, {"color": colour, "marker": "o"})
    means = [epoch.mean_dice if epoch.is_scored else None for epoch in scored]
    yield CurveLine(places, means, "Mean", {"color": "black", "linestyle": "--"})
