"""Check a training configuration and its corpus with spaCy's `debug data`, small corpora allowed.

Run `python -m text.debug_data --help`. It differs from `python -m spacy debug data` in two things:
fewer than 100 training documents are a warning, not a failure that stops the workflow, since a
first cohort of one's own has a few dozen records; and the entities are reported for `hich_ner` as
for spaCy's own `ner`. All other failures stay failures.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from unittest.mock import patch

import typer

from cohort.base.cli import run
from cohort.base.errors import DataError, UsageError

if TYPE_CHECKING:
    from spacy.language import Language

RECOGNIZER = "hich_ner"


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
    try:
        with ExitStack() as patches:
            for name, value in _changes(module).items():
                patches.enter_context(patch.object(module, name, value))
            module.debug_data(
                config, config_overrides=dict(overrides), no_format=False, silent=False
            )
    except SystemExit as end:
        if end.code:
            raise DataError(f"{config}: spaCy's report above names failures; mend them.") from None
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{config}: cannot be checked ({reason}).") from error


def _changes(module: Any) -> dict[str, Any]:
    """Return what is changed in spaCy's module while it checks: name to value."""
    count, labels_of = module._compile_gold, module._get_labels_from_model

    def count_entities(examples: Any, factories: list[str], *rest: Any, **options: Any) -> Any:
        # The list is spaCy's own: it asks it again when it comes to the entities.
        if RECOGNIZER in factories and "ner" not in factories:
            factories.append("ner")
        return count(examples, factories, *rest, **options)

    def labels_of_both(nlp: Language, factory: str) -> set[str]:
        more = labels_of(nlp, RECOGNIZER) if factory == "ner" else set()
        return labels_of(nlp, factory) | more

    return {
        "BLANK_MODEL_MIN_THRESHOLD": 1,
        "_compile_gold": count_entities,
        "_get_labels_from_model": labels_of_both,
    }


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
