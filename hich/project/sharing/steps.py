"""The steps of project.yml whose results are shared, and which of them are current.

weasel's own `push` and `pull` go by what is there: `push` takes a model of yesterday's code for
one of today's, and `pull` writes an old file that is in its way into project.lock as the new one.
So here a result is pushed only if `spacy project run` would skip its step and all steps that it
rests on, and is pulled in place of one that is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cohort.base.code.contents import FOLDER
from cohort.base.errors import DataError
from hich.project import data, made
from hich.project.code import note_code

_OF_THE_COHORT = "cohort.synthesize"
"""The cohort is not shared: whoever pulls has it, or the results would not be of the same."""
_LAYOUT = "hich-results-1"
"""Part of each hash, so that what weasel's own `push` left there is never taken for a result."""


class SharedStep(NamedTuple):
    """A step of project.yml.

    Attributes
    ----------
    command
        As weasel has it, its variables filled in.
    results
        Files and folders that it makes.
    folders
        Those of them that are noted by what they hold, in `.fingerprints/made`.
    current
        Whether they are there, made of what is there now.
    rests_on
        Name of the first step before it that is not current; None if all are.
    """

    command: dict[str, Any]
    results: tuple[Path, ...]
    folders: tuple[Path, ...]
    current: bool
    rests_on: str | None

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.command["name"])

    @property
    def inputs(self) -> str:
        """Hash of its script and of all that it depends on."""
        from weasel.cli.remote_storage import get_command_hash

        deps = [Path(dep) for dep in self.command["deps"]]
        return str(get_command_hash(_LAYOUT, "", deps, self.command["script"]))


def note_inputs(variables: Mapping[str, Any]) -> list[str]:
    """Note what the code, the settings and the cohort are now; return what was forgotten for it.

    Raises
    ------
    DataError
        If a configuration or the cohort cannot be read.
    """
    note_code(
        Path(f"configs/imaging/{variables['imaging_config']}.yaml"),
        Path(f"configs/text/{variables['text_config']}.cfg"),
    )
    forgotten = list(made.forget_changed())
    data.note(Path(str(variables["cohort"])))
    return forgotten


def shared_steps(project: Mapping[str, Any]) -> Iterator[SharedStep]:
    """Yield the steps whose results are shared, in order: those of the whole job.

    Each is looked at when it is asked for: what was pulled for the step before counts.
    """
    maker: dict[str, str] = {}  # of an output, if it is not current
    for command in project["commands"]:
        name = command["name"]
        shared = name in project["workflows"]["all"] and name != _OF_THE_COHORT
        if command.get("no_skip") or not shared:
            continue
        rests_on = next((maker[dep] for dep in command["deps"] if dep in maker), None)
        yield _step(command, _is_current(command), rests_on)
        if rests_on or not _is_current(command):
            maker |= dict.fromkeys(command["outputs"], name)


def _is_current(command: dict[str, Any]) -> bool:
    """Return whether `spacy project run` would skip a step whose results are all there."""
    from weasel.cli.run import check_rerun

    there = all(Path(name).exists() for name in (*command["deps"], *command["outputs"]))
    return there and not check_rerun(Path(), command)


def _step(command: dict[str, Any], current: bool, rests_on: str | None) -> SharedStep:
    results, folders = [], []
    for output in map(Path, command["outputs"]):
        noted = output.is_relative_to(FOLDER)
        result = made.folder_of(output) if noted else output
        if result.is_absolute() or ".." in result.parts:
            raise DataError(f"{result}: lies outside of the project, so it can't be shared.")
        results.append(result)
        folders += [result] if noted else []
    return SharedStep(command, tuple(results), tuple(folders), current, rests_on)
