"""The hematoma: how large it is, on which side, in how many pieces, how far from a ventricle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import KDTree

from imaging.cleanup import TOUCHING, bounding_box
from imaging.diameters import Abc2, abc2, edge_points, largest_diameter_mm
from imaging.midplane import Midplane, Source
from imaging.orientation import upright_frame
from imaging.site import Site, coarse_site
from imaging.volume import voxel_ml

SMALLEST_ML = 0.1
"""Pieces below it are specks and not counted, as among lesions (`imaging.lesions`)."""
ONE_SIDED = 0.85
"""Share of the blood that lies on one side of a bleed of that side: our choice. Large bleeds of
one side reach across a midline that they push."""


@dataclass(frozen=True)
class Hematoma:
    """What the mask of the hematoma tells; all None where nobody marked it, or there is none.

    Attributes
    ----------
    volume_ml
        Volume of all of it in mL; 0 without one, None where it was not looked for.
    abc2_ml
        Volume by ABC/2 (`imaging.diameters.abc2`), summed over the pieces that are counted.
    abc2
        A, B, C and the slice of the largest piece; the slice as the file counts it.
    side
        The patient's side of the brain's middle that holds `ONE_SIDED` of its volume, or both.
    left_ml, right_ml
        Volumes to the left and the right of the brain's middle.
    side_by
        What told the brain's middle: see `imaging.midplane.Midplane.source`.
    components
        Number of pieces of `SMALLEST_ML` and more; voxels that share a corner are of one piece.
        The largest counts whatever its size.
    centroid_mm
        Centre of the largest piece, RAS+ world coordinates in mm.
    largest_diameter_mm
        Largest distance between two points of the largest piece's surface.
    distance_to_ventricle_mm
        From the largest piece's surface to that of the nearest lateral ventricle, 0 if they
        touch; None where no ventricle is marked.
    site
        Roughly where the largest piece lies; None where it can't be told (`imaging.site`).
    site_reason
        Why, in a sentence.
    """

    volume_ml: float | None
    abc2_ml: float | None = None
    abc2: Abc2 | None = None
    side: Literal["left", "right", "both"] | None = None
    left_ml: float | None = None
    right_ml: float | None = None
    side_by: Source | None = None
    components: int | None = None
    centroid_mm: tuple[float, float, float] | None = None
    largest_diameter_mm: float | None = None
    distance_to_ventricle_mm: float | None = None
    site: Site | None = None
    site_reason: str | None = None


def measure_hematoma(
    mask: NDArray,
    affine: NDArray,
    spacing: Sequence[float],
    middle: Midplane,
    ventricles: NDArray | None = None,
) -> Hematoma:
    """Measure a hematoma.

    Parameters
    ----------
    mask
        [X, Y, Z], axes LPS; what is not zero belongs to it.
    affine
        [4, 4], from its indices to RAS+ mm.
    spacing
        Distance between voxels along the axes, in mm.
    middle
        Where the brain's left meets its right.
    ventricles
        Both lateral ventricles, on the same grid; None where neither was marked.
    """
    box = bounding_box(mask)
    if box is None:
        return Hematoma(0.0, components=0)
    corner = np.array([axis.start for axis in box])
    frame, ml = upright_frame(affine), voxel_ml(affine)
    pieces, number = ndimage.label(mask[box] != 0, TOUCHING)
    sizes = np.bincount(pieces.ravel("K"), minlength=number + 1)[1:] * ml
    largest = int(sizes.argmax()) + 1
    # A piece of just that size counts, however its volume is rounded.
    counted = {largest, *(np.flatnonzero(sizes >= SMALLEST_ML * (1 - 1e-9)) + 1).tolist()}
    found = ndimage.find_objects(pieces)
    shapes = {n: abc2(pieces[found[n - 1]] == n, frame) for n in counted}

    indices = np.argwhere(pieces)
    left = float(np.count_nonzero(middle.left_of(indices + corner, spacing) > 0) * ml)
    within = found[largest - 1]
    piece = pieces[within] == largest
    at = corner + [axis.start for axis in within]
    centre = np.argwhere(piece).mean(axis=0) + at
    total = len(indices) * ml
    # Of the plane, not the line that the bleed pushes away.
    aside = float(abs(replace(middle, lines={}).left_of(centre[None], spacing)[0]))
    known = aside if middle.source != "array" else None
    marked = None if ventricles is None else np.argwhere(ventricles)
    found_site = coarse_site(centre, known, marked, frame)
    a_slice = shapes[largest].slice + int(at[2])
    return Hematoma(
        volume_ml=total,
        abc2_ml=sum(shape.ml for shape in shapes.values()),
        abc2=replace(shapes[largest], slice=a_slice),
        side=_side(left / total),
        left_ml=left,
        right_ml=total - left,
        side_by=middle.source,
        components=len(counted),
        centroid_mm=tuple((affine[:3, :3] @ centre + affine[:3, 3]).tolist()),
        largest_diameter_mm=largest_diameter_mm(piece, frame),
        distance_to_ventricle_mm=_distance_mm(piece, at, ventricles, frame),
        site=found_site.site,
        site_reason=found_site.reason,
    )


def _side(share: float) -> Literal["left", "right", "both"]:
    """Return the side of a bleed of which a share lies to the left."""
    if share >= ONE_SIDED:
        return "left"
    return "right" if share <= 1 - ONE_SIDED else "both"


def _distance_mm(
    piece: NDArray, at: NDArray, ventricles: NDArray | None, frame: NDArray
) -> float | None:
    """Return how far a piece, cut out of the grid at the indices `at`, is from a ventricle."""
    box = None if ventricles is None else bounding_box(ventricles)
    if ventricles is None or box is None:
        return None
    beside = tuple(slice(max(0, a - 1), a + n + 1) for a, n in zip(at, piece.shape, strict=True))
    grown = np.pad(piece, [(min(1, a), 1) for a in at])
    near = ventricles[beside]
    grown = ndimage.binary_dilation(grown, TOUCHING)[tuple(map(slice, near.shape))]
    if (grown & (near != 0)).any():
        return 0.0
    corner = np.array([axis.start for axis in box])
    walls = (edge_points(ventricles[box] != 0) + corner) @ frame.T
    surface = (edge_points(piece) + at) @ frame.T
    tree = KDTree(walls)
    # What is farther than some point is from the walls need not be known exactly.
    bound = float(tree.query(surface[:: max(1, len(surface) // 50)])[0].min())
    distances = tree.query(surface, distance_upper_bound=bound * (1 + 1e-9) + 1e-9)[0]
    return float(distances.min())
