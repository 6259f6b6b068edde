"""A trained model to start from: fine-tuning on a few cases of one's own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from cohort.base.errors import DataError
from cohort.base.files import portable
from cohort.facts.structures import STRUCTURE_IDS
from imaging.model.bundle import CONFIG, WEIGHTS, load_bundle
from imaging.model.channels import Aligned
from imaging.model.learnt import doubt_of, known_to, structures_of
from imaging.scans.preprocess import Preprocess


def _apart_from_channels(config: Mapping[str, Any], had: Sequence[str]) -> Any:
    """Return a network's definition; without its number of channels if a model had others."""
    definition = config.get("network_def")
    if tuple(had) == STRUCTURE_IDS or not isinstance(definition, Mapping):
        return definition
    return {key: value for key, value in definition.items() if key != "out_channels"}


def _with_channels_of(
    fresh: Mapping[str, torch.Tensor], trained: Mapping[str, torch.Tensor], had: Sequence[str]
) -> dict[str, torch.Tensor]:
    """Return a model's weights in the channels of today's registry.

    What belongs to a structure that the model `had` no channel for stays as it is in `fresh`.
    """
    if tuple(had) == STRUCTURE_IDS:
        return dict(trained)
    kept = [name for name in had if name in STRUCTURE_IDS]
    old = torch.tensor([had.index(name) for name in kept])
    new = torch.tensor([STRUCTURE_IDS.index(name) for name in kept])
    result = {}
    for name, value in fresh.items():
        of = trained[name]
        if of.shape == value.shape:
            result[name] = of
            continue
        value, into = value.clone(), [torch.arange(size) for size in value.shape]
        for axis, (before, size) in enumerate(zip(of.shape, value.shape, strict=True)):
            if before != size:
                into[axis], of = new, of.index_select(axis, old)
        value[torch.meshgrid(*into, indexing="ij")] = of
        result[name] = value
    return result


def start_from(folder: Path, network: torch.nn.Module, config: Mapping[str, Any]) -> dict[str, Any]:
    """Give `network` the weights of the model in `folder`.

    A model of an earlier version may have fewer structures: the channels of those that it lacks
    start anew.

    Parameters
    ----------
    folder
        A model that `imaging.train` wrote.
    network
        Built as `config` says.
    config
        Of the training that begins.

    Returns
    -------
    dict
        What the new model's metadata says about the old one, in plain values.

    Raises
    ------
    DataError
        If the model sees scans in another way than `config` says, or is another network.
    """
    bundle = load_bundle(folder)
    remedy = f"train with --config {folder / CONFIG}"
    if bundle.preprocess != Preprocess.from_config(config.get("preprocess") or {}):
        raise DataError(
            f"{folder}: was trained with other windows or another spacing than the "
            f"configuration's; {remedy}, and export the corpus with it."
        )
    # Equal shapes don't suffice: with another activation the weights mean nothing.
    had = structures_of(bundle.metadata)
    before, now = (_apart_from_channels(c, had) for c in (bundle.config, config))
    if before != now:
        raise DataError(f"{folder}: is another network than the configuration's; {remedy}.")
    own = bundle.network.network if isinstance(bundle.network, Aligned) else bundle.network
    network.load_state_dict(_with_channels_of(network.state_dict(), own.state_dict(), had))
    training = bundle.metadata.get("training") or {}
    stated = bundle.metadata.get("learnt") is not None
    return {
        "model": portable(folder),
        "version": bundle.metadata.get("version"),
        "epoch": training.get("epoch"),
        "val_mean_dice": training.get("val_mean_dice"),
        "learnt": list(known_to(bundle.metadata)),
        "learnt_stated": stated and doubt_of(bundle.metadata) is None,
        "weights_sha256": hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest(),
    }
