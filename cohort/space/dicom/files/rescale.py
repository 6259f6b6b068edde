"""Whether slices that state different rescales fit each other in HU, as neighbours do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cohort.space.dicom.files.hu import PADDED_HU
from cohort.space.dicom.instance import Instance

JUMP_HU = 150.0
"""Neighbouring slices of a head differ by less, over all pixels: by 10 to 60, as we measured."""
CLOSER = 4.0
"""Times as close by the neighbour's rescale as by their own: then that is not theirs."""
_SEEN_HU = -1500.0, 2000.0
"""Metal and what lies beyond an extended scale is not looked at."""
_SIDE = 256
"""Pixels a side that are looked at."""


def rescale_fault(slices: NDArray, instances: Sequence[Instance]) -> str | None:
    """Say where slices are in HU by a rescale that is not theirs.

    Where neighbours state different rescales, both may be right: each slice's stored values are its
    own. One is wrong where they are far apart in HU, and close if both are taken by either's
    rescale.

    Parameters
    ----------
    slices
        HU [K, J, I].
    instances
        In the order of K.

    Returns
    -------
    str | None
        A sentence that begins after the name of the series; None if they fit.
    """
    step = max(1, max(slices.shape[1:]) // _SIDE)
    for k, (one, other) in enumerate(pairwise(instances)):
        if _rescale(one) == _rescale(other):
            continue
        low, high = (slices[at, ::step, ::step].astype(np.float64) for at in (k, k + 1))
        image = (low != PADDED_HU) & (high != PADDED_HU)
        if not image.any():
            continue
        low, high = low[image], high[image]
        apart = _apart(low, high)
        closer = max(_apart(low, _as(high, other, one)), _apart(_as(low, one, other), high))
        if apart > JUMP_HU and closer * CLOSER < apart:
            return (
                "has slices that state different rescales, and their HU don't fit each other "
                f"(slices {k + 1} and {k + 2} from below differ by {apart:.0f} HU on average, and "
                f"by {closer:.0f} HU if both are taken by the same rescale); export it again."
            )
    return None


def _rescale(instance: Instance) -> tuple[float, float]:
    assert instance.rescale_slope is not None and instance.rescale_intercept is not None
    return instance.rescale_slope, instance.rescale_intercept


def _as(hu: NDArray[np.float64], own: Instance, other: Instance) -> NDArray[np.float64]:
    """Return what HU would be by the rescale of another slice."""
    (slope, intercept), (to_slope, to_intercept) = _rescale(own), _rescale(other)
    return np.asarray((hu - intercept) / slope * to_slope + to_intercept)


def _apart(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.abs(np.clip(one, *_SEEN_HU) - np.clip(other, *_SEEN_HU)).mean())
