"""How well a segmentation agrees with the reference, in one case and structure.

Empty masks
-----------
A structure of a case is, by the reference mask R and the predicted mask P, both on the scan's
own grid:

=============  ===================================  =========================================
status         when                                 what it counts as
=============  ===================================  =========================================
`found`        R and P share a voxel                the formulas
`missed`       R is not empty, P marks none of it   Dice, IoU, precision, recall 0
`false_alarm`  R is empty, P is not                 Dice, IoU, precision, recall, NSD 0
`absent`       R and P are both empty               left out of every mean, counted
=============  ===================================  =========================================

Where one of the masks is empty there is no distance between surfaces; NSD is then 0 and HD95 the
longest distance in the scan, the diagonal of its grid in mm. BraTS gives such cases the diagonal
of its own grid (374 mm) for the same reason: a value that is left out would let a model look
better by missing the hard cases. For the same reason the relative error of the volume is 100 %
in a false alarm, as in a case where nothing is marked, and the shift of a midline that is not
predicted, or in scraps only, is `UNMEASURED_SHIFT_MM` off. So the means of one model's structure
are all over the same cases, and `n` says how many. Those of two models need not be: a case without
the structure enters where one of them marks some of it, and not where the other marks none. To set
two models side by side take the means `…_where_present`, over the cases whose reference has the
structure (`found` and `missed`), and tell the false alarms beside them. A structure that no case
has is in no mean over structures. One that nobody annotated in a case is not judged there: it has
no row and is counted as `unannotated`. No value is ever NaN; a mean over no cases is `null`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cohort.facts.limits import NO_SHIFT_MM
from cohort.schema.scans.measurements import Midline
from cohort.space.grid import Grid
from imaging.scores.lesions import Lesions, count_lesions
from imaging.scores.surfaces import common_box, hd95_mm, surface_dice

STATUSES = ("found", "missed", "absent", "false_alarm")

MEASURES = (
    "dice",
    "iou",
    "hd95_mm",
    "precision",
    "recall",
    "volume_error_ml",
    "volume_abs_error_ml",
    "volume_error_percent",
    "nsd_1mm",
    "nsd_2mm",
)
"""What is averaged over cases."""

SHARES = ("dice", "iou", "precision", "recall", "nsd_1mm", "nsd_2mm")
"""Measures from 0 to 1, the more the better."""

TOLERANCES_MM = (1.0, 2.0)
"""Those of `nsd_1mm` and `nsd_2mm`."""

UNMEASURED_SHIFT_MM = 20.0
"""Error of a midline shift that could not be told on the prediction.

More than nearly any bleed shifts a brain: at 8 to 13 mm patients are in coma (Ropper 1986,
doi:10.1056/NEJM198604103141504).
"""


@dataclass(frozen=True)
class StructureScore:
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
        Predicted and reference volume; None, as are distances, where sizes cannot be told.
    nsd_1mm, nsd_2mm
        Surface Dice at a tolerance of 1 and 2 mm, shares from 0 to 1; None if absent.
    lesions
        Separate parts, of the hematoma only.
    shift_mm, reference_shift_mm
        Shift at the septum by the model and by the reference, positive toward the patient's left;
        None for other structures and where it can't be told.
    """

    case: str
    structure: str
    status: str
    dice: float | None
    iou: float | None
    hd95_mm: float | None
    precision: float | None
    recall: float | None
    volume_ml: float | None
    reference_ml: float | None
    nsd_1mm: float | None
    nsd_2mm: float | None
    lesions: Lesions | None = None
    shift_mm: float | None = None
    reference_shift_mm: float | None = None

    @property
    def volume_error_ml(self) -> float | None:
        """Predicted minus reference volume."""
        if self.volume_ml is None or self.reference_ml is None:
            return None
        return self.volume_ml - self.reference_ml

    @property
    def volume_abs_error_ml(self) -> float | None:
        """Distance between predicted and reference volume."""
        return None if self.volume_error_ml is None else abs(self.volume_error_ml)

    @property
    def volume_error_percent(self) -> float | None:
        """Distance between predicted and reference volume in percent of the reference."""
        if self.status == "absent" or self.volume_abs_error_ml is None:
            return None
        return 100 * self.volume_abs_error_ml / self.reference_ml if self.reference_ml else 100.0

    @property
    def shift_error_mm(self) -> float | None:
        """Distance between predicted and reference midline shift.

        Opposite sides add up, unless both shifts are below `NO_SHIFT_MM`: which way a straight
        line bends most is chance. None where the reference has no shift to compare with.
        """
        if self.reference_shift_mm is None:
            return None
        if self.shift_mm is None:
            return UNMEASURED_SHIFT_MM
        if max(abs(self.shift_mm), abs(self.reference_shift_mm)) < NO_SHIFT_MM:
            return abs(abs(self.shift_mm) - abs(self.reference_shift_mm))
        return abs(self.shift_mm - self.reference_shift_mm)


def score(
    case: str,
    structure: str,
    prediction: NDArray,
    reference: NDArray,
    grid: Grid,
) -> StructureScore:
    """Compare the predicted mask of a structure with its reference.

    Parameters
    ----------
    case, structure
        Their ids.
    prediction, reference
        Masks on one grid, [X, Y, Z] in any orientation; what is not zero belongs to the structure.
    grid
        Where their voxels lie.

    Examples
    --------
    >>> reference = np.zeros((8, 8, 2))
    >>> reference[2:6, 2:6] = 1
    >>> prediction = np.roll(reference, 1, axis=0)
    >>> grid = Grid((8, 8, 2), np.diag([-1.0, -1.0, 5.0, 1.0]))
    >>> result = score("p1", "hematoma", prediction, reference, grid)
    >>> result.status, result.dice, result.hd95_mm
    ('found', 0.75, 1.0)
    """
    if prediction.shape != reference.shape:
        raise ValueError(f"masks differ in shape: {prediction.shape} and {reference.shape}")
    box = common_box(prediction, reference)
    inside = grid.cropped(box)
    predicted, true = prediction[box] != 0, reference[box] != 0
    n_predicted, n_true = int(np.count_nonzero(predicted)), int(np.count_nonzero(true))
    overlap = int(np.count_nonzero(predicted & true))
    shared, marked, drawn = (float(n) for n in (overlap, n_predicted, n_true))
    if not grid.even:  # where slices are uneven, a voxel counts by its volume
        shared, marked, drawn = map(inside.volume_ml, (predicted & true, predicted, true))
    one_millimetre, two = surface_dice(predicted, true, inside, TOLERANCES_MM)
    known: dict[str, Any] = {
        "volume_ml": grid.volume_ml(prediction),
        "reference_ml": grid.volume_ml(reference),
    }
    if structure == "hematoma":
        known["lesions"] = count_lesions(predicted, true, inside)
    if n_predicted == n_true == 0:
        known |= dict.fromkeys((*SHARES, "hd95_mm"))
        return StructureScore(case, structure, "absent", **known)
    return StructureScore(
        case,
        structure,
        "found" if overlap else "missed" if n_true else "false_alarm",
        dice=2 * shared / (marked + drawn),
        iou=shared / (marked + drawn - shared),
        hd95_mm=hd95_mm(predicted, true, inside) if n_predicted and n_true else grid.diagonal_mm,
        precision=shared / marked if n_predicted else 0.0,
        recall=shared / drawn if n_true else 0.0,
        nsd_1mm=one_millimetre,
        nsd_2mm=two,
        **known,
    )


def with_shift(score: StructureScore, predicted: Midline, reference: Midline) -> StructureScore:
    """Return a midline's score with the shifts that were measured (`imaging.measure.shift`).

    A shift that has no side, being below `NO_SHIFT_MM`, counts as to the other one's.
    """
    side = reference.toward or predicted.toward or "left"

    def left_mm(midline: Midline) -> float | None:
        if midline.shift_mm is None:
            return None
        return midline.shift_mm if (midline.toward or side) == "left" else -midline.shift_mm

    return replace(score, shift_mm=left_mm(predicted), reference_shift_mm=left_mm(reference))


def without_sizes(score: StructureScore) -> StructureScore:
    """Return a score of a scan whose spacing is in doubt: what rests on it is left out."""
    sized = ("hd95_mm", "volume_ml", "reference_ml", "nsd_1mm", "nsd_2mm", "lesions")
    nothing: dict[str, Any] = dict.fromkeys((*sized, "shift_mm", "reference_shift_mm"))
    return replace(score, **nothing)


def score_row(score: StructureScore) -> dict[str, Any]:
    """Return a score as a row of a table, the derived values and the lesions' counts as well."""
    later = ("nsd_1mm", "nsd_2mm", "lesions", "shift_mm", "reference_shift_mm")
    first = [field.name for field in fields(StructureScore) if field.name not in later]
    derived = ("volume_error_ml", "volume_abs_error_ml", "volume_error_percent")
    counts = asdict(score.lesions) if score.lesions else {}
    return {
        **{name: getattr(score, name) for name in (*first, *derived, "nsd_1mm", "nsd_2mm")},
        **{f"lesions_{field.name}": counts.get(field.name) for field in fields(Lesions)},
        **{n: getattr(score, n) for n in ("shift_mm", "reference_shift_mm", "shift_error_mm")},
    }
