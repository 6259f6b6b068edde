"""Series of a study as files, told apart by what a choice looks at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tests.cohort.space.dicom.write_series import write_series


def write_head(
    folder: Path,
    number: int,
    description: str = "",
    kernel: str = "STANDARD",
    apart: float = 5.0,
    hu: NDArray[np.int16] | None = None,
    study: str = "1.8.1",
    origin: ArrayLike = (0, 0, 0),
    **values: Any,
) -> str:
    """Write a series of a head CT, a file for each slice, and return its UID.

    Parameters
    ----------
    hu
        [I, J, K]; 30 slices of 4 × 4 if not given.
    origin
        LPS mm of the lowest slice's first pixel.
    values
        DICOM attributes by keyword.
    """
    uid = f"{study}.{number}"
    hu = np.zeros((4, 4, 30), np.int16) if hu is None else hu
    write_series(
        folder,
        hu,
        levels=[index * apart for index in range(hu.shape[2])],
        origin=origin,
        name=f"{number}_{{:03d}}.dcm",
        **{
            "StudyInstanceUID": study,
            "SeriesInstanceUID": uid,
            "AcquisitionDate": "20240131",
            "AcquisitionTime": "081500",
            "BodyPartExamined": "HEAD",
            "Manufacturer": "GE MEDICAL SYSTEMS",
            "SeriesNumber": number,
            "SeriesDescription": description,
            "ConvolutionKernel": kernel,
            "PixelSpacing": [1, 1],
            **values,
        },
    )
    return uid
