"""What a scan shows under a mask: HU, what surrounds it, and where in the head it lies.

A mask's voxels are a small part of a scan's, and only they and their neighbours are read; where
the head is, a coarse copy tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from cohort.checks.head.thumbnail import thumbnail
from cohort.checks.masks.around import box_fill, surroundings
from cohort.facts.limits import BODY_HU, BONE_HU, LEAST_CUT_BONE_HU
from cohort.facts.tissue import cut_level
from cohort.space.header import Header
from cohort.space.shapes.pieces import FACES, IN_SLICE, label_pieces

PIXELS = 64
"""Least pixels a side of the coarse copy: 4 mm or so."""
MOST_VOXELS = 1 << 16
"""Of larger masks, so many voxels are looked at, evenly chosen."""


@dataclass(frozen=True)
class MaskLook:
    """What a scan shows under a mask that is not empty.

    Attributes
    ----------
    points, indices
        Places of its voxels (evenly chosen ones of a large mask), RAS+ mm [n, 3], and their numbers
        in the file [n], in ascending order.
    ml
        Its volume.
    mean
        Mean HU.
    air, bone, outside
        Shares of its voxels that are air, are bone, or lie outside of the head.
    no_brain
        Share of its voxels that are any of these.
    head_share
        Its volume in parts of the head's.
    contrast, dense, unlike, reversed_dense, reversed_unlike, edge
        How it stands out from what surrounds it (`cohort.checks.masks.around.Surroundings`).
    fill
        Share that it fills of the boxes that enclose it in each slice; None if it is too small.
    digest
        Equal for masks of equal voxels.
    """

    points: NDArray[np.float64]
    indices: NDArray[np.intp]
    ml: float
    mean: float
    air: float
    bone: float
    outside: float
    no_brain: float
    head_share: float
    contrast: float | None
    dense: float
    unlike: float
    reversed_dense: float
    reversed_unlike: float
    edge: float | None
    fill: float | None
    digest: bytes


class HeadLook:
    """A scan under which masks are held.

    Parameters
    ----------
    voxels
        [I, J, K] in HU, in the file's own axis order; finite.
    header
        Where they lie.
    """

    def __init__(self, voxels: NDArray, header: Header) -> None:
        self.header = header
        self._flat = np.asarray(voxels).ravel("F")  # no copy of what a NIfTI file holds
        small = thumbnail(voxels, header, pixels=PIXELS, even_heights=False)
        axes = [next(i for i, c in enumerate(header.axcodes) if c in p) for p in ("LR", "PA", "IS")]
        spacing = [header.spacing[axis] for axis in axes]
        self._steps = [round(mm / own) for mm, own in zip(small.spacing, spacing, strict=True)]
        self._axes = axes
        self._small_ml = float(np.prod(self._steps) * header.grid.voxels_ml.mean())
        self._small = small.voxels
        low, high = float(small.voxels.min()), float(small.voxels.max())
        # Where HU are cut to a window, air reads its lower bound, and bone its upper one.
        self._air = BODY_HU if low < BODY_HU else None
        self._head_from = max(BODY_HU, low + 2)
        self._bone: float | None = BONE_HU
        if high < BONE_HU:
            cut = cut_level(voxels)
            is_bone = cut is not None and cut >= LEAST_CUT_BONE_HU
            self._bone = cut - 0.02 * (cut - max(low, 0)) if cut is not None and is_bone else None

    @cached_property
    def head(self) -> NDArray[np.bool_]:
        """Where the head is: bool [x, y, z] toward left, posterior, superior, coarse."""
        from scipy.ndimage import binary_fill_holes

        # Coarse copies lie in C order.
        pieces = label_pieces((self._small > self._head_from).T, FACES)
        if not pieces.count:
            return np.zeros(self._small.shape, bool)
        largest = 1 + int(np.argmax(pieces.voxels[1:]))
        filled: NDArray[np.bool_] = binary_fill_holes(largest == pieces.numbered.T, IN_SLICE)
        return filled

    @cached_property
    def head_ml(self) -> float:
        """Volume of the head."""
        return float(np.count_nonzero(self.head)) * self._small_ml

    @cached_property
    def centre(self) -> NDArray[np.float64] | None:
        """Centre of the head in RAS+ mm; None for a volume of air."""
        if not self.head.any():
            return None
        return self.places(np.argwhere(self.head).mean(axis=0)[np.newaxis])[0]

    def places(self, coarse: NDArray) -> NDArray[np.float64]:
        """Return where places [n, 3] of the coarse copy lie, in RAS+ mm."""
        index = np.empty((len(coarse), 3))
        for place, step, axis in zip(coarse.T, self._steps, self._axes, strict=True):
            from_start = place * step + step // 2
            last = self.header.shape[axis] - 1
            toward = self.header.axcodes[axis] in "LPS"
            index[:, axis] = from_start if toward else last - from_start
        return self.header.grid.to_mm(index)

    def under(self, mask: NDArray[np.uint8]) -> MaskLook | None:
        """Return what the scan shows under a mask [I, J, K] of 0/1; None if it is empty."""
        flags = mask.ravel("F").view(np.bool_)
        where = np.flatnonzero(flags)
        if not where.size:
            return None
        mean = float(self._flat[where].mean(dtype=np.float64))
        some = where[:: 1 + where.size // MOST_VOXELS]
        hu = self._flat[some]
        index = np.unravel_index(some, self.header.shape, order="F")
        outside = ~self.head[self._coarse(index)]
        air = hu < (-np.inf if self._air is None else self._air)
        bone = hu >= (np.inf if self._bone is None else self._bone)
        ml = self.header.grid.volume_ml(mask)
        return MaskLook(
            points=self.header.grid.to_mm(np.stack(index, axis=1)),
            indices=some,
            ml=ml,
            mean=mean,
            air=float(air.mean()),
            bone=float(bone.mean()),
            outside=float(outside.mean()),
            no_brain=float((air | bone | outside).mean()),
            head_share=ml / max(self.head_ml, self._small_ml),
            **surroundings(self._flat, self.header, flags, some)._asdict(),
            fill=box_fill(self.header, index, where.size / some.size),
            digest=blake2b(where.tobytes(), digest_size=16).digest(),
        )

    def _coarse(self, index: tuple[NDArray, ...]) -> tuple[NDArray, ...]:
        """Return where voxels of the file lie in the coarse copy."""
        places = []
        for step, axis, size in zip(self._steps, self._axes, self._small.shape, strict=True):
            own = index[axis]
            if self.header.axcodes[axis] not in "LPS":
                own = self.header.shape[axis] - 1 - own
            places.append(np.minimum(own // step, size - 1))
        return tuple(places)
