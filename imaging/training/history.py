"""How a training went, epoch by epoch: as a table and as a picture."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cohort.base.files import atomic_file, open_table
from cohort.facts.structures import STRUCTURES

TABLE = "history.csv"
PICTURE = "learning_curve.png"


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
        Structure id to its mean Dice over validation cases that have the structure; None if
        no case has. Holds no structure that is not learnt; empty where the epoch was not
        validated.
    seconds
        Duration, validation included.
    """

    number: int
    loss: float
    learning_rate: float
    dice: Mapping[str, float | None]
    seconds: float

    @property
    def is_scored(self) -> bool:
        """Whether there was anything to score."""
        return any(value is not None for value in self.dice.values())

    @property
    def mean_dice(self) -> float:
        """Mean Dice over the structures that could be scored; 0 if none could."""
        values = [value for value in self.dice.values() if value is not None]
        return sum(values) / len(values) if values else 0.0


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

    def save(self, folder: Path) -> None:
        """Write `history.csv` to `folder`, atomically."""
        with (
            atomic_file(folder / TABLE) as temporary,
            open_table(temporary, "w") as file,
        ):
            names = [f"val_dice_{structure.id}" for structure in STRUCTURES]
            head = ["epoch", "loss", "learning_rate", *names, "val_mean_dice", "seconds"]
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(head)
            writer.writerows(_row(epoch) for epoch in self.epochs)

    def draw(self, folder: Path) -> None:
        """Write `learning_curve.png` to `folder`, atomically."""
        _draw(folder / PICTURE, self.epochs)

    def state_dict(self) -> dict[str, Any]:
        """Return the epochs in plain values, for a checkpoint."""
        return {"epochs": [vars(epoch) | {"dice": dict(epoch.dice)} for epoch in self.epochs]}

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


def _draw(path: Path, epochs: Sequence[Epoch]) -> None:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    numbers = [epoch.number for epoch in epochs]
    figure = Figure(figsize=(9, 3.6), dpi=100)
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.07, right=0.98, bottom=0.14, top=0.9, wspace=0.15)
    left.plot(numbers, [epoch.loss for epoch in epochs], color="black", marker=".")
    left.set(title="Training loss", xlabel="epoch", ylim=(0, None))
    scored = [epoch for epoch in epochs if epoch.dice]
    validated = [epoch.number for epoch in scored]
    for structure in STRUCTURES:
        dice = [epoch.dice.get(structure.id) for epoch in scored]
        if not any(value is not None for value in dice):
            continue  # not learnt, or not annotated
        values = [math.nan if value is None else value for value in dice]
        colour = tuple(part / 255 for part in structure.colour)
        right.plot(validated, values, color=colour, marker=".", label=structure.name_en)
    mean = [epoch.mean_dice if epoch.is_scored else math.nan for epoch in scored]
    right.plot(validated, mean, color="black", linestyle="--", label="Mean")
    right.set(title="Validation Dice", xlabel="epoch", ylim=(0, 1))
    right.legend(loc="lower right", fontsize="small")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    with atomic_file(path) as temporary:
        figure.savefig(temporary)
