"""In-plane resampling of axial slices, and back to the grid they came from."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import torch
import torch.nn.functional as F
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import InvertibleTransform, MapTransform
from monai.transforms.utils import scale_affine


class ResampleSlices(InvertibleTransform):
    """Resample the first two spatial axes to a spacing; the third axis is left as it is.

    Slices of a head CT are often 5 mm apart, so that a value between two of them would be made
    up. Shrinking averages (linear, antialiased), which keeps noise low; a structure that fills
    half of a new pixel belongs to it. The inverse gives exactly the original shape and affine.

    Parameters
    ----------
    spacing
        New in-plane spacing in mm; the nearest that fills the field of view with whole pixels.
        None leaves the grid as it is.
    """

    def __init__(self, spacing: float | None) -> None:
        self.spacing = spacing

    def __call__(self, volume: MetaTensor) -> MetaTensor:
        """Return `volume` [C, X, Y, Z] with the new in-plane spacing.

        Values of floating type are interpolated; those of integer type are masks (0/1).
        """
        size = tuple(volume.shape[1:])
        pixdim = [float(p) for p in volume.pixdim[:2]]
        if self.spacing is None:
            new: tuple[int, ...] = size
        else:
            scaled = zip(size[:2], pixdim, strict=True)
            new = (*(max(1, round(n * mm / self.spacing)) for n, mm in scaled), size[2])
        record = self.track_transform_meta(
            volume,
            sp_size=new,
            affine=scale_affine(size, new),
            extra_info={"original_affine": volume.affine},
            orig_size=size,
            transform_info=self.get_transform_info(),
        )
        return MetaTensor(_resize(volume.as_tensor(), new[:2])).copy_meta_from(record)

    def inverse(self, volume: MetaTensor) -> MetaTensor:
        """Return `volume` on the grid that it was resampled from."""
        transform = self.pop_transform(volume)
        values = _resize(volume.as_tensor(), tuple(transform["orig_size"])[:2])
        restored = MetaTensor(values).copy_meta_from(volume)
        restored.affine = transform["extra_info"]["original_affine"]
        return restored


class ResampleSlicesd(MapTransform, InvertibleTransform):
    """Dictionary version of `ResampleSlices`."""

    def __init__(
        self, keys: KeysCollection, spacing: float | None, allow_missing_keys: bool = False
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.resample = ResampleSlices(spacing)

    def __call__(self, data: Mapping[Hashable, MetaTensor]) -> dict[Hashable, MetaTensor]:
        """Return `data` with the volumes under the keys resampled."""
        result = dict(data)
        for key in self.key_iterator(result):
            result[key] = self.resample(result[key])
        return result

    def inverse(self, data: Mapping[Hashable, MetaTensor]) -> dict[Hashable, MetaTensor]:
        """Return `data` with the volumes under the keys on their former grid."""
        result = dict(data)
        for key in self.key_iterator(result):
            result[key] = self.resample.inverse(result[key])
        return result


def _resize(volume: torch.Tensor, size: tuple[int, ...]) -> torch.Tensor:
    """Resize the two first spatial axes of `volume` [C, X, Y, Z]."""
    if tuple(volume.shape[1:3]) == tuple(size):
        return volume
    slices = volume.permute(3, 0, 1, 2)
    resized = slices.new_empty((*slices.shape[:2], *size))
    # Channel by channel, so that four masks of a large scan are never all held as floats.
    for channel in range(slices.shape[1]):
        resized[:, [channel]] = _resize_slices(slices[:, [channel]], size)
    return resized.permute(1, 2, 3, 0)


def _resize_slices(slices: torch.Tensor, size: tuple[int, ...]) -> torch.Tensor:
    values = slices.float().contiguous()
    resized = F.interpolate(values, size, mode="bilinear", antialias=True)
    return resized if slices.is_floating_point() else (resized >= 0.5).to(slices.dtype)
