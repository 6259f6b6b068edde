"""Records as HTML: marks that overlap, sections, and colours."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from html import unescape
from typing import Any

import pytest

from cohort.tags.scheme import Span
from hich.report.model.case import CaseReport
from hich.report.model.finding import Finding
from hich.report.pages.record import COLOURS, LABELS, colour, legend, record_sections
from tests.conftest import lines_run


def finding(start: int, end: int, text: str) -> Finding:
    return Finding("hematoma", None, None, "affirmed", None, None, start, end, text[start:end])


def pieces(html: str) -> list[tuple[str, str]]:
    """Return class and text of each marked piece."""
    found = re.findall(r'<span class="([^"]*)"[^>]*>([^<]*)</span>', html)
    return [(classes, unescape(text)) for classes, text in found]


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html.replace("<br>", "\n")))


def test_entities_and_evidence_that_overlap_are_cut_where_they_meet() -> None:
    text = "左侧基底节区血肿约29ml。"
    case = CaseReport("x", text=text, spans=(Span(2, 8, "SITE"), Span(8, 13, "VOLUME")))
    evidence = [finding(0, 6, text), finding(6, 13, text)]
    (section,) = record_sections(case, evidence)
    assert plain(section.html) == text
    assert pieces(section.html) == [
        ("e0 evidence", "左侧"),
        ("entity c3 first e0 evidence", "基底节区"),
        ("entity c3 last e1 evidence", "血肿"),
        ("entity c4 first last e1 evidence", "约29ml"),
    ]
    assert re.findall(r'id="evidence-(\d)"', section.html) == ["0", "1"]
    assert re.findall(r'data-label="(\w+)"', section.html) == ["SITE", "VOLUME"]


def test_evidence_within_other_evidence_is_of_both() -> None:
    text = "左侧血肿29ml"
    case = CaseReport("x", text=text)
    (section,) = record_sections(case, [finding(0, 8, text), finding(4, 8, text)])
    assert pieces(section.html) == [("e0 evidence", "左侧血肿"), ("e0 e1 evidence", "29ml")]


@pytest.mark.parametrize("text", ["甲\n乙<b>&amp;\n丙", "\n  开头有空白", "{text}{0}%s"])
def test_text_is_shown_as_it_stands(text: str) -> None:
    case = CaseReport("x", text=text, spans=(Span(1, 3, "AGE"),))
    (section,) = record_sections(case, [])
    assert plain(section.html) == text


def test_sections_hold_all_of_the_text_even_before_the_first() -> None:
    text = "姓名：某\n主诉：头痛\n诊断：脑出血"
    case = CaseReport(
        "x", text=text, sections=(Span(5, 10, "chief_complaint"), Span(11, 17, "diagnosis"))
    )
    sections = record_sections(case, [finding(14, 17, text)])
    assert [s.label for s in sections] == ["chief_complaint", "diagnosis"]
    assert [plain(s.html) for s in sections] == ["姓名：某\n主诉：头痛", "诊断：脑出血"]
    assert pieces(sections[1].html) == [("e0 evidence", "脑出血")]


def test_a_label_has_its_colour_on_every_page() -> None:
    spans = (Span(0, 1, "ZZZ"), Span(1, 2, "GCS"), Span(2, 3, "AGE"), Span(3, 4, "GCS"))
    found = legend(spans)
    assert [(e.label, e.count) for e in found] == [("AGE", 1), ("GCS", 2), ("ZZZ", 1)]
    assert [e.colour for e in found] == [colour(e.label) for e in found]
    assert {colour(label) for label in (*LABELS, "部位", "ZZZ")} <= set(range(COLOURS))


def test_very_many_entities_and_sections_take_no_more_work_than_their_text() -> None:
    def call(times: int) -> Callable[[], list[Any]]:
        text = "主诉：头痛，" * times
        places = range(0, len(text), 6)
        case = CaseReport(
            "x",
            text=text,
            spans=tuple(Span(i + 3, i + 5, "SYMPTOM") for i in places),
            sections=tuple(Span(i, i + 6, "chief_complaint") for i in places),
        )
        return partial(record_sections, case, [finding(i + 3, i + 5, text) for i in places])

    sections = call(1_000)()
    assert [plain(s.html) for s in sections] == ["主诉：头痛，"] * 1_000
    assert pieces(sections[7].html) == [("entity c3 first last e7 evidence", "头痛")]
    # Where each looks through all others, it would be a hundred times.
    assert lines_run(call(1_000)) < 12 * lines_run(call(100))


def test_characters_that_turn_text_around_are_signs() -> None:
    # U+202E turns the text behind it around on the screen: 14ml would read lm41.
    text = "血肿\u202e14ml\x1b"
    case = CaseReport("x", text=text, spans=(Span(2, 7, "VOLUME"),))
    (section,) = record_sections(case, [])
    assert plain(section.html) == "血肿␦14ml␛"


def test_each_of_several_pieces_that_begin_at_one_letter_can_be_led_to() -> None:
    text = "左侧基底节区血肿约29ml。"
    evidence = [finding(3, 10, text), finding(3, 6, text), finding(8, 13, text)]
    (section,) = record_sections(CaseReport("x", text=text), evidence)
    assert sorted(re.findall(r'id="evidence-(\d+)"', section.html)) == ["0", "1", "2"]
    assert plain(section.html) == text
