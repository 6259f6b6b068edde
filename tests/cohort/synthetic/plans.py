"""A plan of a usual case, for what several tests draw."""

from __future__ import annotations

from typing import Any

from cohort.synthetic.plan import Plan


def usual_plan(**changes: Any) -> Plan:
    """Return the plan of a bleed into the left basal ganglia."""
    usual = {
        "age": 62,
        "sex": "male",
        "onset_hours": 5.0,
        "site": "basal_ganglia",
        "side": "left",
        "lobe": None,
        "volume_ml": 30.0,
        "shift_mm": 3.0,
    }
    return Plan(**{**usual, **changes})
