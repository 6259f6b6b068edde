"""Whether a scan's spacing and directions suit the head in it: its outline, its height, its neck.

Heads are longer than broad, and left and right are more alike than front and back. Both together
tell which in-plane axis is left to right; how broad a head is for its length tells a lost or
exchanged pixel size. And a head ends in a neck: if it is cut off at a side of the slices, but
closed above and below, these are not axial slices. How high it is, `cohort.checks.head.height`
judges.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from cohort.checks.head.cross_sections import CrossSections
from cohort.checks.head.height import UNBELIEVED, judge_height
from cohort.checks.head.outline import Outline, measure_outline
from cohort.checks.head.thumbnail import Thumbnail
from cohort.facts.doubts import SIDES, SIZES
from cohort.facts.limits import SLAB_MM, SLAB_SLICES
from cohort.facts.structures import LANDMARKS
from cohort.faults import CheckResult

TURNED, TURNED_NOTE, TURNED_SLAB = -0.1, -0.05, -0.08
"""`Outline.upright`: 0.06 or more of heads turned and nodding by 25° at once; of slabs and single
slices in which the skull is closed -0.04 or more, and that at the vertex only."""
MOST_ALIKE = 0.1
"""`Outline.alike` of a head turned by a right angle; more is of a head that was stretched."""
SLENDER, SLENDER_NOTE, SLENDER_SLAB = 0.55, 0.66, 0.62
"""Breadth over length (`Outline.slenderness`) below which there is no head, or a doubtful one."""
BROAD, BROAD_NOTE, BROAD_SLAB = 1.25, 1.06, 1.25
"""Spread from left to right over that from front to back; broad faces are in slabs, up to 1.14."""
USUAL_ACROSS = 0.82
SQUARE = 1.03
"""CT has square pixels; sides may differ by rounding."""
OPEN, CLOSED = 0.25, 0.15
"""Shares of the largest section that lie on a side of the scan where the head is, and is not, cut
off there."""
VERTEX = 0.45
"""Share of the largest section beyond which the uppermost one is not near the vertex."""


class Judged(NamedTuple):
    """What of the spacing was found to suit the head: within slices, and between them."""

    within: bool = False
    between: bool = False


def check_geometry(
    path: Path,
    sections: CrossSections,
    small: Thumbnail,
    cut_off: int,
    upside_down: bool,
    found: CheckResult,
) -> Judged:
    """Add to `found` what does not fit together of a scan's spacing, directions and head.

    Parameters
    ----------
    path
        File that is spoken of.
    sections, small
        The head's sections, and the coarse copy that they are of.
    cut_off
        What `sides_cut_off` says of them.
    upside_down
        Whether the vertex lies below; then its height is not judged.
    found
        What is added to.
    """
    area = sections.area
    if cut_off < 4 and _permuted(sections, small):
        found.problem(
            path,
            "shows a head that is cut off at a side of the slices but ends within the scan above "
            "and below: the slices are coronal or sagittal, or the axes were exchanged without the "
            "affine; give the axial series, or correct the affine.",
        )
        found.cannot_tell((*LANDMARKS, SIDES), "The slices are not axial.")
        return Judged()
    if cut_off > 1:
        return Judged()
    seen = np.count_nonzero(area)
    slab = bool(seen < SLAB_SLICES or seen * small.spacing[2] < SLAB_MM)
    outline = measure_outline(sections, small)
    turned = _judge_turn(path, outline, small, slab, found)
    if turned or cut_off:
        return Judged()
    within = _judge_breadth(path, outline, small, slab, found)
    if found.problems or upside_down:
        return Judged(within)
    return Judged(within, within and judge_height(path, sections, small, found))


def shows_vertex(sections: CrossSections) -> bool:
    """Whether the head tapers toward the uppermost slice."""
    return bool(sections.area[-1] < VERTEX * sections.area.max())


def _judge_turn(
    path: Path, outline: Outline, small: Thumbnail, slab: bool, found: CheckResult
) -> bool:
    """Return whether the head is turned by a right angle in the plane of the slices."""
    limit = TURNED_SLAB if slab else TURNED_NOTE
    if outline.upright >= limit or outline.alike > MOST_ALIKE:
        return False
    what = (
        "the head is longer, and its halves are less alike, from left to right than from front to "
        "back by the affine: the image is turned by 90° or transposed"
    )
    if not slab and outline.upright < TURNED:
        found.problem(path, f"{what}; correct the affine, or export the scan again.")
    else:
        found.note(path, "orientation", f"{what}, it seems.")
    found.cannot_tell(
        (*LANDMARKS, SIDES),
        "The image seems to be turned by 90°: which side is left cannot be told.",
    )
    if outline.alike > -MOST_ALIKE / 2 or max(small.pixel_mm) > SQUARE * min(small.pixel_mm):
        found.cannot_tell([SIZES], UNBELIEVED)  # it may as well be stretched
    return True


def _judge_breadth(
    path: Path, outline: Outline, small: Thumbnail, slab: bool, found: CheckResult
) -> bool:
    """Return whether the head is as broad for its length as heads are."""
    x, y = small.pixel_mm
    slender, broad = (SLENDER_SLAB, BROAD_SLAB) if slab else (SLENDER_NOTE, BROAD_NOTE)
    across = outline.across
    share = f"the head is {across:.2f} times as broad as it is long by the spacing"
    doubt = f"{share}, where heads have 0.7 to 1.0"
    if outline.slenderness < SLENDER or across > BROAD * (BROAD_SLAB if slab else 1):
        found.problem(path, f"{doubt}; correct the pixel size, or export the scan undistorted.")
    elif outline.slenderness < slender or across > broad:
        found.note(path, "spacing", f"{doubt}: is the pixel size true? All volumes rest on it.")
    elif max(x, y) > SQUARE * min(x, y) and _suits_squares_better(across, x / y):
        found.note(
            path,
            "spacing",
            f"{share}, and would be {across * y / x:.2f} times if its pixels of {x:.3g}×{y:.3g} mm "
            "were square, as those of CT are: is the pixel size true?",
        )
    else:
        return True
    found.cannot_tell([SIZES], UNBELIEVED)
    return False


def _suits_squares_better(across: float, pixel: float) -> bool:
    """Whether a head would have a more usual breadth if its pixels were square."""
    stated, square = (abs(np.log(ratio / USUAL_ACROSS)) for ratio in (across, across / pixel))
    return bool(square < stated)


def _permuted(sections: CrossSections, small: Thumbnail) -> bool:
    """Whether the head is cut off at a side of the slices, but neither above nor below."""
    body, most = sections.body, sections.area.max()
    if sections.area[0] > CLOSED * most or sections.area[-1] > CLOSED * most:
        return False
    dx, dy, dz = (mm * pixels for mm, pixels in zip(small.spacing, (2, 2, 1), strict=True))
    along_x = max(np.count_nonzero(body[0]), np.count_nonzero(body[-1])) * dy * dz
    along_y = max(np.count_nonzero(body[:, 0]), np.count_nonzero(body[:, -1])) * dx * dz
    return bool(max(along_x, along_y) / 100 > OPEN * most)
