"""A trained model as a MONAI bundle: a folder that stands alone.

::

    model-best/configs/metadata.json   structures, windows, spacing, version, metrics
               configs/train.yaml      the configuration that made it
               models/model.pt         the network's weights

Nothing in the folder is run: weights are read with `weights_only=True`, and of `train.yaml` no
expression is evaluated and nothing built but the network, which is a class of MONAI, torch or this
project with arguments in plain values (`imaging.model.network`). Whoever trains with `--config`
and that file runs it, though: as a training configuration it is a program.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml

from cohort.base.errors import DataError, all_of, raise_all, told_of
from cohort.base.files import (
    DISK_FULL,
    atomic_folder,
    read_json,
    require_place,
    write_json,
    write_text,
)
from cohort.schema.problems import parse
from cohort.schema.scans.model_errors import ModelErrors, VolumeError
from cohort.schema.scans.scan import Model
from imaging.model.channels import align_channels
from imaging.model.folder import CONFIG, METADATA, WEIGHTS, require_model
from imaging.model.learnt import known_to, not_learnt, structures_of
from imaging.model.network import build_network
from imaging.model.postprocess import Postprocess
from imaging.scans.preprocess import Preprocess


@dataclass(frozen=True)
class Bundle:
    """A trained model, ready for use.

    Attributes
    ----------
    network
        In evaluation mode: [N, 3, X, Y] in 0..1 to the logits [N, S, X, Y] of the structures, in
        the order of today's registry whatever the model's own is.
    config
        The configuration that made it.
    metadata
        What stands in `configs/metadata.json`.
    preprocess
        How scans are prepared for it.
    postprocess
        How masks are made of its probabilities.
    folder
        Where it was read from.
    """

    network: torch.nn.Module
    config: dict[str, Any]
    metadata: dict[str, Any]
    preprocess: Preprocess
    postprocess: Postprocess
    folder: Path

    @property
    def untold(self) -> dict[str, str]:
        """The structures that the model has not learnt, each with the reason."""
        return not_learnt(self.metadata)

    @property
    def in_words(self) -> str:
        """Name, version and what it was trained on, for people."""
        return model_of(self.metadata).in_words

    @property
    def errors(self) -> ModelErrors | None:
        """How far off its measurements are; None if its metadata don't say."""
        return errors_of(self.metadata)

    def volume_error_ml(self, structure: str, measured_ml: float | None) -> VolumeError | None:
        """Return the error to expect of a measured volume; None where it cannot be told."""
        errors = self.errors
        return errors.volume_error_ml(structure, measured_ml) if errors else None


def save_bundle(
    folder: Path,
    network: torch.nn.Module,
    config: Mapping[str, Any],
    metadata: Mapping[str, Any],
) -> None:
    """Write a model to `folder`, atomically; a model that is there already is replaced.

    Parameters
    ----------
    folder
        Where to write it.
    network
        Built as the section `network_def` of `config` says.
    config
        The training configuration, in plain values and MONAI's `@` and `$` expressions.
    metadata
        Plain JSON values.

    Raises
    ------
    DataError
        If `folder` holds something else than a model.
    """
    weights = {name: value.detach().cpu() for name, value in network.state_dict().items()}
    with atomic_folder(folder, METADATA) as temporary:
        (temporary / WEIGHTS).parent.mkdir()
        write_plain(temporary / WEIGHTS, weights)
        text = yaml.safe_dump(dict(config), allow_unicode=True, sort_keys=False, width=100)
        write_text(temporary / CONFIG, text)
        write_json(temporary / METADATA, dict(metadata))


def load_bundle(folder: Path, device: str | torch.device = "cpu") -> Bundle:
    """Read the model in `folder`.

    Raises
    ------
    DataError
        If the folder is not a model, or its parts are damaged or don't fit each other.
    """
    folder = Path(folder)
    require_model(folder)
    config = _read_config(folder / CONFIG)
    metadata = _read_metadata(folder / METADATA)
    with told_of(folder / CONFIG):
        network, preprocess, postprocess = all_of(
            lambda: build_network(config),
            lambda: Preprocess.from_config(config.get("preprocess") or {}),
            lambda: Postprocess.from_config(config.get("postprocess")),
        )
    weights = _read_weights(folder / WEIGHTS, device)
    try:
        network.load_state_dict(weights)
    except RuntimeError:
        raise DataError(
            f"{folder / WEIGHTS}: the weights don't fit the network in {CONFIG}; "
            "copy the whole folder of one training."
        ) from None
    return Bundle(
        network=align_channels(network, structures_of(metadata)).to(device).eval(),
        config=config,
        metadata=metadata,
        preprocess=preprocess,
        postprocess=postprocess,
        folder=folder,
    )


def errors_of(metadata: Mapping[str, Any]) -> ModelErrors | None:
    """Return how far off a model's measurements are; None if its metadata don't say."""
    stated = metadata.get("errors")
    return parse(ModelErrors, stated)[0] if stated else None


def model_of(metadata: Mapping[str, Any]) -> Model:
    """Return what results say of a model."""
    said = {name: metadata.get(name) for name in ("name", "version", "trained_on")}
    return Model(**{name: None if value is None else str(value) for name, value in said.items()})


def check_place(folder: Path) -> None:
    """Make sure that a model can be written to `folder`.

    Raises
    ------
    DataError
        If the folder holds something else than a model, or cannot be made.
    """
    require_place(folder)
    if folder.is_dir() and any(folder.iterdir()) and not (folder / METADATA).is_file():
        raise DataError(
            f"{folder}: holds other files than a model, so it is not overwritten; "
            "name another folder."
        )


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        config = None
    if not isinstance(config, dict):
        raise DataError(f"{path}: is not a configuration in YAML; copy the model folder again.")
    return config


def read_plain(path: Path, device: str | torch.device = "cpu") -> Any:
    """Return the plain data (tensors, numbers, text, lists, dicts) that torch saved to `path`.

    None if the file holds objects, which can run code when read, or is damaged.
    """
    try:
        return torch.load(path, map_location=device, weights_only=True)
    except PermissionError:
        raise
    except Exception:  # rubbish makes torch's reader stumble in many ways
        return None


def write_plain(path: Path, value: Any) -> None:
    """Write plain data (tensors, numbers, text, lists, dicts) to `path`, not atomically.

    Raises
    ------
    OSError
        If there is no room, saying how much is needed.
    """
    # By way of the memory: torch says neither that a disk is full, nor which file it can't write.
    buffer = io.BytesIO()
    torch.save(value, buffer)
    try:
        path.write_bytes(buffer.getbuffer())
    except OSError as error:
        if error.errno in DISK_FULL:
            needed = f"{error.strerror}; {buffer.tell() / 1e6:,.1f} MB are needed"
            raise OSError(error.errno, needed, str(path)) from None
        raise


def _read_weights(path: Path, device: str | torch.device) -> dict[str, torch.Tensor]:
    weights = read_plain(path, device)
    if not isinstance(weights, dict):
        raise DataError(f"{path}: holds no network weights; copy the model folder again.")
    return weights


def _read_metadata(path: Path) -> dict[str, Any]:
    metadata = read_json(path)
    if not isinstance(metadata, dict):
        raise DataError(f"{path}: is not metadata of a model; copy the model folder again.")
    try:
        known = known_to(metadata)
    except ValueError as error:
        raise DataError(f"{path}: {error}; copy the model folder again.") from None
    stated = metadata.get("errors")
    raise_all([f"{path}: {what}" for what in parse(ModelErrors, stated)[1]] if stated else [])
    if not known:
        raise DataError(f"{path}: the model has not learnt any structure; train it with masks.")
    return metadata
