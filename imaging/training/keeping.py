"""What a fine-tuning keeps of structures that nobody drew for it: what the old model says of them.

All structures share most of a network's weights, so that a training on masks of one structure
undoes what was known of the others, though they take no part in its loss. Where a structure is not
annotated, the model that the training started from therefore stands in for the mask: Learning
without Forgetting (Li and Hoiem 2018, doi:10.1109/TPAMI.2017.2773081).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from typing import Any

import torch
import torch.nn.functional as F

from cohort.facts.structures import STRUCTURE_IDS
from imaging.model.precision import in_bfloat16
from imaging.training.loss import NOT_ANNOTATED

Prepare = Callable[..., tuple[torch.Tensor, torch.Tensor]]
SMOOTH = 1.0
"""Pixels added to both sides of the Dice fraction."""


class KeepKnown(torch.nn.Module):
    """The loss that holds a network to what it said of structures before, where nobody drew them.

    Its state is that of the old network, so that a training that was broken off goes on with it.

    Parameters
    ----------
    network
        With the weights that the training starts from; it is copied.
    structures
        Those that it knew.
    weight
        Of this loss, beside that of what is annotated.
    amp
        Whether the old network may compute in bfloat16.
    """

    def __init__(
        self, network: torch.nn.Module, structures: Collection[str], weight: float, amp: bool
    ) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.known = [name in structures for name in STRUCTURE_IDS]
        self.weight = weight
        self.amp = amp

    def preparing(self, prepare: Prepare) -> Prepare:
        """Return a `prepare_batch` whose labels [N, 2·S, X, Y] end with what was said before."""

        def prepared(*batch: Any, **options: Any) -> tuple[torch.Tensor, torch.Tensor]:
            image, label = prepare(*batch, **options)
            return image, torch.cat([label, self.said(image, label)], dim=1)

        return prepared

    @torch.no_grad()
    def said(self, image: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """Return the old network's probabilities [N, S, X, Y]; -1 where they are not needed."""
        with in_bfloat16(image.device, self.amp):
            before = self.network(image).float().sigmoid()
        known = torch.tensor(self.known, device=label.device)[:, None, None]
        return torch.where((label == NOT_ANNOTATED) & known, before, NOT_ANNOTATED)

    def forward(self, logits: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
        """Return how far `logits` [N, S, X, Y] are from what was said: 0 if they say the same.

        Dice and cross entropy as in `AnnotatedDiceBCELoss`, but for probabilities in place of
        masks, and without a weight of a structure's pixels, which would move them.
        """
        asked = (said != NOT_ANNOTATED).to(logits.dtype)
        target = said * asked
        over = (0, 2, 3)
        pixels = asked.sum(over)
        entropy = F.binary_cross_entropy_with_logits(logits, target, asked, reduction="none")
        # What remains of it where both are equal.
        least = F.binary_cross_entropy(target, target, asked, reduction="none")
        entropy = (entropy - least).sum(over) / pixels.clamp(min=1)
        predicted = logits.sigmoid() * asked
        overlap = 2 * (predicted * target).sum(over) + SMOOTH
        sizes = (predicted.square() + target.square()).sum(over) + SMOOTH
        some = (pixels > 0).to(logits.dtype)
        lost = ((1 - overlap / sizes + entropy) * some).sum() / some.sum().clamp(min=1)
        return self.weight * lost
