"""NRRD volumes: read as pynrrd reads them, placed as NIfTI files of the same scan are."""

from __future__ import annotations

import bz2
import gzip
import re
from pathlib import Path
from typing import Any

import nibabel as nib
import nrrd
import numpy as np
import pytest
from numpy.typing import NDArray

import cohort.space.nrrd.data
from cohort.base.errors import DataError
from cohort.space.affine import make_affine
from cohort.space.file_types import read_header, read_volume, strip_suffix, type_of
from cohort.space.grid import Grid
from cohort.space.nifti.volume import save_volume as save_nifti
from cohort.space.nrrd.volume import save_volume
from cohort.space.same_grid import grid_difference
from cohort.space.slices.stack import grid_of_slices

SHAPE = (5, 4, 3)


def sheared(axcodes: str = "LPS") -> NDArray[np.float64]:
    """Return an affine of unequal spacing, off the centre, tilted by shear."""
    affine = make_affine(axcodes, (0.5, 0.7, 5.0), SHAPE)
    affine[:3, 3] += 12.25, -3.5, 101
    affine[1, :3] += 0.3 * affine[2, :3]
    return affine


def voxels(dtype: Any = np.int16) -> NDArray:
    return (np.arange(60).reshape(SHAPE) * 7 - 100).astype(dtype)


def header_of(**fields: str) -> dict[str, str]:
    return {
        "type": "short",
        "dimension": "3",
        "space": "left-posterior-superior",
        "sizes": "5 4 3",
        "space directions": "(0.5,0,0) (0,0.7,0) (0,0.1,5)",
        "kinds": "domain domain domain",
        "endian": "little",
        "encoding": "raw",
        "space origin": "(-10,-20,30)",
        **{name.replace("_", " "): value for name, value in fields.items()},
    }


def write(path: Path, content: bytes | None = None, end: str = "\n", **fields: str) -> Path:
    """Write an NRRD file; a field that is empty is left out."""
    lines = [f"{name}: {value}" for name, value in header_of(**fields).items() if value]
    text = end.join(["NRRD0004", "# made by hand", *lines, "", ""])
    body = voxels("<i2").tobytes(order="F") if content is None else content
    path.write_bytes(text.encode() + body)
    return path


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "SAL", "PIR", "ARI"])
@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "f4", "f8", ">i2"])
def test_written_volumes_come_back_on_the_same_grid(
    tmp_path: Path, axcodes: str, dtype: str
) -> None:
    grid = Grid(SHAPE, sheared(axcodes))
    values = np.abs(voxels()).astype(dtype)
    save_volume(tmp_path / "a.nrrd", values, grid)
    back, header = read_volume(tmp_path / "a.nrrd")
    assert np.array_equal(back, values) and back.dtype == values.dtype.newbyteorder("=")
    assert np.array_equal(header.affine, grid.affine)
    assert header.axcodes == grid.axcodes and header.oriented
    other, fields = nrrd.read(str(tmp_path / "a.nrrd"))
    assert np.array_equal(other, values)
    lps = np.diag([-1, -1, 1])
    assert np.array_equal(fields["space directions"].T, lps @ grid.affine[:3, :3])
    assert np.array_equal(fields["space origin"], lps @ grid.affine[:3, 3])


def test_the_same_volume_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.nrrd", "b.nrrd"):
        save_volume(tmp_path / name, voxels(), Grid(SHAPE, sheared()))
    assert (tmp_path / "a.nrrd").read_bytes() == (tmp_path / "b.nrrd").read_bytes()


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_what_pynrrd_writes_is_read(tmp_path: Path, encoding: str, dtype: Any) -> None:
    values = np.abs(voxels()).astype(dtype)
    fields = {
        "space": "right-anterior-superior",
        "space directions": sheared("RAS")[:3, :3].T,
        "space origin": sheared("RAS")[:3, 3],
        "encoding": encoding,
    }
    nrrd.write(str(tmp_path / "a.nrrd"), values, fields)
    back, header = read_volume(tmp_path / "a.nrrd")
    assert np.array_equal(back, values)
    np.testing.assert_allclose(header.affine, sheared("RAS"), atol=1e-12)


@pytest.mark.parametrize(
    ("space", "signs"),
    [
        ("left-posterior-superior", (-1, -1, 1)),
        ("LPS", (-1, -1, 1)),
        ("Right-Anterior-Superior", (1, 1, 1)),
        ("RAS", (1, 1, 1)),
        ("left-anterior-superior", (-1, 1, 1)),
    ],
)
def test_each_space_is_turned_to_ras(
    tmp_path: Path, space: str, signs: tuple[int, int, int]
) -> None:
    header = read_header(write(tmp_path / "a.nrrd", space=space))
    along = np.array([[0.5, 0, 0], [0, 0.7, 0.1], [0, 0, 5]])
    np.testing.assert_allclose(header.affine[:3, :3], np.diag(signs) @ along)
    np.testing.assert_allclose(header.affine[:3, 3], np.array(signs) * [-10, -20, 30])
    assert header.oriented and header.dtype == "int16"


def test_it_lies_where_the_same_nifti_file_lies(tmp_path: Path) -> None:
    affine = make_affine("SAL", (5.0, 0.7, 0.5), SHAPE)
    save_nifti(tmp_path / "a.nii", voxels(), affine)
    save_volume(tmp_path / "a.nrrd", voxels(), Grid(SHAPE, affine))
    one, other = (read_header(tmp_path / name) for name in ("a.nii", "a.nrrd"))
    assert grid_difference(one.grid, other.grid) is None
    assert one.axcodes == other.axcodes == "SAL"
    assert nib.aff2axcodes(other.affine) == tuple("SAL")


@pytest.mark.parametrize("fields", [{"space": ""}, {"space": "scanner-xyz"}])
def test_without_a_space_of_patients_it_is_not_oriented(
    tmp_path: Path, fields: dict[str, str]
) -> None:
    header = read_header(write(tmp_path / "a.nrrd", **fields))
    assert not header.oriented
    np.testing.assert_allclose(header.spacing, (0.5, 0.7, (25 + 0.01) ** 0.5))


def test_without_directions_it_is_not_oriented(tmp_path: Path) -> None:
    path = write(tmp_path / "a.nrrd", space_directions="", space="", spacings="0.5 0.7 5")
    header = read_header(path)
    assert not header.oriented and header.spacing == (0.5, 0.7, 5)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_that_pynrrd_lacks(tmp_path: Path, end: str) -> None:
    raw = voxels("<i2").tobytes(order="F")
    packed = gzip.compress(raw[:40]) + gzip.compress(raw[40:]) + bytes(512)
    text = " ".join(map(str, voxels().ravel(order="F"))).encode()
    for name, encoding, content in (
        ("hex", "hex", raw.hex().encode() + b"\n"),
        ("two streams", "GZ", packed),
        ("bz2", "bz2", bz2.compress(raw)),
        ("text", "txt", text),
        ("commas", "ascii", text.replace(b" ", b",\n")),
    ):
        path = write(tmp_path / f"{name}.nrrd", content, end, encoding=encoding)
        assert np.array_equal(read_volume(path)[0], voxels()), name


def test_what_stands_ahead_of_the_voxels_is_skipped(tmp_path: Path) -> None:
    raw = voxels("<i2").tobytes(order="F")
    path = write(tmp_path / "a.nrrd", b"P5\n5 12\nxx" + raw, line_skip="2", byte_skip="2")
    assert np.array_equal(read_volume(path)[0], voxels())
    path = write(tmp_path / "b.nrrd", b"any header" + raw, byte_skip="-1")
    assert np.array_equal(read_volume(path)[0], voxels())
    path = write(tmp_path / "c.nrrd", gzip.compress(b"abc" + raw), byteskip="3", encoding="gzip")
    assert np.array_equal(read_volume(path)[0], voxels())


def test_an_axis_of_one_volume_is_none(tmp_path: Path) -> None:
    directions = "none (0.5,0,0) (0,0.7,0) (0,0.1,5)"
    path = write(
        tmp_path / "a.nrrd", dimension="4", sizes="1 5 4 3", space_directions=directions, kinds=""
    )
    assert np.array_equal(read_volume(path)[0], voxels())


BAD = {
    "four": (
        {"dimension": "4", "sizes": "2 5 4 3", "space_directions": "none (1,0,0) (0,1,0) (0,0,1)"},
        "holds 2 volumes (2×5×4×3 voxels); give one 3D volume a file",
    ),
    "plain four": (
        {"dimension": "4", "sizes": "5 4 3 2", "space_directions": "", "spacings": "1 1 1 1"},
        "is 4D and states no space directions",
    ),
    "two": ({"dimension": "2", "sizes": "5 4", "space_directions": "(1,0,0) (0,1,0)"}, "is 2D"),
    "block": ({"type": "block"}, "holds values of type 'block'"),
    "no order": ({"endian": ""}, "in which order bytes stand"),
    "zero": ({"sizes": "5 0 3"}, "holds no voxels"),
    "text": ({"sizes": "5 4 x"}, "its header is damaged"),
    "minus": ({"sizes": "-5 4 3"}, "its header is damaged"),
    "sizes": ({"dimension": "4"}, "its header is damaged"),
    "none": ({"sizes": ""}, "its header is damaged"),
    "huge": ({"sizes": "99999999 99999999 9"}, "more than any scan has"),
    "flat": ({"space_directions": "(1,0,0) (1,0,0) (0,0,1)"}, "span no volume"),
    "nan": ({"space_directions": "(1,0,0) (0,nan,0) (0,0,1)"}, "span no volume"),
    "word": ({"space_directions": "(1,0,0) (0,x,0) (0,0,1)"}, "its header is damaged"),
    "open": ({"space_directions": "(1,0,0) (0,1,0) (0,0,1"}, "its header is damaged"),
    "few": ({"space_directions": "(1,0,0) (0,1,0)"}, "its header is damaged"),
    "metres": ({"space_directions": "(1e-5,0,0) (0,1,0) (0,0,1)"}, "states a spacing of"),
    "far": ({"space_origin": "(1e9,0,0)"}, "lies 1e+03 km from the scanner's centre"),
    "origin": ({"space_origin": "none"}, "its header is damaged"),
    "units": ({"space_units": '"um" "um" "um"'}, "has the units ['um'], not mm"),
    "time": ({"space": "left-posterior-superior-time"}, "has an axis of time"),
    "detached": ({"data_file": "/etc/passwd"}, "has its voxels in another file"),
    "list": ({"datafile": "LIST"}, "has its voxels in another file"),
    "skip": ({"byte_skip": "-7"}, "its header is damaged"),
    "encoding": ({"encoding": "zstd"}, "is encoded as 'zstd', which is not read here"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_volume_is_said(tmp_path: Path, name: str) -> None:
    fields, said = BAD[name]
    path = write(tmp_path / "a.nrrd", **fields)
    with pytest.raises(DataError, match=re.escape(said)) as error:
        read_volume(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_files_that_are_something_else_are_said(tmp_path: Path) -> None:
    good = write(tmp_path / "good.nrrd").read_bytes()
    (tmp_path / "folder.nrrd").mkdir()
    for name, content, said in (
        ("empty.nrrd", b"", "0 bytes long"),
        ("page.nrrd", b"<html>" * 100, "is not an NRRD volume"),
        ("slice.nrrd", bytes(128) + b"DICM" + bytes(400), "DICOM; rename it, to end in .dcm"),
        ("new.nrrd", good.replace(b"NRRD0004", b"NRRD0009"), "a version of NRRD"),
        ("twice.nrrd", good.replace(b"endian", b"type: short\nendian"), "stands in it twice"),
        ("line.nrrd", good.replace(b"endian", b"rubbish\nendian"), "is not a field"),
        ("long.nrrd", b"NRRD0004\n" + b"# x\n" * 2_000_000, "a header without an end"),
        ("folder.nrrd", None, "is a folder"),
        ("missing.nrrd", None, "no such file"),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=re.escape(said)):
            read_volume(tmp_path / name)


def test_truncated_and_damaged_voxels_are_refused(tmp_path: Path) -> None:
    raw = voxels("<i2").tobytes(order="F")
    packed = gzip.compress(raw)
    wrong = bytearray(packed)
    wrong[-6] ^= 0xFF  # in the checksum
    text = " ".join(map(str, voxels().ravel(order="F"))).encode()
    for encoding, content, said in (
        ("raw", raw[:-1], "truncated"),
        ("raw", raw + b"\0", "holds more than the 5×4×3 voxels"),
        ("gzip", packed[:-12], "truncated"),
        ("gzip", bytes(wrong), "truncated or damaged"),
        ("gzip", gzip.compress(raw[:-2]), "truncated"),
        ("gzip", gzip.compress(raw + b"\0\0"), "holds more than"),
        ("gzip", packed + b"junk", "truncated"),
        ("gzip", raw, "truncated or damaged"),
        ("gzip", b"", "truncated"),
        ("bzip2", bz2.compress(raw)[:-8], "truncated"),
        ("hex", raw.hex().encode()[:-2], "truncated"),
        ("hex", b"zz" * 120, "not hexadecimal"),
        ("ascii", text[:-5], "truncated"),
        ("ascii", text + b" 7", "holds more numbers"),
        ("ascii", text.replace(b"-100", b"four"), "text that is not a number"),
        ("ascii", text.replace(b"-100", b"70000"), "do not fit its type"),
    ):
        path = write(tmp_path / "a.nrrd", content, encoding=encoding)
        with pytest.raises(DataError, match=re.escape(said)):
            read_volume(path)


def test_no_more_is_unpacked_than_the_header_tells_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = gzip.compress(bytes(1 << 26), 9)
    taken = []
    real = cohort.space.nrrd.data.isal_zlib.decompressobj

    class Watched:
        def __init__(self, **options: Any) -> None:
            self.stream = real(**options)

        def decompress(self, data: bytes, most: int) -> bytes:
            taken.append(most)
            return self.stream.decompress(data, most)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.stream, name)

    monkeypatch.setattr(cohort.space.nrrd.data.isal_zlib, "decompressobj", Watched)
    path = write(tmp_path / "a.nrrd", bomb, encoding="gzip")
    with pytest.raises(DataError, match="holds more than"):
        read_volume(path)
    assert taken == [121]
    # A header that tells of more than the file could hold is refused before anything is unpacked.
    path = write(tmp_path / "b.nrrd", bomb, encoding="gzip", sizes="1000 1000 1000")
    with pytest.raises(DataError, match="truncated"):
        read_volume(path)
    assert taken == [121]


def test_uneven_slices_are_kept(tmp_path: Path) -> None:
    places = np.array([[0, 0, 0], [0, 1.5, 4], [0, 2, 11.0]])
    grid = grid_of_slices((5, 4), np.array([[-0.5, 0], [0, -0.5], [0, 0]]), places)
    assert grid.places is not None
    save_volume(tmp_path / "a.nrrd", voxels(), grid)
    back = read_header(tmp_path / "a.nrrd").grid
    assert grid_difference(back, grid) is None
    assert np.array_equal(back.places, places)  # type: ignore[arg-type]
    text = (tmp_path / "a.nrrd").read_bytes().replace(b"0.0 1.5 4.0", b"0.0 nan 4.0")
    (tmp_path / "a.nrrd").write_bytes(text)
    with pytest.raises(DataError, match="the places of its slices"):
        read_header(tmp_path / "a.nrrd")


def test_names(tmp_path: Path) -> None:
    assert strip_suffix("p1.seg.nrrd") == strip_suffix("p1.NRRD") == "p1"
    assert type_of(Path("p1.nrrd")).scans and not type_of(Path("P1.SEG.NRRD")).scans
