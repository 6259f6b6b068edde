"""What a report holds, of a case and of a cohort, in plain values.

Left is the patient's left; volumes are in mL, lengths in mm; None is what is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from numpy.typing import NDArray

from cohort.schema.measurements import Hematoma, Midline, Ventricles
from cohort.space.grid import Grid
from hich.report.messages import Message, Said

if TYPE_CHECKING:
    from hich.report.compare.pairing import Pairing


@dataclass(frozen=True)
class Measurements:
    """What was measured on the masks of a case.

    Attributes
    ----------
    hematoma, midline, ventricles
        As the imaging half writes them.
    untold
        Id of a structure of which nothing could be told, to the reason: its measurements are
        None. The model has not learnt it, or the scan doesn't allow it. Or a doubt
        (`cohort.facts.doubts`) about the scan: what rests on it is None.
    """

    hematoma: Hematoma = Hematoma()
    midline: Midline = Midline()
    ventricles: Ventricles = Ventricles()
    untold: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """A piece of the record with a label: an entity, or a section.

    Attributes
    ----------
    start, end
        Character offsets in the record's text, end excluded.
    label
        Of the entity, or of the section (`text.components.sections`).
    """

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class Finding:
    """A value that the record states, as `doc._.findings` has it.

    Attributes
    ----------
    name, value, unit, certainty, side, section
        See `text.components.findings.component`; `value` is None where there is only presence, or
        absence.
    start, end, text
        The evidence: offsets in the record's text, and that piece of it.
    extra
        What only findings of this name have.
    """

    name: str
    value: Any
    unit: str | None
    certainty: str
    side: str | None
    section: str | None
    start: int
    end: int
    text: str
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the finding as it stands in `annotations.jsonl`."""
        value = vars(self).copy()
        return {**value, **value.pop("extra")}


@dataclass(frozen=True)
class Value:
    """One value of a comparison: a number in a unit, a word, or both (5 mm toward the right).

    Attributes
    ----------
    number
        In `unit`.
    unit
        `ml`, `mm`, or None for a count.
    term
        A key of `hich.report.messages.TERMS`, or a word of the record's vocabulary.
    """

    number: float | None = None
    unit: str | None = None
    term: str | None = None


@dataclass(frozen=True)
class Row:
    """CT and record compared in one aspect.

    Attributes
    ----------
    aspect
        One of `hich.report.compare.rows.ASPECTS`.
    ct
        What the predicted masks say.
    reference
        What the reference masks say, where there are any; it has no part in the verdict.
    record
        What the record says: one value, or several where it contradicts itself or has several
        hematomas; empty where it says nothing.
    compared
        The value of the record that the CT was, or would be, compared with: a sum where several
        hematomas are added up; None where the record can be read in several ways.
    evidence
        The findings that `record` was taken from, in text order.
    verdict
        One of `hich.report.messages.VERDICTS`.
    reason
        Why.
    """

    aspect: str
    ct: Value | None
    reference: Value | None
    record: tuple[Value, ...]
    compared: Value | None
    evidence: tuple[Finding, ...]
    verdict: str
    reason: Message


@dataclass(frozen=True)
class Bleed:
    """What scan and record tell of the bleed: `absent`, or its side, `left`, `right` or `both`.

    Attributes
    ----------
    seen
        By the scan's masks.
    said
        By the record.
    drawn
        Whether `seen` is of reference masks, and not of predicted ones.
    """

    seen: str
    said: str
    drawn: bool = True


@dataclass(frozen=True)
class Score:
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
class Volumes:
    """The voxels of a case. All arrays have one shape [I, J, K], in the file's own orientation.

    Attributes
    ----------
    image
        CT in Hounsfield units.
    grid
        Where they lie.
    predicted, reference
        Structure id to its mask, uint8 0/1; empty where there are none.
    """

    image: NDArray
    grid: Grid
    predicted: Mapping[str, NDArray] = field(default_factory=dict)
    reference: Mapping[str, NDArray] = field(default_factory=dict)


@dataclass(frozen=True)
class CaseReport:
    """All that the page of a case shows, but the voxels (`Volumes`).

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
    looks
        Why the case needs a look; empty if it doesn't.
    urgency
        How much it does, 0 if it doesn't.
    """

    id: str
    part: str | None = None
    previous: str | None = None
    next: str | None = None
    measurements: Measurements | None = None
    reference: Measurements | None = None
    scores: Mapping[str, Score] = field(default_factory=dict)
    model: str | None = None
    text: str | None = None
    spans: tuple[Span, ...] = ()
    sections: tuple[Span, ...] = ()
    findings: tuple[Finding, ...] = ()
    rows: tuple[Row, ...] = ()
    bleed: Bleed | None = None
    coverage: Message | None = None
    notes: tuple[Message, ...] = ()
    looks: tuple[Message, ...] = ()
    urgency: float = 0.0


@dataclass(frozen=True)
class CaseSummary:
    """A case as the cohort's page and `cases.csv` have it; holds neither text nor voxels.

    Attributes
    ----------
    id
        Of the case.
    page
        Path of its page, relative to the report's folder, not URL-quoted; None without one.
    values
        A row of `cases.csv`: column to number, word or None. See
        `hich.report.gather.table.COLUMNS`.
    verdicts
        Aspect to verdict, for the aspects that were compared.
    notes, looks
        As the case's report has them.
    urgency
        How much the case needs a look; 0 if it doesn't.
    bleed
        As the case's report has it.
    """

    id: str
    page: str | None
    values: Mapping[str, Any]
    verdicts: Mapping[str, str]
    notes: tuple[Message, ...]
    looks: tuple[Message, ...]
    urgency: float
    bleed: Bleed | None = None


@dataclass(frozen=True)
class Curve:
    """How the training of one half went.

    Attributes
    ----------
    half
        `imaging` or `text`.
    axis
        What `steps` counts: `epoch` or `step`.
    steps
        Where the values were taken.
    series
        Name (a column such as `loss`, `val_dice_hematoma`, `ents_f`) to a value per step.
    """

    half: str
    axis: str
    steps: tuple[float, ...]
    series: Mapping[str, tuple[float | None, ...]]


@dataclass(frozen=True)
class Agreement:
    """Two ways of measuring the same thing, for a Bland-Altman plot.

    Attributes
    ----------
    aspect
        One of `hich.report.compare.rows.ASPECTS`, measured on the predicted masks.
    beside
        What it is compared with: `record` or `reference`, the reference masks.
    unit
        `ml` or `mm`.
    cases
        Id of each case that has both.
    measured, other
        Their values, in the order of `cases`.
    summary
        `bias`, `limits`, `ccc`, their intervals and `n`, as `imaging.scores.agreement` has them.
    """

    aspect: str
    beside: Literal["record", "reference"]
    unit: str
    cases: tuple[str, ...]
    measured: tuple[float, ...]
    other: tuple[float, ...]
    summary: Mapping[str, Any]


@dataclass(frozen=True)
class CohortReport:
    """All that the page of a cohort shows.

    Attributes
    ----------
    name
        Of the cohort.
    made_up
        What the manifest says if no real patients are in it, else None.
    cases
        In the manifest's order.
    parts
        Part (`train`, `val`, `test`, or `none`) to its number of cases.
    counts
        `cases`, `with_image`, `with_record`, `with_prediction`, `with_annotation`,
        `with_reference`, `needs_look`.
    missing
        Key of a case's note (`note.…`) to the ids that have it.
    notes
        What the whole report lacks.
    scores
        `imaging` and `text` to what stands in `metrics/<half>/test.json`, where there is one.
    curves
        The learning curves, where there are any.
    agreements
        Those that any case has values for.
    pairing
        Whether scans and records belong together; None where that can't be told.
    """

    name: str
    made_up: str | None
    cases: tuple[CaseSummary, ...]
    parts: Mapping[str, int]
    counts: Mapping[str, int]
    missing: Mapping[str, tuple[str, ...]]
    notes: tuple[Message, ...] = ()
    scores: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    curves: tuple[Curve, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    pairing: Pairing | None = None
