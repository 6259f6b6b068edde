"""What checks and readers say in English stands in Chinese on a page in Chinese."""

from __future__ import annotations

import ast
import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from hich.report.messages import CheckSentence, Message
from hich.report.model.case import CaseReport
from hich.report.model.masks import CaseVoxels
from hich.report.pages.words import Words
from hich.report.pages.write import render_case
from hich.report.strings.said import in_chinese, kinds, problem_in_chinese, sentences

ENGLISH = re.compile(r"[A-Za-z]{2,}[,;:]? (?:[a-z]{2,}[,;:]? )*[a-z]{2,}")
"""Two words in a row."""


def literals(root: Path) -> str:
    """Return the texts that stand in the code that looks at files and scans."""
    found: list[str] = []
    for folder in ("cohort", "imaging", "text"):
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append(node.value)
    texts = [
        path.read_text("utf-8") for path in (root / "imaging" / "pretrained").glob("*/*/*.json")
    ]
    return "\n".join(found + texts)


def test_every_sentence_is_one_that_the_code_says(root: Path) -> None:
    said = literals(root)
    # Advice that ends several sentences stands apart in the code.
    parts = {part for one in sentences() for part in re.split(r"{\w+}|[;,:.] | \(|\)", one)}
    assert [part for part in parts if part.strip(" .?,;:()") not in said] == []


def test_places_in_chinese_are_places_in_english() -> None:
    for english, chinese in sentences().items():
        assert set(re.findall(r"{\w+}", chinese)) <= set(re.findall(r"{\w+}", english)), english
        assert re.search(r"[\u4e00-\u9fff]", chinese) or chinese == "{a}", english
        assert not ENGLISH.search(chinese.replace("rescale intercept", "")), chinese


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("shows metal in slices 15 to 16: its streaks hide blood and look like it, so that volumes "
         "and midline shift may be wrong there.", "第 15 至 16 层有金属伪影"),
        ("its slices lie 1.08 to 7 mm apart; each stands for the space half way to its neighbours.",
         "层间距 1.08 至 7 mm，每层代表到相邻层中点的范围"),
        ("Taken by --force: reaches over 612 mm, more than a head.", "扫描长 612 mm，超过头颅"),
        ("Taken by --force: is nothing that is known.", None),
        ("shows metal in quite another way: its streaks hide blood.", None),
    ],
)  # fmt: skip
def test_sentences_keep_their_numbers(english: str, chinese: str | None) -> None:
    assert in_chinese(english) == chinese


@pytest.mark.parametrize(
    ("problem", "file", "what"),
    [
        ("a b/ct.nii.gz: no such file.", "a b/ct.nii.gz", "没有此文件"),
        ("n.txt, line 3: holds a NUL byte, so it is not text; save it as UTF-8 (or GB18030).",
         "n.txt（第 3 行）", "含有 NUL 字节，不是文本；请另存为 UTF-8（或 GB18030）"),
        ("ge: holds no series 1.2, but:\n  series 2: axial", "ge", None),
    ],
)  # fmt: skip
def test_problems_name_their_file(problem: str, file: str, what: str | None) -> None:
    assert problem_in_chinese(problem) == (file, what)


def test_a_page_in_chinese_has_no_sentence_in_english(
    case: CaseReport, volumes: CaseVoxels
) -> None:
    what = "cannot be said in any other words than these."
    said = [CheckSentence(kind, what) for kind in (*kinds(), "of tomorrow")]
    said += [CheckSentence("values", example) for example in sentences()]
    notes = [
        *(Message("note.of_scan", {"what": one}) for one in said),
        Message("note.cannot_be_told", {"structure": "edema", "what": said[0]}),
        Message("note.damaged", {"what": f"ct.nii.gz: {what}"}),
        Message("note.other_grid", {"what": "has 4×4×4 voxels, the image 5×5×5"}),
        Message("follow.refused", {"what": f"ct.nii.gz: {what}"}),
    ]
    refused = {"ct": (f"ct.nii.gz: {what}",), "record": ("n.txt: is empty; name the file.",)}
    odd = replace(case, notes=tuple(notes), refused=refused, text=None, findings=())
    page = render_case(odd, volumes, "zh")
    shown = re.sub(r"(?s)<(script|style)\b.*?</\1>", "", page)
    text = html.unescape(re.sub(r"<[^>]+>", "\n", shown))
    names = ("rescale intercept", "research use")  # none of them a sentence
    found = [
        line for line in text.splitlines() if ENGLISH.search(re.sub("|".join(names), "", line))
    ]
    assert found == []
    assert "ct.nii.gz：无法使用" in text
    assert ENGLISH.search(Words("en").say(notes[0]))
