"""Headings of a record's sections: those that are listed, and others that end as they do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from operator import itemgetter

from .sought import any_of

PREAMBLE = "preamble"
"""Label of what stands before the first heading."""

OTHER = "other"
"""Label of a section whose heading isn't listed and tells of nothing that has a label."""

_LABELS = (
    (r"基本|一般资料", PREAMBLE),
    (r"家族|遗传", "family_history"),
    (r"婚|育|月经|孕", "marital_history"),
    (r"(?:吸烟|饮酒|烟酒|冶游|居住|接触|生活|个人|职业|嗜好).*史", "personal_history"),
    (r"鉴别", "differential_diagnosis"),
    (r"[现本]病|发病|起病|病情|特点|病例|摘要|汇报", "present_illness"),
    (r"史", "past_history"),
    (r"心电|ECG", "ecg_report"),
    (r"诊断", "diagnosis"),
    (r"CT|MR|影像|磁共振|辅检|辅助|放射", "imaging_report"),
    (r"化验|检验|实验室", "laboratory"),
    (r"查体|体格|体检|专科|理学", "physical_examination"),
    (r"治疗|诊疗|诊治|处理|处置|手术|医嘱", "treatment"),
)
"""What an unlisted heading tells of: the first whose words stand in it gives the label."""

_ENDS = (
    *("史", "检查", "查体", "体检", "情况", "经过", "诊断", "意见", "计划"),
    *("资料", "报告", "所见", "印象", "结论", "摘要", "讨论", "分析", "医嘱"),
    *("评估", "方案", "结果", "查房", "会诊", "特点", "辅检", "表现", "记录"),
)
"""How headings end: one that isn't listed ends the section before it all the same."""

_SENTENCES = ("患者", "病人", "家属", "其", "否认", "追问", "一般情况")
"""How what only looks like a heading begins."""

_SIMPLIFIED = str.maketrans(
    "檢體經診斷見計畫劃資報結論討醫囑評會點現輔療處電圖學導記錄紀術護",
    "检体经诊断见计划划资报结论讨医嘱评会点现辅疗处电图学导记录记术护",
)
"""What unlisted headings in traditional characters end with."""

_OPENING = "【〔〖［\\[「『<《"
_CLOSING = "】〕〗］\\]」』>》"
_FEW = r"[ \t\u3000]{0,8}"
"""White space between the parts of a heading. Bounded: forms are padded to columns by thousands."""
_MARK = rf"[├└┌│┣┗■●◆★▲▼◇○□※►•·*#=\-—]{{0,3}}{_FEW}"
_GAP = r"[ \t\u3000\xa0]*"
"""What may part the characters of a heading, as charts space them out: 主  诉."""
_NUMBER = rf"(?:[（(]?[一二三四五六七八九十\d]{{1,2}}[）)]?[、.．)）]?{_FEW})?"


class Headings:
    """Finds where the sections of a record start.

    Parameters
    ----------
    label_of
        Headings that are listed, without white space, to the labels of the sections they begin.
    """

    def __init__(self, label_of: dict[str, str]) -> None:
        self._label_of = label_of
        self._labels = {*label_of.values(), PREAMBLE, OTHER}
        self._pattern = _compile(list(label_of)) if label_of else None
        self._before = _before_headings(list(label_of))

    def starts(self, text: str) -> list[tuple[int, str]]:
        """Return where each section starts, and its label; the first one is the preamble."""
        starts = [(0, PREAMBLE)]
        if self._pattern:
            for match in self._listed(self._pattern, text):
                heading = re.sub(r"\s", "", match["name"] or match["spaced"])
                starts.append((match.start("heading"), self._label_of[heading]))
            for start, heading in _unlisted(text):
                if heading not in self._label_of and (label := _label(heading)) in self._labels:
                    starts.append((start, label))
            starts.sort(key=itemgetter(0))
        return list(_with_examinations(text, starts))

    def _listed(self, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
        """Yield the headings that are listed, tried only where one can begin."""
        last = 0
        for start in (0, *(mark.end() for mark in self._before.finditer(text))):
            found = pattern.match(text, start) if start >= last else None
            if found:
                yield found
                last = found.end()


def _compile(headings: list[str]) -> re.Pattern[str]:
    spaced = "|".join(
        re.escape(h)
        for h in sorted(headings, key=len, reverse=True)
        if h.endswith(("查体", "检查"))
    )
    # All headings stand in it once, since compiling them is what loading takes longest for.
    return re.compile(
        rf"(?P<heading>(?:(?:(?<=\n)|\A){_MARK})?{_NUMBER}(?:"
        rf"(?:(?P<open>[{_OPENING}][ \t\u3000]*)|(?P<first>(?<=\n)|\A)|)"
        rf"(?P<name>{any_of(headings, _GAP)})"
        rf"(?:(?(open)[ \t\u3000]*[{_CLOSING}][：:]?|\*{{0,2}}[ \t\u3000]*[：:])"
        r"|(?(first)(?=[\s\-—|│→】>]|\Z)|(?!)))"
        rf"|(?<=[。；;])(?P<spaced>{spaced or '(?!)'})(?=[ \t\u3000])"
        r"))"
    )


_SPACES = r" \t\n\r\f\v\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""White space, character by character: with `\\s` among them a set is looked up more slowly."""


def _before_headings(headings: list[str]) -> re.Pattern[str]:
    """Return the pattern of what a heading stands after, where one can begin behind it."""
    begin = any_of((heading[:2] for heading in headings), _GAP)
    # The first look ahead is at one character, which is quick.
    first = re.escape("".join(sorted({heading[0] for heading in headings})))
    first += rf"├└┌│┣┗■●◆★▲▼◇○□※►•·*#=\-— \t\u3000（(一二三四五六七八九十0-9０-９{_OPENING}"
    return re.compile(
        rf"[{_SPACES}，,。.；;：:！!？?、”’\"'）)\]】〕>]"
        rf"(?=[{first}])(?={_MARK}{_NUMBER}(?:[{_OPENING}]{_FEW})?{begin})"
    )


_NAME = r"[\u4e00-\u9fffA-Z/、及]{2,16}"
_IN_BRACKETS = re.compile(rf"[{_OPENING}][ \t\u3000]*(?P<name>{_NAME})[ \t\u3000]*[{_CLOSING}]")
_AT_LINE = re.compile(
    rf"{_MARK}{_NUMBER}(?P<name>{_NAME})\*{{0,2}}[ \t]*(?:(?P<colon>[：:])|\r?(?:\n|\Z))"
)


def _unlisted(text: str) -> Iterator[tuple[int, str]]:
    """Yield where headings stand that may not be listed, and their words."""
    for match in _IN_BRACKETS.finditer(text):
        if _ends_as_heading(match["name"]):
            yield match.start(), match["name"]
    first = len(text) - len(text.lstrip())
    start = 0
    while start >= 0:
        found = _AT_LINE.match(text, start)
        # A line of its own at the start of the record is its title.
        if found and _ends_as_heading(found["name"]) and (found["colon"] or start > first):
            yield start, found["name"]
        start = text.find("\n", start) + 1 or -1


_OF_OTHER_TIMES = ("past_history", "personal_history", "marital_history", "family_history")
_EXAMINED = re.compile(
    rf"\n{_MARK}{_NUMBER}(?:(?:首测|入院|入室|来院|测|目前|右上肢|左上肢)?(?:血压|BP|Bp)(?!最?高|"
    rf"升|控制|偏|波动|平素|增)"
    r"|生命体征|体温|T[ :：]{0,2}3\d|P[ :：]{0,2}\d\d|脉搏|心率|HR|GCS|NIHSS|双?[侧侧]?瞳孔?|肌力|"
    r"四肢肌力|"
    r"意识[:：清模障昏嗜]|神志|神清|嗜睡|昏迷|查体|查：)"
)


def _with_examinations(text: str, starts: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield where sections start, and where a line without heading begins an examination."""
    for (start, label), (end, _) in pairwise([*starts, (len(text), "")]):
        yield start, label
        if label in _OF_OTHER_TIMES:
            line = _EXAMINED.search(text, start, end)
            if line:
                yield line.start() + 1, "physical_examination"


def _ends_as_heading(name: str) -> bool:
    return name.translate(_SIMPLIFIED).endswith(_ENDS) and not name.startswith(_SENTENCES)


def _label(heading: str) -> str:
    """Return the label of a heading that isn't listed."""
    heading = heading.translate(_SIMPLIFIED)
    for words, label in _LABELS:
        if re.search(words, heading):
            return label
    return OTHER
