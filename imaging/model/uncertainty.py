"""How sure the network is: of each voxel, and of each structure as a whole.

A voxel's probability is what the network says of it; it is only as good as the network, and a
network that is trained with a Dice loss says too often 0 or 1. So these figures put the scans in
an order, those to look at first having the lowest; they are not chances of being right.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cohort.space.grid import Grid
from imaging.model.inference import PROBABILITY_LEVELS

CAUTIOUS, GENEROUS = 0.75, 0.25


@dataclass(frozen=True)
class Confidence:
    """How sure the network is of one structure of a scan.

    Attributes
    ----------
    certainty
        Mean over the voxels of the mask of max(p, 1 - p), 0.5 to 1; None of an empty mask.
    expected_dice
        Soft Dice confidence, 2 Σ p m / (Σ p + Σ m) with the mask m: nearly the Dice to be
        expected, were the probabilities p true and voxels independent (Borges, Pacheco and Silva,
        arXiv:2402.10665). None of an empty mask.
    volume_ml_low, volume_ml_high
        Volume of what has a probability of at least 0.75, and of at least 0.25.
    highest_probability
        Of any voxel: how near an empty mask came to not being empty.
    """

    certainty: float | None
    expected_dice: float | None
    volume_ml_low: float
    volume_ml_high: float
    highest_probability: float

    def as_json(self) -> dict[str, Any]:
        """Return the figures rounded."""
        return {
            name: None if value is None else round(value, 3) for name, value in asdict(self).items()
        }


def confidence(levels: NDArray[np.uint8], mask: NDArray[np.uint8], grid: Grid) -> Confidence:
    """Sum up the probabilities of a structure.

    Parameters
    ----------
    levels
        Probabilities in 255ths, uint8, of the scan's shape.
    mask
        0/1, what was found, after the rules that remove pieces. A piece that they removed still
        counts among the probabilities: a mask that left out much is one to look at.
    grid
        Where the voxels lie.

    Examples
    --------
    >>> levels = np.array([[[255, 255, 153, 102, 0]]], np.uint8)  # 1, 1, 0.6, 0.4, 0
    >>> grid = Grid((1, 1, 5), np.diag([10.0, 10.0, 10.0, 1.0]))
    >>> found = confidence(levels, (levels >= 128).astype(np.uint8), grid)
    >>> round(found.certainty, 3), round(found.expected_dice, 3)
    (0.867, 0.867)
    >>> found.volume_ml_low, found.volume_ml_high
    (2.0, 4.0)
    """
    # Everything needed is known from how often each of the 256 levels occurs.
    everywhere = np.bincount(levels.ravel("K"), minlength=PROBABILITY_LEVELS + 1)
    marked = np.bincount(levels[mask > 0], minlength=PROBABILITY_LEVELS + 1)
    p = np.arange(PROBABILITY_LEVELS + 1) / PROBABILITY_LEVELS
    voxels = int(marked.sum())
    if grid.even:
        volumes = everywhere * float(grid.voxels_ml[0])
    else:
        upward = np.moveaxis(levels, grid.axial_axis, 0)
        volumes = sum(
            np.bincount(flat.ravel("K"), minlength=PROBABILITY_LEVELS + 1) * ml
            for flat, ml in zip(upward, grid.voxels_ml, strict=True)
        )
    certainty = expected_dice = None
    if voxels:
        certainty = float(marked @ np.maximum(p, 1 - p)) / voxels
        expected_dice = float(2 * (marked @ p) / (everywhere @ p + voxels))
    return Confidence(
        certainty=certainty,
        expected_dice=expected_dice,
        volume_ml_low=float(volumes[p >= CAUTIOUS].sum()),
        volume_ml_high=float(volumes[p >= GENEROUS].sum()),
        highest_probability=float(p[np.flatnonzero(everywhere)[-1]]),
    )
