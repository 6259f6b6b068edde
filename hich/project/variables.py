"""project.yml, and its variables as they are set on the command line.

weasel takes a variable that project.yml doesn't have without a word, so that a mistyped one runs
for hours with the value that it was meant to replace.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from cohort.base.errors import DataError, UsageError, reason

_VARIABLE = "--vars."


def read_project(path: Path) -> dict[str, Any]:
    """Return what stands in a project.yml.

    Raises
    ------
    DataError
        If there is none, or it is another project's.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; work in the project's folder.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: is not YAML ({reason(error)}).") from None
    if isinstance(found, dict):
        kinds = {"vars": dict, "commands": list, "workflows": dict}
        if all(isinstance(found.get(key), kind) for key, kind in kinds.items()):
            return found
    raise DataError(f"{path}: is not this project's (no vars, commands and workflows).")


class ProjectWords(NamedTuple):
    """The words of a command line, told apart wherever they stand.

    Attributes
    ----------
    names
        What is neither a variable nor an option: of a step, a remote.
    variables
        `--vars.NAME VALUE` or `--vars.NAME=VALUE`, as weasel reads them.
    options
        All other words that begin with a hyphen.
    """

    names: list[str]
    variables: list[str]
    options: list[str]


def told_apart(words: Iterable[str], variables: Iterable[str]) -> ProjectWords:
    """Tell names, variables and options apart.

    Parameters
    ----------
    words
        Of the command line.
    variables
        Names of those that the project has.

    Raises
    ------
    UsageError
        If a variable is not the project's, or has no value.

    Examples
    --------
    >>> told_apart(["--vars.cases", "6", "check", "--dry"], ["cases"])
    ProjectWords(names=['check'], variables=['--vars.cases', '6'], options=['--dry'])
    """
    known = list(variables)
    found = ProjectWords([], [], [])
    left = iter(words)
    for word in left:
        if not word.startswith(_VARIABLE):
            (found.options if word.startswith("-") else found.names).append(word)
            continue
        variable, given, _ = word.removeprefix(_VARIABLE).partition("=")
        if variable not in known:
            raise UsageError(
                f"--vars.{variable}: no such variable{meant(variable, known)} The project has "
                f"{', '.join(known)}."
            )
        found.variables.append(word)
        if given:
            continue
        value = next(left, "--")
        if value.startswith("--"):  # weasel would take it as "true"
            raise UsageError(f"{word}: has no value; say {word} VALUE.")
        found.variables.append(value)
    return found


def meant(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence on an unknown name, with the one that was likely meant."""
    near = get_close_matches(name, known, 1)
    return f"; is {near[0]} meant?" if near else "."
