"""`python -m hich.project all --vars.cases 6`: `spacy project run`, its variables checked first.

weasel takes a variable that project.yml doesn't have without a word, so that a mistyped one runs
for hours with the value that it was meant to replace.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from cohort.base.cli import run
from cohort.base.errors import DataError, UsageError, reason


def main(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(metavar="[WORKFLOW|STEP]", help="Workflow of project.yml, or a step alone."),
    ] = "all",
) -> None:
    """Run a workflow of project.yml with `spacy project run`, its variables checked first.

    Variables are set as --vars.NAME VALUE.
    """
    project = _read_project(Path("project.yml"))
    # The folder, which stands behind the name in the words of `spacy project run`.
    others = context.args[1:] if context.args[:1] == ["."] else context.args
    for word, after in zip(others, [*others[1:], "--"], strict=False):
        if not word.startswith("--vars."):
            continue
        variable, given, _ = word.removeprefix("--vars.").partition("=")
        if variable not in project["vars"]:
            known = ", ".join(project["vars"])
            raise UsageError(
                f"--vars.{variable}: no such variable{_meant(variable, project['vars'])} The "
                f"project has {known}."
            )
        if not given and after.startswith("--"):  # weasel takes it as "true"
            raise UsageError(f"{word}: has no value; say {word} VALUE.")
    steps = [command["name"] for command in project["commands"]]
    if name not in (*project["workflows"], *steps):
        raise UsageError(
            f"{name}: no such workflow or step{_meant(name, [*project['workflows'], *steps])} "
            f"There are the workflows {', '.join(project['workflows'])}, and the steps "
            f"{', '.join(steps)}."
        )
    line = [sys.executable, "-m", "spacy", "project", "run", name, ".", *others]
    raise SystemExit(subprocess.run(line).returncode)


def _read_project(path: Path) -> dict[str, Any]:
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


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f"; is {near[0]} meant?" if near else "."


if __name__ == "__main__":
    run(main, extra_arguments=True)
