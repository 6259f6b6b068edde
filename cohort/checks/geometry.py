"""Whether a scan's spacing and directions suit the head in it: its height, its long axis, its neck.

Above its largest section a head is a dome. Of an ellipsoid of height h above its largest section of
diameter d, the area falls with the square of the level, and h/d follows from how fast, wherever in
the dome the scan begins and ends. It does not depend on how large the head is, so that children's
are judged like adults'. Measured here: 0.40 to 0.57 on generated heads, and 0.40 to 0.72 on 20 real
ones, upright to nodding by 25° (label maps of 1 mm, of Billot et al. 2023,
doi:10.1016/j.media.2023.102789). In a scan of less than a dome it is 0.3 or more. Slices of
5 mm that are said to be 1 mm apart make it 0.1.

Heads are longer than broad, and left and right are more alike than front and back. Both together
tell which in-plane axis is left to right. And a head ends in a neck: if it is cut off at a side of
the slices, but closed above and below, these are no axial slices.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.base.faults import Findings
from cohort.checks.cross_sections import Sections
from cohort.checks.thumbnail import Thumbnail
from cohort.facts.structures import LANDMARKS

FLAT, FLAT_NOTE = 0.25, 0.3
"""Domes that are flatter are no head's, or doubtful."""
STEEP_NOTE, STEEP = 0.78, 1.0
"""Domes that are steeper. The highest skulls of all, turricephaly, are a note at most."""
LEAST_DOME, LEAST_FALL = 4, 0.35
"""Slices of the dome, and how much of its largest section they lose, without which nothing is
told."""
WHOLE_SLICES, WHOLE_MM = 8, 80.0
"""Less is a slab, in which front and back may look alike."""
TURNED, TURNED_NOTE, TURNED_SLAB = -0.1, -0.05, -0.25
"""Long axis and symmetry together (`_uprightness`): 0.04 or more of heads turned and nodding by 25°
at once, 0.07 or more of others; -0.21 or more of slabs, faces included."""
OPEN, CLOSED = 0.25, 0.15
"""Shares of the largest section that lie on a side of the scan where the head is, and is not, cut
off there."""
SHIFTS = range(-2, 3)
"""Pixels by which a mirror plane may lie off the head's middle."""
MOST_CHANGE = 1.4
COMPARED_MM, CHANGE_SLICES, FARTHEST = 5.0, 16, 5
"""About how far apart slices are compared, in how many at least, and over how many times 4 mm."""
MOST_SLICES = 8
"""Of so many slices the symmetry is measured."""


def check_geometry(
    path: Path, sections: Sections, small: Thumbnail, upside_down: bool, found: Findings
) -> bool:
    """Add to `found` what does not fit together of a scan's spacing, directions and head.

    Parameters
    ----------
    path
        File that is spoken of.
    sections, small
        The head's sections, and the coarse copy that they are of.
    upside_down
        Whether the vertex lies below; then its height is not judged.
    found
        What is added to.

    Returns
    -------
    bool
        Whether the distance between the slices was found to suit the head.
    """
    area = sections.area
    if _permuted(sections, small):
        found.problem(
            path,
            "shows a head that is cut off at a side of the slices but ends within the scan above "
            "and below: the slices are coronal or sagittal, or the axes were exchanged without the "
            "affine; give the axial series, or correct the affine.",
        )
        return False
    if not _judge_turn(path, sections, small, found) or upside_down:
        return False
    return _judge_height(path, area, small, found)


def _judge_height(path: Path, area: NDArray[np.float64], small: Thumbnail, found: Findings) -> bool:
    """Return whether the distance between slices is known to suit the head's cross-section."""
    seen = np.flatnonzero(area)
    area = np.interp(np.arange(seen[0], seen[-1] + 1), seen, area[seen])  # over empty slices
    flat, steep = _flatness(area, small.spacing[2]), _steepness(area, small.spacing[2])
    too_flat = flat is not None and flat < FLAT_NOTE
    ratio = flat if too_flat else steep
    across = _diameter(area)
    doubt = "are the distance between slices and the pixel size true? All volumes rest on them."
    if ratio is None:
        if flat is None and (change := _change(small)) > MOST_CHANGE:
            found.note(
                path,
                "spacing",
                f"changes from slice to slice as if they were {change:.1f} times as far apart as "
                f"the spacing says: {doubt}",
            )
            return False
        return flat is not None
    heights = (
        f"the head rises {ratio * across:.0f} mm above its largest section, {across:.0f} mm across "
        "by the spacing, where heads rise about half as much as they are across"
    )
    if ratio < FLAT or ratio > STEEP:
        found.problem(path, f"{heights}; correct the distance between slices, or the pixel size.")
        return False
    if too_flat or ratio > STEEP_NOTE:
        found.note(path, "spacing", f"{heights}: {doubt}")
        return False
    return True


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
    mean = v[:nx, :ny].clip(0, 100).reshape(shape).mean(axis=(1, 3))
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


def _steepness(area: NDArray[np.float64], slice_mm: float) -> float | None:
    """Return height above diameter by the levels at which 70 % and 30 % of the area are left.

    It needs the largest section and most of the dome in view, but no even curve: necks and noses
    hardly make it larger.
    """
    most = float(np.percentile(area, 95)) if area.size > WHOLE_SLICES else float(area.max())
    top = int(np.flatnonzero(area >= 0.95 * most)[-1])
    share = area[top:] / most
    least = max(0.3, float(share.min()) + 1e-6)
    if top == 0 or least > 0.5:
        return None
    falling = np.maximum.accumulate(share[::-1])[::-1]
    # np.interp wants them to rise.
    below, above = np.interp((-0.7, -least), -falling, np.arange(share.size) * slice_mm)
    height = (above - below) / (np.sqrt(1 - least) - np.sqrt(1 - 0.7))
    return float(height / _diameter(area))


def _diameter(area: NDArray[np.float64]) -> float:
    return 2 * float(np.sqrt(100 * area.max() / np.pi))


def _judge_turn(path: Path, sections: Sections, small: Thumbnail, found: Findings) -> bool:
    """Return False if the head is turned by a right angle in the plane of the slices."""
    area = sections.area
    upright = _uprightness(sections, small)
    seen = np.count_nonzero(area)
    slab = seen < WHOLE_SLICES or seen * small.spacing[2] < WHOLE_MM
    what = (
        "the head is longer, and its halves are less alike, from left to right than from front to "
        "back by the affine: the image is turned by 90° or transposed"
    )
    if not slab and upright < TURNED:
        found.problem(path, f"{what}; correct the affine, or export the scan again.")
        return False
    if upright < (TURNED_SLAB if slab else TURNED_NOTE):
        found.note(path, "orientation", f"{what}, it seems.")
        found.cannot_tell(
            LANDMARKS, "The image seems to be turned by 90°: which side is left cannot be told."
        )
    return True


def _uprightness(sections: Sections, small: Thumbnail) -> float:
    """Return how much longer (log) the head is, and more alike (r) left to right, than across.

    Of a head turned by a right angle it is as much, with the opposite sign.
    """
    area = sections.area
    large = np.flatnonzero(area > 0.7 * area.max())
    flat = np.count_nonzero(sections.body[..., large], axis=2)
    middle, spread = [], []
    for axis in (0, 1):
        count = flat.sum(axis=1 - axis)
        at = np.arange(count.size)
        mean = float(count @ at) / count.sum()
        middle.append(mean)
        spread.append(np.sqrt(count @ (at - mean) ** 2 / count.sum()) * small.spacing[axis])
    some = np.flatnonzero(area > 0)
    some = some[:: -(-some.size // MOST_SLICES)]
    alike = _alikeness(sections.body[..., some], small.voxels[..., some], middle)
    return float(np.log(spread[1] / spread[0])) + alike[0] - alike[1]


def _alikeness(
    body: NDArray[np.bool_], v: NDArray[np.float32], middle: list[float]
) -> tuple[float, float]:
    """Return the correlation of the head with its mirror image along x, and along y."""
    nx, ny = body.shape[0] // 2 * 2, body.shape[1] // 2 * 2
    # A pixel of `body` is 2 × 2 of `v`; each value here is the mean of four voxels of 4 × 4.
    v = v[: 2 * nx, : 2 * ny].clip(-200, 300)
    tissue = np.where(body[:nx, :ny], v[::2, ::2], v.min())
    tissue = (tissue[::2, ::2] + tissue[1::2, ::2] + tissue[::2, 1::2] + tissue[1::2, 1::2]) / 4
    tissue -= tissue.mean()
    square = float((tissue**2).sum()) or 1.0
    best = []
    for axis in (0, 1):
        mirrored = np.flip(tissue, axis)
        shift = round(middle[axis] - 0.5 - (tissue.shape[axis] - 1))
        products = [float((tissue * np.roll(mirrored, shift + by, axis)).sum()) for by in SHIFTS]
        best.append(max(products) / square)
    return best[0], best[1]


def _permuted(sections: Sections, small: Thumbnail) -> bool:
    """Whether the head is cut off at a side of the slices, but neither above nor below."""
    body, most = sections.body, sections.area.max()
    if sections.area[0] > CLOSED * most or sections.area[-1] > CLOSED * most:
        return False
    dx, dy, dz = (mm * pixels for mm, pixels in zip(small.spacing, (2, 2, 1), strict=True))
    along_x = max(np.count_nonzero(body[0]), np.count_nonzero(body[-1])) * dy * dz
    along_y = max(np.count_nonzero(body[:, 0]), np.count_nonzero(body[:, -1])) * dx * dz
    return bool(max(along_x, along_y) / 100 > OPEN * most)
