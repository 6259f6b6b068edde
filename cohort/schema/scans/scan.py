"""What the imaging half writes of a scan, `<id>.json`, and the report reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pydantic import ConfigDict, model_validator
from pydantic.dataclasses import dataclass

from cohort.schema.problems import Flag, Integer, Number, refuse
from cohort.schema.scans.measurements import Measurements
from cohort.schema.scans.model_errors import ShiftError, SizedShiftError, VolumeError

OPEN = ConfigDict(extra="ignore", defer_build=True)
"""Of files that travel: what later versions write besides is passed over."""


Sentences = Mapping[str, str]
Files = Mapping[str, str]


@dataclass(frozen=True, config=OPEN)
class Model:
    """The model that predicted.

    Attributes
    ----------
    name, version
        As its bundle's metadata has them.
    trained_on
        What its training cases were, if its metadata say so.
    """

    name: str | None
    version: str | None
    trained_on: str | None = None

    @property
    def named(self) -> str:
        """Name and version, for people."""
        return " ".join(filter(None, (self.name, self.version))) or "a model without a name"

    @property
    def in_words(self) -> str:
        """Name, version and what it was trained on, for people."""
        known = self.trained_on
        return f"{self.named} (trained on {known}, for research)" if known else self.named


@dataclass(frozen=True, config=OPEN)
class ExpectedErrors:
    """How far off a scan's measurements are likely to be, by the test of the model.

    Attributes
    ----------
    measured_on
        The test that tells it.
    volumes
        Structure to the error of volumes of that size; null where the test cannot tell.
    shift
        The error of the midline shift; null where it cannot be told.
    shift_of_size
        The error of shifts of the size that was measured; null where the test cannot tell.
    most_ml
        Structure to how far off its volume may be, in mL: by volumes of its size, or where the
        test hardly had that size, the most of the other sizes; of larger volumes than it had, at
        least the same share.
    """

    measured_on: str
    volumes: Mapping[str, VolumeError | None]
    shift: ShiftError | None = None
    most_ml: Mapping[str, Number | None] = field(default_factory=dict)
    shift_of_size: SizedShiftError | None = None


@dataclass(frozen=True, config=OPEN)
class Coverage:
    """How much of a head a scan shows.

    Attributes
    ----------
    slices, height_mm
        Its axial slices, and what they span.
    part
        Whether less than a head is in view, between slices.
    cut_off
        The same, within slices.
    spacing_checked
        Whether the image proves the distance between slices.
    in_words
        All of it, for people.
    """

    slices: Integer
    height_mm: Number
    part: Flag = False
    cut_off: Flag = False
    spacing_checked: Flag | None = None
    in_words: str | None = None


@dataclass(frozen=True, config=OPEN)
class Note:
    """What is unusual.

    Attributes
    ----------
    what
        A sentence for people.
    kind
        A word for programs; empty in files of earlier versions.
    case
        Whose files it is about, in files on several cases.
    """

    what: str
    kind: str = ""
    case: str | None = None


@dataclass(frozen=True, config=OPEN)
class ScanResult:
    """All that is told of a scan.

    Attributes
    ----------
    id
        Of the scan: the name of this file.
    model
        What predicted.
    shape
        Of the scan, in voxels.
    masks
        Structure to the name of its mask, a file in the same folder or a part of one
        (`p1.seg.nrrd/segment=hematoma`, `p1_labels.nii.gz/label=1`).
    volumes_ml
        Structure to its volume in mL; null where it cannot be told.
    image
        Name of the scan's file.
    spacing_mm, axcodes
        Size of a voxel, and to which side of the patient each axis runs.
    expected_errors
        How far off the volumes and the shift are likely to be; null where the model's metadata
        don't tell.
    coverage
        How much of a head is in view.
    measurements
        What was measured on the masks; null in files of early versions.
    postprocess, removed
        How masks were cleaned up, and what that removed of each.
    montage
        Name of a picture.
    probabilities, confidence
        Names of files of each structure's probabilities, and how sure the model is of its volume.
    cannot_be_told, cannot_be_told_kinds
        Structure, or doubt about the scan (`cohort.facts.doubts`), to the reason why nothing that
        rests on it is told, and the reason's kind.
    notes
        What is unusual about the scan, or the model.
    warnings
        The notes of early versions.
    """

    model: Model
    shape: tuple[Integer, ...]
    masks: Files
    volumes_ml: Mapping[str, Number | None]
    id: str | None = None
    image: str | None = None
    spacing_mm: tuple[Number, ...] = ()
    axcodes: str | None = None
    coverage: Coverage | None = None
    measurements: Measurements | None = None
    expected_errors: ExpectedErrors | None = None
    postprocess: Mapping[str, Any] = field(default_factory=dict)
    removed: Mapping[str, Any] = field(default_factory=dict)
    montage: str | None = None
    probabilities: Files | None = None
    confidence: Mapping[str, Any] | None = None
    cannot_be_told: Sentences = field(default_factory=dict)
    cannot_be_told_kinds: Sentences | None = None
    notes: tuple[Note, ...] = ()
    warnings: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _each_mask_has_a_volume(self) -> ScanResult:
        if lacking := [name for name in self.masks if name not in self.volumes_ml]:
            raise refuse(*(f"has no volume of {name}." for name in lacking))
        return self
