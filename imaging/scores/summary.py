"""Scores of cases put together: what stands in `<part>.json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cohort.facts.structures import BY_ID, STRUCTURE_IDS
from imaging.scores.agreement import agreement
from imaging.scores.intervals import bootstrap_ci95, rounded, wilson_ci95
from imaging.scores.metrics import MEASURES, StructureScore


def summarise(
    scores: Sequence[StructureScore], unannotated: Mapping[str, int], *, seed: int = 0
) -> dict[str, Any]:
    """Summarise scores over cases, each structure for itself.

    Parameters
    ----------
    scores
        One for each case and structure that was judged.
    unannotated
        Structure to the number of cases where nobody annotated it.
    seed
        Seed of the bootstrap.

    Returns
    -------
    dict
        `structures`: for each structure in channel order that was judged or left out in some
        case, each measure's `mean`, `std`, `median`, their intervals `ci95` and `median_ci95`,
        and `n`; `dice_where_present` and `hd95_mm_where_present`, the same over the cases alone
        whose reference has the structure; the number of cases of each kind; and
        `volume_agreement` of prediction and reference in mL (`imaging.scores.agreement`).
        The hematoma has `lesions` and `bleed_free` as well, the midline `shift`.
        `mean_dice`, or None: see `mean_dice`.
    """
    structures: dict[str, Any] = {}
    for structure in STRUCTURE_IDS:
        rows = [row for row in scores if row.structure == structure]
        if not rows and not unannotated.get(structure):
            continue
        judged = [row for row in rows if row.status != "absent"]
        kinds = Counter(row.status for row in rows)
        sized = [row for row in judged if row.volume_ml is not None]
        volumes = np.array([(row.volume_ml, row.reference_ml) for row in sized], float)
        volumes = volumes.reshape(-1, 2)
        structures[structure] = {
            **{m: _spread([getattr(row, m) for row in judged], seed) for m in MEASURES},
            **{
                f"{m}_where_present": _spread([getattr(r, m) for r in rows if is_there(r)], seed)
                for m in ("dice", "hd95_mm")
            },
            "found": kinds["found"],
            "missed": kinds["missed"],
            "false_alarms": kinds["false_alarm"],
            "absent": kinds["absent"],
            "unannotated": unannotated.get(structure, 0),
            "volume_agreement": agreement(*volumes.T, seed=seed),
        }
        if structure == "hematoma":
            structures[structure]["lesions"] = _lesions(rows, seed)
            structures[structure]["bleed_free"] = _bleed_free(kinds)
        if structure == "midline":
            structures[structure]["shift"] = _shift(rows, seed)
    return {"structures": structures, "mean_dice": mean_dice(scores)}


def dice_by_structure(scores: Sequence[StructureScore]) -> dict[str, float]:
    """Return the mean Dice of each structure that was there or marked in some case."""
    dice = {
        structure: [s.dice for s in scores if s.structure == structure and s.dice is not None]
        for structure in STRUCTURE_IDS
    }
    return {structure: rounded(np.mean(values)) for structure, values in dice.items() if values}


def mean_dice(scores: Sequence[StructureScore]) -> float | None:
    """Return the mean of the structures' mean Dice, each the same weight; None without any.

    Of those that count in means (`Structure.in_means`) and that some case's reference has: of the
    others a single false voxel would decide whether they enter it, as 0, or not at all.
    """
    there = {one.structure for one in scores if is_there(one) and BY_ID[one.structure].in_means}
    values = [value for name, value in dice_by_structure(scores).items() if name in there]
    return rounded(np.mean(values)) if values else None


def is_there(score: StructureScore) -> bool:
    """Whether the reference has the structure in the case, found or not."""
    return score.status in ("found", "missed")


def _spread(values: Iterable[float | None], seed: int) -> dict[str, Any]:
    array = np.array([value for value in values if value is not None], dtype=float)
    some, several = array.size > 0, array.size > 1
    return {
        "mean": rounded(array.mean()) if some else None,
        "std": rounded(array.std(ddof=1)) if several else None,
        "median": rounded(np.median(array)) if some else None,
        "ci95": bootstrap_ci95(array, np.mean, seed=seed),
        "median_ci95": bootstrap_ci95(array, np.median, seed=seed),
        "n": int(array.size),
    }


def _lesions(rows: Iterable[StructureScore], seed: int) -> dict[str, Any]:
    """Pool the lesions of all cases, the bleed-free as well; a rate without lesions is None."""
    found = [row.lesions for row in rows if row.lesions is not None]
    counts = np.array([(x.reference, x.detected, x.predicted, x.false) for x in found])
    counts = counts.reshape(-1, 4)
    names = ("reference", "detected", "predicted", "false")
    result: dict[str, Any] = dict(zip(names, counts.sum(axis=0).tolist(), strict=True))
    for column, name in enumerate(("sensitivity", "precision", "f1")):

        def rate(draws: NDArray, axis: int, column: int = column) -> NDArray:
            return _rates(draws.sum(axis=axis))[..., column]

        value = float(rate(counts[None], axis=1)[0])
        result[name] = rounded(value) if np.isfinite(value) else None
        result[f"{name}_ci95"] = bootstrap_ci95(counts, rate, seed=seed)
    result["cases"] = len(counts)
    return result


def _rates(counts: NDArray) -> NDArray:
    """Return sensitivity, precision and F1 [..., 3] of counts [..., 4]; NaN where undefined.

    F1 is the harmonic mean of the other two, and 0 where nothing that is there was found or
    nothing that was marked is there.
    """
    reference, detected, predicted, false = np.moveaxis(counts.astype(float), -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        sensitivity, precision = detected / reference, (predicted - false) / predicted
        f1 = 2 * sensitivity * precision / (sensitivity + precision)
    one_sided = (reference + predicted > 0) & ~np.isfinite(f1)
    return np.stack([sensitivity, precision, np.where(one_sided, 0.0, f1)], axis=-1)


def _bleed_free(kinds: Mapping[str, int]) -> dict[str, Any]:
    """Return in how many of the cases without a hematoma none was reported."""
    quiet, n = kinds["absent"], kinds["absent"] + kinds["false_alarm"]
    return {
        "cases": n,
        "without_report": quiet,
        "share": rounded(quiet / n) if n else None,
        "ci95": wilson_ci95(quiet, n),
    }


def _shift(rows: Iterable[StructureScore], seed: int) -> dict[str, Any]:
    """Return the error of the midline shift, and how predicted and reference shift agree."""
    rows = list(rows)
    judged = [row for row in rows if row.reference_shift_mm is not None]
    pairs = [(r.shift_mm, r.reference_shift_mm) for r in judged if r.shift_mm is not None]
    measured = np.array(pairs, dtype=float).reshape(-1, 2)
    return {
        "error_mm": _spread([row.shift_error_mm for row in judged], seed),
        "measured": len(measured),
        "not_predicted": len(judged) - len(measured),
        "without_reference": len(rows) - len(judged),
        "agreement": agreement(*measured.T, seed=seed),
    }
