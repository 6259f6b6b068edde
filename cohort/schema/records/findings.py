"""What a record states: each finding with the keys that its name has.

Findings are told apart by their name: each has what all have, and some have keys of their own. Of
files of earlier versions these may be missing; a finding of a name that isn't known here has a
word for its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from cohort.schema.problems import Figure, Integer

Range = list[Any] | None
"""Both ends, where a range was written and its middle is the value."""
Bound = Literal["<", "≤", ">", "≥", "≈"]
"""What a value is that a record states as a bound: ≈ is nearly, but not quite (近30ml)."""


class StatedFinding(BaseModel):
    """A value that the record states.

    Attributes
    ----------
    name
        Of what.
    value
        In `unit`; null if there is only presence, or absence.
    unit
        years, h, mmHg, mm, mL, MRC, points, 10^9/L, g/L, mmol/L, cigarettes/day, mL/day, or null.
    certainty
        How sure the record is.
    side
        The patient's; a midline shift's is the one that it goes to.
    section
        Label of the section that the evidence starts in.
    start, end, text
        The evidence: offsets of characters in the record, end excluded, and what stands there.
    """

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    name: str
    value: Any
    unit: str | None
    certainty: Literal["affirmed", "negated", "uncertain", "historical"]
    side: Literal["left", "right", "both"] | None
    section: str | None
    start: Integer
    end: Integer
    text: str


class Word(StatedFinding):
    """A finding whose value is a word of the vocabulary."""

    value: str | None


class Quantity(StatedFinding):
    """A finding whose value is a number."""

    value: Figure | None


class Bounded(Quantity):
    """A number that may be a bound (<30 mL): then the value is that, and `bound` says of what."""

    bound: Bound | None = None


class BloodPressure(StatedFinding):
    """A blood pressure: systolic and diastolic; of a bound (>200/120) `bound` says which."""

    value: Annotated[list[Figure | None], Field(min_length=2, max_length=2)] | None
    range: Range = None
    bound: Bound | None = None


class ComaScale(Quantity):
    """A Glasgow coma scale, with its parts E, V and M.

    Of a bound (≤ 8) there is no value; its range is the least and the most that it can be.
    """

    parts: Mapping[str, Integer | None] | None = None
    range: Range = None


class LimbPower(Quantity):
    """A grade of the MRC scale, of arm, leg or limbs, and + or - after the grade."""

    limb: str | None = None
    modifier: str | None = None


class HematomaVolume(Bounded):
    """A hematoma's volume, stated or from its diameters (ABC/2), and where that hematoma lies.

    `measured_by` is `formula` or `software`, or null where the record doesn't tell.
    """

    method: str | None = None
    measured_by: str | None = None
    site: str | None = None
    range: Range = None


class MidlineShift(Bounded):
    """How far the midline is shifted."""

    range: Range = None


Time = Literal["now", "before", "planned"] | None
"""When what a finding says is; null in files of earlier versions."""


class TimedWord(Word):
    """A finding whose value is a word, and when it is so."""

    time: Time = None


class Operation(TimedWord):
    """An operation: its day, in ISO 8601, and how many hours it was after onset or admission."""

    date: str | None = None
    hours: Figure | None = None
    since: str | None = None


class Airway(TimedWord):
    """A tube, a ventilator, sedation: told as a `state`, an `act`, or for `surgery` alone."""

    told_as: str | None = None


class TimedQuantity(Quantity):
    """A score or a laboratory value, when it is so, and at which moment it was measured.

    `at` is `before_onset`, `admission`, `before_operation`, `after_operation`, `course`,
    `discharge` or `follow_up`, or null where the record doesn't tell.
    """

    time: Time = None
    at: str | None = None
    range: Range = None


class OnsetToAdmission(Bounded):
    """How long before the admission an illness began, in hours."""

    range: Range = None


class Glucose(TimedQuantity):
    """Blood glucose; `taken` is `fasting`, `random`, `after_meal`, or null."""

    taken: str | None = None


class OnsetToCt(Quantity):
    """How long after its onset an illness was seen on CT; `scan` is `first` or `repeat`."""

    time: Time = None
    scan: str | None = None
    range: Range = None


class Habit(Quantity):
    """Smoking or drinking: how much a day, for how many years, and what is drunk."""

    time: Time = None
    years: Figure | None = None
    beverage: str | None = None
    range: Range = None


class EdemaRim(Bounded):
    """Edema: how wide its rim is, and its degree: `mild`, `moderate`, `severe`."""

    time: Time = None
    degree: str | None = None
    range: Range = None


class HematomaDiameters(StatedFinding):
    """Two or three diameters of a hematoma as they are written, and its site."""

    value: Annotated[list[Figure], Field(min_length=2, max_length=3)] | None
    time: Time = None
    site: str | None = None


class HematomaSlices(Quantity):
    """How many slices show a hematoma, and how thick they are."""

    time: Time = None
    thickness_mm: Figure | None = None


KINDS: dict[str, type[StatedFinding]] = {
    "age": Bounded,
    "onset_to_admission": OnsetToAdmission,
    **dict.fromkeys(("pupil_size", "hematoma_count"), Quantity),
    "blood_pressure": BloodPressure,
    "gcs": ComaScale,
    "limb_power": LimbPower,
    "hematoma_volume": HematomaVolume,
    "midline_shift": MidlineShift,
    **dict.fromkeys(
        ("hydrocephalus", "herniation", "cistern_compression", "fourth_ventricle_compression"),
        TimedWord,
    ),
    **dict.fromkeys(("subarachnoid_blood", "subdural_blood", "growth_sign"), TimedWord),
    **dict.fromkeys(("nihss", "mrs", "gos", "inr", "platelets", "fibrinogen"), TimedQuantity),
    "glucose": Glucose,
    "onset_to_ct": OnsetToCt,
    "operation": Operation,
    **dict.fromkeys(("intubation", "mechanical_ventilation", "sedation"), Airway),
    **dict.fromkeys(("smoking", "drinking"), Habit),
    "edema": EdemaRim,
    "hematoma_diameters": HematomaDiameters,
    "hematoma_slices": HematomaSlices,
}
"""Name of a finding to what it holds; all others hold words."""


def _kind(value: Any) -> str:
    name = value.get("name") if isinstance(value, Mapping) else getattr(value, "name", None)
    return KINDS.get(name, Word).__name__ if isinstance(name, str) else Word.__name__


AnyFinding = Annotated[
    Annotated[Word, Tag("Word")]
    | Annotated[Quantity, Tag("Quantity")]
    | Annotated[Bounded, Tag("Bounded")]
    | Annotated[OnsetToAdmission, Tag("OnsetToAdmission")]
    | Annotated[BloodPressure, Tag("BloodPressure")]
    | Annotated[ComaScale, Tag("ComaScale")]
    | Annotated[LimbPower, Tag("LimbPower")]
    | Annotated[HematomaVolume, Tag("HematomaVolume")]
    | Annotated[MidlineShift, Tag("MidlineShift")]
    | Annotated[TimedWord, Tag("TimedWord")]
    | Annotated[Operation, Tag("Operation")]
    | Annotated[Airway, Tag("Airway")]
    | Annotated[TimedQuantity, Tag("TimedQuantity")]
    | Annotated[Glucose, Tag("Glucose")]
    | Annotated[OnsetToCt, Tag("OnsetToCt")]
    | Annotated[Habit, Tag("Habit")]
    | Annotated[EdemaRim, Tag("EdemaRim")]
    | Annotated[HematomaDiameters, Tag("HematomaDiameters")]
    | Annotated[HematomaSlices, Tag("HematomaSlices")],
    Discriminator(_kind),
]
