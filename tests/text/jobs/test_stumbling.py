"""A record that a pipeline stumbles over is told of, and ends no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from cohort.base.errors import DataError, Problem
from cohort.work.job import PLAIN, Way
from text.annotation import annotate as annotating
from text.model.each import Stumbled, each_doc
from text.reader import Reader

BAD = "坏"


@Language.component("stumbles")
def stumbles(doc: Doc) -> Doc:
    if BAD in doc.text:
        raise RuntimeError(doc.text)
    return doc


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_findings")
    nlp.add_pipe("stumbles")
    return nlp


def test_each_document_or_that_the_pipeline_stumbled(nlp: Language) -> None:
    texts = [BAD, *"甲乙", BAD, *"丙丁戊", BAD]
    for size in (1, 2, 50):
        found = list(each_doc(nlp, texts, size))
        assert [one.kind if isinstance(one, Stumbled) else one.text for one in found] == [
            "RuntimeError" if text == BAD else text for text in texts
        ]
    assert list(each_doc(nlp, [])) == []


def test_what_the_texts_themselves_raise_is_not_caught(nlp: Language) -> None:
    def texts():
        yield "甲"
        raise DataError("unreadable")

    with pytest.raises(DataError, match="unreadable"):
        list(each_doc(nlp, texts()))


def test_a_reader_says_which_record_it_was_and_nothing_of_its_words(nlp: Language) -> None:
    first, second, third = Reader(nlp, {}).pipe(["GCS 8分。", f"{BAD}张三", "GCS 9分。"])
    assert isinstance(second, Problem) and "stumbled" in str(second) and "张三" not in str(second)
    assert [one.findings[0].value for one in (first, third)] == [8, 9]


@pytest.mark.parametrize("way", [PLAIN, Way(resume=True)])
def test_records_beside_it_are_annotated(
    nlp: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    monkeypatch.setattr(annotating, "pipeline_or_rules", lambda *_: nlp)
    for name, text in (("a", "GCS 8分。"), ("b", f"{BAD}张三"), ("c", "GCS 9分。")):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    result = annotating.annotate(None, [tmp_path], tmp_path / "out", way=way)
    assert [problem.partition(":")[0] for problem in result.problems][:1] == ["b"]
    assert "张三" not in "".join(result.problems)
    if way.is_plain:
        lines = (tmp_path / "out" / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["id"] for line in lines] == ["a", "c"]
