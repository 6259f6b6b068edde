"""Arrays that hold the masks of a scan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cohort.facts.structures import STRUCTURES


def empty_masks(shape: Sequence[int], channels: int = len(STRUCTURES)) -> NDArray[np.uint8]:
    """Return zeros [C, I, J, K] in a NIfTI file's order of memory: the first axis runs fastest.

    Masks are read, turned, resampled and written several times as fast as in numpy's own order.
    """
    return np.zeros((channels, *reversed(shape)), np.uint8).transpose(0, 3, 2, 1)
