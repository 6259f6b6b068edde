"""How well the halves do: the scores and learning curves that they wrote."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cohort.base.errors import DataError
from cohort.base.files import open_table, read_json
from cohort.schema.problems import in_brackets, parse
from cohort.schema.scores import PipelineScores, ScoresFile
from hich.report.messages import CheckSentence
from hich.report.model.cohort import Curve
from hich.report.model.masks import MaskScore
from text.training.learning_curve import mean_losses, read_log

T = TypeVar("T")


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

    scores: dict[str, MaskScore] = field(default_factory=dict)
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
        If it is not such a table.
    """
    found: dict[str, CaseScores] = {}
    try:
        for row in read_rows(path):
            case = found.setdefault(row["case"], CaseScores())
            dice = float(row["dice"]) if row["dice"] else None
            case.scores[row["structure"]] = MaskScore(row["status"], dice)
            if row["volume_ml"]:  # none where the spacing is in doubt
                case.volumes_ml[row["structure"]] = float(row["volume_ml"])
    except (KeyError, ValueError, TypeError):
        raise DataError(
            f"{path}: is not a table of scores; run `imaging.evaluate` again."
        ) from None
    return found


def read_imaging_scores(path: Path) -> ScoresFile:
    """Read the scores that `imaging.evaluate` wrote over all cases.

    Raises
    ------
    DataError
        Naming what is wrong with the file.
    """
    return _read_scores(ScoresFile, path)


def read_text_scores(path: Path) -> PipelineScores:
    """Read the scores that `spacy evaluate` wrote.

    Raises
    ------
    DataError
        Naming what is wrong with the file.
    """
    return _read_scores(PipelineScores, path)


def _read_scores(kind: type[T], path: Path) -> T:
    scores, problems = parse(kind, read_json(path))
    if scores is None:
        raise DataError(f"{path}: holds no scores {in_brackets(problems)}; evaluate again.")
    return scores


def evaluation_notes(scores: ScoresFile | None) -> dict[str, tuple[CheckSentence, ...]]:
    """Return what `imaging.evaluate` noted on the files of each case."""
    found: dict[str, tuple[CheckSentence, ...]] = {}
    for note in scores.notes if scores else ():
        if note.case is not None:
            said = CheckSentence(note.kind, note.what)
            found[note.case] = (*found.get(note.case, ()), said)
    return found


def read_imaging_curve(path: Path) -> Curve:
    """Read the table that `imaging.train` writes, a row per epoch.

    Columns that hold no numbers are left out, and so are `seconds`.

    Raises
    ------
    DataError
        If it is not such a table.
    """
    rows = list(read_rows(path))
    try:
        steps = tuple(float(row["epoch"]) for row in rows)
        names = [name for name in rows[0] if name not in ("epoch", "seconds")]
        series = {name: tuple(_numbers([row[name] for row in rows])) for name in names}
    except (IndexError, ValueError, TypeError, KeyError):
        raise DataError(f"{path}: is not a table of a training; train again.") from None
    kept = {name: s for name, s in series.items() if any(value is not None for value in s)}
    return Curve("imaging", "epoch", steps, kept)


def read_text_curve(path: Path) -> Curve:
    """Read the log that `spacy train` writes, a line per evaluation (`text.training.log`).

    Scores are from 0 to 1; losses are means over the batches since the evaluation before, as
    `loss`, or as `loss_<component>` where several components learn.

    Raises
    ------
    DataError
        If it is no such log.
    """
    log = read_log(path)
    means = mean_losses(log)
    series: dict[str, tuple[float | None, ...]] = {
        "loss" if len(means) == 1 else f"loss_{name}": tuple(losses)
        for name, losses in means.items()
    }
    for name in log[0].scores:
        scores = [step.scores.get(name) for step in log]
        series[name] = tuple(None if score is None else score / 100 for score in scores)
    return Curve("text", "step", tuple(float(step.step) for step in log), series)


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a table: column to cell.

    Raises
    ------
    DataError
        If it is not CSV in UTF-8.
    """
    try:
        with open_table(path) as file:
            yield from csv.DictReader(file)
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8 text.") from None
    except csv.Error as error:
        raise DataError(f"{path}: is not a table ({error}).") from None


def _numbers(cells: Sequence[str]) -> Iterator[float | None]:
    for cell in cells:
        try:
            value = float(cell)
        except ValueError:
            yield None
        else:
            yield value if math.isfinite(value) else None
