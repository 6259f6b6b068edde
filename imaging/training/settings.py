"""The section `train` of a training configuration."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from cohort.base.errors import raise_all

LARGEST_PATCH = 2048
"""Pixels along a side: twice the widest head CTs; larger patches are air, and fill the memory."""


@dataclass(frozen=True)
class TrainSettings:
    """How long and on what a network is trained; other keys are for the configuration itself.

    Attributes
    ----------
    seed
        Of weights, order and random changes.
    max_epochs
        Passes over the training slices, at most.
    patience
        Epochs without a better validation Dice before training stops.
    batch_size
        Slices a step.
    patch
        Pixels of a training patch along x and y, at most `LARGEST_PATCH`.
    background
        Share of the slices without any structure that an epoch shows.
    cache_slices
        Training slices held in memory.
    validate_every
        Epochs from one validation to the next; the last epoch is always validated.
    ema
        Share of the running average of the weights that a step keeps; 0 for no average.
    amp
        Whether to train with 16 bits where that is faster (`imaging.model.precision`).
    tensorboard
        Whether to write TensorBoard files.
    """

    seed: int
    max_epochs: int
    patience: int
    batch_size: int
    patch: tuple[int, int]
    background: float
    cache_slices: int
    validate_every: int = 1
    ema: float = 0.0
    amp: bool = False
    tensorboard: bool = False

    @classmethod
    def from_config(cls, section: Mapping[str, Any]) -> TrainSettings:
        """Read the section.

        Raises
        ------
        DataError
            Listing the values that are missing or cannot be meant so.
        """
        if not isinstance(section, Mapping):
            raise_all(["Section 'train' of the configuration must hold keys and values."])
        problems = []
        for name, least in (
            ("seed", 0),
            ("max_epochs", 1),
            ("patience", 1),
            ("batch_size", 1),
            ("cache_slices", 0),
            ("validate_every", 1),
        ):
            value = section.get(name, 1 if name == "validate_every" else None)
            if not _is_count(value, least):
                problems.append(f"'{name}' must be a whole number from {least} on, not {value!r}")
        if not 0 <= _number(section.get("background")) <= 1:
            problems.append("'background' must be a share between 0 and 1")
        if not 0 <= _number(section.get("ema", 0)) < 1:
            problems.append("'ema' must be at least 0 and less than 1, such as 0.999")
        patch = section.get("patch")
        if (
            not isinstance(patch, (list, tuple))
            or len(patch) != 2
            or not all(_is_count(size, 1) and size <= LARGEST_PATCH for size in patch)
        ):
            problems.append(
                f"'patch' must be two numbers of pixels up to {LARGEST_PATCH}, not {patch!r}"
            )
            patch = (1, 1)
        for name in ("amp", "tensorboard"):
            if not isinstance(section.get(name, False), bool):
                problems.append(f"'{name}' must be true or false")
        raise_all([f"Section 'train' of the configuration: {problem}." for problem in problems])
        values = {f.name: section[f.name] for f in fields(cls) if f.name in section}
        return cls(**{**values, "patch": (patch[0], patch[1])})


def misspelt_values(config: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each value of the section `train` whose name looks like a slip.

    That is: nearly the name of a value that a training reads, and nothing refers to it, as
    `@train::learning_rate` does. It would be passed over in silence.
    """
    section = config.get("train")
    if not isinstance(section, Mapping):
        return []
    known = [f.name for f in fields(TrainSettings)]
    text = json.dumps(config, default=str)
    sentences = []
    for name in map(str, section):
        if name in known or re.search(rf"train::{re.escape(name)}\b", text):
            continue
        for near in difflib.get_close_matches(name, known, n=1, cutoff=0.8):
            sentences.append(
                f"Section 'train' of the configuration: '{name}' is unknown; did you mean '{near}'?"
            )
    return sentences


def _number(value: Any) -> float:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan


def _is_count(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
