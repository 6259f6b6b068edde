"""What is known of a DICOM image, and of the series that it belongs to, before pixels are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Stored(NamedTuple):
    """Where the bytes of a DICOM file are.

    Attributes
    ----------
    path
        The file, or the zip that it is in.
    member
        Its name in the zip; None for a file of its own.
    """

    path: Path
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """One image: a classic DICOM file, or one frame of a multi-frame file.

    Names are those of the DICOM attributes, in words. What the file doesn't state is None, or
    empty. Nothing here may appear in a message or a log that says who the patient is: `patient_id`,
    `patient_name`, `birth_date`, `accession_number`, dates and free text of the study are for the
    key file (`cohort.import_dicom`) only.

    Attributes
    ----------
    stored, frame
        The file, and the frame's number in it, from 0 on; None for a classic file.
    image_type
        Values of Image Type, for example `("ORIGINAL", "PRIMARY", "AXIAL")`.
    orientation
        Image Orientation (Patient), 6 direction cosines in DICOM's LPS: along a row, then down a
        column.
    position
        Image Position (Patient), LPS mm of the first pixel's centre.
    pixel_spacing
        Distance in mm between rows, then between columns.
    scan_options
        For example `("HELICAL MODE",)`.
    acquired
        Acquisition (else content, else series, else study) date and time, `YYYYMMDDHHMMSS.ffffff`
        as far as stated.
    """

    stored: Stored
    frame: int | None = None
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    series_uid: str = ""
    study_uid: str = ""
    frame_of_reference_uid: str = ""
    transfer_syntax_uid: str = ""
    modality: str = ""
    patient_id: str = ""
    patient_name: str = ""
    birth_date: str = ""
    accession_number: str = ""
    image_type: tuple[str, ...] = ()
    series_number: int | None = None
    instance_number: int | None = None
    acquisition_number: int | None = None
    acquired: str = ""
    series_description: str = ""
    study_description: str = ""
    protocol_name: str = ""
    body_part: str = ""
    kernel: str = ""
    contrast_agent: str = ""
    scan_options: tuple[str, ...] = ()
    manufacturer: str = ""
    patient_position: str = ""
    rows: int = 0
    columns: int = 0
    frames: int = 1
    orientation: tuple[float, ...] | None = None
    position: tuple[float, ...] | None = None
    pixel_spacing: tuple[float, ...] | None = None
    slice_thickness: float | None = None
    spacing_between_slices: float | None = None
    gantry_tilt: float | None = None
    rescale_slope: float | None = None
    rescale_intercept: float | None = None
    rescale_type: str = ""


@dataclass(frozen=True)
class Series:
    """The images of one series, as found in files.

    A Series Instance UID that two patients or studies share, or that holds stacks which cannot be
    one volume (another orientation or size), is split: each stack is a Series of its own, with
    `part` from 1 on.

    Attributes
    ----------
    uid
        Series Instance UID.
    instances
        Sorted by place along the normal of the slices where they have places, else by number.
    part
        None if the UID holds one stack, as it should.
    faults
        Sentences on what keeps the series from being read as a volume, without names of patients.
    notes
        Sentences on what is odd, for example duplicate slices that were left out.
    """

    uid: str
    instances: tuple[Instance, ...]
    part: int | None = None
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def first(self) -> Instance:
        """The first image, which stands for what they have in common."""
        return self.instances[0]

    @property
    def name(self) -> str:
        """How `--series` and addresses call it: its UID, and the part where there are several."""
        return self.uid if self.part is None else f"{self.uid}#{self.part}"
