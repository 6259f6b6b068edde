"""Small DICOM series as scanners write them, and wrong ones, for what several tests read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import ArrayLike, NDArray
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    EnhancedCTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
    generate_uid,
)

NAME, ID, BIRTH, ACCESSION = "Zhang^San=张^三", "ID-4711", "19571103", "ACC-0815"
"""Of the patient: none of these may ever be in a message."""

UNCOMPRESSED = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)
SHAPE = (6, 5, 4)
ROW, COLUMN = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)
PIXEL_SPACING = (0.7, 0.4)
"""Between rows, between columns: they differ, so that swapping them shows."""


def asymmetric(shape: tuple[int, int, int] = SHAPE) -> NDArray[np.int16]:
    """Return HU [I, J, K] each of which is another, -500 and up."""
    i, j, k = np.indices(shape)
    return (-500 + i + 10 * j + 100 * k).astype(np.int16)


def slice_of(
    hu: NDArray,
    position: ArrayLike,
    *,
    row: ArrayLike = ROW,
    column: ArrayLike = COLUMN,
    slope: float = 1,
    intercept: float = -1024,
    bits_stored: int = 16,
    signed: bool = False,
    syntax: str = ExplicitVRLittleEndian,
    **attributes: Any,
) -> Dataset:
    """Return a slice of HU [I, J] as a data set; attributes of value None are left out.

    `words`, an array [J, I] of uint16, takes the place of what HU would be stored as.
    """
    words = attributes.pop("words", None)
    if words is None:
        stored = np.round((hu.T.astype(float) - intercept) / slope).astype(np.int64)
        words = (stored & 0xFFFF).astype(np.uint16)
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    known = {
        "SpecificCharacterSet": "GB18030",
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": generate_uid(),
        "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.4",
        "FrameOfReferenceUID": "1.2.3.9",
        "Modality": "CT",
        "PatientName": NAME,
        "PatientID": ID,
        "PatientBirthDate": BIRTH,
        "AccessionNumber": ACCESSION,
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "SeriesDescription": "头颅平扫 5mm",
        "SeriesNumber": 2,
        "InstanceNumber": 1,
        "SliceThickness": 5,
        "PixelSpacing": list(PIXEL_SPACING),
        "ImagePositionPatient": [float(f"{x:.6f}") for x in np.asarray(position, float)],
        "ImageOrientationPatient": [
            float(f"{x:.7f}") for x in [*np.asarray(row, float), *np.asarray(column, float)]
        ],
        "Rows": words.shape[-2],
        "Columns": words.shape[-1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": bits_stored,
        "HighBit": bits_stored - 1,
        "PixelRepresentation": int(signed),
        "RescaleSlope": slope,
        "RescaleIntercept": intercept,
    }
    for keyword, value in {**known, **attributes}.items():
        if value is not None:
            setattr(dataset, keyword, value)
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    dataset.PixelData = words.astype(f"{order}u2").tobytes()
    dataset["PixelData"].VR = "OW"
    return dataset


def write_slice(path: Path, dataset: Dataset) -> Path:
    """Write a data set; RLE is packed, and what gdcm encodes is encoded by it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax == RLELossless:
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.compress(RLELossless, generate_instance_uid=False)
    elif syntax not in UNCOMPRESSED:
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.save_as(path, enforce_file_format=True)
        _encode_by_gdcm(path, syntax)
        return path
    dataset.save_as(path, enforce_file_format=True)
    return path


def write_series(
    folder: Path,
    hu: NDArray | None = None,
    *,
    levels: Sequence[float] | None = None,
    origin: ArrayLike = (-10.0, -20.0, 30.0),
    along: ArrayLike | None = None,
    row: ArrayLike = ROW,
    column: ArrayLike = COLUMN,
    order: Sequence[int] | None = None,
    name: str = "{:03d}.dcm",
    **attributes: Any,
) -> list[Path]:
    """Write HU [I, J, K] slice by slice, the first one at `origin` (LPS mm).

    Parameters
    ----------
    levels
        How far each slice lies from the first, in mm, along `along`; 5 mm each by default.
    along
        A unit vector, LPS; the slices' normal by default.
    order
        The numbers by which the slices are named.
    """
    hu = asymmetric() if hu is None else hu
    if levels is None:
        levels = [5.0 * k for k in range(hu.shape[2])]
    if along is None:
        along = np.cross(row, column)
    paths = []
    for k, level in enumerate(levels):
        number = k if order is None else order[k]
        position = np.asarray(origin) + level * np.asarray(along)
        given = {"InstanceNumber": number + 1, **attributes}
        dataset = slice_of(hu[:, :, k], position, row=row, column=column, **given)
        paths.append(write_slice(folder / name.format(number), dataset))
    return paths


def write_multiframe(
    path: Path, hu: NDArray, positions: Sequence[ArrayLike], slopes: Sequence[float] = (1,)
) -> Path:
    """Write HU [I, J, K] as one Enhanced CT file, its frames at `positions` (LPS mm)."""
    slopes = list(slopes) * (len(positions) // len(slopes))
    dataset = slice_of(hu[:, :, 0], positions[0])
    for keyword in (
        *("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness"),
        *("RescaleSlope", "RescaleIntercept"),
    ):
        delattr(dataset, keyword)
    dataset.SOPClassUID = EnhancedCTImageStorage
    dataset.NumberOfFrames = len(positions)
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = list(PIXEL_SPACING), 5
    orientation.ImageOrientationPatient = [*ROW, *COLUMN]
    shared.PixelMeasuresSequence = [measures]
    shared.PlaneOrientationSequence = [orientation]
    dataset.SharedFunctionalGroupsSequence = [shared]
    groups, words = [], []
    for k, (position, slope) in enumerate(zip(positions, slopes, strict=True)):
        group, plane, values = Dataset(), Dataset(), Dataset()
        plane.ImagePositionPatient = list(map(float, np.asarray(position)))
        values.RescaleSlope, values.RescaleIntercept, values.RescaleType = slope, -1024, "HU"
        group.PlanePositionSequence = [plane]
        group.PixelValueTransformationSequence = [values]
        groups.append(group)
        words.append(((hu[:, :, k].T.astype(int) + 1024) / slope).astype("<u2"))
    dataset.PerFrameFunctionalGroupsSequence = groups
    dataset.PixelData = np.stack(words).tobytes()
    return write_slice(path, dataset)


def _encode_by_gdcm(path: Path, syntax: str) -> None:
    import gdcm

    reader, change = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax()
    reader.SetFileName(str(path))
    assert reader.Read()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str(syntax))))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID == syntax
