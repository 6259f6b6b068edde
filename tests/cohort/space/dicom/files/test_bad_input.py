"""Whatever comes: a sentence with file and reason, bounded memory and time, no patient's name."""

from __future__ import annotations

import logging
import struct
import tracemalloc
import warnings
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian
from write_series import (
    ACCESSION,
    BIRTH,
    ID,
    NAME,
    asymmetric,
    slice_of,
    write_multiframe,
    write_series,
    write_slice,
)

from cohort.base.errors import DataError
from cohort.space.dicom.files import zips
from cohort.space.dicom.files.find import find_series
from cohort.space.dicom.files.series import group
from cohort.space.dicom.files.sources import Opener
from cohort.space.file_types import read_header, read_volume
from tests.conftest import lines_run

SECRETS = (ID, BIRTH, ACCESSION, "Zhang", "张三")


def refused(path: Path) -> str:
    """Return why a path is refused, read as a whole; what it says names no patient."""
    with pytest.raises(DataError) as error:
        read_volume(path)
    said = str(error.value)
    assert str(path) in said
    assert not [secret for secret in SECRETS if secret in said]
    return said


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "MR": ({"Modality": "MR"}, "is MR, not CT."),
    "PET": ({"Modality": "PT"}, "is PT, not CT."),
    "no modality": ({"Modality": None}, "is of no stated modality, not CT."),
    "no position": ({"ImagePositionPatient": None}, "does not state where its slices lie"),
    "no orientation": ({"ImageOrientationPatient": None}, "does not state where its slices lie"),
    "no spacing": ({"PixelSpacing": None}, "does not state how large its pixels are"),
    "no intercept": ({"RescaleIntercept": None}, "how stored values become HU"),
    "no slope": ({"RescaleSlope": None}, "how stored values become HU"),
    "slope of zero": ({"RescaleSlope": 0}, "a rescale that gives no HU (slope 0, intercept -1024)"),
    "intercept too large": ({"RescaleIntercept": 1e9}, "a rescale that gives no HU"),
    "electron density": ({"RescaleType": "ED"}, "values that are not HU (Rescale Type 'ED')"),
    "inverted": ({"PhotometricInterpretation": "MONOCHROME1"}, "holds pictures (MONOCHROME1)"),
    "no rows": ({"Rows": 0}, "holds no pixels (Rows or Columns are 0)"),
    "bits": ({"BitsStored": 20}, "states pixels of 20 bits in 16"),
    "bits of nothing": ({"BitsStored": 0, "HighBit": 90}, "bits in 16"),
    "no directions": ({"ImageOrientationPatient": [0.0] * 6}, "not at right angles"),
    "skew": ({"ImageOrientationPatient": [1, 0, 0, 0.5, 0.8, 0.1]}, "not at right angles"),
    "pixels of 5 m": ({"PixelSpacing": [5000, 5000]}, "states pixels of 5000 × 5000 mm"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_what_cannot_be_a_volume_of_hu(tmp_path: Path, what: str) -> None:
    attributes, said = FAULTS[what]
    for k in range(3):
        at = {"InstanceNumber": k, "intercept": -1024, **attributes}
        dataset = slice_of(asymmetric()[:, :, k], (0, 0, 5 * k), **at)
        write_slice(tmp_path / f"{k}.dcm", dataset)
    with pytest.raises(DataError):
        read_header(tmp_path)
    assert said in refused(tmp_path)


def test_slices_far_away(tmp_path: Path) -> None:
    write_series(tmp_path, origin=(1e9, 0, 0))
    assert "lies kilometres from the scanner's centre" in refused(tmp_path)


def test_numbers_that_are_none(tmp_path: Path) -> None:
    (path,) = write_series(tmp_path, asymmetric((6, 5, 1)))
    content = path.read_bytes()
    for damage in (b"nan", b"inf", b"1e999", b"x"):
        path.write_bytes(content.replace(b"-10.0\\", damage.ljust(5) + b"\\"))
        assert "does not state where its slices lie" in refused(path)


def test_more_frames_than_are_described(tmp_path: Path) -> None:
    hu = asymmetric()
    path = write_multiframe(tmp_path / "a.dcm", hu, [(0, 0, k) for k in range(4)])
    dataset = pydicom.dcmread(path)
    dataset.NumberOfFrames = 10**9
    dataset.save_as(path)
    assert "is truncated or damaged (its pixels need 60000000000 bytes" in refused(path)
    del dataset.PerFrameFunctionalGroupsSequence[3]
    dataset.NumberOfFrames = 4
    dataset.save_as(path)
    assert "states 4 frames and describes 3" in refused(path)
    del dataset.PerFrameFunctionalGroupsSequence
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, 0
    dataset.save_as(path)
    assert "multi-frame file that does not state where its frames lie" in refused(path)


def write_zip(path: Path, names: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["../a.dcm", "/etc/a.dcm", "x/../../a", "C:\\a.dcm", "..\\a.dcm"])
def test_a_zip_whose_names_lead_out(tmp_path: Path, name: str) -> None:
    (path,) = write_series(tmp_path / "in", asymmetric((6, 5, 1)))
    packed = write_zip(tmp_path / "a.zip", {"good.dcm": path.read_bytes(), name: b"x"})
    assert "names lead out of the folder" in refused(packed)
    assert not (tmp_path.parent / "a.dcm").exists()


def test_an_encrypted_zip(tmp_path: Path) -> None:
    packed = write_zip(tmp_path / "a.zip", {"good.dcm": b"x" * 100})
    content = bytearray(packed.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    packed.write_bytes(content)
    assert "is encrypted; unpack it with its password" in refused(packed)


def test_a_zip_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "FREE_RATIO", 1 << 22)
    packed = write_zip(tmp_path / "a.zip", {"bomb": bytes(1 << 24)})
    assert packed.stat().st_size < 20_000
    assert "would unpack to 16777216 bytes: a zip bomb" in refused(packed)


def test_a_zip_that_lists_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MOST_LISTED", 10_000)
    packed = write_zip(tmp_path / "a.zip", {str(n): b"" for n in range(300)})
    assert "lists too many files" in refused(packed)


@pytest.mark.parametrize("damage", ["truncated", "rubbish", "directory", "data"])
def test_damaged_zips(tmp_path: Path, damage: str) -> None:
    paths = write_series(tmp_path / "in")
    packed = write_zip(tmp_path / "a.zip", {path.name: path.read_bytes() for path in paths})
    content = bytearray(packed.read_bytes())
    if damage == "truncated":
        content = content[:-30]
    elif damage == "rubbish":
        content = bytearray(b"no zip at all")
    elif damage == "directory":
        content[content.index(b"PK\x01\x02") + 46 :] = b"\xff" * 40
    else:
        content[60:400] = b"\x55" * 340
    packed.write_bytes(content)
    if damage == "data":
        found = find_series(packed)
        assert len(found.series[0].instances) == 3 and len(found.skipped) == 1
    else:
        assert "is not a zip that can be read" in refused(packed)


def test_pixels_that_are_damaged_in_a_zip(tmp_path: Path) -> None:
    hu = np.random.default_rng(0).integers(0, 1000, (300, 300, 1))
    (path,) = write_series(tmp_path / "in", hu)
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.write(path, "1.dcm")
    content = bytearray(packed.read_bytes())
    content[100_000] ^= 1
    packed.write_bytes(content)
    assert "cannot be read from its zip (damaged)" in refused(packed)


def test_a_zip_in_a_zip_is_passed_over(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "b.zip", {"x": b"y"})
    outer = write_zip(tmp_path / "a.zip", {"b.zip": inner.read_bytes()})
    inner.unlink()
    assert "a.zip/b.zip: is a zip in a zip; unpack it." in str(find_series(outer).skipped[0])


def test_a_deflated_bomb_takes_bounded_memory(tmp_path: Path) -> None:
    (path,) = write_series(tmp_path, asymmetric((6, 5, 1)), syntax=DeflatedExplicitVRLittleEndian)
    content = path.read_bytes()
    start = 144 + struct.unpack("<L", content[140:144])[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    inside = zlib.decompress(content[start:], -15)
    at = inside.index(b"\xe0\x7f\x10\x00OW")
    private = struct.pack("<HH2sHL", 0x7777, 0x0010, b"OB", 0, 600 << 20)
    bomb = packer.compress(inside[:at] + private)
    for _ in range(600):
        bomb += packer.compress(bytes(1 << 20))
    bomb += packer.compress(inside[at:]) + packer.flush()
    path.write_bytes(content[:start] + bomb)
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()
    refused(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 400 << 20


def test_slices_larger_than_any_ct_are_refused_by_their_header(tmp_path: Path) -> None:
    """However few bytes they are packed to."""
    (path,) = write_series(tmp_path / "a", asymmetric((4, 5000, 1)))
    assert "has slices of 4 × 5000 pixels; of a CT they have 4096 a side at most." in refused(path)
    with pytest.raises(DataError, match="4096 a side at most"):
        read_header(path)


def test_volumes_larger_than_any_head_are_refused_by_their_header(tmp_path: Path) -> None:
    (path,) = write_series(tmp_path, asymmetric((6, 5, 1)))
    (one,) = find_series(path).series[0].instances
    many = [
        replace(
            one, sop_instance_uid=str(k), position=(0.0, 0.0, float(k)), rows=1024, columns=1024
        )
        for k in range(513)
    ]
    with Opener() as opener:
        (series,) = group(many, opener)
        assert series.faults == ("has 1024 × 1024 × 513 voxels; that is too many for a head.",)
        (series,) = group(many[:512], opener)
        assert not series.faults


def test_deflated_pixels_that_unpack_to_hundreds_of_times_their_size(tmp_path: Path) -> None:
    (path,) = write_series(
        tmp_path,
        words=np.zeros((4000, 4090), np.uint16),
        levels=[0],
        syntax=DeflatedExplicitVRLittleEndian,
    )
    assert read_volume(path)[0].shape == (4090, 4000, 1)  # 33 MB: not looked at
    dataset = pydicom.dcmread(path)
    dataset.NumberOfFrames = 3
    dataset.PixelData = bytes(3 * 2 * 4000 * 4090)
    dataset.save_as(path)
    assert path.stat().st_size < 200_000
    tracemalloc.start()
    assert "would unpack to over 200 times its size; it is not to be trusted" in refused(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300 << 20


def test_a_thousand_orientations_take_no_long(tmp_path: Path) -> None:
    """As of a reformat all around the head: each image is a stack, found without comparing all."""
    (path,) = write_series(tmp_path, asymmetric((6, 5, 1)))
    (one,) = find_series(path).series[0].instances
    images = []
    for n in range(1000):
        c, s = np.cos(n / 159), np.sin(n / 159)
        images.append(replace(one, sop_instance_uid=str(n), orientation=(c, s, 0.0, -s, c, 0.0)))
    with Opener() as opener:
        lines = lines_run(lambda: group(images[:100], opener))
        assert lines_run(lambda: group(images, opener)) < 15 * lines


def test_nothing_is_logged_or_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Pydicom quotes what it finds: it is kept silent."""
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pydicom.config.disable_value_validation():
            (path, *_) = write_series(
                tmp_path,
                SpecificCharacterSet="ISO_IR 999",
                PatientName=NAME.encode("gbk"),
                StudyDate="yesterday",
                SOPInstanceUID="not.a.uid",
            )
        caught.clear()
        caplog.clear()
        read_volume(path)
        path.write_bytes(path.read_bytes()[:-20])
        refused(path)
    assert not caught and not caplog.records and capfd.readouterr() == ("", "")
