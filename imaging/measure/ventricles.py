"""The lateral ventricles: their volumes, and which of them is compressed."""

from __future__ import annotations

from typing import Literal

from cohort.facts.limits import COMPRESSED_SHARE
from cohort.schema.scans.measurements import Side, Ventricles


def measure_ventricles(
    left_ml: float | None,
    right_ml: float | None,
    bleed: Literal["left", "right", "both"] | None,
    infratentorial: bool = False,
) -> Ventricles:
    """Compare the volumes of both lateral ventricles.

    Parameters
    ----------
    left_ml, right_ml
        Volumes in mL; None where they were not marked.
    bleed
        Side of the hematoma.
    infratentorial
        Whether it lies below the tentorium, where it can't press on a lateral ventricle.

    Examples
    --------
    >>> measure_ventricles(6.0, 12.0, "left").compressed
    'left'
    >>> measure_ventricles(6.0, 12.0, "right").compressed is None
    True
    """
    known = left_ml is not None and right_ml is not None
    ratio = left_ml / right_ml if left_ml and right_ml else None
    compressed: Side | None = None
    if known and left_ml != right_ml:
        assert left_ml is not None and right_ml is not None
        smaller: Side = "left" if left_ml < right_ml else "right"
        unequal = min(left_ml, right_ml) < COMPRESSED_SHARE * max(left_ml, right_ml)
        if unequal and bleed in (smaller, "both") and not infratentorial:
            compressed = smaller
    return Ventricles(left_ml, right_ml, ratio, compressed)
