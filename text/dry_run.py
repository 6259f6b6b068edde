"""Try out a spaCy training configuration and a GPU on two made-up records, before hours of work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import run
from cohort.base.configs import find_config
from cohort.base.devices import DeviceOption, parse_device
from cohort.base.errors import DataError, UsageError, reason

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.training import Example

RECORDS = (
    ("突发头痛3小时，血压179/95mmHg。", 2, 4),
    ("左侧基底节区出血，量约14ml。", 0, 6),
)
"""Text of a record, and where an entity begins and ends in it."""


def rehearse(config: Path, overrides: Mapping[str, Any]) -> list[str]:
    """Make sure that `spacy train` can work as the file `config` says; the corpus is not needed.

    The pipeline is built, initialised, and trained for a step on two made-up records.

    Parameters
    ----------
    config
        A spaCy training configuration.
    overrides
        Dotted key to value, as in `{"training.max_epochs": 5}`.

    Returns
    -------
    list of str
        The pipeline's components.

    Raises
    ------
    DataError
        Naming what doesn't fit, in spaCy's words.
    """
    from confection import ConfigValidationError

    from text.model.pipeline import missing_package

    try:
        return _rehearse(config, overrides)
    except ConfigValidationError as error:
        wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors or ()]
        raise DataError(f"{config}: {'; '.join(wrong) or reason(error)}.") from None
    except Exception as error:  # whatever spaCy, or a model that it loads, makes of the values
        missing = missing_package(reason(error))
        raise DataError(f"{config}: {missing or f'cannot be trained ({reason(error)})'}.") from None


def _rehearse(config: Path, overrides: Mapping[str, Any]) -> list[str]:
    from spacy.schemas import ConfigSchemaTraining
    from spacy.training import Example
    from spacy.training.loop import (
        create_evaluation_callback,
        create_train_batches,
        train_while_improving,
    )
    from spacy.util import load_config, load_model_from_config, registry, resolve_dot_names

    # The corpus need not be there; a reader only asks for its name.
    parts = {f"paths.{name}": f"{name}.spacy" for name in ("train", "dev")}
    raw = load_config(config, overrides={**parts, **overrides}, interpolate=False)
    nlp = load_model_from_config(raw, auto_fill=True)
    filled = nlp.config.interpolate()
    training = registry.resolve(filled["training"], schema=ConfigSchemaTraining)
    resolve_dot_names(filled, [training["train_corpus"], training["dev_corpus"]])
    examples = []
    for text, start, end in RECORDS:
        gold = nlp.make_doc(text)
        gold.ents = [span for span in [gold.char_span(start, end, "ENTITY")] if span]
        examples.append(Example(nlp.make_doc(text), gold))
    if not 0 <= training["dropout"] < 1:
        raise ValueError(f"training.dropout: a share from 0 to below 1, not {training['dropout']}")

    def corpus(_: Language) -> Iterator[Example]:
        return iter(examples)

    nlp.initialize(lambda: examples, sgd=training["optimizer"])
    options = (
        *("dropout", "accumulate_gradient", "patience", "max_steps", "eval_frequency"),
        *("annotating_components", "before_update"),
    )
    steps = train_while_improving(
        nlp,
        training["optimizer"],
        create_train_batches(nlp, corpus, training["batcher"], training["max_epochs"]),
        create_evaluation_callback(nlp, corpus, training["score_weights"]),
        exclude=training["frozen_components"],
        **{name: training[name] for name in options},
    )
    next(steps)
    return list(nlp.pipe_names)


def main(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="spaCy training configuration.")],
    device: DeviceOption = "cpu",
) -> None:
    """Try out a spaCy training configuration and a GPU on made-up records; nothing is written.

    For the first step of a long job. Values of the configuration can be changed in dotted form,
    as for `spacy train`: --training.max_epochs 5
    """
    if str(config).startswith("--"):
        raise UsageError(f"No such option: {config}.")
    from spacy.cli._util import parse_config_overrides

    overrides = parse_config_overrides(context.args)
    try_out(config, overrides, device, Console(soft_wrap=True, highlight=False))


def try_out(
    config: Path, overrides: Mapping[str, Any], device: str | int, console: Console
) -> None:
    """Train a step on made-up records, and say on `console` that it works.

    Parameters
    ----------
    config, overrides
        See `rehearse`.
    device
        As `cohort.base.devices` has it: `cpu`, `cuda:1`, … or a number of a GPU.

    Raises
    ------
    DataError, UsageError
        Naming what doesn't fit.
    """
    config = find_config(config, "text")
    if not config.is_file():
        raise DataError(f"{config}: no such configuration file.")
    from text.model.device import use_device

    use_device(device)
    names = rehearse(config, overrides)
    kind, number, _ = parse_device(device)
    place = kind if kind != "cuda" else f"GPU {number}"
    what = escape(f"{config}: {', '.join(names)} can be trained on {place}")
    console.print(f"[green]✔[/green] {what}")


if __name__ == "__main__":
    run(main, extra_arguments=True)
