"""Show spaCy's own check of a training configuration and its corpus, and keep what it said.

spaCy's `debug data` fails on fewer than 100 training documents, which a first cohort of one's own
often has; so its failure is told, and ends nothing. What must end the work is checked before:
the corpus by `text.convert`, the configuration by `text.dry_run`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cohort.base.cli import run
from cohort.base.configs import find_config
from cohort.base.errors import DataError, UsageError
from cohort.base.files import write_text
from cohort.provenance.note import note_made


def debug_data(config: Path, arguments: Sequence[str], output: Path | None = None) -> bool:
    """Run `python -m spacy debug data`; print and keep its report.

    Parameters
    ----------
    config
        A spaCy training configuration.
    arguments
        Overrides, as `spacy train` takes them.
    output
        File to write the report to.

    Returns
    -------
    bool
        Whether spaCy found nothing that it calls a failure.
    """
    line = [sys.executable, "-m", "spacy", "debug", "data", str(config), *arguments]
    result = subprocess.run(
        line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    )
    sys.stdout.write(result.stdout)
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_text(output, result.stdout)
    return result.returncode == 0


def main(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="spaCy training configuration.")],
    output: Annotated[Path | None, typer.Option(help="File to keep the report in.")] = None,
) -> None:
    """Show what spaCy's `debug data` says of a training configuration and its corpus.

    Values of the configuration can be changed in dotted form, as for `spacy train`:
    --paths.train corpus/text/train.spacy
    """
    if str(config).startswith("--"):
        raise UsageError(f"No such option: {config}.")
    config = find_config(config, "text")
    if not config.is_file():
        raise DataError(f"{config}: no such configuration file.")
    found_well = debug_data(config, context.args, output)
    if output:
        # Overrides name the corpus, as --paths.train and --paths.dev.
        named = [word.rpartition("=")[2] for word in context.args]
        corpus = [word for word in named if word.endswith(".spacy")]
        note_made(output.parent, [output.name], of=corpus, config=[config])
    if not found_well:
        Console(soft_wrap=True, highlight=False).print(
            "[yellow]Note:[/yellow] spaCy names failures above; the work goes on, since it calls "
            "fewer than 100 documents one."
        )


if __name__ == "__main__":
    run(main, extra_arguments=True)
