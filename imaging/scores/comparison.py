"""What was measured on predicted masks beside the same of the reference masks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cohort.facts.limits import VENTRICULAR_BLOOD_ML
from cohort.schema.scans.measurement_columns import as_row
from cohort.schema.scans.measurements import Measurements
from imaging.scores.agreement import agreement
from imaging.scores.intervals import rounded, wilson_ci95


@dataclass(frozen=True)
class Compared:
    """The measurements of a case.

    Attributes
    ----------
    case
        Its id.
    predicted, reference
        What was measured on the masks of the model, and on those of the cohort.
    """

    case: str
    predicted: Measurements
    reference: Measurements


def compare_measurements(cases: Sequence[Compared], *, seed: int = 0) -> dict[str, Any]:
    """Summarise how predicted measurements agree with the reference's.

    Volumes by voxels and midline shift are among each structure's scores
    (`imaging.scores.summary`); here is the rest.

    Parameters
    ----------
    cases
        The cases.
    seed
        Seed of the bootstrap.

    Returns
    -------
    dict
        `hematoma_abc2_ml` and `hematoma_tada_ml`: agreement of ABC/2 and of Tada's formula
        (`imaging.scores.agreement`) over the cases where both masks were looked at, one of them
        shows a bleed, and the formula can be told of those that do; 0 mL stands for none.
        `hematoma_side` and `hematoma_site`, where both masks tell one; `midline_toward` (left,
        right or straight), where the shift of both was measured, and `ventricle_compressed`
        (left, right or none), where all four volumes are known; `ventricular_blood` (present or
        absent, from `VENTRICULAR_BLOOD_ML` on), where both masks were looked at: the number of
        `cases`, those that `agree`, their `share` and its `ci95`.
    """
    return {
        "hematoma_abc2_ml": agreement(*_by_formula(cases, "abc2_ml"), seed=seed),
        "hematoma_tada_ml": agreement(*_by_formula(cases, "tada_ml"), seed=seed),
        "hematoma_side": _same(cases, lambda m: m.hematoma.side, lambda m: m.hematoma.side),
        "hematoma_site": _same(cases, lambda m: m.hematoma.site, lambda m: m.hematoma.site),
        "midline_toward": _same(cases, lambda m: m.midline.shift_mm, lambda m: m.midline.toward),
        "ventricle_compressed": _same(cases, _both_ml, lambda m: m.ventricles.compressed),
        "ventricular_blood": _same(
            cases, lambda m: m.ventricular_blood.volume_ml, _has_ventricular_blood
        ),
    }


def comparison_rows(cases: Iterable[Compared]) -> list[dict[str, Any]]:
    """Return a row per case for a table: all that was measured, predicted and reference."""
    return [
        {
            "case": one.case,
            **{f"predicted_{key}": v for key, v in as_row(one.predicted.to_json()).items()},
            **{f"reference_{key}": v for key, v in as_row(one.reference.to_json()).items()},
        }
        for one in cases
    ]


def _by_formula(cases: Sequence[Compared], formula: str) -> np.ndarray:
    """Return predicted and reference volumes by a formula in mL, [2, cases]."""
    bleeds = [(one.predicted.hematoma, one.reference.hematoma) for one in cases]
    values = [
        [0.0 if bleed.volume_ml == 0 else getattr(bleed, formula) for bleed in pair]
        for pair in bleeds
        if any(bleed.volume_ml for bleed in pair)
    ]
    known = [pair for pair in values if None not in pair]
    return np.array(known, dtype=float).reshape(-1, 2).T


def _same(
    cases: Sequence[Compared],
    known: Callable[[Measurements], Any],
    told: Callable[[Measurements], Any],
) -> dict[str, Any]:
    """Count in how many of the cases where it is known, predicted and reference tell the same."""
    both = [(one.predicted, one.reference) for one in cases]
    asked = [pair for pair in both if all(known(masks) is not None for masks in pair)]
    agree = sum(told(predicted) == told(reference) for predicted, reference in asked)
    return {
        "cases": len(asked),
        "agree": agree,
        "share": rounded(agree / len(asked)) if asked else None,
        "ci95": wilson_ci95(agree, len(asked)),
    }


def _has_ventricular_blood(measurements: Measurements) -> bool:
    return (measurements.ventricular_blood.volume_ml or 0.0) >= VENTRICULAR_BLOOD_ML


def _both_ml(measurements: Measurements) -> float | None:
    """Return the ventricles' volume; None where one of them is not known."""
    left, right = measurements.ventricles.left_ml, measurements.ventricles.right_ml
    return None if left is None or right is None else left + right
