"""Which DICOM objects are CT, and what the others are called."""

from __future__ import annotations

from cohort.space.dicom.choosing.usual import usual
from cohort.space.dicom.instance import Series

_CT_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.2": "CT",
    "1.2.840.10008.5.1.4.1.1.2.1": "enhanced CT",
    "1.2.840.10008.5.1.4.1.1.2.2": "enhanced CT",
}
# Beginnings of SOP Class UIDs, the longest first (DICOM PS3.6, annex A).
_OTHER_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.481.3": "radiotherapy structures",
    "1.2.840.10008.5.1.4.1.1.481.": "radiotherapy object",
    "1.2.840.10008.5.1.4.1.1.66.4": "segmentation",
    "1.2.840.10008.5.1.4.1.1.88.67": "dose report",
    "1.2.840.10008.5.1.4.1.1.88.": "structured report",
    "1.2.840.10008.5.1.4.1.1.104.": "document",
    "1.2.840.10008.5.1.4.1.1.128": "PET",
    "1.2.840.10008.5.1.4.1.1.130": "PET",
    "1.2.840.10008.5.1.4.1.1.11.": "presentation state",
    "1.2.840.10008.5.1.4.1.1.7": "secondary capture",
    "1.2.840.10008.5.1.4.1.1.4": "MR",
    "1.2.840.10008.5.1.4.1.1.20": "nuclear medicine",
}
_MODALITIES = {
    "MR": "MR",
    "PT": "PET",
    "SR": "structured report",
    "RTSTRUCT": "radiotherapy structures",
}
_MODALITIES |= {"SEG": "segmentation", "OT": "secondary capture", "SC": "secondary capture"}
_MODALITIES |= {"NM": "nuclear medicine", "PR": "presentation state", "DOC": "document"}


def other_object(series: Series) -> tuple[str, str] | None:
    """Return what a series that holds no CT images is, and how that is said; None for CT."""
    sop_class = usual(series, lambda one: one.sop_class_uid)
    modality = usual(series, lambda one: one.modality).upper()
    for start, name in _OTHER_CLASSES.items():
        if sop_class.startswith(start):
            return name, f"is {_an(name)}, not CT"
    if sop_class in _CT_CLASSES or not sop_class:
        if modality == "CT":
            return None
        if not modality:
            return "images of an unknown kind", "is of no stated modality, not CT"
        name = _MODALITIES.get(modality, modality)
        if sop_class:
            return name, f"is {modality}, not CT"
        return name, f"is {_an(name)}, not CT"
    name = _MODALITIES.get(modality, modality if modality != "CT" else "")
    return (name or "object of another kind"), "holds no CT images"


def _an(name: str) -> str:
    if name in ("MR", "PET", "nuclear medicine", "radiotherapy structures") or name.isupper():
        return name
    return f"a {name}"
