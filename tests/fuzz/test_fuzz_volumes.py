"""Damaged NIfTI files: what comes out is a volume or a `DataError`."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mutations import damaged, fuzz

from cohort.base.errors import DataError
from cohort.checks.grid import check_header
from cohort.faults import CheckResult
from cohort.space.affine import make_affine
from cohort.space.file_types import read_header, read_volume
from cohort.space.masks import binary_mask
from cohort.space.same_grid import grid_difference

SHAPE = (4, 5, 6)
VOXELS = np.arange(120).reshape(SHAPE)
NUMBERS = (0, 1, -1, 2, 3, 7, 8, 16, 64, 100, 352, 32767, -32768, 2**31 - 1, -(2**31), 2**62)
FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 352.0, 1e-30, 1e30, 1e38, np.nan, np.inf, -np.inf)


def _made(kind: Any, dtype: str, big: bool = False, slope: float | None = None) -> bytes:
    header = kind.header_class(endianness=">" if big else "<")
    header.set_data_dtype(np.dtype(dtype))
    affine = make_affine("LPS", (0.5, 0.5, 5.0), SHAPE)
    image = kind(VOXELS.astype(dtype), affine, header)
    image.set_sform(affine, code=1)
    image.set_qform(affine, code=1)
    if slope:
        image.header.set_slope_inter(slope, -1024)
    return image.to_bytes()


FILES = {
    "nifti1": _made(nib.Nifti1Image, "i2"),
    "nifti2": _made(nib.Nifti2Image, "u1"),
    "big-endian": _made(nib.Nifti1Image, "f4", big=True),
    "scaled": _made(nib.Nifti1Image, "f8", slope=2.0),
}
TYPES = {
    name: np.dtype(
        nib.Nifti2Header.template_dtype if name == "nifti2" else nib.Nifti1Header.template_dtype
    ).newbyteorder(">" if name == "big-endian" else "<")
    for name in FILES
}


@st.composite
def headers(draw: st.DrawFn) -> bytes:
    """Return a file of which some fields of the header, and at times some bytes, are changed."""
    name = draw(st.sampled_from(sorted(FILES)))
    raw = bytearray(FILES[name])
    for _ in range(draw(st.integers(0, 3))):
        field, at = TYPES[name].fields[draw(st.sampled_from(TYPES[name].names))]  # type: ignore[index]
        at += field.base.itemsize * draw(st.integers(0, max(0, *field.shape, 1) - 1))
        raw[at : at + field.base.itemsize] = draw(_numbers(field.base))
    return draw(damaged(bytes(raw), most=2)) if draw(st.integers(0, 3)) == 0 else bytes(raw)


def _numbers(dtype: np.dtype) -> st.SearchStrategy[bytes]:
    """Return strings of bytes that are a number, or a name, of the type."""
    if dtype.kind == "f":
        floats = st.sampled_from(FLOATS) | st.floats(width=8 * dtype.itemsize)  # type: ignore[arg-type]
        return floats.map(lambda value: np.array(value, dtype).tobytes())
    if dtype.kind in "iu":
        order = "big" if dtype.byteorder == ">" else "little"
        whole = st.sampled_from(NUMBERS) | st.integers(0, 2**64)
        return whole.map(
            lambda value: (value % 256**dtype.itemsize).to_bytes(dtype.itemsize, order)  # type: ignore[arg-type]
        )
    return st.sampled_from((b"n+1", b"ni1", b"n+2", b"nx1", b"")).map(
        lambda text: text.ljust(dtype.itemsize, b"\0")[: dtype.itemsize]
    )


def with_field(name: str, field: str, value: object) -> bytes:
    """Return the file `name` with one field of its header set."""
    raw = bytearray(FILES[name])
    np.frombuffer(raw, TYPES[name], count=1)[field] = value
    return bytes(raw)


def read(path: Path, content: bytes) -> np.ndarray | None:
    """Read a file as all steps do; return its voxels, None if it is refused."""
    path.write_bytes(content)
    try:
        header = read_header(path)
        voxels, same = read_volume(path)
    except DataError as error:
        assert str(path) in str(error)
        return None
    assert voxels.shape == header.shape == same.shape and min(header.shape) > 0
    assert np.isfinite(header.affine).all() and min(header.spacing) > 0
    assert sorted("RLAPSI".index(code) // 2 for code in header.axcodes) == [0, 1, 2]
    check_header(path, header, CheckResult())
    assert grid_difference(header.grid, same.grid) is None
    try:
        mask, _ = binary_mask(voxels)
    except ValueError:
        return voxels
    assert set(np.unique(mask)) <= {0, 1}
    return voxels


@fuzz(600)
@given(content=headers(), packed=st.booleans())
@example(content=with_field("nifti1", "dim", [3, 0, 5, 6, 1, 1, 1, 1]), packed=False)
@example(content=with_field("nifti1", "dim", [3, -4, 5, 6, 1, 1, 1, 1]), packed=False)
@example(content=with_field("nifti2", "dim", [3, 2**62, 2**62, 6, 1, 1, 1, 1]), packed=True)
@example(content=with_field("nifti2", "dim", [3, 2**40, 5, 6, 1, 1, 1, 1]), packed=False)
@example(content=with_field("nifti2", "vox_offset", 2**62), packed=True)
@example(content=with_field("nifti1", "vox_offset", np.inf), packed=False)
@example(content=with_field("nifti1", "vox_offset", np.nan), packed=False)
@example(content=with_field("nifti1", "srow_z", [0, 0, np.nan, 0]), packed=False)
@example(content=with_field("nifti1", "srow_z", [0, 0, 1e-30, 0]), packed=False)
@example(content=with_field("big-endian", "srow_x", [1e38, 1e38, 0, 0]), packed=False)
@example(content=with_field("nifti1", "quatern_b", 3), packed=False)
@example(content=with_field("scaled", "scl_slope", np.inf), packed=False)
@example(content=with_field("scaled", "scl_slope", 1e38), packed=False)
@example(content=with_field("scaled", "scl_inter", np.nan), packed=True)
def test_damaged_headers(tmp_path: Path, content: bytes, packed: bool) -> None:
    read(
        tmp_path / "a.nii.gz" if packed else tmp_path / "a.nii",
        gzip.compress(content, 1) if packed else content,
    )


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Return a gzip file of one stream or more, with what may follow, damaged at times."""
    raw = FILES[draw(st.sampled_from(("nifti1", "nifti2")))]
    cuts = sorted(draw(st.lists(st.integers(0, len(raw)), max_size=3)))
    content = b""
    for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True):
        stream = io.BytesIO()
        name, level = draw(st.sampled_from(("", "a.nii"))), draw(st.sampled_from((0, 1, 9)))
        with gzip.GzipFile(name, "wb", level, stream, mtime=draw(st.integers(0, 2**31))) as file:
            file.write(raw[start:end])
        content += stream.getvalue() + bytes(draw(st.sampled_from((0, 0, 1, 512))))
    content += draw(st.sampled_from((b"", b"", b"\0", b"junk", b"\x1f\x8b", content[:20], content)))
    return draw(damaged(content))


@fuzz(400)
@given(content=streams())
def test_damaged_gzip_streams(tmp_path: Path, content: bytes) -> None:
    """The checksum tells whether all voxels are what they were."""
    voxels = read(tmp_path / "a.nii.gz", content)
    assert voxels is None or np.array_equal(voxels, VOXELS)


@pytest.mark.parametrize("name", FILES)
def test_files_are_read_before_they_are_damaged(tmp_path: Path, name: str) -> None:
    """Otherwise the tests above try nothing."""
    voxels = read(tmp_path / "a.nii", FILES[name])
    expected = VOXELS * 2 - 1024 if name == "scaled" else VOXELS
    assert voxels is not None and np.array_equal(voxels, expected)
