"""A trained model to start from: fine-tuning on a few cases of one's own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from cohort.base.errors import DataError
from cohort.base.files import portable
from cohort.facts.structures import STRUCTURE_IDS
from imaging.model.bundle import load_bundle
from imaging.model.channels import load_channels, own_network
from imaging.model.folder import CONFIG, WEIGHTS
from imaging.model.learnt import doubt_of, known_to, seen_scans, structures_of
from imaging.scans.preprocess import Preprocess


def network_of(folder: Path) -> Any:
    """Return the section `network_def` of the model in `folder`, with today's channels.

    A fine-tuning has the network of the model that it starts from, whatever the configuration
    says: with other layers, or another activation, its weights would mean nothing.

    Raises
    ------
    DataError
        If the folder is not a model.
    """
    bundle = load_bundle(folder)
    definition = dict(bundle.config["network_def"])
    if definition.get("out_channels") == len(structures_of(bundle.metadata)):
        definition["out_channels"] = len(STRUCTURE_IDS)
    return definition


def start_from(folder: Path, network: torch.nn.Module, config: Mapping[str, Any]) -> dict[str, Any]:
    """Give `network` the weights of the model in `folder`.

    A model of an earlier version may have fewer structures: the channels of those that it lacks
    start anew.

    Parameters
    ----------
    folder
        A model that `imaging.train` wrote.
    network
        Built by `network_of`.
    config
        Of the training that begins.

    Returns
    -------
    dict
        What the new model's metadata says about the old one, in plain values.

    Raises
    ------
    DataError
        If the model sees scans in another way than `config` says, or has other channels.
    """
    bundle = load_bundle(folder)
    # Of a model of others it is a program: nothing of it has been run so far.
    remedy = f"read {folder / CONFIG}, which a training runs, and train with it as --config"
    if bundle.preprocess != Preprocess.from_config(config.get("preprocess") or {}):
        raise DataError(
            f"{folder}: was trained with other windows or another spacing than the "
            f"configuration's; {remedy}, and export the corpus with it."
        )
    own, structures = own_network(bundle.network), structures_of(bundle.metadata)
    try:
        load_channels(network, own.state_dict(), structures)
    except (ValueError, RuntimeError):
        raise DataError(
            f"{folder}: has channels for {', '.join(structures)}, which can't be brought into "
            "those of today; train a new model."
        ) from None
    training = bundle.metadata.get("training") or {}
    stated = bundle.metadata.get("learnt") is not None
    return {
        "model": portable(folder),
        "version": bundle.metadata.get("version"),
        "epoch": training.get("epoch"),
        "val_mean_dice": training.get("val_mean_dice"),
        "learnt": list(known_to(bundle.metadata)),
        "learnt_stated": stated and doubt_of(bundle.metadata) is None,
        **({"scans": sorted(seen)} if (seen := seen_scans(bundle.metadata)) else {}),
        "weights_sha256": hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest(),
    }
