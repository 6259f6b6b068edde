"""All that the page of a case shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cohort.tags.scheme import Span
from hich.report.messages import Message
from hich.report.model.comparison import Bleed, Row
from hich.report.model.finding import Finding
from hich.report.model.follow_up import FollowUp
from hich.report.model.masks import CaseMeasurements, MaskScore
from hich.report.model.score import IchScore

Half = Literal["ct", "record"]


@dataclass(frozen=True)
class CaseReport:
    """All that the page of a case shows, but the voxels (`hich.report.model.masks.CaseVoxels`).

    Attributes
    ----------
    id
        Of the case: may hold spaces and any letters, but no character that file names can't.
    part
        `train`, `val`, `test`, or None if the split doesn't name the case.
    previous, next
        Ids of the neighbours that have a page.
    measurements, reference
        Of the predicted and of the reference masks.
    scores
        Structure id to its score.
    model
        Name and version of the model that predicted, for people.
    text
        The record, with LF line ends; None if there is none.
    spans
        Its entities, in text order, not overlapping.
    sections
        Its sections, in text order.
    findings
        Its findings, in text order.
    rows
        The comparison, one an aspect, in the order of `hich.report.compare.rows.ASPECTS`.
    bleed
        What tells whether scan and record belong together; None where one says nothing.
    coverage
        How much of the head was predicted, where that is a part only.
    notes
        What is missing or wrong.
    refused
        The half that was given and can't be used, to the reasons: sentences for people.
    looks
        Why the case needs a look; empty if it doesn't.
    urgency
        How much it does, 0 if it doesn't.
    score
        The ICH score; None where it was not worked out, or there is no hematoma.
    stated_ages
        The patient's age in years by the CT's DICOM header, where it states one.
    follow_up
        Its scan beside later ones of the same patient; None where there are none.
    """

    id: str
    part: str | None = None
    previous: str | None = None
    next: str | None = None
    measurements: CaseMeasurements | None = None
    reference: CaseMeasurements | None = None
    scores: Mapping[str, MaskScore] = field(default_factory=dict)
    model: str | None = None
    text: str | None = None
    spans: tuple[Span, ...] = ()
    sections: tuple[Span, ...] = ()
    findings: tuple[Finding, ...] = ()
    rows: tuple[Row, ...] = ()
    bleed: Bleed | None = None
    coverage: Message | None = None
    notes: tuple[Message, ...] = ()
    refused: Mapping[Half, tuple[str, ...]] = field(default_factory=dict)
    looks: tuple[Message, ...] = ()
    urgency: float = 0.0
    score: IchScore | None = None
    stated_ages: tuple[float, ...] = ()
    follow_up: FollowUp | None = None
