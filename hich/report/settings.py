"""The configuration of a report: what counts as agreement, and which cases need a look.

The defaults stand here, and nowhere else; a configuration says only what differs from them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, field, fields, is_dataclass
from pathlib import Path
from textwrap import wrap
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from cohort.base.errors import raise_all
from cohort.facts.limits import BLEED_ML, NO_SHIFT_MM, VENTRICULAR_BLOOD_ML
from cohort.schema.explain import explained
from cohort.schema.problems import Names, Number, Place, Wanted, parse
from imaging.model.config import read_config
from text.components.findings.summary import CT_SECTIONS, PAST_SECTIONS

DEFAULT_CONFIG = Path("configs/report/report.yaml")

Amount = Annotated[Number, Field(ge=0), Wanted("must be a number from 0 on")]
Labels = Annotated[tuple[str, ...], Wanted("must be a list of names")]

CLOSED = ConfigDict(extra="forbid", defer_build=True)


@dataclass(frozen=True, config=CLOSED)
class HematomaSettings:
    """When the CT has a hematoma.

    Attributes
    ----------
    present_ml
        From this volume on, in mL.
    """

    present_ml: Amount = BLEED_ML


@dataclass(frozen=True, config=CLOSED)
class VolumeSettings:
    """When two volumes agree: within `within_ml`, or within the share of the record's volume.

    Attributes
    ----------
    within_ml
        In mL. So two measurements agree for Webb et al. 2015 (MISTIE-II, CLEAR-IVH, CLEAR III,
        4369 scans); 81 % of their hospitals' ABC/2 lay so near to planimetry.
    within_percent
        In % of the record's volume, where that is, or most likely is, by a formula. Xu et al. 2014,
        doi:10.1161/STROKEAHA.114.007095 (294 patients): Tada's formula is 16.4 % from the volume by
        software in the mean, standard deviation 9.15 %; 34 % is the mean and 1.96 of these.
    software_within_percent
        In % of the record's volume, where that was measured by software: Webb et al. 2015 again.
    """

    within_ml: Amount = 5.0
    within_percent: Amount = 34.0
    software_within_percent: Amount = 20.0


@dataclass(frozen=True, config=CLOSED)
class ShiftSettings:
    """When two midline shifts agree, and from when on the CT has one.

    Attributes
    ----------
    within_mm
        They agree within this, in mm; no shift counts as 0 mm. On real CT two ways of measuring
        differ by 0.94 mm in the mean (Yan et al. 2022, doi:10.3390/diagnostics12030693), thus in
        95 % by up to 2.3 mm; records are rounded to whole mm.
    present_mm
        From here on the CT has a shift, where the record states no mm.
    """

    within_mm: Amount = 3.0
    present_mm: Amount = NO_SHIFT_MM


@dataclass(frozen=True, config=CLOSED)
class VentricularBloodSettings:
    """When the CT has blood in the ventricles.

    Attributes
    ----------
    present_ml
        From this volume on, in mL.
    """

    present_ml: Amount = VENTRICULAR_BLOOD_ML


@dataclass(frozen=True, config=CLOSED)
class CompareSettings:
    """How CT and record are compared.

    Attributes
    ----------
    hematoma, volume, midline_shift, ventricular_blood
        The bands.
    sections
        Of a record's statements those in the first of these sections that has any count: the
        report of the scan, then what was made of it, then what earlier scans elsewhere had shown.
        Statements in other sections, or before any heading, come after these.
    history_sections
        What stands in these is of earlier times, and is not compared.
    """

    hematoma: HematomaSettings = field(default_factory=HematomaSettings)
    volume: VolumeSettings = field(default_factory=VolumeSettings)
    midline_shift: ShiftSettings = field(default_factory=ShiftSettings)
    ventricular_blood: VentricularBloodSettings = field(default_factory=VentricularBloodSettings)
    sections: Labels = CT_SECTIONS
    history_sections: Labels = PAST_SECTIONS


@dataclass(frozen=True, config=CLOSED)
class LookSettings:
    """Which cases need a look, and how much: what each adds. The highest sum stands first.

    Attributes
    ----------
    low_dice
        Below it a hematoma's Dice is low, where a reference is known.
    differ
        An aspect in which CT and record differ.
    uncertain
        An aspect in which the record can be read in several ways.
    decides
        CT and record on two sides of a limit that surgeons use: more than all else together, so
        that these stand first.
    missed
        A hematoma that is in the reference only, or in the prediction only.
    low
        A Dice below low_dice.
    damaged
        A file that can't be read, or that belongs to another scan, record or patient.
    """

    low_dice: Amount = 0.7
    differ: Amount = 3.0
    uncertain: Amount = 1.0
    decides: Amount = 100.0
    missed: Amount = 4.0
    low: Amount = 2.0
    damaged: Amount = 5.0


@dataclass(frozen=True, config=CLOSED)
class Settings:
    """All that a report's configuration says."""

    compare: CompareSettings = field(default_factory=CompareSettings)
    look: LookSettings = field(default_factory=LookSettings)

    @classmethod
    def load(cls, path: Path, overrides: Mapping[str, Any] | None = None) -> Settings:
        """Read the configuration `path`, with values set by their dotted names.

        What the file doesn't say keeps its default.

        Raises
        ------
        DataError
            If the file is missing or no YAML, or listing the values that are unknown or cannot be
            meant so.
        UsageError
            If an override names no value of the configuration.
        """
        value = read_config(path, overrides, asdict(cls()), "report")
        settings, problems = parse(cls, value, _Called())
        raise_all([f"{path}: {problem}" for problem in problems])
        assert settings is not None
        return settings

    def to_yaml(self) -> str:
        """Return all values as a configuration has them, each with what it is for."""
        return "\n".join(_lines(self, "")) + "\n"


def _lines(section: Any, indent: str) -> Iterator[str]:
    notes = explained(type(section))
    for one in fields(section):
        value = getattr(section, one.name)
        if is_dataclass(value):
            yield f"{indent}{one.name}:"
            yield from _lines(value, indent + "  ")
        else:
            yield from (f"{indent}# {line}" for line in wrap(notes[one.name], 98 - len(indent)))
            yield f"{indent}{one.name}: {json.dumps(value)}"


class _Called(Names):
    section = "a section of keys and values"

    def unknown(self, place: Place) -> str:
        kind: Any = Settings
        for name in place[:-1]:
            kind = next(one.default_factory for one in fields(kind) if one.name == name)
        known = ", ".join(one.name for one in fields(kind))
        return f"unknown value {self.field(place)}; here are known: {known}."
