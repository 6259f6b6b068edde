"""A saved model's channels, in the order of today's registry of structures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def own_network(network: torch.nn.Module) -> torch.nn.Module:
    """Return a saved model's network with its own channels, as its weights are saved."""
    return network.network if isinstance(network, Aligned) else network


def load_channels(
    network: torch.nn.Module, weights: Mapping[str, torch.Tensor], structures: Sequence[str]
) -> None:
    """Give a network of today's channels the weights of one that has those of `structures`.

    Channels of other structures stay as they are.

    Parameters
    ----------
    network
        To the logits of the registry's structures.
    weights
        Of a network that is the same but for its last channels.
    structures
        Ids of these.

    Raises
    ------
    ValueError
        If the two differ in something else, or the channels are as many and other ones.
    """
    own, count = network.state_dict(), len(STRUCTURE_IDS)
    if tuple(structures) == STRUCTURE_IDS:
        network.load_state_dict(dict(weights))
        return
    both = [name for name in STRUCTURE_IDS if name in structures]
    places = torch.tensor([STRUCTURE_IDS.index(name) for name in both])
    before = torch.tensor([list(structures).index(name) for name in both])
    if len(structures) == count or own.keys() != weights.keys() or not both:
        raise ValueError("the channels can't be told")
    for name, value in own.items():
        old = weights[name]
        sizes = list(zip(value.shape, old.shape, strict=True))
        if any(new != was and (new, was) != (count, len(structures)) for new, was in sizes):
            raise ValueError(f"{name} is {tuple(old.shape)}, and not {tuple(value.shape)}")
        if value.shape == old.shape:
            value.copy_(old)
            continue
        to = [places if new != was else torch.arange(new) for new, was in sizes]
        of = [before if new != was else torch.arange(was) for new, was in sizes]
        value[torch.meshgrid(*to, indexing="ij")] = old[torch.meshgrid(*of, indexing="ij")].to(
            value
        )
    network.load_state_dict(own)
