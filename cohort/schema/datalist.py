"""The list of exported slices, `datalist.json`, in the form of MONAI's decathlon lists.

::

    {"preprocess": {"windows": {...}, "spacing": 1.0},
     "training": [{"image": "train/p1_003.png", "label": "train/p1_003_mask.png", "case": "p1",
                   "slice": 3, "spacing": [1.0, 1.0, 5.0], "structures": ["hematoma", ...],
                   "present": ["hematoma"]}],
     "validation": [...], "test": [...],
     "notes": {"p2": [{"kind": "spacing", "what": "p2.nii.gz: has a spacing of …"}]}}

Paths are relative to the folder of the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict
from pydantic.dataclasses import dataclass
from typing_extensions import NotRequired, TypedDict  # Python's own are too old before 3.12

from cohort.schema.problems import Flag, Integer, Number, refuse
from cohort.schema.scans.scan import OPEN, Note

_OF_LABEL = ("structures", "present")


class ListedSlice(TypedDict):
    """An exported slice: a dictionary, as MONAI's transforms take it.

    Attributes
    ----------
    image, label
        Paths of its picture and its masks; without `label` it has no annotation.
    case
        Id of the case.
    slice
        Its index in the scan, from inferior to superior.
    spacing
        Along x, y and z (from slice to slice; of uneven ones, what this one stands for), in mm.
    structures, present
        Ids of the structures that are annotated in the case, and of those that the slice shows.
    forced
        Whether the case would have been refused without `--force`.
    scan
        What is equal for the same scan in whatever file (`cohort.links.same_scan.scan_digest`);
        lists of earlier versions have none.
    """

    image: str
    case: str
    slice: Integer
    label: NotRequired[str]
    spacing: NotRequired[list[Number]]
    structures: NotRequired[list[str]]
    present: NotRequired[list[str]]
    forced: NotRequired[Flag]
    scan: NotRequired[str]

    __pydantic_config__ = ConfigDict(  # type: ignore[misc]
        extra="ignore",
        defer_build=True,
        json_schema_extra={"dependentRequired": {"label": list(_OF_LABEL)}},
    )


def _labelled_whole(listed: ListedSlice) -> ListedSlice:
    if "label" in listed and (lacking := [key for key in _OF_LABEL if key not in listed]):
        raise refuse(*(f"{listed['label']!r} has no {key!r}." for key in lacking))
    return listed


_Slices = list[Annotated[ListedSlice, AfterValidator(_labelled_whole)]]


@dataclass(frozen=True, config=OPEN)
class Datalist:
    """The slices of an imaging corpus.

    Attributes
    ----------
    preprocess
        How they were preprocessed: that section of the configuration (`imaging-preprocess.json`).
    training, validation, test
        The slices of each part.
    notes
        Id of a case to what is unusual about its files, and to why it had to be forced.
    """

    preprocess: Mapping[str, Any] = field(default_factory=dict)
    training: _Slices = field(default_factory=list)
    validation: _Slices = field(default_factory=list)
    test: _Slices = field(default_factory=list)
    notes: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
