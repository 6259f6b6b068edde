"""A training rehearsed on a made-up batch: what doesn't fit is found before hours of work.

One step of each kind that a training takes (random changes, network, loss, gradients, optimizer,
schedule, running average, validation) on copies that are thrown away.
"""

from __future__ import annotations

import json
import math
import random
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cohort.base.errors import DataError, all_of, raise_all, reason, told_of
from cohort.facts.structures import STRUCTURE_IDS
from imaging.model.inference import slice_probabilities, stride_of
from imaging.model.network import build_network
from imaging.model.postprocess import Postprocess
from imaging.model.precision import Bfloat16Inferer, scales_gradients
from imaging.scans.preprocess import Preprocess
from imaging.training.averaging import WeightAverage
from imaging.training.batches.batch import PrepareBatch
from imaging.training.build import instantiate
from imaging.training.settings import TrainSettings, misspelt_values
from imaging.training.tensorboard import require_tensorboard

SLICES = 2
"""Slices of the batch: batch norm needs more than one where a patch has shrunk to a pixel."""
STEPS = 1000
"""Length of the training that schedules are told: that of a short one."""
CHANGES = 8
"""Batches that are changed at random, since not every change is made each time."""


def rehearse(
    config: Mapping[str, Any], device: torch.device, source: Path | str = "The configuration"
) -> torch.nn.Module:
    """Make sure that a training can be done as `config` says; no random state is changed.

    Parameters
    ----------
    config
        Training configuration, as `read_config` gives it.
    device
        Where the training will compute.
    source
        The file that the configuration was read from, for messages.

    Returns
    -------
    torch.nn.Module
        A network of the kind that will be trained, to be thrown away.

    Raises
    ------
    DataError
        Naming the sections and the values that don't fit, and why: all that can be told without
        a batch at once.
    """
    with _random_states_kept(device), told_of(source):
        return _rehearse(config, device)


def _rehearse(config: Mapping[str, Any], device: torch.device) -> torch.nn.Module:
    _, settings, preprocess, _, (network, parts) = all_of(
        lambda: _refuse_odd_values(config),
        lambda: TrainSettings.from_config(config.get("train") or {}),
        lambda: Preprocess.from_config(config.get("preprocess") or {}),
        lambda: Postprocess.from_config(config.get("postprocess")),
        lambda: _network_and_parts(config, device),
    )
    if settings.tensorboard:
        require_tensorboard()
    _refuse_odd_schedule(parts["lr_scheduler"])
    with _blamed("section 'augment' can't change a batch"):
        image, label = _batch(settings, preprocess, parts["augment"], device)
    logits = _logits(network, image, config["network_def"], settings)
    with _blamed("section 'loss' can't compare the network's output with masks"):
        loss_function = parts["loss"].to(device)
        if hasattr(loss_function, "set_progress"):
            loss_function.set_progress(0.5)
        loss = loss_function(logits.float(), label)
        if not isinstance(loss, torch.Tensor) or loss.numel() != 1:
            raise ValueError("it must return one number for the whole batch")
        if not math.isfinite(float(loss.detach())):
            raise ValueError(f"the loss is {float(loss.detach())}")
        loss.backward()
    with _blamed("section 'optimizer' can't take a step"):
        parts["optimizer"].step()
        float(parts["optimizer"].param_groups[0]["lr"])
    with _blamed("section 'lr_scheduler' can't take a step"):
        parts["lr_scheduler"].step()
    result = network
    if settings.ema:
        with _blamed("'train.ema': the network of 'network_def' can't be averaged"):
            average = WeightAverage(network, settings.ema)
            average.update_parameters(network)
            result = average.module
    _validate(result.eval(), settings.patch, device)
    return network


def _network_and_parts(
    config: Mapping[str, Any], device: torch.device
) -> tuple[torch.nn.Module, dict[str, Any]]:
    network = _network(config).to(device)
    return network, instantiate(config, network, STEPS, device)


def _network(config: Mapping[str, Any]) -> torch.nn.Module:
    """Build the network; values of it that would do nothing are refused."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        network = build_network(config)
    for warning in said:
        if "will not be used" in str(
            warning.message
        ):  # strides of MONAI's U-Nets, more than layers
            raise DataError(f"section 'network_def': {warning.message}")
    return network


def _refuse_odd_schedule(scheduler: Any) -> None:
    """Refuse a schedule (by the names of MONAI's) of no steps, or that warms up to its end."""
    steps, warmup = vars(scheduler).get("t_total"), vars(scheduler).get("warmup_steps", 0)
    if steps is None:
        return
    if not steps > 0:
        raise DataError(
            f"'lr_scheduler.t_total': a schedule of {steps} steps ends before it begins."
        )
    if not 0 <= warmup < steps:
        raise DataError(
            f"'lr_scheduler.warmup_steps' (by 'train.warmup', a share of all steps from 0 to below "
            f"1): the learning rate would rise for {warmup} of {steps} steps."
        )


def _refuse_odd_values(config: Mapping[str, Any]) -> None:
    """Refuse values that would do nothing, or could not be kept with the model."""
    raise_all(misspelt_values(config))
    try:
        json.dumps(config)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"holds a value that is not text, number or list ({error}); put it in quotes."
        ) from None


def _batch(
    settings: TrainSettings, preprocess: Preprocess, augment: Any, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a made-up batch as the network and the loss are given it, changed at random."""
    made_up = torch.Generator().manual_seed(0)
    shape = (min(SLICES, settings.batch_size), 1, *settings.patch)
    structures = len(STRUCTURE_IDS)
    prepare = PrepareBatch(augment, list(preprocess.windows.values()))
    for seed in range(CHANGES):
        augment.seed(seed)
        hu = torch.rand(shape, generator=made_up) * 80
        bits = 1 << torch.randint(structures, shape, generator=made_up)
        annotated = torch.ones(shape[0], structures, dtype=torch.bool)
        batch = {"hu": hu.half(), "label": bits.byte(), "annotated": annotated}
        image, label = prepare(batch, device, non_blocking=False)
        if image.shape[2:] != label.shape[2:]:
            raise ValueError(f"slices {_size(image)} came back with labels {_size(label)}")
    return image, label


def _logits(
    network: torch.nn.Module,
    image: torch.Tensor,
    definition: Mapping[str, Any],
    settings: TrainSettings,
) -> torch.Tensor:
    wanted = (len(image), len(STRUCTURE_IDS), *image.shape[2:])
    try:
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        amp = scales_gradients(settings.amp, image.device)
        with torch.autocast(image.device.type, enabled=amp):
            logits = Bfloat16Inferer(settings.amp)(image, network)
        if not isinstance(logits, torch.Tensor) or logits.shape != wanted:
            is_tensor = isinstance(logits, torch.Tensor)
            found = list(logits.shape) if is_tensor else type(logits).__name__
            raise ValueError(f"it must return logits {list(wanted)}, not {found}")
    except Exception as error:  # whatever a network makes of input that doesn't fit
        problem = _unfit(network, definition, list(settings.patch)) or (
            "the network can't take a batch as 'train.batch_size' and 'train.patch' say, "
            f"{list(image.shape)}: {reason(error)}"
        )
        raise DataError(f"section 'network_def': {problem}.") from None
    return logits


def _unfit(
    network: torch.nn.Module, definition: Mapping[str, Any], patch: Sequence[int]
) -> str | None:
    """Return which value makes a network fail, as far as its name tells."""
    for name, wanted, why in (
        ("spatial_dims", 2, "since it sees one slice at a time"),
        ("in_channels", 3, "one per CT window"),
        ("out_channels", len(STRUCTURE_IDS), "one per structure"),
    ):
        value = definition.get(name, wanted)
        if value != wanted:
            return f"'{name}' must be {wanted}, {why}, not {value!r}"
    stride = stride_of(network) or 1
    if not any(size % stride for size in patch):
        return None
    near = [max(1, round(size / stride)) * stride for size in patch]
    return (
        f"a patch of {patch[0]} × {patch[1]} pixels doesn't fit the network; both numbers of "
        f"'train.patch' must be multiples of {stride}, the product of its strides, such as {near}"
    )


def _validate(network: torch.nn.Module, patch: Sequence[int], device: torch.device) -> None:
    """Run the network on a slice whose size is a multiple of nothing, as those of scans are."""
    width, height = (size + 1 for size in patch)
    what = f"the network of 'network_def' can't take slices of any size, such as {width} × {height}"
    with _blamed(what):
        slice_probabilities(network, torch.zeros(3, width, height, 1, device=device))


@contextmanager
def _blamed(what: str) -> Iterator[None]:
    """Raise whatever goes wrong as a `DataError` that begins with `what`."""
    try:
        yield
    except Exception as error:  # whatever classes that the user names make of what they are given
        raise DataError(f"{what}: {reason(error)}.") from None


def _size(values: torch.Tensor) -> str:
    return " × ".join(map(str, values.shape[2:]))


@contextmanager
def _random_states_kept(device: torch.device) -> Iterator[None]:
    """Leave the random states of torch, NumPy and Python as they were."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
