"""What is measured on the masks of a scan as a row of a table, and back (`Measurements`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLUMN_PLACES: dict[str, tuple[str, ...]] = {
    "hematoma_ml": ("hematoma", "volume_ml"),
    "hematoma_abc2_ml": ("hematoma", "abc2_ml"),
    "hematoma_a_mm": ("hematoma", "abc2", "a_mm"),
    "hematoma_b_mm": ("hematoma", "abc2", "b_mm"),
    "hematoma_c_mm": ("hematoma", "abc2", "c_mm"),
    "hematoma_c_slices": ("hematoma", "abc2", "c_slices"),
    "hematoma_tada_ml": ("hematoma", "tada_ml"),
    "hematoma_tada_c_mm": ("hematoma", "tada_c_mm"),
    "hematoma_tada_slices": ("hematoma", "tada_slices"),
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
    "midline_largest_mm": ("midline", "largest_mm"),
    "midline_largest_toward": ("midline", "largest_toward"),
    "midline_largest_slice": ("midline", "largest_slice"),
    "midline_error_mm": ("midline", "error_mm"),
    "midline_support": ("midline", "support"),
    "midline_septum_by": ("midline", "septum_by"),
    "midline_unknown": ("midline", "unknown"),
    "ventricle_left_ml": ("ventricles", "left_ml"),
    "ventricle_right_ml": ("ventricles", "right_ml"),
    "ventricle_left_right_ratio": ("ventricles", "left_right_ratio"),
    "ventricle_compressed": ("ventricles", "compressed"),
    "ventricular_blood_ml": ("ventricular_blood", "volume_ml"),
    "ventricular_blood_left_ml": ("ventricular_blood", "left_ml"),
    "ventricular_blood_right_ml": ("ventricular_blood", "right_ml"),
    "ventricular_blood_central_ml": ("ventricular_blood", "central_ml"),
    "edema_ml": ("edema", "volume_ml"),
    "outer_blood_ml": ("outer_blood", "volume_ml"),
}
"""Name of a measurement in tables, to where it stands in a scan's JSON."""

_ADDED = ("hematoma_tada_", "ventricular_blood_", "edema_", "outer_blood_", "midline_largest_")
_ADDED_TO_MIDLINE = ("error_mm", "support", "septum_by", "unknown")
FIRST_COLUMNS = tuple(
    name
    for name in COLUMN_PLACES
    if not name.startswith(_ADDED) and name.removeprefix("midline_") not in _ADDED_TO_MIDLINE
)
"""Those that tables of every version have; earlier ones lack the others."""


def as_row(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return measurements as a row of a table: flat, the units in the names.

    Parameters
    ----------
    value
        What `Measurements.to_json` returned. Why there is no site has no column: it is a sentence.
    """
    return {
        name: _at(value[part] if name in FIRST_COLUMNS else value.get(part), place)
        for name, (part, *place) in COLUMN_PLACES.items()
    }


def from_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return, of a row of a table, what stands in a scan's JSON: `as_row` the other way round."""
    value: dict[str, Any] = {}
    for name, (*sections, last) in COLUMN_PLACES.items():
        section = value
        for key in sections:
            section = section.setdefault(key, {})
        section[last] = row[name]
    bleed = value["hematoma"]
    centre = list(bleed["centroid_mm"].values())
    bleed["centroid_mm"] = None if None in centre else centre
    if None in bleed["abc2"].values():
        bleed["abc2"] = None
    return value


def _at(value: Any, place: list[str]) -> Any:
    for key in place:
        if isinstance(value, (list, tuple)):
            value = value["xyz".index(key)]
        else:
            value = None if value is None else value.get(key)
    return value
