"""The charts on the page of errors: scores of a label as bars, and how the training went."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from cohort.base.html.bars import Bar, side_by_side
from cohort.base.html.chart import Chart, line_chart
from text.scores.scores import EntityScore
from text.training.learning_curve import Step, mean_losses

SHARES = ("precision", "recall", "F1")
"""What the bars of a label stand for, from top to bottom; `errors.css` has their colours."""

_SCORES = {"ents_p": "precision", "ents_r": "recall", "ents_f": "F1"}


def score_bars(label: str, score: EntityScore) -> Markup:
    """Draw precision, recall and F1 of a label."""
    shares = (score.precision, score.recall, score.f1)
    bars = [
        Bar(name.lower(), share or 0.0, f"{name} {'–' if share is None else f'{share:.3f}'}")
        for name, share in zip(SHARES, shares, strict=True)
    ]
    return side_by_side(bars, f"{label}: {', '.join(bar.said for bar in bars)}")


def training_charts(steps: Sequence[Step]) -> list[Chart]:
    """Draw the losses of a training, and its scores on the validation part from 0 to 1."""
    places = [step.step for step in steps]
    charts = []
    if losses := mean_losses(steps):
        lines = list(losses.items())
        axes = ("batches", "loss")
        charts.append(line_chart("Training loss per batch", "", places, lines, axes=axes))
    scores = [
        (name, [value / 100 for value in values if value is not None])
        for key, name in _SCORES.items()
        if None not in (values := [step.scores.get(key) for step in steps])
    ]
    if scores:
        best = max(steps, key=lambda step: step.scores.get("ents_f", 0.0))
        said = f"Best F1 {best.scores.get('ents_f', 0.0) / 100:.3f} at batch {best.step:,}."
        looks = [name.lower() for name, _ in scores]  # those of the bars
        charts.append(
            line_chart(
                *("Validation scores", said, places, scores),
                axes=("batches", "score"),
                top=1.0,
                looks=looks,
            )
        )
    return charts
