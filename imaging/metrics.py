"""How well a segmentation agrees with the reference: per structure and case, then over cases.

Empty masks
-----------
A structure of a case is, by the reference mask R and the predicted mask P, both on the scan's
own grid:

=============  ===================================  =========================================
status         when                                 what it counts as
=============  ===================================  =========================================
`found`        R and P share a voxel                the formulas
`missed`       R is not empty, P marks none of it   Dice, IoU, precision, recall 0
`false_alarm`  R is empty, P is not                 Dice, IoU, precision, recall 0
`absent`       R and P are both empty               left out of every mean, counted
=============  ===================================  =========================================

Where one of the masks is empty there is no distance between surfaces; HD95 is then the longest
distance in the scan, the diagonal of its grid in mm. BraTS gives such cases the diagonal of its
own grid (374 mm) for the same reason: a value that is left out would let a model look better
by missing the hard cases. So every mean of a structure is over the same cases, and `n` says
how many. A structure that nobody annotated in a case is not judged there: it has no row and is
counted as `unannotated`. No value is ever NaN; a mean over no cases is `null`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from monai.metrics.utils import get_mask_edges, get_surface_distance
from numpy.typing import NDArray

from cohort.structures import STRUCTURE_IDS
from imaging.measure import volume_ml

STATUSES = ("found", "missed", "absent", "false_alarm")

MEASURES = (
    "dice",
    "iou",
    "hd95_mm",
    "precision",
    "recall",
    "volume_error_ml",
    "volume_abs_error_ml",
)
"""What is averaged over cases."""


@dataclass(frozen=True)
class Score:
    """How well one structure was segmented in one case.

    Attributes
    ----------
    case, structure
        Their ids.
    status
        One of `STATUSES`; see the module.
    dice, iou, precision, recall
        Shares from 0 to 1; None if absent.
    hd95_mm
        95th percentile of the distances between both surfaces, in mm; None if absent.
    volume_ml, reference_ml
        Predicted and reference volume.
    """

    case: str
    structure: str
    status: str
    dice: float | None
    iou: float | None
    hd95_mm: float | None
    precision: float | None
    recall: float | None
    volume_ml: float
    reference_ml: float

    @property
    def volume_error_ml(self) -> float:
        """Predicted minus reference volume."""
        return self.volume_ml - self.reference_ml

    @property
    def volume_abs_error_ml(self) -> float:
        """Distance between predicted and reference volume."""
        return abs(self.volume_error_ml)


def score(
    case: str,
    structure: str,
    prediction: NDArray,
    reference: NDArray,
    spacing: Sequence[float] | NDArray,
) -> Score:
    """Compare the predicted mask of a structure with its reference.

    Parameters
    ----------
    case, structure
        Their ids.
    prediction, reference
        Masks on one grid, [X, Y, Z] in any orientation; what is not zero belongs to the structure.
    spacing
        Distance between voxels along each axis, in mm.

    Examples
    --------
    >>> reference = np.zeros((8, 8, 2))
    >>> reference[2:6, 2:6] = 1
    >>> prediction = np.roll(reference, 1, axis=0)
    >>> result = score("p1", "hematoma", prediction, reference, (1.0, 1.0, 5.0))
    >>> result.status, result.dice, result.hd95_mm
    ('found', 0.75, 1.0)
    """
    if prediction.shape != reference.shape:
        raise ValueError(f"masks differ in shape: {prediction.shape} and {reference.shape}")
    predicted, true = prediction.astype(bool), reference.astype(bool)
    n_predicted, n_true = int(np.count_nonzero(predicted)), int(np.count_nonzero(true))
    overlap = int(np.count_nonzero(predicted & true))
    volumes = {
        "volume_ml": volume_ml(predicted, spacing),
        "reference_ml": volume_ml(true, spacing),
    }
    if n_predicted == n_true == 0:
        return Score(case, structure, "absent", None, None, None, None, None, **volumes)
    return Score(
        case,
        structure,
        "found" if overlap else "missed" if n_true else "false_alarm",
        dice=2 * overlap / (n_predicted + n_true),
        iou=overlap / (n_predicted + n_true - overlap),
        hd95_mm=hd95_mm(predicted, true, spacing),
        precision=overlap / n_predicted if n_predicted else 0.0,
        recall=overlap / n_true if n_true else 0.0,
        **volumes,
    )


def hd95_mm(prediction: NDArray, reference: NDArray, spacing: Sequence[float] | NDArray) -> float:
    """Return the 95th percentile Hausdorff distance of two masks in mm.

    The larger of the two directed distances: the 95th percentile of the distances from the
    surface voxels of one mask to the nearest surface voxel of the other (Huttenlocher et al.
    1993, doi:10.1109/34.232073; Maier-Hein et al. 2024, doi:10.1038/s41592-023-02151-z).
    Surface voxels are those with a face neighbour outside the mask. In a volume of one slice
    they are those of the outline in the slice.

    Parameters
    ----------
    prediction, reference
        Boolean masks on one grid, [X, Y, Z]; not both empty.
    spacing
        Distance between voxels along each axis, in mm.

    Returns
    -------
    float
        The distance, or the diagonal of the grid where one of the masks is empty.
    """
    if not prediction.any() or not reference.any():
        return diagonal_mm(prediction.shape, spacing)
    # In a single slice every voxel touches the outside along the third axis, so that all of
    # them would be surface and hide the distance between the outlines.
    flat = tuple(axis for axis, size in enumerate(prediction.shape) if size == 1)
    in_plane = [float(s) for axis, s in enumerate(spacing) if axis not in flat]
    if not in_plane:
        return 0.0
    one, other = get_mask_edges(np.squeeze(prediction, flat), np.squeeze(reference, flat))
    there = get_surface_distance(one, other, spacing=in_plane)
    back = get_surface_distance(other, one, spacing=in_plane)
    return float(max(np.percentile(there, 95), np.percentile(back, 95)))


def diagonal_mm(shape: Sequence[int], spacing: Sequence[float] | NDArray) -> float:
    """Return the longest distance between the centres of two voxels of a grid, in mm.

    Examples
    --------
    >>> diagonal_mm((4, 5, 1), (1.0, 1.0, 5.0))
    5.0
    """
    return float(np.linalg.norm([(n - 1) * s for n, s in zip(shape, spacing, strict=True)]))


def summarise(
    scores: Sequence[Score], unannotated: Mapping[str, int], *, seed: int = 0
) -> dict[str, Any]:
    """Summarise scores over cases, each structure for itself.

    Parameters
    ----------
    scores
        One for each case and structure that was judged.
    unannotated
        Structure to the number of cases where nobody annotated it.
    seed
        Seed of the bootstrap.

    Returns
    -------
    dict
        `structures`: for each structure in channel order that was judged or left out in some
        case, each measure's `mean`, `std`, `median`, `ci95` and `n`, and the number of cases of
        each kind; `mean_dice`: the mean of the structures' mean Dice, or None.
    """
    structures: dict[str, Any] = {}
    for structure in STRUCTURE_IDS:
        rows = [row for row in scores if row.structure == structure]
        if not rows and not unannotated.get(structure):
            continue
        judged = [row for row in rows if row.status != "absent"]
        kinds = Counter(row.status for row in rows)
        structures[structure] = {
            **{m: _spread([getattr(row, m) for row in judged], seed) for m in MEASURES},
            "found": kinds["found"],
            "missed": kinds["missed"],
            "false_alarms": kinds["false_alarm"],
            "absent": kinds["absent"],
            "unannotated": unannotated.get(structure, 0),
        }
    means = [value["dice"]["mean"] for value in structures.values() if value["dice"]["n"]]
    return {"structures": structures, "mean_dice": _rounded(np.mean(means)) if means else None}


def _spread(values: Iterable[float], seed: int) -> dict[str, Any]:
    array = np.array(list(values), dtype=float)
    if not array.size:
        return {"mean": None, "std": None, "median": None, "ci95": None, "n": 0}
    return {
        "mean": _rounded(array.mean()),
        "std": _rounded(array.std(ddof=1)) if array.size > 1 else None,
        "median": _rounded(np.median(array)),
        "ci95": _bootstrap_ci95(array, seed),
        "n": int(array.size),
    }


def _bootstrap_ci95(values: NDArray, seed: int, resamples: int = 2000) -> list[float] | None:
    """Return the percentile bootstrap interval of the mean over cases.

    Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13. One case says
    nothing about the spread over cases, so it has no interval.
    """
    if values.size < 2:
        return None
    draws = np.random.default_rng(seed).integers(values.size, size=(resamples, values.size))
    return [_rounded(bound) for bound in np.percentile(values[draws].mean(axis=1), [2.5, 97.5])]


def _rounded(value: float) -> float:
    return round(float(value), 6)
