"""What happened to a generated patient: told by the CT and by the record alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["left", "right"]
Site = Literal["basal_ganglia", "thalamus", "lobar", "cerebellum", "brainstem"]


@dataclass(frozen=True)
class Story:
    """One generated patient.

    Attributes
    ----------
    age, sex
        Years; "male" or "female".
    onset_hours
        Time from onset to admission.
    site, side
        Where the bleed is; `side` is the patient's. A brainstem bleed may have no side.
    lobe
        For a lobar bleed: "frontal", "temporal", "parietal" or "occipital".
    volume_ml
        Hematoma volume in mL, as its mask measures.
    shift_mm
        Midline shift in mm, as the midline mask measures; 0 for none.
    shift_side
        The side the midline is pushed towards; None without a shift.
    ventricle_compressed
        The side of the lateral ventricle that is compressed; None if neither is.
    """

    age: int
    sex: Literal["male", "female"]
    onset_hours: float
    site: Site
    side: Side | None
    lobe: Literal["frontal", "temporal", "parietal", "occipital"] | None
    volume_ml: float
    shift_mm: float
    shift_side: Side | None
    ventricle_compressed: Side | None
