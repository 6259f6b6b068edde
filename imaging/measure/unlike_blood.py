"""A hematoma whose density is unlike fresh blood's, as tumours, old blood and calcifications have.

The network marks what is denser than brain, whatever it is. What its HU still tell is little: a
mass of 45 to 90 HU of one density looks like blood, and isn't told from it. Limits are chosen on
generated bleeds (`benchmarks/noticed/unfit_heads.py`), layered, mixed, liquid and anemic ones among
them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cohort.facts.limits import THIN_BONE_HU
from cohort.space.grid import Grid
from cohort.space.shapes.cut import Cut
from cohort.space.shapes.diameters import bleed_pieces
from cohort.space.shapes.pieces import IN_SLICE
from imaging.space.orientation import file_slice, lps_view

PIXEL_MM, SLICE_MM = 1.0, 2.5
"""Finer ones are left out: they tell the same."""
LEAST_ML = 1.0
"""Smaller pieces are mostly border."""
BORDER_MM, LEAST_VOXELS = 2.5, 30
"""What lies deeper holds no brain; of fewer voxels than that nothing is told."""
FAINT_HU = 44.0
"""Clots have 50 to 80 HU, and less with anemia or after days: then the note is right, too. Of 614
generated bleeds 0.8 % have a median below this."""
CORE_SHARE, DARKER_HU = 0.3, 6.0
"""The deepest share of a piece, and by how much less it reads than what lies around it in a ring.
Of 614 generated bleeds 0.2 % are that much darker within."""
CHALK_HU, CHALK_SHARE, CHALK_MM = 100.0, 0.03, 3.0
"""No blood reads so much over an area of some mm: 90 at most (`MOST_BRAIN_HU`)."""


def unlike_blood(hematoma: NDArray, hu: NDArray, grid: Grid) -> str | None:
    """Say in which way a hematoma's density is unlike fresh blood's; None if it is not.

    Each of its pieces is judged by itself, so that a mass beside a bleed is told.

    Parameters
    ----------
    hematoma, hu
        The mask and the scan in HU, [I, J, K] in any orientation.
    grid
        Where their voxels lie.

    Returns
    -------
    str or None
        A sentence, with slices as the file counts them.
    """
    seen = Cut.of(lps_view(hematoma, grid.affine))
    if seen is None:
        return None
    scan, upright = lps_view(hu, grid.affine), grid.lps
    reasons: list[str] = []
    levels: list[int] = []
    for piece in bleed_pieces(seen, upright):
        if piece.volume_ml(upright) < LEAST_ML:
            continue
        if found := list(_reasons(piece, scan, upright)):
            reasons += found
            first = int(piece.corner[2])
            levels += [first, first + piece.mask.shape[2] - 1]
    if not reasons:
        return None
    first, *_, last = sorted(file_slice(k, grid.affine, grid.shape) for k in levels)
    where = f"slice {first}" if first == last else f"slices {first} to {last}"
    return (
        f"the hematoma's density is unlike fresh blood in {where}: "
        f"{', '.join(dict.fromkeys(reasons))}; tumour, older blood or calcification?"
    )


def _reasons(piece: Cut, scan: NDArray, grid: Grid) -> Iterator[str]:
    """Yield what is unlike fresh blood in a piece of a scan [X, Y, Z]."""
    x, y, z = grid.spacing
    step = max(1, round(PIXEL_MM / x)), max(1, round(PIXEL_MM / y)), max(1, round(SLICE_MM / z))
    margin = np.array([round(CHALK_MM / x) + 1, round(CHALK_MM / y) + 1, 0])
    low = np.maximum(piece.corner - margin, 0)
    high = np.minimum(piece.corner + piece.mask.shape + margin, scan.shape)
    box = tuple(map(slice, low, high, step))
    hu = np.asarray(scan[box], np.float32)
    marked = np.zeros(high - low, bool)
    at = piece.corner - low
    marked[tuple(map(slice, at, at + piece.mask.shape))] = piece.mask
    mask = ndimage.binary_fill_holes(marked[tuple(slice(None, None, n) for n in step)], IN_SLICE)
    pixel = tuple(n * mm for n, mm in zip(step, grid.spacing, strict=True))
    depth = ndimage.distance_transform_edt(np.pad(mask, 1), pixel)[1:-1, 1:-1, 1:-1]
    inner = hu[depth > BORDER_MM]
    if len(inner) < LEAST_VOXELS:
        return
    if (level := float(np.median(inner))) < FAINT_HU:
        yield f"{level:.0f} HU in the median"
    core, around = _core_and_ring(hu[mask], depth[mask], max(pixel[:2]))
    if core is not None and around is not None and core < around - DARKER_HU:
        yield f"darker within ({core:.0f} HU) than in a ring around it ({around:.0f})"
    share = _chalk(hu, mask, pixel)
    if share > CHALK_SHARE:
        yield f"{share:.0%} of it above {CHALK_HU:g} HU"


def _core_and_ring(
    hu: NDArray, depth: NDArray, pixel: float
) -> tuple[float, float] | tuple[None, None]:
    """Return the mean HU of the deepest voxels and of those in a ring around; None for few."""
    core = hu[depth >= np.quantile(depth, 1 - CORE_SHARE)]
    ring = hu[(depth <= np.median(depth)) & (depth > pixel)]
    if min(len(core), len(ring)) < LEAST_VOXELS:
        return None, None
    return float(core.mean()), float(ring.mean())


def _chalk(hu: NDArray, mask: NDArray[np.bool_], pixel: tuple[float, ...]) -> float:
    """Return the share of a mask that is calcified, bone beside it left out."""
    smooth = ndimage.uniform_filter(hu, (3, 3, 1))
    away = round(CHALK_MM / max(pixel[:2]))
    bone = ndimage.binary_dilation((hu >= THIN_BONE_HU) & ~mask, IN_SLICE, max(1, away))
    seen = mask & ~bone
    total = np.count_nonzero(mask)
    return float(np.count_nonzero(smooth[seen] >= CHALK_HU)) / total if total else 0.0
