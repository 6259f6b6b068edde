"""The figures of a model card, from files of metrics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cohort.base.errors import DataError, raise_all
from cohort.base.files import read_json
from cohort.facts.structures import BY_ID
from cohort.schema.problems import Names, parse
from cohort.schema.scores import MethodAgreement, ScoresFile, Spread, StructureSummary
from imaging.boxing.recipe import Figure


def read_scores(path: Path) -> ScoresFile:
    """Read `<part>.json` of `imaging.evaluate`; raises `DataError` if it is something else."""
    summary, problems = parse(ScoresFile, read_json(path))
    raise_all([f"{path}: {problem}" for problem in problems])
    assert summary is not None
    return summary


def figures_of(summary: ScoresFile, on: str) -> list[Figure]:
    """Return the figures of an evaluation on the test that is called `on`."""
    found = []
    for name, scored in summary.structures.items():
        called = BY_ID[name].name_en if name in BY_ID else name
        found += [
            Figure(on, f"{called}: {what}", value, ci95, n)
            for what, value, ci95, n in _of_structure(scored)
            if value is not None
        ]
    return found


def read_figures(path: Path) -> list[Figure]:
    """Read a JSON file of figures: a list, each with `on`, `what`, `value`, `ci95` and `n`.

    Raises
    ------
    DataError
        Listing all that is wrong with it.
    """
    value = read_json(path)
    if not isinstance(value, list):
        raise DataError(f"{path}: must be a list of figures.")
    read = [parse(Figure, one, Names()) for one in value]
    raise_all([f"{path}: figure {k + 1}: {p}" for k, (_, said) in enumerate(read) for p in said])
    return [one for one, _ in read if one is not None]


_Row = tuple[str, float | None, tuple[float, float] | None, int | None]


def _of_structure(scored: StructureSummary) -> Iterator[_Row]:
    for what, spread in (
        ("Dice", scored.dice),
        ("surface Dice at 2 mm", scored.nsd_2mm),
        ("HD95, mm", scored.hd95_mm),
    ):
        yield _mean(what, spread)
    if scored.shift:
        yield from _agreement("midline shift", "mm", scored.shift.agreement)
    elif scored.volume_agreement:
        yield from _agreement("volume", "mL", scored.volume_agreement)
    if scored.lesions:
        counts = scored.lesions
        found = counts.sensitivity, counts.sensitivity_ci95, counts.reference
        yield "lesions that are found, share", *found
        yield (
            "lesions reported that are there, share",
            *(
                counts.precision,
                counts.precision_ci95,
                counts.predicted,
            ),
        )
    if scored.bleed_free:
        free = scored.bleed_free
        yield (
            "cases without a bleed where none is reported, share",
            *(
                free.share,
                free.ci95,
                free.cases,
            ),
        )


def _mean(what: str, spread: Spread) -> _Row:
    return what, spread.mean, spread.ci95, spread.n


def _agreement(what: str, unit: str, found: MethodAgreement) -> Iterator[_Row]:
    yield f"{what}, mean absolute error, {unit}", found.mae, found.mae_ci95, found.n
    yield f"{what}, bias, {unit}", found.bias, found.bias_ci95, found.n
    lower, upper = found.limits or (None, None)
    yield f"{what}, lower limit of agreement, {unit}", lower, found.lower_limit_ci95, found.n
    yield f"{what}, upper limit of agreement, {unit}", upper, found.upper_limit_ci95, found.n
    yield f"{what}, concordance", found.ccc, found.ccc_ci95, found.n
    yield f"{what}, intraclass correlation", found.icc, found.icc_ci95, found.n
