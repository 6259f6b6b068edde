"""Deep supervision: coarser levels of the decoder are scored, too, while a network trains."""

from __future__ import annotations

from typing import Any

import torch
from monai.losses import DeepSupervisionLoss
from monai.networks.layers.simplelayers import SkipConnection
from monai.networks.nets import UNet

from cohort.facts.structures import STRUCTURE_IDS
from imaging.training.run import Training

LEVELS = 2
"""Coarser levels that are scored: 2 and 4 mm a pixel. Coarser still, the midline is lost."""


class DeepUNet(UNet):
    """MONAI's `UNet`, which in training returns the logits of `LEVELS` coarser levels as well."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.heads = torch.nn.ModuleList(
            torch.nn.Conv2d(features, self.out_channels, 1) for features in self.channels[:LEVELS]
        )

    def forward(self, x: torch.Tensor) -> Any:
        """Return logits [N, S, X, Y]; in training a list of them, the finest first."""
        if not self.training:
            return super().forward(x)
        found: list[torch.Tensor] = []
        self._decode(self.model, x, found)
        finest, *coarser = reversed(found)
        heads = zip(self.heads, coarser[:LEVELS], strict=True)
        return [finest, *(head(features) for head, features in heads)]

    def _decode(
        self, block: torch.nn.Module, x: torch.Tensor, found: list[torch.Tensor]
    ) -> torch.Tensor:
        """Run a level of the network, and append what it and those below it come to."""
        down, around, up = block.children()
        x = down(x)
        (below,) = around.children()  # of MONAI's SkipConnection
        coarse = self._decode(below, x, found) if _is_level(below) else below(x)
        found.append(up(torch.cat([x, coarse], dim=1)))
        return found[-1]


def _is_level(block: torch.nn.Module) -> bool:
    return any(isinstance(part, SkipConnection) for part in block.children())


class DeepTraining(Training):
    """A training in which each level has the loss of the configuration: 1, 1/2 and 1/4 of it."""

    def _loss(self, logits: Any, label: torch.Tensor) -> torch.Tensor:
        return DeepSupervisionLoss(self.loss_function)(logits, label[:, : len(STRUCTURE_IDS)])
