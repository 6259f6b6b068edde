"""Less and more than a number, ranges and changes, mixed units, both directions of a shift."""

from __future__ import annotations

from typing import Any

import pytest
import spacy
from spacy.language import Language

from text.components.findings.summary import summarize

SHORT = {"hematoma_volume": "mL", "midline_shift": "mm", "age": "y", "onset_to_admission": "h"}
WORDS = {"affirmed": "", "negated": "none", "uncertain": "maybe", "historical": "was"}

VOLUMES = {
    # To a sentence what it says: <, ≤, >, ≥ or ≈ before the number, `was` before what was.
    "右侧基底节区脑出血，出血量不超过30ml。": "≤30 mL",
    "右侧基底节区脑出血，血肿量不少于30ml。": "≥30 mL",
    "右侧基底节区脑出血，出血量不低于30ml。": "≥30 mL",
    "右侧基底节区脑出血，量估计不会超过10ml。": "≤10 mL",
    "左侧丘脑出血，量未超过10ml。": "≤10 mL",
    "左侧丘脑出血，量未达10ml。": "<10 mL",
    "左侧丘脑出血，量不到10毫升。": "<10 mL",
    "左侧丘脑出血约10ml以内。": "≤10 mL",
    "脑桥出血，＜５ｍｌ。": "<5 mL",
    "小脑出血，量不大于10ml，暂保守。": "≤10 mL",
    "左侧壳核出血，量&lt;30ml。": "<30 mL",
    "左侧壳核出血，量>=30ml。": "≥30 mL",
    "左侧壳核出血，出血量小于或等于30ml。": "≤30 mL",
    "左侧壳核出血，出血量在30ml以上。": "≥30 mL",
    "左侧壳核出血，出血量至少约30ml。": "≥30 mL",
    "左侧壳核出血，量远超过30ml。": ">30 mL",
    "左侧壳核出血，出血量将近三十毫升。": "≈30 mL",
    "左侧壳核出血，出血量达30ml。": "30 mL",
    "左侧壳核出血，出血量已达30ml以上。": "≥30 mL",
    "左侧壳核出血约30ml左右。": "30 mL",
    "右侧基底节区血肿，量<b>28ml</b>。": "28 mL",
    "左基底节血肿由不足10ml增至超过35ml。": "was <10 mL; >35 mL",
    "左侧颞叶血肿约60ml（前次<40ml）。": "60 mL; was <40 mL",
    "复查CT示残余血肿不超过5ml。": "≤5 mL",
    "出血量不超过30ml，位于左颞叶。": "≤30 mL",
    "未见血肿扩大，血肿量不超过20ml。": "≤20 mL",
    "可能出血量大于30ml。": "maybe >30 mL",
    "双侧基底节出血，左侧约5ml，右侧不足2ml。": "5 mL; <2 mL",
    # A rule's is nobody's, and what is beyond it may be the patient's.
    "出血量小于30ml可保守治疗，本例约22ml。": "22 mL",
    "幕上出血≥30ml、幕下出血≥10ml应手术。": "",
    "血肿量大于30ml，中线移位超过5mm，有手术指征。": "",
    "血肿量已超过30ml，有手术指征。": ">30 mL",
    "患者血肿量大于30ml，中线移位超过5mm，具备手术指征。": ">30 mL; >5 mm",
    "术中清除血肿超过40ml。": "",
    # Ranges, changes, units.
    "右额叶血肿量２０－３０ｍＬ。": "25 mL [20, 30]",
    "右额叶血肿量(20-30)ml。": "25 mL [20, 30]",
    "右额叶血肿量约20——30毫升。": "25 mL [20, 30]",
    "左侧丘脑出血量约15±2ml。": "15 mL",
    "左侧丘脑出血，量约8000立方毫米。": "8 mL",
    "血肿由20ml至35ml。": "was 20 mL; 35 mL",
    "左基底节血肿由20ml增至35ml，再增至50ml。": "was 20 mL; was 35 mL; 50 mL",
    "左侧基底节区血肿，大小约4.5cm×3.2cm×30mm。": "21.6 mL",
    "左侧基底节区血肿，大小约45mm×3.2cm×3cm。": "21.6 mL",
    "左侧基底节区血肿，大小约45mm×32mm×3.0cm。": "21.6 mL",
    "左侧基底节区血肿，大小约4.5×3.2cm×30mm。": "21.6 mL",
    "左侧基底节区血肿，大小约4.5×3.2×3.0cm³。": "21.6 mL",
    "左侧基底节区血肿，约4.5×3.2×3.0（cm）。": "21.6 mL",
    "血肿大小不超过2×2×2cm，位于左侧丘脑。": "≤4 mL",
}

SHIFTS = {
    "中线移位不小于5mm。": "≥5 mm",
    "中线移位不超过5mm。": "≤5 mm",
    "中线左移未达5mm。": "<5 mm left",
    "中线结构向一侧移位超过1cm。": ">10 mm",
    "中线结构右移约5mm以上。": "≥5 mm right",
    "中线结构右偏≤0.3cm。": "≤3 mm right",
    "中线结构稍右偏，不超过3毫米。": "≤3 mm right",
    "中线结构轻度右移（＜5mm）。": "<5 mm right",
    "中线向左侧移位近1cm。": "≈10 mm left",
    "中线向左侧移位达1cm。": "10 mm left",
    "中线结构向左偏移2mm-3mm。": "2.5 mm left [2, 3]",
    "中线由左移8mm恢复至左移不足3mm。": "was 8 mm left; <3 mm left",
    "中线左移由8至3mm。": "was 8 mm left; 3 mm left",
    "中线结构大致居中，稍向左移位约4mm。": "4 mm left",
    "中线结构居中，略左偏约3mm。": "3 mm left",
    "中线尚居中，轻度右偏，约2mm。": "2 mm right",
    "中线基本居中，略左移。": "mm left",
    "中线不居中，左移4mm。": "4 mm left",
    "中线欠居中，略向右偏。": "mm right",
    "中线居中，无左移右移。": "none",
    "中线居中，脑室略受压右移。": "none",
    "中线居中，松果体钙化右偏。": "none",
    "中线居中，较前（左移5mm）好转。": "none",
    "中线由右移5mm恢复居中。": "was 5 mm right; none",
}

OTHERS = {
    "患者，男，近80岁。": "≈80 y",
    "患者，男，不足80岁。": "<80 y",
    "患者，男，年龄>80岁。": ">80 y",
    "患者，男，80余岁。": "80 y",
    "突发头痛不足3小时入院。": "<3 h",
    "突发头痛近6小时入院。": "≈6 h",
    "突发头痛1-2小时入院。": "1.5 h [1, 2]",
    "突发头痛2～3天入院。": "60 h [48, 72]",
}


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections")
    nlp.add_pipe("hich_findings")
    return nlp


def in_words(finding: dict[str, Any]) -> str:
    value, ends = finding["value"], finding.get("range")
    number = "" if value is None else f"{finding['bound'] or ''}{value:g}"
    unit = "" if finding["certainty"] == "negated" else SHORT[finding["name"]]
    side = finding["side"] if finding["name"] == "midline_shift" else None
    shown = f"[{ends[0]:g}, {ends[1]:g}]" if ends else None
    parts = (WORDS[finding["certainty"]], number, unit, side, shown)
    return " ".join(filter(None, parts))


@pytest.mark.parametrize(("text", "said"), [*VOLUMES.items(), *SHIFTS.items(), *OTHERS.items()])
def test_a_number_keeps_what_bounds_it(nlp: Language, text: str, said: str) -> None:
    found = [in_words(f) for f in nlp(text)._.findings if f["name"] in SHORT]
    assert "; ".join(found) == said


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("GCS评分不超过8分。", [3, 8]),
        ("GCS评分不足8分。", [3, 7]),
        ("GCS评分至少9分。", [9, 15]),
        ("GCS＞12分。", [13, 15]),
    ],
)
def test_a_bounded_gcs_is_from_the_least_to_the_most(
    nlp: Language, text: str, ends: list[int]
) -> None:
    (gcs,) = [f for f in nlp(text)._.findings if f["name"] == "gcs"]
    assert (gcs["value"], gcs["range"]) == (None, ends)


@pytest.mark.parametrize(
    ("text", "value", "ends"),
    [
        ("血压24~26/13~14kPa。", [188, 101], [[180, 195], [98, 105]]),
        ("血压24-26/13-14千帕。", [188, 101], [[180, 195], [98, 105]]),
        ("收缩压24~26kPa。", [188, None], [[180, 195], None]),
        ("BP 24kPa/13kPa。", [180, 98], None),
        ("BP 180~200/100~110mmHg。", [190, 105], [[180, 200], [100, 110]]),
        ("36.8-78-19-168/94mmHg", [168, 94], None),
    ],
)
def test_pressure_in_kpa_is_told_in_mmhg(
    nlp: Language, text: str, value: list[int], ends: list[Any] | None
) -> None:
    (found,) = [f for f in nlp(text)._.findings if f["name"] == "blood_pressure"]
    assert (found["value"], found["range"], found["unit"]) == (value, ends, "mmHg")


@pytest.mark.parametrize(
    ("text", "largest", "total"),
    [
        ("左侧丘脑出血，量不足10ml。", None, None),
        ("左侧丘脑出血，量近10ml。", 10, 10),
        ("左额叶血肿22ml，右颞叶血肿不足2ml。", 22, None),
        ("左额叶血肿22ml，右颞叶血肿超过2ml。", None, None),
        ("左额叶血肿22ml，右颞叶血肿2ml。", 22, 24),
    ],
)
def test_a_table_has_no_number_for_a_bound(
    nlp: Language, text: str, largest: float | None, total: float | None
) -> None:
    row = summarize(nlp(f"男，近80岁。中线移位<5mm。{text}")._.findings)
    assert (row["hematoma_volume_ml"], row["hematoma_total_ml"]) == (largest, total)
    assert (row["midline_shift"], row["midline_shift_mm"]) == ("present", None)
    assert row["age_years"] == 80


def test_the_evidence_holds_the_words_of_the_bound(nlp: Language) -> None:
    text = "左侧丘脑出血，量不超过10ml，中线左移5mm以上。"
    found = {f["name"]: f["text"] for f in nlp(text)._.findings}
    assert found["hematoma_volume"] == "不超过10ml"
    assert found["midline_shift"] == "中线左移5mm以上"
