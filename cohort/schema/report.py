"""What a report was made of, `hich-report.json`: for people and programs beside its pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.dataclasses import dataclass

from cohort.schema.problems import Flag, Integer, Number
from cohort.schema.scans.scan import OPEN


class ReportNote(BaseModel):
    """What the whole report lacks, or what is odd about its cohort.

    Attributes
    ----------
    key
        Of its sentence (`hich/report/strings`), whose parameters stand beside it.
    """

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    key: str


@dataclass(frozen=True, config=OPEN)
class AgreeingCases:
    """How many of so many cases agree.

    Attributes
    ----------
    cases, agree
        Cases that have both scan and record, and those of them that agree.
    chance
        How many would agree by chance.
    p
        Of a permutation test, that they agree no better than by chance.
    """

    cases: Integer
    agree: Integer
    chance: Number
    p: Number


@dataclass(frozen=True, config=OPEN)
class ReportPairing:
    """Whether scans and records belong together.

    Attributes
    ----------
    agreement
        As they stand.
    looks_wrong
        Whether they look wrongly paired.
    offset, moved
        By how many cases further down in the manifest the records stand that fit the scans, and
        how these agree; null where no such records do.
    """

    agreement: AgreeingCases
    looks_wrong: Flag
    offset: Integer | None
    moved: AgreeingCases | None


@dataclass(frozen=True, config=OPEN)
class ReportFile:
    """What a report was made of, and what was missing.

    Attributes
    ----------
    cohort
        Name of the cohort.
    part
        Part of the split that the report is of, or `all`.
    counts
        How many cases there are, have a CT, a record and so on, and need a look.
    parts
        Part of the split to its number of cases.
    missing
        What cases lack, or have that is odd, to their ids.
    notes
        The same of the whole report.
    pairing
        Whether scans and records belong together; null where that can't be told.
    settings
        All values of the report's configuration (`report-settings.json`).
    """

    cohort: str
    part: str
    counts: Mapping[str, Integer]
    parts: Mapping[str, Integer]
    missing: Mapping[str, tuple[str, ...]]
    notes: tuple[ReportNote, ...]
    pairing: ReportPairing | None
    settings: Mapping[str, Any]
