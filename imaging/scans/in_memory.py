"""Scans that are in memory: arrays with an affine, nibabel's images, MONAI's tensors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from monai.data import MetaTensor
from numpy.typing import ArrayLike, NDArray

from cohort.base.errors import DataError, UsageError, reason
from cohort.schema.case_files import id_problems
from cohort.space.affine import times
from cohort.space.file_types import strip_suffix
from cohort.space.grid import Grid
from cohort.space.header import Header
from cohort.space.nifti.faults import require_places
from cohort.space.nifti.volume import header_of, make_image
from imaging.scans.given import ScanFile, find_scans
from imaging.scans.load import SLICE_PLACES_META

if TYPE_CHECKING:
    from nibabel.nifti1 import Nifti1Image

UNNAMED = "scan"
"""How a scan is called that has no file."""
TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
"""From the world of DICOM and ITK, LPS+, to that of NIfTI; and back."""


@dataclass(frozen=True, eq=False)
class ScanInMemory(ScanFile):
    """A scan whose voxels are at hand.

    Attributes
    ----------
    voxels
        [I, J, K] in HU.
    header
        Where they lie, as a file's header would say.
    source
        nibabel's image whose header volumes on the scan's grid take over.
    """

    voxels: NDArray[Any]
    header: Header
    source: Any


def scan_of(given: Any, name: str = UNNAMED, *, series: str | None = None) -> ScanFile:
    """Return the one scan that something is: see `imaging.segmenter.Segmenter`.

    Parameters
    ----------
    given
        What may be a scan.
    name
        How it is called if it has no file.
    series
        UID of the series to take, of a DICOM folder.

    Raises
    ------
    DataError
        If it holds no scan.
    UsageError
        If it holds several, or is nothing that could be a scan.
    """
    if isinstance(given, (str, Path)):
        found = find_scans([Path(given)], series=series)
        if found.problems or not found.scans:
            raise DataError(*found.problems or [f"{given}: holds no scan."])
        if len(found.scans) > 1:
            raise UsageError(
                f"{given}: holds {len(found.scans)} scans; name one, or each in a list for pipe."
            )
        return found.scans[0]
    if series is not None:
        raise UsageError(f"series {series}: is for the path of a DICOM folder.")
    scan = _in_memory(given, name)
    for problem in id_problems(scan.id):
        raise UsageError(f"{scan.path}: {problem}")
    return scan


def _in_memory(given: Any, name: str) -> ScanFile:
    if isinstance(given, MetaTensor):
        return scan_of_tensor(given, name)
    if isinstance(given, tuple) and len(given) == 2:
        return scan_of_array(*given, name)
    if hasattr(given, "dataobj"):  # nibabel's images, without importing it
        return scan_of_image(given, name)
    what = type(given).__name__
    if isinstance(given, (np.ndarray, torch.Tensor)):
        raise UsageError(
            f"{what}: alone it doesn't say where its voxels lie; give its affine, too."
        )
    raise UsageError(
        f"{what}: is not a scan; give a path, an array with its affine, nibabel's image, or "
        "MONAI's MetaTensor."
    )


def scan_of_array(voxels: ArrayLike, affine: ArrayLike, name: str) -> ScanInMemory:
    """Return the scan that an array is.

    Parameters
    ----------
    voxels
        HU, [I, J, K] in any orientation.
    affine
        [4, 4], voxel indices to RAS+ mm, as NIfTI has it.
    name
        What the scan is called.

    Raises
    ------
    DataError
        If they are not a volume.
    UsageError
        If it is something that has an affine of its own, such as a file.
    """
    if isinstance(voxels, (str, Path)) or hasattr(voxels, "dataobj"):
        what = str(voxels) if isinstance(voxels, (str, Path)) else type(voxels).__name__
        raise UsageError(
            f"{what}: says itself where its voxels lie; give an affine to arrays only."
        )
    return _on_grid(np.asarray(voxels), np.asarray(affine), name)


def scan_of_image(image: Nifti1Image, name: str) -> ScanInMemory:
    """Return the scan that nibabel's image is; called by its file's name, if it has one.

    Raises
    ------
    DataError
        If it is not a NIfTI image or not a 3D volume, or its file is damaged.
    """
    import nibabel as nib

    file = image.get_filename()
    path = Path(file) if file else Path(name)
    if not isinstance(image, nib.Nifti1Image):
        raise DataError(
            f"{path}: is {type(image).__name__}, not a NIfTI volume, so that it may not say what "
            "is left and right; give its array with its affine."
        )
    header = header_of(path, image)
    try:
        voxels = np.asanyarray(image.dataobj).reshape(header.shape)
    except Exception as error:  # of a damaged file, each in its own way
        raise DataError(f"{path}: is damaged ({reason(error)}); copy it again.") from None
    return ScanInMemory(_name_of(path), path, _numbers(voxels, path), header, image)


def scan_of_tensor(tensor: MetaTensor, name: str) -> ScanInMemory:
    """Return the scan that MONAI's tensor is, [I, J, K] or [1, I, J, K] in HU.

    It is called by the name of the file that its metadata tell of, if they do.

    Raises
    ------
    DataError
        If it is not a volume, has no affine of its own, or has transforms still to be applied.
    """
    file = tensor.meta.get("filename_or_obj")
    path = Path(file) if isinstance(file, str) and file else Path(name)
    if tensor.pending_operations:
        raise DataError(
            f"{path}: transforms of the tensor are still to be applied; call "
            "monai.transforms.lazy.functional.apply_pending first."
        )
    affine = tensor.affine.detach().cpu().numpy().astype(np.float64)
    if np.array_equal(affine, np.eye(4)):
        raise DataError(
            f"{path}: the tensor has no affine of its own (MONAI then gives 1 mm along each axis); "
            "give an array with its affine instead, or load the file with LoadImage."
        )
    if str(tensor.meta.get("space", "RAS")).upper().endswith("LPS"):
        affine = TO_RAS @ affine
    values = tensor.as_tensor().detach().cpu()
    voxels = (values.float() if values.dtype == torch.bfloat16 else values).numpy()
    if voxels.ndim == 4 and voxels.shape[0] == 1:
        voxels = voxels[0]
    scan = _on_grid(voxels, affine, str(path), tensor.meta.get(SLICE_PLACES_META))
    return ScanInMemory(_name_of(path), path, scan.voxels, scan.header, scan.source)


def _on_grid(
    voxels: NDArray[Any], affine: NDArray[Any], name: str, places: ArrayLike | None = None
) -> ScanInMemory:
    path = Path(name)
    if voxels.ndim != 3 or min(voxels.shape) < 1:
        raise DataError(f"{path}: has the shape {times(voxels.shape)}; a scan is one 3D volume.")
    if affine.shape != (4, 4) or affine.dtype.kind not in "iuf":
        raise DataError(f"{path}: an affine is a matrix of 4×4 numbers, voxel indices to RAS+ mm.")
    affine = affine.astype(np.float64)
    require_places(path, affine)
    first, second, third = voxels.shape
    at = None if places is None else np.asarray(places, np.float64)
    grid = Grid((first, second, third), affine, at)
    header = Header(grid, voxels.dtype.name)
    nothing = np.broadcast_to(np.uint8(0), grid.shape)
    return ScanInMemory(name, path, _numbers(voxels, path), header, make_image(nothing, grid))


def _numbers(voxels: NDArray[Any], path: Path) -> NDArray[Any]:
    """Return voxels as torch takes them: numbers in one piece of memory, rising along each axis."""
    if voxels.dtype.kind not in "iuf":
        raise DataError(
            f"{path}: holds values of type {voxels.dtype}; a scan needs one number per voxel."
        )
    return np.ascontiguousarray(voxels)


def _name_of(path: Path) -> str:
    name = strip_suffix(path.name)
    if not name:
        raise UsageError(f"{path}: names no scan.")
    return name
