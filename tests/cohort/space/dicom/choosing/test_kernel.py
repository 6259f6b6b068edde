from __future__ import annotations

import pytest

from cohort.space.dicom.choosing.kernel import kernel_grade

GE, SIEMENS, PHILIPS, TOSHIBA = "GE MEDICAL SYSTEMS", "SIEMENS", "Philips", "TOSHIBA"
UIH, NEUSOFT = "UIH", "Neusoft Medical Systems"


@pytest.mark.parametrize(
    ("manufacturer", "names"),
    [
        (GE, "SOFT STANDARD STND STD+ BRAIN"),
        (SIEMENS, "H20s H30s H31s H40s H41s B30f Hr36 Hr40f J30s J40s Br40 AH40 Hr38f\\3 J37s\\2"),
        (PHILIPS, "UA UB UC A B C EB BrainStandard"),
        (TOSHIBA, "FC10 FC20 FC21 FC26 FC28 FC64 FC68"),
        ("Canon Medical Systems", "FC26 FC21/AICE"),
        (UIH, "H_SOFT_A H_SOFT_B B_SOFT_B H_STANDARD"),
        (NEUSOFT, "Brain Soft Standard"),
        ("", "STANDARD H31s FC26 软组织"),
    ],
)
def test_kernels_for_soft_tissue(manufacturer: str, names: str) -> None:
    assert {name: kernel_grade(name, manufacturer) for name in names.split()} == dict.fromkeys(
        names.split(), "soft"
    )


@pytest.mark.parametrize(
    ("manufacturer", "names"),
    [
        (GE, "BONE BONEPLUS EDGE LUNG ULTRA"),
        (SIEMENS, "H50s H60s H70h B60s B70f U90u Hr59 Hr68 J70h Bl57"),
        (PHILIPS, "D E L YA YB YD Bone"),
        (TOSHIBA, "FC30 FC35 FC52 FC80 FC81 FC86"),
        (UIH, "H_SHARP_C B_VSHARP_B H_BONE"),
        (NEUSOFT, "Bone Bone+ Sharp"),
        ("", "BONE H60s FC30 骨"),
    ],
)
def test_kernels_for_bone(manufacturer: str, names: str) -> None:
    assert {name: kernel_grade(name, manufacturer) for name in names.split()} == dict.fromkeys(
        names.split(), "bone"
    )


def test_kernels_between() -> None:
    assert kernel_grade("DETAIL", GE) == "medium"
    assert kernel_grade("H48s", SIEMENS) == "medium"


@pytest.mark.parametrize(
    ("name", "manufacturer"),
    [("", ""), ("F20", NEUSOFT), ("31", "Hitachi"), ("FC99", TOSHIBA), ("B30f", "SOMEONE")],
)
def test_what_is_not_known_is_not_guessed(name: str, manufacturer: str) -> None:
    assert kernel_grade(name, manufacturer) is None


def test_letters_of_philips_mean_nothing_elsewhere() -> None:
    assert kernel_grade("D", PHILIPS) == "bone"
    assert kernel_grade("D", "SIEMENS") is None
