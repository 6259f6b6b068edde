"""The parts of a training that its configuration describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from monai.bundle.config_parser import ConfigParser

from cohort.base.errors import DataError, raise_all, reason
from imaging.model.postprocess import Postprocess
from imaging.scans.datalist import EXPORT_ADVICE
from imaging.scans.preprocess import Preprocess

NEEDED = {
    "augment": ("__call__", "seed"),
    "loss": ("forward", "to"),
    "optimizer": ("param_groups", "step"),
    "lr_scheduler": ("step",),
}
"""Section to what a training needs of that which it builds."""
LENGTH_OF_SCHEDULE = ("t_total", "warmup_steps", "total_steps", "T_max")
"""What schedulers call what follows from the number of steps."""


def instantiate(
    config: Mapping[str, Any], network: torch.nn.Module, steps: int, device: torch.device
) -> dict[str, Any]:
    """Build what the configuration describes besides the network.

    Parameters
    ----------
    config
        Training configuration; its expressions may use `@network`, `@steps` and `@device`.
    network, steps, device
        What is trained, the number of steps in all, and where.

    Returns
    -------
    dict
        `augment`, `loss`, `optimizer` and `lr_scheduler`.

    Raises
    ------
    DataError
        Naming each section that is missing, whose class refuses its arguments, or that builds
        something else.
    """
    parser = ConfigParser(dict(config))
    parser["network"] = network
    parser["steps"] = steps
    parser["device"] = device
    parts: dict[str, Any] = {}
    problems: list[str] = []
    for section in NEEDED:
        if section == "lr_scheduler" and "optimizer" not in parts:
            continue  # it takes the optimizer
        try:
            parts[section] = _built(parser, section)
        except DataError as error:
            problems += error.problems
    raise_all(problems)
    return parts


def _built(parser: ConfigParser, section: str) -> Any:
    if parser.get(section) is None:
        raise DataError(f"lacks the section '{section}'.")
    try:
        built = parser.get_parsed_content(section)
    except Exception as error:  # whatever a class makes of wrong arguments
        cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
        raise DataError(f"section '{section}' can't be built: {reason(cause)}.") from None
    lacking = [name for name in NEEDED[section] if not hasattr(built, name)]
    if lacking:
        raise DataError(
            f"section '{section}' builds {type(built).__name__}, "
            f"which has no '{lacking[0]}'; name another class in '_target_'."
        )
    return built


def check_sections(
    config: Mapping[str, Any], corpus: Path, preprocessed: Mapping[str, Any]
) -> None:
    """Raise `DataError` if the configuration and a corpus, so preprocessed, don't fit."""
    Postprocess.from_config(config.get("postprocess"))  # refused now, not after the training
    wanted = Preprocess.from_config(config.get("preprocess") or {})
    try:
        exported = Preprocess.from_config(preprocessed)
    except DataError:
        exported = None  # it is the corpus that is wrong, not the configuration
    if exported != wanted:
        raise DataError(
            f"{corpus}: was exported with other windows or another spacing than the "
            f"configuration's; {EXPORT_ADVICE.format(folder=corpus)}."
        )


def refuse_short_schedule(scheduler: Any, steps: int) -> None:
    """Refuse a schedule that ends before the training does.

    OneCycleLR raises once its steps are over; other schedules go on with what they came to.
    """
    total = vars(scheduler).get("total_steps")
    if isinstance(total, int) and total < steps:
        raise DataError(
            f"The configuration: section 'lr_scheduler': 'total_steps' is {total}, but the "
            f'training takes {steps} steps; set it to "@steps".'
        )


@contextmanager
def length_kept(scheduler: Any) -> Iterator[None]:
    """Keep a schedule's length while its state is loaded: the epochs may have been raised since."""
    own = vars(scheduler)
    length = {key: own[key] for key in LENGTH_OF_SCHEDULE if key in own}
    yield
    own.update(length)
