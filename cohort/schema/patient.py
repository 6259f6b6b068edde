"""What is told of one patient, `summary.json`: scans, record and how they compare.

It holds neither the record's text nor quotes of it: offsets say where in the note evidence stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.dataclasses import dataclass

from cohort.schema.follow_up import FollowedUp
from cohort.schema.problems import Flag, Integer, Number
from cohort.schema.scans.scan import OPEN, ScanResult


class UnquotedFinding(BaseModel):
    """A value that the record states, without the words that state it.

    Attributes
    ----------
    name, value, unit, certainty, side, section
        As `annotations.jsonl` has them, and so are the keys that belong to one name.
    start, end
        Offsets of the evidence in the note's text, line ends being one character each.
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


@dataclass(frozen=True, config=OPEN)
class UnquotedSpan:
    """A piece of the record with a label, without its words: an entity, or a section.

    Attributes
    ----------
    start, end
        Offsets in the note's text.
    label
        What it is.
    """

    start: Integer
    end: Integer
    label: str


@dataclass(frozen=True, config=OPEN)
class UnquotedCode:
    """A code of ICD-10 for a bleed that the record tells of.

    Attributes
    ----------
    code
        Four characters, such as I61.0.
    certainty
        `affirmed` or `uncertain`.
    evidence
        Start and end, in the note's text, of each piece that says so.
    """

    code: str
    certainty: str
    evidence: tuple[tuple[Integer, Integer], ...] = ()


@dataclass(frozen=True, config=OPEN)
class UnquotedRecord:
    """What was found in the note.

    Attributes
    ----------
    characters
        How long it is.
    sections, entities, findings
        In text order; findings are null if the pipeline finds none.
    icd10
        Codes of the bleeds that it tells of.
    cannot_be_told
        `entities` to the reason why none were looked for; empty if they were.
    """

    characters: Integer
    sections: tuple[UnquotedSpan, ...] = ()
    entities: tuple[UnquotedSpan, ...] = ()
    findings: tuple[UnquotedFinding, ...] | None = None
    icd10: tuple[UnquotedCode, ...] = ()
    cannot_be_told: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, config=OPEN)
class ComparedValue:
    """One value of a comparison: a number in a unit, a word, or both.

    Attributes
    ----------
    number, unit
        A number in `ml`, `mm`, `years` or `points`; a count has no unit.
    term
        A word of a closed vocabulary.
    sign
        Where the record states a bound, and `number` is that: `<`, `≤`, `>`, `≥`, `≈` (nearly).
    """

    number: Number | None = None
    unit: str | None = None
    term: str | None = None
    sign: str | None = None


@dataclass(frozen=True, config=OPEN)
class CrossedLimit:
    """A limit that surgeons use, which CT and record lie on two sides of, even if they agree.

    Attributes
    ----------
    name
        `volume`, `volume_in_cerebellum`, `shift` or `ventricular_blood`.
    limit
        From where on a value has reached it; null of a yes or no.
    sure
        Whether they do however the record is read, and not by one way to read it only.
    """

    name: str
    limit: ComparedValue | None
    sure: Flag


@dataclass(frozen=True, kw_only=True, config=OPEN)
class ComparedAspect:
    """CT and record compared in one aspect.

    Attributes
    ----------
    aspect
        Such as `volume`.
    ct
        What the CT says.
    record
        What the record says: several values where it can be read in several ways.
    evidence
        Start and end, in the note's text, of each piece that says so.
    verdict
        `agree`, `differ`, `only_ct`, `only_record` or `uncertain`.
    reason
        Why, in English.
    crossed
        The limits that surgeons use, which CT and record lie on two sides of.
    """

    aspect: str
    ct: ComparedValue | None
    record: tuple[ComparedValue, ...]
    evidence: tuple[tuple[Integer, Integer], ...]
    verdict: str
    reason: str
    crossed: tuple[CrossedLimit, ...] = ()


Range = tuple[Integer, Integer]
"""Least and most: two equal numbers where it is known."""


@dataclass(frozen=True, config=OPEN)
class ScoredSource:
    """What CT or record says of an item of the score.

    Attributes
    ----------
    points
        The least and the most that it gives.
    values
        What it says; several where it can be read in several ways.
    beside
        Of the CT: the volume by voxels, beside that by the formula.
    evidence
        Of the record: start and end of each piece that says so.
    """

    points: Range
    values: tuple[ComparedValue, ...] = ()
    beside: ComparedValue | None = None
    evidence: tuple[tuple[Integer, Integer], ...] = ()


@dataclass(frozen=True, config=OPEN)
class ScoredItem:
    """An item of the score.

    Attributes
    ----------
    name
        `gcs`, `volume`, `ventricular_blood`, `infratentorial` or `age`.
    points
        The least and the most points, by all that is known.
    ct, record
        What each says; null where it says nothing.
    contradicted
        Whether they can't both be right.
    reasons
        Why the points are a range, and what is odd, in English.
    """

    name: str
    points: Range
    ct: ScoredSource | None
    record: ScoredSource | None
    contradicted: Flag
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, config=OPEN)
class ScoredIch:
    """The ICH score at presentation (doi:10.1161/01.STR.32.4.891), 0 to 6; research, no advice.

    Attributes
    ----------
    points
        The least and the most that it can be.
    by_ct, by_record
        Where CT and record contradict each other: with these items by the one, and by the other.
    items
        All five.
    notes
        On what it rests, in English.
    """

    points: Range
    by_ct: Range | None
    by_record: Range | None
    items: tuple[ScoredItem, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, config=OPEN)
class PatientFile:
    """What is told of one patient.

    Attributes
    ----------
    id
        Of the scan, or of the note where there is no scan.
    scans
        What is told of each scan, by time, as its own JSON file has it; masks lie where `masks`
        says, beside this file.
    record
        What was found in the note; null without one.
    comparison
        CT and record, aspect by aspect.
    ich_score
        Put together from CT and record; null where neither has a hematoma.
    follow_up
        Of two or more scans, what changed; null of one. Comparison and score are of the first.
    looks
        Why the patient's CT and record need a look, in English.
    refused
        The half that was given and can't be used, `ct` or `record`, to the reasons.
    patients_differ_in
        In what the record and the CT's DICOM header tell of different patients: `name`, `sex`,
        `age`. Empty where they don't, and where there is nothing to compare.
    """

    id: str
    scans: tuple[ScanResult, ...] = ()
    record: UnquotedRecord | None = None
    comparison: tuple[ComparedAspect, ...] = ()
    ich_score: ScoredIch | None = None
    follow_up: FollowedUp | None = None
    looks: tuple[str, ...] = ()
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    patients_differ_in: tuple[str, ...] = ()
