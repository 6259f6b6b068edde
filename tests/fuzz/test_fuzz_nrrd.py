"""Damaged NRRD files and segmentations: what comes out is a volume or a `DataError`."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

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
from cohort.space.grid import Grid
from cohort.space.masks import read_mask_volume
from cohort.space.same_grid import grid_difference

SHAPE = (4, 5, 6)
VOXELS = np.arange(120).reshape(SHAPE)
IMAGE = Grid((6, 7, 8), make_affine("LPS", (0.5, 0.5, 5.0), (6, 7, 8)))

FIELDS = {
    "type": "short",
    "dimension": "3",
    "space": "left-posterior-superior",
    "sizes": "4 5 6",
    "space directions": "(0.5,0,0) (0,0.5,0) (0,0,5)",
    "kinds": "domain domain domain",
    "endian": "little",
    "encoding": "raw",
    "space origin": "(-0.75,-1,-12.5)",
}
KEYS = {
    "Segmentation_ReferenceImageExtentOffset": "1 1 1",
    "Segment0_ID": "Segment_1",
    "Segment0_Name": "血肿",
    "Segment0_LabelValue": "7",
    "Segment0_Layer": "0",
    "Segment0_Color": "1 0 0.5",
}
VALUES = (
    *("0", "-1", "1", "2", "3", "4", "99999999999", "1e300", "nan", "inf", "none", "()", "(1,2,3)"),
    *("(0,0,0) (0,0,0) (0,0,0)", "none (1,0,0) (0,1,0) (0,0,1)", "(nan,nan,nan)", "4 5 6 1"),
    *("1 4 5 6", "4294967296 4294967296 4", "2147483647 1 1", "gzip", "hex", "ascii", "bz2", "RAS"),
    *("block", "double", "uint64", "big", "", " ", "LIST", "../x", "domain list", "٣ ٤ ٥", "\x00"),
)


def packed(encoding: str, dtype: str = "<i2") -> bytes:
    raw = VOXELS.astype(dtype).tobytes(order="F")
    text = " ".join(map(str, VOXELS.ravel(order="F"))).encode()
    return {
        "raw": raw,
        "gzip": gzip.compress(raw, 1),
        "bzip2": bz2.compress(raw),
        "hex": raw.hex().encode(),
        "ascii": text,
    }[encoding]


def file(fields: dict[str, str], keys: dict[str, str], content: bytes) -> bytes:
    lines = ["NRRD0004", *(f"{name}: {value}" for name, value in fields.items())]
    lines += [f"{name}:={value}" for name, value in keys.items()]
    return "\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass") + content


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Return a file of which some fields and keys, and at times some bytes, are changed."""
    encoding = draw(st.sampled_from(("raw", "gzip", "bzip2", "hex", "ascii")))
    fields, keys = {**FIELDS, "encoding": encoding}, dict(KEYS)
    for _ in range(draw(st.integers(0, 3))):
        where = draw(st.sampled_from((fields, fields, keys)))
        name = draw(st.sampled_from((*sorted(where), "byte skip", "line skip", "spacings")))
        where[name] = draw(st.sampled_from(VALUES) | st.text(max_size=5))
    content = file(fields, keys, packed(encoding))
    return draw(damaged(content, most=3)) if draw(st.integers(0, 2)) == 0 else content


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
    return voxels


@fuzz(600)
@given(content=files())
@example(content=file({**FIELDS, "sizes": "0 5 6"}, KEYS, b""))
@example(content=file({**FIELDS, "space origin": ""}, KEYS, packed("raw")))
@example(content=file({**FIELDS, "byte skip": "99999999"}, KEYS, packed("raw")))
def test_damaged_volumes(tmp_path: Path, content: bytes) -> None:
    read(tmp_path / "a.nrrd", content)


@fuzz(600)
@given(content=files())
def test_damaged_segmentations(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.seg.nrrd"
    mask = read(path, content)
    assert mask is None or set(np.unique(mask)) <= {0, 1}
    try:
        placed, header = read_mask_volume(path, IMAGE)
    except DataError as error:
        assert str(path) in str(error)
    else:
        assert placed.shape == header.shape
        assert placed.sum() == (0 if mask is None else mask.sum())


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "hex", "ascii"])
def test_files_are_read_before_they_are_damaged(tmp_path: Path, encoding: str) -> None:
    """Otherwise the tests above try nothing."""
    content = file({**FIELDS, "encoding": encoding}, KEYS, packed(encoding))
    assert np.array_equal(read(tmp_path / "a.nrrd", content), VOXELS)  # type: ignore[arg-type]
    mask = read(tmp_path / "a.seg.nrrd", content)
    assert mask is not None and np.array_equal(mask, VOXELS == 7)
    placed, header = read_mask_volume(tmp_path / "a.seg.nrrd", IMAGE)
    assert header.grid is IMAGE and placed.sum() == 1
