"""DICOM files as small as they can be, written with pydicom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian


def write_series(
    folder: Path,
    number: int,
    description: str = "",
    kernel: str = "STANDARD",
    apart: float = 5.0,
    hu: NDArray[np.int16] | None = None,
    study: str = "1.8.1",
    origin: tuple[float, float, float] = (0, 0, 0),
    **values: Any,
) -> str:
    """Write a series of a head CT, a file for each slice, and return its UID.

    Parameters
    ----------
    hu
        [K, J, I], slices from the lowest up; 30 of 4 × 4 if not given.
    origin
        LPS mm of the lowest slice's first pixel.
    values
        DICOM attributes by keyword.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hu = np.zeros((30, 4, 4), np.int16) if hu is None else hu
    uid = f"{study}.{number}"
    for index, slice_hu in enumerate(hu):
        image = Dataset()
        image.file_meta = FileMetaDataset()
        image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID = CTImageStorage
        image.SOPInstanceUID = f"{uid}.{index + 1}"
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        image.SpecificCharacterSet = "ISO_IR 192"
        image.StudyInstanceUID, image.SeriesInstanceUID = study, uid
        image.PatientID, image.PatientName = "ID-SECRET-7", "ZHANG^SECRET"
        image.PatientBirthDate, image.AccessionNumber = "19511007", "ACC-SECRET-3"
        image.StudyDate = image.AcquisitionDate = "20240131"
        image.StudyTime = image.AcquisitionTime = "081500"
        image.Modality, image.BodyPartExamined = "CT", "HEAD"
        image.Manufacturer = "GE MEDICAL SYSTEMS"
        image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        image.SeriesNumber, image.InstanceNumber = number, index + 1
        image.SeriesDescription, image.ConvolutionKernel = description, kernel
        image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        image.ImagePositionPatient = [*origin[:2], origin[2] + index * apart]
        image.PixelSpacing = [1, 1]
        image.Rows, image.Columns = slice_hu.shape
        image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
        image.BitsAllocated, image.BitsStored, image.HighBit = 16, 16, 15
        image.PixelRepresentation = 1
        image.RescaleSlope, image.RescaleIntercept = 1, 0
        image.PixelData = slice_hu.astype("<i2").tobytes()
        for keyword, value in values.items():
            setattr(image, keyword, value)
        image.save_as(folder / f"{number}_{index:03d}.dcm", enforce_file_format=True)
    return uid
