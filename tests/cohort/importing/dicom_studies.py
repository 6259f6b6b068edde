"""Studies of patients as DICOM files, for what several tests import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.cohort.space.dicom.write_series import (
    ACCESSION,
    ID,
    asymmetric,
    write_series,
)

HEAD = {"BodyPartExamined": "HEAD", "ConvolutionKernel": "STANDARD", "Manufacturer": "GE"}
SHAPE = (6, 5, 30)
UNEVEN = [4.0 * k for k in range(15)] + [57.0 + 7.0 * k for k in range(15)]


def write_study(
    folder: Path,
    patient: str = ID,
    study: str = "1.2.3",
    accession: str = ACCESSION,
    when: str = "20260301 081500",
    **more: Any,
) -> NDArray[np.int16]:
    hu = asymmetric(SHAPE)
    date, _, time = when.partition(" ")
    times = {"AcquisitionDate": date, "AcquisitionTime": time, "StudyDate": date}
    ids = {"PatientID": patient, "StudyInstanceUID": study, "AccessionNumber": accession}
    ids |= {"SeriesInstanceUID": f"{study}.2"}
    write_series(folder, hu, **{**HEAD, **ids, **times, **more})
    return hu


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
