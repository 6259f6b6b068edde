"""Random changes of training batches, made on the device that trains.

Whole batches at once take a third of the time of MONAI's transforms slice by slice, which on a
GPU would hold up every step.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from cohort.structures import FLIP_CHANNELS
from imaging.loss import NOT_ANNOTATED

Batch = tuple[torch.Tensor, torch.Tensor]
"""Image [N, 3, X, Y] in 0..1 and label [N, 4, X, Y] of 1, 0 and `NOT_ANNOTATED`."""


class AugmentBatch:
    """Mirror, turn, scale, shift, brighten and roughen each slice of a batch at random.

    Parameters
    ----------
    flip
        How often a slice is mirrored left to right.
    affine
        How often a slice is turned, scaled and shifted.
    rotate
        Largest turn, in degrees.
    scale
        Largest change of size, along each axis for itself: 0.1 is 10 %.
    shift
        Largest shift along x and y, as a share of the patch.
    intensity
        How often brightness, contrast and noise are changed.
    contrast, brightness
        Largest change of contrast, as a factor's distance from 1, and of brightness, 1 being
        the whole window.
    noise
        Largest standard deviation of noise.
    """

    def __init__(
        self,
        flip: float = 0.5,
        affine: float = 0.5,
        rotate: float = 12.0,
        scale: float = 0.15,
        shift: float = 0.05,
        intensity: float = 0.3,
        contrast: float = 0.1,
        brightness: float = 0.05,
        noise: float = 0.03,
    ) -> None:
        self.flip = flip
        self.affine = affine
        self.rotate = rotate
        self.scale = scale
        self.shift = shift
        self.intensity = intensity
        self.contrast = contrast
        self.brightness = brightness
        self.noise = noise
        self.random = torch.Generator()

    def seed(self, seed: int) -> None:
        """Start a new row of random changes."""
        self.random.manual_seed(seed)

    def __call__(self, image: torch.Tensor, label: torch.Tensor) -> Batch:
        """Return the batch changed; the one given may be changed in place."""
        chosen = self._choose(len(image), self.flip)
        if len(chosen):
            image[chosen], label[chosen] = flip_left_right(image[chosen], label[chosen])
        chosen = self._choose(len(image), self.affine)
        if len(chosen):
            image[chosen], label[chosen] = warp(
                image[chosen], label[chosen], self._matrices(len(chosen))
            )
        chosen = self._choose(len(image), self.intensity)
        if len(chosen):
            image[chosen] = self._change_intensity(image[chosen])
        return image, label

    def _choose(self, count: int, share: float) -> torch.Tensor:
        return (torch.rand(count, generator=self.random) < share).nonzero()[:, 0]

    def _uniform(self, count: int, limit: float) -> torch.Tensor:
        return (torch.rand(count, generator=self.random) * 2 - 1) * limit

    def _matrices(self, count: int) -> torch.Tensor:
        """Return random affine maps [N, 2, 3] for `warp`."""
        angle = self._uniform(count, math.radians(self.rotate))
        zoom_x, zoom_y = 1 + self._uniform(count, self.scale), 1 + self._uniform(count, self.scale)
        shift_x, shift_y = self._uniform(count, self.shift), self._uniform(count, self.shift)
        x = torch.stack([angle.cos() * zoom_x, -angle.sin() * zoom_y, shift_x], dim=1)
        y = torch.stack([angle.sin() * zoom_x, angle.cos() * zoom_y, shift_y], dim=1)
        return torch.stack([x, y], dim=1)

    def _change_intensity(self, image: torch.Tensor) -> torch.Tensor:
        count = len(image)

        def factors(limit: float) -> torch.Tensor:
            return self._uniform(count, limit).to(image.device)[:, None, None, None]

        noise = torch.randn(image.shape, generator=self.random).to(image.device)
        changed = (image - 0.5) * (1 + factors(self.contrast)) + 0.5
        changed = changed + factors(self.brightness) + noise * factors(self.noise)
        return changed.clamp_(0, 1)


def flip_left_right(image: torch.Tensor, label: torch.Tensor) -> Batch:
    """Return the mirror images, with paired structures in each other's place.

    In the mirror image of a head the left ventricle is a right one, so that its channel must
    change with it. The axis X runs from the patient's right to the left.
    """
    return image.flip(2), label[:, list(FLIP_CHANNELS)].flip(2)


def warp(image: torch.Tensor, label: torch.Tensor, matrices: torch.Tensor) -> Batch:
    """Apply affine maps to the slices and their labels; what comes from outside is air.

    Parameters
    ----------
    image, label
        [N, 3, X, Y] and [N, 4, X, Y].
    matrices
        [N, 2, 3]: from pixels (x, y) of the result to pixels of the source, both about the
        centre of the patch; the shifts are shares of its size.
    """
    known = label[:, :, :1, :1] != NOT_ANNOTATED
    width, height = image.shape[2:]
    # grid_sample calls the last axis x and measures each axis from -1 to 1.
    theta = matrices.flip(1)[:, :, [1, 0, 2]].clone()
    theta[:, 0, 1] *= width / height
    theta[:, 1, 0] *= height / width
    theta[:, :, 2] *= 2
    both = torch.cat([image, label.clamp(min=0)], dim=1)
    grid = F.affine_grid(theta.to(image), list(both.shape), align_corners=False)
    warped = F.grid_sample(both, grid, align_corners=False)
    split = image.shape[1]
    new_label = (warped[:, split:] >= 0.5).to(label.dtype)
    return warped[:, :split], torch.where(known, new_label, NOT_ANNOTATED)
