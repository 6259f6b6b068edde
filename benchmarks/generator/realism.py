"""How generated heads compare with real slices, real bleeds and published figures.

Run from the project's folder: `python -m benchmarks.generator.realism [COHORT …] [--heads 40]
[--style routine] [--pictures FILE]`. Cohorts are folders with a `cohort.json`, as
`cohort.synthesize` writes them, drawn or from real anatomy, a column each; without one, so many
heads are generated. Real slices and masks are read from `../shared/data` (BHSD: arXiv 2308.11298;
HICH-IT: arXiv 2401.15934; 747 masks of bleeds) where they are. Slices are first laid on pixels of
1 mm; what the figures are is said in `heads/shapes.py`, `heads/borders.py` and `heads/tissue.py`.

A figure's distance is that of Kolmogorov and Smirnov from the real values, all real sources of it
taken together: 0 where both are distributed alike, 1 where they do not overlap. Shapes are compared
with the 747 masks only, whose bleeds hold the blood in ventricles: generated ones do, too, where
they have a mask `ventricular_blood`.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks import REAL
from benchmarks.generator.heads.borders import add_border
from benchmarks.generator.heads.pictures import draw
from benchmarks.generator.heads.shapes import Figures, shape_figures, slice_figures
from benchmarks.generator.heads.slices import (
    Scan,
    Slice,
    bhsd,
    bleed_masks,
    drawn_now,
    hich_it,
    of_cohort,
)
from benchmarks.generator.heads.tissue import add_tissue

PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
INSIDE = "HU inside the skull"
BINS = np.arange(-20, 101)
LEAST_BLEED_MM2, LEAST_VALUES = 100, 5
PUBLISHED = {
    "grey/white contrast, HU": "5-12, as textbooks have it",
    "noise sd, HU": "2-8, by dose and slice thickness (5 mm head CT)",
    "skull thickness, mm": "5-9, as textbooks have it",
    "hematoma HU, mean": "50-75, as textbooks have it",
    "ventricle area, left + right, mm²": "about 500-2000 in the largest slice; no source",
}


@dataclass
class Group:
    """Slices of one source, with the figures of their bleeds, slices and voxels."""

    slices: list[Slice] = field(default_factory=list)
    figures: Figures = field(default_factory=lambda: defaultdict(list))
    inside: NDArray = field(default_factory=lambda: np.empty(0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cohorts", type=Path, nargs="*", help="folders with a cohort.json")
    parser.add_argument("--heads", type=int, default=40, help="generated heads, without a cohort")
    parser.add_argument("--style", default="routine", choices=("routine", "other"))
    parser.add_argument("--pictures", type=Path, help="PNG of random slices, to be written")
    options = parser.parse_args()
    made = {folder.name: of_scans(of_cohort(folder)) for folder in options.cohorts}
    if not made:
        heads = drawn_now(options.heads, options.style)
        made = {f"generated, {options.style}": of_scans(heads)}
    real = real_groups()
    console = Console()
    if not real:
        console.print(f"{REAL} holds no real slices; only generated ones are measured.")
    for group in (*made.values(), *real.values()):
        add_inside(group, real)
    names, rows = table_rows(made, real)
    table = Table(*names)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    print("\n| " + " | ".join(names) + " |\n|" + " --- |" * len(names))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    if options.pictures:
        draw({name: g.slices for name, g in (real | made).items() if g.slices}, options.pictures)
        console.print(f"Slices: {options.pictures}")


def of_scans(scans: Iterable[Scan]) -> Group:
    """Measure generated scans."""
    found = Group()
    for scan in scans:
        found.slices += scan.slices()
        bleed = scan.masks["hematoma"] > 0
        if "ventricular_blood" in scan.masks:
            bleed = bleed | (scan.masks["ventricular_blood"] > 0)
        for name, values in shape_figures(bleed, scan.spacing).items():
            found.figures[name] += values
    measure_slices(found)
    return found


def real_groups() -> dict[str, Group]:
    """Measure the real slices and masks that are there, by their source."""
    groups = {"BHSD": Group(list(bhsd())), "HICH-IT": Group(list(hich_it())), "bleeds": Group()}
    for group in groups.values():
        measure_slices(group)
    for mask, spacing in bleed_masks():
        for name, values in shape_figures(mask, spacing).items():
            groups["bleeds"].figures[name] += values
    return {f"real, {name}": g for name, g in groups.items() if g.slices or g.figures}


def measure_slices(group: Group) -> None:
    """Add the figures of a group's slices, one value per slice that shows what they measure."""
    pooled = []
    for one in group.slices:
        mask = one.masks.get("hematoma", np.zeros(1)) > 0
        if np.count_nonzero(mask) >= LEAST_BLEED_MM2:
            group.figures["hematoma HU, mean"].append(float(one.hu[mask].mean()))
            group.figures["hematoma HU, sd"].append(float(one.hu[mask].std()))
            for name, value in (slice_figures(mask) or {}).items():
                group.figures[f"hematoma in a slice: {name}"].append(value)
        add_border(one, group.figures)
        if (inside := add_tissue(one, group.figures)) is not None:
            pooled.append(inside)
    if pooled:
        group.inside = np.concatenate(pooled)


def add_inside(group: Group, real: dict[str, Group]) -> None:
    """Add what the HU inside the skull are, and how far they lie from each real source's."""
    if not group.inside.size:
        return
    for percentile, hu in zip(PERCENTILES, np.percentile(group.inside, PERCENTILES), strict=True):
        group.figures[f"{INSIDE}, percentile {percentile}"].append(float(hu))
    for name, other in real.items():
        if other is not group and other.inside.size:
            far = histogram_distance(group.inside, other.inside)
            group.figures[f"HU histogram's distance from {name}, HU"].append(far)


def table_rows(made: dict[str, Group], real: dict[str, Group]) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows: medians with 10th and 90th percentile, and distances."""
    groups = made | real
    names = ["figure"]
    for name in groups:
        names += [name, "distance"] if name in made else [name]
    rows = []
    for figure in dict.fromkeys(name for group in groups.values() for name in group.figures):
        truth = [value for group in real.values() for value in group.figures.get(figure, [])]
        row = [figure]
        for name, group in groups.items():
            values = group.figures.get(figure, [])
            row.append(_cell(values))
            if name in made:
                row.append(_distance(values, truth))
        rows.append([*row, PUBLISHED.get(figure, "")])
    return [*names, "published"], rows


def _distance(values: list[float], truth: list[float]) -> str:
    from scipy.stats import ks_2samp

    if min(len(values), len(truth)) < LEAST_VALUES:
        return "-"
    return f"{ks_2samp(values, truth).statistic:.2f}"


def _cell(values: list[float]) -> str:
    if not values:
        return "-"
    low, middle, high = np.percentile(values, (10, 50, 90))
    digits = 2 if abs(high) < 3 else 1 if abs(high) < 100 else 0
    if len(values) == 1:
        return f"{middle:.{digits}f}"
    return f"{middle:.{digits}f} ({low:.{digits}f}..{high:.{digits}f})"


def histogram_distance(one: NDArray, other: NDArray) -> float:
    """Return the earth mover's distance in HU between two samples, cut to -20..100 HU."""
    shares = [np.histogram(np.clip(x, BINS[0], BINS[-1]), BINS)[0] / len(x) for x in (one, other)]
    return float(np.abs(np.cumsum(shares[0] - shares[1])).sum())


if __name__ == "__main__":
    main()
