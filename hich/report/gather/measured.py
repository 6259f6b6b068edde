"""Measurements as the imaging half writes them: nested in a scan's JSON, flat in its tables.

Flat they are named as in the `measurements.csv` of `imaging.predict` and, with `reference_` before
their names, in the `<part>_measurements.csv` of `imaging.evaluate`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from hich.report.gather.scores import read_rows
from hich.report.model import Measurements

PLACES: dict[str, tuple[str, ...]] = {
    "hematoma_ml": ("hematoma", "volume_ml"),
    "hematoma_abc2_ml": ("hematoma", "abc2_ml"),
    "hematoma_a_mm": ("hematoma", "abc2", "a_mm"),
    "hematoma_b_mm": ("hematoma", "abc2", "b_mm"),
    "hematoma_c_mm": ("hematoma", "abc2", "c_mm"),
    "hematoma_c_slices": ("hematoma", "abc2", "c_slices"),
    "hematoma_slice": ("hematoma", "abc2", "slice"),
    "hematoma_side": ("hematoma", "side"),
    "hematoma_left_ml": ("hematoma", "left_ml"),
    "hematoma_right_ml": ("hematoma", "right_ml"),
    "hematoma_side_by": ("hematoma", "side_by"),
    "hematoma_components": ("hematoma", "components"),
    "hematoma_x_mm": ("hematoma", "centroid_mm", "x"),
    "hematoma_y_mm": ("hematoma", "centroid_mm", "y"),
    "hematoma_z_mm": ("hematoma", "centroid_mm", "z"),
    "hematoma_largest_diameter_mm": ("hematoma", "largest_diameter_mm"),
    "hematoma_distance_to_ventricle_mm": ("hematoma", "distance_to_ventricle_mm"),
    "hematoma_site": ("hematoma", "site"),
    "midline_shift_mm": ("midline", "shift_mm"),
    "midline_toward": ("midline", "toward"),
    "midline_slice": ("midline", "slice"),
    "ventricle_left_ml": ("ventricles", "left_ml"),
    "ventricle_right_ml": ("ventricles", "right_ml"),
    "ventricle_left_right_ratio": ("ventricles", "left_right_ratio"),
    "ventricle_compressed": ("ventricles", "compressed"),
}
"""Name of a measurement in tables, to where it stands in a scan's JSON."""

WORDS = (
    *("hematoma_side", "hematoma_side_by", "hematoma_site"),
    *("midline_toward", "ventricle_compressed"),
)
"""Those that are no numbers."""

COUNTS = ("hematoma_components", "hematoma_slice", "midline_slice")
"""Those that are whole numbers."""

PARTS = ("hematoma", "midline", "ventricles")


def measurements_of(value: Mapping[str, Any]) -> Measurements:
    """Return measurements from a scan's JSON.

    Raises
    ------
    TypeError
        If they are none.
    """
    measurements = Measurements(*(_section(value, part) for part in PARTS))
    for name, found in flat(measurements).items():
        if found is not None and not _suits(name, found):
            raise TypeError(name)
    return measurements


def is_number(value: Any) -> bool:
    """Whether a value of a JSON file is a number that can be reckoned with."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and math.isfinite(value)


def flat(measurements: Measurements) -> dict[str, Any]:
    """Return measurements as a row of a table, with the keys of `PLACES`."""
    value = vars(measurements)
    return {name: _at(value, place) for name, place in PLACES.items()}


def read_reference(path: Path) -> dict[str, Measurements]:
    """Read what `imaging.evaluate` measured on the reference masks: case id to measurements.

    Raises
    ------
    DataError
        If it is no such table.
    """
    try:
        return {row["case"]: _of_row(row) for row in read_rows(path)}
    except (KeyError, ValueError, TypeError):
        raise DataError(
            f"{path}: is no table of measurements; run `imaging.evaluate` again."
        ) from None


def _of_row(row: Mapping[str, str]) -> Measurements:
    parts: dict[str, dict[str, Any]] = {part: {} for part in PARTS}
    for name, (part, *keys) in PLACES.items():
        cell = row[f"reference_{name}"]
        section = parts[part]
        for key in keys[:-1]:
            section = section.setdefault(key, {})
        section[keys[-1]] = None if not cell else cell if name in WORDS else _number(name, cell)
    centre = parts["hematoma"]["centroid_mm"]
    parts["hematoma"]["centroid_mm"] = None if None in centre.values() else list(centre.values())
    return Measurements(**parts)


def _number(name: str, cell: str) -> float:
    value = float(cell)
    if not math.isfinite(value):
        raise ValueError(name)
    return int(value) if name in COUNTS else value


def _section(value: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    section = value.get(part) or {}
    if not isinstance(section, Mapping):
        raise TypeError(part)
    return section


def _at(value: Any, place: tuple[str, ...]) -> Any:
    for key in place:
        if isinstance(value, (list, tuple)) and key in "xyz":
            value = value["xyz".index(key)] if len(value) == 3 else None
        else:
            value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _suits(name: str, value: Any) -> bool:
    return isinstance(value, str) if name in WORDS else is_number(value)
