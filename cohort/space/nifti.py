"""NIfTI volumes as a cohort holds them: read with errors for people, written atomically.

Array axes are those of the file; the affine maps voxel indices to world coordinates in mm,
RAS+ as NIfTI defines them: x toward the patient's right side, y toward anterior, z toward
superior. `axcodes` name what each array axis points toward: L or R, P or A, I or S.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from isal import igzip

from cohort.base.errors import DataError
from cohort.base.files import atomic_file
from cohort.space.mask_levels import shown, two_levels
from cohort.space.nifti_faults import gzip_fault, is_gz, of_the_machine, what_it_is

if TYPE_CHECKING:
    from nibabel.nifti1 import Nifti1Image

SUFFIXES = (".nii.gz", ".nii")
# Of ISA-L (0 to 3): as small as zlib's 1 on CT and smaller on masks, at 5 to 25 times its speed.
COMPRESS_LEVEL = 1

POSSIBLE_MM = (1e-3, 1e3)
"""Spacing outside of these limits is a damaged header's, or is not in mm."""
FARTHEST_MM = 1e6
"""Farther from the world's origin, distances between voxels would be lost in rounding."""

_QUIET = np.errstate(all="ignore")
"""What damaged headers hold overflows on the way to being refused."""

DIRECTIONS = {
    "R": (1, 0, 0),
    "L": (-1, 0, 0),
    "A": (0, 1, 0),
    "P": (0, -1, 0),
    "S": (0, 0, 1),
    "I": (0, 0, -1),
}
"""World direction (RAS+) of each axis code."""


@dataclass(frozen=True)
class Header:
    """What the header of a 3D NIfTI volume says.

    Attributes
    ----------
    shape
        Voxels along the three array axes.
    affine
        float64 [4, 4], voxel indices to RAS+ mm.
    dtype
        Type of the stored values, for example `int16`.
    spacing
        Distance between voxel centres along each array axis, in mm, by the affine.
    axcodes
        What each array axis points toward, nearest of L/R, P/A, I/S, for example `"LPS"`.
    oriented
        False if the header states neither an sform nor a qform, so that left and right are
        unknown.
    qform
        Affine by the qform, float64 [4, 4], where the header states one beside the sform, which
        is used.
    pixdim
        Spacing as the field pixdim states it, in mm, where that and an sform stand alone.
    """

    shape: tuple[int, int, int]
    affine: np.ndarray
    dtype: str
    spacing: tuple[float, float, float]
    axcodes: str
    oriented: bool
    qform: np.ndarray | None = None
    pixdim: tuple[float, float, float] | None = None

    @property
    def axial_axis(self) -> int:
        """The array axis closest to the patient's inferior-superior direction."""
        return next(axis for axis, code in enumerate(self.axcodes) if code in "IS")


def read_header(path: Path) -> Header:
    """Read the header of the volume `path`, without its voxels.

    Raises
    ------
    DataError
        If the file is missing, is no NIfTI, is not 3D, or its affine maps to no volume.
    OSError
        If the system lets nobody read it.
    """
    return _header(path, _open(path))


def read_volume(path: Path) -> tuple[np.ndarray, Header]:
    """Read all voxels of the volume `path`, with the header's scaling applied.

    Returns
    -------
    voxels
        Array in the file's own axis order; of the stored type where the header states no
        scaling, else float64.
    header
        What the header says.

    Raises
    ------
    DataError
        As `read_header` does, and if the file is truncated or damaged.
    """
    image = _open(path)
    header = _header(path, image)
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


def save_volume(path: Path, voxels: np.ndarray, affine: np.ndarray) -> None:
    """Write `voxels` to the NIfTI file `path` unscaled, in their own type, atomically."""
    import nibabel as nib

    image = nib.Nifti1Image(voxels, affine, dtype=voxels.dtype)
    image.header.set_xyzt_units("mm")
    image.set_sform(affine, code=1)
    image.set_qform(affine, code=1)
    with atomic_file(path) as temporary:
        write_image(temporary, image)


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


def strip_suffix(name: str) -> str:
    """Return a file name without its suffix, `.nii.gz` being one.

    Examples
    --------
    >>> strip_suffix("p1.2.nii.gz"), strip_suffix("p1.txt"), strip_suffix("p1")
    ('p1.2', 'p1', 'p1')
    """
    for suffix in SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return Path(name).stem


def times(sizes: tuple[int, ...] | tuple[float, ...]) -> str:
    """Return sizes for people.

    Examples
    --------
    >>> times((512, 512, 25)), times((0.45, 0.45, 5.0))
    ('512×512×25', '0.45×0.45×5')
    """
    return "×".join(f"{size:.6g}" for size in sizes)


def make_affine(
    axcodes: str, spacing: tuple[float, float, float], shape: tuple[int, int, int]
) -> np.ndarray:
    """Return the affine of a straight volume whose centre is at the world's origin.

    Parameters
    ----------
    axcodes
        What each array axis points toward, for example `"LPS"`.
    spacing
        Distance between voxel centres along each array axis, in mm.
    shape
        Voxels along each array axis.

    Examples
    --------
    >>> make_affine("LPS", (0.5, 0.5, 5.0), (3, 3, 3))
    array([[-0.5,  0. ,  0. ,  0.5],
           [ 0. , -0.5,  0. ,  0.5],
           [ 0. ,  0. ,  5. , -5. ],
           [ 0. ,  0. ,  0. ,  1. ]])
    """
    affine = np.eye(4)
    affine[:3, :3] = np.array([DIRECTIONS[code] for code in axcodes]).T * np.array(spacing)
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return affine + 0.0  # -0.0 becomes 0.0


def grid_difference(header: Header, reference: Header) -> str | None:
    """Say how the voxel grid of `header` differs from that of `reference`, if it does.

    Grids are the same when their shapes are equal and no corner of the volume lies more than
    a tenth of the smallest voxel side apart, which leaves room for rounding in headers.
    """
    if header.shape != reference.shape:
        return f"has {times(header.shape)} voxels, the image {times(reference.shape)}"
    last = np.array(header.shape) - 1
    corners = np.array(np.meshgrid(*[(0, n) for n in last])).reshape(3, -1)
    corners = np.vstack([corners, np.ones(8)])
    apart = np.linalg.norm(((header.affine - reference.affine) @ corners)[:3], axis=0).max()
    if apart <= 0.1 * min(reference.spacing):
        return None
    if header.axcodes != reference.axcodes:
        return f"has orientation {header.axcodes}, the image {reference.axcodes}"
    return f"lies up to {apart:.1f} mm away from the image (their affines differ)"


def binary_mask(values: np.ndarray) -> tuple[np.ndarray, str | None]:
    """Return a mask as uint8 0/1, and how its values were written if not as whole 0 and 1.

    Raises
    ------
    ValueError
        If `values` are not two values, 0 and 1 or 0 and 255 but for the rounding of a scaled file;
        its text says what they are.
    """
    # A test of two values is much faster than np.unique, which sorts.
    mask = values == 1
    if np.array_equal(mask, values != 0):
        written = "0.0/1.0" if values.dtype.kind == "f" and mask.any() else None
        return mask.astype(np.uint8), written
    mask = values == 255
    if np.array_equal(mask, values != 0):
        return mask.astype(np.uint8), "0/255"
    if values.dtype.kind == "f" and (found := two_levels(values)) is not None:
        return found
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError("holds NaN or infinite values")
    levels = np.unique(values)
    listed = ", ".join(map(shown, levels[:6])) + (", …" if len(levels) > 6 else "")
    raise ValueError(f"holds the values {listed}")


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
def _header(path: Path, image: Nifti1Image) -> Header:
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
    if not _is_a_volume(affine):
        raise DataError(
            f"{path}: its affine maps voxels to no volume (a spacing of zero, or not a number); "
            "export it again from its source."
        )
    by_sform, by_qform = image.header["sform_code"] > 0, image.header["qform_code"] > 0
    stated = _stated_spacing(path, image)
    spacing = stated if 0 in stated and not by_sform else _spacing(affine)
    if not POSSIBLE_MM[0] <= min(spacing) <= max(spacing) <= POSSIBLE_MM[1]:
        raise DataError(
            f"{path}: states a spacing of {times(spacing)} mm; export it again from its source."
        )
    if np.abs(affine[:3, 3]).max() > FARTHEST_MM:
        raise DataError(
            f"{path}: lies {np.abs(affine[:3, 3]).max() / 1e6:.3g} km from the scanner's centre by "
            "its affine; export it again from its source."
        )
    return Header(
        shape=(shape[0], shape[1], shape[2]),
        affine=affine,
        dtype=dtype.name,
        spacing=spacing,
        axcodes=axcodes_of(affine),
        oriented=bool(by_sform or by_qform),
        qform=_qform(image) if by_sform and by_qform and 0 not in stated else None,
        pixdim=stated if by_sform and not by_qform and 0 not in stated else None,
    )


def axcodes_of(affine: np.ndarray) -> str:
    """Return what each array axis points toward.

    Examples
    --------
    >>> axcodes_of(np.diag([-0.5, -0.5, 5.0, 1.0]))
    'LPS'
    """
    import nibabel as nib

    codes: Any = nib.aff2axcodes(affine)
    return "".join(codes)


def _qform(image: Nifti1Image) -> np.ndarray | None:
    """Return the affine by the qform; a damaged one is of no account, since the sform is used."""
    from nibabel.spatialimages import HeaderDataError

    try:
        affine: np.ndarray = image.header.get_qform()
    except (HeaderDataError, ValueError):  # not a rotation
        return None
    return affine if _is_a_volume(affine) else None


def _is_a_volume(affine: np.ndarray) -> bool:
    """Whether the three array axes span a volume, so that each of them has a direction."""
    import nibabel as nib

    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        return False
    return None not in nib.aff2axcodes(affine)


def _spacing(affine: np.ndarray) -> tuple[float, float, float]:
    first, second, third = map(float, np.linalg.norm(affine[:3, :3], axis=0))
    return first, second, third


def _stated_spacing(path: Path, image: Nifti1Image) -> tuple[float, float, float]:
    """Return the spacing as it stands in the header: nibabel makes 1 mm of 0 mm."""
    from nibabel.openers import ImageOpener

    with ImageOpener(str(path)) as file:
        header = type(image.header).from_fileobj(file, check=False)
    first, second, third = map(float, header["pixdim"][1:4])
    return first, second, third


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()).removesuffix(" - could the file be damaged?")
