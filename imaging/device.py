"""The device to compute on, named as spaCy names it."""

from __future__ import annotations

import torch

from cohort.errors import UsageError


def pick_device(gpu_id: int) -> torch.device:
    """Return GPU `gpu_id`, or the CPU for -1.

    Raises
    ------
    UsageError
        If there is no such GPU.
    """
    if gpu_id < 0:
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise UsageError(f"--gpu-id {gpu_id}: torch finds no GPU here; use -1 for the CPU.")
    if gpu_id >= torch.cuda.device_count():
        raise UsageError(f"--gpu-id {gpu_id}: there are {torch.cuda.device_count()}, from 0 on.")
    return torch.device("cuda", gpu_id)
