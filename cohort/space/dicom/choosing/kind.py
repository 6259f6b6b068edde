"""What a series is, from all that its attributes say: a head CT, its plane, kernel and contrast.

No single attribute decides that a series is a head CT: descriptions are free text, Body Part
Examined was wrong in 15 % of the images of a hospital (Gueld et al., Proc. SPIE 4685, 2002), and
contrast is often not stated. What speaks against a series are its `against`; what it leaves open
are its `doubts`, for which another series comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cohort.space.dicom.choosing import words
from cohort.space.dicom.choosing.contrast import (
    contrast_said,
    described,
    says_plain,
    study_says,
    with_contrast,
)
from cohort.space.dicom.choosing.kernel import Grade, kernel_grade
from cohort.space.dicom.choosing.layers import Plane, distance_mm, levels_mm, plane_of
from cohort.space.dicom.choosing.objects import other_object
from cohort.space.dicom.choosing.usual import share, usual
from cohort.space.dicom.instance import Series

FEW_SLICES = 4
"""Fewer are no stack to be chosen where the study has another."""

# Image Type, from its third value on: made from other images.
_MADE = {
    "REFORMATTED",
    "MPR",
    "MIP",
    "MINIP",
    "VRT",
    "VOLREN",
    "SSD",
    "AVERAGE",
    "PROJECTION IMAGE",
}
_MADE |= {
    "CSA MPR",
    "CURVED",
    "RESAMPLED",
    "PERFUSION",
    "MEAN",
    "SUBTRACTION",
    "SCREEN SAVE",
    "DOSE_INFO",
}
_LOCALIZERS = {"LOCALIZER", "SCOUT", "TOPOGRAM"}


class Reason(NamedTuple):
    """Why a series is not the one that is looked for, or may not be.

    Attributes
    ----------
    kind
        A word for programs, such as "kernel".
    what
        Words for people, which end a sentence on the series: "is a bone kernel (BONE)".
    """

    kind: str
    what: str


@dataclass(frozen=True)
class SeriesKind:
    """What a series is.

    Attributes
    ----------
    what
        In words, such as "axial head CT, soft kernel".
    is_ct
        Whether it holds CT images that are not a localizer.
    plane
        That the slices are closest to; None if they do not state it.
    slices, distance_mm, height_mm
        Slices at different places, the median distance between them, and the height that they
        cover; None where they have no places, or there is only one.
    grade
        How sharp the kernel is; None if not stated, or not known.
    against
        What keeps it from being chosen.
    doubts
        What it does not state, or states in contradiction.
    """

    what: str
    is_ct: bool
    plane: Plane | None
    slices: int
    distance_mm: float | None
    height_mm: float | None
    grade: Grade | None
    against: tuple[Reason, ...] = ()
    doubts: tuple[Reason, ...] = ()


def kind_of(series: Series, study: Sequence[Series] = ()) -> SeriesKind:
    """Say what a series is.

    Parameters
    ----------
    study
        All series of its study: what the others state tells what silence means.
    """
    levels = levels_mm(series)
    distance = distance_mm(levels)
    slices = len(levels) or len(series.instances)
    other = other_object(series)
    plane = plane_of(series.first.orientation)
    grade, kernel = _kernel(series)
    height = levels[-1] - levels[0] + distance if distance is not None else None
    faults = [Reason("fault", fault.rstrip(".")) for fault in series.faults]
    if other is not None:
        name, why = other
        against = (Reason("modality", why),)
        return SeriesKind(name, False, plane, slices, distance, height, None, against)
    if _is_localizer(series, plane, slices):
        against = (Reason("localizer", "is a localizer"),)
        return SeriesKind("localizer", False, plane, slices, distance, height, None, against)
    found = _Evidence()
    made = _made_of_others(series, found)
    part = _body_part(series, found)
    contrast = _contrast(series, study, found)
    if plane is None:
        found.doubts.append(Reason("orientation", "does not state its orientation"))
    elif plane != "axial":
        found.against.append(Reason("orientation", f"is {plane}"))
    if grade == "bone":
        found.against.append(Reason("kernel", f"has a bone kernel ({kernel})"))
    elif grade is None:
        name = (
            f"has a kernel that is not known ({kernel}) and"
            if kernel
            else "states no kernel, which"
        )
        found.doubts.append(Reason("kernel", f"{name} may be one for bone"))
    elif grade == "medium":
        found.doubts.append(Reason("kernel", f"has a kernel sharper than one for brain ({kernel})"))
    if words.PHANTOM.search(_all_text(series)):
        found.against.append(Reason("phantom", "is of a phantom, or a test of the scanner"))
    if slices < FEW_SLICES and any(_is_stack(one) for one in study if one is not series):
        found.against.append(Reason("slices", f"has few slices ({slices})"))
    kernel_words = f"{grade} kernel" if grade else f"kernel not {'known' if kernel else 'stated'}"
    what = [f"{plane or 'unplaced'} {part}", made, kernel_words, contrast]
    return SeriesKind(
        ", ".join(filter(None, what)),
        True,
        plane,
        slices,
        distance,
        height,
        grade,
        (*found.against, *faults),
        tuple(found.doubts),
    )


class _Evidence:
    def __init__(self) -> None:
        self.against: list[Reason] = []
        self.doubts: list[Reason] = []


def _is_localizer(series: Series, plane: Plane | None, slices: int) -> bool:
    """Whether it is a projection to plan a scan on.

    Image Type says so where scanners follow the standard (PS3.3, C.8.2.1.1.1). Descriptions say so
    too, but 定位 is also a stack of slices taken for a puncture: a stack is a localizer only by its
    Image Type.
    """
    if share(series, lambda one: bool(_LOCALIZERS & set(one.image_type))) > 0.5:
        return True
    if not words.LOCALIZER.search(described(series)):
        return False
    return plane != "axial" or slices < FEW_SLICES


def _made_of_others(series: Series, found: _Evidence) -> str:
    """Whether images were computed from other images; returns the word for it, or none."""
    if share(series, lambda one: bool(one.image_type)) < 1:
        found.doubts.append(Reason("image type", "does not state its Image Type"))
    if share(series, lambda one: bool(_MADE & set(one.image_type[2:]))) > 0.5:
        found.against.append(Reason("derived", "is a reformat of other images, by its Image Type"))
        return "reformat"
    if share(series, lambda one: "SECONDARY" in one.image_type[1:2]) > 0.5:
        found.against.append(Reason("derived", "was made of other images, by its Image Type"))
        return "derived"
    derived = share(series, lambda one: "DERIVED" in one.image_type[:1])
    lossy = share(series, lambda one: one.pixels is not None and one.pixels.lossy)
    # Lossy compression alone makes an image DERIVED (PS3.3, C.7.6.1.1.2 and .5).
    if derived > 0.5 and lossy > 0.5:
        found.doubts.append(Reason("derived", "is derived, perhaps by its lossy compression alone"))
    elif derived > 0.5:
        found.against.append(Reason("derived", "is derived, by its Image Type"))
        return "derived"
    if words.SPECTRAL.search(described(series)):
        found.against.append(Reason("derived", "is computed from two energies"))
        return "spectral"
    if words.REFORMAT.search(described(series)):
        found.doubts.append(Reason("derived", "may be a reformat, by its description"))
    return ""


def _body_part(series: Series, found: _Evidence) -> str:
    """Tell which part of the body it shows; returns words for it.

    The series' own description decides where it names a part; where it does not, the head is taken
    from whatever names it, since protocol, body part and study may each be another's.
    """
    one = series.first
    own = words.parts_named(described(series))
    rest = [
        words.parts_named(text)
        for text in (one.protocol_name, one.body_part, one.study_description)
    ]
    others = set().union(*rest)
    if "head" in own:
        if rest[1] and "head" not in rest[1]:
            said = f"states another Body Part Examined ({_listed(rest[1])})"
            found.doubts.append(Reason("body part", said))
        return "head CT"
    if own:
        found.against.append(Reason("body part", f"is of the {_listed(own)}, by its description"))
        return f"{_listed(own)} CT"
    if "head" in others:
        if others - {"head", "face"}:
            said = f"may be of the {_listed(others - {'head'})}, which its study names as well"
            found.doubts.append(Reason("body part", said))
        return "head CT"
    if others:
        found.against.append(Reason("body part", f"is of the {_listed(others)}"))
        return f"{_listed(others)} CT"
    found.doubts.append(Reason("body part", "does not state its body part"))
    return "CT, body part not stated"


def _contrast(series: Series, study: Sequence[Series], found: _Evidence) -> str:
    said, where = contrast_said(series)
    if said:
        name = {"contrast": "contrast", "angiography": "a CT angiography"}.get(said, said)
        how = "was taken with contrast" if said == "contrast" else f"is {name}"
        found.against.append(Reason("contrast", f"{how}, by {where}"))
        return "with contrast" if said == "contrast" else said
    if says_plain(series):
        return "no contrast"
    if with_contrast(study):
        what = "does not say that it was taken without contrast, as others of its study were with"
        found.doubts.append(Reason("contrast", what))
    elif study_says(series):
        what = "is of a study with contrast, and does not say that it was taken without"
        found.against.append(Reason("contrast", what))
        return "contrast cannot be told"
    return ""


def _kernel(series: Series) -> tuple[Grade | None, str]:
    """Return how sharp the kernel is, and its name, or where that is said.

    The scanner writes the kernel, people the description: the one decides, the other where there is
    none, or an unknown one.
    """
    kernel = usual(series, lambda one: one.kernel)
    if grade := kernel_grade(kernel, series.first.manufacturer):
        return grade, kernel
    text = described(series)
    if words.BONE.search(text):
        return "bone", "by its description"
    if words.SOFT.search(text):
        return "soft", "by its description"
    return None, kernel


def _is_stack(series: Series) -> bool:
    """Whether a series holds CT slices enough, and is not a localizer."""
    if len(series.instances) < FEW_SLICES or other_object(series):
        return False
    return not _is_localizer(series, plane_of(series.first.orientation), len(series.instances))


def _all_text(series: Series) -> str:
    one = series.first
    texts = (one.series_description, one.study_description, one.protocol_name, one.body_part)
    # Phantoms have names, too, which are looked at and never shown.
    return " | ".join((*texts, one.patient_name.replace("^", " "))).replace("_", " ")


def _listed(parts: set[str]) -> str:
    return " and ".join(sorted(parts))
