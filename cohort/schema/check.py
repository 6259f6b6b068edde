"""What `cohort.check` found, `check.json`, or its output with `--json`: for people and programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from pydantic.dataclasses import dataclass

from cohort.schema.problems import Flag, Integer, Number
from cohort.schema.scans.scan import OPEN, Coverage, Sentences


@dataclass(frozen=True, config=OPEN)
class ImageFacts:
    """What a CT is like.

    Attributes
    ----------
    shape, spacing_mm, axcodes
        Voxels along each axis, their size, and to which side of the patient each axis runs.
    dtype
        How its values are stored.
    hu_min, hu_max
        Its extremes; null if no value is finite.
    """

    shape: tuple[Integer, ...]
    spacing_mm: tuple[Number, ...]
    axcodes: str
    dtype: str
    hu_min: Number | None
    hu_max: Number | None


@dataclass(frozen=True, config=OPEN)
class MaskFacts:
    """What a mask is like.

    Attributes
    ----------
    voxels, volume_ml
        How much it covers.
    mean_hu
        Mean of the CT under it, where the scan is a head CT and the mask not empty.
    """

    voxels: Integer
    volume_ml: Number
    mean_hu: Number | None = None


@dataclass(frozen=True, config=OPEN)
class RecordFacts:
    """What a record is like.

    Attributes
    ----------
    characters
        Its length.
    entities
        Label to how many it has, if it is tagged.
    """

    characters: Integer
    entities: Mapping[str, Integer] | None = None


@dataclass(frozen=True, config=OPEN)
class NoteOnFile:
    """What is unusual about a file.

    Attributes
    ----------
    file
        The file.
    kind
        A word or two that notes of one kind share.
    what
        The rest of a sentence that begins with the file.
    """

    file: str
    kind: str
    what: str


@dataclass(frozen=True, config=OPEN)
class CheckedCase:
    """What was found out about a case. What it has no files for is left out.

    Attributes
    ----------
    id
        Of the case.
    problems
        What would make a later step fail, or its results wrong.
    notes
        What is worth a look.
    cannot_be_told
        Structure, or doubt about the scan (`cohort.facts.doubts`), to the reason why nothing that
        rests on it would be told.
    image, coverage
        What its CT is like, and how much of a head it shows.
    masks
        Structure to what its mask is like.
    sides
        Whether the mask of each ventricle lies on the side of the middle where it should.
    record
        What its record is like.
    """

    id: str
    problems: tuple[str, ...]
    notes: tuple[NoteOnFile, ...]
    cannot_be_told: Sentences = field(default_factory=dict)
    image: ImageFacts | None = None
    coverage: Coverage | None = None
    masks: Mapping[str, MaskFacts] = field(default_factory=dict)
    sides: Mapping[str, Flag] = field(default_factory=dict)
    record: RecordFacts | None = None


@dataclass(frozen=True, config=OPEN)
class CheckFile:
    """What a check of a whole cohort found.

    Attributes
    ----------
    cohort
        Its name, or its folder if it has no readable manifest.
    ok
        Whether there is no problem.
    counts
        How many there are of cases, images, masks and so on.
    problems
        All of them, those of the cohort as a whole first.
    notes
        Kind of a note to the ids of the cases that have one.
    cases
        In the manifest's order.
    """

    cohort: str
    ok: Flag
    counts: Mapping[str, Integer]
    problems: tuple[str, ...]
    notes: Mapping[str, tuple[str, ...]]
    cases: tuple[CheckedCase, ...]
