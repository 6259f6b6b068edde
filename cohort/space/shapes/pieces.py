"""What is marked in a mask: its voxels, its connected pieces, the box around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cohort.space.grid import Grid

CORNERS = np.ones((3, 3, 3), bool)
"""Voxels that share a corner are of one piece, as of every mask that is measured or scored."""
FACES = np.zeros((3, 3, 3), bool)
FACES[1, 1, :] = FACES[1, :, 1] = FACES[:, 1, 1] = True
"""Only voxels that share a face are: what hangs on by a corner lies apart."""
IN_SLICE = np.zeros((3, 3, 3), bool)
IN_SLICE[1, :, 1] = IN_SLICE[:, 1, 1] = True
"""The same within each slice by itself."""


@dataclass(frozen=True)
class Pieces:
    """The connected pieces of a mask.

    Attributes
    ----------
    numbered
        int [X, Y, Z]: number of the piece that a voxel belongs to, from 1 on; 0 around them. They
        are numbered from slice to slice.
    voxels
        int [1 + pieces]: voxels of each number.
    """

    numbered: NDArray
    voxels: NDArray

    @property
    def count(self) -> int:
        """Return how many pieces there are."""
        return len(self.voxels) - 1

    def volumes_ml(self, grid: Grid, first_slice: int = 0) -> NDArray:
        """Return the volume in mL of each number, [1 + pieces].

        Parameters
        ----------
        grid
            Of the whole scan, whose last axis are the slices.
        first_slice
            Index in it of the first slice here.
        """
        if grid.even:
            return self.voxels * float(grid.voxels_ml[0])
        total = np.zeros(len(self.voxels))
        for k in range(self.numbered.shape[2]):
            here = np.bincount(self.numbered[..., k].ravel("K"), minlength=len(total))
            total += here * grid.voxels_ml[first_slice + k]
        return total


def label_pieces(mask: NDArray, touching: NDArray[np.bool_] = CORNERS) -> Pieces:
    """Tell the connected pieces of a mask apart.

    Parameters
    ----------
    mask
        [X, Y, Z], in a file's order of memory, where X runs fastest: it is many times as fast so.
        Of an array in C order give the transpose, and transpose `numbered` again.
    touching
        Which neighbours are of one piece: `CORNERS`, `FACES` or, of slices along Z, `IN_SLICE`.

    Examples
    --------
    >>> mask = np.zeros((4, 4, 2), np.uint8)
    >>> mask[0, 0, 0] = mask[1, 1, 1] = mask[3, 3, 0] = 1
    >>> label_pieces(mask).voxels[1:].tolist()
    [2, 1]
    >>> label_pieces(mask, FACES).voxels[1:].tolist()
    [1, 1, 1]
    """
    from scipy import ndimage

    # In the memory's own order, which for a file's volume is the reverse of the axes'.
    numbered, count = ndimage.label(mask.T, touching.T)
    numbered = numbered.T
    return Pieces(numbered, np.bincount(numbered.ravel("K"), minlength=int(count) + 1))


def indices_of(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return what `numpy.argwhere` does, [n, axes] and in its order, many times as fast.

    The mask is looked through in its memory's own order, which for a file's volume is the reverse
    of the axes'.
    """
    order: Literal["C", "F"] = "F" if mask.flags.f_contiguous else "C"
    flat = np.flatnonzero(mask.ravel(order))
    found = np.unravel_index(flat, mask.shape, order)
    if order == "F" and not mask.flags.c_contiguous:
        found = np.unravel_index(np.sort(np.ravel_multi_index(found, mask.shape)), mask.shape)
    return np.stack(found, axis=1)


def unflipped(array: NDArray, axes: int | None = None) -> NDArray:
    """Return a view of an array of which the first `axes`, or all, run as its memory does.

    Volumes are seen in patient axes by flipping the axes of their files, and numpy looks through a
    flipped one many times as slowly. For what doesn't ask where: the largest value, how many.
    """
    return array[tuple(slice(None, None, -1 if s < 0 else 1) for s in array.strides[:axes])]


def bounding_box(mask: NDArray) -> tuple[slice, slice, slice] | None:
    """Return the box around what is marked in `mask` [X, Y, Z]; None if nothing is.

    Examples
    --------
    >>> mask = np.zeros((4, 5, 6), np.uint8)
    >>> mask[1:3, 2, 5] = 1
    >>> bounding_box(mask)
    (slice(1, 3, None), slice(2, 3, None), slice(5, 6, None))
    """
    forward = unflipped(mask)
    found = np.flatnonzero(forward.max(axis=(0, 1)))
    if not found.size:
        return None
    flat = forward[..., found[0] : found[-1] + 1].max(axis=2)
    along = (*(np.flatnonzero(flat.max(axis=axis)) for axis in (1, 0)), found)
    x, y, z = (
        slice(int(at[0]), int(at[-1]) + 1)
        if stride >= 0
        else slice(size - 1 - int(at[-1]), size - int(at[0]))
        for at, size, stride in zip(along, mask.shape, mask.strides, strict=True)
    )
    return x, y, z
