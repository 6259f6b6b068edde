"""Stand-ins: the same each time, of the same kind, and never what they stand for."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from text.components.deidentify.finder import Finder
from text.components.deidentify.identity import (
    ADDRESS,
    CONTACT,
    EMPLOYER,
    HOSPITAL,
    NAME,
    NUMBER,
    PHONE,
)
from text.components.deidentify.replace import Deidentifier
from text.components.deidentify.stand_ins import PatientKey, StandIns, plain

FINDER = Finder()
TRIED = settings(deadline=None, derandomize=True, database=None)
"""The same texts each time."""
LISTS = FINDER.lexicon.stand_ins
KINDS = (NAME, NUMBER, PHONE, CONTACT, ADDRESS, HOSPITAL, EMPLOYER)
# What stand-ins are made of is what real identities may be, too.
WORDS = [
    *LISTS["cities"],
    *LISTS["hospitals"],
    *LISTS["roads"],
    *LISTS["employers"],
    *LISTS["given"],
    *LISTS["surnames"],
    *("市", "号", "Chen ", "Siyuan", "user", "@example.org", "192.0.2.", "www.", "/", "·", "欧阳"),
    *"0123456789零〇一二三四五六七八九幺两OIlBSZAZxX*-() 某京川",
]
WRITTEN = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map("".join)


def stand_ins(patient: str) -> StandIns:
    names = FINDER.lexicon.names
    key = PatientKey(b"k" * 32, ("id", patient), -70)
    return StandIns(key, LISTS, lambda name: names.surname_of(name, rare=True))


@settings(TRIED, max_examples=600)
@given(kind=st.sampled_from(KINDS), written=WRITTEN, patient=st.sampled_from("123456789"))
@example(PHONE, "幺三八零零一三八零零零", "1")
@example(NUMBER, "一二三四五六", "1")
@example(NUMBER, "***", "1")
@example(NAME, "Chen Siyuan", "1")
@example(HOSPITAL, "人民医院", "1")
@example(CONTACT, "192.0.2.1", "1")
@example(ADDRESS, "云山市", "1")
@example(NUMBER, "7", "1")
def test_a_stand_in_is_never_what_it_stands_for(kind: str, written: str, patient: str) -> None:
    found = stand_ins(patient).of(kind, written)
    assert found.strip() and plain(found) != plain(written)
    assert found == stand_ins(patient).of(kind, written)
    if kind in (HOSPITAL, EMPLOYER, ADDRESS) and len(plain(written)) > 3:
        assert plain(written) not in plain(found)


@pytest.mark.parametrize(
    ("kind", "written", "form"),
    [
        (PHONE, "幺三八零零一三八零零零", r"幺零[零一二三四五六七八九]{9}"),
        (NUMBER, "一二三四〇六", r"[〇一二三四五六七八九]{12}"),
        (PHONE, "1380O138OOO", r"10\d{9}"),
        (PHONE, "0371-65001234 ext.12", r"\d{4}-\d{8} ext\.\d\d"),
        (NUMBER, "zy00123456", r"[a-z]{2}\d{10}"),
        (NUMBER, "7", r"[1-9]\d{11}"),
        (NUMBER, "12-345", r"[1-9]\d-\d{10}"),
        (NUMBER, "2023-0001-000012", r"[1-9]\d{3}-\d{4}-\d{6}"),
        (NUMBER, "5107**********1234", r"\d{4}\*{10}\d{4}"),
        (NUMBER, "1.2.840.113619.2.55", r"[1-9]\.\d\.\d{3}\.\d{6}\.\d\.\d\d"),
        (NUMBER, "ZHANGSAN-2023-0000123", r"(?!ZHANG)[A-Z]{8}-\d{4}-\d{7}"),
        (NUMBER, "xuxiaoxia-01", r"(?!.*x.*x.*x)[a-z]{9}-\d{3}"),
        (NUMBER, "张三-01", r"P\d{12}"),
        (NUMBER, "川A12345", r"[\u4e00-\u9fff][A-Z]\d{5}"),
        (NUMBER, "51070219300304123X", r"99\d{15}X"),
    ],
)
def test_a_number_keeps_its_shape(kind: str, written: str, form: str) -> None:
    found = [stand_ins(patient).of(kind, written) for patient in "12345678"]
    assert all(re.fullmatch(form, one) for one in found), found
    assert len(set(found)) == len(found)


def test_spoken_numbers_leave_a_note() -> None:
    deidentifier = Deidentifier(FINDER, PatientKey(b"k" * 32, ("id", "7"), -70))
    text = "家属电话幺三八零零一三八零零零，住院号是幺八五九六五。"
    replaced = deidentifier(text).text
    assert "幺三八" not in replaced and "幺八五九六五" not in replaced


def test_a_number_has_one_stand_in_however_it_is_written() -> None:
    ours = stand_ins("1")
    bare = ours.of(PHONE, "13812345678")
    assert plain(ours.of(PHONE, "138-1234-5678")) == bare
    assert ours.of(NUMBER, "12345678") != ours.of(NUMBER, "12345679")


def test_no_two_of_a_record_become_one() -> None:
    people = ["张伟", "李伟", "王伟", "赵伟", "陈伟", "张志远", "张秀兰", "张国栋", "买买提·吐尔逊"]
    latin = ["Zhang San", "Li Si", "Wang Wu", "Zhao Liu"]
    hospitals = [f"绵阳市{of}医院" for of in ("中心", "第三", "人民", "中医", "骨科", "肿瘤")]
    for patient in map(str, range(60)):
        ours = stand_ins(patient)
        for kind, several in ((NAME, people + latin), (HOSPITAL, hospitals)):
            found = [ours.of(kind, one) for one in several]
            assert len(set(found)) == len(several), found
            assert found == [ours.of(kind, one) for one in several]


def test_a_surname_has_one_stand_in_throughout_a_record() -> None:
    ours = stand_ins("1")
    surnames = {who: ours.of(NAME, who)[0] for who in ("张伟", "李强", "张", "李", "张志远")}
    assert surnames["张伟"] == surnames["张"] == surnames["张志远"]
    assert surnames["李强"] == surnames["李"] != surnames["张"]
