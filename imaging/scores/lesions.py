"""How many separate bleeds were found, missed and invented."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.facts.limits import BLEED_ML
from cohort.space.grid import Grid
from cohort.space.shapes.pieces import Pieces, label_pieces
from imaging.scores.surfaces import common_box


@dataclass(frozen=True)
class Lesions:
    """The separate parts of a structure in one case.

    Attributes
    ----------
    reference, detected
        Lesions of the reference mask of `BLEED_ML` and more; and how many of them share a
        voxel with the prediction.
    predicted, false
        Parts of the predicted mask, of any size; and how many of them share no voxel with the
        reference.
    """

    reference: int
    detected: int
    predicted: int
    false: int


def count_lesions(
    prediction: NDArray,
    reference: NDArray,
    grid: Grid,
) -> Lesions:
    """Count the lesions of both masks, and those that they share.

    A lesion is what hangs together by faces, edges or corners of voxels. Any shared voxel is a
    detection: the question is whether a bleed was seen, how well it was outlined is Dice's. Both
    are the rules of lesion-wise scores in BraTS-METS (Moawad et al. 2023, arXiv:2306.00838),
    less its dilation of the reference; a threshold on the IoU as in panoptica (Kofler et al.
    2023, arXiv:2312.02608) would count a bleed found by half as one missed and one invented. A
    predicted part counts however small it is, since users see every speck; one that meets only
    a reference lesion below the smallest size is neither found nor false.

    Parameters
    ----------
    prediction, reference
        Masks on one grid, [X, Y, Z]; what is not zero belongs to the structure.
    grid
        Where their voxels lie.

    Examples
    --------
    >>> reference = np.zeros((20, 20, 4))
    >>> reference[1:5, 1:9], reference[10:15, 1:9] = 1, 1
    >>> prediction = np.zeros((20, 20, 4))
    >>> prediction[3:6, 4:7], prediction[18, 18, 1] = 1, 1
    >>> count_lesions(prediction, reference, Grid((20, 20, 4), np.diag([1.0, 1.0, 5.0, 1.0])))
    Lesions(reference=2, detected=1, predicted=2, false=1)
    """
    box = common_box(reference, reference)
    predicted, true = label_pieces(prediction), label_pieces(reference[box])
    axis = grid.axial_axis
    upward = Pieces(np.moveaxis(true.numbered, axis, 2), true.voxels)
    # A lesion of just this size counts, whatever the rounding of the spacing.
    large = upward.volumes_ml(grid, box[axis].start)[1:] >= BLEED_ML * (1 - 1e-6)
    marked = predicted.numbered[box]
    shared = (marked > 0) & (true.numbered > 0)
    hit = np.zeros(true.count, dtype=bool)
    hit[np.unique(true.numbered[shared]) - 1] = True
    return Lesions(
        reference=int(large.sum()),
        detected=int((hit & large).sum()),
        predicted=predicted.count,
        false=predicted.count - len(np.unique(marked[shared])),
    )
