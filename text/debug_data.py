"""Check a training configuration and its corpus with spaCy's `debug data`, small corpora allowed.

Run `python -m text.debug_data --help`. It differs from `python -m spacy debug data` in one thing:
fewer than 100 training documents are a warning, not a failure that stops the workflow, since a
first cohort of one's own has a few dozen records. All other failures stay failures.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from cohort.cli import run
from cohort.errors import DataError, UsageError


def debug_data(config: Path, overrides: Mapping[str, Any]) -> None:
    """Print spaCy's report on the corpus of `config`.

    Parameters
    ----------
    config
        A spaCy training configuration.
    overrides
        Dotted key to value, as in `{"paths.train": "corpus/text/train.spacy"}`.

    Raises
    ------
    DataError
        If the configuration or the corpus cannot be read, or has failures; the report names them.
    """
    # As an attribute of `spacy.cli`, `debug_data` is the function, not the module it stands in.
    module: Any = import_module("spacy.cli.debug_data")
    few = module.BLANK_MODEL_MIN_THRESHOLD
    module.BLANK_MODEL_MIN_THRESHOLD = 1
    try:
        module.debug_data(config, config_overrides=dict(overrides), no_format=False, silent=False)
    except SystemExit as end:
        if end.code:
            raise DataError(f"{config}: spaCy's report above names failures; mend them.") from None
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{config}: cannot be checked ({reason}).") from error
    finally:
        module.BLANK_MODEL_MIN_THRESHOLD = few


def main(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="spaCy training configuration.")],
) -> None:
    """Check a spaCy training configuration and its corpus.

    Values of the configuration can be changed in dotted form, as for `spacy train`:
    --paths.train corpus/text/train.spacy
    """
    if str(config).startswith("--"):
        raise UsageError(f"No such option: {config}.")
    if not config.is_file():
        raise DataError(f"{config}: no such configuration file.")
    from spacy.cli._util import parse_config_overrides

    debug_data(config, parse_config_overrides(context.args))


if __name__ == "__main__":
    run(main, extra_arguments=True)
