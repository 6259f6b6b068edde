from __future__ import annotations

import pytest

from cohort.space.dicom.choosing import words


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("头颅CT平扫", {"head"}),
        ("颅脑", {"head"}),
        ("CT HEAD W/O CONTRAST", {"head"}),
        ("HeadRoutine", {"head"}),
        ("BRAIN", {"head"}),
        ("HEADNECK", {"head", "neck"}),
        ("HEAD_NECK", {"head", "neck"}),
        ("头颈部CTA", {"head", "neck"}),
        ("头颅+胸部", {"head", "chest"}),
        ("胸部平扫", {"chest"}),
        ("Chest 5.0 B31f", {"chest"}),
        ("上腹部增强", {"abdomen"}),
        ("颈椎", {"neck", "spine"}),
        ("C-Spine 2.0", {"spine"}),
        ("CSPINE", {"spine"}),
        ("股骨头", {"limbs"}),
        ("Femoral head", {"limbs"}),
        ("颞骨", {"face"}),
        ("Orbits 1.0", {"face"}),
        ("影像中心", set()),
        ("5.0 std", set()),
        ("Warm", set()),
        ("shipped", set()),
    ],
)
def test_parts_of_the_body(text: str, parts: set[str]) -> None:
    assert words.parts_named(text) == parts


@pytest.mark.parametrize(
    "text",
    ["Head C+", "+C 5mm", "CE Head", "with contrast", "post contrast", "增强", "头颅平扫+增强"]
    + ["延迟期", "Head w/c", "Enhanced", "动脉期", "Delay 3min"],
)
def test_words_for_contrast(text: str) -> None:
    assert words.CONTRAST.search(text)


@pytest.mark.parametrize(
    "text",
    ["Head C-", "w/o contrast", "without contrast", "non-contrast", "NON CONTRAST", "no contrast"]
    + ["unenhanced", "pre-contrast", "平扫", "plain", "NCCT"],
)
def test_words_for_none(text: str) -> None:
    assert words.PLAIN.search(text)
    assert not words.CONTRAST.search(text)


@pytest.mark.parametrize(
    "text",
    ["post fossa", "Head 5.0 H31s", "postop", "C-spine", "center", "未增强", "edge enhanced"],
)
def test_words_that_only_look_like_contrast(text: str) -> None:
    assert not words.CONTRAST.search(text)
