"""Measurements without those that cannot be believed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from typing import Any

from cohort.facts.doubts import SIZES, doubted
from cohort.schema.scans.measurements import Measurements


def leave_out(measurements: Measurements, untold: Collection[str]) -> Measurements:
    """Return measurements without what cannot be told: None stands in its place.

    Parameters
    ----------
    measurements
        What was measured on a scan's masks.
    untold
        What cannot be told of the scan; of it, doubts (`cohort.facts.doubts`) count here. Nothing
        is nothing at any spacing: what measures 0 stays where only sizes are doubted.
    """
    parts = {}
    for field in fields(measurements):
        part: Any = getattr(measurements, field.name)
        gone = {
            key: None
            for key, doubt in doubted(untold, field.name).items()
            if doubt != SIZES or getattr(part, key) != 0
        }
        parts[field.name] = replace(part, **gone)
    return Measurements(**parts)
