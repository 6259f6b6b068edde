"""A saved model's channels, in the order of today's registry of structures."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from cohort.facts.structures import STRUCTURE_IDS

NOWHERE = -100.0
"""Logit of a structure that a model has no channel for: nothing is of it."""
FIRST_VERSION = ("hematoma", "midline", "ventricle_left", "ventricle_right")
"""Channels of models that don't state theirs."""


class Aligned(torch.nn.Module):
    """A network whose outputs are brought into the order of the registry.

    Parameters
    ----------
    network
        To logits [N, channels, X, Y].
    structures
        Ids of its channels; those that the registry doesn't know are left out.
    """

    def __init__(self, network: torch.nn.Module, structures: Sequence[str]) -> None:
        super().__init__()
        self.network = network
        self.places = [
            structures.index(name) if name in structures else None for name in STRUCTURE_IDS
        ]

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return logits [N, structures of the registry, X, Y] of `image` [N, 3, X, Y]."""
        logits = self.network(image)
        missing = torch.full_like(logits[:, 0], NOWHERE)
        channels = [missing if place is None else logits[:, place] for place in self.places]
        return torch.stack(channels, dim=1)


def align_channels(network: torch.nn.Module, structures: Sequence[str]) -> torch.nn.Module:
    """Return `network` with its channels as the registry has them; itself where they are so."""
    return network if tuple(structures) == STRUCTURE_IDS else Aligned(network, structures)
