"""Names that their characters tell, that a word before tells, and that people are called by."""

from __future__ import annotations

import pytest

from text.components.deidentify.finder import Finder
from text.components.deidentify.names.plain import PlainNames


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder()


def names(finder: Finder, text: str) -> list[str]:
    return [text[i.start : i.end] for i in finder.find(text) if i.kind == "NAME"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("家属难缠，找萧凤芳谈；", ["萧凤芳"]),  # no word of the dictionary reaches into it
        ("3/11复查CT 挂汪木萍号", ["汪木萍"]),
        ("院长蔡家顺谨启", ["蔡家顺"]),
        ("俺娘曾振萍喊都喊不应", ["曾振萍"]),
        ("患者黄爱林家属唐新东拒缴费", ["黄爱林", "唐新东"]),  # 林家 reaches over its end
        ("死者卢晓生于2021年8月7日病故", ["卢晓生"]),
        ("其父阚立新亦患中风", ["阚立新"]),  # the given name is a word
        ("患者王军男，45岁；护士陆若男交接", ["王军", "陆若男"]),
        ("外地亲属禤大庆由县医院转来", ["禤大庆"]),  # a rare surname behind a relative
    ],
)
def test_three_characters_that_are_no_words_are_a_name(
    finder: Finder, text: str, expected: list[str]
) -> None:
    assert names(finder, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "口服孟鲁司特钠咀嚼片、桑菊感冒颗粒，双肺可闻及罗音",
        "肌力4级，左侧巴宾斯基征阳性，罗索利莫征阴性，毕奥呼吸未见",
        "脑出血术后第五天，可下床步行",
        "病情平稳，护士全程陪护，医师应用甘露醇",
        "辅助检查：头颅、颧弓CT未见异常",
        "班次\t周一\t周二\t周三\n",
    ],
)
def test_words_of_charts_are_no_names(finder: Finder, text: str) -> None:
    assert names(finder, text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("村支书：马海财　文书：舒畅\n", ["马海财", "舒畅"]),
        ("医师签名区瑞 填表日期2021年1月5日", ["区瑞"]),
        ("社工方圆协助申请低保", ["方圆"]),
        ("以上属实。禤立新　二〇二〇年一月三日", ["禤立新"]),  # a signature
        ("出席：金星（妹夫）、王明亮", ["金星", "王明亮"]),
    ],
)
def test_a_word_before_tells_a_name(finder: Finder, text: str, expected: list[str]) -> None:
    assert names(finder, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("另外老王那个29床转走了", ["老王"]),
        ("收到，小李今天夜班，我跟她讲", ["小李"]),
        ("让赵哥下午去谈话，毛姐辛苦", ["赵", "毛"]),
        ("Hx from son (幸福来): d/w Prof. 余, plan conservative", ["幸福来", "余"]),
        ("接诊的是一个姓谢的男医生", ["谢"]),
        (
            "S/B Dr K.L. Chow / Ho Tsz Ching, NOK WONG Siu Fan",
            ["K.L. Chow", "Ho Tsz Ching", "WONG Siu Fan"],
        ),
    ],
)
def test_surnames_that_people_are_called_by(finder: Finder, text: str, expected: list[str]) -> None:
    assert names(finder, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "年老体弱，小肠、小脑未见异常，大小便失禁",
        "表哥、大姐、姐姐在外地",
        "NG tube, CT brain, to do list",
    ],
)
def test_words_with_old_and_young_are_no_names(finder: Finder, text: str) -> None:
    assert names(finder, text) == []


def test_a_name_that_ends_its_line_takes_nothing_of_the_next(finder: Finder) -> None:
    text = "2023-05-06 19:33 赖巧成\n吐的什么颜色\n2023-05-06 19:34 方国超\n来急诊吧\n"
    assert names(finder, text) == ["赖巧成", "方国超"]


def test_words_are_sought_once_for_all_that_read_them(finder: Finder) -> None:
    plain = finder._names._plain
    assert isinstance(plain, PlainNames)
    words = plain.words_of("高血压病人高峰")
    assert words.inner[1] and words.inner[2] and not words.inner[5]
    assert words.called == [(5, 7)] and words.starts[5] and words.ends[7]
    assert plain.find("找萧凤芳谈", plain.words_of("找萧凤芳谈")) == [(1, 4)]
