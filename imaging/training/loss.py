"""The training loss: overlap and cross entropy of each structure that was annotated."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from cohort.facts.structures import STRUCTURES

NOT_ANNOTATED = -1
"""Value of a label where nobody looked for the structure."""


class AnnotatedDiceBCELoss(torch.nn.Module):
    """Dice loss plus weighted cross entropy over four sigmoid channels, each for itself.

    Pixels whose label is `NOT_ANNOTATED` take no part: they cause no gradient.

    Dice is that of Milletari 2016 (doi:10.1109/3DV.2016.79), over all slices of the batch
    together, so that the many slices without a structure don't drown the few that show it. By
    itself it leaves thin structures at nothing for long, and is content with a ventricle that
    is marked on both sides (Dice 0.67). In the cross entropy a pixel of a structure therefore
    weighs as much as `positive` others at first: the midline and the sides are then learnt
    within 300 steps, and without it not within 1,000. Kept up, that weight makes lines too thick
    and ventricles too large, so in the course of the training it falls, each step by the same
    factor, to `positive_last`.

    Parameters
    ----------
    weights
        One a structure, in channel order.
    positive
        Weight of a structure's pixels in the cross entropy when training begins, one for all or
        one a structure; those of the background have 1.
    positive_last
        The same when training ends.
    smooth
        Pixels added to both sides of the Dice fraction.
    """

    def __init__(
        self,
        weights: Sequence[float] | None = None,
        positive: float | Sequence[float] = 50.0,
        positive_last: float | Sequence[float] | None = None,
        smooth: float = 1.0,
    ) -> None:
        super().__init__()
        weights = weights or [1.0] * len(STRUCTURES)
        if len(weights) != len(STRUCTURES) or min(weights) < 0 or sum(weights) == 0:
            raise ValueError(f"weights must be {len(STRUCTURES)} numbers, one a structure")
        self.register_buffer("weights", torch.tensor(weights, dtype=torch.float32))
        first = _one_a_structure("positive", positive)
        last = first if positive_last is None else _one_a_structure("positive_last", positive_last)
        self.register_buffer("first", first)
        self.register_buffer("last", last)
        self.weights: torch.Tensor
        self.first: torch.Tensor
        self.last: torch.Tensor
        self.smooth = smooth
        self.positive: torch.Tensor = first

    def set_progress(self, share: float) -> None:
        """Say how much of the training is done, 0 to 1."""
        self.positive = self.first * (self.last / self.first) ** share

    def forward(self, logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """Return the loss of `logits` [N, 4, X, Y] for `label` [N, 4, X, Y] of 1, 0 and -1."""
        known = (label != NOT_ANNOTATED).to(logits.dtype)
        truth = label.to(logits.dtype) * known
        over = (0, 2, 3)
        pixels = known.sum(over)
        entropy = F.binary_cross_entropy_with_logits(
            logits, truth, known, pos_weight=self.positive.to(logits), reduction="none"
        )
        entropy = entropy.sum(over) / pixels.clamp(min=1)
        predicted = logits.sigmoid() * known
        overlap = 2 * (predicted * truth).sum(over) + self.smooth
        sizes = predicted.square().sum(over) + truth.sum(over) + self.smooth
        weights = self.weights * (pixels > 0)
        return ((1 - overlap / sizes + entropy) * weights).sum() / weights.sum().clamp(min=1e-6)


def _one_a_structure(name: str, value: float | Sequence[float]) -> torch.Tensor:
    """Return [4, 1, 1], which lines up with logits [N, 4, X, Y]."""
    each = [value] * len(STRUCTURES) if isinstance(value, (int, float)) else value
    if len(each) != len(STRUCTURES) or min(each) <= 0:
        raise ValueError(f"{name} must be a number above 0, or {len(STRUCTURES)}, one a structure")
    return torch.tensor(each, dtype=torch.float32)[:, None, None]
