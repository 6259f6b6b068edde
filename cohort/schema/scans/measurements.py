"""What is measured on the masks of a scan: part of its JSON.

What isn't known is null; so is what a file of an earlier version lacks.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from cohort.facts.sites import Coarse
from cohort.schema.problems import Integer, Number

Side = Literal["left", "right"]
Middle = Literal["midline", "head", "ventricles", "array"]
"""What told the brain's middle."""
Unknown = Literal["no_middle", "no_ventricles", "short_ventricles", "at_tentorium", "between"]
"""What keeps a site from being told: `between` is on the border of deep and lobar."""

ShiftUnknown = Literal["no_midline", "no_septum", "broken", "contradictory", "hidden"]
"""What keeps a midline shift from being told: nothing of a midline to speak of is found; the scan
does not show the level of the septum; its line there is in pieces; there are two; or the scan shows
nothing where a network marks it."""
SeptumBy = Literal["ventricles", "skull", "line"]
"""What told where the septum pellucidum is: the frontal horns, the skull, the midline's length."""

DIGITS = 3
"""Of values in files: microlitres and micrometres."""

_OPEN = ConfigDict(extra="ignore", defer_build=True)


@dataclass(frozen=True, config=_OPEN)
class Abc2:
    """The three lengths of ABC/2 (Kothari's weighting), and the slice where two were taken.

    Attributes
    ----------
    a_mm
        Largest diameter in the axial slice where the bleed's area is largest.
    b_mm
        Largest diameter in that slice at right angles to A.
    c_slices
        Number of slices with blood, weighted: a multiple of 0.5.
    c_mm
        The same times the distance between slices.
    slice
        Index of the slice with the largest area, in the whole scan.
    """

    a_mm: Number
    b_mm: Number
    c_slices: Number
    c_mm: Number
    slice: Integer

    @property
    def ml(self) -> float:
        """A times B times C, halved."""
        return self.a_mm * self.b_mm * self.c_mm / 2 / 1000


@dataclass(frozen=True, config=_OPEN)
class Hematoma:
    """What the mask of the hematoma tells; all None where nobody marked it, or there is none.

    Attributes
    ----------
    volume_ml
        Volume of all of it in mL; 0 without one, None where it was not looked for.
    abc2_ml
        Volume by ABC/2 with Kothari's weighting (`cohort.space.shapes.diameters`), summed over
        the pieces that are counted.
    abc2
        A, B, C and the slice of the largest piece; the slice as the file counts it.
    tada_ml
        Volume by Tada's formula (多田公式; `cohort.space.shapes.diameters`), the bedside one:
        A × B × C / 2 with the A and B of ABC/2 and all slices that show the piece for C, summed
        over the pieces that are counted.
    tada_c_mm, tada_slices
        C of that formula for the largest piece: thickness of all slices that show it, and how
        many they are.
    side
        The patient's side of the brain's middle that holds nearly all of its volume
        (`imaging.measure.hematoma.ONE_SIDED`), or both.
    left_ml, right_ml
        Volumes to the left and the right of the brain's middle.
    side_by
        What told the brain's middle: see `imaging.measure.midplane.Midplane.source`.
    components
        Number of pieces of `cohort.facts.limits.BLEED_ML` and more; voxels that share a corner
        are of one piece. The largest counts whatever its size.
    centroid_mm
        Centre of the largest piece, RAS+ world coordinates in mm.
    largest_diameter_mm
        Largest distance between two points of the largest piece's surface.
    distance_to_ventricle_mm
        From the largest piece's surface to that of the nearest lateral ventricle, 0 if they
        touch; None where no ventricle is marked, or only one of the two was looked for.
    site
        Roughly where the largest piece lies; None where it can't be told (`imaging.measure.site`).
    site_reason
        Why, in a sentence.
    site_unknown
        What keeps the site from being told, as a word; None if it is told.
    """

    volume_ml: Number | None = None
    abc2_ml: Number | None = None
    abc2: Abc2 | None = None
    tada_ml: Number | None = None
    tada_c_mm: Number | None = None
    tada_slices: Integer | None = None
    side: Literal["left", "right", "both"] | None = None
    left_ml: Number | None = None
    right_ml: Number | None = None
    side_by: Middle | None = None
    components: Integer | None = None
    centroid_mm: tuple[Number, Number, Number] | None = None
    largest_diameter_mm: Number | None = None
    distance_to_ventricle_mm: Number | None = None
    site: Coarse | None = None
    site_reason: str | None = None
    site_unknown: Unknown | None = None


@dataclass(frozen=True, config=_OPEN)
class Midline:
    """What the midline tells; all None where nobody looked for it (`imaging.measure.shift`).

    Attributes
    ----------
    shift_mm
        Midline shift at the septum pellucidum in mm; None where it can't be told.
    toward
        The patient's side that it is pushed to; None where it is straight, which it is below
        `cohort.facts.limits.NO_SHIFT_MM`.
    slice
        Index of the axial slice where it was measured, as the file counts them.
    largest_mm, largest_toward, largest_slice
        The same of the place where the midline is farthest from where it would be. It may be
        pushed to the other side there.
    error_mm
        How far off `shift_mm` may be, one standard deviation, as far as what was found tells.
    support
        Share of the septum's rows in which the midline was found.
    septum_by
        What told where the septum is.
    unknown
        What keeps the shift from being told, as a word; None if it is told.
    """

    shift_mm: Number | None = None
    toward: Side | None = None
    slice: Integer | None = None
    largest_mm: Number | None = None
    largest_toward: Side | None = None
    largest_slice: Integer | None = None
    error_mm: Number | None = None
    support: Number | None = None
    septum_by: SeptumBy | None = None
    unknown: ShiftUnknown | None = None


@dataclass(frozen=True, config=_OPEN)
class Ventricles:
    """What the masks of both lateral ventricles tell.

    Attributes
    ----------
    left_ml, right_ml
        Volumes in mL; 0 if it is not to be seen, None if nobody marked it.
    left_right_ratio
        Left volume divided by the right one; None where one of them is not known or 0.
    compressed
        The side of the one that is compressed. None where neither is, and where it can't be
        told: the volumes alone can't tell that both are from narrow ventricles, nor in which of
        two unequal ones the fault lies where no blood lies beside the smaller one.
    """

    left_ml: Number | None = None
    right_ml: Number | None = None
    left_right_ratio: Number | None = None
    compressed: Side | None = None


@dataclass(frozen=True, config=_OPEN)
class VentricularBlood:
    """What the mask of the blood in the ventricles tells.

    Attributes
    ----------
    volume_ml
        Volume of all of it in mL; 0 without any, None where it was not looked for.
    left_ml, right_ml
        What lies in the mask of each lateral ventricle; of what lies in both, half each. None
        where one of these was not looked for.
    central_ml
        What lies in neither: third and fourth ventricle.
    """

    volume_ml: Number | None = None
    left_ml: Number | None = None
    right_ml: Number | None = None
    central_ml: Number | None = None


@dataclass(frozen=True, config=_OPEN)
class Edema:
    """What the mask of the edema around the hematoma tells.

    Attributes
    ----------
    volume_ml
        Volume in mL, without the hematoma; 0 without any, None where it was not looked for.
    """

    volume_ml: Number | None = None


@dataclass(frozen=True, config=_OPEN)
class OuterBlood:
    """What the mask of the blood outside the brain tells: epidural, subdural, subarachnoid.

    Attributes
    ----------
    volume_ml
        Volume in mL; 0 without any, None where it was not looked for.
    """

    volume_ml: Number | None = None


@dataclass(frozen=True, config=_OPEN)
class Measurements:
    """What the masks of a scan tell; left is the patient's left.

    What can't be measured is None; a structure that is absent has a volume of 0 and else None.

    Attributes
    ----------
    hematoma, midline, ventricles, ventricular_blood, edema, outer_blood
        What the mask, or the masks, of each tell.
    """

    hematoma: Hematoma = Hematoma()
    midline: Midline = Midline()
    ventricles: Ventricles = Ventricles()
    ventricular_blood: VentricularBlood = VentricularBlood()
    edema: Edema = Edema()
    outer_blood: OuterBlood = OuterBlood()

    def rounded(self) -> Measurements:
        """Return them as they are read from a file again."""
        return Measurements(**self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return plain dicts, lists and numbers, these with three digits."""
        result = _plain(asdict(self))
        assert isinstance(result, dict)
        return result


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return round(value, DIGITS) if isinstance(value, float) else value
