"""A skull that lacks a piece of bone, as after a craniectomy.

What lies beneath may bulge out, and neither volumes nor midline shift of such heads were learnt
from to speak of: it is noted.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.faults import CheckResult
from cohort.space.grid import Grid
from imaging.measure.skull.head_frame import HeadFrame
from imaging.measure.skull.inner_table import ANGLES, InnerTable

ABOVE_BASE_MM = 35.0
"""So far above the lowest slice with a ring of bone the skull has no gaps of its own; below are
orbits and the base."""
WIDE_DEG = 27.0
"""A gap this wide is 30 mm or more. Of 136 generated heads without surgery none had one there."""
TALL_MM = 20.0
"""A gap this tall is not a burr hole."""


def check_opened(path: Path, frame: HeadFrame, found: CheckResult) -> None:
    """Add a note on a skull that lacks a piece of bone to what was found of a scan.

    Parameters
    ----------
    path
        The file that is spoken of.
    frame
        The skull of the scan.
    found
        What is added to.
    """
    if frame.table is not None and _tallest_gap(frame.table, frame.grid) >= TALL_MM:
        found.note(
            path,
            "open skull",
            "lacks a piece of the skull, as after a craniectomy: what is left of a bleed that was "
            "removed, and a brain that bulges out, were hardly learnt from, so that volumes and "
            "midline shift may be wrong.",
        )


def _tallest_gap(table: InnerTable, grid: Grid) -> float:
    """Return over how many mm slices follow each other that have a wide gap, at one place."""
    levels = table.centres[:, 2]
    least = round(WIDE_DEG / 360 * ANGLES)
    tallest = 0.0
    before, start = np.zeros(ANGLES, bool), 0.0
    for k in map(int, np.flatnonzero(levels >= levels[0] + ABOVE_BASE_MM)):
        wide = _wide(~np.isfinite(table.radii[k]) & _in_view(table, k, grid), least)
        if not (wide & before).any():
            start = float(levels[k])
        before = wide
        if wide.any():
            tallest = max(tallest, float(levels[k]) - start)
    return tallest


def _wide(missing: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """Return which directions belong to a run of so many that are missing, round the circle."""
    if missing.all():
        return missing
    turned = np.roll(missing, -int(np.argmin(missing)))  # begins where bone is
    runs = np.split(np.arange(ANGLES), np.flatnonzero(np.diff(turned)) + 1)
    wide = np.zeros(ANGLES, bool)
    for run in runs:
        wide[run] = turned[run[0]] and len(run) >= least
    return np.roll(wide, int(np.argmin(missing)))


def _in_view(table: InnerTable, k: int, grid: Grid) -> NDArray[np.bool_]:
    """Return in which directions the scan goes on beyond where bone would be."""
    known = np.isfinite(table.radii[k])
    every = np.arange(ANGLES)
    radii = np.interp(every, every[known], table.radii[k][known], period=ANGLES)
    way = 2 * np.pi * every / ANGLES
    corners = [grid.upright([0, 0, 0]), grid.upright([n - 1 for n in grid.shape])]
    (x0, y0, _), (x1, y1, _) = np.sort(np.array(corners), axis=0)
    x = table.centres[k, 0] + np.cos(way) * (radii + 5)
    y = table.centres[k, 1] + np.sin(way) * (radii + 5)
    return np.asarray((x > x0) & (x < x1) & (y > y0) & (y < y1))
