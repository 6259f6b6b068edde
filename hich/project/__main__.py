"""`python -m hich.project all --vars.cases 6`: `spacy project run`, its variables checked first.

weasel takes a variable that project.yml doesn't have without a word, so that a mistyped one runs
for hours with the value that it was meant to replace.
"""

from __future__ import annotations

import subprocess
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer
import yaml

from cohort.base.cli import run
from cohort.base.errors import DataError, UsageError


def main(
    context: typer.Context,
    workflow: Annotated[str, typer.Argument(help="Workflow of project.yml.")] = "all",
) -> None:
    """Run a workflow of project.yml with `spacy project run`, its variables checked first.

    Variables are set as --vars.NAME VALUE.
    """
    try:
        project = yaml.safe_load(Path("project.yml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError("project.yml: no such file; work in the project's folder.") from None
    for word in context.args:
        name = word.removeprefix("--vars.").partition("=")[0]
        if word.startswith("--vars.") and name not in project["vars"]:
            likely = get_close_matches(name, project["vars"], 1)
            meant = f"; is {likely[0]} meant?" if likely else ""
            known = ", ".join(project["vars"])
            raise UsageError(f"--vars.{name}: no such variable{meant} The project has {known}.")
    if workflow not in project["workflows"]:
        raise UsageError(
            f"{workflow}: no such workflow; there are {', '.join(project['workflows'])}."
        )
    line = [sys.executable, "-m", "spacy", "project", "run", workflow, ".", *context.args]
    raise SystemExit(subprocess.run(line).returncode)


if __name__ == "__main__":
    run(main, extra_arguments=True)
