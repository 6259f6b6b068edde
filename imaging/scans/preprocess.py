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
import math
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import Compose, MapTransform, Orientationd, Transform
from monai.transforms.utils import allow_missing_keys_mode
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

from cohort.base.errors import DataError, raise_all
from cohort.facts.structures import STRUCTURES
from cohort.facts.tissue import cut_level
from cohort.faults import FileNote
from cohort.schema.problems import Number, Place, Wanted, refuse
from cohort.schema.sections import OfSection, read_section
from cohort.space.file_types import read_mask_volume, read_volume, require_finite
from cohort.space.grid import Grid
from cohort.space.header import Header
from cohort.space.mask_values import binary_mask
from imaging.space.mask_arrays import empty_masks
from imaging.space.resample import ResampleSlicesd

GREY_LEVELS = 255
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


SLICE_PLACES_META = "slice_places"
"""Key of `Grid.places` in a MetaTensor's metadata, where slices are uneven."""


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
    of four booleans (False: nobody looked for that structure, and its channel is empty), and
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


class LoadScand(Transform):
    """Read the NIfTI files of `{"image": path, "masks": {structure: path}}`.

    What is in memory already stands under `volume`: voxels [I, J, K] and header.

    `header` is what the file says of it (`cohort.space.header.Header`).
    `image` becomes a MetaTensor [1, I, J, K] in HU in the file's own axis order: int16 where the
    file holds whole numbers that fit, which halves the memory to move, else float32. With `masks`,
    `label`, `annotated` and `notes` are added as `scan_transforms` says; `masks` stays.
    """

    def __init__(self, masks: bool) -> None:
        self.masks = masks

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the scan of `data`.

        Raises
        ------
        DataError
            Listing all that is wrong: a file that is no NIfTI, truncated or 4D, NaN or infinite
            voxels, a mask on another grid or with other values than 0 and 1 (or 255).
        """
        path = Path(data["image"])
        voxels, header = data.get("volume") or read_volume(path)
        hounsfield = _as_hounsfield(voxels)
        require_finite(path, hounsfield)
        image = _volume(hounsfield[None], header, path)
        result: dict[str, Any] = {"image": image, "header": header}
        if self.masks:
            label, annotated, notes = _read_masks(data.get("masks") or {}, header)
            result["label"] = _volume(label, header, path)
            result |= {"annotated": annotated, "notes": notes}
        return {**data, "volume": None, **result}


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


def _as_hounsfield(voxels: np.ndarray) -> np.ndarray:
    """Return voxels as int16 if that holds their type's values, else as float32."""
    whole = voxels.dtype.kind in "iu" and np.can_cast(voxels.dtype, np.int16)
    # In the machine's own byte order, which torch needs.
    return voxels.astype(np.int16 if whole else np.float32, copy=not voxels.flags.writeable)


def volume_grid(volume: MetaTensor) -> Grid:
    """Return where the voxels of a volume [C, I, J, K] lie, as `LoadScand` read it."""
    first, second, third = volume.shape[1:]
    places = volume.meta.get(SLICE_PLACES_META)
    return Grid(
        (first, second, third),
        np.asarray(volume.affine.cpu(), np.float64),
        None if places is None else np.asarray(places, np.float64),
    )


def _volume(values: np.ndarray, header: Header, path: Path) -> MetaTensor:
    meta: dict[str, Any] = {"filename_or_obj": str(path), "space": "RAS"}
    if header.grid.places is not None:
        meta[SLICE_PLACES_META] = header.grid.places
    return MetaTensor(torch.from_numpy(values), torch.from_numpy(header.affine), meta)


def _read_masks(
    masks: Mapping[str, str | Path], reference: Header
) -> tuple[np.ndarray, list[bool], list[FileNote]]:
    label = empty_masks(reference.shape)
    problems: list[str] = []
    notes: list[FileNote] = []
    for structure in STRUCTURES:
        if structure.id not in masks:
            continue
        path = Path(masks[structure.id])
        try:
            values, header = read_mask_volume(path, reference.grid)
            difference = header.grid.difference(reference.grid)
            if difference:
                problems.append(f"{path}: {difference}; a mask needs its image's grid.")
                continue
            label[structure.channel], written = binary_mask(values)
            notes += header.notes
        except DataError as error:
            problems += error.problems
        except ValueError as error:
            problems.append(f"{path}: {error}; a mask holds 0 and 1 only.")
        else:
            if written:
                notes.append(FileNote(str(path), "mask values", f"{written} was read as 0 and 1."))
    raise_all(problems)
    return label, [structure.id in masks for structure in STRUCTURES], notes
