"""Notes of people who don't exist, with what says who they are marked: 30 layouts.

The people, places and numbers stand in this file; the component that is tested reads other lists.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import NamedTuple

PEOPLE = [
    "张志远",
    "王秀兰",
    "李国栋",
    "赵丽华",
    "欧阳振华",
    "诸葛瑾瑜",
    "高峰",
    "白雪",
    "黄河",
    "江山",
    "常青",
    "买买提·吐尔逊",
    "古丽娜尔·阿不都",
    "阿依古丽·艾山",
    "司徒文静",
    "谌红梅",
    "逄锦鹏",
    "郜建设",
    "仝小军",
    "牟春花",
    "亓福来",
    "笪学文",
    "冼玉珍",
    "麦家驹",
    "区桂芳",
    "尉迟敬德",
    "周大勇",
    "吴桂英",
    "郑秋菊",
    "冯德彪",
    "褚遂良",
    "卫青山",
    "蒋介民",
    "沈从周",
    "韩梅芳",
    "杨柳青",
    "朱自清明",
    "秦叔宝珍",
    "许仙桃",
    "何秋霞",
    "吕品田",
    "施耐寒",
    "孔繁荣",
    "曹雪琴",
    "严寒松",
    "金玉满",
    "魏建军",
    "陶行之",
    "姜太平",
    "戚继业",
    "谢晚晴",
    "邹韬奋",
    "喻国强",
    "柏子仁",
    "水淼",
    "窦尔墩",
    "章子涵",
    "云中鹤",
    "苏东升",
    "潘长江",
    "葛优才",
    "奚美娟",
]
PEOPLE = [p for p in PEOPLE if len(p) != 4 or p[:2] in ("欧阳", "诸葛", "司徒", "尉迟")]
STREETS = [
    "中山东路",
    "人民南街",
    "长虹大道",
    "梧桐巷",
    "石榴园胡同",
    "望江路",
    "学府街",
    "滨河大道",
]
TOWNS = [
    "四川省绵阳市涪城区",
    "江苏省盐城市大丰区",
    "湖北省荆州市公安县",
    "山东省临沂市沂水县",
    "浙江省金华市义乌市",
    "河南省周口市沈丘县",
    "广东省梅州市五华县",
    "云南省大理白族自治州祥云县",
]
VILLAGES = ["青龙镇柳树村", "白马乡石桥村", "红旗镇王家屯", "三河口镇上河村", "大王庄镇后寨村"]
HOSPITALS = [
    "绵阳市中心医院",
    "盐城市第三人民医院",
    "公安县人民医院",
    "沂水县中医医院",
    "义乌市妇幼保健院",
    "武汉大学人民医院",
    "青龙镇卫生院",
    "复旦大学附属华山医院",
    "解放军第九八一医院",
    "广州医科大学附属第二医院",
]
WORK = [
    "绵阳长虹电器股份有限公司",
    "盐城第二棉纺厂",
    "沂水县实验小学",
    "义乌小商品城商贸公司",
    "荆州市公安局",
    "江汉大学",
]
BODY = (
    "突发右侧肢体无力伴言语不清3小时。既往高血压病史10年，血压最高180/110mmHg。查体：神志清楚，双侧瞳孔等大等圆，直径约3mm，"
    "对光反射灵敏，左侧肢体肌力5级，右侧肢体肌力3级。头颅CT示左侧基底节区高密度影，出血量约25ml。予降压、脱水治疗，华法林停用。"
)
TRADITIONAL = str.maketrans(
    "张国赵丽华欧阳诸葛黄买孙娜尔区尉迟郑冯卫蒋韩杨许严玉满军戚业谢邹韬强窦云鹤苏东长优美姓龄岁电话联系号码医师记录单证院检县镇乡门诊为",
    "張國趙麗華歐陽諸葛黃買孫娜爾區尉遲鄭馮衛蔣韓楊許嚴玉滿軍戚業謝鄒韜強竇雲鶴蘇東長優美姓齡歲電話聯繫號碼醫師記錄單證院檢縣鎮鄉門診為",
)


class Person(NamedTuple):
    """What a note may tell of its people."""

    name: str
    relative: str
    doctor: str
    chief: str
    sex: str
    age: str
    record: str
    card: str
    phone: str
    address: str
    hospital: str
    work: str
    mail: str
    dates: tuple[str, str, str]


class Marked(NamedTuple):
    """A note, and where identities are in it: start, end, kind."""

    text: str
    spans: list[tuple[int, int, str]]
    layout: int


def person(random_: random.Random) -> Person:
    """Return somebody who doesn't exist."""

    def digits(count: int) -> str:
        return "".join(random_.choice("0123456789") for _ in range(count))

    def mark(kind: str, text: str) -> str:
        return f"⟦{kind}:{text}⟧"

    names = random_.sample(PEOPLE, 4)
    year, month, day = random_.randint(2012, 2024), random_.randint(1, 12), random_.randint(1, 26)
    forms: tuple[Callable[[int], str], ...] = (
        lambda d: f"{year}年{month}月{d}日",
        lambda d: f"{year}-{month:02d}-{d:02d}",
        lambda d: f"{year}.{month}.{d}",
        lambda d: f"{year}/{month:02d}/{d:02d}",
        lambda d: f"{month}月{d}日",
    )
    form = random_.choice(forms)
    place = random_.choice(TOWNS)
    if random_.random() < 0.5:
        place += random_.choice(VILLAGES) + f"{random_.randint(1, 12)}组"
    else:
        place += (
            random_.choice(STREETS)
            + f"{random_.randint(1, 300)}号{random_.randint(1, 20)}栋{random_.randint(101, 999)}室"
        )
    age = random_.randint(45, 97)
    dates = tuple(mark("DATE", form(day + n)) for n in range(3))
    return Person(
        *(mark("NAME", name) for name in names),
        random_.choice("男女"),
        mark("AGE", f"{age}岁") if age > 89 else f"{age}岁",
        mark("NUMBER", random_.choice(("", "ZY", "00")) + digits(8)),
        mark(
            "NUMBER",
            f"51070219{random_.randint(30, 75)}{random_.randint(1, 12):02d}{random_.randint(1, 28):02d}{digits(3)}X",
        ),
        mark("PHONE", f"1{random_.choice('35789')}{digits(9)}"),
        mark("ADDRESS", place),
        mark("HOSPITAL", random_.choice(HOSPITALS)),
        mark("EMPLOYER", random_.choice(WORK)),
        mark("CONTACT", f"{random_.choice(('lihua', 'wangq', 'zhao'))}{digits(4)}@163.com"),
        dates,  # type: ignore[arg-type]
    )


def _form(p: Person, colon: str, gap: str) -> str:
    return gap.join(
        f"{head}{colon}{value}"
        for head, value in (
            ("姓名", p.name),
            ("性别", p.sex),
            ("年龄", p.age),
            ("住院号", p.record),
            ("身份证号", p.card),
            ("联系电话", p.phone),
            ("现住址", p.address),
            ("工作单位", p.work),
            ("入院日期", p.dates[0]),
        )
    )


LAYOUTS: tuple[Callable[[Person], str], ...] = (
    lambda p: _form(p, "：", "\n") + f"\n现病史：{BODY}\n主治医师：{p.doctor}",
    lambda p: _form(p, ":", "  ") + f"\n{BODY}\n医师签名：{p.doctor}/{p.chief}",
    lambda p: _form(p, "： ", " ") + f" {BODY}",
    lambda p: _form(p, " ", "\t") + f"\n{BODY}",
    lambda p: (
        f"患者{p.name}，{p.sex}，{p.age}，因“肢体无力3小时”于{p.dates[0]}入院。{BODY}{p.chief}主任医师查房后指示继续降压。"
    ),
    lambda p: (
        f"{p.name}，{p.sex}，{p.age}。{p.dates[0]}就诊于{p.hospital}，{p.dates[1]}转入我院。{BODY}"
    ),
    lambda p: f"{p.name} {p.sex} {p.age} 神经外科\n{BODY}\n{p.dates[0]} {p.doctor}医师",
    lambda p: f"患者家属（{p.relative}）代诉：{BODY}其子{p.chief}签字同意手术，电话{p.phone}。",
    lambda p: f"姓 名：{p.name}  性 别：{p.sex}  年 龄：{p.age}\n住 院 号：{p.record}\n{BODY}",
    lambda p: f"姓名|性别|年龄|住院号|电话\n{p.name}|{p.sex}|{p.age}|{p.record}|{p.phone}\n{BODY}",
    lambda p: f"姓名\t性别\t年龄\t入院日期\n{p.name}\t{p.sex}\t{p.age}\t{p.dates[0]}\n{BODY}",
    lambda p: (
        f"【一般资料】{p.name}，{p.sex}，{p.age}，家住{p.address}，退休前在{p.work}工作。【现病史】{BODY}"
    ),
    lambda p: (
        f"入院记录\n患者姓名：{p.name}\n病史陈述者：{p.relative}（患者之女）\n可靠程度：可靠\n{BODY}\n记录者：{p.doctor}"
    ),
    lambda p: (
        f"{p.dates[0]} 10:20 {p.chief}主任查房记录\n今日{p.chief}主任查房，{BODY}\n{p.doctor}"
    ),
    lambda p: (
        f"会诊单\n请神经内科{p.chief}副主任医师会诊。患者{p.name}，{p.sex}，{p.age}。{BODY}申请医师：{p.doctor} {p.dates[1]}"
    ),
    lambda p: (
        f"手术记录\n患者：{p.name}\n术者：{p.chief}  助手：{p.doctor}\n手术日期：{p.dates[0]}\n{BODY}"
    ),
    lambda p: (
        f"出院小结：{p.name}，住院号{p.record}，{p.dates[0]}入院，{p.dates[2]}出院。{BODY}随访电话：{p.phone}"
    ),
    lambda p: (
        f"放射科报告单 检查号：{p.record} 姓名：{p.name} {p.sex} {p.age} 检查日期：{p.dates[0]}\n头颅CT平扫：左侧基底节区高密度影。\n报告医师：{p.doctor} 审核医师：{p.chief}"
    ),
    lambda p: f"联系人：{p.relative}，关系：妻，手机：{p.phone}，邮箱：{p.mail}。\n{BODY}",
    lambda p: (
        f"患者系{p.work}职工，{p.dates[0]}在单位突发头痛，由同事{p.relative}送至{p.hospital}。{BODY}"
    ),
    lambda p: (
        f"主诉：肢体无力3小时。\n{BODY}\n既往于{p.hospital}行阑尾切除术。籍贯：{p.address}。医生：{p.doctor}"
    ),
    lambda p: (
        f"知情同意书：患者{p.name}（身份证号：{p.card}）及其家属{p.relative}（电话：{p.phone}）已了解病情。签名：{p.relative} 日期：{p.dates[0]}"
    ),
    lambda p: f"Name: {p.name}  Sex: {p.sex}  Age: {p.age}  Patient ID: {p.record}\n{BODY}",
    lambda p: f"姓名:{p.name};性别:{p.sex};年龄:{p.age};电话:{p.phone};地址:{p.address};\n{BODY}",
    lambda p: f"{BODY}\n\n经治医师：{p.doctor}\n上级医师：{p.chief}\n{p.dates[0]}",
    lambda p: f"<p>姓名：<b>{p.name}</b></p><p>住院号：{p.record}</p><p>{BODY}</p>",
    lambda p: (
        f"姓名：{p.name}，性别：{p.sex}，年龄：{p.age}。{p.dates[0]}由{p.hospital}转入。{BODY}护士：{p.doctor}"
    ),
    lambda p: (
        f"1.患者{p.name}，{p.sex}性，{p.age}。2.{BODY}3.{p.dates[1]}复查头颅CT。4.请示{p.chief}主任医师。"
    ),
    lambda p: f"姓名：{p.name}　性别：{p.sex}　年龄：{p.age}　住院号：{p.record}\n{BODY}",
    lambda p: (
        f"患者姓名：{p.name}\n联系电话：{p.phone}\n住址：{p.address}\n{BODY}\n值班医师：{p.doctor}"
    ),
)
OCR, OLD = 29, 28
"""Layouts whose lines are broken anywhere, and whose characters are traditional."""
_MARK = re.compile(r"⟦([A-Z]+):([^⟧]*)⟧")


def notes(count: int = 210, seed: int = 7) -> list[Marked]:
    """Return notes, the layouts one after the other."""
    random_ = random.Random(seed)
    return [_made(random_, n % len(LAYOUTS)) for n in range(count)]


def _made(random_: random.Random, layout: int) -> Marked:
    filled = LAYOUTS[layout](person(random_))
    if layout == OLD:
        filled = filled.translate(TRADITIONAL)
    pieces: list[str] = []
    spans, last, length = [], 0, 0
    for match in _MARK.finditer(filled):
        kept = filled[last : match.start()]
        pieces += [kept, match[2]]
        length += len(kept)
        spans.append((length, length + len(match[2]), match[1]))
        length += len(match[2])
        last = match.end()
    text = "".join([*pieces, filled[last:]])
    return _broken(random_, text, spans, layout) if layout == OCR else Marked(text, spans, layout)


def _broken(
    random_: random.Random, text: str, spans: list[tuple[int, int, str]], layout: int
) -> Marked:
    """Break a note's lines after every 18 to 24 characters, as OCR of a narrow column does."""
    at, breaks = 0, []
    while (at := at + random_.randint(18, 24)) < len(text):
        breaks.append(at)
    broken = "".join("\n" * (n in set(breaks)) + c for n, c in enumerate(text))

    def place(position: int) -> int:
        return position + sum(one <= position for one in breaks)

    return Marked(broken, [(place(s), place(e - 1) + 1, k) for s, e, k in spans], layout)
