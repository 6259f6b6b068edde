"""Notes that are hard to read: broken in words and numbers, tables, entities, unseen characters."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest

from text.components import findings as package
from text.components import sections
from text.components.tables import with_tables_read
from text.model.rules import rules_pipeline


@pytest.fixture(scope="module")
def read():
    """Return a function that reads a text's findings, each with its evidence at its place."""
    nlp = rules_pipeline()

    def run(text: str) -> list[tuple]:
        doc = nlp(text)
        for finding in doc._.findings:
            assert text[finding["start"] : finding["end"]] == finding["text"]
        return [
            (f["name"], f["value"], f["certainty"], f["text"])
            for f in doc._.findings
            if f["name"] != "hematoma_count"
        ]

    return run


@pytest.mark.parametrize(
    ("text", "name", "value", "evidence"),
    [
        ("右侧基底&#33410;区出血", "hematoma_site", "basal_ganglia", "右侧基底&#33410;区"),
        ("右侧丘脑出血，约&#49;4ml", "hematoma_volume", 14, "&#49;4ml"),
        ("GCS&#x3a;13分", "gcs", 13, "GCS&#x3a;13分"),
        ("血&zwj;压180/100mmHg", "blood_pressure", [180, 100], "180/100mmHg"),
        ("血压&amp;gt;180/100mmHg", "blood_pressure", [180, 100], "180/100mmHg"),
        ("右侧丘脑出⾎，约14㎖", "hematoma_volume", 14, "14㎖"),
        ("右侧丘脑出⾎", "hematoma", None, "右侧丘脑出⾎"),
        ("中线左移3㎜，⾼⾎压", "midline_shift", 3, "中线左移3㎜"),
        ("中\u200b线左\u200b偏1\u200b2mm", "midline_shift", 12, "中\u200b线左\u200b偏1\u200b2mm"),
    ],
)
def test_characters_written_otherwise_are_read_and_evidence_is_whole(
    read, text: str, name: str, value: object, evidence: str
) -> None:
    found = {found[0]: found[1:] for found in read(text)}
    assert found[name] == (value, "affirmed", evidence)


@pytest.mark.parametrize("text", ["A&B;C 血压180/100mmHg", "&gcs; 血压180/100mmHg", "R&D;"])
def test_what_only_looks_like_an_entity_stays(read, text: str) -> None:
    assert [found[3] for found in read(text)] == (["180/100mmHg"] if "血压" in text else [])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("右侧丘脑出血约1 4 m l", "hematoma_volume"),
        ("右侧丘脑出血，出血量约3\n4ml", "hematoma_volume"),
        ("年龄：6\n2岁", "age"),
        ("GCS评分1\n3分", "gcs"),
        ("NIHSS 1\n2分", "nihss"),
        ("血小板21\n0×10^9/L", "platelets"),
        ("INR 1\n.02", "inr"),
        ("血压180/1\n00mmHg", "blood_pressure"),
    ],
)
def test_half_of_a_number_is_no_value(read, text: str, wrong: str) -> None:
    assert wrong not in {found[0] for found in read(text)}


def test_numbers_go_on_over_lines_where_words_do(read) -> None:
    text = "头颅CT示右侧基\n底节区出血，约1\n4ml。GCS评分1\n3分。"
    found = {found[0]: found[1:] for found in read(text)}
    assert found["hematoma_volume"] == (14, "affirmed", "1\n4ml")
    assert found["gcs"] == (13, "affirmed", "GCS评分1\n3分")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("年龄：62\n1. 高血压", "age", 62),
        ("NIHSS 12\n30ml", "nihss", 12),
        ("血压180/100\n80次/分", "blood_pressure", [180, 100]),
        ("血小板 210 10^9/L 125-350", "platelets", 210),
    ],
)
def test_two_numbers_are_not_joined(read, text: str, name: str, value: object) -> None:
    assert (name, value) in [found[:2] for found in read(text)]


TABLE = (
    "项目\t结果\t单位\t参考范围\n血压\t180/100\tmmHg\t90-140/60-90\n"
    "血小板\t210\t10^9/L\t125-350\nINR\t1.02\t\t0.8-1.2\n出血量\t14\tml\t\n"
)


@pytest.mark.parametrize("separator", ["\t", " | ", "｜"])
def test_a_table_gives_its_results_and_no_reference(read, separator: str) -> None:
    found = read(TABLE.replace("\t", separator))
    assert sorted(one[:2] for one in found if one[1] is not None) == [
        ("blood_pressure", [180, 100]),
        ("hematoma_volume", 14),
        ("inr", 1.02),
        ("platelets", 210),
    ]


def test_yes_and_no_belong_to_the_cell_before_them(read) -> None:
    rows = "| 高血压 | 无 | 吸烟史 | 有 |\n| 糖尿病 | 有 | 饮酒史 | 无 |"
    found = {found[0]: found[2] for found in read(rows)}
    assert found == {"hypertension": "negated", "smoking": "affirmed", "drinking": "negated"}


@pytest.mark.parametrize("text", ["a|b", "左|右", "", "\t", "|\n|", "姓名\t\n", "a\tb\r\n|c|d|"])
def test_a_table_stays_as_long_as_it_is(text: str) -> None:
    assert len(with_tables_read(text)) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "右侧丘脑出血" + "上" * 60,
        "吸烟" + "前" * 60,
        "吸烟" + "年前" * 40,
        "混合征" * 200,
        "中度" * 500 + "脑积水",
        "左额叶" + "皮质下" * 200,
    ],
)
def test_repeated_words_are_read_to_the_end(read, text: str) -> None:
    read(text)  # of the first three, older patterns took for ever


def _patterns(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _patterns(one)


def _modules() -> list[types.ModuleType]:
    names = [m.name for m in walk_packages(package.__path__, f"{package.__name__}.")]
    return [sections, *map(import_module, names)]


def test_no_pattern_repeats_without_end_what_repeats_without_end() -> None:
    # (?:a+b?)* can part a row of a's in so many ways that trying them never ends.
    if sys.version_info < (3, 11):
        pytest.skip("re has no parser of that name")
    parser = import_module("re._parser")

    def parts(node) -> Iterator[tuple[int, object]]:
        """Yield the most times that something of a pattern may stand there, and the something."""
        for op, value in node:
            if str(op) in ("MAX_REPEAT", "MIN_REPEAT"):
                yield value[1], value[2]
                yield from parts(value[2])
            elif str(op) in ("SUBPATTERN", "ASSERT", "ASSERT_NOT"):
                yield from parts(value[-1])
            elif str(op) == "BRANCH":
                for one in value[1]:
                    yield from parts(one)

    def nested(node) -> bool:
        return any(
            times == parser.MAXREPEAT and any(inner >= 6 for inner, _ in parts(what))
            for times, what in parts(node)
        )

    found = [
        f"{module.__name__}.{name}"
        for module in _modules()
        for name, value in vars(module).items()
        for pattern in _patterns(value)
        if nested(parser.parse(pattern.pattern, pattern.flags))
    ]
    assert found == []
