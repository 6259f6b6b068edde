"""From a head CT to what the network sees: the one path of export, evaluation and prediction.

A scan is read in HU, cut to what the windows show, turned to LPS (array axes point toward the
patient's left, posterior and superior: the radiological view of each axial slice), resampled in
plane, and shown through three CT windows in 256 grey levels each, just as the exported PNG slices
hold it. Each step that moves voxels can be undone, so that a result comes back on the scan's own
grid. Since HU are cut before anything is averaged, it makes no difference how a scanner codes air
and what lies outside its field of view.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import Compose, Orientationd
from monai.transforms.utils import allow_missing_keys_mode
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

from cohort.base.errors import DataError
from cohort.schema.problems import Number, Place, Wanted, refuse
from cohort.schema.records.sections import OfSection, read_section
from cohort.space.header import Header
from imaging.scans.load import LoadScand
from imaging.scans.windows import CutHUd, WindowCTd
from imaging.space.resample import ResampleSlicesd

LPS = "LPS"
# MONAI's world is NIfTI's: each axis is called after what it points toward.
AXIS_LABELS = (("L", "R"), ("P", "A"), ("I", "S"))


def _rising(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] >= bounds[1]:
        raise ValueError("not rising")
    return bounds


_Window = Annotated[
    tuple[Number, Number], AfterValidator(_rising), Wanted("must be [lower, upper] in HU")
]


def _three(windows: Any) -> Any:
    """Make sure that there are three windows; the network sees them in its colour channels."""
    if isinstance(windows, Mapping) and len(windows) == 3:
        return windows
    found = ", ".join(map(str, windows)) if isinstance(windows, Mapping) else repr(windows)
    raise refuse(f"'windows' must name three CT windows, not {found or 'none'}.")


@dataclass(frozen=True, eq=False, config=ConfigDict(extra="ignore", defer_build=True))
class Preprocess:
    """How a scan is prepared for the network.

    Attributes
    ----------
    windows
        Three CT windows, in channel order: name to lower and upper bound in HU.
    spacing
        In-plane distance between pixel centres in mm, or None for the scan's own.
    """

    windows: Annotated[
        Mapping[str, _Window],
        BeforeValidator(_three),
    ]
    spacing: Annotated[
        Annotated[Number, Field(gt=0, le=10)] | None,
        Wanted("must be in mm, up to 10, or null for each scan's own"),
    ] = None

    def __eq__(self, other: object) -> bool:
        # Dicts of another order are equal, but the order is that of the network's channels.
        return isinstance(other, Preprocess) and (list(self.windows.items()), self.spacing) == (
            list(other.windows.items()),
            other.spacing,
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest HU that any window shows."""
        return min(b[0] for b in self.windows.values()), max(b[1] for b in self.windows.values())

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Preprocess:
        """Read the `preprocess` section of a training configuration.

        Raises
        ------
        DataError
            If a value is missing or cannot be meant so.
        """
        return read_section(cls, "preprocess", config, _Called("preprocess", cls))


class _Called(OfSection):
    def field(self, place: Place) -> str:
        return f"window {place[1]!r}" if len(place) > 1 else super().field(place)

    def missing(self, place: Place) -> str:
        return f"{self.field(place)} must name three CT windows, not None."


def scan_transforms(preprocess: Preprocess, masks: bool = False) -> Compose:
    """Return the transforms from `{"image": path, "masks": {structure: path}}` to network input.

    The result holds under `image` a MetaTensor float32 [3, X, Y, Z] in 0..1 (axes LPS) and,
    with `masks`, under `label` a MetaTensor uint8 [S, X, Y, Z] of 0/1, under `annotated` a list
    of booleans, one per structure (False: nobody looked for it, and its channel is empty), and
    under `notes` what was unusual about the files. Apply it with `read_scan`, and undo it for
    anything on the same grid with `to_input_grid`.
    """
    keys = ["image", "label"] if masks else ["image"]
    return Compose(
        [
            LoadScand(masks),
            CutHUd(["image"], preprocess.bounds),
            Orientationd(keys, axcodes=LPS, labels=AXIS_LABELS),
            ResampleSlicesd(keys, preprocess.spacing),
            WindowCTd(["image"], list(preprocess.windows.values())),
        ]
    )


def read_scan(
    transforms: Compose,
    image: Path,
    masks: Mapping[str, Path] | None = None,
    volume: tuple[np.ndarray, Header] | None = None,
) -> dict[str, Any]:
    """Read a scan, and its masks if the transforms take them, through `scan_transforms`.

    `volume` is what the scan holds where it is in memory already; `image` is then how it is called.

    Raises
    ------
    DataError
        If a file is not what it should be: see `LoadScand`.
    """
    try:
        return transforms({"image": Path(image), "masks": dict(masks or {}), "volume": volume})
    except RuntimeError as error:
        # MONAI wraps what a transform raises.
        if isinstance(error.__cause__, DataError):
            raise error.__cause__ from None
        raise


def to_input_grid(transforms: Compose, values: torch.Tensor, image: MetaTensor) -> MetaTensor:
    """Bring `values` back to the voxel grid of the file that a scan was read from.

    Parameters
    ----------
    transforms
        The `scan_transforms` that the scan was read with.
    values
        [C, X, Y, Z] on the grid of `image`: probabilities of floating type, which are
        interpolated, or masks of integer type (0/1).
    image
        `read_scan(...)["image"]`.

    Returns
    -------
    MetaTensor
        [C, I, J, K] in the file's own axis order.
    """
    tracked = MetaTensor(values).copy_meta_from(image)
    tracked.applied_operations = copy.deepcopy(image.applied_operations)
    with allow_missing_keys_mode(transforms):
        return transforms.inverse({"image": tracked})["image"]
