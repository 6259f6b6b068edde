"""Roughly where in the brain a bleed lies, as far as the ventricles' masks can tell.

The masks know no nuclei, lobes or tentorium; but these keep their places beside the lateral
ventricles. So the centre of the bleed is taken in mm from the ventricles' common centre:

- **infratentorial**: more than `BELOW_MM` below it, and no further from the middle than the
  cerebellum's hemispheres reach;
- **deep**: in the box that holds the basal ganglia, the thalamus and the capsules between them;
- **lobar**: outside that box;
- None within `MARGIN_MM` of these borders, and where the ventricles are too little to go by.

The box is that of putamen and thalamus in the atlas of Talairach and Tournoux (1988), widened
upward and outward, since bleeds of the putamen spread that way; its borders, the level and the
margin are our choice, made on generated cases. The axial slices are taken to lie as they usually
do; no mask tells how a head is tilted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cohort.facts.sites import Coarse
from cohort.schema.scans.measurements import Unknown
from cohort.space.grid import Grid
from cohort.space.shapes.cut import Cut

DEEP_ASIDE_MM = 37.0
DEEP_BACKWARD_MM = (-43.0, 13.0)
DEEP_UPWARD_MM = (-25.0, 16.0)
"""The box of deep bleeds' centres: from the middle; from the ventricles' centre toward the back,
and upward."""
BELOW_MM = 32.0
CEREBELLUM_MM = 33.0
"""How far to a side of the middle the centre of a cerebellar bleed lies at most."""
MARGIN_MM = 3.0
LONGEST_MM = 60.0
"""Least length of the ventricles, front to back, that they can be gone by: they are some 100 mm
long, and what is left of compressed ones has its centre elsewhere."""


class FoundSite(NamedTuple):
    """A site, None if it can't be told.

    Attributes
    ----------
    site
        What was found.
    reason
        Why, in a sentence.
    unknown
        What keeps it from being told, as a word; None if it is told.
    """

    site: Coarse | None
    reason: str
    unknown: Unknown | None = None


def coarse_site(
    centre: NDArray, aside: float | None, ventricles: Sequence[Cut], grid: Grid
) -> FoundSite:
    """Tell roughly where a bleed lies.

    Parameters
    ----------
    centre
        The bleed's, in indices.
    aside
        Its distance from the plane through the brain's middle in mm; None if that is unknown.
    ventricles
        What is marked of the lateral ventricles; none to two.
    grid
        Of the scan, axes LPS.
    """
    if aside is None:
        return FoundSite(None, "Nothing tells the brain's middle.", "no_middle")
    if not ventricles:
        reason = "No lateral ventricle is marked to tell the site by."
        return FoundSite(None, reason, "no_ventricles")
    front, back = _ends(ventricles, grid)
    if back - front < LONGEST_MM:
        reason = "Too little of the lateral ventricles is marked to tell it by."
        return FoundSite(None, reason, "short_ventricles")
    volumes = [cut.volume_ml(grid) for cut in ventricles]
    centres = grid.upright([cut.centre(grid) for cut in ventricles])
    common = np.average(centres, axis=0, weights=volumes)
    _, backward, upward = (float(mm) for mm in grid.upright(centre) - common)
    where = f"{aside:.0f} mm from the midline and {_relative(backward, upward)}"
    if upward < -BELOW_MM - MARGIN_MM and aside < CEREBELLUM_MM:
        return FoundSite("infratentorial", f"Its centre lies far below: {where}.")
    if upward < -BELOW_MM + MARGIN_MM and aside < CEREBELLUM_MM + MARGIN_MM:
        reason = f"Its centre may lie above or below the tentorium: {where}."
        return FoundSite(None, reason, "at_tentorium")
    outside = max(
        aside - DEEP_ASIDE_MM,
        *_beyond(backward, DEEP_BACKWARD_MM),
        *_beyond(upward, DEEP_UPWARD_MM),
    )
    if abs(outside) < MARGIN_MM:
        reason = f"Its centre lies between deep and lobar: {where}."
        return FoundSite(None, reason, "between")
    if outside < 0:
        return FoundSite("deep", f"Its centre lies where the deep nuclei are: {where}.")
    return FoundSite("lobar", f"Its centre lies beyond the deep nuclei: {where}.")


def _ends(ventricles: Sequence[Cut], grid: Grid) -> tuple[float, float]:
    """Return where the ventricles begin and end toward the back, in mm; single voxels aside."""
    ends = []
    for cut in ventricles:
        rows, slices = np.nonzero(cut.mask.any(axis=0))
        at = np.stack([np.zeros_like(rows), rows + cut.corner[1], slices + cut.corner[2]], axis=1)
        ends.append(np.percentile(grid.upright(at)[:, 1], [1, 99]))
    return float(np.min(ends)), float(np.max(ends))


def _beyond(value: float, bounds: tuple[float, float]) -> tuple[float, float]:
    return bounds[0] - value, value - bounds[1]


def _relative(backward: float, upward: float) -> str:
    back = "behind" if backward > 0 else "in front of"
    up = "above" if upward > 0 else "below"
    centre = "the lateral ventricles' centre"
    return f"{abs(backward):.0f} mm {back} and {abs(upward):.0f} mm {up} {centre}"
