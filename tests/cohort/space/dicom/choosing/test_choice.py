from __future__ import annotations

from typing import Any

import pytest

from cohort.space.dicom.choosing.choice import SeriesChoice, choose
from cohort.space.dicom.choosing.kind import kind_of
from cohort.space.dicom.instance import PixelFormat, Series
from tests.cohort.space.dicom.in_memory import (
    AXIAL,
    CAPTURE,
    CORONAL,
    MR,
    SAGITTAL,
    SCOUT,
    SR,
    made,
)

GE: dict[str, Any] = {"manufacturer": "GE MEDICAL SYSTEMS", "body_part": "HEAD"}
SIEMENS: dict[str, Any] = {"manufacturer": "SIEMENS", "body_part": "HEAD"}
SIEMENS |= {"image_type": ("ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI")}
PHILIPS: dict[str, Any] = {"manufacturer": "Philips", "body_part": "HEAD"}
TOSHIBA: dict[str, Any] = {"manufacturer": "TOSHIBA", "body_part": "HEAD"}
UIH: dict[str, Any] = {"manufacturer": "UIH", "body_part": "HEAD", "study_description": "颅脑平扫"}
MPR = ("DERIVED", "SECONDARY", "MPR")

STUDIES: dict[str, tuple[int, list[Series]]] = {
    "GE": (
        2,
        [
            made(1, "Scout", slices=2, image_type=SCOUT, orientation=SAGITTAL, **GE),
            made(2, "5mm STD", "STANDARD", 5, **GE),
            made(3, "0.625 STD", "STANDARD", 0.625, **GE),
            made(4, "BONE", "BONEPLUS", 5, **GE),
            made(
                200, "Cor MPR", "STANDARD", 3, **{**GE, "image_type": MPR, "orientation": CORONAL}
            ),
            made(999, "Dose Report", slices=1, **{**GE, "sop_class_uid": SR, "modality": "SR"}),
        ],
    ),
    "Siemens, CT angiography": (
        3,
        [
            made(1, "Topogram  0.6  T20s", "T20s", slices=1, **{**SIEMENS, "image_type": SCOUT}),
            made(2, "Head  1.0  H31s", "H31s", 1, **SIEMENS),
            made(3, "Head  5.0  H31s", "H31s", 5, **SIEMENS),
            made(4, "Head  5.0  H60s", "H60s", 5, **SIEMENS),
            made(5, "PreMonitoring  10.0  B30f", "B30f", slices=1, **SIEMENS),
            made(6, "Monitoring  10.0  B30f", "B30f", slices=12, **SIEMENS, contrast_agent="CE"),
            made(7, "HeadAngio  0.75  H20f", "H20f", 0.75, **SIEMENS, contrast_agent="CE"),
            made(8, "MIP ax", "H20f", 5, **{**SIEMENS, "image_type": MPR}),
            made(501, "Patient Protocol", slices=1, **{**SIEMENS, "sop_class_uid": CAPTURE}),
        ],
    ),
    "Siemens, kernels of two values": (
        2,
        [
            made(2, "Head 4.0 Hr38", "Hr38f\\3", 4, **SIEMENS),
            made(3, "Head 1.0 Hr64", "Hr64f\\3", 1, **SIEMENS),
        ],
    ),
    "Philips": (
        201,
        [
            made(1, "Surview", slices=2, orientation=SAGITTAL, **PHILIPS),
            made(201, "Brain 5mm", "UB", 5, **PHILIPS),
            made(202, "Bone 5mm", "YB", 5, **PHILIPS),
            made(203, "Thin", "UB", 0.9, **PHILIPS),
        ],
    ),
    "Toshiba": (
        2,
        [
            made(1, "Scano", slices=2, image_type=SCOUT, **TOSHIBA),
            made(2, "Brain 5.0", "FC26", 5, **TOSHIBA),
            made(3, "Bone 5.0", "FC81", 5, **TOSHIBA),
            made(4, "Brain 0.5", "FC26", 0.5, **TOSHIBA),
        ],
    ),
    "United Imaging, in Chinese": (
        2,
        [
            made(1, "定位像", slices=1, orientation=CORONAL, **UIH),
            made(2, "头颅 5mm", "H_SOFT_B", 5, **UIH),
            made(3, "头颅 骨窗", "H_SHARP_C", 5, **UIH),
            made(4, "头颅 1mm 薄层重建", "H_SOFT_B", 1, **UIH),
        ],
    ),
    "plain and with contrast, in Chinese": (
        2,
        [
            made(2, "头部平扫", "FC26", 5, **TOSHIBA, study_description="颅脑平扫+增强"),
            made(3, "头部增强", "FC26", 5, **TOSHIBA, study_description="颅脑平扫+增强"),
            made(4, "延迟", "FC26", 5, **TOSHIBA, study_description="颅脑平扫+增强"),
        ],
    ),
    "head and chest": (
        2,
        [
            made(
                2, "头颅", "STANDARD", 5, **{**GE, "body_part": "", "study_description": "头胸平扫"}
            ),
            made(
                3, "胸部", "STANDARD", 5, **{**GE, "body_part": "", "study_description": "头胸平扫"}
            ),
            made(4, "肺窗", "LUNG", 5, **{**GE, "body_part": "", "study_description": "头胸平扫"}),
        ],
    ),
    "no descriptions at all": (
        2,
        [
            made(1, slices=2, image_type=SCOUT, orientation=SAGITTAL),
            made(2, kernel="STD+", manufacturer="GE MEDICAL SYSTEMS"),
            made(3, kernel="BONE", manufacturer="GE MEDICAL SYSTEMS"),
        ],
    ),
    "by descriptions, without kernels": (
        3,
        [made(2, "头颅 骨窗"), made(3, "头颅 软组织窗"), made(4, "头颅")],
    ),
}


def chosen(choice: SeriesChoice) -> int | None:
    assert (choice.chosen is None) == (choice.refusal is not None)
    return choice.chosen.first.series_number if choice.chosen else None


def why_not(choice: SeriesChoice, number: int) -> str:
    (one,) = (one for one in choice.judged if one.series.first.series_number == number)
    return "; ".join(one.why_not)


@pytest.mark.parametrize("name", STUDIES)
def test_plain_axial_head_with_a_soft_kernel_is_chosen(name: str) -> None:
    number, series = STUDIES[name]
    assert chosen(choose(series)) == number
    assert chosen(choose(series[::-1])) == number


def test_each_series_says_what_it_is_and_why_it_was_not_chosen() -> None:
    choice = choose(STUDIES["GE"][1])
    assert {one.name: (one.kind.what, "; ".join(one.why_not)) for one in choice.judged} == {
        "series 1": ("localizer", "is a localizer"),
        "series 2": ("axial head CT, soft kernel", ""),
        "series 3": (
            "axial head CT, soft kernel",
            "has slices 0.625 mm apart; first come 2 to 6, then thinner, then thicker",
        ),
        "series 4": ("axial head CT, bone kernel", "has a bone kernel (BONEPLUS)"),
        "series 200": (
            "coronal head CT, reformat, soft kernel",
            "is a reformat of other images, by its Image Type; is coronal",
        ),
        "series 999": ("dose report", "is a dose report, not CT"),
    }
    assert choice.why == "axial head CT, soft kernel, slices 5 mm apart"
    assert choice.notes == ()


@pytest.mark.parametrize(
    ("millimetres", "number"),
    [
        ((5, 0.6, 8), 1),
        ((0.6, 2.5), 2),
        ((1.25, 8), 1),
        ((0.6, 1.25), 2),
        ((8, 10), 1),
        ((2, 1.9), 1),
        ((6.1, 6), 2),
        ((3, 5), 2),
    ],
)
def test_two_to_six_millimetres_then_thinner_then_thicker(
    millimetres: tuple[float, ...], number: int
) -> None:
    series = [
        made(index, "Head", "STANDARD", apart, **GE) for index, apart in enumerate(millimetres, 1)
    ]
    assert chosen(choose(series)) == number


def test_distance_is_between_positions_whatever_the_thickness() -> None:
    overlapping = made(1, "Head", "STANDARD", 1, slice_thickness=5, **GE)
    assert kind_of(overlapping).distance_mm == 1
    assert chosen(choose([overlapping, made(2, "Head", "STANDARD", 3, slice_thickness=1)])) == 2


def test_tilted_gantry_is_axial() -> None:
    tilted = made(2, "Head", "STD+", orientation=(1, 0, 0, 0, 0.9483, -0.3173), **GE)
    assert chosen(choose([tilted])) == 2
    assert kind_of(tilted).plane == "axial"
    assert kind_of(tilted).distance_mm == pytest.approx(5 * 0.9483, abs=1e-3)


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (made(1, "Head", "STANDARD", contrast_agent="Iohexol 350", **GE), "contrast"),
        (made(1, "头颅增强", "STANDARD", **GE), "contrast"),
        (made(1, "Head C+", "STANDARD", **GE), "contrast"),
        (made(1, "平扫", "STANDARD", contrast_agent="碘海醇", **GE), "contrast"),
        (made(1, "脑血管CTA", "STANDARD", 0.6, **GE), "contrast"),
        (made(1, "CTV", "STANDARD", 0.6, **GE), "contrast"),
        (made(1, "灌注", "STANDARD", **GE), "contrast"),
        (made(1, "Head", "STANDARD", study_description="头颅CTA", **GE), "contrast"),
        (made(1, "Head", "BONE", **GE), "kernel"),
        (made(1, "Head", "STANDARD", **{**GE, "image_type": MPR}), "derived"),
        (made(1, "Head", "STANDARD", **{**GE, "image_type": ("DERIVED", "PRIMARY")}), "derived"),
        (made(1, "Head VNC", "STANDARD", **GE), "derived"),
        (made(1, "Head", "STANDARD", orientation=CORONAL, **GE), "orientation"),
        (made(1, "Chest", "STANDARD", manufacturer="GE"), "body part"),
        (made(1, "", "STANDARD", body_part="CHEST"), "body part"),
        (made(1, "胸部平扫", "STANDARD", body_part="HEAD"), "body part"),
        (made(1, "Sinus", "STANDARD", body_part="HEAD"), "body part"),
        (made(1, "Head", "STANDARD", study_description="QA Phantom"), "phantom"),
        (made(1, "头 水模", "STANDARD"), "phantom"),
        (made(1, "Head", sop_class_uid=MR, modality="MR"), "modality"),
        (made(1, "Head", modality="PT", sop_class_uid="1.2.840.10008.5.1.4.1.1.128"), "modality"),
        (made(1, "Head", sop_class_uid=CAPTURE), "modality"),
        (made(1, "Head", modality="MR"), "modality"),
        (made(1, "Head", "STANDARD", faults=("a slice has another size.",)), "fault"),
    ],
)
def test_alone_it_is_refused(series: Series, reason: str) -> None:
    choice = choose([series])
    assert choice.chosen is None
    assert choice.judged[0].kind.against[0].kind == reason
    assert choice.judged[0].why_not


def test_refusal_counts_the_reasons() -> None:
    series = [
        made(2, "Head C+", "STANDARD", **GE),
        made(3, "CTA", "STANDARD", 0.6, **GE),
        made(4, "Head", "BONE", **GE),
    ]
    assert choose(series).refusal == (
        "there is no plain axial head CT with a soft kernel among its series "
        "(contrast: 2, bone kernel: 1)"
    )
    assert choose([]).refusal == "there is no series"


@pytest.mark.parametrize("agent", ["", "NONE", "无", "No", "-", "平扫"])
def test_words_for_no_agent_are_no_contrast(agent: str) -> None:
    assert chosen(choose([made(2, "Head", "STANDARD", contrast_agent=agent, **GE)])) == 2


def test_silence_beside_contrast_is_chosen_with_a_note() -> None:
    choice = choose([made(2, "Head", "STANDARD", **GE), made(3, "Head C+", "STANDARD", **GE)])
    assert chosen(choice) == 2
    assert choice.notes == (
        "does not say that it was taken without contrast, as others of its study were with.",
    )
    stated = [made(4, "平扫", "STANDARD", 8, **GE), *(one.series for one in choice.judged)]
    assert chosen(choose(stated)) == 4


def test_what_is_stated_is_preferred() -> None:
    unstated = made(9, "Head", manufacturer="Anke", body_part="HEAD")
    choice = choose([made(2, "Head", "STANDARD", 0.625, **GE), unstated])
    assert chosen(choice) == 2
    assert why_not(choice, 9) == "states no kernel, which may be one for bone"
    alone = choose([unstated])
    assert chosen(alone) == 9
    assert alone.notes == ()


def test_kernel_sharper_than_for_brain_is_taken_with_a_note() -> None:
    detail = made(2, "Head", "DETAIL", **GE)
    choice = choose([detail])
    assert choice.notes == ("has a kernel sharper than one for brain (DETAIL).",)
    assert choice.chosen is not None
    assert choice.chosen.notes == choice.notes
    assert chosen(choose([detail, made(3, "Head", "SOFT", 0.6, **GE)])) == 3


def test_of_equal_ones_the_later_is_chosen_and_said() -> None:
    first = made(5, "Head", "STANDARD", acquired="20240131081500", **GE)
    again = made(3, "Head", "STANDARD", acquired="20240131082200", **GE)
    choice = choose([again, first])
    assert chosen(choice) == 3
    assert choice.notes == ("is read from series 3, the latest of equal ones (beside series 5).",)
    assert why_not(choice, 5) == "is as good as series 3, the latest of equal ones"
    same_time = [made(number, "Head", "STANDARD", **GE) for number in (4, 6, 5)]
    assert chosen(choose(same_time)) == 6


def test_a_slab_gives_way_to_the_whole_head() -> None:
    slab = made(2, "Head", "STANDARD", 5, slices=4, **GE)
    choice = choose([slab, made(3, "Head", "STANDARD", 10, **GE)])
    assert chosen(choice) == 3
    assert why_not(choice, 2) == "covers 20 mm only"
    assert chosen(choose([slab])) == 2


def test_a_single_slice_is_chosen_only_where_there_is_no_stack() -> None:
    single = made(2, "Head", "STANDARD", slices=1, **GE)
    assert chosen(choose([single])) == 2
    scout = made(1, slices=2, image_type=SCOUT)
    assert chosen(choose([single, scout])) == 2
    choice = choose([single, made(3, "CTA", "STANDARD", 0.6)])
    assert choice.chosen is None
    assert why_not(choice, 2) == "has few slices (1)"


def test_stack_for_planning_a_puncture_is_no_localizer() -> None:
    assert chosen(choose([made(2, "头颅定位", "STANDARD", **GE)])) == 2


def test_attributes_of_one_odd_image_decide_nothing() -> None:
    whole = made(2, "Head", "STANDARD", **GE)
    odd = made(2, "Head", "BONE", slices=1, **{**GE, "image_type": ()})
    assert chosen(choose([Series(whole.uid, odd.instances + whole.instances)])) == 2


def test_lossy_compression_alone_does_not_make_a_reformat() -> None:
    lossy = made(
        2,
        "Head",
        "STANDARD",
        pixels=PixelFormat(0, None, lossy=True),
        **{**GE, "image_type": ("DERIVED", "PRIMARY", "AXIAL")},
    )
    choice = choose([lossy])
    assert chosen(choice) == 2
    assert choice.notes == ("is derived, perhaps by its lossy compression alone.",)


def test_named_series_is_taken_with_what_speaks_against_it() -> None:
    series = STUDIES["GE"][1]
    choice = choose(series, "1.9.4")
    assert chosen(choice) == 4
    assert choice.notes == ("was named with --series: it has a bone kernel (BONEPLUS).",)
    assert choice.chosen is not None
    assert choice.chosen.notes == choice.notes
    assert choose(series, "1.9.2").notes == ()
    assert choose(series, "1.9.2").why == "was named with --series"
    assert choose(series, "1.9.77").refusal == "there is no series 1.9.77"


def test_of_a_named_uid_with_several_stacks_the_fit_one_is_taken() -> None:
    scout = made(2, slices=2, image_type=SCOUT, orientation=CORONAL, part=1, **GE)
    stack = made(2, "Head", "STANDARD", part=2, **GE)
    for uid in ("1.9.2", "1.9.2#2"):
        found = choose([scout, stack], uid).chosen
        assert found is not None
        assert (found.part, len(found.instances)) == (2, 30)
    assert choose([scout], "1.9.2#1").chosen is not None
    bone = made(2, "Head", "BONE", part=2, orientation=AXIAL, **GE)
    assert choose([scout, bone], "1.9.2").refusal == (
        "series 1.9.2 holds 2 stacks; name one of them: 1.9.2#2"
    )


def test_no_text_holds_who_the_patient_is() -> None:
    for _, series in STUDIES.values():
        text = repr([(one.kind, one.why_not, one.name) for one in choose(series).judged])
        text += repr(choose(series).notes) + choose(series).why
        assert "SECRET" not in text
        assert "1951" not in text
