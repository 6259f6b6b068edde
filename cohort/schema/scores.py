"""What the halves write over all cases of a part, `<part>.json`, and the report reads.

The imaging half's is `imaging.evaluate`'s, the text half's is spaCy's own (`spacy evaluate`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from pydantic.dataclasses import dataclass

from cohort.schema.problems import Integer, Number
from cohort.schema.scans.model_errors import Interval
from cohort.schema.scans.scan import OPEN, Note


@dataclass(frozen=True, config=OPEN)
class Spread:
    """How a measure lies over the cases.

    Attributes
    ----------
    mean, std, median
        Of the cases' values; null where there are too few.
    ci95, median_ci95
        Confidence intervals of mean and median.
    n
        How many values there are.
    """

    mean: Number | None = None
    std: Number | None = None
    median: Number | None = None
    ci95: Interval = None
    median_ci95: Interval = None
    n: Integer | None = None


@dataclass(frozen=True, config=OPEN)
class MethodAgreement:
    """How measurements on predicted masks agree with those on reference masks.

    Attributes
    ----------
    bias, sd, limits
        Mean and standard deviation of the differences, and the limits of agreement.
    bias_ci95, lower_limit_ci95, upper_limit_ci95
        Their confidence intervals.
    mae, ccc, icc
        Mean absolute difference, Lin's concordance and the intraclass correlation.
    mae_ci95, ccc_ci95, icc_ci95
        Their confidence intervals.
    n
        How many cases there are.
    """

    bias: Number | None = None
    sd: Number | None = None
    limits: Interval = None
    bias_ci95: Interval = None
    lower_limit_ci95: Interval = None
    upper_limit_ci95: Interval = None
    mae: Number | None = None
    ccc: Number | None = None
    icc: Number | None = None
    mae_ci95: Interval = None
    ccc_ci95: Interval = None
    icc_ci95: Interval = None
    n: Integer | None = None


@dataclass(frozen=True, config=OPEN)
class CountedCases:
    """In how many cases something is so.

    Attributes
    ----------
    cases
        Those where it can be told.
    agree
        Those where predicted and reference masks tell the same.
    without_report
        Those without a hematoma where none was reported.
    share, ci95
        The share of these, and its confidence interval.
    """

    cases: Integer
    agree: Integer | None = None
    without_report: Integer | None = None
    share: Number | None = None
    ci95: Interval = None


@dataclass(frozen=True, config=OPEN)
class LesionCounts:
    """How many lesions were found, over all cases.

    Attributes
    ----------
    reference, detected
        Lesions of the reference masks, and those that were detected.
    predicted, false
        Lesions of the predicted masks, and those where there is none.
    sensitivity, precision, f1
        Rates; null without lesions.
    sensitivity_ci95, precision_ci95, f1_ci95
        Their confidence intervals.
    cases
        How many cases they are of.
    """

    reference: Integer
    detected: Integer
    predicted: Integer
    false: Integer
    sensitivity: Number | None = None
    precision: Number | None = None
    f1: Number | None = None
    sensitivity_ci95: Interval = None
    precision_ci95: Interval = None
    f1_ci95: Interval = None
    cases: Integer | None = None


@dataclass(frozen=True, config=OPEN)
class ShiftSummary:
    """How far the predicted midline shift is off.

    Attributes
    ----------
    error_mm
        Over the cases with a reference.
    measured, not_predicted, without_reference
        In how many cases both were measured, or only one.
    agreement
        Of both.
    """

    error_mm: Spread = field(default_factory=Spread)
    measured: Integer | None = None
    not_predicted: Integer | None = None
    without_reference: Integer | None = None
    agreement: MethodAgreement = field(default_factory=MethodAgreement)


@dataclass(frozen=True, config=OPEN)
class StructureSummary:
    """The scores of a structure.

    Attributes
    ----------
    dice, iou, hd95_mm, precision, recall, nsd_1mm, nsd_2mm
        How predicted and reference mask overlap, and how far their surfaces lie apart.
    volume_error_ml, volume_abs_error_ml, volume_error_percent
        Predicted minus reference volume.
    dice_where_present, hd95_mm_where_present
        Over the cases whose reference has the structure, which are the same for every model; null
        in files of earlier versions.
    found, missed, false_alarms, absent, unannotated
        Number of cases of each kind.
    volume_agreement
        Of the volumes in mL.
    lesions, bleed_free
        Of the hematoma.
    shift
        Of the midline.
    """

    dice: Spread = field(default_factory=Spread)
    iou: Spread = field(default_factory=Spread)
    hd95_mm: Spread = field(default_factory=Spread)
    precision: Spread = field(default_factory=Spread)
    recall: Spread = field(default_factory=Spread)
    nsd_1mm: Spread = field(default_factory=Spread)
    nsd_2mm: Spread = field(default_factory=Spread)
    volume_error_ml: Spread = field(default_factory=Spread)
    volume_abs_error_ml: Spread = field(default_factory=Spread)
    volume_error_percent: Spread = field(default_factory=Spread)
    dice_where_present: Spread | None = None
    hd95_mm_where_present: Spread | None = None
    found: Integer | None = None
    missed: Integer | None = None
    false_alarms: Integer | None = None
    absent: Integer | None = None
    unannotated: Integer | None = None
    volume_agreement: MethodAgreement | None = None
    lesions: LesionCounts | None = None
    bleed_free: CountedCases | None = None
    shift: ShiftSummary | None = None


@dataclass(frozen=True, config=OPEN)
class MeasurementScores:
    """How measurements on predicted masks agree with those on reference masks.

    Attributes
    ----------
    hematoma_abc2_ml, hematoma_tada_ml
        By ABC/2 with Kothari's weighting, and by Tada's formula.
    hematoma_side, hematoma_site, midline_toward, ventricle_compressed, ventricular_blood
        In how many cases both tell the same.
    """

    hematoma_abc2_ml: MethodAgreement | None = None
    hematoma_tada_ml: MethodAgreement | None = None
    hematoma_side: CountedCases | None = None
    hematoma_site: CountedCases | None = None
    midline_toward: CountedCases | None = None
    ventricle_compressed: CountedCases | None = None
    ventricular_blood: CountedCases | None = None


@dataclass(frozen=True, config=OPEN)
class ScoresFile:
    """How well predicted masks fit the reference masks, over all cases of a part.

    Attributes
    ----------
    cases
        How many there are.
    part, split, split_by
        Which part of which split they are, and whether that is by patient or by slice.
    model, weights_sha256
        What predicted, and the hash of its file of weights; null in files of earlier versions.
    mean_dice
        Mean over the structures that some case has, without blood outside the brain, which is
        told apart.
    structures
        Structure to its scores: means with intervals, and how often it was found or missed.
    measurements
        How measurements on predicted masks agree with those on reference masks.
    left_out
        Why cases were left out, to how many.
    not_learnt
        Structure that the model hasn't learnt, to the reason.
    notes
        What is unusual about the files of a case.
    """

    cases: Integer
    part: str
    structures: Mapping[str, StructureSummary]
    mean_dice: Number | None = None
    model: str | None = None
    weights_sha256: str | None = None
    split: str | None = None
    split_by: str | None = None
    measurements: MeasurementScores = field(default_factory=MeasurementScores)
    left_out: Mapping[str, Integer] = field(default_factory=dict)
    not_learnt: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, config=OPEN)
class LabelScores:
    """Precision, recall and F1 of a label, from 0 to 1; null where there is none."""

    p: Number | None = None
    r: Number | None = None
    f: Number | None = None


@dataclass(frozen=True, config=OPEN)
class PipelineScores:
    """How well a pipeline finds entities, as `spacy evaluate` writes it.

    Attributes
    ----------
    ents_p, ents_r, ents_f
        Precision, recall and F1 of all labels together, from 0 to 1.
    ents_per_type
        Label to its own.
    """

    ents_p: Number | None = None
    ents_r: Number | None = None
    ents_f: Number | None = None
    ents_per_type: Mapping[str, LabelScores] | None = None
