"""Damaged DICOM files, alone, among good ones and in zips: a volume comes out, or a `DataError`."""

from __future__ import annotations

import warnings
import zipfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mutations import damaged, fuzz
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)
from write_series import NAME, asymmetric, write_multiframe, write_series

from cohort.base.errors import DataError
from cohort.space.dicom.files.find import find_series
from cohort.space.file_types import read_header, read_volume
from cohort.space.same_grid import grid_difference

SYNTAXES = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "RLE": RLELossless,
}


def _made() -> dict[str, bytes]:
    with TemporaryDirectory() as name:
        folder, hu = Path(name), asymmetric((6, 5, 1))
        for syntax, uid in SYNTAXES.items():
            write_series(folder, hu, syntax=uid, name=syntax, PixelPaddingValue=3)
        places = [(0, 0, 5 * k) for k in range(4)]
        write_multiframe(folder / "frames", asymmetric(), places)
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


FILES = _made()


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Return a file with damage where its header is more often than in its pixels."""
    content = FILES[draw(st.sampled_from(sorted(FILES)))]
    if draw(st.booleans()):
        return draw(damaged(content))
    at = 132  # what is damaged in the preamble isn't looked at
    return content[:at] + draw(damaged(content[at:]))


def read(path: Path) -> np.ndarray | None:
    """Read a path as all steps do; return its voxels, None if it is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            header = read_header(path)
            voxels, same = read_volume(path)
        except DataError as error:
            assert str(path) in str(error)
            assert not [part for part in (NAME, "4711", "Zhang", "张三") if part in str(error)]
            return None
    assert voxels.shape == header.shape == same.shape and min(header.shape) > 0
    assert np.isfinite(voxels).all() and np.isfinite(header.affine).all()
    assert min(header.spacing) > 0 and min(header.grid.thicknesses_mm) > 0
    assert grid_difference(header.grid, same.grid) is None
    return voxels


@fuzz(400)
@given(content=files())
def test_damaged_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    read(path)


@fuzz(100)
@given(content=files())
def test_a_damaged_file_among_good_ones(tmp_path: Path, content: bytes) -> None:
    good = asymmetric()
    if not (tmp_path / "good").is_dir():
        write_series(tmp_path / "good", good, SeriesInstanceUID="1.7")
    (tmp_path / "bad").write_bytes(content)
    found = find_series(tmp_path)
    kept = [series for series in found.series if series.uid == "1.7"]
    assert len(kept) == 1 and (read_volume(tmp_path / "series=1.7")[0] == good).all()


@fuzz(200)
@given(data=st.data())
def test_damaged_zips(tmp_path: Path, data: st.DataObject) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", data.draw(st.sampled_from((0, 8)))) as archive:
        for name in ("explicit", "RLE"):
            archive.writestr(f"a/{name}", FILES[name])
    path = tmp_path / "a.zip"
    path.write_bytes(data.draw(damaged(packed.getvalue())))
    read(path)
