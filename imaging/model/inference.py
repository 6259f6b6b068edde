"""A trained network on whole scans: slice by slice, and back to each scan's own grid.

Evaluation and prediction both call `segment`, so that what is scored is what users get. The
validation of a training does not: it takes what reaches `THRESHOLD`, before the section
`postprocess`, so that its Dice may count specks that nobody is shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from monai.data import MetaTensor
from monai.inferers import Inferer
from monai.transforms import Compose, CopyItemsd
from numpy.typing import NDArray

from cohort.facts.structures import BY_ID, FLIP_CHANNELS, STRUCTURES, Structure
from imaging.model.channels import own_network
from imaging.model.postprocess import USUAL_THRESHOLD, Postprocess
from imaging.model.precision import in_bfloat16
from imaging.scans.load import LoadScand, volume_grid
from imaging.scans.preprocess import Preprocess, scan_transforms
from imaging.space.cleanup import Effect, clean_up
from imaging.space.mask_arrays import empty_masks
from imaging.space.orientation import lps_view
from imaging.space.resample import resample_part

Network = Callable[..., Any]

THRESHOLD = USUAL_THRESHOLD
SLICES_AT_A_TIME = 32
# Slices that run together: on a CPU as many as its cache likes, one of 512 × 512.
PIXELS_PER_BATCH = {"cpu": 1 << 18, "cuda": 1 << 22}
# Stride of networks that don't say theirs; those of MONAI halve the size up to five times.
USUAL_STRIDE = 32
PROBABILITY_LEVELS = 255
LEAST_WRITTEN = 0.5 / PROBABILITY_LEVELS  # a probability below it is written as 0
MIDLINE = BY_ID["midline"].channel


@dataclass
class Segmentation:
    """What was found in a scan.

    Attributes
    ----------
    masks
        uint8 [S, I, J, K] of 0/1, one channel per structure, on the grid of the scan's file, in its
        own axis order.
    effects
        Structure id to what the rules of the section `postprocess` did to it, for those that
        were not left out.
    probabilities
        The network's, on the same grid, uint8 in 255ths; None unless asked for. A voxel of 128
        or more is one from a probability of 0.5 on.
    midline
        The midline's alone, [I, J, K], which its shift is measured on; None if it was left out.
    """

    masks: NDArray[np.uint8]
    effects: dict[str, Effect]
    probabilities: NDArray[np.uint8] | None = None
    midline: NDArray[np.uint8] | None = None


def inference_transforms(preprocess: Preprocess, masks: bool = False) -> Compose:
    """Return `scan_transforms` that leave on the file's own grid what is not network input.

    The result holds `image` [3, X, Y, Z] as the network sees it, `hu` [1, I, J, K] as the file
    holds it, and with `masks` the `label` [S, I, J, K] as the files hold it.
    """
    _, *to_network = scan_transforms(preprocess).transforms
    return Compose([LoadScand(masks), CopyItemsd(["image"], names=["hu"]), *to_network])


def segment(
    network: Network,
    image: torch.Tensor,
    hu: MetaTensor,
    postprocess: Postprocess | None = None,
    keep_probabilities: bool = False,
    leave_out: Collection[str] = (),
) -> Segmentation:
    """Segment a scan.

    Parameters
    ----------
    network
        [N, 3, X, Y] to the logits of the structures [N, S, X, Y].
    image, hu
        What `inference_transforms` made of the scan: float32 [3, X, Y, Z] and [1, I, J, K].
    postprocess
        How masks are made of probabilities; None for thresholds alone.
    keep_probabilities
        Whether to return the probabilities too.
    leave_out
        Structures of which nothing can be told: their masks stay empty.
    """
    told = [structure for structure in STRUCTURES if structure.id not in leave_out]
    how = postprocess or Postprocess()
    grid = volume_grid(hu)
    affine = grid.affine
    scan = hu.as_tensor()[0].cpu().numpy()
    masks = empty_masks(scan.shape)
    with_peaks = [s.channel for s in told if how.lowest_peak[s.id]]
    peaks = {channel: empty_masks(scan.shape, 1)[0].view(bool) for channel in with_peaks}
    channels = {structure.channel for structure in told}
    alone = [channel for channel in channels if FLIP_CHANNELS[channel] not in channels]
    probabilities = empty_masks(scan.shape) if keep_probabilities else None
    midline = None
    if MIDLINE in channels:
        midline = empty_masks(scan.shape, 1)[0] if probabilities is None else probabilities[MIDLINE]
    # Piece by piece, since a large scan's probabilities would not fit in memory.
    for start in range(0, image.shape[3], SLICES_AT_A_TIME):
        piece = image[..., start : start + SLICES_AT_A_TIME]
        found = slice_probabilities(network, piece, how.flips, alone).cpu()
        for structure in told:
            of = structure.channel
            marked = [(how.threshold[structure.id], masks[of])]
            if of in peaks:
                marked.append((how.lowest_peak[structure.id], peaks[of]))
            levels = midline if of == MIDLINE else None
            if probabilities is not None:
                levels = probabilities[of]
            least = min(threshold for threshold, _ in marked)
            if levels is not None:
                least = min(least, LEAST_WRITTEN)
            part = resample_part(found[of], lps_view(masks[of], affine).shape[:2], least)
            if part is None:
                continue
            (x, y, slices), values = part
            box = x, y, slice(start + slices.start, start + slices.stop)
            for threshold, mask in marked:
                lps_view(mask, affine)[box] = (values >= threshold).numpy()
            if levels is not None:
                lps_view(levels, affine)[box] = _as_levels(values)
    seen = lps_view(scan, affine)

    def clean(structure: Structure) -> Effect:
        return clean_up(
            lps_view(masks[structure.channel], affine),
            grid.lps,
            how.smallest_ml[structure.id],
            seen if how.inside_skull and structure.id == "hematoma" else None,
            lps_view(peaks[structure.channel], affine) if structure.channel in peaks else None,
            how.lowest_peak_up_to_ml,
        )

    with ThreadPoolExecutor() as pool:
        effects = dict(zip((s.id for s in told), pool.map(clean, told), strict=True))
    return Segmentation(masks, effects, probabilities, midline)


def slice_probabilities(
    network: Network, image: torch.Tensor, flips: bool = False, alone: Sequence[int] = ()
) -> torch.Tensor:
    """Run a 2D network over the axial slices of a scan.

    Parameters
    ----------
    network
        [N, 3, X, Y] to the logits of the structures [N, S, X, Y].
    image
        Float32 [3, X, Y, Z].
    flips
        Whether to take the mean with what the network says of the mirror image, x reversed and
        the structures of the two sides swapped.
    alone
        Channels for which it is not taken: in the mirror image a left ventricle is a right one,
        of which nothing can be told if the network has learnt left ones alone.

    Returns
    -------
    torch.Tensor
        Probabilities of the structures, float32 [S, X, Y, Z], where `image` is.
    """
    volume = torch.Tensor.as_subclass(image, torch.Tensor)  # MetaTensors are slower
    slices = volume.permute(3, 0, 1, 2)
    device = _device_of(network, volume)
    pixels = PIXELS_PER_BATCH.get(device.type, PIXELS_PER_BATCH["cpu"])
    run = _any_size(network)
    found = []
    with torch.no_grad(), in_bfloat16(device):
        # MONAI's SliceInferer does the same, and counts and divides the overlaps of its windows.
        for batch in slices.split(max(1, pixels // math.prod(slices.shape[2:]))):
            # In this order a CPU takes a fifth to a third less time.
            batch = batch.to(device).contiguous(memory_format=torch.channels_last)
            probabilities = run(batch)
            if flips:
                mirrored = run(batch.flip(2)).flip(2)[:, list(FLIP_CHANNELS)]
                mirrored[:, list(alone)] = probabilities[:, list(alone)]
                probabilities = (probabilities + mirrored) / 2
            found.append(probabilities.to(volume.device))
    return torch.cat(found).permute(1, 2, 3, 0)


class ScanInferer(Inferer):
    """`segment` as an inferer for MONAI's evaluators, for batches of one scan.

    Parameters
    ----------
    postprocess
        How masks are made of probabilities.
    leave_out
        As `segment` has it.

    Attributes
    ----------
    found
        What was found in the scan that was segmented last.
    """

    def __init__(
        self, postprocess: Postprocess | None = None, leave_out: Collection[str] = ()
    ) -> None:
        super().__init__()
        self.postprocess = postprocess
        self.leave_out = leave_out
        self.found: Segmentation | None = None

    def __call__(
        self, inputs: torch.Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Return the masks [1, S, I, J, K] of the scan `inputs` [1, 3, X, Y, Z].

        `hu`, [1, 1, I, J, K], is that scan as its file holds it.
        """
        (image,), (hu,) = inputs, kwargs["hu"]
        self.found = segment(network, image, hu, self.postprocess, leave_out=self.leave_out)
        return torch.from_numpy(self.found.masks)[None].to(inputs.device)


def _as_levels(probability: torch.Tensor) -> NDArray[np.uint8]:
    """Return probabilities in 255ths, half upward: 0.5 is a level above all that is less."""
    levels = (probability * PROBABILITY_LEVELS + 0.5).clamp_(max=PROBABILITY_LEVELS).byte()
    return np.asarray(levels.numpy())


def _any_size(network: Network) -> Network:
    """Let `network` take slices of any size, and return probabilities."""
    stride = stride_of(network) or USUAL_STRIDE

    def run(slices: torch.Tensor) -> torch.Tensor:
        width, height = slices.shape[-2:]
        # 0 is the lowest HU of each window: air.
        padded = F.pad(slices, (0, -height % stride, 0, -width % stride))
        return network(padded)[..., :width, :height].float().sigmoid()

    return run


def stride_of(network: Network) -> int | None:
    """Return what sizes of slices must be multiples of; None of a network that doesn't say.

    MONAI's state `strides`, one number a layer or one for each axis.
    """
    own = own_network(network) if isinstance(network, torch.nn.Module) else network
    try:
        layers = [np.broadcast_to(stride, 2).tolist() for stride in getattr(own, "strides", ())]
    except (TypeError, ValueError):
        return None
    return math.lcm(*(math.prod(axis) for axis in zip(*layers, strict=True))) if layers else None


def _device_of(network: Network, volume: torch.Tensor) -> torch.device:
    weights = network.parameters() if isinstance(network, torch.nn.Module) else ()
    return next((weight.device for weight in weights), volume.device)
