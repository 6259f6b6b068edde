"""Exported slices as training patches, and stacked again as validation volumes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import torch
import torch.nn.functional as F
from monai.data import CacheDataset
from monai.transforms import Compose, RandSpatialCropd, ToTensord, Transform
from torch.utils.data import Sampler

from cohort.errors import DataError
from cohort.structures import STRUCTURES
from imaging.loss import NOT_ANNOTATED
from imaging.preprocess import GREY_LEVELS
from imaging.slices import read_image, read_label

THIN = 9
"""Pixels below which something is not taken for a part of the head."""


def training_patches(
    entries: Sequence[Mapping[str, Any]], patch: Sequence[int], cache_slices: int
) -> CacheDataset:
    """Return the slices of a datalist as patches, cut out anew in each epoch.

    What is the same in each epoch is done once and kept in memory, in 8 bit: reading, and
    cutting out the head.

    Parameters
    ----------
    entries
        From `read_datalist`.
    patch
        Pixels of a patch along x and y.
    cache_slices
        How many slices to keep in memory.

    Returns
    -------
    CacheDataset
        Of `{"image": uint8 [3, x, y] in 0..255, "label": int8 [4, x, y] of 0/1}`, where the
        label of a structure that was not annotated is `NOT_ANNOTATED` everywhere.
    """
    keys = ["image", "label"]
    transforms = Compose(
        [
            LoadSliced(),
            CutOutHeadd(patch),
            RandSpatialCropd(keys, patch, random_size=False),
            ToTensord(keys, track_meta=False),
        ]
    )
    return CacheDataset(
        list(entries), transforms, cache_num=cache_slices, num_workers=2, progress=False
    )


def validation_volumes(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, torch.Tensor]]:
    """Stack the slices of each case of a datalist.

    Returns
    -------
    list of dict
        `image`: uint8 [3, X, Y, Z] in 0..255; `label`: int8 [4, X, Y, Z] of 0/1, or
        `NOT_ANNOTATED`.

    Raises
    ------
    DataError
        If the slices of a case differ in size.
    """
    load = LoadSliced()
    in_order = sorted(entries, key=lambda entry: (entry["case"], entry["slice"]))
    volumes = []
    for case, group in groupby(in_order, key=lambda entry: entry["case"]):
        slices = [load(entry) for entry in group]
        if len({item["image"].shape for item in slices}) > 1:
            raise DataError(f"Case {case!r}: its slices differ in size; export the corpus again.")
        label = torch.stack([item["label"] for item in slices], dim=-1)
        image = torch.stack([item["image"] for item in slices], dim=-1)
        volumes.append({"image": image, "label": label})
    return volumes


class SliceSampler(Sampler[int]):
    """Show all slices with structures, and a share of those without, in random order.

    Parameters
    ----------
    shown
        For each slice, whether it shows any structure.
    background
        Share of the slices without any that are shown in an epoch, others each time.
    """

    def __init__(self, shown: Sequence[bool], background: float) -> None:
        self.foreground = torch.tensor(
            [i for i, any_ in enumerate(shown) if any_], dtype=torch.long
        )
        self.background = torch.tensor(
            [i for i, any_ in enumerate(shown) if not any_], dtype=torch.long
        )
        self.drawn = round(background * len(self.background))
        if not len(self.foreground):
            self.drawn = len(self.background)
        self.random = torch.Generator()

    def seed(self, seed: int) -> None:
        """Start a new row of random orders."""
        self.random.manual_seed(seed)

    def __len__(self) -> int:
        return len(self.foreground) + self.drawn

    def __iter__(self) -> Iterator[int]:
        chosen = torch.randperm(len(self.background), generator=self.random)[: self.drawn]
        indices = torch.cat([self.foreground, self.background[chosen]])
        order = torch.randperm(len(indices), generator=self.random)
        yield from indices[order].tolist()


class LoadSliced(Transform):
    """Read the PNG files of a datalist's entry."""

    def __call__(self, entry: Mapping[str, Any]) -> dict[str, torch.Tensor]:
        """Return `image` uint8 [3, X, Y] and `label` int8 [4, X, Y] of 0, 1, `NOT_ANNOTATED`."""
        image = read_image(entry["image"])
        label = read_label(entry["label"])
        if image.shape[1:] != label.shape[1:]:
            raise DataError(
                f"{entry['label']}: differs in size from its image; export the corpus again."
            )
        masks = torch.from_numpy(label).to(torch.int8)
        for structure in STRUCTURES:
            if structure.id not in entry["structures"]:
                masks[structure.channel] = NOT_ANNOTATED
        return {"image": torch.from_numpy(image), "label": masks}


class CutOutHeadd(Transform):
    """Cut off the air around the head, and add some where less than a patch is left.

    Parameters
    ----------
    patch
        Smallest size of the result along x and y; the head then lies in the middle.
    """

    def __init__(self, patch: Sequence[int]) -> None:
        self.patch = patch

    def __call__(self, data: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Return `data` with `image` and `label` cut alike."""
        head = _bulky(data["image"].amax(0) > GREY_LEVELS / 10)
        result = dict(data)
        for axis, size in enumerate(self.patch):
            inside = head.any(1 - axis).nonzero()
            first, last = (int(inside[0]), int(inside[-1])) if len(inside) else (0, size - 1)
            for key in ("image", "label"):
                length = result[key].shape[1 + axis]
                stop = min(last + 1, length)
                cut = result[key].narrow(1 + axis, first, stop - first)
                result[key] = _pad(cut, 1 + axis, size)
        unknown = (data["label"] == NOT_ANNOTATED).flatten(1).any(1)
        result["label"][unknown] = NOT_ANNOTATED
        return result


def _bulky(inside: torch.Tensor) -> torch.Tensor:
    """Keep of `inside` [X, Y] what is thick: the head, not the shell of its rest, nor noise."""
    eroded = -F.max_pool2d(-inside.float()[None], THIN, stride=1, padding=THIN // 2)
    return F.max_pool2d(eroded, THIN, stride=1, padding=THIN // 2)[0] > 0


def _pad(values: torch.Tensor, axis: int, size: int) -> torch.Tensor:
    missing = max(0, size - values.shape[axis])
    before = missing // 2
    padding = [0, 0] * (values.ndim - 1 - axis) + [before, missing - before]
    return F.pad(values, padding)
