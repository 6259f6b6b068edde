"""`python -m hich.project all --vars.cases 6`: `spacy project run`, its variables checked first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from cohort.base.cli import run
from cohort.base.errors import UsageError
from hich.project.variables import meant, read_project, told_apart


def main(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORKFLOW|STEP",
            help="Workflow of project.yml, or a step alone.",
            show_default="all",
        ),
    ] = None,
) -> None:
    """Run a workflow of project.yml with `spacy project run`, its variables checked first.

    Variables are set as --vars.NAME VALUE.
    """
    project = read_project(Path("project.yml"))
    names, variables, options = told_apart(words or (), project["vars"])
    # The folder, which stands behind the name in the words of `spacy project run`.
    name, *others = [names[0], *names[2:]] if names[1:2] == ["."] else names or ["all"]
    steps = [command["name"] for command in project["commands"]]
    if name not in (*project["workflows"], *steps):
        raise UsageError(
            f"{name}: no such workflow or step{meant(name, [*project['workflows'], *steps])} "
            f"There are the workflows {', '.join(project['workflows'])}, and the steps "
            f"{', '.join(steps)}."
        )
    if others:
        raise UsageError(f"{others[0]}: name one workflow or step, and variables by --vars.NAME.")
    line = [sys.executable, "-m", "spacy", "project", "run", name, ".", *options, *variables]
    raise SystemExit(subprocess.run(line).returncode)


if __name__ == "__main__":
    run(main, extra_arguments=True)
