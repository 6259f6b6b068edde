"""Identities that others beside them tell."""

from __future__ import annotations

import pytest

from text.components.deidentify.finder import Finder


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder()


def found(finder: Finder, text: str) -> list[tuple[str, str]]:
    return [(text[i.start : i.end], i.kind) for i in finder.find(text)]


def test_a_cell_in_a_column_of_names_is_one(finder: Finder) -> None:
    rows = "1;15ml;李建国;脑出血\n2;20ml;海洋;脑出血\n3;9ml;王明亮;脑梗死"
    assert ("海洋", "NAME") in found(finder, rows)
    assert ("海洋", "NAME") not in found(finder, "1;15ml;海洋;脑出血\n2;20ml;水平;脑出血")
    assert not {"脑出血", "脑梗死"} & {words for words, _ in found(finder, rows)}


def test_a_day_behind_a_signature_is_a_date(finder: Finder) -> None:
    assert ("5.11", "DATE") in found(finder, "同意手术。赖建辉 5.11\n")
    assert found(finder, "血钾 5.11\n") == []


def test_a_town_that_begins_like_a_word_stays_in_its_address(finder: Finder) -> None:
    text = "住宁夏回族自治区固原市西吉县将台堡镇明台村，已婚"
    assert found(finder, text) == [("宁夏回族自治区固原市西吉县将台堡镇明台村", "ADDRESS")]


def test_a_name_that_ocr_wrote_apart_is_found_in_broken_lines(finder: Finder) -> None:
    text = "要求转院。主管医生蒋 丽华与家\n属多次沟通后同\n意转当地医院治\n疗"
    assert ("蒋 丽华", "NAME") in found(finder, text)


def test_a_given_name_stands_for_its_person(finder: Finder) -> None:
    text = "患者姓名：孙艳梅。护士：今晨艳梅自己下床。"
    assert [words for words, _ in found(finder, text)] == ["孙艳梅", "艳梅"]
