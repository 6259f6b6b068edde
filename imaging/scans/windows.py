"""HU as a network sees them: cut, and shown through CT windows in 256 grey levels each."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.data import MetaTensor
from monai.transforms import MapTransform

from cohort.facts.tissue import cut_level

GREY_LEVELS = 255


class CutHUd(MapTransform):
    """Set HU beyond `bounds` to the nearer of them, and bone that was cut before to the upper.

    Of a scan that was cut at 100 to 200 HU, bone would read what dense blood and calcification do.
    What reads the value at which it was cut is bone, and is shown as such.
    """

    def __init__(self, keys: list[str], bounds: tuple[float, float]) -> None:
        super().__init__(keys)
        self.bounds = bounds

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return `data` with the volumes under the keys cut."""
        result = dict(data)
        for key in self.key_iterator(result):
            volume = result[key]
            low, high = self.bounds
            if not volume.is_floating_point():  # stays so, at half the memory
                low, high = math.floor(low), math.ceil(high)
            hounsfield = volume.as_tensor()
            bounded = hounsfield.clamp(low, high)
            cut = cut_level(hounsfield[0].numpy())
            if cut is not None and cut < high:
                bounded[hounsfield >= cut - 0.5] = high
            result[key] = MetaTensor(bounded).copy_meta_from(volume)
        return result


class WindowCTd(MapTransform):
    """Show HU [1, X, Y, Z] through CT windows, one channel each, in 256 levels from 0 to 1."""

    def __init__(self, keys: list[str], windows: list[tuple[float, float]]) -> None:
        super().__init__(keys)
        self.windows = windows

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return `data` with the volumes under the keys windowed."""
        result = dict(data)
        for key in self.key_iterator(result):
            volume = result[key]
            # Slices first in memory, as the network will read them.
            slices = volume.as_tensor()[0].permute(2, 0, 1)
            shown = torch.empty((len(slices), len(self.windows), *slices.shape[1:]))
            for channel, bounds in enumerate(self.windows):
                shown[:, channel] = _window(slices, *bounds)
            result[key] = MetaTensor(shown.permute(1, 2, 3, 0)).copy_meta_from(volume)
        return result


def show_windows(hounsfield: torch.Tensor, windows: Sequence[tuple[float, float]]) -> torch.Tensor:
    """Return HU [N, 1, X, Y] through CT windows as [N, windows, X, Y] from 0 to 1."""
    low = hounsfield.new_tensor([bounds[0] for bounds in windows])[:, None, None]
    width = hounsfield.new_tensor([high - low for low, high in windows])[:, None, None]
    return ((hounsfield - low) / width).clamp_(0, 1)


def read_hounsfield(levels: torch.Tensor, windows: Sequence[tuple[float, float]]) -> torch.Tensor:
    """Return the HU that a slice's windows show, each from the narrowest window that holds it.

    Parameters
    ----------
    levels
        uint8 [windows, X, Y] in 0..255, as an exported PNG holds them.
    windows
        Lower and upper bound in HU of each.

    Returns
    -------
    torch.Tensor
        float32 [X, Y], exact to half a grey level of that window; cut to what the windows show.
    """
    lowest = min(low for low, _ in windows)
    hounsfield = torch.full(levels.shape[1:], float(lowest))
    # Narrow windows last: their grey levels are finer.
    for level, (low, high) in sorted(
        zip(levels, windows, strict=True), key=lambda pair: pair[1][0] - pair[1][1]
    ):
        shown = low + level * ((high - low) / GREY_LEVELS)
        hounsfield = torch.where((level > 0) & (level < GREY_LEVELS), shown, hounsfield)
        hounsfield = torch.where(level == GREY_LEVELS, hounsfield.clamp(min=high), hounsfield)
    return hounsfield


def _window(hounsfield: torch.Tensor, low: float, high: float) -> torch.Tensor:
    levels = (hounsfield - low) * (GREY_LEVELS / (high - low))
    return levels.clamp_(0, GREY_LEVELS).round_().div_(GREY_LEVELS)
