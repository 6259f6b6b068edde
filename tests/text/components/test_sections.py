from __future__ import annotations

import time
from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from cohort.tags.tag_file import read_tag_file
from text.components.sections import HEADINGS


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections")
    return nlp


def sections(nlp: Language, text: str) -> list[tuple[str, str]]:
    doc = nlp(text)
    return [(span.label_, span.text) for span in doc.spans["sections"]]


def test_sections_go_from_heading_to_heading(nlp: Language) -> None:
    assert sections(nlp, "女，76岁。\n主诉：头痛。\n\n既往史：无。\nCT报告：出血。\n") == [
        ("preamble", "女，76岁。"),
        ("chief_complaint", "主诉：头痛。"),
        ("past_history", "既往史：无。"),
        ("imaging_report", "CT报告：出血。"),
    ]


def test_a_heading_of_several_words_is_found(nlp: Language) -> None:
    text = "Chief Complaint: headache.\n现病史：3小时前头痛。"
    assert [label for label, _ in sections(nlp, text)] == ["chief_complaint", "present_illness"]


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "主诉：",
            "主诉:",
            "主诉 ：",
            "主  诉：",
            "主\u3000诉：",
            "【主诉】",
            "【主  诉】：",
            "〔主诉〕",
        ),
        *(
            "[主诉]",
            "1、主诉：",
            "1.主诉：",
            "一、主诉：",
            "（一）主诉：",
            "主诉\n",
            "主诉 ",
            "2、【主诉】",
        ),
    ],
)
def test_headings_of_any_typography_are_found(nlp: Language, heading: str) -> None:
    text = f"{heading}头痛1天。"
    assert sections(nlp, text) == [("chief_complaint", text)]
    assert sections(nlp, f"入院记录\n{text}")[1] == ("chief_complaint", text)


@pytest.mark.parametrize("before", ["，", "。", "；", "  ", "\n", "\u3000", "”", "）"])
def test_headings_in_running_text_need_a_colon(nlp: Language, before: str) -> None:
    found = sections(nlp, f"患者女性{before}主诉：头痛")
    assert [label for label, _ in found] == ["preamble", "chief_complaint"]


@pytest.mark.parametrize(
    "text",
    ["患者既往史：无", "主诉头痛1天", "家属代述既往史不详，主诉不清", "急查头颅CT：出血", ""],
)
def test_words_in_a_sentence_are_no_headings(nlp: Language, text: str) -> None:
    assert {label for label, _ in sections(nlp, text)} <= {"preamble"}


def test_the_longest_heading_counts(nlp: Language) -> None:
    text = "现病史：头痛。重要既往病史：无。神经系统检查：嗜睡。影像学检查：出血。"
    assert sections(nlp, text) == [
        ("present_illness", "现病史：头痛。"),
        ("past_history", "重要既往病史：无。"),
        ("physical_examination", "神经系统检查：嗜睡。"),
        ("imaging_report", "影像学检查：出血。"),
    ]


def test_headings_travel_with_the_pipeline(tmp_path: Path) -> None:
    nlp = spacy.blank("zh")
    headings = {"plan": ["下一步"]}
    nlp.add_pipe("hich_sections", config={"headings": headings, "spans_key": "parts"})
    nlp.to_disk(tmp_path)
    doc = spacy.load(tmp_path)("下一步：复查。")
    assert [(span.label_, span.text) for span in doc.spans["parts"]] == [("plan", "下一步：复查。")]


def test_configured_headings_change_the_default_ones() -> None:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections", config={"headings": {"plan": ["下一步"], "chief_complaint": []}})
    assert sections(nlp, "主诉：头痛。下一步：复查。诊断：脑出血") == [
        *(("preamble", "主诉：头痛。"), ("plan", "下一步：复查。"), ("diagnosis", "诊断：脑出血")),
    ]


def test_no_headings_make_one_preamble() -> None:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections", config={"headings": dict.fromkeys(HEADINGS, [])})
    assert sections(nlp, "主诉：头痛") == [("preamble", "主诉：头痛")]


def test_other_tokenizers_are_no_obstacle() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("hich_sections")
    labels = [label for label, _ in sections(nlp, "主诉：headache.\n既往史：none")]
    assert labels == ["chief_complaint", "past_history"]


def test_hich_it_example(nlp: Language, shared_data: Path) -> None:
    file = read_tag_file(shared_data / "hich-it-mini" / "Datasets" / "Text" / "Example.txt")
    assert [label for label, _ in sections(nlp, file.documents[0].text)] == [
        *("preamble", "chief_complaint", "present_illness", "past_history", "personal_history"),
        *("family_history", "physical_examination", "imaging_report", "ecg_report"),
    ]


@pytest.mark.parametrize("space", [" ", "\t", "\u3000", " \t", "·", "- "])
def test_a_form_padded_by_white_space_takes_no_longer(nlp: Language, space: str) -> None:
    pieces = ("患者男。", "血压", "\n", "1", "【", "主")
    text = "".join(piece + space * 15_000 for piece in pieces) + "主诉：头痛。\n现病史：3小时。"
    began = time.process_time()
    assert [label for label, _ in sections(nlp, text)][-1] == "present_illness"
    assert time.process_time() - began < 5  # by the square it was an hour


def test_a_heading_far_into_its_line_is_found(nlp: Language) -> None:
    text = f"男。\n{' ' * 30}1、{' ' * 5}主诉：头痛。{' ' * 30}现病史：3小时。"
    assert [label for label, _ in sections(nlp, text)] == [
        "preamble",
        "chief_complaint",
        "present_illness",
    ]
