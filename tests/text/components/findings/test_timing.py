"""When findings are: now, before or planned, at which moment, and what else belongs to one name."""

from __future__ import annotations

from typing import Any

import pytest
import spacy
from spacy.language import Language

from text.components.findings.component import summarize


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections")
    nlp.add_pipe("hich_findings")
    return nlp


def of_name(nlp: Language, text: str, name: str) -> list[dict[str, Any]]:
    return [f for f in nlp(text)._.findings if f["name"] == name]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("入院时NIHSS评分12分，出院时5分。", "nihss",
         [("now", "admission"), ("now", "discharge")]),
        ("NIHSS评分由入院时18分降至6分。", "nihss", [("before", "admission"), ("now", None)]),
        ("发病前mRS评分0分。", "mrs", [("before", "before_onset")]),
        ("预计出院mRS 3分。", "mrs", [("planned", "discharge")]),
        ("3个月后随访GOS评分4分。", "gos", [("now", "follow_up")]),
        ("既往血糖最高达20mmol/L，入院随机血糖9.6mmol/L。", "glucose",
         [("before", None), ("now", "admission")]),
        ("术后7天NIHSS评分9分。", "nihss", [("now", "after_operation")]),
    ],
)  # fmt: skip
def test_the_moment_of_a_measurement(
    nlp: Language, text: str, name: str, expected: list[tuple[str, str | None]]
) -> None:
    assert [(f["time"], f["at"]) for f in of_name(nlp, text, name)] == expected


@pytest.mark.parametrize(
    ("text", "name", "time"),
    [
        ("拟行开颅血肿清除术。", "operation", "planned"),
        ("急诊行开颅血肿清除术。", "operation", "now"),
        ("5年前因脑出血行开颅血肿清除术。", "operation", "before"),
        ("必要时气管插管。", "intubation", "planned"),
        ("已拔除气管插管。", "intubation", "before"),
        ("若呼吸衰竭，行呼吸机辅助呼吸。", "mechanical_ventilation", "planned"),
        ("建议发病24小时后复查CT。", "onset_to_ct", "planned"),
        ("考虑脑疝。", "herniation", "now"),
        ("吸烟20年，已戒。", "smoking", "before"),
    ],
)
def test_acts_that_are_not_sure_are_planned(nlp: Language, text: str, name: str, time: str) -> None:
    assert [f["time"] for f in of_name(nlp, text, name)] == [time]


@pytest.mark.parametrize(
    ("text", "date", "hours", "since"),
    [
        ("2023年5月12日14:30在全麻下行开颅血肿清除术。", "2023-05-12T14:30", None, None),
        ("2021-03-05行钻孔引流术。", "2021-03-05", None, None),
        ("2021-13-05行钻孔引流术。", None, None, None),
        ("神经内镜下血肿清除术（2023-01-02）", "2023-01-02", None, None),
        ("入院后3小时行微创血肿穿刺引流术。", None, 3, "admission"),
        ("发病后两小时行钻孔引流术。", None, 2, "onset"),
        ("发病6小时内行开颅血肿清除术。", None, None, None),
        ("入院第2天行开颅血肿清除术。", None, None, None),
        ("急诊行开颅血肿清除术。", None, None, None),
    ],
)
def test_when_an_operation_was(
    nlp: Language, text: str, date: str | None, hours: float | None, since: str | None
) -> None:
    (found,) = of_name(nlp, text, "operation")
    assert (found["date"], found["hours"], found["since"]) == (date, hours, since)


def test_what_else_belongs_to_one_name(nlp: Language) -> None:
    (habit,) = of_name(nlp, "饮酒30年，白酒每日2两，已戒。", "drinking")
    assert (habit["value"], habit["years"], habit["beverage"]) == (100, 30, "spirits")
    (edema,) = of_name(nlp, "血肿周围见明显水肿带，宽约0.8cm。", "edema")
    assert (edema["value"], edema["unit"], edema["degree"]) == (8, "mm", "severe")
    (slices,) = of_name(nlp, "右侧丘脑血肿32mm×25mm，层厚5mm，共7层。", "hematoma_slices")
    assert (slices["value"], slices["thickness_mm"]) == (7, 5)
    (sugar,) = of_name(nlp, "随机血糖180mg/dl。", "glucose")
    assert (sugar["value"], sugar["unit"], sugar["taken"]) == (9.99, "mmol/L", "random")
    repeat = "发病3小时头颅CT：右侧壳核出血；发病24小时复查CT：血肿增大。"
    assert [f["scan"] for f in of_name(nlp, repeat, "onset_to_ct")] == ["first", "repeat"]
    tubes = "气管插管状态。予气管插管。全麻插管下行手术。"
    assert [f["told_as"] for f in of_name(nlp, tubes, "intubation")] == ["state", "act", "surgery"]


def test_the_row_has_the_values_of_the_admission_and_the_latest_outcome(nlp: Language) -> None:
    text = (
        "既往史：发病前mRS评分0分。\n查体：入院时NIHSS评分12分。\n"
        "化验：入院INR 1.8，血小板 98×10^9/L。复查INR 1.1。\n"
        "诊疗经过：入院后3小时行开颅血肿清除术，必要时行去骨瓣减压术。\n"
        "出院情况：出院时NIHSS评分5分，mRS评分3分，GOS评分4分。3个月随访mRS评分2分。"
    )
    row = summarize(nlp(text)._.findings)
    assert (row["nihss"], row["mrs_before"], row["mrs"], row["gos"]) == (12, 0, 2, 4)
    assert (row["inr"], row["platelets_e9_per_l"]) == (1.8, 98)
    assert (row["operation"], row["operation_planned"]) == (
        "craniotomy", "decompressive_craniectomy",
    )  # fmt: skip
    assert (row["operation_hours"], row["operation_since"]) == (3, "admission")


@pytest.mark.parametrize("text", ["防止脑疝形成。", "告知家属有脑积水、脑疝、死亡等风险。",
                                  "若出现脑疝，立即手术。", "减轻脑水肿。"])  # fmt: skip
def test_what_is_warned_of_or_treated_is_no_finding(nlp: Language, text: str) -> None:
    names = {"herniation", "hydrocephalus", "edema"}
    assert names.isdisjoint(f["name"] for f in nlp(text)._.findings)
