"""A pipeline component that finds the sections of a medical record by their headings.

This file imports spaCy and the standard library only: `spacy package --code text/sections.py`
carries it in the wheel, to where this project isn't installed. Its headings are part of the
component's configuration and travel in the pipeline's `config.cfg`, where they can be changed.
"""

# Without `from __future__ import annotations`: spaCy checks the configuration by the types.
import re
from collections.abc import Iterator
from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc, Span

PREAMBLE = "preamble"
"""Label of what stands before the first heading."""

HEADINGS: dict[str, list[str]] = {
    "chief_complaint": ["主诉", "主要症状", "入院原因", "就诊原因", "代主诉"],
    "present_illness": ["现病史", "现病历", "病史", "现病情况", "病史摘要", "简要病史"],
    "past_history": ["既往史", "既往病史", "重要既往病史", "既往", "既往情况", "过去史", "过敏史"],
    "personal_history": ["个人史", "个人生活史"],
    "marital_history": ["婚育史", "婚姻史", "月经史", "月经婚育史", "生育史"],
    "family_history": ["家族史", "家族病史", "家族遗传史"],
    "physical_examination": [
        *("体格检查", "查体", "入院查体", "体检", "体查", "一般检查", "专科检查", "专科情况"),
        *("神经系统检查", "神经系统查体", "神经系统体格检查", "神经专科查体", "生命体征"),
    ],
    "imaging_report": [
        *("CT报告", "CT检查", "CT", "头颅CT", "头部CT", "颅脑CT", "头颅CT平扫", "头颅CT报告"),
        *("头部CT报告", "颅脑CT报告", "头颅CT检查", "头部CT检查", "颅脑CT检查", "影像学检查"),
        *("影像检查", "影像报告", "影像学报告", "影像学表现", "影像表现", "影像所见", "影像诊断"),
        *("检查所见", "头颅MRI", "头颅磁共振", "MRI报告", "胸部CT", "胸片", "辅助检查"),
    ],
    "ecg_report": ["心电图", "心电图报告", "心电图检查", "ECG", "床旁心电图"],
    "laboratory": [
        *("实验室检查", "化验", "化验检查", "检验", "检验结果", "化验结果", "血常规", "凝血功能"),
    ],
    "diagnosis": [
        *("初步诊断", "入院诊断", "诊断", "目前诊断", "临床诊断", "修正诊断", "最后诊断"),
        *("出院诊断", "确定诊断", "鉴别诊断", "诊断依据"),
    ],
    "treatment": [
        *("诊疗计划", "治疗计划", "诊治计划", "处理", "处置", "处理意见", "诊疗经过", "诊治经过"),
        *("治疗经过", "出院医嘱", "医嘱"),
    ],
}
"""Section label to the headings that begin it.

Headings in a pipeline's configuration are added to these; those of a label that stands here
replace them, and an empty list takes the label away.
"""

_OPENING = "【〔〖［\\[「『<《"
_CLOSING = "】〕〗］\\]」』>》"
_NUMBER = r"(?:[（(]?[一二三四五六七八九十\d]{1,2}[）)]?[、.．)）]?[ \t\u3000]*)?"


class Sections:
    """Mark the sections of a record in `doc.spans`.

    A heading stands at the start of the record or a line, or after white space or a punctuation
    mark; it is in brackets (`【主诉】`), or a colon follows it (`主诉：`, `1、主 诉:`), or it
    stands at the start of a line and white space or the line's end follows it. Each section
    goes from its heading to the next one.

    Parameters
    ----------
    headings
        Section label to its headings.
    spans_key
        Key of the sections in `doc.spans`.
    """

    def __init__(self, headings: dict[str, list[str]], spans_key: str) -> None:
        self.spans_key = spans_key
        self.label_of = {h: label for label, variants in headings.items() for h in variants}
        self.pattern = _compile(list(self.label_of)) if self.label_of else None

    def __call__(self, doc: Doc) -> Doc:
        """Set `doc.spans[spans_key]`: sections in order, white space at their edges left out."""
        doc.spans[self.spans_key] = list(self._sections(doc))
        return doc

    def _sections(self, doc: Doc) -> Iterator[Span]:
        text = doc.text
        starts = [(0, PREAMBLE)]
        for match in self.pattern.finditer(text) if self.pattern else ():
            heading = re.sub(r"\s", "", match["bracketed"] or match["marked"] or match["line"])
            starts.append((match.start("heading"), self.label_of[heading]))
        for (start, label), (end, _) in pairwise([*starts, (len(text), "")]):
            content = text[start:end]
            start += len(content) - len(content.lstrip())
            end -= len(content) - len(content.rstrip())
            if start < end:
                span = doc.char_span(start, end, label=label, alignment_mode="expand")
                if span is not None:
                    yield span


def _compile(headings: list[str]) -> "re.Pattern[str]":
    # The longest first, so that 既往病史 is not read as 既往; charts space headings out: 主  诉.
    longest_first = sorted(headings, key=len, reverse=True)
    any_of = "|".join("[ \\t\\u3000]*".join(map(re.escape, h)) for h in longest_first)
    return re.compile(
        rf"(?:^|(?<=[\s，,。.；;：:！!？?、”’\"'）)\]】〕]))"
        rf"(?P<heading>{_NUMBER}(?:"
        rf"[{_OPENING}][ \t\u3000]*(?P<bracketed>{any_of})[ \t\u3000]*[{_CLOSING}][：:]?"
        rf"|(?P<marked>{any_of})[ \t\u3000]*[：:]"
        rf"|(?:(?<=\n)|\A)(?P<line>{any_of})(?=\s|\Z)"
        r"))"
    )


def make_sections(
    nlp: Language, name: str, headings: dict[str, list[str]], spans_key: str
) -> Sections:
    """Make the component for `nlp.add_pipe("hich_sections")`; see `Sections`."""
    return Sections(headings, spans_key)


# A pipeline's wheel brings its own copy of this file. Where this project is installed too, both
# register the same component, and spaCy refuses the second (E004): the first one stays.
if not Language.has_factory("hich_sections"):
    Language.factory(
        "hich_sections",
        default_config={"headings": HEADINGS, "spans_key": "sections"},
        assigns=["doc.spans"],
        func=make_sections,
    )
