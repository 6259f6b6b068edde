"""Hard cases sampled more: slices are drawn by the loss that they had when last shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from cohort.facts.structures import STRUCTURE_IDS
from imaging.training.batches.dataset import SliceSampler
from imaging.training.run import Training

LIMITS = (0.25, 4.0)
"""How many times as often as usual a slice is drawn, at least and at most."""


class HardSampler(SliceSampler):
    """Draw slices with replacement, by their last loss beside the mean of all that were shown.

    The first epoch is `SliceSampler`'s, so that each slice with a structure has a loss; of an
    epoch's slices without any, the usual share is drawn on average.
    """

    def __init__(self, shown: Sequence[bool], background: float) -> None:
        super().__init__(shown, background)
        self.losses = torch.full((len(shown),), torch.nan)
        self.usual = torch.where(torch.tensor(shown), 1.0, background)
        self.drawn_now: list[int] = []

    def weights(self) -> torch.Tensor:
        """Return how often each slice is drawn, beside the others."""
        relative = self.losses / self.losses.nanmean()
        return self.usual * relative.nan_to_num(1.0).clamp(*LIMITS)

    def __iter__(self) -> Iterator[int]:
        if self.losses.isnan().all():
            self.drawn_now = list(super().__iter__())
        else:
            drawn = torch.multinomial(
                self.weights(), len(self), replacement=True, generator=self.random
            )
            self.drawn_now = drawn.tolist()
        return iter(self.drawn_now)


class HardTraining(Training):
    """A training that tells its sampler the loss of each slice."""

    order: HardSampler

    def _loss(self, logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        drawn = label[:, : len(STRUCTURE_IDS)]
        step, size = (self.trainer.state.iteration - 1) % len(self.loader), len(logits)
        which = self.order.drawn_now[step * size : (step + 1) * size]
        with torch.no_grad():
            each = zip(logits.float().split(1), drawn.split(1), strict=True)
            self.order.losses[which] = torch.stack([self.loss_function(*one) for one in each])
        return super()._loss(logits, label)
