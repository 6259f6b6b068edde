"""What the text half writes of a record, a line of `annotations.jsonl`, and the report reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from cohort.schema.problems import Integer
from cohort.schema.records.findings import AnyFinding
from cohort.schema.scans.scan import Note


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


class DiagnosisCode(BaseModel):
    """A code of ICD-10 (`cohort.facts.icd10`) for a bleed that the record tells of.

    Attributes
    ----------
    code
        Four characters, such as I61.0.
    certainty
        Of the bleed; one of the past is affirmed as what it left, I69.1.
    evidence
        Start and end of each piece of the record that says so.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    code: str
    certainty: Literal["affirmed", "uncertain"]
    evidence: tuple[tuple[Integer, Integer], ...] = ()


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
    icd10
        Codes of its bleeds.
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
    icd10: tuple[DiagnosisCode, ...] = ()
    cannot_be_told: Mapping[str, str] = Field(default_factory=dict)
    notes: tuple[Note, ...] = ()
