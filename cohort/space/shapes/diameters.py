"""Diameters of a piece of a mask, from edge to edge: the largest, and those of ABC/2 and Tada."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist

from cohort.facts.limits import BLEED_ML
from cohort.space.affine import upright_frame
from cohort.space.grid import Grid
from cohort.space.shapes.cut import Cut, edge_points
from cohort.space.shapes.pieces import label_pieces

WHOLE_SLICE, HALF_SLICE = 0.75, 0.25
"""Share of the largest slice's area above which a slice counts as one, and from which on as a
half, in Kothari's C."""


@dataclass(frozen=True)
class Diameters:
    """The three lengths of a bedside formula, and the slice where two were taken.

    Attributes
    ----------
    a_mm
        Largest diameter in the axial slice where the bleed's area is largest.
    b_mm
        Largest diameter in that slice at right angles to A.
    c_slices
        Number of slices with blood, as the formula weighs them.
    c_mm
        Their height.
    slice
        Index of the slice with the largest area, in the whole scan.
    """

    a_mm: float
    b_mm: float
    c_slices: float
    c_mm: float
    slice: int

    @property
    def ml(self) -> float:
        """A times B times C, halved."""
        return self.a_mm * self.b_mm * self.c_mm / 2 / 1000


def abc2(piece: Cut, grid: Grid) -> Diameters:
    """Measure a bleed as clinicians do at the bedside: A × B × C / 2.

    Kothari et al. 1996, doi:10.1161/01.STR.27.8.1304. The slice with the largest area gives A,
    the largest diameter, and B, the largest diameter at 90° to it. For C each slice is compared
    with that slice: one of more than 75 % of its area counts as one, of 25 to 75 % as a half, of
    less than 25 % not at all; C is their number times the slices' thickness. Their slices were
    10 mm thick; here each slice stands for the space half way to its neighbours. By these weights
    an ellipsoid's C is 0.68 of its height where slices are thin, so that ABC/2 falls short of the
    true volume.

    A and B run from edge to edge, and across notches and holes. B is the longest of all lines at
    right angles to A that are less than a pixel wide.

    Parameters
    ----------
    piece
        The bleed; slices are the last axis.
    grid
        Of the whole scan, axes LPS.
    """
    frame = upright_frame(grid.affine)
    areas = np.count_nonzero(piece.mask, axis=(0, 1))
    k = int(areas.argmax())
    shares = areas / areas[k]
    weights = np.where(shares > WHOLE_SLICE, 1.0, (shares >= HALF_SLICE) * 0.5)
    start = int(piece.corner[2])
    thick = grid.thicknesses_mm[start : start + len(weights)]
    c = float(weights.sum() * thick[0] if grid.even else weights @ thick)
    edge = edge_points(piece.mask[..., k]) @ frame[:2, :2].T
    one, other = farthest_pair(edge)
    a = float(np.linalg.norm(other - one))
    along, across = _turned(edge, other - one)
    pixel = float(max(frame[0, 0], frame[1, 1]))
    strips = np.floor((along - along.min()) / pixel).astype(int)
    b = max(_widest(across, strips), min(float(frame[0, 0]), float(frame[1, 1])))
    return Diameters(a, b, float(weights.sum()), c, k + start)


def tada(piece: Cut, grid: Grid, measured: Diameters | None = None) -> Diameters:
    """Measure a bleed by Tada's formula (多田公式): A × B × C / 2.

    The bedside formula of Chinese records has the A and B of `abc2`, and for C all slices that
    show the bleed times their thickness, each in full (Xu et al. 2014,
    doi:10.1161/STROKEAHA.114.007095). Some write π / 6 for the half, which gives 4.7 % more. An
    ellipsoid's volume is π / 6 of its three diameters, so that the formula falls 4.5 % short of it,
    and goes beyond that of an irregular bleed, which doesn't fill them.

    The thickness is what a slice stands for, the space half way to its neighbours, and C the sum
    of that: where slices overlap (of 5 mm, every 2.5 mm), or leave gaps (of 5 mm, every 7 mm),
    their nominal thickness would count a bleed's height twice, or only a part of it.

    Parameters
    ----------
    piece, grid
        As `abc2` has them.
    measured
        What `abc2` returned, if it is known.
    """
    shown = piece.mask.any(axis=(0, 1))
    start, count = int(piece.corner[2]), int(np.count_nonzero(shown))
    thick = grid.thicknesses_mm[start : start + piece.mask.shape[2]]
    c = float(count * thick[0] if grid.even else shown @ thick)
    return replace(measured or abc2(piece, grid), c_mm=c, c_slices=float(count))


def bleed_pieces(bleed: Cut, grid: Grid) -> list[Cut]:
    """Return a bleed's pieces that are large enough, the largest first, and it in any case.

    Parameters
    ----------
    bleed, grid
        As `abc2` has them, of all pieces together.
    """
    from scipy.ndimage import find_objects

    pieces = label_pieces(bleed.mask)
    numbered, sizes = pieces.numbered, pieces.volumes_ml(grid, int(bleed.corner[2]))[1:]
    boxes = find_objects(numbered)
    # A piece of just that size counts, however its volume is rounded.
    counted = [
        int(n) for n in np.argsort(-sizes, kind="stable") if sizes[n] >= BLEED_ML * (1 - 1e-9)
    ]
    counted = counted or [int(sizes.argmax())]
    return [bleed.part(boxes[n], numbered[boxes[n]] == n + 1) for n in counted]


def largest_diameter_mm(piece: Cut, grid: Grid) -> float:
    """Return the largest distance in mm between two points of a structure's surface (Feret).

    Parameters
    ----------
    piece
        The structure.
    grid
        As `abc2` has it.
    """
    one, other = farthest_pair(grid.upright(piece.outermost()))
    return float(np.linalg.norm(other - one))


def farthest_pair(points: NDArray) -> tuple[NDArray, NDArray]:
    """Return the two of `points` [N, D], which don't all lie in a plane or line, farthest apart."""
    corners = points[ConvexHull(points).vertices]
    farthest = int(pdist(corners).argmax())
    # `pdist` lists the pairs of the first, then those of the second with later ones, and so on.
    stops = np.cumsum(np.arange(len(corners) - 1, 0, -1))
    one = int(np.searchsorted(stops, farthest, side="right"))
    return corners[one], corners[len(corners) - int(stops[one] - farthest)]


def _turned(points: NDArray, way: NDArray) -> tuple[NDArray, NDArray]:
    """Return coordinates of `points` [N, 2] along a direction and at right angles to it."""
    x, y = way / np.linalg.norm(way)
    return points @ np.array([x, y]), points @ np.array([-y, x])


def _widest(across: NDArray, strips: NDArray) -> float:
    """Return the largest extent of `across` within a strip; `strips` says which each is in."""
    count = int(strips.max()) + 1
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, strips, across)
    np.maximum.at(high, strips, across)
    return float(np.max(high - low, where=np.isfinite(low), initial=0.0))
