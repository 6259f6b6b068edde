"""Whether record and CT are one patient's, without saying who that is."""

from __future__ import annotations

import pytest

from cohort.space.stated_patient import StatedPatient
from hich.patient.note import annotate_note
from hich.report.compare.attention import looks
from hich.report.compare.identity import attributes_apart, identity_notes
from hich.report.gather.annotations import annotated_text
from hich.report.pages.words import Words
from hich.report.settings import LookSettings

HEADER = StatedPatient(("Zhang^San=张^三",), ("male",), (62.0,))


def apart(note: str) -> tuple[str, ...]:
    findings = annotated_text(annotate_note("p1", note)).findings or ()
    return attributes_apart(identity_notes(HEADER, note, findings))


@pytest.mark.parametrize(
    ("note", "differing"),
    [
        ("姓名：张三  性别：男  年龄：62岁\n主诉：头痛1天。", ()),
        ("姓名：李四  性别：男  年龄：63岁\n主诉：头痛1天。", ("name",)),
        ("姓名\t李四\t性别\t女\t年龄\t70岁\n主诉：头痛1天。", ("name", "sex", "age")),
        ("姓名张三性别男年龄62岁\n主诉：头痛1天。", ()),
        ("姓  名：张  三   性别：男\n主诉：头痛1天。", ()),
        ("患者姓名：李四，男，62岁。", ("name",)),
        ("姓名：李四职业：工人\n", ("name",)),
        ("姓名：张三 联系人姓名：李四\n患者男，62岁。", ()),
        ("姓名：李**\n患者男，62岁。", ()),
        ("姓名：\n性别：男", ()),
        ("患者，女，62岁。主诉：头痛1天。", ("sex",)),
        ("患者，男，64岁。", ()),  # 虚岁
        ("患者，男，65岁。", ("age",)),
        ("患者，男，62岁。其妻，60岁，健康。", ()),
        ("头颅CT：左侧基底节区出血。", ()),
    ],
)
def test_record_of_another_patient_is_told(note: str, differing: tuple[str, ...]) -> None:
    assert apart(note) == differing


def test_warning_is_a_reason_to_look_and_quotes_nothing() -> None:
    note = "姓名：李四  性别：女  年龄：70岁\n"
    findings = annotated_text(annotate_note("p1", note)).findings or ()
    notes = identity_notes(HEADER, note, findings)
    why, urgency = looks((), {}, notes, LookSettings())
    assert urgency == LookSettings().damaged
    for message in (*notes, *why):
        en, zh = Words("en").say(message), Words("zh").say(message)
        assert "name, sex, age" in en and "姓名" in zh
        assert not any(quoted in en + zh for quoted in ("李四", "张三", "女", "male", "70", "62"))


def test_without_a_header_nothing_is_compared() -> None:
    assert identity_notes(None, "姓名：李四", ()) == []
    assert identity_notes(HEADER, None, ()) == []
