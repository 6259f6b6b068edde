"""A trained model to start from: fine-tuning on a few cases of one's own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from cohort.base.errors import DataError
from cohort.base.files import portable
from imaging.model.bundle import CONFIG, WEIGHTS, load_bundle
from imaging.model.learnt import doubt_of, known_to
from imaging.scans.preprocess import Preprocess


def start_from(folder: Path, network: torch.nn.Module, config: Mapping[str, Any]) -> dict[str, Any]:
    """Give `network` the weights of the model in `folder`.

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
    if bundle.config["network_def"] != config.get("network_def"):
        raise DataError(f"{folder}: is another network than the configuration's; {remedy}.")
    network.load_state_dict(bundle.network.state_dict())
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
