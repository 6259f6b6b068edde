"""The device to compute on."""

from __future__ import annotations

import os

import torch

from cohort.base.devices import parse_device
from cohort.base.errors import UsageError


def pick_device(device: str | int | torch.device = "cpu") -> torch.device:
    """Return the device of that name: `cpu`, `cuda`, `cuda:1`, `mps`; or the GPU of that number.

    Of the processes that torchrun starts on a machine, each gets the GPU of its own number
    (`LOCAL_RANK`), whatever GPU is named.

    Raises
    ------
    UsageError
        If there is no such device.
    """
    kind, number, said = parse_device(device if isinstance(device, int) else str(device))
    if kind == "cpu":
        return torch.device("cpu")
    if kind == "mps":
        if not torch.backends.mps.is_available():
            raise UsageError(f"{said}: torch finds none here; cpu works everywhere.")
        return torch.device("mps")
    if not torch.cuda.is_available():
        raise UsageError(f"{said}: torch finds no GPU here; --device cpu works everywhere.")
    gpus = torch.cuda.device_count()
    if torch.distributed.is_torchelastic_launched():
        number = int(os.environ["LOCAL_RANK"])
        if number >= gpus:
            raise UsageError(f"torchrun: process {number} finds {gpus} GPUs; start that many.")
    if number >= gpus:
        raise UsageError(f"{said}: there are {gpus}, from 0 on.")
    return torch.device("cuda", number)
