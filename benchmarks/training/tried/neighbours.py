"""Three neighbouring slices as input: a slice, the one below and the one above it.

Each is shown through all windows, so that the network has three times as many input channels. At
the ends of a scan, where there is no neighbour, the slice itself stands in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from monai.data import CacheDataset
from monai.engines import SupervisedEvaluator
from monai.transforms import Compose, Transform

from imaging.scans.slices import read_slice
from imaging.scans.windows import read_hounsfield, show_windows
from imaging.training import validation
from imaging.training.batches.augment import BEND_PX, AugmentBatch
from imaging.training.batches.batch import PrepareBatch
from imaging.training.batches.dataset import (
    CutOutHeadd,
    LoadSliced,
    RandPatchd,
    ToHounsfieldd,
    unpack_label,
)


class LoadThree(Transform):
    """Read a slice as HU, with its neighbours behind it: `hu` float16 [3, X, Y].

    Parameters
    ----------
    entries
        All slices, from `read_datalist`.
    windows
        Lower and upper HU of the windows that they show.
    """

    def __init__(
        self, entries: Sequence[Mapping[str, Any]], windows: Sequence[tuple[float, float]]
    ) -> None:
        self.windows = windows
        self.images = {(entry["case"], entry["slice"]): entry["image"] for entry in entries}
        self.load = Compose([LoadSliced(), ToHounsfieldd(windows)])

    def __call__(self, entry: Mapping[str, Any]) -> dict[str, torch.Tensor]:
        """Return `hu`, and `label` and `annotated` of the slice itself."""
        data: dict[str, torch.Tensor] = self.load(entry)
        planes = [data["hu"]]
        for beside in (-1, 1):
            image = self.images.get((entry["case"], entry["slice"] + beside), entry["image"])
            levels = torch.from_numpy(read_slice(image))
            planes.append(read_hounsfield(levels, self.windows).half()[None])
        return {**data, "hu": torch.cat(planes)}


def patches_of_three(
    entries: Sequence[Mapping[str, Any]],
    windows: Sequence[tuple[float, float]],
    patch: Sequence[int],
    cache_slices: int,
) -> CacheDataset:
    """Return what `training_patches` does, with the neighbours in `hu` [3, x, y]."""
    steps = [LoadThree(entries, windows), CutOutHeadd(patch), RandPatchd(patch)]
    return CacheDataset(
        list(entries), Compose(steps), cache_num=cache_slices, num_workers=2, progress=False
    )


class AugmentThree(AugmentBatch):
    """`AugmentBatch` of three slices at once: all change alike, but each has noise of its own."""

    def _crops(self, reach: float, like: torch.Tensor, channels: int = 1) -> torch.Tensor:
        is_noise = reach < BEND_PX
        return super()._crops(reach, like, like.shape[1] if is_noise else channels)


class PrepareThree(PrepareBatch):
    """`PrepareBatch` of three slices: image [N, 9, X, Y]."""

    def __call__(
        self, batch: Mapping[str, torch.Tensor], device: torch.device, non_blocking: bool, **_: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return image in 0..1, windows fastest, and label [N, S, X, Y] of 1, 0 and -1."""
        given = [batch[name].to(device) for name in ("hu", "label", "annotated")]
        hu, bits, annotated = self.augment(given[0].float(), *given[1:])
        image = torch.cat([show_windows(plane, self.windows) for plane in hu.split(1, 1)], dim=1)
        label = unpack_label(bits, annotated)
        return image.contiguous(memory_format=torch.channels_last), label


def with_neighbours(volume: torch.Tensor) -> torch.Tensor:
    """Return a volume [C, X, Y, Z] as [3C, X, Y, Z]: each slice, those below, those above."""
    below = torch.cat([volume[..., :1], volume[..., :-1]], dim=-1)
    above = torch.cat([volume[..., 1:], volume[..., -1:]], dim=-1)
    return torch.cat([volume, below, above])


class InferThree(validation.SlicesInferer):
    """`SlicesInferer` for a network that sees three slices."""

    def __call__(
        self, inputs: torch.Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Return probabilities [1, S, X, Y, Z] of 8-bit volumes [1, 3, X, Y, Z]."""
        return super().__call__(with_neighbours(inputs[0])[None], network, *args, **kwargs)


def evaluator_of_three(
    network: torch.nn.Module,
    volumes: Sequence[Mapping[str, torch.Tensor]],
    device: torch.device,
) -> SupervisedEvaluator:
    """Return what `make_evaluator` does, for a network that sees three slices."""
    evaluator = validation.make_evaluator(network, volumes, device)
    evaluator.inferer = InferThree()
    return evaluator
