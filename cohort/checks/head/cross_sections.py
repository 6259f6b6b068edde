"""What the axial sections of a scan are made of: body, skull, bone, air."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.checks.head.thumbnail import Thumbnail
from cohort.facts.limits import BODY_HU, SOFT_HU
from cohort.facts.tissue import Values
from cohort.space.shapes.pieces import IN_SLICE, Pieces, label_pieces

PER_SLICE = (0, 1)


@dataclass(frozen=True)
class CrossSections:
    """The axial sections of a scan, one per slice of its coarse copy, from below.

    Attributes
    ----------
    body
        Bool [x, y, z]: the largest object and what it encloses.
    area
        Of the body, cm² in each slice.
    skull
        cm² of soft tissue that a ring of bone encloses, in each slice; 0 where there is none.
    within
        Bool [x, y, z]: what a ring of bone encloses, where that is counted in `skull`.
    air
        Bool [x, y, z]: air that the body encloses.
    bone
        Share of bone in the body in each slice.
    """

    body: NDArray[np.bool_]
    area: NDArray[np.float64]
    skull: NDArray[np.float64]
    within: NDArray[np.bool_]
    air: NDArray[np.bool_]
    bone: NDArray[np.float64]


def measure_sections(small: Thumbnail, values: Values) -> CrossSections:
    """Find body, skull and air in each slice of a coarse copy in which bone can be told."""
    from scipy.ndimage import binary_dilation

    v = small.voxels
    assert values.bone is not None
    bone = _pooled(v >= values.bone, 0.2)
    dense = _dense(small, values)
    # Where air is cut off, so is CSF: a dark rim parts brain and skull.
    body = _largest_object(dense if values.air else dense | _enclosed(dense))
    ring = binary_dilation(bone & body, IN_SLICE)
    inside = _enclosed(ring) & ~ring
    soft = _pooled((v > SOFT_HU[0]) & (v < SOFT_HU[1]), 0.5)
    if not values.air:
        soft = ~bone  # what is cut off may be brain's noise
    total = np.maximum(np.count_nonzero(body, axis=PER_SLICE), 1)
    cavity = np.count_nonzero(inside, axis=PER_SLICE)
    brain = np.count_nonzero(inside & soft, axis=PER_SLICE)
    closed = (cavity > 0.2 * total) & (brain > 0.6 * cavity)
    cm2 = _pixel_cm2(small)
    return CrossSections(
        body=body,
        area=np.count_nonzero(body, axis=PER_SLICE) * cm2,
        skull=np.where(closed, cavity * cm2, 0),
        within=inside & closed,
        air=body & ~dense,
        bone=np.count_nonzero(bone & body, axis=PER_SLICE) / total,
    )


def measure_trunk(small: Thumbnail, values: Values) -> tuple[NDArray, NDArray]:
    """Return cm² of the body in each slice, and of air in it, were it no head but a trunk.

    What thin walls enclose counts, as lungs do; around a head that may be air above its rest.
    """
    dense = _dense(small, values)
    body = _largest_object(dense | _enclosed(dense))
    area = np.count_nonzero(body, axis=PER_SLICE) * _pixel_cm2(small)
    return area, np.count_nonzero(body & ~dense, axis=PER_SLICE) * _pixel_cm2(small)


def _dense(small: Thumbnail, values: Values) -> NDArray[np.bool_]:
    return _pooled(small.voxels > (BODY_HU if values.air else values.low + 2), 0.5)


def _pixel_cm2(small: Thumbnail) -> float:
    """Return the area of a pixel of pooled masks."""
    return 4 * small.spacing[0] * small.spacing[1] / 100


def _pooled(mask: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    """Return where more than `share` of each 2 × 2 pixels is in `mask`."""
    nx, ny = mask.shape[0] // 2 * 2, mask.shape[1] // 2 * 2
    m = mask[:nx, :ny].view(np.uint8)
    count = m[::2, ::2] + m[1::2, ::2] + m[::2, 1::2] + m[1::2, 1::2]
    pooled: NDArray[np.bool_] = count > 4 * share
    return pooled


def _pieces(mask: NDArray[np.bool_]) -> Pieces:
    """Return the pieces of each slice by itself; coarse copies lie in C order."""
    pieces = label_pieces(mask.T, IN_SLICE.T)
    return Pieces(pieces.numbered.T, pieces.voxels)


def _enclosed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return what is not in `mask` and not joined to a slice's border, slice by slice."""
    pieces = _pieces(~mask)
    parts = pieces.numbered
    open_ = np.zeros(pieces.count + 1, bool)
    for edge in (parts[0], parts[-1], parts[:, 0], parts[:, -1]):
        open_[edge.ravel()] = True
    open_[0] = True
    enclosed: NDArray[np.bool_] = ~open_[parts]
    return enclosed


def _largest_object(dense: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the largest object of each slice with what it encloses, without its headrest."""
    from scipy.ndimage import binary_dilation, binary_erosion

    # Headrest, tubes and noise hang on by a thread at most.
    pieces = _pieces(binary_erosion(dense, IN_SLICE))
    objects, sizes = pieces.numbered, pieces.voxels
    largest = np.zeros(pieces.count + 1, bool)
    for index in range(dense.shape[2]):
        there = np.unique(objects[..., index])
        there = there[there > 0]
        if there.size:
            largest[there[np.argmax(sizes[there])]] = True
    body = binary_dilation(largest[objects], IN_SLICE) & dense
    filled: NDArray[np.bool_] = body | _enclosed(body)
    return filled
