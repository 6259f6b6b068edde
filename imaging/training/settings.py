"""The section `train` of a training configuration."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any

from pydantic import ConfigDict, Field, Strict
from pydantic.dataclasses import dataclass

from cohort.schema.problems import Number, Wanted
from cohort.schema.records.sections import FromOne, FromZero, Share, Switch, read_section

LARGEST_PATCH = 2048
"""Pixels along a side: twice the widest head CTs; larger patches are air, and fill the memory."""


_Pixels = Annotated[int, Strict(), Field(ge=1, le=LARGEST_PATCH)]


@dataclass(frozen=True, config=ConfigDict(extra="ignore", defer_build=True))
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
    keep
        In fine-tuning, weight of the loss that keeps what the model that it starts from knew of
        structures that are not annotated (`imaging.training.keeping`); 0 for none.
    amp
        Whether to train with 16 bits where that is faster (`imaging.model.precision`).
    tensorboard
        Whether to write TensorBoard files.
    """

    seed: FromZero
    max_epochs: FromOne
    patience: FromOne
    batch_size: FromOne
    patch: Annotated[
        tuple[_Pixels, _Pixels], Wanted(f"must be two numbers of pixels up to {LARGEST_PATCH}")
    ]
    background: Share
    cache_slices: FromZero
    validate_every: FromOne = 1
    ema: Annotated[
        Number, Field(ge=0, lt=1), Wanted("must be at least 0 and less than 1, such as 0.999")
    ] = 0.0
    keep: Annotated[Number, Field(ge=0), Wanted("must be a number from 0 on")] = 1.0
    amp: Switch = False
    tensorboard: Switch = False

    @classmethod
    def from_config(cls, section: Mapping[str, Any]) -> TrainSettings:
        """Read the section.

        Raises
        ------
        DataError
            Listing the values that are missing or cannot be meant so.
        """
        return read_section(cls, "train", section)


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
            sentences.append(f"section 'train': '{name}' is unknown; did you mean '{near}'?")
    return sentences
