"""A structure cut out of its scan: the box around it, so that empty voxels cost nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.space.grid import Grid
from cohort.space.shapes.pieces import bounding_box, indices_of


@dataclass(frozen=True)
class Cut:
    """A structure and the box around it.

    Attributes
    ----------
    mask
        Boolean [X, Y, Z], no larger than what is marked.
    corner
        Indices [3] in the whole scan of the box's first voxel.
    """

    mask: NDArray[np.bool_]
    corner: NDArray[np.intp]

    @classmethod
    def of(cls, mask: NDArray) -> Cut | None:
        """Cut a structure out of a scan [X, Y, Z]; None if nothing is marked."""
        box = bounding_box(mask)
        if box is None:
            return None
        return cls(mask[box] != 0, np.array([axis.start for axis in box]))

    def part(self, box: tuple[slice, ...], mask: NDArray[np.bool_]) -> Cut:
        """Return a part of the structure, of which `mask` is all there is in the cut's `box`."""
        return Cut(mask, self.corner + [axis.start for axis in box])

    @property
    def box(self) -> tuple[slice, ...]:
        """Where it lies in the whole scan."""
        ends = self.corner + self.mask.shape
        return tuple(slice(int(a), int(b)) for a, b in zip(self.corner, ends, strict=True))

    @property
    def voxels(self) -> int:
        """How many voxels are marked."""
        return int(np.count_nonzero(self.mask))

    def volume_ml(self, grid: Grid) -> float:
        """Return the volume in mL of what is marked.

        Parameters
        ----------
        grid
            Of the whole scan, whose last axis are the slices.
        """
        if grid.even:
            return self.voxels * float(grid.voxels_ml[0])
        start = int(self.corner[2])
        counts = np.count_nonzero(self.mask, axis=(0, 1))
        return float(counts @ grid.voxels_ml[start : start + len(counts)])

    def centre(self, grid: Grid) -> NDArray:
        """Return the centre of volume of what is marked, indices [3] in the whole scan.

        Parameters
        ----------
        grid
            As `volume_ml` has it. Of uneven slices, a thick one weighs more than a thin one, and
            the centre lies at the index whose place is that of the centre.
        """
        if grid.even:
            others = ((1, 2), (0, 2), (0, 1))
            counts = [np.count_nonzero(self.mask, axis=axes) for axes in others]
            return self.corner + [c @ np.arange(len(c)) / c.sum() for c in counts]
        start = int(self.corner[2])
        here = slice(start, start + self.mask.shape[2])
        weights, levels = grid.voxels_ml[here], grid.levels_mm
        profiles = [np.count_nonzero(self.mask, axis=axis) @ weights for axis in (1, 0)]
        x, y = (float(p @ np.arange(len(p)) / p.sum()) for p in profiles)
        upward = np.count_nonzero(self.mask, axis=(0, 1)) * weights
        level = float(upward @ levels[here] / upward.sum())
        z = float(np.interp(level, levels, np.arange(len(levels))))
        return np.array([x + self.corner[0], y + self.corner[1], z])

    def edge(self) -> NDArray:
        """Return the middle of each face between what is marked and what is not, indices [N, 3].

        Faces, not voxels' centres: a single voxel is as long as itself. And not corners: a
        slanting edge runs through the middles of its steps.

        Examples
        --------
        >>> Cut.of(np.ones((1, 1, 1))).edge()[:2]
        array([[-0.5,  0. ,  0. ],
               [ 0.5,  0. ,  0. ]])
        """
        return edge_points(self.mask) + self.corner

    def outermost(self) -> NDArray:
        """Return points of the structure, those of `edge` that are corners of its hull among them.

        In each slice only the ends of rows and columns can be.
        """
        points = []
        for axis in (0, 1):
            lines = np.moveaxis(self.mask, axis, 0)
            marked = indices_of(np.asarray(lines.any(axis=0)))
            of_line = lines[(slice(None), *marked.T)]
            ends = of_line.argmax(axis=0), len(lines) - 1 - of_line[::-1].argmax(axis=0)
            for end, outward in zip(ends, (-0.5, 0.5), strict=True):
                voxels = np.insert(marked.astype(float), axis, end, axis=1)
                points.append(voxels + outward * np.eye(3)[axis])
                if axis == 0:  # their faces upward and downward
                    points += [voxels + [0, 0, 0.5], voxels - [0, 0, 0.5]]
        return np.concatenate(points) + self.corner


def edge_points(mask: NDArray[np.bool_]) -> NDArray:
    """Return `Cut.edge` of a mask of any number of axes, in its own indices.

    Examples
    --------
    >>> edge_points(np.array([False, True, True]))
    array([[0.5],
           [2.5]])
    """
    around = np.pad(mask, 1)
    points = []
    for axis in range(mask.ndim):
        faces = indices_of(np.diff(around, axis=axis)) - 1.0
        faces[:, axis] += 0.5
        points.append(faces)
    return np.concatenate(points)
