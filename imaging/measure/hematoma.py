"""The hematoma: how large it is, on which side, in how many pieces, how far from a ventricle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import KDTree

from cohort.schema.scans.measurements import Abc2, Hematoma
from cohort.space.grid import Grid
from cohort.space.shapes.cut import Cut
from cohort.space.shapes.diameters import abc2, bleed_pieces, largest_diameter_mm, tada
from cohort.space.shapes.pieces import CORNERS
from imaging.measure.midplane import Midplane
from imaging.measure.site import coarse_site

ONE_SIDED = 0.85
"""Share of the blood that lies on one side of a bleed of that side: our choice. Large bleeds of
one side reach across a midline that they push."""

ROUNDING_MM = 1e-6


def measure_hematoma(
    bleed: Cut | None,
    grid: Grid,
    middle: Midplane,
    ventricles: Sequence[Cut] = (),
) -> Hematoma:
    """Measure a hematoma.

    Parameters
    ----------
    bleed
        The hematoma in a scan with axes LPS; None if nothing is marked.
    grid
        Of the scan.
    middle
        Where the brain's left meets its right.
    ventricles
        What is marked of the lateral ventricles.
    """
    if bleed is None:
        return Hematoma(0.0, components=0)
    pieces = bleed_pieces(bleed, grid)
    shapes = [abc2(piece, grid) for piece in pieces]
    bedside = [tada(piece, grid, shape) for piece, shape in zip(pieces, shapes, strict=True)]
    total, left = bleed.volume_ml(grid), _left_ml(bleed, middle, grid)
    largest = pieces[0]
    centre = largest.centre(grid)
    x, y, z = (float(mm) for mm in grid.to_mm(centre))
    # From the plane, not the line that the bleed pushes away.
    column, row = centre[:2] * grid.spacing[:2]
    aside = abs(float(column - middle.plane_at(row, grid.level_at(centre[2]))))
    found = coarse_site(centre, None if middle.source == "array" else aside, ventricles, grid)
    return Hematoma(
        volume_ml=total,
        abc2_ml=sum(shape.ml for shape in shapes),
        abc2=Abc2(**asdict(shapes[0])),
        tada_ml=sum(shape.ml for shape in bedside),
        tada_c_mm=bedside[0].c_mm,
        tada_slices=round(bedside[0].c_slices),
        side=_side(left / total),
        left_ml=left,
        right_ml=total - left,
        side_by=middle.source,
        components=len(pieces),
        centroid_mm=(x, y, z),
        largest_diameter_mm=largest_diameter_mm(largest, grid),
        distance_to_ventricle_mm=_distance_mm(largest, ventricles, grid),
        site=found.site,
        site_reason=found.reason,
        site_unknown=found.unknown,
    )


def _left_ml(bleed: Cut, middle: Midplane, grid: Grid) -> float:
    """Return the volume of what lies to the left of the brain's middle."""
    columns, rows, slices = (
        start + np.arange(count)
        for start, count in zip(bleed.corner, bleed.mask.shape, strict=True)
    )
    places = middle.places(rows, slices, grid)
    left = columns[:, None, None] * grid.spacing[0] > places
    return Cut(left & bleed.mask, bleed.corner).volume_ml(grid)


def _side(share: float) -> Literal["left", "right", "both"]:
    """Return the side of a bleed of which a share lies to the left."""
    if share >= ONE_SIDED:
        return "left"
    return "right" if share <= 1 - ONE_SIDED else "both"


def _distance_mm(piece: Cut, ventricles: Sequence[Cut], grid: Grid) -> float | None:
    """Return how far a piece is from the nearest ventricle; None if there is none."""
    if not ventricles:
        return None
    if any(_touch(piece, ventricle) for ventricle in ventricles):
        return 0.0
    walls = grid.upright(np.concatenate([ventricle.edge() for ventricle in ventricles]))
    surface = grid.upright(piece.edge())
    tree = KDTree(walls)
    # What is farther than the nearest of a few points is not it.
    bound = float(tree.query(surface[:: max(1, len(surface) // 50)])[0].min())
    return float(tree.query(surface, distance_upper_bound=bound + ROUNDING_MM)[0].min())


def _touch(one: Cut, other: Cut) -> bool:
    """Return whether two structures share a voxel, or a corner of two."""
    start = np.maximum(one.corner, other.corner) - 1
    stop = np.minimum(one.corner + one.mask.shape, other.corner + other.mask.shape) + 1
    if (stop <= start).any():
        return False
    first, second = (_within(cut, start, stop) for cut in (one, other))
    return bool((ndimage.binary_dilation(first, CORNERS) & second).any())


def _within(cut: Cut, start: NDArray, stop: NDArray) -> NDArray[np.bool_]:
    """Return what of a structure lies in the box from `start` to `stop` of its scan."""
    found = np.zeros(stop - start, bool)
    low = np.maximum(start, cut.corner)
    high = np.minimum(stop, cut.corner + cut.mask.shape)
    there = tuple(map(slice, low - start, high - start))
    found[there] = cut.mask[tuple(map(slice, low - cut.corner, high - cut.corner))]
    return found
