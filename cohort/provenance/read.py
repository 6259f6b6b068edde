"""Reading `provenance.json`, from a file that was made to what made it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cohort.base.code.contents import PROVENANCE
from cohort.base.errors import DataError, raise_all
from cohort.base.files import read_json
from cohort.schema.problems import parse
from cohort.schema.provenance import MadeBy, Provenance


def read_provenance(folder: Path) -> Provenance | None:
    """Return how files in `folder` were made; None if nothing tells, or what does is damaged."""
    try:
        return load_provenance(folder)
    except DataError:
        return None


def load_provenance(folder: Path) -> Provenance | None:
    """Return what is known of how files in `folder` were made; None if there is no such file.

    Raises
    ------
    DataError
        If there is one, and it is damaged.
    """
    path = folder / PROVENANCE
    if not path.is_file():
        return None
    found, problems = parse(Provenance, read_json(path))
    raise_all([f"{path}: {problem}" for problem in problems])
    return found


def is_provenance(path: Path) -> bool:
    """Return whether a file says how others were made, or is damaged, by its name and content.

    A case may be called `provenance`, and its results `provenance.json`.
    """
    if path.name != PROVENANCE or not path.is_file():
        return False
    try:
        value = read_json(path)
    except DataError:
        return True
    return isinstance(value, dict) and "runs" in value


class ToldBy(NamedTuple):
    """What made a file, or what a folder holds.

    Attributes
    ----------
    folder
        Where it is told.
    said
        All that is told there.
    runs
        Those of it that made the file.
    """

    folder: Path
    said: Provenance
    runs: list[MadeBy]


def behind(path: Path) -> ToldBy | None:
    """Return what made a file or a folder, from the nearest provenance that knows; None if none.

    Raises
    ------
    DataError
        If a provenance on the way is damaged.
    """
    whole = path.absolute()
    for folder in ([whole] if whole.is_dir() else []) + list(whole.parents):
        if (found := load_provenance(folder)) is not None:
            name = whole.relative_to(folder).as_posix()
            runs = [run for run in found.runs if list(made_in(run, name))]
            if runs:
                return ToldBy(folder, found, runs)
    return None


def made_in(run: MadeBy, name: str) -> Iterator[str]:
    """Yield those of a run's files that are `name`, or lie in the folder of that name."""
    for one in run.made:
        if name in (".", one) or one.startswith(f"{name}/"):
            yield one


def runs_behind(path: Path) -> list[MadeBy]:
    """Return the runs that made a file or a folder, as far as that is known."""
    try:
        found = behind(path)
    except DataError:
        return []
    return found.runs if found else []
