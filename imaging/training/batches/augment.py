"""Random changes of training batches in Hounsfield units, made on the device that trains.

What scanners and patients vary is varied before the CT windows are laid over a slice, where it
has its true form: noise in HU, a tissue's contrast, a detector's cupping. Whole batches at once
take a third of the time of MONAI's transforms slice by slice, which would hold up every step.
"""

from __future__ import annotations

import functools
import math

import torch
import torch.nn.functional as F

from cohort.facts.limits import USUAL_BRAIN_HU
from cohort.facts.structures import FLIP_CHANNELS

Batch = tuple[torch.Tensor, torch.Tensor]
"""HU, float [N, 1, X, Y], and label bit field, uint8 [N, 1, X, Y]: bit k is structure k."""
Annotated = torch.Tensor
"""Bool [N, S]: which structures are annotated in each slice."""

GRAIN_PX = 0.9
"""Reach of the correlated noise (one sigma): that of a smooth kernel at 1 mm a pixel."""
BEND_PX = 14.0
"""Reach of elastic deformation and of uneven brightness (one sigma)."""
FIELD_PX = 128
"""Smallest size for which noise is made ready."""


class AugmentBatch:
    """Mirror, turn, scale, shift, bend, blur, brighten and roughen each slice at random.

    Parameters
    ----------
    flip
        How often a slice is mirrored left to right.
    affine
        How often a slice is turned, scaled, shifted and bent.
    rotate
        Largest turn, in degrees.
    scale
        Largest change of size: 0.1 is 10 %. Along each axis by itself, a third of it more.
    shift
        Largest shift along x and y, as a share of the patch.
    bend
        Largest strength of the elastic deformation: one sigma of the displacement, in pixels.
    intensity
        How often the following are changed.
    contrast
        Largest change of contrast, as a factor's distance from 1; the brain keeps its HU.
    offset
        Largest shift of all HU.
    shade
        Largest strength of uneven brightness (cupping, beam hardening): one sigma, in HU.
    noise
        Largest standard deviation of noise, in HU; a random share of it is correlated.
    blur
        Largest blurring or, in the other direction, half as much sharpening: 1 replaces a pixel
        by the mean of its neighbourhood (one sigma of about 1 pixel).
    cut
        How often values above a random one from 80 to 255 HU are cut off, as in scans that were
        stored through a window.

    Raises
    ------
    ValueError
        If how often something happens is not a share, or a limit is below 0.
    """

    def __init__(
        self,
        flip: float = 0.5,
        affine: float = 0.8,
        rotate: float = 20.0,
        scale: float = 0.2,
        shift: float = 0.06,
        bend: float = 2.5,
        intensity: float = 0.8,
        contrast: float = 0.25,
        offset: float = 6.0,
        shade: float = 3.0,
        noise: float = 5.0,
        blur: float = 1.0,
        cut: float = 0.1,
    ) -> None:
        self.flip = flip
        self.affine = affine
        self.rotate = rotate
        self.scale = scale
        self.shift = shift
        self.bend = bend
        self.intensity = intensity
        self.contrast = contrast
        self.offset = offset
        self.shade = shade
        self.noise = noise
        self.blur = blur
        self.cut = cut
        for name, value in vars(self).items():
            often = name in ("flip", "affine", "intensity", "cut")
            if not 0 <= value <= (1 if often else math.inf):
                what = "a share between 0 and 1" if often else "0 or more"
                raise ValueError(f"'{name}' must be {what}, not {value!r}")
        self.random = torch.Generator()

    def seed(self, seed: int) -> None:
        """Start a new row of random changes."""
        self.random.manual_seed(seed)

    def __call__(
        self, hu: torch.Tensor, label: torch.Tensor, annotated: Annotated
    ) -> tuple[torch.Tensor, torch.Tensor, Annotated]:
        """Return the batch changed; HU and label may be changed in place.

        Whoever mirrors slices says so of `annotated`, too: if a left ventricle alone was drawn,
        it is a right one afterwards, and of the left one nothing is known.
        """
        flipped = self._happens(len(hu), self.flip).nonzero()[:, 0]
        if len(flipped):
            hu[flipped], label[flipped] = flip_left_right(hu[flipped], label[flipped])
            annotated = annotated.clone()
            annotated[flipped] = annotated[flipped][:, list(FLIP_CHANNELS)]
        warped = self._happens(len(hu), self.affine)
        if warped.any():
            bend = self._crops(BEND_PX, hu, 2) * self._amounts(warped, self.bend, hu)
            hu, label = warp(hu, label, self._matrices(warped), bend)
        changed = self._happens(len(hu), self.intensity)
        if changed.any():
            hu = self._change_intensity(hu, changed)
        return hu, label, annotated

    def _happens(self, count: int, share: float) -> torch.Tensor:
        return torch.rand(count, generator=self.random) < share

    def _uniform(self, chosen: torch.Tensor, limit: float) -> torch.Tensor:
        """Return a number from -limit to limit for each chosen slice, and 0 for the others."""
        return (torch.rand(len(chosen), generator=self.random) * 2 - 1) * limit * chosen

    def _amounts(self, chosen: torch.Tensor, limit: float, like: torch.Tensor) -> torch.Tensor:
        """Return `_uniform` as [N, 1, 1, 1], where `like` is."""
        return self._uniform(chosen, limit).to(like.device)[:, None, None, None]

    def _crops(self, reach: float, like: torch.Tensor, channels: int = 1) -> torch.Tensor:
        """Return noise of that reach, [N, channels, X, Y] of `like`: pieces of a large field."""
        width, height = like.shape[2:]
        field = _noise_field(2 * max(width, height, FIELD_PX), reach)
        count = len(like) * channels
        starts = torch.randint(max(width, height, FIELD_PX), (count, 2), generator=self.random)
        pieces = [field[x : x + width, y : y + height] for x, y in starts.tolist()]
        return torch.stack(pieces).view(-1, channels, width, height).to(like.device)

    def _matrices(self, chosen: torch.Tensor) -> torch.Tensor:
        """Return random affine maps [N, 2, 3] for `warp`."""
        angle = self._uniform(chosen, math.radians(self.rotate))
        size = 1 + self._uniform(chosen, self.scale)
        zoom_x = size * (1 + self._uniform(chosen, self.scale / 3))
        zoom_y = size * (1 + self._uniform(chosen, self.scale / 3))
        shift_x, shift_y = self._uniform(chosen, self.shift), self._uniform(chosen, self.shift)
        x = torch.stack([angle.cos() * zoom_x, -angle.sin() * zoom_y, shift_x], dim=1)
        y = torch.stack([angle.sin() * zoom_x, angle.cos() * zoom_y, shift_y], dim=1)
        return torch.stack([x, y], dim=1)

    def _change_intensity(self, hu: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        blur = self._uniform(chosen, self.blur)
        blur = torch.where(blur < 0, blur / 2, blur).to(hu.device)[:, None, None, None]
        changed = torch.lerp(hu, blurred(hu), blur)
        contrast = self._amounts(chosen, self.contrast, hu)
        changed += (changed - USUAL_BRAIN_HU) * contrast + self._amounts(chosen, self.offset, hu)
        changed += self._crops(BEND_PX, hu) * self._amounts(chosen, self.shade, hu)
        # One strength a slice, shared between both kinds of noise.
        strength = self._amounts(chosen, self.noise, hu)
        share = torch.rand(len(hu), generator=self.random).to(hu.device)[:, None, None, None]
        changed += self._crops(0, hu) * (strength * share)
        changed += self._crops(GRAIN_PX, hu) * (strength * (1 - share))
        cut = self._happens(len(hu), self.cut) & chosen
        for index in cut.nonzero()[:, 0].tolist():
            highest = 80 + 175 * float(torch.rand(1, generator=self.random))
            changed[index].clamp_(max=highest)
        return changed


def flip_left_right(hu: torch.Tensor, label: torch.Tensor) -> Batch:
    """Return the mirror images, with paired structures in each other's place.

    In the mirror image of a head the left ventricle is a right one, so that its bit must change
    with it. The axis X runs from the patient's right to the left.
    """
    mirrored = torch.zeros_like(label)
    for channel, partner in enumerate(FLIP_CHANNELS):
        mirrored |= (label >> partner & 1) << channel
    return hu.flip(2), mirrored.flip(2)


def warp(
    hu: torch.Tensor,
    label: torch.Tensor,
    matrices: torch.Tensor,
    bend: torch.Tensor | None = None,
) -> Batch:
    """Apply affine maps and displacements to slices and labels; what comes from outside is 0 HU.

    Parameters
    ----------
    hu, label
        [N, 1, X, Y].
    matrices
        [N, 2, 3]: from pixels (x, y) of the result to pixels of the source, both about the
        centre of the patch; the shifts are shares of its size.
    bend
        [N, 2, X, Y]: displacement in pixels along x and y, added to where the source is read.
    """
    width, height = hu.shape[2:]
    x = torch.arange(width, device=hu.device)[:, None] - (width - 1) / 2
    y = torch.arange(height, device=hu.device) - (height - 1) / 2
    m = matrices.to(hu)[:, :, :, None, None]
    source_x = m[:, 0, 0] * x + m[:, 0, 1] * y + m[:, 0, 2] * width
    source_y = m[:, 1, 0] * x + m[:, 1, 1] * y + m[:, 1, 2] * height
    if bend is not None:
        source_x, source_y = source_x + bend[:, 0], source_y + bend[:, 1]
    # grid_sample calls the last axis x and measures each axis from -1 to 1.
    grid = torch.stack([source_y * (2 / height), source_x * (2 / width)], dim=3)
    warped = F.grid_sample(hu, grid, align_corners=False)
    bits = F.grid_sample(label.to(hu.dtype), grid, mode="nearest", align_corners=False)
    return warped, bits.to(label.dtype)


def blurred(hu: torch.Tensor) -> torch.Tensor:
    """Return slices [N, 1, X, Y] blurred with binomial weights, about a Gaussian of one pixel.

    Sums of shifted views take a tenth of the time of conv2d with its single channel.
    """
    padded = F.pad(hu, (2, 2, 2, 2), mode="replicate")
    for axis in (2, 3):
        size = padded.size(axis) - 4
        first, second, middle, fourth, fifth = (padded.narrow(axis, k, size) for k in range(5))
        padded = (first + fifth).add_(second + fourth, alpha=4).add_(middle, alpha=6)
    return padded * (1 / 256)


@functools.cache
def _noise_field(side: int, reach: float) -> torch.Tensor:
    """Return noise [side, side] that is always the same: mean 0, variance 1."""
    field = torch.randn(1, 1, side, side, generator=torch.Generator().manual_seed(0))
    if reach:
        taps = torch.arange(-math.ceil(3 * reach), math.ceil(3 * reach) + 1)
        line = torch.exp(-0.5 * (taps / reach) ** 2)
        wrapped = F.pad(field, [len(line) // 2] * 4, mode="circular")
        field = F.conv2d(F.conv2d(wrapped, line[None, None, :, None]), line[None, None, None, :])
    return ((field - field.mean()) / field.std())[0, 0]
