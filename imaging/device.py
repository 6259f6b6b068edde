"""Which device a network runs on."""

from __future__ import annotations

import torch

from cohort.errors import UsageError


def choose_device(gpu_id: int) -> torch.device:
    """Return the GPU of that number, or the CPU for -1, as spaCy's `--gpu-id` means it.

    Raises
    ------
    UsageError
        If there is no such GPU.
    """
    if gpu_id < 0:
        return torch.device("cpu")
    count = torch.cuda.device_count()
    if gpu_id >= count:
        raise UsageError(
            f"There is no GPU {gpu_id}: torch sees {count}. Use --gpu-id -1 for the CPU, "
            "or install a torch for your GPU."
        )
    return torch.device("cuda", gpu_id)
