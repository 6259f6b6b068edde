"""What structures are called in other people's files: one table of names.

Names are read without regard to case, blanks, hyphens, underscores and wide characters. Bleeds
elsewhere than in the brain (IVH, SAH, SDH, EDH) are not the hematoma. Of blood outside the brain
only names of all of it are here: where SDH alone is drawn, that there is no other is not said. Nor
is "intracranial hemorrhage" (颅内血肿) here, or "blood", which may be any bleed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from cohort.facts.structures import STRUCTURES

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "hematoma": (
        *("haematoma", "ICH", "IPH", "hemorrhage", "haemorrhage"),
        *("intracerebral hemorrhage", "intracerebral haemorrhage", "intracerebral hematoma"),
        *("intraparenchymal hemorrhage", "intraparenchymal haemorrhage", "intraparenchymal"),
        *(
            "parenchymal hemorrhage",
            "parenchymal haemorrhage",
            "HICH",
            "出血",
            "脑出血",
            "脑血肿",
            "脑内血肿",
            "血腫",
        ),
        *("Blutung", "Hämatom", "hématome", "hemorragia"),
    ),
    "midline": ("mid line", "brain mid line", "中线", "大脑中线", "Mittellinie"),
    "ventricle_left": (
        *("left ventricle", "ventricle l", "lateral ventricle left", "lateral ventricle l"),
        *("left lateral ventricles", "LV left", "LV l", "LLV"),
        *("左脑室", "左侧侧脑室", "左侧脑室"),
    ),
    "ventricle_right": (
        *("right ventricle", "ventricle r", "lateral ventricle right", "lateral ventricle r"),
        *("right lateral ventricles", "LV right", "LV r", "RLV"),
        *("右脑室", "右侧侧脑室", "右侧脑室"),
    ),
    "ventricular_blood": (
        *("IVH", "intraventricular hemorrhage", "intraventricular haemorrhage"),
        *("intraventricular", "intraventricular blood", "脑室出血", "脑室内出血", "脑室积血"),
    ),
    "edema": (
        *("oedema", "PHE", "perihematomal edema", "perihematomal oedema", "perihaematomal oedema"),
        *("水肿", "脑水肿", "血肿周围水肿带", "血肿周边水肿"),
    ),
    "outer_blood": ("extra-axial hemorrhage", "extra-axial haemorrhage", "extra-axial blood"),
}
"""Structure id to what it is called beside its id and its names."""


def structure_named(name: str) -> str | None:
    """Return the id of the structure that is called `name`; None if it is not known.

    Examples
    --------
    >>> structure_named("Left_Lateral-Ventricle"), structure_named("血肿"), structure_named("ICH")
    ('ventricle_left', 'hematoma', 'hematoma')
    >>> structure_named("tumour") is None
    True
    """
    return _IDS.get(plain_name(name))


def plain_name(name: str) -> str:
    """Return a name as it is compared: without regard to case, blanks, hyphens, wide characters.

    Examples
    --------
    >>> plain_name("Left_Lateral-Ventricle")
    'leftlateralventricle'
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in text if letter not in " _-.\t")


_IDS = {
    plain_name(name): structure.id
    for structure in STRUCTURES
    for name in (
        structure.id,
        structure.name_en,
        structure.name_zh,
        *SYNONYMS.get(structure.id, ()),
    )
}
