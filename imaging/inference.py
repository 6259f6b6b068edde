"""A trained network on whole scans: slice by slice, and back to each scan's own grid.

Evaluation and prediction both call `segment`, so that what is scored is what users get.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import nibabel as nib
import torch
import torch.nn.functional as F
from monai.data import MetaTensor
from monai.inferers import Inferer, SliceInferer
from monai.transforms import Compose, CopyItemsd
from numpy.typing import NDArray

from imaging.preprocess import LoadScand, Preprocess, scan_transforms, to_input_grid

Network = Callable[..., Any]

THRESHOLD = 0.5
SLICES_AT_A_TIME = 32
# Slices that run together: on a CPU as many as its cache likes, one of 512 × 512.
PIXELS_PER_BATCH = {"cpu": 1 << 18, "cuda": 1 << 22}
# Stride of networks that don't say theirs; those of MONAI halve the size up to five times.
USUAL_STRIDE = 32


def inference_transforms(preprocess: Preprocess, masks: bool = False) -> Compose:
    """Return `scan_transforms` that leave on the file's own grid what is not network input.

    The result holds `image` [3, X, Y, Z] as the network sees it, `hu` [1, I, J, K] as the file
    holds it, and with `masks` the `label` [4, I, J, K] as the files hold it.
    """
    _, *to_network = scan_transforms(preprocess).transforms
    return Compose([LoadScand(masks), CopyItemsd(["image"], names=["hu"]), *to_network])


def segment(network: Network, transforms: Compose, image: MetaTensor) -> torch.Tensor:
    """Segment a scan.

    Parameters
    ----------
    network
        [N, 3, X, Y] to the logits of the structures [N, 4, X, Y].
    transforms
        Those that the scan was read with: `scan_transforms` or `inference_transforms`.
    image
        What they made of it, float32 [3, X, Y, Z].

    Returns
    -------
    torch.Tensor
        uint8 [4, I, J, K] of 0/1, one channel a structure, on the grid of the file that the
        scan was read from, in its own axis order.
    """
    # Piece by piece, since a large scan's probabilities on its own grid would not fit in memory.
    pieces = []
    for start in range(0, image.shape[3], SLICES_AT_A_TIME):
        piece = image[..., start : start + SLICES_AT_A_TIME]
        probabilities = slice_probabilities(network, piece)
        on_own_grid = to_input_grid(transforms, probabilities, image)
        pieces.append((on_own_grid.as_tensor() >= THRESHOLD).byte())
    axis, step = axial_axis(on_own_grid.affine.cpu().numpy())
    return torch.cat(pieces[::step], dim=axis + 1)


def slice_probabilities(network: Network, image: torch.Tensor) -> torch.Tensor:
    """Run a 2D network over the axial slices of a scan.

    Parameters
    ----------
    network
        [N, 3, X, Y] to the logits of the structures [N, 4, X, Y].
    image
        Float32 [3, X, Y, Z].

    Returns
    -------
    torch.Tensor
        Probabilities of the structures, float32 [4, X, Y, Z], where `image` is.
    """
    volume = torch.Tensor.as_subclass(image, torch.Tensor)  # MetaTensors are slower
    size = tuple(volume.shape[1:3])
    device = _device_of(network, volume)
    pixels = PIXELS_PER_BATCH.get(device.type, PIXELS_PER_BATCH["cpu"])
    inferer = SliceInferer(
        roi_size=size,
        spatial_dim=0,
        sw_batch_size=max(1, pixels // math.prod(size)),
        sw_device=device,
        device=volume.device,
    )
    # Slices first, so that each is one piece of memory.
    slices_first = volume.permute(0, 3, 1, 2)[None]
    with torch.no_grad():
        return inferer(slices_first, _any_size(network))[0].permute(0, 2, 3, 1)


class ScanInferer(Inferer):
    """`segment` as an inferer for MONAI's evaluators, for batches of one scan.

    Parameters
    ----------
    transforms
        Those that the scans are read with.
    """

    def __init__(self, transforms: Compose) -> None:
        super().__init__()
        self.transforms = transforms

    def __call__(
        self, inputs: torch.Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Return the masks [1, 4, I, J, K] of the scan `inputs` [1, 3, X, Y, Z]."""
        (image,) = inputs
        return segment(network, self.transforms, image)[None]


def axial_axis(affine: NDArray) -> tuple[int, int]:
    """Return the array axis closest to inferior-superior; 1 if it goes upward, -1 if downward."""
    codes = nib.aff2axcodes(affine)
    axis = next(axis for axis, code in enumerate(codes) if code in "IS")
    return axis, 1 if codes[axis] == "S" else -1


def _any_size(network: Network) -> Network:
    """Let `network` take slices of any size, and return probabilities."""
    stride = math.prod(getattr(network, "strides", [USUAL_STRIDE]))

    def run(slices: torch.Tensor) -> torch.Tensor:
        width, height = slices.shape[-2:]
        # 0 is the lowest HU of each window: air.
        padded = F.pad(slices, (0, -height % stride, 0, -width % stride))
        return network(padded)[..., :width, :height].sigmoid()

    return run


def _device_of(network: Network, volume: torch.Tensor) -> torch.device:
    weights = network.parameters() if isinstance(network, torch.nn.Module) else ()
    return next((weight.device for weight in weights), volume.device)
