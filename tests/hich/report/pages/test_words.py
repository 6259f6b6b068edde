"""The table of strings: complete in both languages, and every message can be said."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from cohort.faults import FORCED
from hich.report.compare.rows import ASPECTS
from hich.report.messages import TERMS, VERDICTS, CheckSentence, Kind, Message, parameters
from hich.report.model.comparison import Value
from hich.report.pages.words import Words
from hich.report.strings import LANGUAGES, STRINGS, read_language, said
from imaging.model.folder import METADATA, boxed_model
from imaging.model.learnt import NOT_LEARNT
from text.components.sections import HEADINGS, PREAMBLE

EXAMPLES = {
    **{"ml": 12.34, "mm": 4.56, "percent": 31.4, "count": 2, "term": "left", "": "p/x.json"},
    **{
        "aspects": ["volume", "side"],
        "attributes": ("name", "age"),
        "mls": [12.0, 8.0],
        "values": [Value(5.0, "mm", "left")],
        "training": "generated heads only",
    },
    "said": CheckSentence("spacing", "has a spacing of 1 mm."),
    "problem": "ct.nii.gz: no such file.",
}

MESSAGES = [
    *(key for key in STRINGS if key.split(".")[0] in ("reason", "note", "look", "coverage")),
    *(k for aspect in ASPECTS.values() for k in aspect.words if not k.startswith("reason.")),
]

NEVER_HERE = {"encoding", "repaired tags", "untagged characters", "no entity"}
"""Kinds of notes on records and tags, which the report does not pass on."""


def kinds_of_notes(root: Path) -> set[str]:
    """Return the kinds that stand in the code of what looks at scans and masks."""
    kinds = {FORCED, NOT_LEARNT}
    for folder in ("cohort", "imaging"):
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                found: ast.expr | None = None
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "note":
                    found = node.args[1]
                elif isinstance(node, ast.Call) and (
                    getattr(node.func, "id", "") in ("Doubt", "Remark")
                ):
                    found = node.args[0]
                elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "FileNote":
                    # One that is read again from a file (`*note`) has no kind of its own.
                    found = node.args[1] if len(node.args) > 1 else None
                elif isinstance(node, ast.Dict):
                    pairs = zip(node.keys, node.values, strict=True)
                    found = next((v for k, v in pairs if getattr(k, "value", "") == "kind"), None)
                if isinstance(found, ast.Constant):
                    kinds.add(found.value)
    return kinds - NEVER_HERE


def fields(text: str) -> set[tuple[str, str | None]]:
    """Return the places of a string, and how what goes there is written."""
    return {(name, kind) for _, name, kind, _ in Formatter().parse(text) if name is not None}


def test_the_files_of_both_languages_have_the_same_keys_in_the_same_order() -> None:
    english, chinese = map(read_language, LANGUAGES)
    assert list(english) == list(chinese)


def test_both_languages_have_every_string_with_the_same_places() -> None:
    for key, (english, chinese) in STRINGS.items():
        assert english and chinese, key
        assert fields(english) == fields(chinese), key


def test_chinese_strings_are_chinese() -> None:
    same = {"Dice", "PgUp PgDn", "Home End"}
    for key, (english, chinese) in STRINGS.items():
        words = re.search(r"[a-z]{3}", re.sub(r"{.*?}", "", english))
        assert re.search(r"[\u4e00-\u9fff]", chinese) or not words or english in same, key


def test_every_word_that_the_report_may_say_has_a_string() -> None:
    wanted = {
        *(f"term.{word}" for word in TERMS),
        *(f"aspect.{name}" for name in ASPECTS),
        *(f"verdict.{name}" for name in VERDICTS),
        *(f"section.{name}" for name in (PREAMBLE, *HEADINGS)),
        *(f"missing.{key[5:]}" for key in MESSAGES if key.startswith("note.")),
        *MESSAGES,
    }
    of_the_whole = {f"missing.{name}" for name in ("no_predictions", "no_annotations")} | {
        f"missing.{name}"
        for name in (
            *("no_scores", "no_split", "unknown_predictions", "unknown_annotations"),
            *("not_scored", "masks_not_scored"),
            *("leak", "pairing", "pairing_before", "pairing_after", "trained_on"),
        )
    }
    assert wanted - of_the_whole <= STRINGS.keys()


def test_every_string_that_a_template_asks_for_is_there(root: Path) -> None:
    used: set[str] = set()
    for path in (root / "hich" / "report" / "pages" / "templates").glob("*.html"):
        used |= set(re.findall(r"""\bt\("([a-z_.]+)"[,)]""", path.read_text("utf-8")))
    for path in (root / "hich" / "report").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "words":
                used |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant)}
    assert len(used) > 60
    assert used <= STRINGS.keys()


def test_every_kind_of_note_on_a_scan_can_be_said_in_chinese(root: Path) -> None:
    kinds = kinds_of_notes(root)
    assert {"spacing", "values", "mask place", "clean-up"} <= kinds
    assert kinds <= said.kinds().keys()


def test_what_checks_say_stands_in_chinese_with_its_numbers() -> None:
    sentence = CheckSentence("spacing", "has an unusual spacing, 1×1×30 mm.")
    message = Message("note.of_scan", {"what": sentence})
    assert Words("en").say(message) == "has an unusual spacing, 1×1×30 mm."
    assert Words("zh").say(message) == (
        "层间距或像素间距存疑，而各容积与长度均据此计算（间距 1×1×30 mm）。"
    )
    untold = Message("note.cannot_be_told", {"structure": "midline", "what": sentence})
    assert Words("zh").say(untold).startswith("无法判断脑中线：层间距")
    # A sentence with braces is no pattern.
    odd = Message("note.of_scan", {"what": CheckSentence("values", "holds {0} {x}.")})
    assert Words("zh").say(odd) == "CT 值（HU）异常或被截断，结果可能有误。"


def test_what_the_model_in_the_box_was_trained_on_is_said_in_both_languages() -> None:
    metadata = json.loads((boxed_model() / METADATA).read_text(encoding="utf-8"))
    assert f"trained_on.{metadata['trained_on']}" in STRINGS


@pytest.mark.parametrize("kind", ["", "of tomorrow"])
def test_notes_of_a_kind_that_is_not_known_are_told_of_in_chinese(kind: str) -> None:
    for what, told in (("is odd.", "扫描有提示，原文"), ("no such file.", "没有此文件。")):
        message = Message("note.of_scan", {"what": CheckSentence(kind, what)})
        assert Words("zh").say(message).startswith(told)
        assert Words("en").say(message) == what


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", MESSAGES)
def test_every_message_can_be_said(key: str, lang: str) -> None:
    kinds = parameters(key)
    assert set(kinds.values()) <= {*get_args(Kind), ""}
    values = {name: EXAMPLES[kind] for name, kind in kinds.items()}
    said = Words(lang).say(Message(key, values))  # type: ignore[arg-type]
    assert "{" not in said
    for name, kind in kinds.items():
        shown = {"ml": "12.3 mL", "mm": "4.6 mm", "percent": "31", "count": "2", "": "p/x.json"}
        assert shown.get(kind, "") in said, name


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (Value(29.04, "ml"), "29.0 mL", "29.0 mL"),
        (Value(5.0, "mm", "right"), "5.0 mm, toward the right", "5.0 mm，向右"),
        (Value(30.4, "ml", "present"), "present, 30.4 mL", "有，30.4 mL"),
        (Value(2.0), "2", "2"),
        (Value(30.0, "ml", sign="≥"), "≥ 30.0 mL", "≥ 30.0 mL"),
        (Value(term="absent"), "none", "无"),
        (Value(term="胼胝体"), "胼胝体", "胼胝体"),
        (Value(-0.04, "mm"), "0.0 mm", "0.0 mm"),
        (Value(-3.0, "mm"), "\u22123.0 mm", "\u22123.0 mm"),
        (None, "–", "–"),
    ],
)
def test_values_in_words(value: Value | None, english: str, chinese: str) -> None:
    assert Words("en").value(value) == english
    assert Words("zh").value(value) == chinese


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Value(29.96, "ml"), "29.96 mL"),  # not "30.0 mL", which reaches the limit
        (Value(30.0, "ml"), "30.0 mL"),
        (Value(4.97, "mm", "left"), "4.97 mm, toward the left"),
        (Value(28.96, "ml"), "29.0 mL"),
        (Value(0.04, "ml"), "<0.1 mL"),
        (Value(0.0, "ml"), "0.0 mL"),
    ],
)
def test_what_is_small_or_short_of_a_limit_is_not_rounded_away(value: Value, said: str) -> None:
    assert Words("en").value(value) == said


def test_large_counts_are_written_out() -> None:
    assert Words("en").number(1_234_567) == "1234567"
    assert Words("en").number(0.25) == "0.25"
