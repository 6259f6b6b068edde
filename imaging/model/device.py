"""The device to compute on, named as torch names it, or by its number, as spaCy does."""

from __future__ import annotations

import os
import re

import torch

from cohort.base.errors import UsageError


def pick_device(gpu_id: int) -> torch.device:
    """Return GPU `gpu_id`, or the CPU for -1.

    Of the processes that torchrun starts on a machine, each gets the GPU of its own number
    (`LOCAL_RANK`), whatever GPU is named.

    Raises
    ------
    UsageError
        If there is no such GPU.
    """
    if gpu_id < 0:
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise UsageError(f"--gpu-id {gpu_id}: torch finds no GPU here; use -1 for the CPU.")
    gpus = torch.cuda.device_count()
    if torch.distributed.is_torchelastic_launched():
        gpu_id = int(os.environ["LOCAL_RANK"])
        if gpu_id >= gpus:
            raise UsageError(f"torchrun: process {gpu_id} finds {gpus} GPUs; start that many.")
    if gpu_id >= gpus:
        raise UsageError(f"--gpu-id {gpu_id}: there are {gpus}, from 0 on.")
    return torch.device("cuda", gpu_id)


def named_device(name: str | torch.device) -> torch.device:
    """Return the device of that name: `cpu`, `cuda`, `cuda:1`, `mps`.

    Raises
    ------
    UsageError
        If there is no such device, or no such name.
    """
    words = re.fullmatch(r"(cpu|cuda|mps)(?::(\d+))?", str(name).strip().lower())
    if words is None:
        raise UsageError(f"device {name!r}: is unknown; name cpu, cuda, cuda:1, … or mps.")
    kind, number = words[1], int(words[2] or 0)
    there = {
        "cpu": 1,
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": int(torch.backends.mps.is_available()),
    }[kind]
    if number >= there:
        has = f"there are {there}, from 0 on" if there else "torch finds none here"
        raise UsageError(f"device {name!r}: {has}; cpu works everywhere.")
    return torch.device(kind, number) if kind == "cuda" else torch.device(kind)
