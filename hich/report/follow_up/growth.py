"""What a change of the hematoma is called: growth before surgery, clearance after it.

Growth, by two definitions (`cohort.facts.limits`): 6 mL or 33 % more (Dowlatshahi et al. 2011,
doi:10.1212/WNL.0b013e3182143317), and the same or new blood in the ventricles, or 1 mL more of it
(Yogendrakumar et al. 2020, doi:10.1161/STROKEAHA.119.027451). Where the limit lies within the
method's error it is open whether it is reached.
"""

from __future__ import annotations

from cohort.facts.limits import (
    BLEED_ML,
    GROWTH_ML,
    GROWTH_PERCENT,
    GROWTH_WITHIN_HOURS,
    VENTRICULAR_BLOOD_ML,
    VENTRICULAR_GROWTH_ML,
)
from hich.report.model.follow_up import Change, Clearance, Growth, Judged


def growth_of(hematoma: Change, ventricular: Change, hours: float | None) -> Growth:
    """Judge growth between two scans that are `hours` apart (None where that isn't known)."""
    limit = growth_limit_ml(hematoma)
    standard = reached(hematoma, limit)
    blood = _new_blood(ventricular)
    revised: Judged = "open"
    if "yes" in (standard, blood):
        revised = "yes"
    elif standard == blood == "no":
        revised = "no"
    in_window = None if hours is None else hours <= GROWTH_WITHIN_HOURS
    return Growth(standard, revised, in_window, limit)


def growth_limit_ml(hematoma: Change) -> float:
    """Return the growth in mL from which on the standard definition is reached.

    Of a hematoma that was not there before, no share can be told, and the mL alone count.
    """
    before = hematoma.before.number if hematoma.before else None
    if before is None or before < BLEED_ML:
        return GROWTH_ML
    return min(GROWTH_ML, before * GROWTH_PERCENT / 100)


def _new_blood(blood: Change) -> Judged:
    """Whether there is new blood in the ventricles, or a mL more of it.

    Where none was and none is seen, there is none new: an error around nothing would leave that
    open in every patient.
    """
    before = blood.before.number if blood.before else None
    after = blood.after.number if blood.after else None
    if before is None or after is None or before >= VENTRICULAR_BLOOD_ML:
        return reached(blood, VENTRICULAR_GROWTH_ML)
    if after < VENTRICULAR_BLOOD_ML and blood.difference is not None:
        return "no"
    return "yes" if blood.verdict == "more" else "open"


def reached(change: Change, limit: float) -> Judged:
    """Whether a change reaches a limit: open where that lies within the error, or isn't known."""
    if change.difference is None or change.error is None:
        return "open"
    if change.difference - change.error >= limit:
        return "yes"
    return "no" if change.difference + change.error < limit else "open"


def clearance_of(hematoma: Change, was_before_surgery: bool) -> Clearance:
    """Return what surgery left, and the share that is gone if a scan from before it is known.

    Where there is more than before, nothing was cleared that could be told.
    """
    before = hematoma.before.number if hematoma.before else None
    residual = hematoma.after.number if hematoma.after else None
    if not was_before_surgery or before is None or before < BLEED_ML or hematoma.percent is None:
        return Clearance(residual, None, None)
    if hematoma.percent > 0:
        return Clearance(residual, None, None)
    error = None if hematoma.error is None else 100 * hematoma.error / before
    return Clearance(residual, -hematoma.percent + 0.0, error)
