"""The settings that are compared: what each changes in `configs/imaging/unet.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Setting:
    """One way to spend the CPU-seconds.

    Attributes
    ----------
    what
        What it changes, for people.
    sections
        Sections of the configuration with the values that differ, as a file that extends
        `unet.yaml` has them.
    heads
        How many times as many heads it sees, in fewer passes.
    way
        How it trains: a name of `benchmarks.training.tried.ways.WAYS`.
    networks
        How many are trained, each with its share of the budget; the mean of their probabilities
        counts.
    """

    what: str
    sections: Mapping[str, Any] = field(default_factory=dict)
    heads: float = 1.0
    way: str = "usual"
    networks: int = 1


def _network(**values: Any) -> dict[str, Any]:
    return {"network_def": values}


def _loss(**values: Any) -> dict[str, Any]:
    return {"loss": values}


CONTEXT = _network(channels=[16, 32, 64, 128, 128, 128, 128], strides=[2, 2, 2, 2, 2, 2])

DEEP = {
    "_target_": "benchmarks.training.tried.deep.DeepUNet",
    "spatial_dims": 2,
    "in_channels": 3,
    "out_channels": None,
    "channels": [16, 32, 64, 128, 128, 128],
    "strides": [2, 2, 2, 2, 2],
    "num_res_units": 0,
    "norm": "BATCH",
    "act": ["LEAKYRELU", {"negative_slope": 0.25, "inplace": True}],
}
"""The network of `unet.yaml`, whose section is replaced as a whole where the class is another."""

SETTINGS: dict[str, Setting] = {
    "usual": Setting("unet.yaml as it is"),
    "heads": Setting("twice as many heads, half as many passes", heads=2.0),
    "passes": Setting("half as many heads, twice as many passes", heads=0.5),
    "batch": Setting("batches of 4 slices, twice as many steps", {"train": {"batch_size": 4}}),
    "wide": Setting("half as many features again", _network(channels=[24, 48, 96, 192, 192, 192])),
    "narrow": Setting("features halved", _network(channels=[8, 16, 32, 64, 64, 64])),
    "context": Setting("one level more", {**CONTEXT, "train": {"patch": [192, 192]}}),
    "residual": Setting("residual units of two convolutions", _network(num_res_units=2)),
    "absent": Setting("Dice of what a batch lacks counts, too", _loss(absent=1.0)),
    "background": Setting("all slices without a structure", {"train": {"background": 1.0}}),
    "rate": Setting("half the learning rate", {"train": {"learning_rate": 0.002}}),
    "deep": Setting("two coarser levels scored, too", {"network_def": DEEP}, way="deep"),
    "neighbours": Setting(
        "the slices below and above as input, too",
        {
            **_network(in_channels=9),
            "augment": {"_target_": "benchmarks.training.tried.neighbours.AugmentThree"},
        },
        way="neighbours",
    ),
    "hard": Setting("slices drawn by their last loss", way="hard"),
    "focal": Setting(
        "MONAI's Dice and focal loss",
        _loss(_target_="monai.losses.DiceFocalLoss", sigmoid=True, batch=True, squared_pred=True),
    ),
    "tversky": Setting(
        "MONAI's Tversky loss, misses weigh 0.7",
        _loss(_target_="monai.losses.TverskyLoss", sigmoid=True, batch=True, alpha=0.3, beta=0.7),
    ),
    "two": Setting("mean of two networks, half the passes each", networks=2),
    "three": Setting("mean of three networks, a third of the passes each", networks=3),
}
