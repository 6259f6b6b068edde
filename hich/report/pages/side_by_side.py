"""Several scans of one patient side by side: slices of each, in the place of the first one's.

Where the skull tells how a later scan lies to the first (`imaging.space.registration`), it is
shown on the first one's slices; else each scan is shown on its own, and the page says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURES
from hich.report.messages import Message
from hich.report.model.masks import CaseVoxels
from hich.report.pages.axial import Axial
from hich.report.pages.stack import (
    KNOTS_CODE,
    KNOTS_HU,
    MOST_SLICES,
    REFERENCE_BIT,
    Stack,
    make_stack,
)
from imaging.space.sampling import sample_at

OUTSIDE_HU = -1000
_INT16 = np.iinfo(np.int16).min, np.iinfo(np.int16).max


@dataclass(frozen=True)
class SideBySide:
    """The scans, ready for a page.

    Attributes
    ----------
    stacks
        Of each scan, by time.
    why_not
        Of each later scan, why it is not in the place of the first; None where it is.
    """

    stacks: tuple[Stack, ...]
    why_not: tuple[Message | None, ...]

    @property
    def registered(self) -> tuple[bool, ...]:
        """Whether each later scan is in the place of the first."""
        return tuple(why is None for why in self.why_not)


def scans_side_by_side(scans: Sequence[CaseVoxels]) -> SideBySide:
    """Put scans beside each other, by time; the first one's slices are the measure."""
    first, *others = scans
    shown = _Shown.of(first)
    stacks = [make_stack(shown.axial)]
    why_not: list[Message | None] = []
    for later in others:
        try:
            matrix = _place(first, later)
        except _NotPlaced as error:
            stacks.append(make_stack(_every(Axial.of(later))))
            why_not.append(error.why)
        else:
            stacks.append(make_stack(shown.of_other(later, matrix)))
            why_not.append(None)
    return SideBySide(tuple(stacks), tuple(why_not))


def side_context(side: SideBySide) -> dict[str, Any]:
    """Return what the template and the viewer need."""
    scans = [
        {
            "images": stack.images,
            "masks": stack.masks,
            "numbers": stack.numbers,
            "total": stack.total,
            "size": stack.size,
            "pixel": stack.pixel_mm,
        }
        for stack in side.stacks
    ]
    common = {
        "knots": [KNOTS_CODE, KNOTS_HU],
        "colours": [s.colour for s in STRUCTURES],
        "reference": REFERENCE_BIT,
    }
    data = {
        "scans": scans,
        "common": common,
        "placed": [True, *side.registered],
        "first": _fullest(side.stacks[0]),
    }
    return {"stacks": side.stacks, "why_not": side.why_not, "data": data}


def _fullest(stack: Stack) -> int:
    """Return the slice whose masks take most room, which shows most of what is marked."""
    sizes = [len(mask) for mask in stack.masks]
    return sizes.index(max(sizes)) if any(sizes) else len(sizes) // 2


class _NotPlaced(Exception):
    def __init__(self, why: Message) -> None:
        super().__init__(why.key)
        self.why = why


def _place(first: CaseVoxels, later: CaseVoxels) -> NDArray:
    from imaging.space.registration import NoBone, register_skulls

    try:
        return register_skulls(first.image, first.grid, later.image, later.grid).matrix
    except ImportError:
        raise _NotPlaced(Message("follow.no_library")) from None
    except NoBone:
        raise _NotPlaced(Message("follow.no_bone")) from None
    except DataError:
        raise _NotPlaced(Message("follow.not_registered")) from None


@dataclass(frozen=True)
class _Shown:
    """The slices of the first scan that are shown, and where they lie.

    Attributes
    ----------
    axial
        These slices.
    of_first
        The scan.
    slices
        Their indices, from below.
    start
        Of the box of the head, along both axes in their plane.
    """

    axial: Axial
    of_first: CaseVoxels
    slices: tuple[int, ...]
    start: tuple[int, int]

    @classmethod
    def of(cls, first: CaseVoxels) -> _Shown:
        axial = Axial.of(first)
        kept = _kept(axial)
        return cls(_every(axial), first, tuple(kept), axial.start)

    def of_other(self, later: CaseVoxels, matrix: NDArray) -> Axial:
        """Return another scan on these slices."""
        lps = self.of_first.grid.lps
        width, height, _ = self.axial.hu.shape
        x, y = np.meshgrid(np.arange(width), np.arange(height), indexing="ij")
        hu = np.full(self.axial.hu.shape, OUTSIDE_HU, np.int16)
        field = np.zeros(self.axial.hu.shape, np.uint8)
        marked = _bits(later.predicted, later.image.shape)
        for number, k in enumerate(self.slices):
            at = np.stack([x + self.start[0], y + self.start[1], np.full(x.shape, k)], axis=-1)
            places = lps.to_mm(at) @ matrix[:3, :3].T + matrix[:3, 3]
            read = sample_at(later.image, later.grid, places, outside=OUTSIDE_HU)
            hu[..., number] = np.rint(np.clip(read, *_INT16))
            field[..., number] = sample_at(marked, later.grid, places, outside=0, nearest=True)
        masks = {
            s.id: (field >> np.uint8(s.channel)) & np.uint8(1)
            for s in STRUCTURES
            if s.id in later.predicted
        }
        return replace(self.axial, hu=hu, predicted=masks, reference={})


def _kept(axial: Axial) -> range:
    total = axial.hu.shape[2]
    return range(0, total, ceil(total / MOST_SLICES))


def _every(axial: Axial) -> Axial:
    """Return the slices that a page has room for, without reference masks."""
    kept = slice(None, None, _kept(axial).step)
    return replace(
        axial,
        hu=axial.hu[..., kept],
        predicted={name: mask[..., kept] for name, mask in axial.predicted.items()},
        reference={},
        heights_mm=axial.heights_mm[kept],
    )


def _bits(masks: Mapping[str, NDArray], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    field = np.zeros(shape, np.uint8)
    for structure in STRUCTURES:
        if structure.id in masks:
            field |= (masks[structure.id] != 0).astype(np.uint8) << np.uint8(structure.channel)
    return field
