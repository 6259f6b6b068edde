"""Series made in memory, as a scanner would write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cohort.space.dicom.instance import Instance, Series, Stored

CT, SR, MR = (f"1.2.840.10008.5.1.4.1.1.{end}" for end in ("2", "88.67", "4"))
CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
AXIAL, CORONAL, SAGITTAL = (1, 0, 0, 0, 1, 0), (1, 0, 0, 0, 0, -1), (0, 1, 0, 0, 0, -1)
ORIGINAL = ("ORIGINAL", "PRIMARY", "AXIAL")
SCOUT = ("ORIGINAL", "PRIMARY", "LOCALIZER")


def made(
    number: int | None,
    description: str = "",
    kernel: str = "",
    apart: float = 5.0,
    slices: int | None = None,
    **values: Any,
) -> Series:
    """Return a series of a head CT of 150 mm, unless something else is said.

    Its UID is `1.9.` and its number.
    """
    part, faults = values.pop("part", None), values.pop("faults", ())
    orientation = values.get("orientation", AXIAL)
    step = {AXIAL: (0, 0, apart), CORONAL: (0, apart, 0), SAGITTAL: (apart, 0, 0)}.get(
        orientation, (0, 0, apart)
    )
    count = slices or round(150 / apart)
    uid = values.pop("uid", f"1.9.{number}")
    stated: dict[str, Any] = {
        "sop_class_uid": CT,
        "modality": "CT",
        "image_type": ORIGINAL,
        "orientation": orientation,
        "patient_id": "ID-SECRET-7",
        "patient_name": "ZHANG^SECRET",
        "birth_date": "19511007",
        "accession_number": "ACC-SECRET-3",
        "study_uid": "1.8.1",
        "acquired": "20240131081500",
        "rows": 512,
        "columns": 512,
        **values,
    }
    images = tuple(
        Instance(
            Stored(Path(f"{number}_{index:03d}.dcm")),
            series_uid=uid,
            series_number=number,
            series_description=description,
            kernel=kernel,
            **{"position": tuple(index * mm for mm in step), **stated},
        )
        for index in range(count)
    )
    return Series(uid, images, part, faults)
