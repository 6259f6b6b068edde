"""The configuration of a report: what counts as agreement, and which cases need a look."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from cohort.base.errors import raise_all
from cohort.facts.limits import BLEED_ML, NO_SHIFT_MM
from imaging.model.config import read_config
from text.components.findings.summary import CT_SECTIONS, PAST_SECTIONS

DEFAULT_CONFIG = Path("configs/report/report.yaml")

T = TypeVar("T")


@dataclass(frozen=True)
class HematomaSettings:
    """When the CT has a hematoma: from `present_ml` on."""

    present_ml: float = BLEED_ML


@dataclass(frozen=True)
class VolumeSettings:
    """When two volumes agree: within `within_ml`, or within `within_percent` of the record's."""

    within_ml: float = 5.0
    within_percent: float = 30.0


@dataclass(frozen=True)
class ShiftSettings:
    """When two midline shifts agree, and from when on the CT has one."""

    within_mm: float = 3.0
    present_mm: float = NO_SHIFT_MM


@dataclass(frozen=True)
class CompareSettings:
    """How CT and record are compared.

    Attributes
    ----------
    hematoma, volume, midline_shift
        The bands.
    sections
        Labels of the record's sections; the first that says anything of an aspect counts.
    history_sections
        Labels of sections that are of earlier times, and not compared.
    """

    hematoma: HematomaSettings = field(default_factory=HematomaSettings)
    volume: VolumeSettings = field(default_factory=VolumeSettings)
    midline_shift: ShiftSettings = field(default_factory=ShiftSettings)
    sections: tuple[str, ...] = CT_SECTIONS
    history_sections: tuple[str, ...] = PAST_SECTIONS


@dataclass(frozen=True)
class LookSettings:
    """Which cases need a look, and how much.

    Attributes
    ----------
    low_dice
        Below it a hematoma's Dice is low.
    differ, uncertain, missed, low, damaged
        What each adds to a case's urgency.
    """

    low_dice: float = 0.7
    differ: float = 3.0
    uncertain: float = 1.0
    missed: float = 4.0
    low: float = 2.0
    damaged: float = 5.0


@dataclass(frozen=True)
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
        problems: list[str] = []
        settings = _read(cls, read_config(path, overrides), "", problems)
        raise_all([f"{path}: {problem}" for problem in problems])
        return settings


def _read(kind: type[T], section: Any, where: str, problems: list[str]) -> T:
    """Make the dataclass `kind` of a section; what is wrong with it is added to `problems`."""
    if not isinstance(section, Mapping):
        problems.append(f"'{where}' must be a section of keys and values.")
        return kind()
    hints = get_type_hints(kind)
    known = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    problems += [
        f"unknown value '{where}{'.' if where else ''}{key}'; here are known: {', '.join(known)}."
        for key in section
        if key not in known
    ]
    values = {}
    for name in known:
        if name not in section:
            continue
        place = f"{where}.{name}" if where else name
        if is_dataclass(hints[name]):
            values[name] = _read(hints[name], section[name], place, problems)
        elif hints[name] is float:
            values[name] = _number(section[name], place, problems)
        else:
            values[name] = _names(section[name], place, problems)
    return kind(**values)


def _number(value: Any, place: str, problems: list[str]) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        problems.append(f"'{place}' must be a number, not {value!r}.")
    elif not (math.isfinite(value) and value >= 0):
        problems.append(f"'{place}' must be a number from 0 on, not {value!r}.")
    else:
        return float(value)
    return 0.0


def _names(value: Any, place: str, problems: list[str]) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return tuple(value)
    problems.append(f"'{place}' must be a list of names, not {value!r}.")
    return ()
