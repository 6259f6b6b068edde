"""What `python -m cohort.series --json` prints: the series of a folder, and which were chosen."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from cohort.schema.problems import Flag, Integer, Number

OPEN = ConfigDict(extra="ignore", defer_build=True)


@dataclass(frozen=True, config=OPEN)
class ListedSeries:
    """A series of a study. Its description is left out, since it may name the patient.

    Attributes
    ----------
    uid
        Its name for `--series`: the Series Instance UID, with `#` and a number where that UID holds
        several stacks.
    number
        Series Number, where stated.
    what
        What it is, in words.
    slices, distance_mm, height_mm
        Slices at different places, the median distance between them, and what they cover; null
        where places are not stated.
    rows, columns
        Pixels of a slice.
    kernel
        Name of the reconstruction kernel.
    chosen
        Whether it is the study's.
    why_not
        Why it was not chosen: ends of sentences that begin with the series.
    notes
        What is odd about it, likewise.
    """

    uid: str
    what: str
    slices: Integer
    rows: Integer
    columns: Integer
    chosen: Flag
    number: Integer | None = None
    distance_mm: Number | None = None
    height_mm: Number | None = None
    kernel: str = ""
    why_not: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, config=OPEN)
class ListedStudy:
    """A study of a patient.

    Attributes
    ----------
    patient
        Number of the patient, in the order in which they were found.
    study
        Number of the study among the patient's, in time.
    hours
        Since the patient's first study; null where that is not stated.
    chosen
        `uid` of the series that was chosen; null if there is none.
    why
        Why it was, or why there is none.
    series
        All of them.
    """

    patient: Integer
    study: Integer
    series: tuple[ListedSeries, ...]
    why: str
    chosen: str | None = None
    hours: Number | None = None


@dataclass(frozen=True, config=OPEN)
class SeriesList:
    """The series of a folder.

    Attributes
    ----------
    studies
        Those of one patient one after the other.
    skipped
        Reason to the number of files that were passed over for it.
    """

    studies: tuple[ListedStudy, ...]
    skipped: Mapping[str, Integer]
