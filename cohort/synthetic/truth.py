"""What a generated head really holds: the record tells this, not the plan.

But for a small midline shift, which records call none or slight (`Story.told_shift`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.facts.limits import COMPRESSED_SHARE, NO_SHIFT_MM
from cohort.synthetic.anatomy.deformation import MassEffect
from cohort.synthetic.fields import Field, Points
from cohort.synthetic.story import Side

BACKWARD_MM, UPWARD_MM = (-34.0, -14.0), (4.0, 14.0)
"""Where the septum pellucidum lies in head coordinates, in front of and above the foramina of
Monro: from front to back, and upward (Talairach and Tournoux 1988)."""
STEP_MM = 5.0
ROUNDS = 12
"""Of finding where tissue went: each halves what is missing at least, since nothing folds."""


@dataclass(frozen=True)
class AppliedShift:
    """Midline shift that a deformation brings about, the head's own crookedness aside.

    Attributes
    ----------
    mm
        Of the septum pellucidum, the mean over it, mm.
    side
        The patient's side that it is pushed to; None below `NO_SHIFT_MM`.
    largest_mm
        Of that place between the hemispheres that moved farthest, whichever way.
    """

    mm: float
    side: Side | None
    largest_mm: float


def applied_shift(effect: MassEffect, depth: Callable[[Points], Field]) -> AppliedShift:
    """Return the midline shift that a bleed's mass effect brings about.

    Parameters
    ----------
    effect
        The deformation. It says where tissue came from; here it is inverted.
    depth
        Distance of points in head coordinates below the inner table in mm, negative outside.
    """
    moved = _sideways(effect, _midline(BACKWARD_MM, UPWARD_MM), depth)
    everywhere = _midline((-80.0, 80.0), (-10.0, 70.0))
    inside = everywhere.at(depth(everywhere) > 0)
    largest = np.abs(_sideways(effect, inside, depth)).max(initial=0.0)
    mean = float(moved.mean())
    mm = round(abs(mean), 1)
    toward: Side = "left" if mean > 0 else "right"
    return AppliedShift(
        mm, toward if mm >= NO_SHIFT_MM else None, round(max(float(largest), mm), 1)
    )


def _midline(backward: tuple[float, float], upward: tuple[float, float]) -> Points:
    """Return points between the hemispheres, some mm apart."""
    ends = [np.arange(low, high + 1, STEP_MM, dtype=np.float32) for low, high in (backward, upward)]
    y, z = (axis.ravel() for axis in np.meshgrid(*ends))
    return Points(np.zeros(y.size, np.float32), y, z)


def _sideways(effect: MassEffect, before: Points, depth: Callable[[Points], Field]) -> Field:
    """Return by how many mm to the patient's left tissue went that was at some points."""
    now = before
    for _ in range(ROUNDS):
        origin = effect.origin(now, depth(now))
        now = Points(*(at + old - came for at, old, came in zip(now, before, origin, strict=True)))
    return now.x - before.x


def compressed_ventricle(left: NDArray, right: NDArray) -> Side | None:
    """Return the side of the ventricle that is much smaller than the other, by their masks."""
    volumes = int(np.count_nonzero(left)), int(np.count_nonzero(right))
    if min(volumes) >= COMPRESSED_SHARE * max(volumes):
        return None
    return "left" if volumes[0] < volumes[1] else "right"


def bedside_ml(mask: NDArray[np.bool_], spacing: tuple[float, float, float]) -> float | None:
    """Return a hematoma's volume by Tada's formula, mL; None without a hematoma.

    Parameters
    ----------
    mask
        The hematoma [z, y, x], y to the back and x to the patient's left.
    spacing
        Distance between voxels along x, y, z, mm.
    """
    from cohort.space.affine import make_affine
    from cohort.space.grid import Grid
    from cohort.space.shapes.cut import Cut
    from cohort.space.shapes.diameters import bleed_pieces, tada

    bleed = Cut.of(mask.T)
    if bleed is None:
        return None
    nx, ny, nz = mask.T.shape
    grid = Grid((nx, ny, nz), make_affine("LPS", spacing, (nx, ny, nz)))
    return round(sum(tada(piece, grid).ml for piece in bleed_pieces(bleed, grid)), 1)
