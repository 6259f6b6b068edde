"""HU come back exactly, in every transfer syntax, with any rescale, sign and padding."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.uid import (
    MPEG2MPML,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)
from write_series import asymmetric, slice_of, write_multiframe, write_series, write_slice

from cohort.base.errors import DataError
from cohort.space.dicom.files.find import find_series
from cohort.space.dicom.read import read_series
from cohort.space.file_types import read_header, read_volume
from cohort.space.same_grid import grid_difference

SYNTAXES = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "RLE": RLELossless,
    "JPEG lossless": JPEGLosslessSV1,
    "JPEG-LS": JPEGLSLossless,
    "JPEG 2000": JPEG2000Lossless,
}
BY_GDCM = ("JPEG lossless", "JPEG-LS", "JPEG 2000")


def read(path: Path) -> tuple[np.ndarray, list[str]]:
    voxels, header = read_volume(path)
    assert header.shape == voxels.shape and header.dtype == voxels.dtype.name
    return voxels, [note.kind for note in header.notes]


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_transfer_syntax_gives_the_same_hu(tmp_path: Path, syntax: str, signed: bool) -> None:
    if syntax in BY_GDCM:
        pytest.importorskip("gdcm")
    hu = asymmetric((32, 24, 3))
    write_series(tmp_path, hu, syntax=SYNTAXES[syntax], signed=signed, intercept=-600)
    voxels, notes = read(tmp_path)
    assert voxels.dtype == np.int16 and not notes
    assert (voxels == hu).all()


@pytest.mark.parametrize("syntax", ["explicit", "RLE", "JPEG-LS"])
def test_twelve_bits_with_a_sign(tmp_path: Path, syntax: str) -> None:
    if syntax in BY_GDCM:
        pytest.importorskip("gdcm")
    hu = asymmetric((32, 24, 3))
    write_series(tmp_path, hu, syntax=SYNTAXES[syntax], signed=True, intercept=0, bits_stored=12)
    assert (read(tmp_path)[0] == hu).all()


@pytest.mark.parametrize("signed", [False, True])
def test_what_stands_above_the_highest_bit_is_no_part_of_a_value(
    tmp_path: Path, signed: bool
) -> None:
    hu = asymmetric()
    rubbish = np.random.default_rng(0).integers(0, 16, (5, 6)) << 12
    for k in range(4):
        words = (hu[:, :, k].T.astype(int) + (0 if signed else 1024)) & 0xFFF
        dataset = slice_of(
            hu[:, :, k],
            (0, 0, 5 * k),
            words=(words | rubbish).astype(np.uint16),
            bits_stored=12,
            signed=signed,
            intercept=0 if signed else -1024,
        )
        write_slice(tmp_path / f"{k}.dcm", dataset)
    assert (read(tmp_path)[0] == hu).all()


def test_a_high_bit_above_the_lowest_bits(tmp_path: Path) -> None:
    hu = asymmetric((6, 5, 1))
    words = ((hu[:, :, 0].T.astype(int) + 1024) << 4) + 7
    dataset = slice_of(
        hu[:, :, 0], (0, 0, 0), words=words.astype(np.uint16), bits_stored=12, HighBit=15
    )
    write_slice(tmp_path / "1.dcm", dataset)
    assert (read(tmp_path)[0] == hu).all()


def test_each_slice_has_its_own_rescale(tmp_path: Path) -> None:
    hu = asymmetric() // 2 * 2
    for k, (slope, intercept) in enumerate([(1, -1024), (2, -1000), (1, 0), (0.5, -600)]):
        dataset = slice_of(
            hu[:, :, k], (0, 0, 5 * k), slope=slope, intercept=intercept, signed=True
        )
        write_slice(tmp_path / f"{k}.dcm", dataset)
    voxels, _ = read(tmp_path)
    assert voxels.dtype == np.float32 and (voxels == hu).all()


def test_fractions_of_hu_are_kept(tmp_path: Path) -> None:
    hu = asymmetric()
    write_series(tmp_path, hu, slope=0.25, intercept=-1000.5, signed=False)
    voxels, _ = read(tmp_path)
    assert voxels.dtype == np.float32
    assert voxels == pytest.approx(hu, abs=0.126)


def test_hu_beyond_16_bits_are_kept_and_noted(tmp_path: Path) -> None:
    hu = asymmetric().astype(int)
    hu[2, 3, 1] = 40000
    write_series(tmp_path, hu)
    voxels, notes = read(tmp_path)
    assert voxels.dtype == np.float32 and (voxels == hu).all() and notes == ["range"]


def test_values_that_no_tissue_has_are_refused(tmp_path: Path) -> None:
    write_series(tmp_path, slope=50.0, words=np.full((5, 6), 60000, np.uint16))
    with pytest.raises(DataError, match="reaches from .* to 2998976 HU; its rescale or the sign"):
        read_volume(tmp_path)


PADDED: dict[str, dict[str, Any]] = {
    "signed": {"signed": True, "intercept": 0, "PixelPaddingValue": -2000},
    "unsigned": {"signed": False, "intercept": -1024, "PixelPaddingValue": 63536},
    "range": {
        **{"signed": True, "intercept": 0, "PixelPaddingValue": -3000},
        "PixelPaddingRangeLimit": -1900,
    },
    "beyond the bits stored": {
        **{"signed": False, "intercept": -1024, "bits_stored": 12, "PixelPaddingValue": 63536}
    },
}


@pytest.mark.parametrize("how", PADDED)
def test_padding_reads_as_air_with_a_note(tmp_path: Path, how: str) -> None:
    hu, attributes = asymmetric(), PADDED[how]
    padded = hu.copy()
    padded[0], padded[5, 4] = -1024, -1024
    for k in range(4):
        words = (hu[:, :, k].T.astype(int) - attributes["intercept"]) & 0xFFFF
        words[:, 0] = words[4, 5] = 63536
        at = slice_of(hu[:, :, k], (0, 0, 5 * k), words=words.astype(np.uint16), **attributes)
        write_slice(tmp_path / f"{k}.dcm", at)
    voxels, header = read_volume(tmp_path)
    assert (voxels == padded).all()
    assert [note.what for note in header.notes if note.kind == "padding"][0].startswith(
        "marks 24 voxels as outside of the image"
    )


def test_padding_that_reads_as_air_is_not_noted(tmp_path: Path) -> None:
    hu = asymmetric()
    hu[0] = -1024
    write_series(tmp_path, hu, PixelPaddingValue=0)
    voxels, notes = read(tmp_path)
    assert (voxels == hu).all() and not notes


def test_tissue_that_reads_as_padding_does_is_kept(tmp_path: Path) -> None:
    """Water is 0 HU, and 0 what some machines pad with."""
    hu = np.full((9, 9, 2), 30, np.int16)
    hu[0], hu[4, 4] = 0, 0
    write_series(tmp_path, hu, signed=True, intercept=0, PixelPaddingValue=0)
    voxels, notes = read(tmp_path)
    assert (voxels[4, 4] == 0).all() and (voxels[0] == -1024).all() and notes == ["padding"]


def test_a_multi_frame_file(tmp_path: Path) -> None:
    hu = asymmetric()
    places = [(0, 0, 10.0), (0, 0, 0.0), (0, 0, 5.0), (0, 0, 17.0)]
    stored = hu[:, :, [2, 0, 1, 3]] * 2
    write_multiframe(tmp_path / "1", stored, places, slopes=[1, 2, 1, 2])
    voxels, header = read_volume(tmp_path / "1")
    assert (voxels == hu * 2).all()
    assert header.grid.levels_mm.tolist() == [0, 5, 10, 17]
    instances = find_series(tmp_path).series[0].instances
    assert [i.frame for i in instances] == [1, 2, 0, 3]


@pytest.mark.parametrize("where", ["file", "folder", "zip", "zip in a folder", "address"])
def test_wherever_the_series_is(tmp_path: Path, where: str) -> None:
    hu = asymmetric((6, 5, 1)) if where == "file" else asymmetric()
    paths = write_series(tmp_path / "a" / "b" / "c", hu)
    path = {"file": paths[0], "address": tmp_path / "a" / "series=1.2.3.4"}.get(where, tmp_path)
    if "zip" in where:
        packed = tmp_path / "deep" / "er" / "scan.zip"
        packed.parent.mkdir(parents=True)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in paths:
                archive.write(file, f"p1/ct/{file.name}")
                file.unlink()
        path = packed if where == "zip" else tmp_path
    voxels, header = read_volume(path)
    assert (voxels == hu).all()
    assert grid_difference(read_header(path).grid, header.grid) is None


def test_of_several_series_one_is_chosen_or_named(tmp_path: Path) -> None:
    write_series(tmp_path / "a")
    write_series(tmp_path / "b", asymmetric() + 7, SeriesInstanceUID="1.2.3.5")
    assert (read_volume(tmp_path)[0] == asymmetric() + 7).all()
    assert "is read from series 2, one of equal ones" in read_header(tmp_path).notes[0].what
    assert (read_volume(tmp_path / "series=1.2.3.4")[0] == asymmetric()).all()
    with pytest.raises(DataError, match="holds no series 1.9, but:"):
        read_header(tmp_path / "series=1.9")


def test_without_a_decoder_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("gdcm")
    write_series(tmp_path, asymmetric((32, 24, 1)), syntax=JPEGLSLossless)
    series = find_series(tmp_path).series[0]
    import importlib.util

    import pydicom.pixels.decoders as decoders

    monkeypatch.setattr(decoders.JPEGLSLosslessDecoder, "_available", {})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="JPEG-LS Lossless.*install.*hich-workflow.dicom."):
        read_series(series)


def test_a_syntax_that_no_decoder_reads(tmp_path: Path) -> None:
    pytest.importorskip("gdcm")
    (path,) = write_series(tmp_path, asymmetric((32, 24, 1)), syntax=JPEGLSLossless)
    content = path.read_bytes().replace(JPEGLSLossless.encode(), MPEG2MPML.encode()[:22])
    path.write_bytes(content)
    with pytest.raises(DataError, match="is compressed .1.2.840.10008.1.2.4.10., which no decoder"):
        read_volume(path)


def test_a_damaged_compressed_image_is_named(tmp_path: Path) -> None:
    pytest.importorskip("gdcm")
    paths = write_series(tmp_path, asymmetric((32, 24, 3)), syntax=JPEG2000Lossless)
    content = bytearray(paths[1].read_bytes())
    at = content.index(b"\xff\x4f\xff\x51")
    content[at : at + 60] = b"\0" * 60
    paths[1].write_bytes(content)
    with pytest.raises(DataError, match=r"001.dcm: is damaged: its pixels cannot be decoded"):
        read_volume(tmp_path)


def test_reading_a_nifti_file_loads_no_pydicom(tmp_path: Path) -> None:
    import subprocess

    code = "import sys, cohort.space.file_types; sys.exit('pydicom' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
