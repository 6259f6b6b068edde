"""What is known of a DICOM image, and of the series that it belongs to, before pixels are read."""

from __future__ import annotations

from dataclasses import dataclass
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

    def __str__(self) -> str:
        """Return how messages call it."""
        return str(self.path if self.member is None else self.path / self.member)


class PixelFormat(NamedTuple):
    """How the pixels of a DICOM file are stored, and where.

    Attributes
    ----------
    offset
        Where their bytes begin: in the file, or in the data set where that is deflated.
    length
        Of all frames, in bytes; None if they are compressed (encapsulated).
    bits_allocated, bits_stored, high_bit
        Of a pixel: the room it has, what of it is its value, and where that ends.
    signed
        Whether values are two's complement.
    samples, photometric
        Values per pixel, and what they mean, for example `MONOCHROME2`.
    padding
        The lowest and the highest stored value that say that there is no image; None if the file
        states none.
    lossy
        Whether the image was ever compressed with loss.
    """

    offset: int
    length: int | None
    bits_allocated: int = 16
    bits_stored: int = 16
    high_bit: int = 15
    signed: bool = False
    samples: int = 1
    photometric: str = "MONOCHROME2"
    padding: tuple[int, int] | None = None
    lossy: bool = False


class Remark(str):
    """A sentence on what is odd about a series, with its kind, as `cohort.faults.FileNote` has one.

    It goes into results and cohorts: it names no file and no folder, which may be called after
    the patient.
    """

    kind: str

    def __new__(cls, kind: str, sentence: str) -> Remark:
        """Make a sentence of a kind."""
        self = super().__new__(cls, sentence)
        self.kind = kind
        return self

    def __reduce__(self) -> tuple[type[Remark], tuple[str, str]]:
        """Tell `pickle` and `copy` how to make it anew."""
        return type(self), (self.kind, str(self))


@dataclass(frozen=True, slots=True)
class Instance:
    """One image: a classic DICOM file, or one frame of a multi-frame file.

    Names are those of the DICOM attributes, in words. What the file doesn't state is None, or
    empty. Nothing here may appear in a message or a log that says who the patient is: `patient_id`,
    `patient_name`, `birth_date`, `patient_sex`, `patient_age`, `accession_number`, dates and free
    text of the study are for the key file (`cohort.import_dicom`) only, and for telling whether a
    record is of the same patient (`cohort.space.stated_patient`).

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
    pixels
        How its pixels are stored; None if the file holds no image.
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
    patient_sex: str = ""
    patient_age: str = ""
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
    pixels: PixelFormat | None = None


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
        What keeps the series from being read as a volume: sentences that begin after its name,
        for example `is MR, not CT.`
    notes
        What is odd, likewise, for example duplicate slices that were left out. Each has a kind.
    """

    uid: str
    instances: tuple[Instance, ...]
    part: int | None = None
    faults: tuple[str, ...] = ()
    notes: tuple[Remark, ...] = ()

    @property
    def first(self) -> Instance:
        """The first image, which stands for what they have in common."""
        return self.instances[0]

    @property
    def name(self) -> str:
        """How `--series` and addresses call it: its UID, and the part where there are several."""
        return self.uid if self.part is None else f"{self.uid}#{self.part}"
