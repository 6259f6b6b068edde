"""The charts of a cohort's page: agreement, distributions, verdicts, learning curves."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from cohort.base.html.bars import Bar, side_by_side, stacked
from cohort.base.html.chart import Chart, line_chart
from cohort.base.html.plot import Plot
from hich.report.compare.rows import ASPECTS
from hich.report.messages import VERDICTS
from hich.report.model.cohort import BlandAltman, CaseSummary, Curve
from hich.report.pages.words import Words

MOST_LINKED = 400
"""Points that lead to their case's page; of more, all are only seen."""
BINS = 16


def bland_altman(pair: BlandAltman, pages: Mapping[str, str], words: Words) -> Chart:
    """Draw differences against means, with bias and limits of agreement."""
    means = [(a + b) / 2 for a, b in zip(pair.measured, pair.other, strict=True)]
    apart = [a - b for a, b in zip(pair.measured, pair.other, strict=True)]
    summary = pair.summary
    limits = summary.get("limits") or ()
    unit = words(f"unit.{pair.unit}")
    plot = Plot(
        words(f"agreement.{pair.beside}", words(f"aspect.{pair.aspect}")),
        _agreement_in_words(summary, pair.unit, words),
        Plot.x_scale(means),
        Plot.y_scale([*apart, *limits]),
        words("chart.mean", unit),
        words("chart.difference", unit),
    )
    if limits:
        plot.band(limits[0], limits[1], "band")
        for limit in limits:
            plot.level(limit, "limit", words.number(limit, pair.unit))
    plot.level(0, "zero")
    bias = summary.get("bias")
    if bias is not None:
        plot.level(bias, "bias", words("chart.bias", words.number(bias, pair.unit)))
    if len(means) <= MOST_LINKED:
        plot.linked_points(
            [
                (
                    mean,
                    difference,
                    quote(pages[case]) if case in pages else "#",
                    words(
                        "chart.point", case, words.number(a, pair.unit), words.number(b, pair.unit)
                    ),
                )
                for mean, difference, case, a, b in zip(
                    means, apart, pair.cases, pair.measured, pair.other, strict=True
                )
            ]
        )
    else:
        plot.points(list(zip(means, apart, strict=True)))
    return Chart(plot.title, plot.svg(), plot.description)


def histogram(values: Sequence[float], title: str, axis: str, words: Words) -> Chart:
    """Draw how values are spread."""
    x = Plot.x_scale(values)
    width = max(x.step / 5, (x.high - x.low) / BINS)
    count = max(1, math.ceil((x.high - x.low) / width - 1e-9))
    edges = [x.low + (x.high - x.low) * i / count for i in range(count + 1)]
    inside = Counter(
        min(count - 1, int((value - x.low) / (x.high - x.low) * count)) for value in values
    )
    heights = [inside[i] for i in range(count)]
    ordered = sorted(values)
    middle = len(ordered) // 2
    median = (ordered[middle] + ordered[~middle]) / 2
    described = words(
        "chart.spread", len(values), f"{median:.1f}", f"{ordered[0]:.1f}", f"{ordered[-1]:.1f}"
    )
    plot = Plot(title, described, x, Plot.y_scale(heights, whole=True), axis, words("chart.cases"))
    plot.bars(edges, heights, "bar")
    return Chart(title, plot.svg(), described)


def verdicts(cases: Sequence[CaseSummary]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Count verdicts: each aspect that was compared, to verdicts and their numbers of cases."""
    counts = Counter((a, v) for case in cases for a, v in case.verdicts.items())
    return [
        (aspect, [(verdict, counts[aspect, verdict]) for verdict in VERDICTS])
        for aspect in ASPECTS
        if any(counts[aspect, verdict] for verdict in VERDICTS)
    ]


def score_bar(known: int, perhaps: int, total: int, said: str) -> Markup:
    """Draw how many of all cases have a score, above how many have it within their range."""
    bars = [Bar("known", known / total, said), Bar("perhaps", perhaps / total, said)]
    return side_by_side(bars, said)


def verdict_bar(counts: Sequence[tuple[str, int]], label: str, words: Words) -> Markup:
    """Draw the shares of verdicts in one aspect as a bar, as wide as there is room for."""
    named = [(verdict, number, words(f"verdict.{verdict}")) for verdict, number in counts if number]
    described = words.joined([f"{name} {number}" for _, number, name in named])
    bars = [Bar(verdict, number, f"{name}: {number}") for verdict, number, name in named]
    return stacked(bars, f"{label}: {described}")


def learning_curves(curve: Curve, words: Words) -> list[Chart]:
    """Draw the losses of a training, and its scores from 0 to 1."""
    told = {n: v for n, v in curve.series.items() if any(value is not None for value in v)}
    losses = {n: v for n, v in told.items() if "loss" in n}
    scores = {n: v for n, v in told.items() if _is_score(n, v)}
    half = words(f"half.{curve.half}")
    return [
        line_chart(
            words(f"chart.{kind}", half),
            words(f"chart.{kind}_at_end", *_ends(series)),
            curve.steps,
            [(_series_name(name, words), values) for name, values in series.items()],
            axes=(words(f"chart.{curve.axis}"), words(f"chart.{kind}_axis")),
            top=top,
        )
        for kind, series, top in (("loss", losses, None), ("score", scores, 1.0))
        if series
    ]


def _ends(series: Mapping[str, Sequence[float | None]]) -> tuple[str, str]:
    """Return the first and the last value of the series that stands for the others."""
    name = next((n for n in series if "mean" in n or n in ("ents_f", "score")), next(iter(series)))
    known = [value for value in series[name] if value is not None]
    return f"{known[0]:.3f}", f"{known[-1]:.3f}"


def _is_score(name: str, values: Sequence[float | None]) -> bool:
    known = [value for value in values if value is not None]
    named = any(part in name for part in ("dice", "ents_", "score", "iou", "recall", "precision"))
    return named and all(0 <= value <= 1 for value in known)


def _series_name(name: str, words: Words) -> str:
    structure = name.removeprefix("val_dice_")
    if structure != name:
        return f"Dice: {words.term(structure)}"
    return words.term(name, "series")


def _agreement_in_words(summary: Mapping[str, Any], unit: str, words: Words) -> str:
    limits = summary.get("limits")
    if not limits:
        return words("chart.agreement_of_few", summary["n"])
    said = words(
        "chart.agreement",
        summary["n"],
        words.number(summary["bias"], unit),
        words.number(limits[0], unit),
        words.number(limits[1], unit),
    )
    if summary.get("ccc") is not None:
        said += " " + words("chart.ccc", f"{summary['ccc']:.2f}")
    return said
