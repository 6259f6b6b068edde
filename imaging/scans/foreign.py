"""What doesn't belong into a head and misleads a network: metal, and air beside the brain.

Both are told by the scan's Hounsfield units, and only noted: what is measured may still be right.
That what is marked as a hematoma may be none, `imaging.measure.unlike_blood` tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cohort.facts.limits import AIR_HU, METAL_HU
from cohort.faults import CheckResult
from cohort.space.grid import Grid
from cohort.space.shapes.pieces import IN_SLICE, label_pieces
from imaging.space.orientation import file_slice, lps_view
from imaging.space.skull import bone_level, inside_skull

METAL_ML = 0.02
"""Less is a speck of noise or a dense tooth: our choice."""
AIR_MM2 = 20.0
"""Smaller spots of air are noise, or a part of a cell of the mastoid."""
BESIDE_AIR_MM = (1, 4)
"""How far from air the tissue lies that tells where the air is; nearer, voxels hold both."""
BRAIN_HU = (5.0, 75.0)
BRAIN_SHARE = 0.6
"""Of what lies around air, so much is brain, fluid or blood if the air lies in the brain or on it.
Of 3,349 spots of air in 50 generated heads, sinuses and mastoids, at most 0.48; of air after
surgery, drawn into such heads, 0.6 to 0.9."""


def check_foreign(path: Path, hu: NDArray, grid: Grid, found: CheckResult) -> None:
    """Add notes on metal and on air beside the brain to what was found of a scan.

    Parameters
    ----------
    path
        The file that is spoken of.
    hu
        The scan in HU, [I, J, K] in the file's own axis order.
    grid
        Of the scan.
    found
        What is added to.
    """
    seen, upright = lps_view(hu, grid.affine), grid.lps

    def slices(places: Sequence[int]) -> str:
        numbers = sorted(file_slice(int(k), grid.affine, grid.shape) for k in places)
        first, last = numbers[0], numbers[-1]
        return f"slice {first}" if first == last else f"slices {first} to {last}"

    if metal := _slices_with_metal(seen, upright):
        found.note(
            path,
            "metal",
            f"shows metal in {slices(metal)}: its streaks hide blood and "
            "look like it, so that volumes and midline shift may be wrong there.",
        )
    with_air = _slices_with_air(seen, upright)
    if with_air:
        found.note(
            path,
            "air in skull",
            f"shows air beside the brain in {slices(with_air)}, as after surgery or an open "
            "injury: what is left of a bleed that was removed, drains and a missing bone flap were "
            "not learnt from, so that volumes and midline shift may be wrong.",
        )


def measured_beside_metal(
    hematoma: NDArray | None, shift_slice: int | None, hu: NDArray, grid: Grid
) -> str | None:
    """Say what was measured in slices with metal; None if nothing was.

    Parameters
    ----------
    hematoma, hu
        The mask, if any, and the scan in HU, [I, J, K] in the file's own axis order.
    shift_slice
        Where the midline shift was measured, as the file counts slices; None without a shift.
    grid
        Of both.
    """
    metal = _slices_with_metal(lps_view(hu, grid.affine), grid.lps)
    if not metal:
        return None
    said = []
    if hematoma is not None and hematoma.any():
        ml = np.count_nonzero(lps_view(hematoma, grid.affine), axis=(0, 1)) * grid.lps.voxels_ml
        if share := float(ml[metal].sum() / ml.sum()):
            said.append(f"{max(share, 0.01):.0%} of the hematoma lies")
    if shift_slice in [file_slice(k, grid.affine, grid.shape) for k in metal]:
        said.append("the midline shift was measured")
    return f"{' and '.join(said)} in slices with metal: not to be relied on." if said else None


def _slices_with_metal(seen: NDArray, grid: Grid) -> list[int]:
    """Return the slices of a scan [X, Y, Z] in which metal lies."""
    counts = np.count_nonzero(seen >= METAL_HU, axis=(0, 1))
    if float(counts @ grid.voxels_ml) < METAL_ML:
        return []
    return [int(k) for k in np.flatnonzero(counts)]


def _slices_with_air(seen: NDArray, grid: Grid) -> list[int]:
    """Return the slices of a scan [X, Y, Z] in which air lies in the brain or on it."""
    bone = bone_level(seen)
    if bone is None:
        return []
    step = max(1, round(1 / min(grid.spacing[:2])))
    slices = np.moveaxis(seen[::step, ::step], 2, 0)
    air = slices < AIR_HU
    pixel_mm2 = grid.spacing[0] * grid.spacing[1] * step**2
    spots = {k: _enclosed(air[k], AIR_MM2 / pixel_mm2) for k in range(len(air))}
    asked = np.zeros(air.shape, bool)
    near: dict[int, NDArray[np.bool_]] = {}
    for k, (numbered, boxes) in spots.items():
        for n, box in boxes.items():
            tissue, spot = _around(slices[k], numbered, n, box)
            brain = (tissue >= BRAIN_HU[0]) & (tissue <= BRAIN_HU[1])
            if len(tissue) and brain.mean() >= BRAIN_SHARE:
                asked[k] |= spot
                near[k] = near[k] | spot if k in near else spot
    if not near:
        return []
    inside = inside_skull(slices, bone, asked)
    return [k for k, spot in near.items() if inside[k][spot].mean() >= 0.5]


def _enclosed(air: NDArray[np.bool_], least: float) -> tuple[NDArray, dict[int, tuple[slice, ...]]]:
    """Return the spots of air of a slice, numbered, and the boxes of those within it that count."""
    pieces = label_pieces(air[..., None], IN_SLICE)
    numbered = pieces.numbered[..., 0]
    edges = (numbered[0], numbered[-1], numbered[:, 0], numbered[:, -1])
    outside = {int(n) for edge in edges for n in np.unique(edge)}
    boxes = ndimage.find_objects(numbered)
    kept = [n for n in range(1, pieces.count + 1) if n not in outside and pieces.voxels[n] >= least]
    return numbered, {n: boxes[n - 1] for n in kept}


def _around(
    hu: NDArray, numbered: NDArray, n: int, box: tuple[slice, ...]
) -> tuple[NDArray, NDArray[np.bool_]]:
    """Return the HU around a spot of air in a slice, and the spot as a mask of the slice."""
    near, far = BESIDE_AIR_MM
    wide = tuple(slice(max(0, side.start - far), side.stop + far) for side in box)
    spot = numbered[wide] == n
    ring = ndimage.binary_dilation(spot, iterations=far)
    ring &= ~ndimage.binary_dilation(spot, iterations=near)
    return hu[wide][ring], numbered == n
