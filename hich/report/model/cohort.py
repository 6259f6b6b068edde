"""All that the page of a cohort shows: its cases in short, and charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from cohort.schema.scores import PipelineScores, ScoresFile
from hich.report.messages import Message
from hich.report.model.comparison import Bleed
from hich.report.model.follow_up import FollowUp

if TYPE_CHECKING:
    from hich.report.compare.pairing import Pairing


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
        `hich.report.gather.table.CASE_COLUMNS`.
    verdicts
        Aspect to verdict, for the aspects that were compared.
    notes, looks
        As the case's report has them.
    urgency
        How much the case needs a look; 0 if it doesn't.
    bleed
        As the case's report has it.
    follow_up
        Of a patient with several scans, without the record's statements.
    """

    id: str
    page: str | None
    values: Mapping[str, Any]
    verdicts: Mapping[str, str]
    notes: tuple[Message, ...]
    looks: tuple[Message, ...]
    urgency: float
    bleed: Bleed | None = None
    follow_up: FollowUp | None = None


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
class BlandAltman:
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
        Their values, in the order of `cases`; midline shifts count from the CT's side, so
        that one toward the other side is negative.
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
    imaging_scores, text_scores
        What stands in `metrics/<half>/test.json`, where there is one.
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
    imaging_scores: ScoresFile | None = None
    text_scores: PipelineScores | None = None
    curves: tuple[Curve, ...] = ()
    agreements: tuple[BlandAltman, ...] = ()
    pairing: Pairing | None = None
