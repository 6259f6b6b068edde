from __future__ import annotations

import errno
import gzip
import itertools
import os
import re
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import cohort.space.nifti.volume
from cohort.base.errors import DataError
from cohort.space.affine import make_affine
from cohort.space.file_types import read_header, read_volume, strip_suffix
from cohort.space.masks import binary_mask
from cohort.space.nifti.volume import save_volume
from cohort.space.same_grid import grid_difference

ALL_AXCODES = [
    "".join(codes)
    for triple in itertools.permutations([("L", "R"), ("P", "A"), ("I", "S")])
    for codes in itertools.product(*triple)
]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.nii.gz"
    voxels = np.random.default_rng(0).integers(-1000, 1000, (12, 10, 8)).astype(np.int16)
    save_volume(path, voxels, make_affine("LPS", (0.5, 0.5, 5), voxels.shape))
    return path


@pytest.mark.parametrize("axcodes", ALL_AXCODES)
def test_make_affine_gives_the_axcodes_and_the_spacing(axcodes: str) -> None:
    affine = make_affine(axcodes, (0.5, 0.7, 5.0), (5, 6, 7))
    assert "".join(nib.aff2axcodes(affine)) == axcodes
    assert np.linalg.norm(affine[:3, :3], axis=0).tolist() == [0.5, 0.7, 5.0]
    centre = affine @ [2, 2.5, 3, 1]
    assert centre[:3] == pytest.approx([0, 0, 0])


@pytest.mark.parametrize("axcodes", ALL_AXCODES)
def test_axial_axis_is_the_one_toward_superior_or_inferior(tmp_path: Path, axcodes: str) -> None:
    voxels = np.zeros((2, 3, 4), np.uint8)
    save_volume(tmp_path / "a.nii", voxels, make_affine(axcodes, (1, 1, 1), voxels.shape))
    header = read_header(tmp_path / "a.nii")
    assert header.axcodes == axcodes
    assert axcodes[header.axial_axis] in "IS"


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_volume_comes_back_exactly(tmp_path: Path, dtype: type) -> None:
    voxels = np.arange(24).reshape(2, 3, 4).astype(dtype)
    if np.issubdtype(dtype, np.floating):
        voxels += dtype(1) / 3
    save_volume(tmp_path / "a.nii.gz", voxels, make_affine("RAS", (1, 2, 3), voxels.shape))
    back, header = read_volume(tmp_path / "a.nii.gz")
    assert back.dtype == voxels.dtype
    assert np.array_equal(back, voxels)
    assert header.spacing == (1, 2, 3)
    assert header.oriented


def test_scaling_of_the_header_is_applied(tmp_path: Path) -> None:
    image = nib.Nifti1Image(np.array([[[0, 100]]], np.int16), np.eye(4))
    image.header.set_slope_inter(2, -1024)
    nib.save(image, tmp_path / "a.nii")
    # Saving divides by the slope, so what is read is what was put in.
    raw = bytearray((tmp_path / "a.nii").read_bytes())
    raw[352:356] = np.array([0, 100], "<i2").tobytes()
    (tmp_path / "a.nii").write_bytes(raw)
    assert read_volume(tmp_path / "a.nii")[0].ravel().tolist() == [-1024, -824]


def test_fake_volumes_are_refused_by_what_they_are(tmp_path: Path, good: Path) -> None:
    raw = gzip.decompress(good.read_bytes())
    fakes = {
        "placeholder.nii.gz": (b"\r\n", "2 bytes long, a placeholder"),
        "empty.nii.gz": (b"", "0 bytes long"),
        "plain.nii.gz": (raw, "not gzip-compressed"),
        "page.nii.gz": (b"<html>" * 100, "not gzip-compressed"),
        "zipped_page.nii.gz": (gzip.compress(b"<html>" * 100), "not a NIfTI volume"),
        "start.nii.gz": (good.read_bytes()[:100], "its compressed data ends too early"),
        "page.nii": (b"<html>" * 100, "not a NIfTI volume"),
        "packed.nii": (good.read_bytes(), "gzip-compressed, but not named .gz; rename it"),
        "PLAIN.NII.GZ": (raw, "not gzip-compressed"),
        "slice.nii": (b"\0" * 128 + b"DICM" + b"\2" * 400, "DICOM; rename it, to end in .dcm"),
    }
    for name, (data, reason) in fakes.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(DataError, match=re.escape(reason)) as error:
            read_header(tmp_path / name)
        assert str(tmp_path / name) in str(error.value)


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_header(tmp_path / "none.nii.gz")


def test_truncated_and_damaged_volumes_are_refused(tmp_path: Path, good: Path) -> None:
    data = good.read_bytes()
    damaged = bytearray(data)
    damaged[-6] ^= 0xFF  # in the checksum, after the last voxel
    raw = gzip.decompress(data)
    for name, content in {
        "half.nii.gz": data[: len(data) // 2],
        "cut_in_the_second.nii.gz": data + data[:100],
        "damaged.nii.gz": bytes(damaged),
        "DAMAGED.NII.GZ": bytes(damaged),
        "half.nii": raw[: len(raw) // 2],
        "short.nii.gz": gzip.compress(raw[: len(raw) // 2]),
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match="is truncated"):
            read_volume(tmp_path / name)


@pytest.mark.parametrize("junk", [b"x", b"<html>" * 50, b"\0\0\0tail"])
def test_what_follows_a_gzip_stream_is_said(tmp_path: Path, good: Path, junk: bytes) -> None:
    path = tmp_path / "a.nii.gz"
    path.write_bytes(good.read_bytes() + junk)
    number = len(junk.lstrip(b"\0"))
    with pytest.raises(DataError, match=rf"compressed data, by {number} bytes? of something else;"):
        read_volume(path)


def test_padding_and_several_gzip_streams_are_legal(tmp_path: Path, good: Path) -> None:
    raw = gzip.decompress(good.read_bytes())
    streams = [gzip.compress(raw[start : start + 700]) for start in range(0, len(raw), 700)]
    for content in (good.read_bytes() + bytes(512), b"".join(streams), bytes(8).join(streams)):
        (tmp_path / "a.nii.gz").write_bytes(content)
        assert np.array_equal(read_volume(tmp_path / "a.nii.gz")[0], read_volume(good)[0])


def _with_fields(path: Path, **fields: object) -> Path:
    """Change fields of the header of an uncompressed file; nibabel would refuse or mend them."""
    raw = bytearray(path.read_bytes())
    header = np.frombuffer(raw, nib.Nifti1Header.template_dtype, count=1)
    for name, value in fields.items():
        header[name] = value
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize(
    "dim", [(3, 30000, 30000, 30000), (3, 32767, 32767, 32767), (3, 5, 5, 6), (3, 4, 5, 7)]
)
def test_room_is_made_for_no_more_voxels_than_there_are(
    tmp_path: Path, suffix: str, dim: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.nii"
    save_volume(path, np.zeros((4, 5, 6), np.int16), np.eye(4))
    _with_fields(path, dim=[*dim, 1, 1, 1, 1])
    if suffix == ".nii.gz":
        path = tmp_path / "a.nii.gz"
        path.write_bytes(gzip.compress((tmp_path / "a.nii").read_bytes()))
    read: list[object] = []
    monkeypatch.setattr(nib.arrayproxy, "array_from_file", lambda *a, **_: read.append(a))
    with pytest.raises(DataError, match=rf"truncated.*of {dim[1]}×{dim[2]}×{dim[3]} voxels of int"):
        read_volume(path)
    assert not read


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"dim": [3, -4, 5, 6, 1, 1, 1, 1]}, "holds no voxels"),
        ({"vox_offset": np.inf}, "its header cannot be read"),
        ({"vox_offset": 1e9}, "is truncated or damaged"),
        ({"srow_z": [0, 0, np.nan, 0]}, "maps voxels to no volume"),
        (
            {"srow_z": [0, 0, 1e-30, 0], "srow_x": [1e30, 0, 0, 0]},
            "a spacing of 1e.30×0.5×1e-30 mm",
        ),
        ({"srow_x": [1e4, 0, 0, 0]}, "a spacing of 10000×0.5×5 mm"),
        ({"srow_z": [0, 0, 5, -1e9]}, "lies 1e.03 km from the scanner's centre"),
        ({"srow_x": [1, 1, 0, 0], "srow_y": [1, 1, 0, 0]}, "maps voxels to no volume"),
        ({"sform_code": 0, "quatern_b": 3}, "its header cannot be read"),
        ({"sform_code": 0, "pixdim": [1, 0.5, 0.5, 0, 0, 0, 0, 0]}, "a spacing of 0.5×0.5×0 mm"),
        ({"sform_code": 0, "qform_code": 0, "pixdim": 0}, "a spacing of 0×0×0 mm"),
        ({"sform_code": 0, "pixdim": [1, 0.5, np.nan, 5, 0, 0, 0, 0]}, "maps voxels to no volume"),
        ({"scl_slope": 1, "scl_inter": np.inf}, "its header cannot be read"),
    ],
)
def test_damaged_headers_are_refused(tmp_path: Path, fields: dict, said: str) -> None:
    path = tmp_path / "a.nii"
    save_volume(path, np.zeros((4, 5, 6), np.int16), make_affine("LPS", (0.5, 0.5, 5), (4, 5, 6)))
    with pytest.raises(DataError, match=said):
        read_volume(_with_fields(path, **fields))


def test_a_damaged_qform_beside_an_sform_is_of_no_account(tmp_path: Path) -> None:
    path = tmp_path / "a.nii"
    for fields in ({"quatern_b": 3}, {"pixdim": 0}, {"qoffset_x": np.nan}, {"quatern_c": np.inf}):
        save_volume(path, np.zeros((4, 5, 6), np.int16), np.eye(4))
        assert read_header(path).qform is not None
        assert read_header(_with_fields(path, **fields)).qform is None


@pytest.mark.parametrize("function", ["load", "Nifti1Image.from_bytes"])
@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ESTALE, errno.EMFILE])
def test_what_the_system_says_is_not_laid_on_the_file(
    good: Path, monkeypatch: pytest.MonkeyPatch, function: str, code: int
) -> None:
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(f"nibabel.{function}", fail)
    with pytest.raises(OSError, match=re.escape(os.strerror(code))):
        read_volume(good)


@pytest.mark.parametrize("function", ["nibabel.Nifti1Image.from_bytes", "isal.igzip.decompress"])
def test_too_little_memory_is_said(
    good: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(function, fail)
    with pytest.raises(DataError, match="fit into memory"):
        read_volume(good)


def test_a_folder_is_no_volume(tmp_path: Path) -> None:
    (tmp_path / "p1.nii").mkdir()
    with pytest.raises(DataError, match="p1.nii: is a folder, not a volume"):
        read_header(tmp_path / "p1.nii")


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 2, 3), (4, 4, 2, 1, 3)])
def test_only_3d_is_a_volume(tmp_path: Path, shape: tuple[int, ...]) -> None:
    nib.save(nib.Nifti1Image(np.zeros(shape, np.int16), np.eye(4)), tmp_path / "a.nii")
    with pytest.raises(DataError, match=rf"is {len(shape)}D \(4×4.*3D"):
        read_header(tmp_path / "a.nii")


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_4d_file_of_one_volume_is_that_volume(tmp_path: Path, name: str) -> None:
    voxels = np.arange(24, dtype=np.int16).reshape(2, 3, 4, 1)
    nib.save(nib.Nifti1Image(voxels, np.diag([1, 2, 3, 1])), tmp_path / name)
    read, header = read_volume(tmp_path / name)
    assert header.shape == (2, 3, 4) and header.spacing == (1, 2, 3)
    np.testing.assert_array_equal(read, voxels[..., 0])


def test_colours_are_no_volume(tmp_path: Path) -> None:
    rgb = np.zeros((2, 2, 2), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    nib.save(nib.Nifti1Image(rgb, np.eye(4)), tmp_path / "a.nii")
    with pytest.raises(DataError, match="one number per voxel"):
        read_header(tmp_path / "a.nii")


def test_singular_affine_is_refused(tmp_path: Path) -> None:
    image = nib.Nifti1Image(np.zeros((2, 2, 2), np.int16), np.eye(4))
    image.header["sform_code"] = 1
    image.header["srow_z"] = 0
    nib.save(image, tmp_path / "a.nii")
    raw = bytearray((tmp_path / "a.nii").read_bytes())
    raw[312:328] = bytes(16)  # srow_z
    (tmp_path / "a.nii").write_bytes(raw)
    with pytest.raises(DataError, match="maps voxels to no volume"):
        read_header(tmp_path / "a.nii")


def test_no_orientation_is_known_as_such(tmp_path: Path) -> None:
    image = nib.Nifti1Image(np.zeros((2, 2, 2), np.int16), None)
    nib.save(image, tmp_path / "a.nii")
    assert not read_header(tmp_path / "a.nii").oriented


def _header_of(tmp_path: Path, affine: np.ndarray, shape: tuple[int, int, int] = (4, 5, 6)):
    save_volume(tmp_path / "grid.nii", np.zeros(shape, np.uint8), affine)
    return read_header(tmp_path / "grid.nii")


def test_grids_differ_by_shape_place_and_orientation(tmp_path: Path) -> None:
    affine = make_affine("LPS", (0.5, 0.5, 5), (4, 5, 6))
    image = _header_of(tmp_path, affine)
    rounding, moved, mirrored = affine.copy(), affine.copy(), affine.copy()
    rounding[0, 3] += 1e-4
    moved[0, 3] += 3
    mirrored[0] *= -1
    assert grid_difference(_header_of(tmp_path, rounding).grid, image.grid) is None
    assert "up to 3.0 mm away" in str(grid_difference(_header_of(tmp_path, moved).grid, image.grid))
    assert "orientation RPS, the image LPS" in str(
        grid_difference(_header_of(tmp_path, mirrored).grid, image.grid)
    )
    assert "4×5×7 voxels, the image 4×5×6" in str(
        grid_difference(_header_of(tmp_path, affine, (4, 5, 7)).grid, image.grid)
    )


@pytest.mark.parametrize(
    ("values", "expected", "written"),
    [
        (np.array([0, 1, 1], np.uint8), [0, 1, 1], None),
        (np.array([False, True]), [0, 1], None),
        (np.array([0, 255], np.uint8), [0, 1], "0/255"),
        (np.array([0.0, 255.0]), [0, 1], "0/255"),
        (np.array([0.0, 1.0]), [0, 1], "0.0/1.0"),
        (np.array([0, 0], np.int16), [0, 0], None),
        (np.float32([0, 255]) * np.float32(0.00392156), [0, 1], "0/0.999998"),
        (np.array([0, 255]) * float(np.float32(1 / 255)), [0, 1], "0/1.00000006"),
        (np.array([0, 255]) * 0.003922, [0, 1], "0/1.00011"),
        (np.array([0, 255]) * (1 / 255 - 1e-15), [0, 1], "0/0.999999999999745"),
        (np.array([-32768, 32767]) / 65535 + 0.5, [0, 1], "-7.62951e-06/0.999992"),
        (np.array([0, 1]) * 254.99999, [0, 1], "0/254.99999"),
        (np.array([1, 1]) * 1.0000001, [1, 1], "1.0000001"),
        (np.array([1, 1]) * 1e-5, [0, 0], "1e-05"),
    ],
)
def test_masks_of_two_values_are_read(values: np.ndarray, expected: list, written: object) -> None:
    mask, how = binary_mask(values)
    assert mask.dtype == np.uint8
    assert mask.tolist() == expected
    assert how == written


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([0, 1, 2], "holds the values 0, 1, 2"),
        ([0, 1, 255], "holds the values 0, 1, 255"),
        ([0, 0.5], "holds the values 0, 0.5"),
        ([0, -1], "holds the values -1, 0"),
        ([0, 1, np.nan], "NaN"),
        ([0, 1.0000001, np.nan], "NaN"),
        ([0, 1.0000001, np.inf], "NaN or infinite"),
        ([0, 0.999, 1], "holds the values 0, 0.999, 1"),
        ([0, 0.99999999, 1], "holds the values 0, 0.99999999, 1"),
        ([0, 0.99], "holds the values 0, 0.99"),
        ([0, 1e-4], "holds the values 0, 0.0001"),
        ([0, 1, 255.00001], "holds the values 0, 1, 255.00001"),
        ([0, 2.0000001], "holds the values 0, 2.0000001"),
        (range(9), "0, 1, 2, 3, 4, 5, …"),
    ],
)
def test_other_values_are_no_mask(values: list, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        binary_mask(np.array(values))


def test_strip_suffix_keeps_dots_of_the_name() -> None:
    assert strip_suffix("p1.v2.nii.gz") == "p1.v2"
    assert strip_suffix("P1.NII.GZ") == "P1"


def test_full_disk_leaves_the_old_volume(
    good: Path, monkeypatch: pytest.MonkeyPatch, disk_full
) -> None:
    before = good.read_bytes()

    def half(path: Path, _: object) -> None:
        Path(path).write_bytes(before[:100])
        disk_full()

    monkeypatch.setattr(cohort.space.nifti.volume, "write_image", half)
    with pytest.raises(OSError, match="No space"):
        save_volume(good, np.zeros((2, 2, 2), np.uint8), np.eye(4))
    assert good.read_bytes() == before
    assert [path.name for path in good.parent.iterdir()] == [good.name]
