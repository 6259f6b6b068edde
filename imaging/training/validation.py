"""Validation during training: Dice of whole volumes, structure by structure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from monai.data import DataLoader, Dataset
from monai.engines import SupervisedEvaluator
from monai.handlers import MeanDice
from monai.inferers import Inferer

from cohort.facts.structures import STRUCTURES
from imaging.model.inference import THRESHOLD, slice_probabilities
from imaging.scans.windows import GREY_LEVELS
from imaging.training.loss import NOT_ANNOTATED

METRIC = "val_dice"


def make_evaluator(
    network: torch.nn.Module,
    volumes: Sequence[Mapping[str, torch.Tensor]],
    device: torch.device,
) -> SupervisedEvaluator:
    """Return an engine that scores `network` on `validation_volumes`.

    A structure counts as in `imaging.scores.metrics`: missed and false alarms are 0, what is
    neither there nor predicted, or was not annotated, is left out.
    """
    return SupervisedEvaluator(
        device=device,
        val_data_loader=DataLoader(Dataset(list(volumes)), batch_size=1),
        network=network,
        inferer=SlicesInferer(),
        key_val_metric={METRIC: MeanDice(output_transform=_for_dice)},
        decollate=False,
    )


def validated_dice(evaluator: SupervisedEvaluator) -> dict[str, float | None]:
    """Return the mean Dice of each structure in the evaluator's last run; None if it had none."""
    scores = evaluator.state.metric_details[METRIC]
    result: dict[str, float | None] = {}
    for structure in STRUCTURES:
        found = scores[:, structure.channel]
        found = found[~found.isnan()]
        result[structure.id] = round(float(found.mean()), 6) if len(found) else None
    return result


class SlicesInferer(Inferer):
    """The network slice by slice over 8-bit volumes [1, 3, X, Y, Z]."""

    def __call__(
        self, inputs: torch.Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Return probabilities [1, S, X, Y, Z]."""
        return slice_probabilities(network, inputs[0].float() / GREY_LEVELS)[None]


def _for_dice(output: Mapping[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    predicted = output["pred"] >= THRESHOLD
    label = output["label"]
    truth = label == 1
    # MeanDice leaves out what has no voxel in the reference. So that a false alarm counts as
    # 0, it is compared with everything that it leaves.
    false_alarm = (label != NOT_ANNOTATED).flatten(2).all(2) & ~truth.flatten(2).any(2)
    false_alarm &= predicted.flatten(2).any(2)
    truth = torch.where(false_alarm[..., None, None, None], ~predicted, truth)
    return predicted.float(), truth.float()
