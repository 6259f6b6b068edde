"""Who the patient is: age and sex."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....sought import Sought
from ...bounds import bounded
from ...chinese_numbers import FIRST, NUMBER, number, whole

if TYPE_CHECKING:
    from ...reading import Finding, Reading

_AGE = Sought(
    r"[0-9零一二两三四五六七八九十百半](?<![\d.]\d)"
    r"(?=[\d零一二两三四五六七八九十百半点.]{0,9}(?:[余+]?周?岁| ?y|[ \-]y|/?[mf男女])"
    r"|(?<=[男女].)\d)"
    r"|[女男](?=[性童婴,\d /])|年龄|[虚实]岁|现年|age|[mf]/|[ ,/](?<=[男女].)",
    rf"{FIRST}(?P<years>{NUMBER}(?=[余+]?周?岁| ?y(?:o|rs?)?(?![a-z])|[ \-]years?[ \-]old)|"
    rf"\d{{1,3}}(?=/[mf男女](?![a-z])))"
    r"(?:[余+]?周?岁| ?y(?:o|rs?)?(?![a-z])|[ \-]years?[ \-]old)?"
    r"(?P<half>半)?(?:余|多)?"
    rf"(?:零?(?P<months>\d{{1,2}})个?月)?"
    rf"|(?:女|男)[性童婴]?,?(?P<only>\d{{1,2}})个?月(?:龄|(?=[,。;]))"
    rf"|(?:年龄|虚岁|实岁|现年|(?<![a-z])age)[:= ]{{0,2}}(?P<bare>{NUMBER})(?![\d岁个月零一二三四"
    rf"五六七八九十百])"
    # 男 45, M/65: right after the sex, with nothing that it counts
    r"|(?P<plain3>(?:(?<=\n)|(?<=床)|(?<=床 )|^)[1-9]\d(?=[mf][ ,;。]))"
    r"|(?<=[男女])[ ,/]?(?P<plain>[1-9]\d)(?=[ ,;。\n)|]|$|(?<=/\d\d)[突头昏意左右言因])"
    r"|(?<![a-z])[mf]/(?P<plain2>[1-9]\d)(?=[ ,;。\n)|突头昏意左右言因]|$)",
    needs=("岁", "月", "年龄", "现年", "男", "女", "age", "m", "f", "y"),
)
_NOT_NOW = re.compile(
    r"时|起|开始|结婚|初婚|绝经|(?:月经)?初潮|去世|病故|死|生育|因(?=[^,。;\n]{0,16}(?:去世|病故|"
    r"死|亡|逝))|患(?![者儿])"
    r"|前|以[上下前后来]|至|发病"
)
_MISTAKEN = re.compile(r"(?:为|系|是|属|记录)*(?:有误|错误|误[录写记]|笔误|录入错)")
_OTHER_AGE = re.compile(
    r"(?:[父母妻夫兄弟姐妹]|误[录写记]为?|错[录写记]为?|儿子|女儿|子女|[一二两三\d][子女])[、,]?$|"
    r"(?:初潮|绝经|结婚)[^,]{0,4}$|于$|育有?"
)
_SEX = re.compile(
    # What stands before is looked at afterwards: a pattern that starts with a character is quick.
    r"[男女](?:(?<=性别.)(?P<field>)|(?<=性别:.)(?P<field2>)"
    r"|(?:(?<=^.)|(?<=[,。;\n :(/\-|年岁余系的该名位oy】\]].)|(?<=患者.)|(?<=患儿.)|(?<=患者为.))"
    r"(?P<sex>)(?:性|童|婴|患|(?=[,。;\n /)、\-|]|$|\d|[一二三四五六七八九]))"
    r"|(?P<before_age>)(?=[,/]?\d{1,3}周?岁)"
    r"|(?P<title>)士(?=[,、(\d])"
    r"|(?P<named>)(?:性|(?=[,、 /]?\d|,)))"
)
_NAMED = re.compile(r"(?:患者|患儿|病人|病员|伤员|姓名)[^,。;\n]{1,6},?$")
_ENGLISH_SAID = re.compile(r"male|man|sex|性别")
_IN_ENGLISH = re.compile(
    r"(?P<english>(?<![a-z])(?:(?:fe)?male|(?<=/o )(?:wo)?man|(?<=old )(?:wo)?man)(?![a-z])|"
    r"(?<=sex[: ])[mf](?![a-z])|"
    r"(?<=sex: )[mf](?![a-z])|"
    r"(?<=性别)[mf](?![a-z])|(?<=性别[: ])[mf](?![a-z])|(?<=性别: )[mf](?![a-z]))"
)
_LETTER = Sought(
    r"[mf](?:(?<=[岁yros \d,/].)(?![a-z0-9])|(?=[,/ ]))|[♂♀]",
    r"(?P<letter>[mf])(?<![a-z].)(?:[,/ ] ?(?=\d{1,3} ?(?:岁|y))"
    r"|/(?=\d\d(?:[ ,;。)突头昏意左右言因]|$)))"
    r"|(?P<after_age>[mf])(?<=[岁yros \d,/].)(?![a-z0-9])|(?P<sign>[♂♀])",
)
_MISTER = Sought(
    r"[先大老阿婆孕产]",
    r"(?:(?P<mister>先生|大[爷叔伯]|老[伯汉]|阿[公伯])|(?P<madam>老太太?|大[妈娘]|阿[姨婆]|婆婆|"
    r"[孕产]妇))(?=[,、(\d])",
    needs=("先生", "大爷", "大叔", "大伯", "老", "阿", "大妈", "大娘", "婆婆", "妇"),
)
_NAME_BEFORE = re.compile(r"(?:^|[,。;\n :者人]).?$")
_AGE_BEFORE = re.compile(r"\d ?(?:岁|y(?:o|rs?)?)[ ,/]{0,2}$|(?<![\d.])\d\d/$|(?:^|\n|床 ?)\d\d$")
_OF_CHILDREN = re.compile(
    r"育|[子孙侄长次幼养独]$|生|孕|产(?![科妇后房])|[一二三四两\d][男女]?[、,]?[一二三四两\d]?$"
)
_AGE_NEXT = re.compile(r"[男女]性?[ ,/]{0,3}\d{1,3}岁")
"""The head of a record of an operation names sex and age: 男 64岁."""
COURSE = ("chief_complaint", "present_illness", "preamble", "other", None)
"""Sections that tell of the patient and of this illness."""


def find(record: Reading) -> Iterator[Finding]:
    """Find age (years) and sex."""
    yield from _ages(record)
    yield from _sexes(record)


def _ages(record: Reading) -> Iterator[Finding]:
    for match in _AGE.finditer(record.text):
        start, end = match.span()
        if record.section(start) in ("past_history", "personal_history"):
            continue
        clause = record.text[max(0, start - 8) : start]
        clause = re.split(r"[。;\n]", clause)[-1]
        if record.of_others(start, end) or _OTHER_AGE.search(clause):
            continue
        if _NOT_NOW.match(record.text, end) or _MISTAKEN.match(record.text, end):
            continue
        years = (
            number(
                match["years"]
                or match["bare"]
                or match["plain"]
                or match["plain2"]
                or match["plain3"]
                or ""
            )
            if not match["only"]
            else 0.0
        )
        if years is None or years > 120:
            continue
        months = int(match["months"] or match["only"] or 0) + (6 if match["half"] else 0)
        value = whole(round(years + months / 12, 2))
        if match["only"]:
            start = match.start("only")
        bound = bounded(record.text, start, end).sign
        yield record.finding("age", start, end, value, "years", bound=bound)


def _sexes(record: Reading) -> Iterator[Finding]:
    for match in (
        *_SEX.finditer(record.text),
        *_LETTER.finditer(record.text),
        *(_IN_ENGLISH.finditer(record.text) if _ENGLISH_SAID.search(record.text) else ()),
        *_MISTER.finditer(record.text),
    ):
        group, start = match.lastgroup, match.start()
        if group == "after_age" and not _AGE_BEFORE.search(record.text, max(0, start - 8), start):
            continue
        if group in ("mister", "madam") and not _NAME_BEFORE.search(
            record.text[max(0, start - 3) : start]
        ):
            continue
        if group == "named" and not _NAMED.search(record.text, max(0, start - 9), start):
            continue
        if (
            record.section(start) not in COURSE
            and not (group or "").startswith("field")
            and not (record.section(start) == "treatment" and _AGE_NEXT.match(record.text, start))
        ):
            continue
        before = record.text[max(0, start - 6) : start]
        children = group != "after_age" and _OF_CHILDREN.search(before)
        if record.of_others(start, match.end()) or children:
            continue
        if record.text.startswith(("外阴", "外生殖", "型"), match.end()):
            continue
        end = start + (2 if record.text.startswith(("性", "士", "生"), start + 1) else 1)
        sex = "male" if group == "mister" or match[0][0] in "男m♂" else "female"
        yield record.finding("sex", start, end, sex)
