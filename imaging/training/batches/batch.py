"""What the trainer is given of a batch of patches: network input and label, randomly changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from imaging.scans.windows import show_windows
from imaging.training.batches.dataset import unpack_label

Augment = Callable[
    [torch.Tensor, torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor, torch.Tensor]
]


class PrepareBatch:
    """MONAI's `prepare_batch` for `training_patches`.

    Parameters
    ----------
    augment
        Random changes of HU, label bit field, and which structures are annotated in each slice,
        bool [N, S], for example `imaging.training.batches.augment.AugmentBatch`.
    windows
        Lower and upper HU of the CT windows that become the network's input channels.
    """

    def __init__(self, augment: Augment, windows: Sequence[tuple[float, float]]) -> None:
        self.augment = augment
        self.windows = windows

    def __call__(
        self, batch: Mapping[str, torch.Tensor], device: torch.device, non_blocking: bool, **_: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return image [N, 3, X, Y] in 0..1 and label [N, S, X, Y] of 1, 0 and -1."""
        hu = batch["hu"].to(device, non_blocking=non_blocking).float()
        bits = batch["label"].to(device, non_blocking=non_blocking)
        hu, bits, annotated = self.augment(hu, bits, batch["annotated"].to(device))
        image = show_windows(hu, self.windows)
        label = unpack_label(bits, annotated)
        return image.contiguous(memory_format=torch.channels_last), label
