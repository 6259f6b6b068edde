"""Whether the distance between slices suits the head: how high it rises above its largest section.

Above its largest section a head is a dome, about half as high as it is across: a ratio that does
not depend on how large the head is, so that children's are judged like adults'. It is told in three
ways, each right where others err, and a distance is doubted only if all that can be had doubt it:

- `_flatness`: of an ellipsoid the area falls with the square of the level, wherever in the dome the
  scan begins and ends;
- `_steepness`: the levels at which 70 % and 30 % of the largest area are left;
- `_roundness`: the height of the ellipsoid that fits the outlines best, above its own middle.

Measured as shares of their medians, the larger of the last two is 0.88 or more and the smaller 1.37
or less, on 200 generated heads and on 20 real ones, upright, nodding by 20° and turned by 25°
(label maps of 1 mm, of Billot et al. 2023, doi:10.1016/j.media.2023.102789); the largest are of
long heads bent far forward. Heads differ by a tenth in height over breadth, so that a distance that
is wrong by less than a quarter cannot be told from a head of another shape.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.checks.head.cross_sections import CrossSections
from cohort.checks.head.thumbnail import Thumbnail
from cohort.facts.doubts import SIZES
from cohort.facts.limits import FLUID_TO_BLOOD_HU, SLAB_SLICES
from cohort.faults import CheckResult

USUAL_STEEPNESS, USUAL_ROUNDNESS = 0.466, 0.957
"""Medians, of the heads named above."""
LOW, HIGH = 0.83, 1.42
"""Of the medians: a head that both say to be lower, or higher, is doubtful."""
FLAT, FLAT_NOTE = 0.25, 0.3
"""Height over breadth by curvature, of a dome that is no head's, or doubtful if it is all that can
be told (in slabs)."""
STEEP_NOTE, STEEP = 0.78, 1.0
"""Domes that are steeper, however they are cut. The highest skulls of all, turricephaly, are a note
at most."""
SMALLER, BELOW_MM = 0.97, 35.0
"""The largest section is in view if the lowest slice is smaller than that, or lies so far below."""
LEAST_DOME, LEAST_FALL = 4, 0.35
"""Slices of the dome, and how much of its largest section they lose, without which nothing is
told."""
EQUATOR, VERTEX = 0.99, 0.1
"""Shares of the largest section between which outlines are taken as an ellipsoid's."""
MOST_CHANGE = 1.4
COMPARED_MM, CHANGE_SLICES, FARTHEST = 5.0, 16, 5
"""About how far apart slices are compared, in how many at least, and over how many times 4 mm."""
UNBELIEVED = "The spacing does not suit the head that is seen."


def judge_height(path: Path, sections: CrossSections, small: Thumbnail, found: CheckResult) -> bool:
    """Return whether the distance between slices is known to suit the head's cross-section.

    If it is known not to, a problem or a note is added to `found`, and that sizes cannot be told.
    """
    mm = small.spacing[2]
    seen = np.flatnonzero(sections.area)
    area = np.interp(np.arange(seen[0], seen[-1] + 1), seen, sections.area[seen])  # over empty ones
    flat, steep = _flatness(area, mm), _steepness(area, mm)
    doubt = "are the distance between slices and the pixel size true? All volumes rest on them."
    if steep is None:
        if flat is None and (change := _change(small)) > MOST_CHANGE:
            found.note(
                path,
                "spacing",
                f"changes from slice to slice as if they were {change:.1f} times as far apart as "
                f"the spacing says: {doubt}",
            )
            found.cannot_tell([SIZES], UNBELIEVED)
            return False
        if flat is None or flat >= FLAT_NOTE:
            return flat is not None
        ratio, impossible = flat, flat < FLAT
    else:
        ratio = steep
        impossible = steep > STEEP or (flat if flat is not None else steep) < FLAT
        if not impossible and _suits(sections, area, small, flat, steep):
            return True
    across = diameter(area.max())
    heights = (
        f"the head rises {ratio * across:.0f} mm above its largest section, {across:.0f} mm across "
        "by the spacing, where heads rise about half as much as they are across"
    )
    found.cannot_tell([SIZES], UNBELIEVED)
    if impossible:
        found.problem(path, f"{heights}; correct the distance between slices, or the pixel size.")
    else:
        found.note(path, "spacing", f"{heights}: {doubt}")
    return False


def _suits(
    sections: CrossSections,
    area: NDArray[np.float64],
    small: Thumbnail,
    flat: float | None,
    steep: float,
) -> bool:
    """Whether none of what tells the head's height doubts it."""
    most = _most(area)
    top = int(np.flatnonzero(area >= 0.95 * most)[-1])
    if area[0] > SMALLER * most and top * small.spacing[2] < BELOW_MM:
        # Of a dome that is cut above its largest section these are less sure.
        return (flat is None or flat >= FLAT_NOTE) and steep <= STEEP_NOTE
    rounded = _roundness(sections, small)
    shares = [steep / USUAL_STEEPNESS]
    shares += [] if rounded is None else [rounded / USUAL_ROUNDNESS]
    return max(shares) >= LOW and min(shares) <= HIGH


def diameter(cm2: float) -> float:
    """Return the diameter in mm of a circle of this area."""
    return 2 * float(np.sqrt(100 * cm2 / np.pi))


def _change(small: Thumbnail) -> float:
    """Return how far slices seem to lie apart, as a multiple of what the spacing says.

    That is the distance within slices over which tissue changes as much as from one slice to
    another some millimetres away. It is 0.4 to 1.3 in stacks of 16 slices and more,
    since few of a head's surfaces lie level; in fewer slices, near the vertex, it may be more.
    """
    v = small.voxels
    dx, dy, dz = small.spacing
    step, pixels = max(1, round(COMPARED_MM / dz)), max(1, round(4 / dx))
    if v.shape[2] < max(CHANGE_SLICES, 2 * step):
        return 0.0
    nx, ny = (n // pixels * pixels for n in v.shape[:2])
    shape = (nx // pixels, pixels, ny // pixels, pixels, v.shape[2])
    mean = v[:nx, :ny].clip(*FLUID_TO_BLOOD_HU).reshape(shape).mean(axis=(1, 3))
    lags = range(1, min(FARTHEST, *mean.shape[:2]))
    within = [0.0] + [
        float(np.abs(mean[n:] - mean[:-n]).sum() + np.abs(mean[:, n:] - mean[:, :-n]).sum())
        / (2 * mean.size)
        for n in lags
    ]
    across = float(np.abs(mean[..., step:] - mean[..., :-step]).mean())
    apart = np.interp(across, within, np.arange(len(within)) * pixels * (dx + dy) / 2)
    return float(apart) / (step * dz)


def _flatness(area: NDArray[np.float64], slice_mm: float) -> float | None:
    """Return height above diameter by the curvature of the areas (cm²) above the largest one.

    It can be told in a slab as well, since it doesn't matter where the dome is cut. None where too
    little of it is in view.
    """
    most = area.max()
    first = last = int(np.flatnonzero(area >= 0.97 * most)[-1])
    while last + 1 < area.size and 0.2 * most <= area[last + 1] <= 1.02 * area[last]:
        last += 1
    dome = area[first : last + 1]
    if dome.size < LEAST_DOME or dome[-1] > (1 - LEAST_FALL) * most:
        return None
    # area = pi / 4 d² (1 - z² / h²)
    bend = float(np.polyfit(np.arange(dome.size) * slice_mm, 100 * dome, 2)[0])
    return float(np.sqrt(np.pi / 4 / -bend)) if bend < 0 else np.inf


def _most(area: NDArray[np.float64]) -> float:
    """Return the largest section, whatever a single slice shows beside the head."""
    return float(np.percentile(area, 95)) if area.size > SLAB_SLICES else float(area.max())


def _steepness(area: NDArray[np.float64], slice_mm: float) -> float | None:
    """Return height above diameter by the levels at which 70 % and 30 % of the area are left.

    It needs the largest section and most of the dome in view, but no even curve: necks and noses
    hardly make it larger.
    """
    most = _most(area)
    top = int(np.flatnonzero(area >= 0.95 * most)[-1])
    share = area[top:] / most
    least = max(0.3, float(share.min()) + 1e-6)
    if top == 0 or least > 0.5:
        return None
    falling = np.maximum.accumulate(share[::-1])[::-1]
    # np.interp wants them to rise.
    below, above = np.interp((-0.7, -least), -falling, np.arange(share.size) * slice_mm)
    height = (above - below) / (np.sqrt(1 - least) - np.sqrt(1 - 0.7))
    return float(height / diameter(area.max()))


def _roundness(sections: CrossSections, small: Thumbnail) -> float | None:
    """Return height over radius of the ellipsoid that fits the dome's outlines best.

    None where fewer than four slices are of the dome, or what fits best is no ellipsoid.
    """
    area, most = sections.area, _most(sections.area)
    first = int(np.flatnonzero(area >= EQUATOR * most)[-1])
    dome = [k for k in range(first, area.size) if area[k] > VERTEX * most]
    if len(dome) < LEAST_DOME:
        return None
    body = np.pad(sections.body[..., dome], ((1, 1), (1, 1), (0, 0)))
    inner = body[:-2, 1:-1] & body[2:, 1:-1] & body[1:-1, :-2] & body[1:-1, 2:]
    at = np.argwhere(body[1:-1, 1:-1] & ~inner) * (2 * small.spacing[0], 2 * small.spacing[1], 1.0)
    at[:, 2] = np.array(dome)[at[:, 2].astype(int)] * small.spacing[2]
    at -= at.mean(axis=0)
    scale = at.std(axis=0)
    x, y, z = (at / scale).T
    terms = np.stack([x * x, y * y, z * z, x * y, x * z, y * z, x, y, z], axis=1)
    # By the normal equations: nine unknowns, thousands of points.
    w = np.linalg.lstsq(terms.T @ terms, terms.sum(axis=0), rcond=None)[0]
    form = np.array([[2 * w[0], w[3], w[4]], [w[3], 2 * w[1], w[5]], [w[4], w[5], 2 * w[2]]]) / 2
    if np.linalg.eigvalsh(form)[0] <= 0:
        return None
    centre = -np.linalg.solve(form, w[6:] / 2)
    axes = np.linalg.inv(form / (1 + centre @ form @ centre)) * np.outer(scale, scale)
    return float(np.sqrt(axes[2, 2]) / np.linalg.det(axes[:2, :2]) ** 0.25)
