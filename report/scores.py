"""How well the halves do: the scores and learning curves that they wrote."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cohort.errors import DataError
from cohort.files import read_json
from report.model import Curve, Score


@dataclass
class CaseScores:
    """How well the masks of a case fit the reference masks.

    Attributes
    ----------
    scores
        Structure id to its score.
    volumes_ml
        Structure id to the volume of the mask that was scored.
    """

    scores: dict[str, Score] = field(default_factory=dict)
    volumes_ml: dict[str, float] = field(default_factory=dict)

    def are_of(self, volumes_ml: Mapping[str, float]) -> bool:
        """Whether masks of these volumes may be those that were scored.

        They are others if another model predicted, or with other rules of clean-up.
        """
        return all(
            math.isclose(volumes_ml[name], volume, rel_tol=1e-3, abs_tol=0.01)
            for name, volume in self.volumes_ml.items()
            if name in volumes_ml
        )


def read_case_scores(path: Path) -> dict[str, CaseScores]:
    """Read the table of cases that `imaging.evaluate` wrote: case id to its scores.

    Raises
    ------
    DataError
        If it is no such table.
    """
    found: dict[str, CaseScores] = {}
    try:
        for row in read_rows(path):
            case = found.setdefault(row["case"], CaseScores())
            dice = float(row["dice"]) if row["dice"] else None
            case.scores[row["structure"]] = Score(row["status"], dice)
            case.volumes_ml[row["structure"]] = float(row["volume_ml"])
    except (KeyError, ValueError, TypeError):
        raise DataError(f"{path}: is no table of scores; run `imaging.evaluate` again.") from None
    return found


def read_scores(path: Path) -> dict[str, Any]:
    """Read the scores that a half wrote over all cases.

    Raises
    ------
    DataError
        If the file is no JSON object.
    """
    value = read_json(path)
    if not isinstance(value, dict):
        raise DataError(f"{path}: holds no scores; evaluate again.")
    return value


def read_curve(path: Path, half: str) -> Curve:
    """Read a table of a training's progress, a row an epoch or step.

    Columns that hold no numbers are left out, and so are `seconds`.

    Raises
    ------
    DataError
        If it is no such table.
    """
    rows = list(read_rows(path))
    try:
        axis = next(name for name in ("epoch", "step") if rows and name in rows[0])
        columns = [name for name in rows[0] if name not in (axis, "seconds")]
        steps = tuple(float(row[axis]) for row in rows)
        series = {name: tuple(_numbers([row[name] for row in rows])) for name in columns}
    except (StopIteration, ValueError, TypeError, KeyError):
        raise DataError(f"{path}: is no table of a training; train again.") from None
    kept = {name: s for name, s in series.items() if any(value is not None for value in s)}
    return Curve(half, axis, steps, kept)


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a table: column to cell.

    Raises
    ------
    DataError
        If it is no CSV in UTF-8.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
    except UnicodeDecodeError:
        raise DataError(f"{path}: is no text in UTF-8.") from None
    except csv.Error as error:
        raise DataError(f"{path}: is no table ({error}).") from None


def _numbers(cells: Sequence[str]) -> Iterator[float | None]:
    for cell in cells:
        try:
            value = float(cell)
        except ValueError:
            yield None
        else:
            yield value if math.isfinite(value) else None
