"""What the text half writes of a record, a line of `annotations.jsonl`, and the report reads.

Findings are told apart by their name: each has what all have, and some have keys of their own. Of
files of earlier versions these may be missing; a finding of a name that isn't known here has a
word for its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from cohort.schema.problems import Figure, Integer
from cohort.schema.scan import Note

Range = list[Any] | None
"""Both ends, where a range was written and its middle is the value."""


class StatedFinding(BaseModel):
    """A value that the record states.

    Attributes
    ----------
    name
        Of what.
    value
        In `unit`; null if there is only presence, or absence.
    unit
        years, h, mmHg, mm, mL, MRC, points, or null.
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


class BloodPressure(StatedFinding):
    """A blood pressure: systolic and diastolic."""

    value: Annotated[list[Figure | None], Field(min_length=2, max_length=2)] | None
    range: Range = None


class ComaScale(Quantity):
    """A Glasgow coma scale, with its parts E, V and M."""

    parts: Mapping[str, Integer | None] | None = None


class LimbPower(Quantity):
    """A grade of the MRC scale, of arm, leg or limbs, and + or - after the grade."""

    limb: str | None = None
    modifier: str | None = None


class HematomaVolume(Quantity):
    """A hematoma's volume, stated or from its diameters (ABC/2), and where that hematoma lies.

    `measured_by` is `formula` or `software`, or null where the record doesn't tell.
    """

    method: str | None = None
    measured_by: str | None = None
    site: str | None = None
    range: Range = None


class MidlineShift(Quantity):
    """How far the midline is shifted."""

    range: Range = None


KINDS: dict[str, type[StatedFinding]] = {
    **dict.fromkeys(("age", "onset_to_admission", "pupil_size", "hematoma_count"), Quantity),
    "blood_pressure": BloodPressure,
    "gcs": ComaScale,
    "limb_power": LimbPower,
    "hematoma_volume": HematomaVolume,
    "midline_shift": MidlineShift,
}
"""Name of a finding to what it holds; all others hold words."""


def _kind(value: Any) -> str:
    name = value.get("name") if isinstance(value, Mapping) else getattr(value, "name", None)
    return KINDS.get(name, Word).__name__ if isinstance(name, str) else Word.__name__


AnyFinding = Annotated[
    Annotated[Word, Tag("Word")]
    | Annotated[Quantity, Tag("Quantity")]
    | Annotated[BloodPressure, Tag("BloodPressure")]
    | Annotated[ComaScale, Tag("ComaScale")]
    | Annotated[LimbPower, Tag("LimbPower")]
    | Annotated[HematomaVolume, Tag("HematomaVolume")]
    | Annotated[MidlineShift, Tag("MidlineShift")],
    Discriminator(_kind),
]


class MarkedSpan(BaseModel):
    """A piece of the record with a label: an entity, or a section.

    Attributes
    ----------
    start, end
        Offsets of characters in the record, end excluded.
    label
        What it is.
    text
        Of an entity: what stands there.
    section
        Of an entity: label of the section that it starts in.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    start: Integer
    end: Integer
    label: str
    text: str | None = None
    section: str | None = None


class AnnotatedRecord(BaseModel):
    """An annotated record.

    Attributes
    ----------
    id
        Of the record.
    text
        What was annotated; line ends count as one character.
    spans
        Its entities.
    sections
        Its sections.
    findings
        In text order; null if the pipeline finds none.
    cannot_be_told
        `entities` to the reason why none were looked for; empty if they were.
    notes
        What is unusual about the record.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    id: str
    text: str
    spans: tuple[MarkedSpan, ...]
    sections: tuple[MarkedSpan, ...]
    findings: tuple[AnyFinding, ...] | None = None
    cannot_be_told: Mapping[str, str] = Field(default_factory=dict)
    notes: tuple[Note, ...] = ()
