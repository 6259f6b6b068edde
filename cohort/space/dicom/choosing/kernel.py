"""Soft or bone: what the names of reconstruction kernels mean, vendor by vendor.

Convolution Kernel (0018,1210) is not coded: each vendor has names of its own, and new scanners
bring new ones. So a name that is not known here is "not known", never guessed.

Sources: Siemens' letters and number, where H is for the head and a higher number is sharper:
https://www.diagnosticradphys.com/physicspulse/ct/siemens-reconstruction-kernels; B10 to B41 are for
soft tissue, B50 to B80 for more sharpness, U70 to U90 for bone: Siemens, SOMATOM Sensation,
operating instructions, pages 268 and 316. B30 (Siemens), Standard (GE) and FC03 (Toshiba) are soft:
the BRIDG model's note on this attribute. The rest are common usage, for which no document of the
vendor was at hand: GE's and United Imaging's words, Philips' letters, Toshiba's and Canon's groups
of ten.
"""

from __future__ import annotations

import re
from typing import Literal

Grade = Literal["soft", "medium", "bone"]
"""`medium` is sharper than soft tissue calls for, and softer than bone does."""

# A brain's kernel is for the brain, however sharp (Philips' "Brain Sharp").
_BRAIN = re.compile(r"brain|cereb|脑|软组织", re.IGNORECASE)
# GE BONE, BONEPLUS, EDGE, LUNG, ULTRA; United Imaging H_SHARP_C, B_VSHARP_B; Neusoft Bone+, Sharp.
_BONE = re.compile(
    r"bone|edge|lung|sharp|ultra|crisp|ear\b|hi(gh)?[ _-]?res|骨|肺|锐", re.IGNORECASE
)
_MEDIUM = re.compile(r"detail|medium|middle", re.IGNORECASE)
# GE SOFT, STANDARD, STND, STD+; United Imaging H_SOFT_B; Philips "Routine"; Neusoft Soft, Standard.
_SOFT = re.compile(r"soft|smooth|stan?d|\bstn?d|routine|标准|柔", re.IGNORECASE)

_SIEMENS = re.compile(r"A?[BDHIJQSU][a-z]?(\d\d)[a-z]*", re.IGNORECASE)
_SIEMENS_SOFT, _SIEMENS_BONE = 45, 50
"""Up to the one, soft; from the other, bone."""

_CANON = re.compile(r"FC(\d\d)", re.IGNORECASE)
_CANON_GRADES: tuple[tuple[range, Grade], ...] = (
    (range(1, 10), "soft"),  # body, with correction of beam hardening
    (range(10, 20), "soft"),  # body
    (range(20, 30), "soft"),  # head
    (range(30, 40), "bone"),  # bone, inner ear
    (range(50, 60), "bone"),  # lung
    (range(60, 70), "soft"),  # head, with correction of beam hardening
    (range(80, 87), "bone"),  # bone, inner ear
)

_PHILIPS: dict[str, Grade] = {
    **dict.fromkeys(("A", "B", "C", "SA", "SB", "SC", "EA", "EB", "EC"), "soft"),
    **dict.fromkeys(("UA", "UB", "UC"), "soft"),  # brain: smooth, standard, sharp
    **dict.fromkeys(("D", "E", "F", "L", "LA", "LB", "YA", "YB", "YC", "YD", "YE"), "bone"),
}


def kernel_grade(kernel: str, manufacturer: str = "") -> Grade | None:
    r"""Return how sharp a kernel is by its name; None if the name is not known, or absent.

    Parameters
    ----------
    kernel
        Convolution Kernel; several values, as Siemens' `Hr38f\3`, are separated by a backslash.
        The first that is known counts.
    manufacturer
        The attribute of that name, by which a short code is read.

    Examples
    --------
    >>> kernel_grade("STD+", "GE MEDICAL SYSTEMS"), kernel_grade("BONEPLUS", "GE")
    ('soft', 'bone')
    >>> kernel_grade("H31s", "SIEMENS"), kernel_grade("H60s", "SIEMENS")
    ('soft', 'bone')
    >>> kernel_grade("FC26", "TOSHIBA"), kernel_grade("UB", "Philips"), kernel_grade("?")
    ('soft', 'soft', None)
    """
    for name in re.split(r"[\\,;/]", kernel):
        if grade := _grade(name.strip(), manufacturer.lower()):
            return grade
    return None


def _grade(name: str, manufacturer: str) -> Grade | None:
    if found := _CANON.match(name):
        number = int(found[1])
        return next((grade for numbers, grade in _CANON_GRADES if number in numbers), None)
    # Philips' codes are letters that mean nothing elsewhere.
    if "philips" in manufacturer and name.upper() in _PHILIPS:
        return _PHILIPS[name.upper()]
    for words, grade in ((_BRAIN, "soft"), (_BONE, "bone"), (_MEDIUM, "medium"), (_SOFT, "soft")):
        if words.search(name):
            return grade  # type: ignore[return-value]
    # The same letters and numbers may mean something else to a vendor that is named.
    if ("siemens" in manufacturer or not manufacturer) and (found := _SIEMENS.fullmatch(name)):
        number = int(found[1])
        if number >= _SIEMENS_BONE:
            return "bone"
        return "soft" if number <= _SIEMENS_SOFT else "medium"
    return None
