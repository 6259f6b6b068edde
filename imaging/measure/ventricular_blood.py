"""The blood in the ventricles: how much, and in which."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cohort.schema.scans.measurements import VentricularBlood
from cohort.space.grid import Grid


def measure_ventricular_blood(seen: Mapping[str, NDArray], grid: Grid) -> VentricularBlood:
    """Measure the blood in the ventricles, and where it lies.

    Parameters
    ----------
    seen
        Structure id to mask [X, Y, Z], axes LPS; `ventricular_blood` among them, else nothing is
        told. In which ventricle it lies takes the masks of both lateral ones.
    grid
        Of these masks.

    Examples
    --------
    >>> masks = {name: np.zeros((4, 1, 1), bool) for name in ("ventricle_left", "ventricle_right")}
    >>> masks["ventricle_left"][2:] = masks["ventricle_right"][0] = True
    >>> masks["ventricular_blood"] = np.ones((4, 1, 1), bool)
    >>> found = measure_ventricular_blood(masks, Grid((4, 1, 1), np.diag([-10.0, -10, 10, 1])))
    >>> found.volume_ml, found.left_ml, found.right_ml, found.central_ml
    (4.0, 2.0, 1.0, 1.0)
    """
    if "ventricular_blood" not in seen:
        return VentricularBlood()
    blood = np.asarray(seen["ventricular_blood"]) != 0
    total = grid.volume_ml(blood)
    if not {"ventricle_left", "ventricle_right"} <= seen.keys():
        return VentricularBlood(total)
    in_left, in_right = (
        blood & (np.asarray(seen[name]) != 0) for name in ("ventricle_left", "ventricle_right")
    )
    both = grid.volume_ml(in_left & in_right)
    left, right = (grid.volume_ml(part) - both / 2 for part in (in_left, in_right))
    central = grid.volume_ml(blood & ~in_left & ~in_right)
    return VentricularBlood(total, left, right, central)
