"""How far off a model's volumes and shifts are, by their size, from what an evaluation wrote."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.base.files import open_table
from cohort.schema.scans.model_errors import (
    FEWEST,
    ModelErrors,
    ShiftError,
    SizedShiftError,
    VolumeError,
)
from cohort.schema.scores import ScoresFile
from imaging.scores.agreement import agreement

SIZES_ML = {"hematoma": (0.1, 5.0, 15.0, 30.0, 60.0)}
"""Structure to the sizes at which the next bin begins; the first is "nothing found"."""
USUAL_SIZES_ML = (0.05, 5.0, 10.0, 20.0, 40.0)
SIZES_MM = (0.0, 2.0, 5.0, 10.0)
"""Sizes of a midline shift at which a bin begins: those at which shifts are told apart."""


def errors_of_test(scores: Path, summary: ScoresFile, what: str) -> ModelErrors:
    """Return the errors of volumes and shift on a test.

    Parameters
    ----------
    scores
        `<part>.json` that `imaging.evaluate` wrote; `<part>_cases.csv` lies beside it.
    summary
        What it holds.
    what
        The test, in words.

    Raises
    ------
    DataError
        If the table is missing, or is not one of cases.
    """
    table = scores.with_name(f"{scores.stem}_cases.csv")
    volumes: dict[str, list[tuple[float, float]]] = {}
    shifts: list[tuple[float, float]] = []
    try:
        with open_table(table) as file:
            for row in csv.DictReader(file):
                if row["structure"] == "midline":
                    both = row["shift_mm"], row["reference_shift_mm"]
                    shifts += [(float(both[0]), float(both[1]))] if all(both) else []
                pair = row["volume_ml"], row["reference_ml"]
                # The midline's mask has a volume, too, which nobody asks for.
                if all(pair) and row["structure"] != "midline":
                    volumes.setdefault(row["structure"], []).append(
                        (float(pair[0]), float(pair[1]))
                    )
    except FileNotFoundError:
        raise DataError(f"{table}: no such file; run `hich evaluate` again.") from None
    except (KeyError, ValueError, UnicodeDecodeError):
        raise DataError(f"{table}: is not a table of cases of imaging.evaluate.") from None
    return ModelErrors(
        what,
        summary.cases,
        {name: volume_errors(pairs, name) for name, pairs in volumes.items()},
        _shift_error(summary, shifts),
    )


def volume_errors(
    pairs: Sequence[tuple[float, float]], structure: str = ""
) -> tuple[VolumeError, ...]:
    """Return the errors of measured volumes by size.

    Cases are sorted by the volume that was measured, not by the true one: of a new scan only that
    is known. So a bin holds the false alarms of its size, and the first one what was missed.

    Parameters
    ----------
    pairs
        Measured and reference volume of each case, mL.
    structure
        Its id, which tells the sizes.

    Examples
    --------
    >>> small, *_, last = volume_errors([(10.0, 12.0)] * 5 + [(40.0, 40.0)], "hematoma")
    >>> last.from_ml, last.to_ml, last.n, last.mae_ml
    (30.0, 40.001, 1, None)
    """
    values = np.array(pairs, dtype=float).reshape(-1, 2)
    # Of larger volumes than any of the test nothing is known.
    end = math.ceil(values[:, 0].max(initial=0) * 1000 + 1) / 1000
    begins = [0.0, *(b for b in SIZES_ML.get(structure, USUAL_SIZES_ML) if b < end)]
    found = []
    for begin, after in zip(begins, [*begins[1:], end], strict=True):
        of_size = values[(values[:, 0] >= begin) & (values[:, 0] < after)]
        found.append(VolumeError(begin, after, len(of_size), *_figures(of_size)))
    return tuple(found)


def sized_shift_errors(pairs: Sequence[tuple[float, float]]) -> tuple[SizedShiftError, ...]:
    """Return the errors of measured shifts by the size that was measured.

    Parameters
    ----------
    pairs
        Measured and reference shift of each case, mm, toward the patient's left as positive.

    Examples
    --------
    >>> [one.n for one in sized_shift_errors([(-3.0, -8.0), (0.5, 0.0)])]
    [1, 1, 0, 0]
    """
    values = np.array(pairs, dtype=float).reshape(-1, 2)
    values = values * np.where(values[:, :1] < 0, -1, 1)
    found = []
    for begin, after in zip(SIZES_MM, [*SIZES_MM[1:], None], strict=True):
        of_size = values[(values[:, 0] >= begin) & (values[:, 0] < (after or np.inf))]
        found.append(SizedShiftError(begin, after, len(of_size), *_figures(of_size)))
    return tuple(found)


def _figures(pairs: NDArray) -> list[Any]:
    """Return what `VolumeError` and `SizedShiftError` end with; None of too few pairs."""
    measured = agreement(pairs[:, 0], pairs[:, 1]) if len(pairs) >= FEWEST else {}
    return [measured.get(name) for name in ("mae", "mae_ci95", "bias", "bias_ci95", "limits")]


def _shift_error(summary: ScoresFile, shifts: Sequence[tuple[float, float]]) -> ShiftError | None:
    shift = summary.structures["midline"].shift if "midline" in summary.structures else None
    if shift is None:
        return None
    both = shift.agreement
    sizes = sized_shift_errors(shifts)
    if (both.n or 0) < FEWEST:
        return ShiftError(both.n or 0, shift.not_predicted, sizes=sizes)
    found = ShiftError(
        both.n or 0,
        shift.not_predicted,
        both.mae,
        both.mae_ci95,
        both.bias,
        both.bias_ci95,
        both.limits,
        both.icc,
        both.icc_ci95,
    )
    return replace(found, sizes=sizes)
