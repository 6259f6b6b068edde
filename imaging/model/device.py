"""The device to compute on, named as spaCy names it."""

from __future__ import annotations

import os

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
