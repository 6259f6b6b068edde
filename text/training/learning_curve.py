"""How a spaCy training went: its log, and the log as a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, pairwise
from pathlib import Path

from cohort.base import learning_curve as shared
from cohort.base.errors import DataError
from cohort.base.learning_curve import CurveLine

LOG = "history.jsonl"

# Okabe and Ito's palette for colour-blind readers (Wong 2011, doi:10.1038/nmeth.1618); markers
# and lines differ as well.
_SCORES = (
    ("ents_f", "F1", "black", "-", "o"),
    ("ents_p", "Precision", "#0072b2", "--", "^"),
    ("ents_r", "Recall", "#d55e00", ":", "s"),
)


@dataclass(frozen=True)
class Step:
    """One evaluation during a training.

    Attributes
    ----------
    epoch, step
        When: passes over the training part, and batches, so far.
    losses
        Component to its loss, summed over the batches since the evaluation before.
    scores
        Score (`ents_f`, …) to its value on the validation part, 0 to 100.
    """

    epoch: int
    step: int
    losses: Mapping[str, float]
    scores: Mapping[str, float]


def find_log(model: Path) -> Path | None:
    """Return the training log that stands beside the pipeline's folder `model`, if there is one."""
    log = model.resolve().parent / LOG
    return log if model.is_dir() and log.is_file() else None


def read_log(path: Path) -> list[Step]:
    """Read the file that spaCy's `ConsoleLogger` writes, a JSON object per line.

    Raises
    ------
    DataError
        If it is missing, empty or something else.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise DataError(f"{path}: no such training log.") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not a training log of spaCy's (not UTF-8 text).") from None
    steps = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            steps.append(
                Step(
                    int(row["epoch"]),
                    int(row["step"]),
                    {str(name): float(loss) for name, loss in row["losses"].items()},
                    {str(name): float(score) for name, score in row["scores"].items()},
                )
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DataError(
                f"{path}: line {number} is not a line of spaCy's training log."
            ) from None
    if not steps:
        raise DataError(f"{path}: is empty; the training ended before its first evaluation.")
    return steps


def mean_losses(steps: Sequence[Step]) -> dict[str, list[float | None]]:
    """Return the loss a batch of each component that learns, at each evaluation.

    spaCy logs sums since the evaluation before, and its first evaluation comes after a single
    batch, so that the sums would begin with a jump.
    """
    numbers = [step.step for step in steps]
    batches = [max(b - a, 1) for a, b in pairwise([-1, *numbers])]
    names = [name for name in steps[0].losses if any(step.losses.get(name) for step in steps)]
    means: dict[str, list[float | None]] = {}
    for name in names:
        losses = [step.losses.get(name) for step in steps]
        means[name] = [
            None if loss is None else loss / n for loss, n in zip(losses, batches, strict=True)
        ]
    return means


def draw_training(path: Path, steps: Sequence[Step]) -> None:
    """Write the picture to `path`, atomically: mean losses to the left, scores to the right."""
    numbers = [step.step for step in steps]
    means = mean_losses(steps)
    losses = [
        CurveLine(
            *(numbers, values, name),
            {"color": "black", "linestyle": "-" if marker == "o" else "--", "marker": marker},
        )
        for (name, values), marker in zip(means.items(), cycle("osv^DPX"), strict=False)
    ]
    scores = [
        CurveLine(numbers, values, title, {"color": colour, "linestyle": line, "marker": marker})
        for name, title, colour, line, marker in _SCORES
        if None not in (values := [step.scores.get(name) for step in steps])
    ]
    best = max(steps, key=lambda step: step.scores.get("ents_f", 0.0))
    text = f"best F1 {best.scores.get('ents_f', 0.0):.1f} at batch {best.step}"
    shared.draw(
        *(path, losses, scores),
        titles=("Training loss per batch", f"Validation scores ({text})"),
        unit="batches",
        best=101,
        chosen=best.step,
    )
