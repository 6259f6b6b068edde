"""Rules that remove pieces of a segmentation, and what each of them removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cohort.space.grid import Grid
from cohort.space.shapes.pieces import bounding_box, label_pieces
from imaging.space.skull import PIXEL_MM, bone_level, inside_skull

NO_BONE = "no bone is to be seen, so bleeds were not checked to lie inside the skull."


class Removed(NamedTuple):
    """What a rule removed from a structure."""

    components: int
    ml: float


@dataclass
class Effect:
    """What the rules did to a structure.

    Attributes
    ----------
    removed
        Rule that was applied, by its name in the configuration, to what it removed.
    notes
        Why a rule could not be applied.
    """

    removed: dict[str, Removed] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def clean_up(
    mask: NDArray[np.uint8],
    grid: Grid,
    smallest_ml: float = 0.0,
    within: NDArray | None = None,
    peaks: NDArray[np.bool_] | None = None,
    peaks_up_to_ml: float | None = None,
) -> Effect:
    """Remove from a mask, in place, the pieces that the rules forbid.

    Parameters
    ----------
    mask
        0/1, [X, Y, Z], axes LPS; a piece is what is connected, corners included.
    grid
        Where its voxels lie.
    smallest_ml
        Pieces of less than this many mL are removed (rule `smallest_ml`).
    within
        The scan in HU on the mask's grid: pieces of which more than half lies outside the skull
        are removed (rule `inside_skull`). None to leave the rule out.
    peaks
        The voxels on the mask's grid that are surely of the structure: pieces without any are
        removed (rule `lowest_peak`). None to leave the rule out.
    peaks_up_to_ml
        Pieces of more than this many mL stay without a peak, too; None for no such limit.

    Examples
    --------
    >>> mask = np.zeros((9, 9, 3), np.uint8)
    >>> mask[0, 0, 0] = mask[4:8, 4:8, :] = 1
    >>> clean_up(mask, Grid(mask.shape, np.diag([-5.0, -5.0, 5.0, 1.0])), smallest_ml=0.2).removed
    {'smallest_ml': Removed(components=1, ml=0.125)}
    >>> int(mask.sum())
    48
    """
    effect = Effect()
    rules = smallest_ml > 0 or within is not None or peaks is not None
    box = bounding_box(mask) if rules else None
    # Every n-th pixel, so that one is about a millimetre; the skull is thicker than that.
    every = [max(1, round(PIXEL_MM / mm)) for mm in grid.spacing[:2]]
    coarse = None if within is None or box is None else within[:: every[0], :: every[1]]
    bone = None if coarse is None else bone_level(coarse)
    if within is not None and box is not None and bone is None:
        effect.notes.append(NO_BONE)
    elif within is not None:
        effect.removed["inside_skull"] = Removed(0, 0.0)
    if peaks is not None:
        effect.removed["lowest_peak"] = Removed(0, 0.0)
    if smallest_ml > 0:
        effect.removed["smallest_ml"] = Removed(0, 0.0)
    if box is None or not effect.removed:
        return effect
    pieces = label_pieces(mask[box])
    ml = pieces.volumes_ml(grid, box[2].start)
    kept = np.arange(pieces.count + 1) > 0  # piece 0 is what lies around the pieces
    for rule in effect.removed:
        if rule == "smallest_ml":
            # A piece of just that many mL stays, however its volume is rounded.
            forbidden = ml < smallest_ml * (1 - 1e-9)
        elif rule == "lowest_peak":
            assert peaks is not None
            forbidden = np.bincount(pieces.numbered[peaks[box]], minlength=len(ml)) == 0
            if peaks_up_to_ml is not None:
                forbidden &= ml <= peaks_up_to_ml
        else:
            assert coarse is not None and bone is not None
            there = np.moveaxis(coarse[..., box[2]], 2, 0)
            forbidden = ~_mostly_inside(pieces.numbered, pieces.count, there, bone, box, every)
        gone = forbidden & kept
        effect.removed[rule] = Removed(int(gone.sum()), float(ml[gone].sum()))
        kept &= ~gone
    if not kept[1:].all():
        mask[box] *= kept[pieces.numbered]
    return effect


def _mostly_inside(
    pieces: NDArray,
    number: int,
    coarse: NDArray,
    bone: float,
    box: tuple[slice, slice, slice],
    every: list[int],
) -> NDArray[np.bool_]:
    """Return which of the pieces 0 to `number` in the box lie inside the skull by half or more.

    `coarse` holds every n-th pixel, in HU, of the slices of the box, [Z, X, Y].
    """
    x, y, z = np.nonzero(pieces)
    of = pieces[x, y, z]
    at = z, (x + box[0].start) // every[0], (y + box[1].start) // every[1]
    asked = np.zeros(coarse.shape, bool)
    asked[at] = True
    inside = inside_skull(coarse, bone, asked)[at]
    return 2 * np.bincount(of[inside], minlength=number + 1) >= np.bincount(
        of, minlength=number + 1
    )
