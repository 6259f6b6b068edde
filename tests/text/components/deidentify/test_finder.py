"""Identities in notes whose people, places and layouts the component has no lists of."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import spacy
from identified_notes import LAYOUTS, Marked, notes

from cohort.tags.tag_file import read_tag_file
from text.components.deidentify import component  # noqa: F401
from text.components.deidentify.dates.shift import DateShift, full_date
from text.components.deidentify.finder import Finder
from text.components.deidentify.replace import Deidentifier
from text.components.deidentify.stand_ins import PatientKey
from text.model.rules import rules_pipeline


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder()


@pytest.fixture(scope="module")
def marked() -> list[Marked]:
    return notes()


def test_identities_are_found_in_thirty_layouts(finder: Finder, marked: list[Marked]) -> None:
    assert len(LAYOUTS) == 30 and len(marked) >= 200
    there, found, clean = Counter[str](), Counter[str](), 0
    for note in marked:
        covered = {n for one in finder.find(note.text) for n in range(one.start, one.end)}
        missed = 0
        for start, end, kind in note.spans:
            places = [n for n in range(start, end) if not note.text[n].isspace()]
            there[kind] += len(places)
            found[kind] += sum(n in covered for n in places)
            missed += sum(n not in covered for n in places)
        clean += not missed
    assert min(found[kind] / there[kind] for kind in there) >= 0.99
    assert set(there) == {
        "NAME",
        "NUMBER",
        "PHONE",
        "CONTACT",
        "ADDRESS",
        "HOSPITAL",
        "EMPLOYER",
        "DATE",
        "AGE",
    }
    assert clean / len(marked) >= 0.95


def test_findings_stay_but_for_dates_and_ages_over_89(finder: Finder, marked: list[Marked]) -> None:
    nlp = rules_pipeline()

    def told(text: str) -> list[tuple[object, ...]]:
        return [
            tuple(f.get(k) for k in ("name", "value", "unit", "certainty", "side", "site"))
            for f in nlp(text)._.findings
            if f["name"] != "age" or f["value"] < 90
        ]

    deidentifier = Deidentifier(finder, PatientKey(b"k" * 32, ("id", "7"), -70))
    for note in marked[::5]:
        assert told(deidentifier(note.text).text) == told(note.text), note.text


def test_findings_of_shared_sentences_stay_where_they_are_and_dates_move_by_the_shift(
    finder: Finder, shared_data: Path
) -> None:
    nlp = rules_pipeline()
    deidentifier = Deidentifier(finder, PatientKey(b"k" * 32, ("id", "7"), -70))

    def told(text: str, moved: Callable[[int, int], tuple[int, int]]) -> list[tuple[object, ...]]:
        keys = ("name", "value", "unit", "certainty", "side", "time", "section")
        return [
            (*(f.get(key) for key in keys), moved(f["start"], f["end"]))
            for f in nlp(text)._.findings
            if f["name"] != "age" or f["value"] < 90
        ]

    with (shared_data / "findings" / "sentences.jsonl").open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    for text in texts:
        replaced = deidentifier(text)
        after = told(replaced.text, lambda start, end: (start, end))
        assert after == told(text, replaced.moved), text
        for was, now in zip(replaced.origin, replaced.identities, strict=True):
            day = full_date(text[was.start : was.end]) if was.kind == "DATE" else None
            if day is not None:
                shifted = full_date(replaced.text[now.start : now.end])
                assert shifted is not None and (shifted - day).days == -70


@pytest.mark.parametrize(
    "text",
    [
        "帕金森病，巴宾斯基征阳性，予华法林、安宫牛黄丸、白蛋白，高血压3级，神经外科会诊，请心内科会诊。",
        "患者高热，安静时平卧，左侧肢体无力，于我院就诊，当地医院行CT，上级医师查房后同意。",
        "肌力2/5→3/5，较前约1/3，5-6天后拔管，请康复科会诊，请示上级医师后同意，经治医师平稳交班。",
        "家属平静，麻醉满意后术者站于右侧，和家属谈话，从鼻饲改为经口，水肿高峰期已过。",
        "副主任医师 查房记录\n查房记录\n记录：查房记录\n主治医师 谈话记录\n医师：会诊记录",
        "诉父亲目前在家，随访方式：微信，家属满意，5床安静入睡，宁愿保守，1床高热。",
        "开户行工商银行，今日血压平稳。",
        "已请护士安慰，医师安排，护士关注，告知医师常规，护士长管理。",
        "血肿大小约3.2*2.5厘米，GCS 12分，血压150/90mmHg，病史10年，3月前发病，白细胞12.5×10^9/L。",
    ],
)
def test_departments_eponyms_drugs_and_values_stay(finder: Finder, text: str) -> None:
    assert [text[i.start : i.end] for i in finder.find(text)] == []


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("&#24352;&#20255;，男，56岁", "NAME", "&#24352;&#20255;"),
        ("姓名：张\u200b伟，男", "NAME", "张\u200b伟"),
        ("聯絡人：陳淑芬（妻）", "NAME", "陳淑芬"),
        ("患者高峰，男，62岁", "NAME", "高峰"),
        ("联系电话：138 1234\n5678", "PHONE", "138 1234"),
        ("年龄：93岁", "AGE", "93岁"),
        ("May 6, 2023 admitted", "DATE", "May 6, 2023"),
        ("家属瞿建业要求手术", "NAME", "瞿建业"),
        ("妻佟秀芝为教师", "NAME", "佟秀芝"),
        ("会诊后敖教授建议保守", "NAME", "敖"),
        ("患者洛桑旺堆，藏族，牧民", "NAME", "洛桑旺堆"),
        ("姓名: 窦桂兰 (DOU Guilan) 女", "NAME", "DOU Guilan"),
        ("床号 姓名 住院号 入院\n3 温暖 88123 6-12", "NAME", "温暖"),
        ("床号 姓名 住院号 入院\n3 温暖 88123 6-12", "DATE", "6-12"),
        ('{"name":"白洁","no":"5523417"}', "NAME", "白洁"),
        ("8:00 翻身。  高原\n9:00 吸痰。  高原", "NAME", "高原"),
        ("住院号是幺八五九六五，头痛", "NUMBER", "幺八五九六五"),
        ("电话O371-6OOO1234", "PHONE", "O371-6OOO1234"),
        ("复查CT（2-17）：血肿吸收", "DATE", "2-17"),
        ("2 020年1\n2月13号发病，送当地\n卫生院", "DATE", "2 020年1"),
        ("暂住云岭县柳泉镇上坪村三组，务农", "ADDRESS", "云岭县柳泉镇上坪村三组"),
        ("由120送联勤保障部队第九四〇医院", "HOSPITAL", "联勤保障部队第九四〇医院"),
        ("家属自带片去华西、省医问诊", "HOSPITAL", "省医"),
        ("交班：3床夏天，术后1天；7床田野，拟手术", "NAME", "田野"),
        ("就诊卡号：600123884 辛苦 男 61岁", "NAME", "辛苦"),
        ("医嘱 吸氧\n伍月 2019/02/28", "NAME", "伍月"),
        ("家属和平代诉：爸爸叫魏来", "NAME", "和平"),
        ("家属和平代诉：爸爸叫魏来", "NAME", "魏来"),
        ("系交警（胡来，警号031578）发现", "NAME", "胡来"),
        ("患者老张头，名张满仓，平时独居", "NAME", "老张"),
        ("患者老张头，名张满仓，平时独居", "NAME", "张满仓"),
        ("舒畅副主任医师与家属毛毛谈话后，舒畅于当日", "NAME", "毛毛"),
        ("责任护士云朵，技师方便，主管医生郎朗。", "NAME", "云朵"),
        ("责任护士云朵，技师方便，主管医生郎朗。", "NAME", "方便"),
        ("苗条（15床）拟明日出院", "NAME", "苗条"),
        ("随访医生：章程", "NAME", "章程"),
        ("生于江苏如东，久居南通", "ADDRESS", "江苏如东"),
        ("在绍兴二院行手术", "HOSPITAL", "绍兴二院"),
        ("外伤后在上海长期居住", "ADDRESS", "上海"),
        ("在盐城大丰打工", "ADDRESS", "盐城大丰"),
        ("籍贯河北省承德市双滦区人，已婚", "ADDRESS", "河北省承德市双滦区"),
        ("19:35到达鼓楼区中山北路211号", "ADDRESS", "鼓楼区中山北路211号"),
        ("系中铁十二局集团工人", "EMPLOYER", "中铁十二局集团"),
        ("姓名 覃玉芬 邮编 317000", "NUMBER", "317000"),
        ("转诊单\n上海市瑞金医院急诊：\n兹有我院\n患者头痛\n敬礼", "HOSPITAL", "上海市瑞金医院"),
        ("7月18号穿刺，08-02转康复", "DATE", "08-02"),
        ("医师：吐尔逊．阿依古丽", "NAME", "吐尔逊．阿依古丽"),
        ("患者 陈美玉兰  女  61岁", "NAME", "陈美玉兰"),
        ("会诊意见 by Dr. 尉迟. Plan", "NAME", "尉迟"),
        ("与工友孟某某争执后头痛", "NAME", "孟某某"),
        ("患者姓蔡，退休", "NAME", "蔡"),
        ("Re: LEUNG Wai Man", "NAME", "LEUNG Wai Man"),
        ("07/02~07/05在家休养", "DATE", "07/02"),
        ("admitted on 14 Feb for headache", "DATE", "14 Feb"),
        ("18年、19年两次住院", "DATE", "18年"),
        ("长期在丰禾饲料店上班，已婚", "EMPLOYER", "丰禾饲料店"),
        ("跌倒于解放路与青年路交叉口", "ADDRESS", "解放路与青年路交叉口"),
        ("头痛，在双河市三院输液", "HOSPITAL", "双河市三院"),
        ("救护车（MXR-2046）送入", "NUMBER", "MXR-2046"),
        ("标本送病理（B1207-335）", "NUMBER", "B1207-335"),
    ],
)
def test_odd_notations_are_found(finder: Finder, text: str, kind: str, words: str) -> None:
    assert (words, kind) in [
        (text[i.start : i.end].split("\n")[0], i.kind) for i in finder.find(text)
    ]


def test_long_notes_and_notes_of_headings_are_read(finder: Finder) -> None:
    assert finder.find("主诉：\n现病史：\n既往史：\n查体：\n诊断：\n" * 50) == []
    text = "患者病情平稳" * 33_000 + "，联系电话：13812345678"
    assert [text[i.start : i.end] for i in finder.find(text)] == ["13812345678"]


def test_dates_keep_their_notation_and_their_intervals() -> None:
    shift = DateShift(-70)
    written = [
        "2023年5月6日",
        "2023-05-06",
        "20230506",
        "二〇二三年五月六日",
        "2023/5/6",
        "6 May 2023",
    ]
    assert [shift.shifted(one) for one in written] == [
        "2023年2月25日", "2023-02-25", "20230225", "二〇二三年二月二十五日", "2023/2/25",
        "25 Feb 2023",
    ]  # fmt: skip
    assert shift.shifted("5月8日") == "2月27日" and shift.shifted("9日") == "28日"


def test_a_patient_has_one_stand_in_and_another_patient_another(finder: Finder) -> None:
    text = "患者张志远，男，56岁。张志远之妻签字。"
    ours, others = (Deidentifier(finder, PatientKey(b"k" * 32, ("id", n), -70))(text) for n in "12")
    names = re.findall(r"患者(.+?)，|。(.+?)之妻", ours.text)
    assert names[0][0] == names[1][1] != "张志远"
    assert ours.text != others.text
    again = Deidentifier(finder, PatientKey(b"k" * 32, ("id", "1"), -70))("张志远，男，56岁")
    assert again.text.startswith(names[0][0])


def test_marks_move_along(finder: Finder) -> None:
    text = "姓名：买买提·吐尔逊，右侧丘脑出血。"
    replaced = Deidentifier(finder, None)(text)
    start, end = replaced.moved(text.index("右侧"), text.index("出血"))
    assert (
        replaced.text == "姓名：[NAME]，右侧丘脑出血。" and replaced.text[start:end] == "右侧丘脑"
    )


def test_the_component_marks_and_masks(tmp_path: Path) -> None:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_deidentify")
    nlp.to_disk(tmp_path)
    held = tmp_path / "hich_deidentify" / "identities.json"
    assert json.loads(held.read_bytes()).keys() == {"lists", "network"}
    held.rename(held.with_name("lists.json"))  # as earlier pipelines have it
    doc = spacy.load(tmp_path)("姓名：张志远，电话：13812345678")
    assert [(s.text, s.label_) for s in doc.spans["identities"]] == [
        ("张志远", "NAME"),
        ("13812345678", "PHONE"),
    ]
    assert doc._.masked == "姓名：[NAME]，电话：[PHONE]"


def test_the_component_masks_no_more_than_identities_where_tokens_are_words() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("hich_deidentify")
    text = "患者张伟，男，62岁，电话13812345678，GCS 8分。主诉：头痛3小时。"
    with pytest.warns(UserWarning, match="a token holds more than an identity"):
        doc = nlp(text)
    assert doc._.masked == "患者[NAME]，男，62岁，电话[PHONE]，GCS 8分。主诉：头痛3小时。"
    assert [span.label_ for span in doc.spans["identities"]] == ["NAME", "PHONE"]


def test_of_real_records_little_is_replaced(finder: Finder, shared_data: Path) -> None:
    """Names, hospitals and numbers that are replaced there are few."""
    documents = read_tag_file(shared_data / "ccks2017-emr" / "val.txt").documents
    found = Counter(i.kind for document in documents for i in finder.find(document.text))
    assert found["NAME"] < 20 and found["HOSPITAL"] < 30 and found["NUMBER"] < 5


@pytest.mark.parametrize(
    "piece", ["省市", "字字省", "家属区", "城市", "社区卫生", "家庭", "签名："]
)
def test_repeated_words_of_places_are_read_to_the_end(piece: str) -> None:
    Finder().find(piece * 300)  # older patterns took for ever


def test_characters_as_pdf_files_have_them_are_read() -> None:
    text = "姓名：⾼伟国，2023年1⽉5⽇入院"
    found = [(one.kind, text[one.start : one.end]) for one in Finder().find(text)]
    assert found == [("NAME", "⾼伟国"), ("DATE", "2023年1⽉5⽇")]
