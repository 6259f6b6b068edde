"""Bland-Altman plots of what a clinician would read off: volumes and midline shift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cohort.facts.structures import STRUCTURES
from imaging.scores.agreement import agreement
from imaging.scores.metrics import StructureScore

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_agreement(scores: Sequence[StructureScore]) -> Figure | None:
    """Draw prediction minus reference against the mean of both, a panel for each structure.

    Volumes in mL, and in the midline's place its shift in mm, positive toward the patient's
    left. Lines are bias and limits of agreement, shaded with their 95 % confidence intervals.

    Returns
    -------
    matplotlib.figure.Figure or None
        None where no structure has two cases to compare.
    """
    from matplotlib.figure import Figure

    panels = []
    for structure in STRUCTURES:
        rows = [row for row in scores if row.structure == structure.id]
        if structure.id == "midline":
            shifts = [(row.shift_mm, row.reference_shift_mm) for row in rows]
            pairs, what = [pair for pair in shifts if None not in pair], "shift, mm"
        else:
            judged = [row for row in rows if row.status != "absent"]
            pairs, what = (
                [(row.volume_ml, row.reference_ml) for row in judged if row.volume_ml is not None],
                "volume, mL",
            )
        if len(pairs) > 1:
            panels.append((structure, f"{structure.name_en}: {what}", np.array(pairs, dtype=float)))
    if not panels:
        return None
    figure = Figure(figsize=(4.4 * len(panels), 3.8), dpi=100, layout="constrained")
    all_axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (structure, title, values) in zip(all_axes, panels, strict=True):
        _draw_panel(axes, values, tuple(part / 255 for part in structure.colour))
        axes.set(title=title, xlabel="mean of prediction and reference")
    all_axes[0].set_ylabel("prediction − reference")
    return figure


def _draw_panel(axes: Any, pairs: NDArray, colour: tuple[float, ...]) -> None:
    result = agreement(*pairs.T)
    lines = [
        (result["bias"], result["bias_ci95"], "bias", "-"),
        (result["limits"][0], result["lower_limit_ci95"], "95 %", "--"),
        (result["limits"][1], result["upper_limit_ci95"], "95 %", "--"),
    ]
    axes.axhline(0, color="0.7", linewidth=0.8)
    for value, (low, high), name, style in lines:
        axes.axhspan(low, high, color="0.5", alpha=0.15, linewidth=0)
        axes.axhline(value, color="black", linewidth=1, linestyle=style)
        axes.annotate(
            f"{name} {value:.1f}",
            (1, value),
            xycoords=("axes fraction", "data"),
            xytext=(-3, 2),
            textcoords="offset points",
            ha="right",
            fontsize="small",
        )
    axes.scatter(pairs.mean(axis=1), pairs[:, 0] - pairs[:, 1], s=18, color=colour, edgecolor="0.2")
    axes.margins(x=0.1)
