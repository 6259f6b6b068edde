"""`spacy evaluate`, run as it is; then it is noted beside the scores how they were made.

spaCy's `evaluate`, unlike its `train`, calls nothing of a project's that could note it.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import typer

from cohort.base.cli import run
from cohort.provenance.note import note_made


def main(context: typer.Context) -> None:
    """Run `python -m spacy evaluate` with these arguments, and note how its scores were made."""
    own, sys.argv = sys.argv, ["spacy", "evaluate", *context.args]
    try:
        runpy.run_module("spacy", run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise
    sys.argv = own
    if output := _value(context.args, "--output", "-o"):
        model, corpus = context.args[:2]
        device = _value(context.args, "--gpu-id", "-g") or "cpu"
        path = Path(output)
        note_made(path.parent, [path.name], of=[model, corpus], device=device)


def _value(words: list[str], *names: str) -> str | None:
    """Return the value of an option, by any of its names."""
    for word, after in zip(words, [*words[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else after
    return None


if __name__ == "__main__":
    run(main, extra_arguments=True)
