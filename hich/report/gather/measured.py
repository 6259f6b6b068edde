"""Measurements as the imaging half writes them: nested in a scan's JSON, flat in its tables.

Flat they are named as in the `measurements.csv` of `imaging.predict` and, with `reference_` before
their names, in the `<part>_measurements.csv` of `imaging.evaluate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from cohort.schema.problems import in_brackets, parse
from cohort.schema.scans import measurements as schema
from cohort.schema.scans.measurement_columns import COLUMN_PLACES, FIRST_COLUMNS, as_row, from_row
from hich.report.gather.scores import read_rows
from hich.report.messages import CheckSentence
from hich.report.model.masks import CaseMeasurements


def measurements_of(
    found: schema.Measurements, untold: Mapping[str, CheckSentence] | None = None
) -> CaseMeasurements:
    """Return measurements as the report has them, with what cannot be told."""
    return CaseMeasurements(
        found.hematoma,
        found.midline,
        found.ventricles,
        untold or {},
        found.ventricular_blood,
        found.edema,
        found.outer_blood,
    )


def flat(measurements: CaseMeasurements) -> dict[str, Any]:
    """Return measurements as a row of a table, with the keys of `COLUMN_PLACES`."""
    return as_row(asdict(measurements))


def read_reference(path: Path) -> dict[str, CaseMeasurements]:
    """Read what `imaging.evaluate` measured on the reference masks: case id to measurements.

    Raises
    ------
    DataError
        If it is not such a table.
    """
    found = {}
    for row in read_rows(path):
        case, values = (
            row.get("case"),
            {n: _value(row.get(f"reference_{n}")) for n in COLUMN_PLACES},
        )
        measured, problems = parse(schema.Measurements, from_row(values))
        lacking = [name for name in FIRST_COLUMNS if f"reference_{name}" not in row]
        if case is None or lacking or measured is None:
            why = f" {in_brackets(problems)}" if problems else ""
            raise DataError(
                f"{path}: is not a table of measurements{why}; run `imaging.evaluate` again."
            )
        found[case] = measurements_of(measured)
    return found


def _value(cell: str | None) -> Any:
    """Return what a cell holds: nothing, a whole number, a number, or a word."""
    for kind in (int, float):
        with suppress(ValueError):
            return kind(cell) if cell else None
    return cell
