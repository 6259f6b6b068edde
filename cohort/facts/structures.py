"""The one registry of structures that masks, metrics, pictures and reports all read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Structure:
    """A structure that is segmented on head CT.

    Attributes
    ----------
    id
        Name in files and metrics.
    channel
        Index of its channel in network outputs, and of its bit in mask PNGs.
    name_en, name_zh
        Name for people.
    side
        The patient's side, for structures that come in pairs.
    colour
        8-bit RGB, told apart by colour-blind readers (Okabe and Ito 2008).
    flip_partner
        Id of the structure that takes its place in a left-right mirror image.
    hides
        Where structures overlap, a label map shows the one of the highest number: thin ones, which
        would else be hidden for the most part, hide thick ones.
    terms
        Category, type and, of pairs, modifier in SNOMED CT, as 3D Slicer's list of terms has them
        (SegmentationCategoryTypeModifier-SlicerGeneralAnatomy.json); None where it has none.
    has_volume
        Whether its volume says something: of a plane it says how thick it was drawn.
    is_landmark
        Whether sides, shift and compression are told by it.
    is_expected
        Whether nearly every scan of a bleed shows it, so that not to have found it is worth a note.
    lies_in
        Structures that it lies in, and may fill.
    in_means
        Whether means over structures count it, of validation and evaluation alike. What is only
        there so that it isn't taken for something else is told apart from them.
    hich_it
        HICH-IT's class folder, in lower case; None if it annotates no such structure.
    """

    id: str
    channel: int
    name_en: str
    name_zh: str
    side: Literal["left", "right"] | None
    colour: tuple[int, int, int]
    flip_partner: str
    hides: int = 0
    terms: tuple[str, str, str] | None = None
    has_volume: bool = True
    is_landmark: bool = False
    is_expected: bool = True
    lies_in: tuple[str, ...] = ()
    in_means: bool = True
    hich_it: str | None = None


_ALTERED = "SCT^49755003^Morphologically Altered Structure"
_HEMORRHAGE = (_ALTERED, "SCT^50960005^Hemorrhage", "")
_ANATOMY = "SCT^123037004^Anatomical Structure"
_VENTRICLE = "SCT^66720007^Lateral ventricle"

STRUCTURES: tuple[Structure, ...] = (
    Structure(
        "hematoma",
        0,
        "Hematoma",
        "血肿",
        None,
        (213, 94, 0),
        "hematoma",
        hides=1,
        terms=_HEMORRHAGE,
        hich_it="hematoma",
    ),
    Structure(
        "midline",
        1,
        "Brain midline",
        "脑中线",
        None,
        (240, 228, 66),
        "midline",
        hides=2,
        has_volume=False,
        is_landmark=True,
        hich_it="brain middle",
    ),
    Structure(
        "ventricle_left",
        2,
        "Left lateral ventricle",
        "左侧脑室",
        "left",
        (86, 180, 233),
        "ventricle_right",
        terms=(_ANATOMY, _VENTRICLE, "SCT^7771000^Left"),
        is_landmark=True,
        hich_it="left lateral ventricle",
    ),
    Structure(
        "ventricle_right",
        3,
        "Right lateral ventricle",
        "右侧脑室",
        "right",
        (0, 158, 115),
        "ventricle_left",
        terms=(_ANATOMY, _VENTRICLE, "SCT^24028007^Right"),
        is_landmark=True,
        hich_it="right lateral ventricle",
    ),
    Structure(
        "ventricular_blood",
        4,
        "Ventricular blood",
        "脑室内积血",
        None,
        (204, 121, 167),
        "ventricular_blood",
        hides=1,
        terms=_HEMORRHAGE,
        is_expected=False,
        lies_in=("ventricle_left", "ventricle_right"),
    ),
    Structure(
        "edema",
        5,
        "Edema",
        "血肿周围水肿",
        None,
        (0, 114, 178),
        "edema",
        terms=(_ALTERED, "SCT^79654002^Edema", ""),
        is_expected=False,
    ),
    Structure(
        "outer_blood",
        6,
        "Blood outside the brain",
        "脑外出血",
        None,
        (230, 159, 0),
        "outer_blood",
        hides=1,
        terms=_HEMORRHAGE,
        is_expected=False,
        in_means=False,
    ),
)
"""All structures, in channel order."""

STRUCTURE_IDS: tuple[str, ...] = tuple(structure.id for structure in STRUCTURES)

BY_ID: dict[str, Structure] = {structure.id: structure for structure in STRUCTURES}

FLIP_CHANNELS: tuple[int, ...] = tuple(BY_ID[s.flip_partner].channel for s in STRUCTURES)
"""For each channel, the channel that takes its place in a left-right mirror image."""

LANDMARKS: tuple[str, ...] = tuple(s.id for s in STRUCTURES if s.is_landmark)
"""What shift, compression and sides are measured on."""
