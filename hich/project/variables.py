"""project.yml, and its variables as they are set on the command line.

weasel takes a variable that project.yml doesn't have without a word, so that a mistyped one runs
for hours with the value that it was meant to replace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from cohort.base.errors import DataError, UsageError, reason


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


def refuse_unknown(words: Sequence[str], variables: Iterable[str]) -> None:
    """Refuse variables that a project doesn't have, and those without a value.

    Raises
    ------
    UsageError
        If there is one among the words.
    """
    known = list(variables)
    for word, after in zip(words, [*words[1:], "--"], strict=False):
        if not word.startswith("--vars."):
            continue
        variable, given, _ = word.removeprefix("--vars.").partition("=")
        if variable not in known:
            raise UsageError(
                f"--vars.{variable}: no such variable{meant(variable, known)} The project has "
                f"{', '.join(known)}."
            )
        if not given and after.startswith("--"):  # weasel takes it as "true"
            raise UsageError(f"{word}: has no value; say {word} VALUE.")


def meant(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence on an unknown name, with the one that was likely meant."""
    near = get_close_matches(name, known, 1)
    return f"; is {near[0]} meant?" if near else "."
