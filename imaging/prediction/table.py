"""Tables of measurements: one row per scan, one column per value, the units in the names."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from cohort.base.files import atomic_file, open_table
from cohort.schema.scans.measurement_columns import as_row
from imaging.model.learnt import untold_notes
from imaging.prediction.earlier_results import files_of

TABLE = "measurements.csv"


def write_measurements(folder: Path) -> None:
    """Write `TABLE` anew: the measurements of all scans whose predictions lie in `folder`.

    What the scans' own JSON files say counts, so that the table holds this run's scans and those
    of earlier runs that were not removed, and no others. Without any there is no table.
    """
    rows = []
    for path in sorted(folder.glob("*.json")):
        if not files_of(path):
            continue
        summary = json.loads(path.read_text(encoding="utf-8"))
        # Earlier versions measured nothing, or other things.
        with suppress(KeyError, TypeError):
            row = {"id": path.stem, **as_row(summary["measurements"])}
            row["coverage"] = summary.get("coverage", {}).get("in_words")
            rows.append({**row, "notes": " ".join(what for _, what in notes_of(summary))})
    if rows:
        with atomic_file(folder / TABLE) as temporary:
            write_rows(temporary, rows)
    else:
        (folder / TABLE).unlink(missing_ok=True)


def notes_of(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the notes on a scan, of what stands in its JSON file: kind and sentence of each.

    What cannot be told comes first; each structure is a kind of its own.
    """
    notes = untold_notes(summary.get("cannot_be_told", {}))
    notes += [(note["kind"], note["what"]) for note in summary.get("notes", ())]
    # Earlier versions called them warnings, and gave them no kind.
    return notes + [("warning", what) for what in summary.get("warnings", ())]


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows, at least one, of the same columns as CSV; not atomically."""
    with open_table(path, "w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows[0])
        writer.writerows([_cell(value) for value in row.values()] for row in rows)


def _cell(value: Any) -> Any:
    """Return a value as it stands in a table: rounded, empty where there is none."""
    if value is None:
        return ""
    return round(value, 6) if isinstance(value, float) else value
