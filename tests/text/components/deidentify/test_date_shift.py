"""Dates that are shifted: real ones, impossible ones, and those that tell of an age over 89."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from text.components.deidentify.dates.shift import DateShift, full_date, is_birth, read_date
from text.components.deidentify.finder import Finder
from text.components.deidentify.replace import Deidentifier
from text.components.deidentify.stand_ins import PatientKey
from text.sharing.second_look import leftovers

FINDER = Finder()
TRIED = settings(deadline=None, derandomize=True, database=None)
"""The same texts each time."""
WORDS = """
    2023 - / . 00 13 31 99 0 年 月 日 号 OO l2 十 百 千 零 〇 一千十十年 民国 112 廿 正月 腊月
    初 春节 甲子年 农历 May Sept 2023-00-00 2023年13月5日 2023-05-00 02-30 0000 |
    姓名： 张志远 电话： 出生 生于 岁 98岁 幺三八零零一三八零零零 男 入院
    出院日期： &#0; &#x110000; &#55296; <b> １２ ① [NAME] ( ) ~ → 😀
"""
PIECES = [*WORDS.split(), "\n", " ", "\u3000", "\x00", "\ud800"]


def deidentifier(days: int = -70) -> Deidentifier:
    return Deidentifier(FINDER, PatientKey(b"k" * 32, ("id", "7"), days))


@pytest.mark.parametrize(
    ("text", "shared"),
    [
        ("出院日期：2023-00-00。", "出院日期：某日。"),
        ("于2023年13月5日入院", "于某日入院"),
        ("2023-05-00入院", "某日入院"),
        ("入院日期：2024年13月45日", "入院日期：某日"),
        ("出院时间 2024-13-45，复查", "出院时间 某日，复查"),
        ("2024/5/40复查", "某日复查"),
        ("13月45日出院", "某日出院"),
    ],
)
def test_a_day_that_there_is_not_tells_nothing(text: str, shared: str) -> None:
    assert deidentifier()(text).text == shared


@settings(TRIED, max_examples=150)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=16), weeks=st.integers(5, 260))
@example(["2023-00-00"], 5)
@example(["一千十十年", "一月一日"], 5)
@example(["〇〇〇〇年一月一日"], 5)
def test_whatever_a_note_holds_it_is_read_to_its_end(pieces: list[str], weeks: int) -> None:
    text = "".join(pieces)
    replaced = deidentifier(-7 * weeks)(text)
    kept, last = [], 0
    for one in replaced.origin:
        kept.append(text[last : one.start])
        last = one.end
    for piece in [*kept, text[last:]]:
        assert piece in replaced.text
    for one, _ in leftovers(text, replaced, FINDER):
        assert 0 <= one.start <= one.end <= len(replaced.text)


@settings(TRIED)
@given(
    day=st.dates(date(1940, 1, 1), date(2025, 12, 31)),
    form=st.sampled_from(["%Y年%m月%d日", "%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d %b %Y"]),
    weeks=st.integers(5, 260),
)
def test_a_full_date_moves_by_the_shift_and_is_never_itself(
    day: date, form: str, weeks: int
) -> None:
    written = day.strftime(form)
    shift = DateShift(-7 * weeks, date(2025, 12, 31))
    shifted = shift.shifted(written)
    assert shifted != written
    assert full_date(shifted) == day - timedelta(7 * weeks)


def test_a_birth_tells_of_no_age_over_89_though_no_other_date_stands_there() -> None:
    shared = deidentifier()("出生日期：1925年3月4日，年龄98岁").text
    born = full_date(shared.removeprefix("出生日期：").partition("，")[0])
    # Who was 98 in 2023 is 90 then, and all is ten weeks earlier.
    assert born is not None and born.year == 2022 - 90 and "90岁以上" in shared
    alone = full_date(deidentifier()("生日：1925-03-04").text.removeprefix("生日："))
    assert alone is not None
    assert date.today().year - alone.year <= 91


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("1925年3月4日出生，2023年5月6日入院", 1933),
        ("1925年3月4日生，2023年5月6日入院", 1933),
        ("DOB 1925-03-04，2023年5月6日入院", 1933),
        ("1930年3月4日参军，2023年5月6日入院", 1933),  # who did is over 89
        ("1936年3月4日出生，2023年5月6日入院", 1935),
        ("出生日期：1935年3月4日，虚岁90岁，2023年5月6日入院", 1933),
    ],
)
def test_what_tells_of_an_age_over_89_tells_of_90(text: str, year: int) -> None:
    shared = deidentifier()(text).text
    assert str(year) in shared and "2023年2月25日" in shared


def test_the_birth_of_a_younger_relative_stays_what_it_is() -> None:
    shared = deidentifier()("患者95岁，其子1960年3月4日生，2023年5月6日入院").text
    assert "1959年12月25日" in shared


def test_a_date_to_come_does_not_make_all_others_old() -> None:
    shared = deidentifier()("2003年5月6日出生，证件有效期至2099-12-31，2023年5月6日入院").text
    assert "2003年2月25日" in shared


def test_a_place_of_birth_is_no_birth() -> None:
    text = "出生地：绵阳，2023年5月6日入院"
    start = text.index("2023")
    assert not is_birth(text, start, start + 9)
    assert read_date("2023年5月6日") and not read_date("2023年0月6日")


@pytest.mark.parametrize(
    ("text", "shared"),
    [
        (
            "1950年生人，2015年3月2日手术，5月6日复诊，2024年5月8日入院",
            "1949年生人，2014年1月6日手术，3月13日复诊，2023年3月15日入院",
        ),
        ("2024年5月8日入院，5月6日起病", "2023年3月15日入院，3月13日起病"),
        (
            "2024年2月20日入院，2月27日手术，3月2日出院",
            "2022年12月27日入院，1月3日手术，1月7日出院",
        ),
        ("2024年1月5日入院，12月30日起病", "2022年11月11日入院，11月5日起病"),
        (
            "2024年3月5日入院，2月29日起病，前次2016年1月2日",
            "2023年1月10日入院，1月5日起病，前次2014年11月8日",
        ),
        ("2015年3月2日手术，当月6日复查", "2014年1月6日手术，当月10日复查"),
    ],
)
def test_days_without_a_year_keep_their_distance_to_the_latest_date(text: str, shared: str) -> None:
    assert deidentifier(-420)(text).text == shared
