"""Pictures of scores and confusions. Labels may be Chinese, and the font at hand may not be."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from text.scores.scores import Tally

SCORES = "scores.png"
CONFUSION = "confusion.png"

FONTS = (
    "DejaVu Sans",  # matplotlib's own: what it can write looks the same everywhere
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "PingFang SC", "Hiragino Sans GB"),
    *("Microsoft YaHei", "SimHei", "Heiti SC", "Arial Unicode MS", "AR PL UMing CN"),
)
"""Fonts to write labels in, if they are installed: the first that has all their characters."""

LONGEST = 24
"""Characters of a label that are drawn."""

# Blue, orange and a dark grey of Okabe and Ito's palette for colour-blind readers (Wong 2011,
# doi:10.1038/nmeth.1618); they differ in lightness too, and the bars also by hatching.
PRECISION, RECALL, F1 = "#56b4e9", "#e69f00", "#333333"


def save_charts(folder: Path, tally: Tally) -> dict[str, str]:
    """Draw scores and confusion to `folder`.

    Returns
    -------
    dict of str to str
        Label to the number that stands for it in the pictures; empty if all could be written.
    """
    labels = tally.worst_first()
    font = font_for(labels)
    names = {label: f"{n}" for n, label in enumerate(labels, 1)} if font is None else {}
    shown = [names.get(label, _short(label)) for label in labels]
    # parse_math: a dollar sign in a label is a dollar sign.
    style: dict[str, Any] = {"fontfamily": font or FONTS[0], "parse_math": False}
    _draw_scores(folder / SCORES, tally, labels, shown, style)
    _draw_confusion(folder / CONFUSION, tally, labels, shown, style)
    return names


def font_for(texts: Iterable[str]) -> str | None:
    """Return an installed font that has all characters of `texts`, or None."""
    from matplotlib.font_manager import fontManager

    needed = {ord(character) for text in texts for character in text}
    files = {entry.name: entry.fname for entry in reversed(fontManager.ttflist)}
    return next((name for name in FONTS if name in files and needed <= _glyphs(files[name])), None)


@cache
def _glyphs(path: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):  # a font that is damaged, or gone since the list was made
        return frozenset()


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"


def _draw_scores(
    path: Path, tally: Tally, labels: list[str], shown: list[str], style: dict[str, Any]
) -> None:
    from matplotlib.figure import Figure

    scores = [*(tally.labels[label] for label in labels), tally.all]
    rows = np.arange(len(scores))
    figure = Figure(figsize=(8, 1.3 + 0.42 * len(scores)), dpi=100, layout="constrained")
    axes = figure.subplots()
    bars = (
        ("Precision", [score.precision for score in scores], PRECISION, "", -0.25),
        ("Recall", [score.recall for score in scores], RECALL, "///", 0.0),
        ("F1", [score.f1 for score in scores], F1, "", 0.25),
    )
    for name, values, colour, hatch, shift in bars:
        widths = [0.0 if value is None else value for value in values]
        look: dict[str, Any] = {
            "color": colour,
            "hatch": hatch,
            "edgecolor": "white",
            "linewidth": 0.3,
        }
        axes.barh(rows + shift, widths, height=0.25, label=name, **look)
    for row, score in zip(rows, scores, strict=True):
        text = f" {score.f1:.3f}"
        axes.text(score.f1, row + 0.25, text, va="center", fontsize="x-small")
    counts = [f"{name}  ({s.gold})" for name, s in zip([*shown, "all"], scores, strict=True)]
    axes.set_yticks(rows, counts, **style)
    axes.axhline(len(labels) - 0.5, color="0.6", linewidth=0.8)
    axes.set(xlim=(0, 1.08), ylim=(len(scores) - 0.4, -0.6))
    axes.set_title("Strict scores by label (annotated entities)")
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    figure.legend(loc="outside lower center", ncols=3, fontsize="small")
    figure.savefig(path)


def _draw_confusion(
    path: Path, tally: Tally, labels: list[str], shown: list[str], style: dict[str, Any]
) -> None:
    from matplotlib.figure import Figure

    counts = confusion_array(tally, labels)
    totals = counts[:-1].sum(axis=1, keepdims=True)
    # The share of a row, so that rare labels can be seen; the spurious have no such total.
    shares = np.zeros(counts.shape)
    np.divide(counts[:-1], totals, out=shares[:-1], where=totals > 0)
    side = 1.8 + 0.42 * counts.shape[1]
    figure = Figure(figsize=(side + 0.8, side), dpi=100, layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > 0.6 else "black"
            look: dict[str, Any] = {
                "ha": "center",
                "va": "center",
                "fontsize": "x-small",
                "color": colour,
            }
            axes.text(column, row, str(count), fontdict=look)
    columns = [*shown, "other boundaries", "missed"]
    axes.set_xticks(range(len(columns)), columns, rotation=90, **style)
    axes.set_yticks(range(len(shown) + 1), [*shown, "spurious"], **style)
    axes.axhline(len(labels) - 0.5, color="0.3", linewidth=0.8)
    axes.axvline(len(labels) - 0.5, color="0.3", linewidth=0.8)
    axes.set(xlabel="predicted", ylabel="annotated")
    axes.set_title("What became of the entities of each label")
    figure.savefig(path)


def confusion_array(tally: Tally, labels: list[str]) -> np.ndarray:
    """Return the confusion as counts.

    Returns
    -------
    numpy.ndarray
        [labels + 1, labels + 2]: a row for each annotated label and one for the spurious; a
        column for each predicted label, one for other boundaries and one for the missed.
    """
    confusion = tally.confusion
    size = len(labels)
    counts = np.zeros((size + 1, size + 2), dtype=int)
    for row, gold in enumerate(labels):
        counts[row, :size] = [confusion.cells[gold, predicted] for predicted in labels]
        counts[row, size:] = confusion.boundary[gold], confusion.missed[gold]
    counts[size, :size] = [confusion.spurious[predicted] for predicted in labels]
    return counts
