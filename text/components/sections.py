"""A pipeline component that finds the sections of a medical record by their headings.

This file imports spaCy and the standard library only: `spacy package --code
text/components/sections.py` carries it in the wheel, to where this project isn't installed. The
headings stand in `headings.json`; from there they get into the component's configuration and travel
in the pipeline's `config.cfg`, where they can be changed.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import itemgetter
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span

PREAMBLE = "preamble"
"""Label of what stands before the first heading."""

_FILE = Path(__file__).with_name("headings.json")
HEADINGS: dict[str, list[str]] = (
    json.loads(_FILE.read_text(encoding="utf-8")) if _FILE.is_file() else {}
)
"""Section label to the headings that begin it.

Headings in a pipeline's configuration are added to these; those of a label that stands here
replace them, and an empty list takes the label away. A pipeline's wheel has no such file and
needs none: its configuration says them all.
"""

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
    *(
        "史",
        "检查",
        "查体",
        "体检",
        "情况",
        "经过",
        "诊断",
        "意见",
        "计划",
        "资料",
        "报告",
        "所见",
        "印象",
    ),
    *(
        "结论",
        "摘要",
        "讨论",
        "分析",
        "医嘱",
        "评估",
        "方案",
        "结果",
        "查房",
        "会诊",
        "特点",
        "辅检",
        "表现",
    ),
)
"""How headings end: one that isn't listed ends the section before it all the same."""

_SENTENCES = ("患者", "病人", "家属", "其", "否认", "追问", "一般情况")
"""How what only looks like a heading begins."""

_SIMPLIFIED = str.maketrans(
    "檢體經診斷見計畫劃資報結論討醫囑評會點現輔療處電圖學導",
    "检体经诊断见计划划资报结论讨医嘱评会点现辅疗处电图学导",
)
"""What unlisted headings in traditional characters end with."""

_OPENING = "【〔〖［\\[「『<《"
_CLOSING = "】〕〗］\\]」』>》"
_MARK = r"[├└┌│┣┗■●◆★▲▼◇○□※►•·*#=\-—]{0,3}[ \t\u3000]*"
_NUMBER = r"(?:[（(]?[一二三四五六七八九十\d]{1,2}[）)]?[、.．)）]?[ \t\u3000]*)?"


class Sectionizer:
    """Mark the sections of a record in `doc.spans`.

    A heading stands at the start of the record or a line, or after white space or a punctuation
    mark; it is in brackets (`【主诉】`), or a colon follows it (`主诉：`, `1、主 诉:`), or it
    stands at the start of a line and white space, a dash or the line's end follows it. A heading
    that isn't listed counts in brackets, and alone or before a colon at a line's start, where it
    ends as headings do (入院后情况, 会诊意见); its words give it a label, else it is `other`. Each
    section goes from its heading to the next one.

    Parameters
    ----------
    headings
        Section label to its headings.
    spans_key
        Key of the sections in `doc.spans`.
    """

    def __init__(self, headings: dict[str, list[str]], spans_key: str) -> None:
        self.spans_key = spans_key
        self.label_of = {
            re.sub(r"\s", "", h): label for label, variants in headings.items() for h in variants
        }
        self.labels = {*self.label_of.values(), PREAMBLE, OTHER}
        self.pattern = _compile(list(self.label_of)) if self.label_of else None
        self._first = _before_headings(list(self.label_of))

    def __call__(self, doc: Doc) -> Doc:
        """Set `doc.spans[spans_key]`: sections in order, white space at their edges left out."""
        doc.spans[self.spans_key] = list(self._sections(doc))
        return doc

    def _sections(self, doc: Doc) -> Iterator[Span]:
        written = text_of(doc)
        text, at = _seen(written)
        starts = [(0, PREAMBLE)]
        for match in _headings(self._first, self.pattern, text) if self.pattern else ():
            heading = re.sub(r"\s", "", match["name"] or match["spaced"])
            starts.append((match.start("heading"), self.label_of[heading]))
        if self.pattern:
            for start, heading in _unlisted(text):
                if heading not in self.label_of and (label := _label(heading)) in self.labels:
                    starts.append((start, label))
            starts.sort(key=itemgetter(0))
        starts = list(_with_examinations(text, starts))
        if at:
            starts = [(at[start] if start else 0, label) for start, label in starts]
        for (start, label), (end, _) in pairwise([*starts, (len(written), "")]):
            content = written[start:end]
            start += len(content) - len(content.lstrip())
            end -= len(content) - len(content.rstrip())
            if start < end:
                span = doc.char_span(start, end, label=label, alignment_mode="expand")
                if span is not None:
                    yield span


_last: tuple[Doc | None, str] = (None, "")
"""The document that was read last, and its text."""


def text_of(doc: Doc) -> str:
    """Return `doc.text`, put together from its words once for the components of a pipeline."""
    global _last
    found = _last  # another thread may put its own document there meanwhile
    if found[0] is not doc:
        found = _last = doc, _text(doc)
    return found[1]


_MOST_WORDS = 50_000
_words: dict[int, str] = {}
"""Words by their number in spaCy's store, which is the same in every process."""


def _text(doc: Doc) -> str:
    """Return `doc.text`, several times as quickly: its tokens are not made for it."""
    if len(_words) > _MOST_WORDS:
        _words.clear()
    numbers = doc.to_array(["ORTH", "SPACY"])
    spaced = numbers[:, 1].any()
    written = []
    for number in numbers[:, 0].tolist():
        word = _words.get(number)
        if word is None:
            word = _words[number] = doc.vocab.strings[number]
        written.append(word)
    if spaced:
        spaces = numbers[:, 1].tolist()
        written = [
            word + " " if space else word for word, space in zip(written, spaces, strict=True)
        ]
    return "".join(written)


def _headings(
    first: re.Pattern[str], pattern: re.Pattern[str], text: str
) -> Iterator[re.Match[str]]:
    """Yield the headings that are listed, tried only where one can begin."""
    last = 0
    for start in (0, *(mark.end() for mark in first.finditer(text))):
        found = pattern.match(text, start) if start >= last else None
        if found:
            yield found
            last = found.end()


_UNSEEN = re.compile(
    r"[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
    r"|&(?:amp;){0,2}(?P<entity>#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}\d{0,2});"
)


def _seen(text: str) -> tuple[str, list[int]]:
    """Return a text as a reader sees it, and where each of its characters stands.

    Characters without width are left out, entities of HTML are what they stand for. Where there are
    none, the places are left out, too.
    """
    if not _UNSEEN.search(text):
        return text, []
    pieces: list[str] = []
    at: list[int] = []
    last = 0
    for match in _UNSEEN.finditer(text):
        shown = html.unescape(f"&{match['entity']};") if match["entity"] else ""
        shown = shown.replace("\xa0", " ")
        pieces += [text[last : match.start()], shown]
        at += [*range(last, match.start()), *[match.start()] * len(shown)]
        last = match.end()
    return "".join([*pieces, text[last:]]), [*at, *range(last, len(text) + 1)]


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
        rf"(?P<name>{_any_of(headings)})"
        rf"(?:(?(open)[ \t\u3000]*[{_CLOSING}][：:]?|\*{{0,2}}[ \t\u3000]*[：:])"
        r"|(?(first)(?=[\s\-—|│→】>]|\Z)|(?!)))"
        rf"|(?<=[。；;])(?P<spaced>{spaced or '(?!)'})(?=[ \t\u3000])"
        r"))"
    )


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern of words, the longest first: 既往病史 is not read as 既往.

    What words begin with alike stands in it once. White space may part characters, as charts space
    headings out: 主  诉.
    """
    following: dict[str, list[str]] = {}
    for word in dict.fromkeys(words):
        if word:
            following.setdefault(word[0], []).append(word[1:])
    ways = []
    for first, rest in following.items():
        more = _any_of(rest)
        tail = f"[ \\t\\u3000\\xa0]*{more}" if more else ""
        if tail and "" in rest:
            tail = f"(?:{tail})?"
        ways.append(re.escape(first) + tail)
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})" if ways else ""


def _before_headings(headings: list[str]) -> re.Pattern[str]:
    """Return the pattern of what a heading stands after, where one can begin behind it."""
    begin = re.escape("".join(sorted({heading[0] for heading in headings})))
    marks = r"├└┌│┣┗■●◆★▲▼◇○□※►•·*#=\-— \t\u3000（(一二三四五六七八九十\d"
    return re.compile(rf"[\s，,。.；;：:！!？?、”’\"'）)\]】〕>](?=[{marks}{_OPENING}{begin}])")


_NAME = r"[\u4e00-\u9fffA-Z/、及]{2,16}"
_IN_BRACKETS = re.compile(rf"[{_OPENING}][ \t\u3000]*(?P<name>{_NAME})[ \t\u3000]*[{_CLOSING}]")
_AT_LINE = re.compile(
    rf"{_MARK}{_NUMBER}(?P<name>{_NAME})\*{{0,2}}[ \t]*(?:(?P<colon>[：:])|\r?(?:\n|\Z))"
)
_LINE = re.compile(r"\n")


def _unlisted(text: str) -> Iterator[tuple[int, str]]:
    """Yield where headings stand that may not be listed, and their words."""
    for match in _IN_BRACKETS.finditer(text):
        if _ends_as_heading(match["name"]):
            yield match.start(), match["name"]
    first = len(text) - len(text.lstrip())
    for start in (0, *(line.end() for line in _LINE.finditer(text))):
        found = _AT_LINE.match(text, start)
        # A line of its own at the start of the record is its title.
        if found and _ends_as_heading(found["name"]) and (found["colon"] or start > first):
            yield start, found["name"]


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


def make_sections(
    nlp: Language, name: str, headings: dict[str, list[str]], spans_key: str
) -> Sectionizer:
    """Make the component for `nlp.add_pipe("hich_sections")`; see `Sectionizer`."""
    return Sectionizer(headings, spans_key)


# A pipeline's wheel brings its own copy of this file. Where this project is installed too, both
# register the same component, and spaCy refuses the second (E004): the first one stays.
if not Language.has_factory("hich_sections"):
    Language.factory(
        "hich_sections",
        default_config={"headings": HEADINGS, "spans_key": "sections"},
        assigns=["doc.spans"],
        func=make_sections,
    )
