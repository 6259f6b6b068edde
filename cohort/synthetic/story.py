"""What happened to a generated patient: told by the CT and by the record alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cohort.facts.sites import GeneratedSite, Lobe

Side = Literal["left", "right"]
Membrane = Literal["subdural", "epidural"]
Operation = Literal["burr_hole", "craniotomy", "craniectomy"]
ToldShift = Literal["none", "slight", "measured"]
"""A record may call a small shift none, or slight without a number."""


@dataclass(frozen=True)
class Focus:
    """One hematoma of the brain.

    Attributes
    ----------
    site, side
        Where it is; `side` is the patient's. A brainstem bleed may have no side.
    lobe
        The lobe of a lobar bleed, None elsewhere.
    volume_ml
        Its volume in mL.
    bedside_ml
        What Tada's formula (多田公式) makes of its mask, mL; None before there is one.
    """

    site: GeneratedSite
    side: Side | None
    lobe: Lobe | None
    volume_ml: float
    bedside_ml: float | None = None

    @property
    def told_ml(self) -> float:
        """The volume that a record tells, mL: by the bedside formula, where that is known."""
        return self.volume_ml if self.bedside_ml is None else self.bedside_ml


@dataclass(frozen=True)
class Story:
    """One generated patient.

    Attributes
    ----------
    age, sex
        Years; "male" or "female".
    onset_hours
        Time from onset to admission.
    site, side, lobe
        Those of the (largest) hematoma, as in `Focus`; None in a patient without one.
    volume_ml
        Volume of all hematomas in mL, as their mask measures; 0 without one.
    shift_mm
        Midline shift at the septum pellucidum in mm, as the head was deformed.
    shift_side
        The side it is pushed to; None below `cohort.facts.limits.NO_SHIFT_MM`.
    ventricle_compressed
        The side of the lateral ventricle that is compressed; None if neither is.
    second
        A second, smaller hematoma; None in most.
    intraventricular
        Whether there is blood in the ventricles, which is not part of the hematoma.
    ventricles_dilated
        Whether fluid is dammed up in the ventricles (hydrocephalus).
    subarachnoid
        Whether there is blood in sulci or cisterns.
    membrane, membrane_side
        On which side of the dura there is a thin layer of blood, and on the patient's which
        side; None in most.
    density_hu
        Median HU within the hematomas; None without one.
    surgery
        What was done before the scan; None in most. The record is that of the admission.
    bedside_ml
        What Tada's formula (多田公式) makes of the largest hematoma's mask, mL; None without one.
    largest_shift_mm
        Shift of that place of the midline that moved farthest, mm.
    told_shift
        What the record says of the shift; None before it is written.
    """

    age: int
    sex: Literal["male", "female"]
    onset_hours: float
    site: GeneratedSite | None
    side: Side | None
    lobe: Lobe | None
    volume_ml: float
    shift_mm: float
    shift_side: Side | None
    ventricle_compressed: Side | None
    second: Focus | None = None
    intraventricular: bool = False
    ventricles_dilated: bool = False
    subarachnoid: bool = False
    membrane: Membrane | None = None
    membrane_side: Side | None = None
    density_hu: int | None = None
    surgery: Operation | None = None
    bedside_ml: float | None = None
    largest_shift_mm: float = 0.0
    told_shift: ToldShift | None = None

    @property
    def bleeds(self) -> int:
        """Number of hematomas, 0 to 2."""
        return (self.site is not None) + (self.second is not None)

    @property
    def first_ml(self) -> float:
        """Volume of the largest hematoma in mL."""
        return self.volume_ml - (self.second.volume_ml if self.second else 0.0)

    @property
    def told_ml(self) -> float:
        """The largest hematoma's volume as a record tells it, mL."""
        return self.first_ml if self.bedside_ml is None else self.bedside_ml
