"""NIfTI volumes as a cohort holds them: read with errors for people, written atomically.

Array axes are those of the file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from isal import igzip

from cohort.base.errors import DataError
from cohort.base.files import atomic_file
from cohort.faults import FileNote
from cohort.space.affine import has_right_angles, is_a_volume, times
from cohort.space.grid import Grid
from cohort.space.header import Header
from cohort.space.nifti.faults import (
    gzip_fault,
    is_gz,
    of_the_machine,
    require_places,
    what_it_is,
)
from cohort.space.nifti.notes import notes_in, put_notes
from cohort.space.slices.places import NAME, places_name, read_places, write_places

if TYPE_CHECKING:
    from nibabel.nifti1 import Nifti1Image

SUFFIXES = (".nii.gz", ".nii")
# Of ISA-L (0 to 3): as small as zlib's 1 on CT and smaller on masks, at 5 to 25 times its speed.
COMPRESS_LEVEL = 1

_QUIET = np.errstate(all="ignore")
"""What damaged headers hold overflows on the way to being refused."""


def read_header(path: Path) -> Header:
    """Read the header of the volume `path`, without its voxels.

    Raises
    ------
    DataError
        If the file is missing, is not NIfTI, is not 3D, or its affine maps to no volume.
    OSError
        If the system lets nobody read it.
    """
    image = _open(path)
    return _header(path, image, _stated_spacing(path, image))


def header_of(path: Path, image: Nifti1Image) -> Header:
    """Return what the header of nibabel's `image` says, as `read_header` does of a file's.

    Parameters
    ----------
    path
        How errors call it; places of uneven slices lie beside it.
    image
        With or without a file of its own.

    Raises
    ------
    DataError
        As `read_header` does.
    """
    first, second, third = map(float, image.header["pixdim"][1:4])
    stated = first, second, third
    if image.get_filename() and path.is_file() and 0 in (of_file := _stated_spacing(path, image)):
        stated = of_file
    return _header(path, image, stated)


def read_volume(path: Path) -> tuple[np.ndarray, Header]:
    """Read a NIfTI file as `cohort.space.file_types.read_volume` has it; raises what that does."""
    image = _open(path)
    header = _header(path, image, _stated_spacing(path, image))
    content = None
    if is_gz(path):
        # Reads to the end, so that the checksum is compared; nibabel alone stops before it.
        content = _unpack(path)
    size = path.stat().st_size if content is None else len(content)
    stored: Any = image.dataobj
    needed = stored.offset + stored.dtype.itemsize * math.prod(header.shape)
    # Compared before room is made for voxels that only a damaged header tells of.
    if needed > size:
        raise DataError(
            f"{path}: is truncated or damaged (its header tells of {times(header.shape)} voxels of "
            f"{header.dtype}, {needed} bytes; it has {size}); "
            "copy or download it again."
        )
    try:
        if content is not None:
            image = type(image).from_bytes(content)
        voxels = np.asanyarray(image.dataobj).reshape(header.shape)
    except MemoryError:
        raise DataError(
            f"{path}: its {times(header.shape)} voxels of {header.dtype} do not fit into memory."
        ) from None
    except Exception as error:
        if of_the_machine(error):
            raise
        raise DataError(
            f"{path}: is damaged ({_reason(error)}); copy or download it again."
        ) from None
    return voxels, header


def save_volume(
    path: Path,
    voxels: np.ndarray,
    where: np.ndarray | Grid,
    notes: Sequence[FileNote] = (),
) -> None:
    """Write `voxels` to the NIfTI file `path` unscaled, in their own type, atomically.

    Parameters
    ----------
    path
        Its name ends in .nii or .nii.gz. Where slices are uneven, `slice_places` are written
        beside it.
    voxels
        [I, J, K].
    where
        Their grid; or the affine of an even one.
    notes
        On the scan that they come from, to be said wherever its results are shown.
    """
    grid = where if isinstance(where, Grid) else _even_grid(voxels, where)
    with atomic_file(path) as temporary:
        if not grid.even:
            write_places(path.parent, grid)
        image = make_image(voxels, grid)
        put_notes(image, notes)
        write_image(temporary, image)


def make_image(voxels: np.ndarray, grid: Grid) -> Nifti1Image:
    """Return nibabel's image of `voxels` [I, J, K] on a grid, unscaled, in their own type.

    The sform carries the affine, shear included; a qform, which can't, stands beside it where there
    is none. Where slices are uneven, the header names the file of `slice_places`.
    """
    import nibabel as nib

    image = nib.Nifti1Image(voxels, grid.affine, dtype=voxels.dtype)
    image.header.set_xyzt_units("mm")
    image.set_sform(grid.affine, code=1)
    if has_right_angles(grid.affine):
        image.set_qform(grid.affine, code=1)
    else:
        image.header["qform_code"] = 0
    if not grid.even:
        image.header["aux_file"] = places_name(grid).encode()
    return image


def places_beside(path: Path) -> Path | None:
    """Return the file that says where a volume's uneven slices lie.

    None if it needs none, or cannot be read, which is said where it has to be.
    """
    try:
        name = _aux_file(_open(path))
    except (DataError, OSError):
        return None
    return path.parent / name if NAME.fullmatch(name) else None


def read_image_header(path: Path) -> Nifti1Image:
    """Return nibabel's image of `path` without reading its voxels; raises as `read_header` does."""
    return _open(path)


def write_image(path: Path, image: Nifti1Image) -> None:
    """Write nibabel's `image` to `path`, compressed if its name ends in .gz.

    The same image gives the same bytes whenever it is written. Not atomic: see `atomic_file`.
    """
    content = image.to_bytes()
    if is_gz(path):
        content = igzip.compress(content, COMPRESS_LEVEL, mtime=0)
    path.write_bytes(content)


def _even_grid(voxels: np.ndarray, affine: np.ndarray) -> Grid:
    first, second, third = voxels.shape[:3]
    return Grid((first, second, third), np.asarray(affine, np.float64))


@_QUIET
def _open(path: Path) -> Nifti1Image:
    import nibabel as nib

    if path.is_dir():
        raise DataError(f"{path}: is a folder, not a volume; name the file in it.")
    if not path.is_file():
        raise DataError(f"{path}: no such file.")
    try:
        image = nib.load(path)
    except Exception as error:
        if of_the_machine(error):
            raise
        raise DataError(f"{path}: is not a NIfTI volume ({what_it_is(path)}).") from None
    if not isinstance(image, nib.Nifti1Image):
        raise DataError(f"{path}: is {type(image).__name__}, no NIfTI volume; convert it.")
    return image


def _unpack(path: Path) -> bytes:
    packed = path.read_bytes()
    try:
        return igzip.decompress(packed)
    except MemoryError:
        raise DataError(f"{path}: unpacked, it does not fit into memory.") from None
    except Exception as error:
        fault = gzip_fault(packed) or f"damaged ({_reason(error)})"
        raise DataError(f"{path}: is {fault}; copy or download it again.") from None


@_QUIET
def _header(path: Path, image: Nifti1Image, stated: tuple[float, float, float]) -> Header:
    """Return what a header says; `stated` is the spacing as it stands in it."""
    shape = tuple(int(n) for n in image.shape)
    while len(shape) > 3 and shape[-1] == 1:  # one point in time is a volume
        shape = shape[:-1]
    if len(shape) != 3:
        raise DataError(
            f"{path}: is {len(shape)}D ({times(shape)} voxels); give one 3D volume a file."
        )
    if min(shape) < 1:
        raise DataError(f"{path}: holds no voxels ({times(shape)}).")
    dtype = image.get_data_dtype()
    if dtype.kind not in "iuf":
        raise DataError(
            f"{path}: holds values of type {dtype}; a volume needs one number per voxel."
        )
    affine = np.asarray(image.affine, dtype=np.float64)
    by_sform, by_qform = image.header["sform_code"] > 0, image.header["qform_code"] > 0
    require_places(path, affine, stated if 0 in stated and not by_sform else None)
    grid = Grid((shape[0], shape[1], shape[2]), affine)
    if NAME.fullmatch(aux_file := _aux_file(image)):
        grid = read_places(path, aux_file, grid)
    return Header(
        grid,
        dtype=dtype.name,
        oriented=bool(by_sform or by_qform),
        notes=notes_in(path, image),
        qform=_qform(image) if by_sform and by_qform and 0 not in stated else None,
        pixdim=stated if by_sform and not by_qform and 0 not in stated else None,
    )


def _aux_file(image: Nifti1Image) -> str:
    return bytes(image.header["aux_file"]).rstrip(b"\0").decode("latin-1")


def _qform(image: Nifti1Image) -> np.ndarray | None:
    """Return the affine by the qform; a damaged one is of no account, since the sform is used."""
    from nibabel.spatialimages import HeaderDataError

    try:
        affine: np.ndarray = image.header.get_qform()
    except (HeaderDataError, ValueError):  # not a rotation
        return None
    return affine if is_a_volume(affine) else None


def _stated_spacing(path: Path, image: Nifti1Image) -> tuple[float, float, float]:
    """Return the spacing as it stands in the header: nibabel makes 1 mm of 0 mm."""
    from nibabel.openers import ImageOpener

    with ImageOpener(str(path)) as file:
        header = type(image.header).from_fileobj(file, check=False)
    first, second, third = map(float, header["pixdim"][1:4])
    return first, second, third


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()).removesuffix(" - could the file be damaged?")
