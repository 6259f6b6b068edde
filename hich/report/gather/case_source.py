"""What a report is made from: places, the files of each case, and what is of all cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cohort.schema.manifest import Cohort
from cohort.schema.scores import PipelineScores, ScoresFile
from cohort.space.stated_patient import StatedPatient
from hich.report.gather.annotations import AnnotationsLine
from hich.report.gather.scores import CaseScores
from hich.report.messages import CheckSentence, Message
from hich.report.model.cohort import Curve
from hich.report.model.masks import CaseMeasurements


@dataclass(frozen=True)
class Places:
    """Where the halves wrote.

    Attributes
    ----------
    predictions, metrics, training
        Folders with a folder `imaging` and a folder `text` each. Metrics or training are None
        where nothing was to be scored, or trained.
    split
        File of the split; None where there is none.
    """

    predictions: Path
    metrics: Path | None
    training: Path | None
    split: Path | None = None


@dataclass(frozen=True)
class CaseSource:
    """Where what is known of a case lies; each None where there is nothing.

    Attributes
    ----------
    id, part
        Of the case; the part is None if the split doesn't name it.
    image, record
        The CT, and the medical record.
    reference
        Structure id to its reference mask.
    prediction
        JSON of the prediction.
    annotation
        Line of the annotated record.
    scores
        Of the predicted masks.
    measured
        What was measured on the reference masks.
    previous, next
        Ids of its neighbours in the report.
    noted
        What `imaging.evaluate` noted on its files.
    is_scored
        Whether predictions are to be scored, for which reference masks are needed.
    hours
        Since the patient's first scan, where the manifest says.
    stated
        Whom the CT's DICOM header stated as its patient, as far as the manifest keeps it.
    of_patient
        Where the patient has several scans in the report: all of them, itself included, by time, or
        in the manifest's order where not all times are known.
    """

    id: str
    part: str | None
    image: Path | None
    record: Path | None
    reference: Mapping[str, Path]
    prediction: Path | None
    annotation: AnnotationsLine | None
    scores: CaseScores | None
    measured: CaseMeasurements | None
    previous: str | None = None
    next: str | None = None
    noted: tuple[CheckSentence, ...] = ()
    is_scored: bool = True
    hours: float | None = None
    stated: StatedPatient | None = None
    of_patient: tuple[CaseSource, ...] = ()

    def files(self) -> list[Path]:
        """Return the files that the case is read from."""
        annotated = self.annotation.path if self.annotation else None
        single = (self.image, self.record, self.prediction, annotated)
        return [path for path in (*single, *self.reference.values()) if path is not None]


@dataclass
class Sources:
    """All that a report is made from.

    Attributes
    ----------
    cohort
        The cohort.
    parts
        Part, or `none`, to its number of cases.
    cases
        Those that the report is of.
    imaging_scores, text_scores, curves, notes
        As the cohort's report has them.
    """

    cohort: Cohort
    parts: dict[str, int]
    cases: list[CaseSource] = field(default_factory=list)
    imaging_scores: ScoresFile | None = None
    text_scores: PipelineScores | None = None
    curves: list[Curve] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)
