"""A deformed head without its blood, on the scanner's grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.synthetic.anatomy.deformation import MassEffect
from cohort.synthetic.body import Body
from cohort.synthetic.fields import Field, Noise, Points
from cohort.synthetic.scanner.scan import Acquisition, head_points
from cohort.synthetic.surgery import Surgery, cut_bone, put_inside

SLAB_VOXELS = 300_000
"""Voxels drawn at a time: an array of them fits the processor's cache."""
GLARE_MM = 5.0
"""Depth over which the bright rim beside the inner table fades."""
OUTSIDE = 99.0
"""Distance given to voxels that are not brain, mm."""


@dataclass(frozen=True)
class HeadVoxels:
    """The deformed head without its blood on the scanner's grid, arrays [z, y, x].

    Attributes
    ----------
    hu
        HU.
    origin
        Where the tissue was before the bleed, head coordinates in mm.
    depth
        Distance below the inner table, mm.
    ventricle
        Distance from the lateral ventricle of the voxel's own side, mm, negative inside.
    tissue
        Share of brain tissue.
    infratentorial
        Share of cerebellum and brainstem.
    central
        Distance from the third and fourth ventricle, mm, negative inside.
    left
        Where the side of the left lateral ventricle is.
    """

    hu: Field
    origin: Points
    depth: Field
    ventricle: Field
    tissue: Field
    infratentorial: Field
    central: Field
    left: NDArray[np.bool_]


def draw_anatomy(
    scan: Acquisition, body: Body, effect: MassEffect, surgery: Surgery | None, noise: Noise
) -> HeadVoxels:
    """Draw the head a few slices at a time, which keeps arrays small enough for the cache."""
    step = max(1, SLAB_VOXELS // (scan.layers * scan.size**2))
    slabs = []
    for start in range(0, scan.slices, step):
        points = head_points(scan, slice(start, min(start + step, scan.slices)), scan.layers)
        slabs.append(_draw_slab(points, scan, body, effect, surgery, noise))
    hu, x, y, z, depth, ventricle, tissue, infratentorial, central, left = map(
        np.concatenate, zip(*slabs, strict=True)
    )
    return HeadVoxels(
        hu, Points(x, y, z), depth, ventricle, tissue, infratentorial, central, left > 0.5
    )


def _draw_slab(
    points: Points,
    scan: Acquisition,
    body: Body,
    effect: MassEffect,
    surgery: Surgery | None,
    noise: Noise,
) -> tuple[Field, ...]:
    """Return what `HeadVoxels` holds, in its order, for the slices whose layers are `points`."""
    shape, pixel = points.x.shape, scan.pixel
    flat = Points(*(axis.ravel() for axis in points))
    hu, distance = body.skull(flat, noise, pixel)
    if surgery is not None:
        cut_bone(hu, flat, distance, surgery, pixel)
    # Up to half a pixel beyond the inner table the brain still fills part of a voxel.
    where = np.flatnonzero(distance < 0.5 * pixel)
    p, depth = flat.at(where), -distance[where]
    origin = effect.origin(p, depth)
    surroundings = effect.openness(p), effect.squeeze(p)
    brain = body.brain(origin, depth, *surroundings, noise, pixel)
    if surgery is not None:
        put_inside(brain.hu, p, depth, surgery, pixel)
    glare = np.float32(scan.glare) * np.exp(depth * np.float32(-1 / GLARE_MM))
    hu[where] += (brain.hu + glare - hu[where]) * np.clip(0.5 + depth / pixel, 0, 1)

    def slices(values: Field, elsewhere: float) -> Field:
        grid = np.full(flat.x.size, elsewhere, dtype=np.float32)
        grid[where] = values
        return _mean_of_layers(grid, shape, scan.layers)

    return (
        _mean_of_layers(hu, shape, scan.layers),
        *(slices(axis, OUTSIDE) for axis in origin),
        slices(depth, -OUTSIDE),
        slices(brain.ventricle, OUTSIDE),
        slices(brain.tissue, 0),
        slices(brain.infratentorial.astype(np.float32), 0),
        slices(brain.central, OUTSIDE),
        slices(brain.left.astype(np.float32), 0),
    )


def _mean_of_layers(flat: Field, shape: tuple[int, ...], layers: int) -> Field:
    stack = flat.reshape(-1, layers, *shape[1:])
    return np.add.reduce(stack, axis=1) * np.float32(1 / layers)
