"""How near volumes come to the truth: by voxels, by ABC/2 and by Tada's formula (多田公式).

Run from the project's folder: `python -m benchmarks.accuracy.volumes assets/synthetic --split
corpus/split.json --model training/imaging/model-best`. The truth is the volume by voxels of the
cohort's own masks. The formulas are measured on these, so that no model has a part in it, and with
--model all three on what it predicts of the same cases. With --split only the test part counts.
Cases without a bleed count where a model draws one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from cohort.schema.manifest import Cohort
from cohort.schema.scans.measurements import Hematoma
from cohort.schema.split import Split
from cohort.space.file_types import read_volume
from imaging.measure.measurements import measure
from imaging.scores.agreement import agreement

LARGE_ML = 30.0
"""From here on a supratentorial bleed counts as large (ICH score: Hemphill et al. 2001,
doi:10.1161/01.STR.32.4.891), and surgeons consider to remove it."""

WAYS = {"voxels": "volume_ml", "ABC/2 (Kothari)": "abc2_ml", "Tada's formula": "tada_ml"}


def main(
    folder: Annotated[Path, typer.Argument(metavar="COHORT")],
    split: Annotated[Path | None, typer.Option()] = None,
    model: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Print a row for each way to measure: concordance, differences, the wrong side of 30 mL."""
    drawn = references(folder, split)
    found = {"drawn masks": drawn}
    if model:
        found["predicted masks"] = predictions(folder, split, model)
    table = Table("masks", "volume by", "n", "concordance", "mean abs. mL", "bias mL", "limits mL")
    table.add_column(f"wrong side of {LARGE_ML:.0f} mL")
    for masks, bleeds in found.items():
        for way, key in WAYS.items():
            if (masks, way) != ("drawn masks", "voxels"):  # the truth itself
                table.add_row(masks, way, *judged(drawn, bleeds, key))
    Console(width=120).print(table)


def references(folder: Path, split: Path | None) -> dict[str, Hematoma]:
    """Return what is measured on the cohort's masks of the hematoma, by case."""
    cohort = Cohort.load(folder)
    parts = Split.load(split).cases if split else {case.id: "test" for case in cohort.cases}
    found = {}
    for case in cohort.cases:
        if parts.get(case.id) == "test" and "hematoma" in case.masks:
            mask, header = read_volume(cohort.path(case.masks["hematoma"]))
            found[case.id] = measure({"hematoma": mask}, header.grid).hematoma
    return found


def predictions(folder: Path, split: Path | None, model: Path) -> dict[str, Hematoma]:
    """Return what `imaging.predict` measures of the same cases."""
    from imaging.predict import predict

    with tempfile.TemporaryDirectory() as output:
        scans = predict(model, [folder], Path(output), split).scans
    fields = WAYS.values()
    return {
        scan["id"]: Hematoma(**{key: scan["measurements"]["hematoma"][key] for key in fields})
        for scan in scans
    }


def judged(
    drawn: Mapping[str, Hematoma], found: Mapping[str, Hematoma], key: str
) -> tuple[str, ...]:
    """Return the cells of a row: volumes of `found` by `key` against those drawn, by voxels."""
    pairs = np.array(
        [
            (getattr(found[case], key) or 0.0, drawn[case].volume_ml)
            for case in drawn
            if found[case].volume_ml or drawn[case].volume_ml
        ]
    )
    result = agreement(*pairs.T)
    low, high = result["ccc_ci95"]
    wrong = int((np.diff(pairs >= LARGE_ML, axis=1)).sum())
    return (
        str(len(pairs)),
        f"{result['ccc']:.3f} ({low:.3f} to {high:.3f})",
        f"{result['mae']:.2f}",
        f"{result['bias']:+.2f}",
        "{:+.1f} to {:+.1f}".format(*result["limits"]),
        f"{wrong} ({100 * wrong / len(pairs):.1f} %)",
    )


if __name__ == "__main__":
    typer.run(main)
