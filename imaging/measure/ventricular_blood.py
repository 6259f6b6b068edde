"""The blood in the ventricles: how much, and in which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cohort.schema.scans.measurements import VentricularBlood
from cohort.space.grid import Grid
from cohort.space.shapes.cut import Cut


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
    both_known = {"ventricle_left", "ventricle_right"} <= seen.keys()
    cut = Cut.of(seen["ventricular_blood"])
    if cut is None:
        return VentricularBlood(0.0, *[0.0 if both_known else None] * 3)
    total = cut.volume_ml(grid)
    if not both_known:
        return VentricularBlood(total)

    def volume_ml(part: NDArray[np.bool_]) -> float:
        return replace(cut, mask=part).volume_ml(grid)

    in_left, in_right = (
        cut.mask & (seen[name][cut.box] != 0) for name in ("ventricle_left", "ventricle_right")
    )
    both = volume_ml(in_left & in_right)
    left, right = (volume_ml(part) - both / 2 for part in (in_left, in_right))
    return VentricularBlood(total, left, right, volume_ml(cut.mask & ~in_left & ~in_right))
