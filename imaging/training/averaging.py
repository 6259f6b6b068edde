"""The running average of a network: it validates better than the weights of any one step."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.optim.swa_utils import AveragedModel

WARM_UP = 10
"""Updates after which the average reaches back about as far as a tenth of the training."""


class WeightAverage(AveragedModel):
    """Exponential moving average of a network, batch norm's statistics included.

    Polyak and Juditsky 1992 (doi:10.1137/0330046) in the exponential form. The decay rises with
    the updates `n` as min(decay, (1 + n) / (10 + n)), TensorFlow's `num_updates` rule: early on
    the average is over the last ninth of the training, so that a short training is not held back
    by the weights it began with, and needs no correction for its start.

    ignite's `EMAHandler` would do, were it not for the buffers: its "copy" makes the average
    share the network's memory, its "update" leaves whole numbers so, and its warm-up is linear
    in steps that must be known beforehand.

    Parameters
    ----------
    network
        The network to follow; `module` is its averaged copy.
    decay
        Share of the old average that an update keeps at most, in 0..1.
    """

    def __init__(self, network: torch.nn.Module, decay: float) -> None:
        super().__init__(network, multi_avg_fn=self._mix, use_buffers=True)
        self.decay = decay
        self.module.requires_grad_(False).eval()

    def share_of_new(self) -> float:
        """Return the weight of the network in the next update; the average has the rest."""
        # A tensor of the CPU wherever the network is: reading it doesn't wait for a GPU.
        updates = int(self.n_averaged)
        return 1 - min(self.decay, (1 + updates) / (WARM_UP + updates))

    @torch.no_grad()
    def _mix(
        self, average: Sequence[torch.Tensor], network: Sequence[torch.Tensor], _: object
    ) -> None:
        """Move tensors of one kind and device towards the network's, all of them at once."""
        if average[0].is_floating_point():
            torch._foreach_lerp_(list(average), list(network), self.share_of_new())
        else:  # batch norm's counter of batches
            torch._foreach_copy_(list(average), list(network))
