"""`Reader`: rules without training, a pipeline's entities with one; a result or a problem each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import spacy

from cohort.base.errors import DataError, Problem, UsageError
from text.annotate import annotate
from text.reader import Reader, ReadRecord

NOTE = "主诉：头痛3小时。\r\nCT：右侧基底节区脑出血，约35ml。"


@pytest.fixture(scope="module")
def rules() -> Reader:
    return Reader.load()


def test_rules_find_sections_and_findings_and_say_that_they_find_no_entities(rules: Reader) -> None:
    record = rules(NOTE)
    assert record.text == NOTE.replace("\r\n", "\n") == record.doc.text
    assert [section.label for section in record.sections] == ["chief_complaint", "imaging_report"]
    found = {finding.name: finding for finding in record.findings}
    assert found["hematoma_volume"].value == 35 and found["hematoma_volume"].side == "right"
    evidence = found["hematoma_volume"]
    assert record.text[evidence.start : evidence.end] == evidence.text
    assert [(code.code, code.certainty) for code in record.icd10] == [("I61.0", "affirmed")]
    assert record.entities == () and set(record.cannot_be_told) == {"entities"}


def test_a_trained_pipeline_gives_what_annotate_writes(pipeline: Path, tmp_path: Path) -> None:
    (tmp_path / "p9.txt").write_bytes(NOTE.encode("gb18030"))
    annotate(str(pipeline), [tmp_path / "p9.txt"], tmp_path / "out")
    (line,) = (tmp_path / "out/annotations.jsonl").read_text(encoding="utf-8").splitlines()
    record = Reader.load(pipeline)(tmp_path / "p9.txt")
    written = json.loads(line)
    assert record.id == "p9" == written["id"] and record.text == written["text"]
    assert [entity.model_dump() for entity in record.entities] == written["spans"]
    assert record.entities[0].text == "头痛"
    assert [f.model_dump(exclude_unset=True) for f in record.findings] == written["findings"]
    assert [code.model_dump(mode="json") for code in record.icd10] == written["icd10"]
    assert record.cannot_be_told == {}


def test_each_record_has_a_result_or_a_problem_in_order(rules: Reader, tmp_path: Path) -> None:
    (tmp_path / "utf16.txt").write_bytes("头痛".encode("utf-16"))
    records = [NOTE, " \n", 3, "a\ud800", tmp_path / "none.txt", tmp_path / "utf16.txt"]
    records += ["男，62岁。"] * 70  # more than are read at once
    outcomes = list(rules.pipe(records))  # type: ignore[arg-type]
    assert len(outcomes) == len(records)
    assert isinstance(outcomes[0], ReadRecord) and outcomes[0].findings == rules(NOTE).findings
    problems = outcomes[1:6]
    assert all(isinstance(one, Problem) for one in problems)
    assert [str(one) for one in problems[:2]] == [
        "record-2: is empty.",
        "int: is not a record; give its text, or a Path.",
    ]
    assert "half a character" in str(problems[2])
    assert str(problems[3]) == f"{tmp_path / 'none.txt'}: no such file."
    assert "is UTF-16 text" in str(problems[4])
    assert {one.findings[-1].value for one in outcomes[6:]} == {62}  # type: ignore[union-attr]
    assert outcomes[-1].id == "record-76"  # type: ignore[union-attr]


def test_one_record_that_cannot_be_read_is_refused(rules: Reader, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.txt: no such file"):
        rules(tmp_path / "none.txt")
    with pytest.raises(DataError, match="record: is empty"):
        rules("")
    (tmp_path / "note.txt").write_bytes(b"%PDF-1.4\n")
    with pytest.raises(DataError, match="is a PDF by its content"):
        rules(tmp_path / "note.txt")
    with pytest.raises(UsageError, match="is the name of a file"):
        rules(str(tmp_path / "note.txt"))
    with pytest.raises(UsageError, match="--device gpu: is unknown; name cpu"):
        Reader.load("any", device="gpu")
    with pytest.raises(DataError, match="is a folder; name the file"):
        rules(tmp_path)


@pytest.mark.parametrize("name", ["none.txt", "data/p1.docx", "病历1.TXT", "ct.nii.gz"])
def test_the_name_of_a_file_that_is_not_there_is_no_record(rules: Reader, name: str) -> None:
    with pytest.raises(UsageError, match="is the name of a file"):
        rules(name)
    (problem,) = rules.pipe([name])
    assert isinstance(problem, Problem)


def test_a_record_may_end_with_the_name_of_a_file(rules: Reader) -> None:
    assert rules("男，62岁。附件：ct.pdf").findings


@pytest.mark.parametrize("given", [NOTE, Path("note.txt"), b"note", None])
def test_one_record_is_no_list_of_records(rules: Reader, given: object) -> None:
    with pytest.raises(UsageError, match="pipe: takes several records"):
        rules.pipe(given)  # type: ignore[arg-type]


def test_rules_too_are_computed_on_a_device_that_has_a_name() -> None:
    with pytest.raises(UsageError, match="--device gpu: is unknown; name cpu"):
        Reader.load(device="gpu")
    Reader.load(device="cuda")  # which the rules need not


def test_a_pipeline_of_one_s_own_is_all_that_a_reader_needs() -> None:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_findings")
    record = Reader(nlp)("患者GCS 8分。")
    assert [found.name for found in record.findings] == ["gcs"]
    assert set(record.cannot_be_told) == {"sections", "entities"}
