"""What the report has to say in words: keys, their parameters, and how these are written.

The data side of the report writes no sentences: it gives a `Message`, a key of `MESSAGES` with
values for its parameters. The words stand in one table for each language
(`hich/report/pages/strings.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from cohort.facts.sites import SITES, Coarse
from cohort.facts.structures import STRUCTURE_IDS

Kind = Literal["ml", "mm", "percent", "count", "term", "terms", "mls", "values", "said", "text"]
"""How a parameter is written: a number in a unit (`mls`: a list of them), a key of `TERMS`
(`terms`: a list of them), `hich.report.model.Value`s, what a check said (`Said`), or text that is
shown as it is."""


class Said(NamedTuple):
    """What a check said of a scan or its masks, in English.

    Attributes
    ----------
    kind
        The note's, such as `spacing`. In another language the sentence follows what is said of its
        kind in general.
    what
        The sentence.
    """

    kind: str
    what: str


@dataclass(frozen=True)
class Message:
    """A sentence in no language yet.

    Attributes
    ----------
    key
        One of `MESSAGES`.
    values
        A value for each of its parameters.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if set(self.values) != set(MESSAGES[self.key]):
            raise ValueError(f"{self.key} needs the values {sorted(MESSAGES[self.key])}")


ASPECTS = (
    "hematoma",  # is there one
    "side",
    "volume",
    "site",
    "count",
    "midline_shift",  # in mm
    "shift_direction",
    "ventricle_compression",
)
"""What CT and record are compared in, in the order of the report."""

VERDICTS = ("agree", "differ", "only_ct", "only_record", "uncertain")

TERMS = (
    *("present", "absent", "several"),
    *("left", "right", "both", "midline"),
    # What masks tell of a site; what records do.
    *get_args(Coarse),
    *(site.id for site in SITES if site.id not in get_args(Coarse)),
    *STRUCTURE_IDS,
    *("sizes", "sides"),  # doubts, in `cohort.facts.doubts`
)
"""Words of closed vocabularies; what records say besides is shown as it is."""

MESSAGES: dict[str, dict[str, Kind]] = {
    # Reasons of a verdict, when one of the two says nothing.
    "reason.no_ct": {},
    "reason.no_prediction": {},
    "reason.not_measured": {},
    "reason.cannot_be_told": {"structure": "term", "what": "said"},
    "reason.no_record": {},
    "reason.no_annotation": {},
    "reason.not_mentioned": {},
    "reason.not_mentioned_normal": {},  # nor is there anything unusual on CT
    "reason.only_history": {},
    "reason.not_stated": {},  # mentioned, without what is compared here
    "reason.ct_no_hematoma": {},
    "reason.record_no_hematoma": {},
    "reason.ct_no_shift": {},
    "reason.record_no_shift": {},
    # What keeps masks from telling the site: `imaging.measure.site.Unknown`.
    "reason.site_no_middle": {},
    "reason.site_no_ventricles": {},
    "reason.site_short_ventricles": {},
    "reason.site_at_tentorium": {},
    "reason.site_between": {},
    "reason.site_not_comparable": {"record": "term"},
    # When the record can be read in several ways, and the verdict depends on it.
    "reason.hedged": {},  # the record itself is not sure
    "reason.conflict": {"record": "values", "fits": "values"},  # what it says, what the CT fits
    # When both say something.
    "hematoma.both": {},
    "hematoma.neither": {},
    "hematoma.only_ct": {"ct": "ml"},
    "hematoma.only_record": {},
    "side.same": {"side": "term"},
    "side.other": {"ct": "term", "record": "term"},
    "volume.within": {"difference": "ml", "percent": "percent"},
    "volume.beyond": {
        "difference": "ml",
        "percent": "percent",
        "within": "ml",
        "within_percent": "percent",
    },
    "volume.sum_within": {"parts": "mls", "sum": "ml", "difference": "ml", "percent": "percent"},
    "volume.sum_beyond": {
        "parts": "mls",
        "sum": "ml",
        "difference": "ml",
        "percent": "percent",
        "within": "ml",
        "within_percent": "percent",
    },
    "site.same": {"site": "term"},
    "site.other": {"ct": "term", "record": "term"},
    "count.same": {"count": "count"},
    "count.several": {"ct": "count"},  # the record says several, not how many
    "count.not_several": {"ct": "count"},
    "count.other": {"ct": "count", "record": "count"},
    "shift.within": {"difference": "mm", "within": "mm"},
    "shift.beyond": {"difference": "mm", "within": "mm"},
    "shift.both": {"ct": "mm"},  # the record states no mm
    "shift.neither": {"ct": "mm"},
    "shift.only_ct": {"ct": "mm"},
    "shift.only_record": {"ct": "mm"},
    "direction.same": {"side": "term"},
    "direction.other": {"ct": "term", "record": "term"},
    "ventricle.same": {"side": "term"},
    "ventricle.other": {"ct": "term", "record": "term"},
    "ventricle.both": {"ct": "term"},  # the record states no side
    "ventricle.neither": {},
    "ventricle.both_not_told": {"ct": "term"},  # volumes can't tell that both are compressed
    "ventricle.only_ct": {"ct": "term"},
    "ventricle.only_record": {},
    # What a case lacks, or what is wrong with it.
    "note.no_image": {},
    "note.no_record": {},
    "note.empty_record": {},
    "note.no_prediction": {},
    "note.no_measurements": {},  # of a prediction by an earlier version
    "note.no_annotation": {},
    "note.no_findings": {},  # annotated by a pipeline without that component
    "note.no_reference": {},
    "note.other_grid": {"what": "text"},  # the prediction is of another scan
    "note.prediction_without_image": {},  # so that it can't be told whose it is
    "note.other_record": {},  # the annotation is of another text
    "note.annotation_without_record": {},
    "note.other_scores": {},  # of what another model predicted, or of another cohort
    "note.damaged": {"what": "text"},  # a sentence that names the file
    "note.damaged_text": {"count": "count"},
    "note.empty_mask": {"structure": "term"},
    "note.touches_border": {"structure": "term"},
    # What `imaging.predict` says of the scan.
    "coverage.slices": {"count": "count", "height": "mm"},
    "coverage.field": {"count": "count", "height": "mm"},
    "note.cannot_be_told": {"structure": "term", "what": "said"},
    "note.of_scan": {"what": "said"},
    # What `imaging.evaluate` says of the scan and its reference masks besides.
    "note.of_reference": {"what": "said"},
    # What the whole report lacks, or what is wrong with it.
    "note.pairing": {"cases": "count", "agree": "count", "chance": "count"},
    "note.pairing_after": {"cases": "count", "agree": "count", "offset": "count"},
    "note.pairing_before": {"cases": "count", "agree": "count", "offset": "count"},
    "note.no_predictions": {"where": "text"},
    "note.no_annotations": {"where": "text"},
    "note.no_scores": {"where": "text"},
    "note.no_split": {},
    "note.leak": {"count": "count", "ids": "text"},
    "note.unknown_predictions": {"count": "count", "ids": "text"},
    "note.unknown_annotations": {"count": "count", "ids": "text"},
    # Why a case needs a look.
    "look.differs": {"aspects": "terms"},  # keys of ASPECTS
    "look.uncertain": {"aspects": "terms"},
    "look.low_dice": {"structure": "term", "percent": "percent"},
    "look.missed": {"structure": "term"},
    "look.false_alarm": {"structure": "term"},
    "look.damaged": {},
}
"""Key of each sentence, to its parameters and how they are written."""
