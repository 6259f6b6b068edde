"""NIfTI volumes as a cohort holds them: read with errors for people, written atomically.

Array axes are those of the file; the affine maps voxel indices to world coordinates in mm,
RAS+ as NIfTI defines them: x toward the patient's right side, y toward anterior, z toward
superior. `axcodes` name what each array axis points toward: L or R, P or A, I or S.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from isal import igzip, isal_zlib

from cohort.errors import DataError
from cohort.files import atomic_file

if TYPE_CHECKING:
    from nibabel.nifti1 import Nifti1Image

SUFFIXES = (".nii.gz", ".nii")
# Of ISA-L (0 to 3): as small as zlib's 1 on CT and smaller on masks, at 5 to 25 times its speed.
COMPRESS_LEVEL = 1

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
    qform_axcodes
        Axis codes by the qform where the header states one beside the sform, which is used.
    """

    shape: tuple[int, int, int]
    affine: np.ndarray
    dtype: str
    spacing: tuple[float, float, float]
    axcodes: str
    oriented: bool
    qform_axcodes: str | None = None

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
    try:
        if _is_gz(path):
            # Reads to the end, so that the checksum is compared; nibabel alone stops before it.
            image = type(image).from_bytes(igzip.decompress(path.read_bytes()))
        voxels = np.asanyarray(image.dataobj).reshape(header.shape)
    except (EOFError, isal_zlib.error, gzip.BadGzipFile, ValueError, OSError) as error:  # type: ignore[misc]
        if isinstance(error, PermissionError):
            raise
        raise DataError(
            f"{path}: is truncated or damaged ({_reason(error)}); copy or download it again."
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
    if _is_gz(path):
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
        If `values` are not two values, 0 and 1 or 0 and 255; its text says what they are.
    """
    # A test of two values is much faster than np.unique, which sorts.
    mask = values == 1
    if np.array_equal(mask, values != 0):
        written = "0.0/1.0" if values.dtype.kind == "f" and mask.any() else None
        return mask.astype(np.uint8), written
    mask = values == 255
    if np.array_equal(mask, values != 0):
        return mask.astype(np.uint8), "0/255"
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError("holds NaN or infinite values")
    found = np.unique(values)
    shown = ", ".join(f"{value:g}" for value in found[:6]) + (", …" if len(found) > 6 else "")
    raise ValueError(f"holds the values {shown}")


def _open(path: Path) -> Nifti1Image:
    import nibabel as nib
    from nibabel.filebasedimages import ImageFileError
    from nibabel.spatialimages import HeaderDataError

    if not path.is_file():
        raise DataError(f"{path}: no such file.")
    try:
        image = nib.load(path)
    except (ImageFileError, HeaderDataError, EOFError, zlib.error, ValueError, OSError) as error:
        if isinstance(error, PermissionError):
            raise
        raise DataError(f"{path}: is no NIfTI volume ({_what_it_is(path)}).") from None
    if not isinstance(image, nib.Nifti1Image):
        raise DataError(f"{path}: is {type(image).__name__}, no NIfTI volume; convert it.")
    return image


def _header(path: Path, image: Nifti1Image) -> Header:
    import nibabel as nib

    shape = tuple(int(n) for n in image.shape)
    while len(shape) > 3 and shape[-1] == 1:  # one point in time is a volume
        shape = shape[:-1]
    if len(shape) != 3:
        raise DataError(
            f"{path}: is {len(shape)}D ({times(shape)} voxels); give one 3D volume a file."
        )
    if 0 in shape:
        raise DataError(f"{path}: holds no voxels ({times(shape)}).")
    dtype = image.get_data_dtype()
    if dtype.kind not in "iuf":
        raise DataError(f"{path}: holds values of type {dtype}; a volume needs one number a voxel.")
    affine = np.asarray(image.affine, dtype=np.float64)
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        raise DataError(
            f"{path}: its affine maps voxels to no volume (a spacing of zero, or not a number); "
            "export it again from its source."
        )
    codes: Any = nib.aff2axcodes(affine)
    return Header(
        shape=(shape[0], shape[1], shape[2]),
        affine=affine,
        dtype=dtype.name,
        spacing=tuple(float(s) for s in np.linalg.norm(affine[:3, :3], axis=0)),  # type: ignore[arg-type]
        axcodes="".join(codes),
        oriented=bool(image.header["sform_code"] > 0 or image.header["qform_code"] > 0),
        qform_axcodes=_qform_axcodes(image),
    )


def _qform_axcodes(image: Nifti1Image) -> str | None:
    import nibabel as nib
    from nibabel.spatialimages import HeaderDataError

    if not (image.header["sform_code"] > 0 and image.header["qform_code"] > 0):
        return None
    try:
        codes: Any = nib.aff2axcodes(image.header.get_qform())
    except (HeaderDataError, ValueError, np.linalg.LinAlgError):
        return None  # a damaged qform is of no account, since the sform is used
    return "".join(codes) if None not in codes else None


def _is_gz(path: Path) -> bool:
    return path.name.lower().endswith(".gz")


def _what_it_is(path: Path) -> str:
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(132)
    compressed = start.startswith(b"\x1f\x8b")
    if start.endswith(b"DICM"):
        return "DICOM; convert the series first, with dcm2niix for example"
    if size < 352 and not (_is_gz(path) and compressed):
        return f"{size} bytes long, a placeholder or an empty download"
    if _is_gz(path) and not compressed:
        return "named .gz, but not gzip-compressed"
    if compressed and not _is_gz(path):
        return "gzip-compressed, but not named .gz; rename it"
    return "its header cannot be read; truncated, damaged or another format"


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()).removesuffix(" - could the file be damaged?")
