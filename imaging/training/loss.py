"""The training loss: overlap and cross entropy of each structure that was annotated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F

from cohort.facts.structures import STRUCTURE_IDS

NOT_ANNOTATED = -1
"""Value of a label where nobody looked for the structure."""
CERTAINLY_NOT = -1e4
"""Logit whose sigmoid and softplus are 0 in 32 bits, and which times 0 is 0."""
POSITIVE = 50.0
"""Weight of a thin structure's pixels in the cross entropy."""

PerStructure = float | Sequence[float] | Mapping[str, float]
"""One number for all, a list in channel order, or structure id to number."""


class AnnotatedDiceBCELoss(torch.nn.Module):
    """Dice loss plus weighted cross entropy over sigmoid channels, each for itself.

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
        Of the structures: one number for all, a list in channel order, or structure id to number,
        1 for those that are not named.
    positive
        Weight of a structure's pixels in the cross entropy when training begins, likewise, 50 for
        those that are not named; those of the background have 1.
    positive_last
        The same when training ends.
    smooth
        Pixels added to both sides of the Dice fraction.
    absent
        Weight (0..1) of the Dice of a structure that no slice of the batch shows, where it counts
        nothing but false alarms. With its full weight, batches without some teach a network that
        there never is any of what few slices show: blood in the ventricles or outside the brain.
    """

    def __init__(
        self,
        weights: PerStructure = 1.0,
        positive: PerStructure = POSITIVE,
        positive_last: PerStructure | None = None,
        smooth: float = 1.0,
        absent: float = 1.0,
    ) -> None:
        super().__init__()
        if not 0 <= absent <= 1:
            raise ValueError("absent must be 0 to 1")
        each = _each("weights", weights, 1.0)
        if min(each) < 0 or sum(each) == 0:
            raise ValueError("weights must be 0 or more, and not all 0")
        self.register_buffer("weights", torch.tensor(each, dtype=torch.float32))
        first = _positive("positive", positive)
        last = first if positive_last is None else _positive("positive_last", positive_last)
        self.register_buffer("first", first)
        self.register_buffer("last", last)
        self.weights: torch.Tensor
        self.first: torch.Tensor
        self.last: torch.Tensor
        self.smooth, self.absent = smooth, absent
        self.positive: torch.Tensor = first

    def set_progress(self, share: float) -> None:
        """Say how much of the training is done, 0 to 1."""
        self.positive = self.first * (self.last / self.first) ** share

    def forward(self, logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """Return the loss of `logits` [N, S, X, Y] for `label` [N, S, X, Y] of 1, 0 and -1."""
        # One layout for all: the network's channels_last beside the label's takes twice as long.
        logits = logits.contiguous()
        unknown = label == NOT_ANNOTATED
        over = (0, 2, 3)
        pixels = label.numel() // label.shape[1] - unknown.sum(over)
        # Nothing there, it is sure: neither term has a value or a gradient.
        logits = logits.masked_fill(unknown, CERTAINLY_NOT)
        truth = label.clamp(min=0).to(logits.dtype)
        drawn = truth.sum(over)
        # (1 - y) softplus(x) + p y softplus(-x), where softplus(-x) = softplus(x) - x.
        positive = self.positive.to(logits).flatten()
        miss = F.softplus(logits)
        entropy = miss.sum(over) + (positive - 1) * (truth * miss).sum(over)
        entropy = (entropy - positive * (truth * logits).sum(over)) / pixels.clamp(min=1)
        predicted = logits.sigmoid()
        overlap = 2 * (predicted * truth).sum(over) + self.smooth
        sizes = predicted.square().sum(over) + drawn + self.smooth
        weights = self.weights * (pixels > 0)
        dice = (1 - overlap / sizes) * torch.where(drawn > 0, 1.0, self.absent)
        return ((dice + entropy) * weights).sum() / weights.sum().clamp(min=1e-6)


def _each(name: str, value: PerStructure, usual: float) -> list[float]:
    """Return one number per structure, in channel order."""
    if isinstance(value, (int, float)):
        return [float(value)] * len(STRUCTURE_IDS)
    if isinstance(value, Mapping):
        if unknown := set(value) - set(STRUCTURE_IDS):
            raise ValueError(f"{name} names {', '.join(sorted(unknown))}, which is not a structure")
        return [float(value.get(structure, usual)) for structure in STRUCTURE_IDS]
    if len(value) != len(STRUCTURE_IDS):
        raise ValueError(f"{name} must be one number, or one per structure ({len(STRUCTURE_IDS)})")
    return [float(number) for number in value]


def _positive(name: str, value: PerStructure) -> torch.Tensor:
    """Return [structures, 1, 1], which lines up with logits [N, structures, X, Y]."""
    each = _each(name, value, POSITIVE)
    if min(each) <= 0:
        raise ValueError(f"{name} must be above 0")
    return torch.tensor(each, dtype=torch.float32)[:, None, None]
