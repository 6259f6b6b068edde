"""The masks of a case: voxels, what was measured on them, and how well they fit the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from numpy.typing import NDArray

from cohort.schema.scans.measurements import (
    Edema,
    Hematoma,
    Midline,
    OuterBlood,
    Ventricles,
    VentricularBlood,
)
from cohort.space.grid import Grid
from hich.report.messages import CheckSentence

if TYPE_CHECKING:
    from imaging.measure.skull.head_frame import HeadFrame


@dataclass(frozen=True)
class CaseMeasurements:
    """What was measured on the masks of a case.

    Attributes
    ----------
    hematoma, midline, ventricles
        As the imaging half writes them.
    untold
        Id of a structure of which nothing could be told, to the reason: its measurements are
        None. The model has not learnt it, or the scan doesn't allow it. Or a doubt
        (`cohort.facts.doubts`) about the scan: what rests on it is None.
    ventricular_blood, edema, outer_blood
        As the imaging half writes them.
    """

    hematoma: Hematoma = Hematoma()
    midline: Midline = Midline()
    ventricles: Ventricles = Ventricles()
    untold: Mapping[str, CheckSentence] = field(default_factory=dict)
    ventricular_blood: VentricularBlood = VentricularBlood()
    edema: Edema = Edema()
    outer_blood: OuterBlood = OuterBlood()


@dataclass(frozen=True)
class MaskScore:
    """How well a predicted mask fits the reference mask.

    Attributes
    ----------
    status
        `found`, `missed`, `false_alarm`, `absent` (see `imaging.scores.metrics`).
    dice
        From 0 to 1; None where the structure is absent in both.
    """

    status: str
    dice: float | None


@dataclass(frozen=True)
class CaseVoxels:
    """The voxels of a case. All arrays have one shape [I, J, K], in the file's own orientation.

    Attributes
    ----------
    image
        CT in Hounsfield units.
    grid
        Where they lie.
    predicted, reference
        Structure id to its mask, uint8 0/1; empty where there are none.
    frame
        The scan's skull, where it was looked for already.
    """

    image: NDArray
    grid: Grid
    predicted: Mapping[str, NDArray] = field(default_factory=dict)
    reference: Mapping[str, NDArray] = field(default_factory=dict)
    frame: HeadFrame | None = None
