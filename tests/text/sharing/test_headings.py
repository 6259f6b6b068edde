"""What columns hold by their headings: identities, ages, births, and what only sounds like them."""

from __future__ import annotations

import pytest

from text.components.deidentify.finder import Finder
from text.sharing.cells import are_answers
from text.sharing.headings import ColumnKinds

HEADINGS = ColumnKinds(Finder().lists)


@pytest.mark.parametrize(
    ("kind", "headings"),
    [
        ("NAME", "姓名 患者姓名 姓名1 主治医师 主刀医生 家属签名 name patient_name doctor"),
        ("NUMBER", "住院号 身份证号 证件 检查号 门诊(住院)号 id case_id PatientID accession_no"),
        ("PHONE", "家属联系 联系电话 电话： 手机号码 phone home_phone Tel"),
        ("ADDRESS", "现住址 籍贯 出生地 address home_address"),
        ("HOSPITAL", "医院 转来医院 医院名称 hospital hospital_name"),
        ("EMPLOYER", "工作单位 employer"),
        ("CONTACT", "邮箱 微信号 email"),
        ("AGES", "年龄 年龄(岁) 年龄（岁） 患者年龄 age Age age_years patient_age ageYears"),
        ("BIRTH", "出生日期 出生年月 生日 出生年 birth_date dateOfBirth DOB birthday"),
        ("DATE", "入院日期 手术时间 onset_time admission_date"),
    ],
)  # fmt: skip
def test_headings_of_identities_are_known(kind: str, headings: str) -> None:
    assert {name: HEADINGS.kind(name) for name in headings.split()} == dict.fromkeys(
        headings.split(), kind
    )


DATA = """
    hospital_days in_hospital_death 医院感染 drug_name file_name 医生评分 护士观察 年龄组 age_group
    stage dosage 床号 序号 T1信号 型号 lesion_number number_of_lesions 出生体重 birth_weight 单位
    住院天数 通知家属 nurse_score 病历 记录 报告 text 监护 GCS 出血量 备注
"""


def test_columns_of_data_stay_what_they_are() -> None:
    names = DATA.split()
    assert {name: HEADINGS.kind(name) for name in names} == dict.fromkeys(names)


@pytest.mark.parametrize(
    ("values", "answers"),
    [
        (["张志远", "王秀兰", "", None, "无"], False),
        (["是", "否", "无"], True),
        ([1, 0, 1], True),
        (["3分", "5分"], True),
        (["王", "李"], False),
        (["患者今日病情平稳，无头痛呕吐，继续予脱水降颅压治疗。"], True),
        ([], False),
    ],
)
def test_a_column_of_answers_holds_no_names(values: list[object], answers: bool) -> None:
    assert are_answers("NAME", values) == answers
