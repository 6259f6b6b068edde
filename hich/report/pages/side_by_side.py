"""Several scans of one patient side by side: slices of each, in the place of the first one's.

Where the skull tells how a later scan lies to the first (`imaging.space.registration`), it is
shown on the first one's slices, hatched where it was not scanned; else each scan is shown on its
own, and the page says why. On
paper, where nothing moves, stand pictures of the slices that show most of the bleed of any scan.
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
from hich.report.pages.axial import Axial, count_voxels
from hich.report.pages.key_slices import draw_picture
from hich.report.pages.stack import (
    KNOTS_CODE,
    KNOTS_HU,
    MOST_SLICES,
    REFERENCE_BIT,
    Stack,
    make_stack,
)
from imaging.space.sampling import indices_at, sample_at

HATCH_HU, HATCH_PIXELS = (0, 60), 8
"""What a scan doesn't reach is no air, and is drawn as stripes of these HU, so wide."""
_WITHIN = 1e-6
"""Of a voxel: so far inside of the outermost centres, for what rounding moves."""
_INT16 = np.iinfo(np.int16).min, np.iinfo(np.int16).max


@dataclass(frozen=True)
class OnPaper:
    """A slice of one of the scans, as it is printed.

    Attributes
    ----------
    picture
        Data URI: brain window, masks in colour.
    number, total
        Of the slice, from 1 at the lowest, and how many there are: the first scan's, where the scan
        is in its place.
    """

    picture: str
    number: int
    total: int


@dataclass(frozen=True)
class SideBySide:
    """The scans, ready for a page.

    Attributes
    ----------
    stacks
        Of each scan, by time.
    why_not
        Of each later scan, why it is not in the place of the first; None where it is.
    on_paper
        Rows of slices, each of all scans, by time.
    hatched
        Of each later scan, whether the first one's slices show what it doesn't reach.
    first
        Place of the slice of the first scan that is shown first: that with most of the hematoma.
    """

    stacks: tuple[Stack, ...]
    why_not: tuple[Message | None, ...]
    on_paper: tuple[tuple[OnPaper, ...], ...] = ()
    hatched: tuple[bool, ...] = ()
    first: int = 0

    @property
    def registered(self) -> tuple[bool, ...]:
        """Whether each later scan is in the place of the first."""
        return tuple(why is None for why in self.why_not)


def scans_side_by_side(scans: Sequence[CaseVoxels]) -> SideBySide:
    """Put scans beside each other, by time; the first one's slices are the measure."""
    first, *others = scans
    shown = _Shown.of(first)
    axials, totals = [shown.axial], [shown.total]
    why_not: list[Message | None] = []
    hatched: list[bool] = []
    for later in others:
        try:
            matrix = _place(first, later)
        except _NotPlaced as error:
            whole = Axial.of(later)
            axials.append(_every(whole))
            totals.append(whole.hu.shape[2])
            why_not.append(error.why)
            hatched.append(False)
        else:
            axial, whole_head = shown.of_other(later, matrix)
            axials.append(axial)
            hatched.append(not whole_head)
            totals.append(shown.total)
            why_not.append(None)
    stacks = tuple(
        _numbered(make_stack(axial), total) for axial, total in zip(axials, totals, strict=True)
    )
    return SideBySide(
        stacks, tuple(why_not), _on_paper(axials, stacks), tuple(hatched), _bloodiest(axials[0])
    )


def _numbered(stack: Stack, total: int) -> Stack:
    """Return a stack of every n-th slice of `total` with their own numbers."""
    kept = _kept(total)
    return replace(stack, numbers=tuple(n + 1 for n in kept), total=total, every=kept.step)


def _on_paper(axials: Sequence[Axial], stacks: Sequence[Stack]) -> tuple[tuple[OnPaper, ...], ...]:
    """Return the slices to print: where each scan has most blood, all scans at that height."""
    last = [len(stack.images) - 1 for stack in stacks]
    places = {
        _at_same_share(_bloodiest(axial), end, last[0])
        for axial, end in zip(axials, last, strict=True)
    }
    rows = []
    for place in sorted(places):
        at = [_at_same_share(place, last[0], end) for end in last]
        rows.append(
            tuple(
                OnPaper(draw_picture(axial, k), stack.numbers[k], stack.total)
                for axial, stack, k in zip(axials, stacks, at, strict=True)
            )
        )
    return tuple(rows)


def _at_same_share(place: int, last: int, other_last: int) -> int:
    """Return what lies at the same share of the height; of one slice, the other's middle."""
    return round((place / last if last else 0.5) * other_last)


def _bloodiest(axial: Axial) -> int:
    """Return the slice with most of the hematoma, or of all masks, or else the middle one."""
    for names in (("hematoma",), tuple(axial.shown)):
        counts = count_voxels(axial.shown, names)
        if counts.any():
            return int(counts.argmax())
    return axial.hu.shape[2] // 2


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
        "first": side.first,
    }
    return {
        "stacks": side.stacks,
        "why_not": side.why_not,
        "hatched": side.hatched,
        "on_paper": side.on_paper,
        "data": data,
    }


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
    total
        How many slices there are.
    start
        Of the box of the head, along both axes in their plane.
    """

    axial: Axial
    of_first: CaseVoxels
    slices: tuple[int, ...]
    total: int
    start: tuple[int, int]

    @classmethod
    def of(cls, first: CaseVoxels) -> _Shown:
        axial = Axial.of(first)
        total = axial.hu.shape[2]
        return cls(_every(axial), first, tuple(_kept(total)), total, axial.start)

    def of_other(self, later: CaseVoxels, matrix: NDArray) -> tuple[Axial, bool]:
        """Return another scan on these slices, and whether it reaches all of them."""
        lps = self.of_first.grid.lps
        width, height, _ = self.axial.hu.shape
        x, y = np.meshgrid(np.arange(width), np.arange(height), indexing="ij")
        hatch = np.where((x + y) // HATCH_PIXELS % 2, *HATCH_HU)
        last = np.array(later.image.shape) - 1
        reaches_all = True
        hu = np.empty(self.axial.hu.shape, np.int16)
        field = np.zeros(self.axial.hu.shape, np.uint8)
        marked = _bits(later.predicted, later.image.shape)
        for number, k in enumerate(self.slices):
            at = np.stack([x + self.start[0], y + self.start[1], np.full(x.shape, k)], axis=-1)
            places = lps.to_mm(at) @ matrix[:3, :3].T + matrix[:3, 3]
            index = indices_at(later.grid, places)
            # Half a voxel beyond the outermost centres is still of the scan, and reads as these.
            reached = ((index >= -0.5) & (index <= last + 0.5)).all(axis=-1)
            reaches_all &= bool(reached.all())
            near = later.grid.to_mm(np.clip(index, _WITHIN, last - _WITHIN))
            read = sample_at(later.image, later.grid, near, outside=HATCH_HU[0])
            hu[..., number] = np.where(reached, np.rint(np.clip(read, *_INT16)), hatch)
            field[..., number] = sample_at(marked, later.grid, places, outside=0, nearest=True)
        masks = {
            s.id: (field >> np.uint8(s.channel)) & np.uint8(1)
            for s in STRUCTURES
            if s.id in later.predicted
        }
        return replace(self.axial, hu=hu, predicted=masks, reference={}), reaches_all


def _kept(total: int) -> range:
    return range(0, total, ceil(total / MOST_SLICES))


def _every(axial: Axial) -> Axial:
    """Return the slices that a page has room for, without reference masks."""
    kept = slice(None, None, _kept(axial.hu.shape[2]).step)
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
