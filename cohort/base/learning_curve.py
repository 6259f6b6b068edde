"""The picture of a training: losses to the left, scores to the right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cohort.base.files import atomic_file

PICTURE = "learning_curve.png"


class CurveLine(NamedTuple):
    """A line: places along the training, values there (None where there is none), and its look."""

    places: Sequence[int]
    values: Sequence[float | None]
    label: str
    look: dict[str, Any]


def draw(
    path: Path,
    losses: Sequence[CurveLine],
    scores: Sequence[CurveLine],
    *,
    titles: tuple[str, str],
    unit: str,
    best: float,
    chosen: int | None = None,
) -> None:
    """Write the picture to `path`, atomically.

    Parameters
    ----------
    losses, scores
        The lines of the two halves.
    titles
        What stands above the halves.
    unit
        What the places along the training count.
    best
        The upper end of the scores.
    chosen
        The place to mark among the scores.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(9, 3.6), dpi=100)
    both = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.08, right=0.98, bottom=0.14, top=0.9, wspace=0.18)
    for axes, lines, title, top in zip(both, (losses, scores), titles, (None, best), strict=True):
        for places, values, label, look in lines:
            known = [math.nan if value is None else value for value in values]
            axes.plot(places, known, label=label, **({"markersize": 3} | look))
        axes.set(title=title, xlabel=unit, ylim=(0, top))
        axes.grid(alpha=0.3)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(losses) > 1:
        both[0].legend(loc="upper right", fontsize="small")
    if chosen is not None:
        both[1].axvline(chosen, color="0.5", linewidth=0.8)
    if scores:
        both[1].legend(loc="lower right", fontsize="small")
    with atomic_file(path) as temporary:
        figure.savefig(temporary)
