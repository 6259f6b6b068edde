"""What brain, skull and ventricles look like in a slice of 1 mm pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .shapes import Figures
from .slices import Slice

BONE_HU = 200
LEAST_BRAIN_MM2 = 4000


def add_tissue(one: Slice, found: Figures) -> NDArray | None:
    """Add a slice's figures; return the HU inside its skull, None where there is too little."""
    from scipy.ndimage import binary_dilation

    _ventricles(one, found)
    brain = brain_mask(one.hu)
    if brain is None:
        return None
    if "hematoma" in one.masks:
        brain &= ~binary_dilation(one.masks["hematoma"] > 0, iterations=6)
    if brain.sum() < LEAST_BRAIN_MM2:
        return None
    _tissue(one.hu, brain, found)
    _skull(one.hu, found)
    inside: NDArray = one.hu[brain]
    return inside


def brain_mask(hu: NDArray) -> NDArray[np.bool_] | None:
    """Return what lies at least 4 mm inside a closed ring of bone; None where there is none."""
    from scipy.ndimage import binary_erosion, binary_fill_holes, label

    bone = hu > BONE_HU
    inside = binary_fill_holes(bone) & ~bone
    parts, count = label(inside)
    if not count:
        return None
    sizes = np.bincount(parts.ravel())[1:]
    largest: NDArray[np.bool_] = binary_erosion(parts == 1 + sizes.argmax(), iterations=4)
    return largest if largest.sum() >= LEAST_BRAIN_MM2 else None


def _tissue(hu: NDArray, brain: NDArray, values: Figures) -> None:
    from scipy.ndimage import binary_erosion, gaussian_filter, uniform_filter

    # Noise: where tissue is most even, so that sulci and cortex don't count.
    flat = hu.astype(np.float64)
    mean, square = uniform_filter(flat, 7), uniform_filter(flat * flat, 7)
    deviation = np.sqrt(np.maximum(square - mean * mean, 0))
    core = binary_erosion(brain, iterations=4) & (mean > 15) & (mean < 50)
    if core.sum() < 500:
        return
    even = core & (deviation <= np.percentile(deviation[core], 20))
    values["noise sd, HU"].append(float(np.median(deviation[even])))
    rest = flat - mean
    variance = float((rest[even] ** 2).mean())
    for lag in (1, 2):
        moved = 0.5 * (np.roll(rest, lag, 0) + np.roll(rest, lag, 1))
        share = float((rest[even] * moved[even]).mean()) / max(variance, 1e-6)
        values[f"noise autocorrelation at {lag} mm"].append(share)
    smooth = gaussian_filter(flat, 2.0)[core]
    tissue = smooth[(smooth > 18) & (smooth < 50)]
    low, high = np.percentile(tissue, (10, 90))
    values["grey/white contrast, HU"].append(float(high - low))
    values["fluid inside the skull, %"].append(100 * float((hu[brain] < 15).mean()))
    values["above 50 HU inside the skull, no bleed, %"].append(100 * float((hu[brain] > 50).mean()))


def _skull(hu: NDArray, values: Figures) -> None:
    from scipy.ndimage import binary_fill_holes, label

    parts, count = label(hu > BONE_HU)
    if not count:
        return
    bone = parts == 1 + np.bincount(parts.ravel())[1:].argmax()
    whole = float(binary_fill_holes(bone).sum())
    share = float(bone.sum()) / whole
    # At the base bone is no ring, at the vertex it is cut lengthwise.
    if whole > 12_000 and share < 0.35:
        outer, inner = (2 * np.sqrt(a / np.pi) for a in (whole, whole - bone.sum()))
        values["skull thickness, mm"].append(float(outer - inner) / 2)


def _ventricles(one: Slice, values: Figures) -> None:
    sides = [one.masks.get(f"ventricle_{side}") for side in ("left", "right")]
    if sides[0] is None or sides[1] is None:
        return
    left, right = (float((mask > 0).sum()) for mask in sides if mask is not None)
    if min(left, right) < 50:
        return
    values["ventricle area, left + right, mm²"].append(left + right)
    values["ventricle asymmetry, share of the sum"].append(abs(left - right) / (left + right))
