"""Days without a year, numbers, hospitals and workplaces as notes write them for short."""

from __future__ import annotations

import pytest

from text.components.deidentify.finder import Finder


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder()


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("2021-03-02入院。labs(3/4): Hb 120", "DATE", ["2021-03-02", "3/4"]),
        ("2021-03-02入院，CT与3-6比无变化", "DATE", ["2021-03-02", "3-6"]),
        ("2021-03-02入院。血cx(3/18~3/20×2次)", "DATE", ["2021-03-02", "3/18", "3/20"]),
        ("2021-03-02入院 | 03-05 EVD，04-01 拔管", "DATE", ["2021-03-02", "03-05", "04-01"]),
        ("2021-06-29交班。术后，7.10钻孔引流", "DATE", ["2021-06-29", "7.10"]),
        ("2021-12-30入院，12.28-1.12在家", "DATE", ["2021-12-30", "12.28", "1.12"]),
        (
            "1/6|10:00|37.1|安静\n1/6|12:00|37.2|安静\n1/7|0:00|37|安静",
            "DATE",
            ["1/6", "1/6", "1/7"],
        ),
        ("2021-03-02入院\n治疗，03\n-05行穿刺", "DATE", ["2021-03-02", "03\n-05"]),
        ("出院日期:20\n21-03-20 住院", "DATE", ["20\n21-03-20"]),
        ("出院日期:2021-0\n3-20 住院", "DATE", ["2021-0\n3-20"]),
        ("请于202\n1年3月20日复查", "DATE", ["202\n1年3月20日"]),
        ("老人上个月15号脑出血", "DATE", ["15号"]),
        ("赵大勇 男 61岁 12床 284615\n日期", "NUMBER", ["284615"]),
        ("李强 女/58岁/7床/0038127\n日期", "NUMBER", ["0038127"]),
        ("00318527-4,张强,男,61", "NUMBER", ["00318527-4"]),
        ('{"no":"00318527-4"}', "NUMBER", ["00318527-4"]),
        ("住院(门诊)号 318527", "NUMBER", ["318527"]),
        ("病案号_318527_ 床号_3_", "NUMBER", ["318527"]),
        ("318527\t张强\tICU\n318527\t张强\tICU", "NUMBER", ["318527", "318527"]),
        ("住院号：31852；归档31852，勿失", "NUMBER", ["31852", "31852"]),
        ("请温医附一院会诊", "HOSPITAL", ["温医附一院"]),
        ("转吉大一院", "HOSPITAL", ["吉大一院"]),
        ("资料发南医大二附院会诊", "HOSPITAL", ["南医大二附院"]),
        ("转武汉协和，家属同意", "HOSPITAL", ["武汉协和"]),
        ("成都仁和医院出院记录", "HOSPITAL", ["成都仁和医院"]),
        ("已退休，前任职丰源纸业，无过敏", "EMPLOYER", ["丰源纸业"]),
        ("任職新竹市公所，無過敏", "EMPLOYER", ["新竹市公所"]),
        ("单位：丰源纸业 电话", "EMPLOYER", ["丰源纸业"]),
        ("患者原系长江航运集团会计，", "EMPLOYER", ["长江航运集团"]),
        ("就职于：丰源纸业，", "EMPLOYER", ["丰源纸业"]),
        ("发微信（Hx509213）联系", "CONTACT", ["Hx509213"]),
        ("微信(leyuan_77)", "CONTACT", ["leyuan_77"]),
        ("微信：leyuan_77", "CONTACT", ["leyuan_77"]),
        ("加微信leyuan_77", "CONTACT", ["leyuan_77"]),
        ("WeChat: leyuan-77", "CONTACT", ["leyuan-77"]),
        ("年龄_93_", "AGE", ["93"]),
        ("SEX/AGE: F/95", "AGE", ["95"]),
        ("AGE: M/92", "AGE", ["92"]),
        ("张强|男|94|脑出血", "AGE", ["94"]),
        ("ZHANG\tM\t96\tICH", "AGE", ["96"]),
    ],
)
def test_short_forms_are_found(finder: Finder, text: str, kind: str, words: list[str]) -> None:
    assert [text[i.start : i.end] for i in finder.find(text) if i.kind == kind] == words


@pytest.mark.parametrize(
    "text",
    [
        "INR 1.3→1.2，PT 1.20，血肿1.0×1.6cm",
        "肌力1-/1，肌力 1/5，双侧",
        "PCT 1.04\nCT(复查)",
        "血压17\n1/11，神清",
        "尼莫地平1-2片，甘油1.5ml，血糖1.8-1.9",
        "血糖5.6，5.5 予胰岛素",
        "钾 3.8，4.1 查房未诉不适",
        "1.1 诊断\n2.1 治疗\n3.1 预后",
        "微信（WeChat）",
        "我院附院，大二院区",
    ],
)
def test_values_are_no_days(finder: Finder, text: str) -> None:
    dated = "2021年1月2日入院。" + text
    kinds = ("DATE", "NUMBER", "HOSPITAL", "CONTACT")
    found = [dated[i.start : i.end] for i in finder.find(dated) if i.kind in kinds]
    assert found == ["2021年1月2日"]
