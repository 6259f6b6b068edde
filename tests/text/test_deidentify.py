"""The command `text.deidentify`: notes, tables, annotated records, cohorts; the key."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError, UsageError
from cohort.importing.key_file import CohortKey, KeyCase
from cohort.tags.scheme import Span, bioes
from cohort.tags.tag_file import read_record_entities, write_bioes
from tests.text.corpus.test_docx import p as paragraph
from tests.text.corpus.test_docx import write as write_docx
from text.annotate import main as annotate_main
from text.components.deidentify.finder import Finder
from text.components.deidentify.replace import Deidentifier
from text.corpus.sources import read_source
from text.deidentify import deidentify, main
from text.sharing.second_look import AGAIN, LIKE_ONE, leftovers

NOTE = "姓名：张志远，男，56岁，住院号：00123456。2023年5月6日入院。右侧丘脑出血约10ml。"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "notes"
    made.mkdir()
    (made / "a_1.txt").write_text(NOTE, encoding="utf-8")
    (made / "a_2.txt").write_text(NOTE.replace("5月6日", "5月16日"), encoding="utf-8")
    return made


def test_notes_of_a_patient_get_the_same_stand_ins(
    folder: Path, tmp_path: Path, command: Any
) -> None:
    key, out = tmp_path / "key.json", tmp_path / "out"
    done = command(main, folder, out, "--key", key, "--patient", "*_")
    assert done.exit_code == 0, done.stderr
    texts = [(out / f"a_{n}.txt").read_text(encoding="utf-8") for n in (1, 2)]
    names = [re.findall("姓名：(.+?)，", text)[0] for text in texts]
    assert names[0] == names[1] != "张志远"
    assert "00123456" not in "".join(texts) and "右侧丘脑出血约10ml" in texts[0]
    report = json.loads((out / "deidentified.json").read_text(encoding="utf-8"))
    assert report["replaced"] == {"DATE": 2, "NAME": 2, "NUMBER": 2}
    assert "张志远" not in json.dumps(report, ensure_ascii=False)
    if os.name == "posix":
        assert key.stat().st_mode & 0o777 == 0o600
        key.chmod(0o644)
        assert command(main, folder, out, "--key", key).exit_code == 1


def test_a_table_is_replaced_cell_by_cell(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(
        f"住院号,姓名,年龄,病历\n007,张志远,95,{NOTE}\n007,张志远,95,张志远复查\n", encoding="utf-8"
    )
    deidentify(table, tmp_path / "out", tmp_path / "key.json")
    with (tmp_path / "out" / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["住院号", "姓名", "年龄", "病历"]
    assert rows[1][1] == rows[2][1] != "张志远" and rows[1][2] == "90"
    assert rows[1][0] == rows[2][0] != "007"
    assert rows[2][3] == f"{rows[1][1]}复查" and rows[1][1] in rows[1][3]


def test_marks_of_annotated_records_move_along(tmp_path: Path) -> None:
    start = NOTE.index("右侧丘脑")
    row = {"id": "p1", "text": NOTE, "label": [[start, start + 4, "SITE"]]}
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    deidentify(source, tmp_path / "out", mask=True)
    (part,) = read_source(tmp_path / "out" / "doccano.jsonl").parts.values()
    (note,) = part
    (entity,) = note.entities
    assert note.text[entity.start : entity.end] == "右侧丘脑" and "[NAME]" in note.text


def test_records_and_tags_of_a_cohort_stay_where_they_are(
    make_cohort: Callable[..., Path], tmp_path: Path
) -> None:
    cohort = make_cohort()
    deidentify(cohort, tmp_path / "out", tmp_path / "key.json")
    before = {p.relative_to(cohort) for p in (cohort / "records").iterdir()}
    assert {
        p.relative_to(tmp_path / "out") for p in (tmp_path / "out" / "records").iterdir()
    } == before


def test_a_key_shifts_scans_as_records(folder: Path, tmp_path: Path) -> None:
    key = CohortKey()
    patient = key.patient_of(("id", "a"))
    key.save(tmp_path / "key.json")
    moved = key.shifted(KeyCase(patient, "1.2", "1.2.3", acquired="20230506081500"))
    deidentify(folder, tmp_path / "out", tmp_path / "key.json", patient="*_")
    text = (tmp_path / "out" / "a_1.txt").read_text(encoding="utf-8")
    day = re.findall(r"(\d+)年(\d+)月(\d+)日", text)[0]
    assert moved == "{}{:0>2}{:0>2}081500".format(*day) != "20230506081500"
    # What the import calls the patient is the same one, with the same stand-ins.
    named = tmp_path / "named"
    named.mkdir()
    (named / f"{patient}_1.txt").write_text(NOTE, encoding="utf-8")
    deidentify(named, tmp_path / "again", tmp_path / "key.json", patient="*_")
    assert (tmp_path / "again" / f"{patient}_1.txt").read_text(encoding="utf-8") == text


def test_tasks_for_a_tool_leave_without_identities(
    folder: Path, tmp_path: Path, command: Any
) -> None:
    labels = tmp_path / "labels.yaml"
    labels.write_text("hematoma_volume: VOLUME\n", encoding="utf-8")
    out = tmp_path / "out"
    asked = [folder, "--output", out, "--labels", labels, "--format", "doccano", "--no-pages"]
    done = command(annotate_main, *asked, "--key", tmp_path / "key.json")
    assert done.exit_code == 0, done.stderr
    tasks = [json.loads(line) for line in (out / "doccano.jsonl").open(encoding="utf-8")]
    deidentify(folder, tmp_path / "shared", tmp_path / "key.json")
    for task, name in zip(tasks, ("a_1", "a_2"), strict=True):
        assert task["text"] == (tmp_path / "shared" / f"{name}.txt").read_text(encoding="utf-8")
        ((start, end, label),) = task["label"]
        assert (task["text"][start:end], label) == ("10ml", "VOLUME")
    report = json.loads((out / "deidentified.json").read_text(encoding="utf-8"))
    assert report["replaced"] == {"DATE": 2, "NAME": 2, "NUMBER": 2}
    assert command(annotate_main, folder, "--output", tmp_path / "b", "--mask").exit_code == 2


def test_tasks_of_a_word_document_leave_without_identities(tmp_path: Path, command: Any) -> None:
    (tmp_path / "notes").mkdir()
    write_docx(tmp_path / "notes" / "n1.docx", paragraph(NOTE))
    labels = tmp_path / "labels.yaml"
    labels.write_text("hematoma_volume: VOLUME\n", encoding="utf-8")
    out = tmp_path / "out"
    asked = [tmp_path / "notes", "--output", out, "--labels", labels, "--format", "label-studio"]
    done = command(annotate_main, *asked, "--no-pages", "--mask")
    assert done.exit_code == 0, done.stderr
    (task,) = json.loads((out / "label_studio.json").read_text(encoding="utf-8"))
    text = task["data"]["text"]
    assert text == "姓名：[NAME]，男，56岁，住院号：[NUMBER]。[DATE]入院。右侧丘脑出血约10ml。"
    (mark,) = task["predictions"][0]["result"]
    assert mark["value"]["text"] == "10ml"


def test_tags_move_along(tmp_path: Path) -> None:
    start = NOTE.index("右侧丘脑")
    source = tmp_path / "in.txt"
    write_bioes(source, NOTE, bioes([Span(start, start + 4, "SITE")], len(NOTE)))
    deidentify(source, tmp_path / "out", tmp_path / "key.json")
    text = (tmp_path / "out" / "bioes" / "in.txt").read_text(encoding="utf-8").rstrip("\n")
    _, (entity,) = read_record_entities(tmp_path / "out" / "bioes" / "in.bioes", text)
    assert text[entity.start : entity.end] == "右侧丘脑" and entity.label == "SITE"
    assert "张志远" not in text


def test_a_word_document_comes_out_as_text(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    write_docx(tmp_path / "notes" / "n1.docx", paragraph(NOTE))
    deidentify(tmp_path / "notes", tmp_path / "out", mask=True)
    text = (tmp_path / "out" / "n1.txt").read_text(encoding="utf-8")
    assert text == "姓名：[NAME]，男，56岁，住院号：[NUMBER]。[DATE]入院。右侧丘脑出血约10ml。"


def test_a_second_look_names_what_is_left(tmp_path: Path) -> None:
    finder = Finder()
    replaced = Deidentifier(finder, None)("姓名：张志远。")
    left = replace(replaced, text=replaced.text + "张志远的号码12345678901。")
    found = leftovers("姓名：张志远。", left, finder)
    assert [(left.text[one.start : one.end], why) for one, why in found] == [
        ("张志远", AGAIN), ("12345678901", LIKE_ONE),
    ]  # fmt: skip


def test_what_cannot_work_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--key or --mask"):
        deidentify(folder, tmp_path / "out")
    with pytest.raises(DataError, match="lies inside"):
        deidentify(folder, tmp_path / "out", tmp_path / "out" / "key.json")
    with pytest.raises(DataError, match="no such file"):
        deidentify(tmp_path / "none", tmp_path / "out", mask=True)
    assert not (tmp_path / "out").exists()
