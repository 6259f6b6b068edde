"""Addresses that go on, days that their surroundings tell, tables and institutions."""

from __future__ import annotations

import pytest

from text.components.deidentify.dates.finder import _DIGITS
from text.components.deidentify.dates.forms import FIND, OF_DIGITS
from text.components.deidentify.finder import Finder
from text.components.deidentify.lexicon import matches_at

ADDRESSES = (
    "山西省吕梁市临县碛口镇西湾村",
    "山东省临沂市莒南县坊前镇聚将台村112号",
    "青海省玉树市结古街道扎西科东路41号",
    "西安市碑林区新华里558号院内平房",
    "广州市海珠区江南大道中88号之二1203房",
    "滨河家园B区16-3-402",
)
DAYS = (
    ("手术推到19号，再议", "19号"),
    ("合并用药 25/05/21–25/05/25 头孢曲松", "25/05/25"),
    ("last seen 07/08/19.", "07/08/19"),
    ("既往於112年1月曾於當地住院", "112年1月"),
    ("05-07长期医嘱", "05-07"),
    ("Hoffmann(+)。7.14朔方中医院CT：软化灶", "7.14"),
    ("让他侄子3.2前去拿", "3.2"),
    ("讲话慢一点。11月又在外院住过", "11月"),
)


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder()


def found(finder: Finder, text: str, kind: str) -> list[str]:
    return [text[i.start : i.end] for i in finder.find(text) if i.kind == kind]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_ends_where_it_ends(finder: Finder, address: str) -> None:
    assert found(finder, f"家住{address}，已婚", "ADDRESS") == [address]


def test_what_stands_beside_a_place_belongs_to_it(finder: Finder) -> None:
    assert found(finder, "今晨在三桥村小学旁边买菜时发病", "ADDRESS") == ["三桥村小学旁边"]
    assert found(finder, "家住六楼无电梯，提前30分钟至3号楼登记", "ADDRESS") == []


@pytest.mark.parametrize(("text", "day"), DAYS)
def test_days_that_their_surroundings_tell(finder: Finder, text: str, day: str) -> None:
    assert day in found(finder, text, "DATE")


@pytest.mark.parametrize(
    "text",
    ["空腹7.8 早后11.2 中前9.1", "纱布20/20/20 缝针12/12/12", "肌力4/5，评分10/15", "排到3号楼"],
)
def test_counts_and_values_are_no_days(finder: Finder, text: str) -> None:
    assert found(finder, text, "DATE") == []


def test_forms_of_digits_are_found_where_digits_begin() -> None:
    text = (
        "\n".join(text for text, _ in DAYS) + "2023年5月6日 8:00 23.5.6 5月6号 6月 20230506 112.5.6"
    )
    starts = [match.start() for match in _DIGITS.finditer(text)]
    assert sum(OF_DIGITS) > 20
    for pattern, of_digits in zip(FIND, OF_DIGITS, strict=True):
        if of_digits:
            everywhere = [match.span() for match in pattern.finditer(text)]
            assert [m.span() for m in matches_at(pattern, text, starts)] == everywhere


def test_a_form_whose_rows_hold_headings_is_no_table(finder: Finder) -> None:
    text = "出生地 云南 籍贯 四川 民族 汉\n身份证号 未带 职业 工人 婚姻 已\n"
    words = {text[i.start : i.end] for i in finder.find(text)}
    assert not words & {"身份证号", "职业", "工人", "未带"}


def test_institutions_begin_where_they_begin(finder: Finder) -> None:
    for before in ("我要实名举报", "CT片CT4948521", "受委托，对", "急诊病历 "):
        assert found(finder, f"{before}兰陵县人民医院", "HOSPITAL") == ["兰陵县人民医院"]
    assert found(finder, "卫生员陪送至师医院就诊", "HOSPITAL") == []
    assert found(finder, "个管师（分机2317）", "PHONE") == ["2317"]
