"""Words of charts that were taken for names, and names that were cut or swallowed words."""

from __future__ import annotations

import re
from random import Random

import pytest

from text.components.deidentify.figures import contacts, numbers
from text.components.deidentify.finder import Finder
from text.components.deidentify.lexicon import any_of, flat, matches_at, spaced


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder()


def found(finder: Finder, text: str, kind: str = "NAME") -> list[str]:
    return [text[i.start : i.end] for i in finder.find(text) if i.kind == kind]


@pytest.mark.parametrize(
    "text",
    [
        "2019-04-25,左额叶,51,8\n2019-04-26,左壳核,29,10\n",
        "诊断：脑出血（左顶叶，27ml），左丘脑受压。",
        "合并房颤,华法林停用，改用替米沙坦、左卡尼汀，甘精胰岛素10U。",
        "诱导：依托咪酯、舒芬太尼、罗库溴铵，可视喉镜下插管。",
        "头孢他啶/阿维巴坦耐药，有凝血酶原复合物的话按25U输。",
        "方用星蒌承气汤加减：胆南星9g，王不留行9g，徐长卿10g。",
        "患者：好的，那药还吃吗？\n医生回复：都可以，我再看。\n医生回复（15:59）：先停。",
        "医保卡、敬老证、轮椅一辆随带；8床血库电话0739-5551234。",
        "术程顺利，硬膜张力高，张口度可，双侧巴宾斯基征阳性，家属强烈要求出院。",
        "三个月随访，两人表示理解，大便2-3日一次，目前扶墙走。",
        "c/o HA，VAS4，无N/V。",
    ],
)
def test_words_of_charts_are_no_names(finder: Finder, text: str) -> None:
    assert found(finder, text) == []
    assert found(finder, text, "DATE") == [t for t in ("2019-04-25", "2019-04-26") if t in text]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("医生让赶紧转，请连翘主任看过", ["连翘"]),  # an herb, unless a title stands after it
        ("12:05 通知程度医生到场", ["程度"]),
        ("【复查】头胸CT。\n记录：江山\n", ["江山"]),
        ("出车护士 连翘 驾驶员 尹正 ", ["连翘", "尹正"]),
        ("主管医师：陶若男　上级医师：雷有田　", ["陶若男", "雷有田"]),
        ("患者王军男，45岁，因头痛入院", ["王军"]),
        ("2026.1.4 左丘艳红主任医师查房", ["左丘艳红"]),
        (
            "贵院患者阿不都克里木·买买提的妻子阿曼古丽·沙迪克来访",
            ["阿不都克里木·买买提", "阿曼古丽·沙迪克"],
        ),
        ("家属艾力·吐尔逊诉患者夜间哭泣", ["艾力·吐尔逊"]),
        ("兄买买提伊力·玉素甫死于脑卒中。", ["买买提伊力·玉素甫"]),
        ("家属代表努尔买买提·艾山知情。", ["努尔买买提·艾山"]),
        ("监护人：儿子田野，电话", ["田野"]),
        ("核对者：_黎珊_/_金雅琴_  发血者：_赵明_", ["黎珊", "金雅琴", "赵明"]),
        ("TAM Wing Yan (譚詠欣)  M/ 70", ["TAM Wing Yan", "譚詠欣"]),
    ],
)
def test_names_end_where_they_end(finder: Finder, text: str, names: list[str]) -> None:
    assert found(finder, text) == names


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("患者江南，第9床　江南　162717\n", "NUMBER", ["162717"]),
        (
            "StudyUID 1.2.840.162551.3.20180915.344770，",
            "NUMBER",
            ["1.2.840.162551.3.20180915.344770"],
        ),
        ("麻烦看下，加我 linlin4721，谢谢", "CONTACT", ["linlin4721"]),
        ("其女儿电话（+86 15814360257）。", "PHONE", ["+86 15814360257"]),
        ("　　　　隆回县人民医院（公章）\n", "HOSPITAL", ["隆回县人民医院"]),
        ("送达医院：天水市中医医院", "HOSPITAL", ["天水市中医医院"]),
        ("脑死亡判定需青海红十字医院协助", "HOSPITAL", ["青海红十字医院"]),
        ("由兴业银行龙泉支行寄出", "EMPLOYER", ["兴业银行龙泉支行"]),
        ("现居隆回县黄泥塘镇双庙村。", "ADDRESS", ["隆回县黄泥塘镇双庙村"]),
        ("地址龙泉驿区怡和新城C区19栋3单元6号。", "ADDRESS", ["龙泉驿区怡和新城C区19栋3单元6号"]),
        ("沈欣怡;女;99;20250413;", "AGE", ["99"]),
    ],
)
def test_other_identities_have_their_bounds(
    finder: Finder, text: str, kind: str, words: list[str]
) -> None:
    assert found(finder, text, kind) == words


def test_only_the_sentences_at_a_break_are_read_without_it(finder: Finder) -> None:
    filler = "神志清楚，双瞳等大，对光反射灵敏，四肢肌力正常。\n" * 8
    text = f"{filler}家属张\n桂兰陪同，签\n字同意。\n{filler}"
    assert [name.replace("\n", "") for name in found(finder, text)] == ["张桂兰"]


def test_patterns_of_many_words_find_what_their_alternatives_do() -> None:
    random = Random(5)
    letters = "甲乙丙丁"
    for _ in range(60):
        words = {"".join(random.choices(letters, k=random.randint(1, 4))) for _ in range(12)}
        text = "".join(random.choices(letters + "戊", k=60))
        told = re.compile(f"(?:{flat(words)})")
        tree = re.compile(any_of(words))
        assert [m.span() for m in tree.finditer(text)] == [m.span() for m in told.finditer(text)]
        assert all(re.fullmatch(spaced(words), "  ".join(word)) for word in words)


def test_numbers_are_found_where_they_can_start() -> None:
    random = Random(6)
    for _ in range(300):
        text = "".join(random.choices("0123456789-0138 (+)AXO./号电话:，", k=50))
        for module, patterns in (
            (numbers, (numbers._ID_CARD, numbers._CODE, numbers._LONG, numbers._GROUPED)),
            (contacts, (contacts._MOBILE, contacts._LANDLINE)),
        ):
            starts = [m.start() for m in module._START.finditer(text)]
            for pattern in patterns:
                here = [m.span() for m in matches_at(pattern, text, starts)]
                assert here == [m.span() for m in pattern.finditer(text)], (pattern, text)
