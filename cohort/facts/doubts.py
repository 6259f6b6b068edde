"""What of a scan may be beyond belief besides whole structures: its sizes, and its sides."""

from __future__ import annotations

from collections.abc import Collection

SIZES = "sizes"
"""All volumes and lengths: where the spacing is doubtful."""
SIDES = "sides"
"""Left and right, and every position: where the directions are doubtful."""
DOUBTS: tuple[str, ...] = (SIZES, SIDES)
"""They stand among what cannot be told, beside the ids of structures."""

NAMES = {SIZES: "volumes and lengths", SIDES: "left and right"}

_HEMATOMA = ("left_ml", "right_ml", "centroid_mm", "site", "site_reason", "site_unknown")

RESTS_ON: dict[str, dict[str, tuple[str, ...]]] = {
    SIZES: {
        "hematoma": (
            *("volume_ml", "abc2_ml", "abc2", "components"),
            *("tada_ml", "tada_c_mm", "tada_slices"),
            *("largest_diameter_mm", "distance_to_ventricle_mm", *_HEMATOMA),
        ),
        "midline": ("shift_mm", "toward", "largest_mm", "largest_toward", "error_mm"),
        "ventricles": ("left_ml", "right_ml"),
        "ventricular_blood": ("volume_ml", "left_ml", "right_ml", "central_ml"),
        "edema": ("volume_ml",),
        "outer_blood": ("volume_ml",),
    },
    SIDES: {
        "hematoma": ("side", "side_by", *_HEMATOMA),
        "midline": ("toward", "largest_toward"),
        "ventricles": ("left_ml", "right_ml", "left_right_ratio", "compressed"),
        "ventricular_blood": ("left_ml", "right_ml"),
        "edema": (),
        "outer_blood": (),
    },
}
"""Doubt to the measurements that rest on what is doubted, of each part of a scan's JSON. A site is
told by distances, a shift has a direction from some mm on, and pieces count from some mL on; the
ratio of two volumes is the same at any spacing."""


def doubted(untold: Collection[str], part: str) -> dict[str, str]:
    """Return the measurements of a part that cannot be told, each with the (last) doubt about it.

    Examples
    --------
    >>> doubted(["sides", "midline"], "midline")
    {'toward': 'sides', 'largest_toward': 'sides'}
    """
    return {key: doubt for doubt in DOUBTS if doubt in untold for key in RESTS_ON[doubt][part]}
