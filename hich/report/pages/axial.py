"""A CT and its masks the way a page shows them: axial slices of the head, patient's right left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cohort.space.shapes.pieces import bounding_box
from hich.report.model.masks import CaseVoxels
from imaging.prediction.montage import head_box
from imaging.space.orientation import file_slice, lps_view

MARGIN_MM = 3.0
"""Around structures that reach beyond the head's box."""


@dataclass(frozen=True)
class Axial:
    """Axial slices, cut to the head and all that is marked: air around it only costs room.

    Arrays are [X, Y, Z] in LPS axes: `hu[..., k].T` is the slice k from below as a picture, the
    patient's right on its left and anterior on top.

    Attributes
    ----------
    hu
        CT in Hounsfield units.
    predicted, reference
        Structure id to its mask.
    spacing
        Distance between voxels along the axes, in mm.
    heights_mm
        Where the middle of each slice lies along the patient's axis, superior positive.
    upside_down
        Whether the file counts its slices from above.
    start
        Where the cut begins, in voxels of the whole scan in LPS axes, along X and Y.
    """

    hu: NDArray
    predicted: Mapping[str, NDArray]
    reference: Mapping[str, NDArray]
    spacing: tuple[float, float, float]
    heights_mm: tuple[float, ...]
    upside_down: bool
    start: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, volumes: CaseVoxels) -> Axial:
        """See the voxels of a case this way; the arrays are views of theirs."""
        affine, upright = volumes.grid.affine, volumes.grid.lps
        hu = lps_view(volumes.image, affine)
        spacing = upright.spacing
        predicted, reference = (
            {name: lps_view(mask, affine) for name, mask in masks.items()}
            for masks in (volumes.predicted, volumes.reference)
        )
        nx, ny, nz = hu.shape
        middles = upright.to_mm([((nx - 1) / 2, (ny - 1) / 2, k) for k in range(nz)])
        box = _box(hu, [*predicted.values(), *reference.values()], spacing)
        return cls(
            hu[box],
            {name: mask[box] for name, mask in predicted.items()},
            {name: mask[box] for name, mask in reference.items()},
            spacing,
            tuple(round(float(middle[2]), 1) for middle in middles),
            file_slice(0, affine, volumes.image.shape) != 0,
            (box[0].start, box[1].start),
        )

    def from_below(self, slice_of_file: int) -> int:
        """Return the index from below of a slice as the file counts it."""
        return self.hu.shape[2] - 1 - slice_of_file if self.upside_down else slice_of_file

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of a slice."""
        return self.hu.shape[0] * self.spacing[0], self.hu.shape[1] * self.spacing[1]

    @cached_property
    def shown(self) -> Mapping[str, NDArray]:
        """The predicted masks, or the reference's where there are none."""
        return self.predicted or self.reference


def _box(hu: NDArray, masks: Iterable[NDArray], spacing: tuple[float, ...]) -> tuple[slice, slice]:
    """Return the box in the plane of the slices around the head and the masks."""
    head = head_box(hu, range(hu.shape[2]))
    ends = [[axis.start or 0, axis.stop or n] for axis, n in zip(head, hu.shape, strict=False)]
    for found in filter(None, map(bounding_box, masks)):
        for axis in (0, 1):
            margin = round(MARGIN_MM / spacing[axis])
            ends[axis][0] = min(ends[axis][0], max(0, found[axis].start - margin))
            ends[axis][1] = max(ends[axis][1], found[axis].stop + margin)
    return slice(*ends[0]), slice(*ends[1])


def count_voxels(masks: Mapping[str, NDArray], names: Iterable[str]) -> NDArray[np.intp]:
    """Return how many voxels of some structures, those there are, each slice holds."""
    counts = [np.count_nonzero(masks[name], axis=(0, 1)) for name in names if name in masks]
    return np.sum(counts, axis=0) if counts else np.zeros(1, np.intp)
