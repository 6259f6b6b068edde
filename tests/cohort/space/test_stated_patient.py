"""In what two sources tell of different patients, and what can't be told."""

from __future__ import annotations

import pytest

from cohort.space.stated_patient import StatedPatient, age_of


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("Zhang^San=张^三", "张三", False),
        ("张三", "张 三", False),
        ("Zhang^San=张^三", "李四", True),
        ("张三^^^^", "张三丰", True),
        ("ZHANG SAN", "李四", False),  # pinyin beside characters can't be compared
        ("ZHANG SAN", "Li Si", False),
        ("張三", "张三", False),  # traditional
        ("張三", "张四", True),
        ("朱镕基", "朱熔基", False),  # 镕 is not in GB2312: a machine wrote what it had
        ("张**", "李四", False),
        ("张某某", "李四", False),
        ("匿名", "李四", False),
        ("张\ufffd", "李四", False),
        ("买买提·艾力", "买买提•艾力", False),
        ("买买提·艾力", "李四", True),
    ],
)
def test_names_are_compared_where_both_are_in_characters(
    one: str, other: str, differ: bool
) -> None:
    found = StatedPatient((one,)).differs(StatedPatient((other,)))
    assert found == (("name",) if differ else ())


def test_one_fitting_value_of_several_is_enough() -> None:
    header = StatedPatient(("张三",), ("male",), (62.0,))
    record = StatedPatient(("李四", "张三"), ("female", "male"), (5.0, 64.0))
    assert header.differs(record) == record.differs(header) == ()
    assert header.differs(StatedPatient((), ("female",), (65.0,))) == ("sex", "age")
    assert "张三" not in repr(header)


@pytest.mark.parametrize(
    ("stated", "born", "acquired", "years"),
    [
        ("062Y", "", "", 62),
        ("023M", "", "", 1),
        ("010D", "", "", 0),
        ("", "19571103", "20260301081500", 68),
        ("", "19571103", "20261103", 69),
        ("068Y", "19570101", "20260301", 68),  # years by the calendar are a year off at most
        ("062Y", "19571103", "20260301", None),
        ("62", "", "20260301", None),
        ("", "19571350", "20260301", None),
        ("", "20270101", "20260301", None),
    ],
)
def test_age_is_in_whole_years_by_what_the_header_states(
    stated: str, born: str, acquired: str, years: int | None
) -> None:
    assert age_of(stated, born, acquired) == years
