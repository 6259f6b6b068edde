"""What people write about a model that is given away: how it was made, and what it is for.

Figures don't stand there: they come from files of metrics, so that none is typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

from cohort.base.errors import DataError, raise_all
from cohort.schema.problems import Integer, Number, parse, refuse
from cohort.schema.scans.model_errors import Interval

_CLOSED = ConfigDict(extra="forbid", defer_build=True)


def _without_figures(sentence: str) -> str:
    if re.search(r"\d[.,]\d|\d ?%", sentence):
        raise refuse(f"{sentence!r} holds a figure; name the file of metrics that it stands in.")
    return sentence


Sentence = Annotated[str, AfterValidator(_without_figures)]


@dataclass(frozen=True, config=_CLOSED)
class Figure:
    """A figure of a model.

    Attributes
    ----------
    on
        What was scored, in words.
    what
        What it is a figure of, with its unit.
    value
        The figure.
    ci95
        Its 95 % confidence interval; null where there is none.
    n
        How many cases, slices or lesions it is of.
    """

    on: str
    what: str
    value: Number
    ci95: Interval = None
    n: Integer | None = None


@dataclass(frozen=True, config=_CLOSED)
class ScoredPart:
    """A part of a cohort that the model was scored on.

    Attributes
    ----------
    what
        Which cases, in words; how to make them again.
    scores
        `<part>.json` of `imaging.evaluate`; its `<part>_cases.csv` lies beside it.
    """

    what: str
    scores: str


@dataclass(frozen=True, config=_CLOSED)
class Recipe:
    """What is said about a model that no file of metrics tells.

    Attributes
    ----------
    trained_on
        What its training cases are, as the end of "trained on …": stands in each result.
    training
        Sentences on what it was trained on, and how.
    seeds
        What has a seed, to the seed.
    commands
        Command lines that make it again, in order.
    tests
        What it was scored on. The errors of volumes and shift are those of the first.
    intended_use, fails
        Sentences on what it is for, and on where it fails.
    figures
        JSON files with a list of further figures.
    sources
        Whose data went into it, with licence and how to cite them.
    withheld
        Structure to why the model isn't believed about it, as the end of "the model has not learnt
        it: …": it is then told nothing of.
    """

    trained_on: Sentence
    training: tuple[str, ...]
    seeds: Mapping[str, Integer]
    commands: tuple[str, ...]
    tests: Annotated[tuple[ScoredPart, ...], Field(min_length=1)]
    intended_use: tuple[Sentence, ...]
    fails: tuple[Sentence, ...]
    figures: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    withheld: Mapping[str, Sentence] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Recipe:
        """Read the YAML file `path`.

        Raises
        ------
        DataError
            Listing all that is wrong with it.
        """
        try:
            value = yaml.safe_load(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise DataError(f"{path}: no such file.") from None
        except (yaml.YAMLError, UnicodeDecodeError):
            raise DataError(f"{path}: is not valid YAML.") from None
        recipe, problems = parse(cls, value)
        raise_all([f"{path}: {problem}" for problem in problems])
        assert recipe is not None
        return recipe
