"""How a bleed's border looks: HU just inside and just outside of the outline that was drawn.

In a slice of 1 mm pixels with at least 200 mm² of hematoma. Distances are from the middle of the
outline; pixels near bone and near what else is marked (ventricles and the blood in them) are left
out. Core is the median of the innermost 40 % of the mask, surroundings that of 3 to 7 mm outside of
it. Levels are parts of the way from the surroundings (0) to the core (1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .shapes import Figures
from .slices import Slice

LEAST_MM2, LEAST_PIXELS = 200, 15
INNERMOST, SURROUNDINGS_MM = 0.4, (3.0, 7.0)
DENSE_HU, MARGIN = 110, 3
DEPTHS_MM = {
    "1.5 mm outside": -1.5,
    "just outside": -0.5,
    "just inside": 0.5,
    "1.5 mm inside": 1.5,
    "2.5 mm inside": 2.5,
}


def add_border(one: Slice, found: Figures) -> None:
    """Add the figures of a slice's hematoma, if it shows enough of one."""
    from scipy.ndimage import binary_dilation, distance_transform_edt

    mask = one.masks.get("hematoma", np.zeros(one.hu.shape)) > 0
    if np.count_nonzero(mask) < LEAST_MM2:
        return
    depth = distance_transform_edt(mask) - distance_transform_edt(~mask)
    depth += np.where(mask, -0.5, 0.5)
    left_out = one.hu > DENSE_HU
    for name, other in one.masks.items():
        if name.startswith("ventric"):
            left_out |= other > 0
    clear = ~binary_dilation(left_out, iterations=MARGIN)
    near, far = SURROUNDINGS_MM
    around = clear & (depth < -near) & (depth > -far)
    if np.count_nonzero(around) < LEAST_PIXELS:
        return
    core = float(np.median(one.hu[mask & (depth >= np.quantile(depth[mask], 1 - INNERMOST))]))
    rest = float(np.median(one.hu[around]))
    found["border: HU of the core"].append(core)
    found["border: HU of the surroundings"].append(rest)
    for name, mm in DEPTHS_MM.items():
        ring = clear & (np.abs(depth - mm) <= 0.5)
        if np.count_nonzero(ring) >= LEAST_PIXELS:
            level = _median(one.hu, ring)
            found[f"border: level {name}"].append((level - rest) / (core - rest))
            if abs(mm) == 0.5:
                found[f"border: HU {name}"].append(level)


def _median(hu: NDArray, where: NDArray[np.bool_]) -> float:
    return float(np.median(hu[where]))
