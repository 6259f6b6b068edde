"""What the report has to say in words: keys, their parameters, and how these are written.

The data side of the report writes no sentences: it gives a `Message`, a key of
`hich.report.strings.STRINGS` with values for its parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from string import Formatter
from typing import Any, Literal, NamedTuple, get_args

from cohort.facts.sites import SITES, Coarse
from cohort.facts.structures import STRUCTURE_IDS
from hich.report.strings import STRINGS

Kind = Literal[
    "ml", "mm", "hours", "percent", "count",
    "term", "aspects", "attributes", "mls", "values", "said", "problem", "training",
]  # fmt: skip
"""How a parameter is written: a number in a unit (`mls`: a list of them), a key of `TERMS`, names
of aspects or of what tells patients apart, `hich.report.model.comparison.Value`s, what a check said
(`CheckSentence`), what kept a file from being read, or what a model was trained on."""


class CheckSentence(NamedTuple):
    """What a check said of a scan or its masks, in English.

    Attributes
    ----------
    kind
        The note's, such as `spacing`. In another language stands what is said of its kind in
        general, and the sentence's detail where `hich.report.strings.said` has it.
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
        One of `hich.report.strings.STRINGS`.
    values
        A value for each of its parameters.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values.keys() != parameters(self.key).keys():
            raise ValueError(f"{self.key} needs the values {sorted(parameters(self.key))}")


VERDICTS = ("agree", "differ", "only_ct", "only_record", "uncertain")

TERMS = (
    *("present", "absent", "several"),
    *("left", "right", "both", "midline"),
    *("tada", "voxels"),  # what a volume was measured by
    # What masks tell of a site; what records do.
    *get_args(Coarse),
    *(site.id for site in SITES if site.id not in get_args(Coarse)),
    *STRUCTURE_IDS,
    *("sizes", "sides"),  # doubts, in `cohort.facts.doubts`
)
"""Words of closed vocabularies; what records say besides is shown as it is."""


@cache
def parameters(key: str) -> dict[str, str]:
    """Return the parameters of a message, and how each is written (`Kind`, or "" for text)."""
    parts = Formatter().parse(STRINGS[key].en)
    return {name: kind or "" for _, name, kind, _ in parts if name is not None}
