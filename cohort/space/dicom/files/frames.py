"""From the header of a DICOM file to what is known of each image in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cohort.space.dicom.files.attributes import Attributes
from cohort.space.dicom.files.parse import BIG_ENDIAN, Damaged, Parsed
from cohort.space.dicom.instance import Instance, PixelFormat, Stored

_TEXTS = {
    "patient_id": "PatientID",
    "patient_name": "PatientName",
    "accession_number": "AccessionNumber",
    "series_description": "SeriesDescription",
    "study_description": "StudyDescription",
    "protocol_name": "ProtocolName",
    "kernel": "ConvolutionKernel",
    "contrast_agent": "ContrastBolusAgent",
    "manufacturer": "Manufacturer",
}
_CODES = {
    "sop_class_uid": "SOPClassUID",
    "sop_instance_uid": "SOPInstanceUID",
    "series_uid": "SeriesInstanceUID",
    "study_uid": "StudyInstanceUID",
    "frame_of_reference_uid": "FrameOfReferenceUID",
    "modality": "Modality",
    "birth_date": "PatientBirthDate",
    "patient_sex": "PatientSex",
    "patient_age": "PatientAge",
    "body_part": "BodyPartExamined",
    "patient_position": "PatientPosition",
    "rescale_type": "RescaleType",
}
_WORDS = {"image_type": "ImageType", "scan_options": "ScanOptions"}
_WHOLE = {
    "series_number": "SeriesNumber",
    "instance_number": "InstanceNumber",
    "acquisition_number": "AcquisitionNumber",
}
_SHORT = {"rows": "Rows", "columns": "Columns"}
_NUMBERS = {
    "orientation": ("ImageOrientationPatient", 6),
    "position": ("ImagePositionPatient", 3),
    "pixel_spacing": ("PixelSpacing", 2),
}
_NUMBER = {
    "slice_thickness": "SliceThickness",
    "spacing_between_slices": "SpacingBetweenSlices",
    "gantry_tilt": "GantryDetectorTilt",
    "rescale_slope": "RescaleSlope",
    "rescale_intercept": "RescaleIntercept",
}
_TIMES = (
    ("AcquisitionDate", "AcquisitionTime"),
    ("ContentDate", "ContentTime"),
    ("SeriesDate", "SeriesTime"),
    ("StudyDate", "StudyTime"),
)
_OF_PIXELS = (
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "SamplesPerPixel"),
    *("PhotometricInterpretation", "PixelPaddingValue", "PixelPaddingRangeLimit"),
    *("LossyImageCompression", "NumberOfFrames", "AcquisitionDateTime"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
    "ContrastBolusAgentSequence",
)
KEYWORDS = (
    "SpecificCharacterSet",
    *_TEXTS.values(),
    *_CODES.values(),
    *_WORDS.values(),
    *_WHOLE.values(),
    *_SHORT.values(),
    *(keyword for keyword, _ in _NUMBERS.values()),
    *_NUMBER.values(),
    *(keyword for pair in _TIMES for keyword in pair),
    *_OF_PIXELS,
)
"""All attributes that are read."""

_GROUPS = {
    "position": "PlanePositionSequence",
    "orientation": "PlaneOrientationSequence",
    "pixel_spacing": "PixelMeasuresSequence",
    "slice_thickness": "PixelMeasuresSequence",
    "spacing_between_slices": "PixelMeasuresSequence",
    "rescale_slope": "PixelValueTransformationSequence",
    "rescale_intercept": "PixelValueTransformationSequence",
    "rescale_type": "PixelValueTransformationSequence",
    "gantry_tilt": "CTAcquisitionDetailsSequence",
    "kernel": "CTReconstructionSequence",
}
"""Functional group of a multi-frame file that holds what a classic file states at the top."""
_CT_IMAGES = ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1")
"""SOP classes of files that are never without pixels: CT, classic and multi-frame."""
_FRAME_TYPES = ("CTImageFrameTypeSequence", "MRImageFrameTypeSequence", "PETFrameTypeSequence")


def instances_of(parsed: Parsed, stored: Stored) -> list[Instance]:
    """Return what is known of each image in a file, of a classic one or frame by frame.

    Raises
    ------
    Damaged
        If the file belongs to no series, or has fewer bytes of pixels than its images need.
    """
    of = Attributes(parsed.dataset, parsed.syntax == BIG_ENDIAN)
    whole = _whole(of, parsed, stored)
    if not whole.series_uid:
        raise Damaged("is DICOM, but states no series (Series Instance UID).")
    per_frame = of.items("PerFrameFunctionalGroupsSequence")
    if not per_frame:
        return [whole]
    if len(per_frame) != whole.frames:
        raise Damaged(
            f"is damaged: it states {whole.frames} frames and describes {len(per_frame)}."
        )
    shared = of.item("SharedFunctionalGroupsSequence")
    return list(_frames(whole, shared, per_frame))


def _whole(of: Attributes, parsed: Parsed, stored: Stored) -> Instance:
    known: dict[str, Any] = {}
    for name, keyword in _TEXTS.items():
        known[name] = of.text(keyword)
    for name, keyword in _CODES.items():
        known[name] = of.code(keyword)
    for name, keyword in _WORDS.items():
        known[name] = of.words(keyword)
    for name, keyword in _WHOLE.items():
        known[name] = of.whole(keyword)
    for name, keyword in _SHORT.items():
        known[name] = of.short(keyword) or 0
    for name, (keyword, count) in _NUMBERS.items():
        known[name] = of.numbers(keyword, count)
    for name, keyword in _NUMBER.items():
        known[name] = of.number(keyword)
    if not known["contrast_agent"] and (agent := of.item("ContrastBolusAgentSequence")):
        known["contrast_agent"] = agent.text("CodeMeaning") or "stated"
    frames = max(of.whole("NumberOfFrames") or 1, 1)
    rows, columns = known["rows"], known["columns"]
    return Instance(
        stored,
        transfer_syntax_uid=parsed.syntax,
        acquired=_acquired(of),
        frames=frames,
        pixels=_pixels(of, parsed, rows * columns * frames),
        **known,
    )


def _acquired(of: Attributes) -> str:
    if stated := of.code("AcquisitionDateTime"):
        return stated
    for date, time in _TIMES:
        if day := of.code(date):
            return day + of.code(time)
    return ""


def _pixels(of: Attributes, parsed: Parsed, count: int) -> PixelFormat | None:
    if parsed.pixels is None:
        if of.code("SOPClassUID") in _CT_IMAGES and of.code("Modality") == "CT":
            raise Damaged("is truncated (it ends before its pixels); copy or export it again.")
        return None
    offset, length = parsed.pixels
    allocated = of.short("BitsAllocated") or 0
    stored = of.short("BitsStored") or allocated
    high = of.short("HighBit")
    signed = of.short("PixelRepresentation") == 1
    samples = of.short("SamplesPerPixel") or 1
    needed = (count * allocated + 7) // 8  # at least: of colours, some files share samples
    if length is not None and length < needed:
        raise Damaged(
            f"is truncated or damaged (its pixels need {needed} bytes, it has {length}); "
            "copy or export it again."
        )
    padding = of.short("PixelPaddingValue", signed)
    limit = of.short("PixelPaddingRangeLimit", signed)
    ends = None if padding is None else sorted((padding, padding if limit is None else limit))
    return PixelFormat(
        offset=offset,
        length=length,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=stored - 1 if high is None else high,
        signed=signed,
        samples=samples,
        photometric=of.code("PhotometricInterpretation"),
        padding=None if ends is None else (ends[0], ends[1]),
        lossy=of.code("LossyImageCompression") == "01",
    )


def _frames(
    whole: Instance, shared: Attributes | None, per_frame: list[Attributes]
) -> Iterator[Instance]:
    common = {} if shared is None else _of_groups(shared)
    for number, groups in enumerate(per_frame):
        known = {**common, **_of_groups(groups)}
        yield replace(whole, frame=number, **known)


def _of_groups(groups: Attributes) -> dict[str, Any]:
    """Return what functional groups, shared or of one frame, state."""
    known: dict[str, Any] = {}
    items = {name: groups.item(name) for name in {*_GROUPS.values()} if groups.has(name)}
    for name, group in _GROUPS.items():
        item = items.get(group)
        if item is None:
            continue
        value: Any
        if name in _NUMBERS:
            value = item.numbers(*_NUMBERS[name])
        elif name in _NUMBER:
            value = item.number(_NUMBER[name])
        elif name in _CODES:
            value = item.code(_CODES[name])
        else:
            value = item.text(_TEXTS[name])
        if value not in (None, ""):
            known[name] = value
    for name in _FRAME_TYPES:
        if (item := groups.item(name)) and (words := item.words("FrameType")):
            known["image_type"] = words
    if anatomy := groups.item("FrameAnatomySequence"):
        region = anatomy.item("AnatomicRegionSequence")
        if region and (meaning := region.text("CodeMeaning")):
            known["body_part"] = meaning
    if content := groups.item("FrameContentSequence"):
        if (number := content.short("FrameAcquisitionNumber")) is not None:
            known["acquisition_number"] = number
        if stated := content.code("FrameAcquisitionDateTime"):
            known["acquired"] = stated
    return known
