"""In-plane resampling of axial slices, and back to the grid they came from."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache

import torch
import torch.nn.functional as F
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import InvertibleTransform, MapTransform
from monai.transforms.utils import scale_affine

SLICES_AT_A_TIME = 4
ROUNDING = 1e-5  # so that a pixel filled by half is, whatever its float says


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

        Values are interpolated, into float32; those of type uint8 are masks (0/1) and stay so.
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


def resample_part(
    values: torch.Tensor, size: tuple[int, int], least: float
) -> tuple[tuple[slice, slice, slice], torch.Tensor] | None:
    """Resample in plane, as `ResampleSlices` does, only where the result can reach `least`.

    A scan's structures fill few of its voxels, so that this is many times faster.

    Parameters
    ----------
    values
        [X, Y, Z], at least 0.
    size
        Shape of the result's slices.
    least
        Above 0. Where the result is less, it need not be in the part.

    Returns
    -------
    box
        Where in the result, [*size, Z], the part lies.
    part
        Its values. None if `least` is not reached anywhere.
    """
    # New values are averages of old ones, so that none is larger than all that it is made of.
    # numpy finds the largest in any order of memory, where torch takes fifty times as long in some.
    array = values.numpy()
    in_slice = torch.from_numpy(array.max(axis=(0, 1)) >= least)
    if not in_slice.any():
        return None
    z = _range(in_slice)
    found = torch.from_numpy(array[..., z].max(axis=2) >= least)
    x, from_x, by_x = _averages(values.shape[0], size[0], _range(found.any(1)))
    y, from_y, by_y = _averages(values.shape[1], size[1], _range(found.any(0)))
    part = values[from_x, from_y, z].permute(2, 0, 1).float()
    resampled = by_x.to(part) @ part @ by_y.to(part).T
    return (x, y, z), resampled.permute(1, 2, 0)


def _averages(old: int, new: int, used: slice) -> tuple[slice, slice, torch.Tensor]:
    """Return which of `new` pixels the `used` of `old` reach, from which these are, and how."""
    weights, first, last = _weights(old, new)
    reached = _range((first < used.stop) & (last >= used.start))
    needed = slice(int(first[reached].min()), int(last[reached].max()) + 1)
    return reached, needed, weights[reached, needed]


@lru_cache(maxsize=16)
def _weights(old: int, new: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the matrix [new, old] that resampling a row of pixels multiplies it by.

    With it, for each new pixel, the first and the last of the old ones that it is made of.
    """
    rows = torch.eye(old)
    weights = rows if old == new else _resize_slices(rows[None, None], (new, old))[0, 0]
    positive = (weights > 0).int()
    return weights, positive.argmax(1), old - 1 - positive.flip(1).argmax(1)


def _range(found: torch.Tensor) -> slice:
    """Return the range from the first to the last that is found."""
    where = found.nonzero()
    return slice(int(where[0]), int(where[-1]) + 1)


def _resize(volume: torch.Tensor, size: tuple[int, ...]) -> torch.Tensor:
    """Resize the two first spatial axes of `volume` [C, X, Y, Z]."""
    if tuple(volume.shape[1:3]) == tuple(size):
        return volume
    if _is_mask(volume):
        return torch.stack([_resize_mask(mask, size) for mask in volume])
    slices = volume.permute(3, 0, 1, 2)
    resized = slices.new_empty((*slices.shape[:2], *size), dtype=torch.float32)
    # Rows and columns as they lie in memory: a file's x runs fastest, and turning is slow.
    turned = slices.stride(2) < slices.stride(3)
    # A few slices at a time, so that a scan is never held as floats in its full size.
    for start in range(0, len(slices), SLICES_AT_A_TIME):
        some = slices[start : start + SLICES_AT_A_TIME]
        if turned:
            new = _resize_slices(some.transpose(2, 3), (size[1], size[0])).transpose(2, 3)
        else:
            new = _resize_slices(some, size)
        resized[start : start + SLICES_AT_A_TIME] = new
    return resized.permute(1, 2, 3, 0)


def _resize_mask(mask: torch.Tensor, size: tuple[int, ...]) -> torch.Tensor:
    """Resize a mask [X, Y, Z] of 0/1: a new pixel that is filled by half or more is 1."""
    resized = mask.new_zeros((*size[:2], mask.shape[2]))
    half = 0.5 - ROUNDING
    part = resample_part(mask, (size[0], size[1]), half)
    if part is not None:
        box, filled = part
        resized[box] = (filled >= half).to(mask.dtype)
    return resized


def _resize_slices(slices: torch.Tensor, size: tuple[int, ...]) -> torch.Tensor:
    values = slices.float().contiguous()
    return F.interpolate(values, size, mode="bilinear", antialias=True)


def _is_mask(values: torch.Tensor) -> bool:
    return values.dtype == torch.uint8
