"""Which cases count in what: the table of docs/explanation/numbers.md, row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cohort.schema.scans.measurements import Hematoma, Measurements, VentricularBlood
from cohort.space.grid import Grid
from imaging.scores.comparison import Compared, compare_measurements
from imaging.scores.metrics import score
from imaging.scores.summary import summarise

GRID = Grid((8, 8, 4), np.diag([-1.0, -1.0, 5.0, 1.0]))
EMPTY = np.zeros((8, 8, 4))
DRAWN = EMPTY.copy()
DRAWN[2:6, 2:6] = 1
COLUMNS = ("both show it", "missed", "false alarm", "neither shows it", "not drawn, or not learnt")
MASKS = dict(zip(COLUMNS, [(DRAWN, DRAWN), (EMPTY, DRAWN), (DRAWN, EMPTY), (EMPTY, EMPTY)]))  # noqa: B905
SAYS_NOTHING = "left out"


def measured(mask: Any) -> Measurements:
    if mask is None:
        return Measurements()
    ml = GRID.volume_ml(mask)
    formula = ml or None
    return Measurements(
        hematoma=Hematoma(volume_ml=ml, abc2_ml=formula, tada_ml=formula),
        ventricular_blood=VentricularBlood(volume_ml=10 * ml),
    )


def counted(column: str) -> dict[str, int]:
    """Return row of the table to the number of cases that count, of one case of that kind."""
    masks = MASKS.get(column)
    rows = [] if masks is None else [score("p", "hematoma", *masks, GRID)]
    found = summarise(rows, {"hematoma": int(masks is None)})["structures"]["hematoma"]
    pairs = [masks] if masks else [(None, DRAWN), (DRAWN, None), (None, None)]
    told = compare_measurements([Compared("p", *map(measured, pair)) for pair in pairs])
    return {
        "Dice and its neighbours": found["dice"]["n"],
        "the same `…_where_present`": found["dice_where_present"]["n"],
        "volume": found["volume_agreement"]["n"],
        "ABC/2, Tada": told["hematoma_abc2_ml"]["n"],
        "ventricular blood, present or absent": told["ventricular_blood"]["cases"],
    }


def documented(root: Path) -> dict[str, dict[str, str]]:
    """Return the table: row to column to what is said."""
    text = (root / "docs/explanation/numbers.md").read_text(encoding="utf-8")
    lines = text.split("## Which cases count\n")[1].split("## ")[0].splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    head, _, *rows = table
    return {row[0].split("**")[1]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


@pytest.mark.parametrize("column", COLUMNS)
def test_the_documented_cases_count(root: Path, column: str) -> None:
    table = documented(root)
    found = counted(column)
    assert set(table) == set(found)
    for row, number in found.items():
        assert bool(number) == (table[row][column] != SAYS_NOTHING), row


def test_what_is_known_to_be_nothing_is_0() -> None:
    missed = Compared("p", measured(EMPTY), measured(DRAWN))
    ml = GRID.volume_ml(DRAWN)
    assert compare_measurements([missed])["hematoma_tada_ml"]["bias"] == pytest.approx(-ml)
    (row,) = [score("p", "hematoma", EMPTY, DRAWN, GRID)]
    assert (row.dice, row.hd95_mm) == (0.0, GRID.diagonal_mm)
    assert row.volume_error_ml == pytest.approx(-ml)
