from __future__ import annotations

import html
import json
import multiprocessing
import re
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training import Example

from cohort.base.errors import DataError, UsageError
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.problems import parse
from cohort.schema.records.record import AnnotatedRecord
from tests.text.corpus.test_docx import p as paragraph
from tests.text.corpus.test_docx import write as write_docx
from text.annotate import annotate
from text.convert import convert
from text.corpus.formats.registry import WRITERS
from text.corpus.records import find_records
from text.pages.record_page import Palette, record_page


def rows(folder: Path) -> list[dict]:
    lines = (folder / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def visible(page: str) -> str:
    body = re.sub(r"(?s)<(head|style)>.*?</\1>", "", page).replace("<br>", "\n")
    return html.unescape(re.sub(r"<[^>]+>", "", body))


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "p9.txt"
    path.write_text("主诉：头痛。\nCT报告：脑干出血。", encoding="utf-8")
    return path


def test_spans_are_character_offsets_with_their_section(
    pipeline: Path, note: Path, tmp_path: Path
) -> None:
    annotate(str(pipeline), [note], tmp_path / "out")
    (row,) = rows(tmp_path / "out")
    assert parse(AnnotatedRecord, row)[1] == []
    assert row == {
        "schema_version": 1,
        "id": "p9",
        "text": "主诉：头痛。\nCT报告：脑干出血。",
        "spans": [
            {
                "start": 3,
                "end": 5,
                "label": "SYMPTOM",
                "text": "头痛",
                "section": "chief_complaint",
            },
            {
                "start": 12,
                "end": 16,
                "label": "SITE",
                "text": "脑干出血",
                "section": "imaging_report",
            },
        ],
        "sections": [
            {"start": 0, "end": 6, "label": "chief_complaint"},
            {"start": 7, "end": 17, "label": "imaging_report"},
        ],
        "findings": row["findings"],
        "icd10": [{"code": "I61.3", "certainty": "affirmed", "evidence": [[12, 14]]}],
        "cannot_be_told": {},
        "notes": [],
    }
    assert [(f["name"], f["value"], f["text"], f["section"]) for f in row["findings"]] == [
        ("chief_symptom", "headache", "头痛", "chief_complaint"),
        ("hematoma_site", "brainstem", "脑干", "imaging_report"),
        ("hematoma", None, "脑干出血", "imaging_report"),
        ("hematoma_count", 1, "脑干出血", "imaging_report"),
    ]


def test_each_record_has_a_page_and_the_index_lists_them(
    pipeline: Path, cohort: Path, tmp_path: Path
) -> None:
    annotate(str(pipeline), [cohort], tmp_path / "out")
    pages = sorted(path.name for path in (tmp_path / "out" / "pages").iterdir())
    assert pages == ["p1.html", "p2.html", "p3.html", "p4.html"]
    page = (tmp_path / "out" / "pages" / "p1.html").read_text(encoding="utf-8")
    assert '<html lang="zh">' in page and '<meta charset="utf-8">' in page
    assert "<title>p1</title>" in page
    assert "右侧肢体无力" in visible(page)
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<a href="(.*?)"', index) == [f"pages/{name}" for name in pages]


def test_text_and_labels_are_escaped() -> None:
    text = "血压<script>alert('x')</script>&高"
    span = {"start": 0, "end": 3, "label": "<b>BP</b>", "text": "血压<", "section": None}
    record = {"id": "a<b", "text": text, "spans": [span], "sections": []}
    page = record_page(record, Palette([]))
    assert "<script>" not in page and "<b>" not in page
    assert text.replace("<script", "") not in page
    assert "血压<" in visible(page) and "script>alert('x')</script>&高" in visible(page)
    assert "<title>a&lt;b</title>" in page


def test_labels_have_colours_of_their_own() -> None:
    palette = Palette([])
    labels = [f"LABEL{number}" for number in range(20)]
    colours = [palette.colour(label) for label in labels]
    assert len(set(colours)) == 20
    assert [palette.colour(label) for label in reversed(labels)] == colours[::-1]


def test_colours_reach_the_page(pipeline: Path, note: Path, tmp_path: Path) -> None:
    annotate(str(pipeline), [note], tmp_path / "out")
    page = (tmp_path / "out" / "pages" / "p9.html").read_text(encoding="utf-8")
    colours = re.findall(r'class="entity" style="background: ([^;]+);', page)
    assert len(set(colours)) == 2 and all(colour.startswith("hsl(") for colour in colours)


def test_any_encoding_and_line_ends_read_alike(pipeline: Path, tmp_path: Path) -> None:
    text = "主诉：头痛。\nCT报告：脑干出血。"
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "a.txt").write_bytes(text.encode("gb18030"))
    (folder / "b.txt").write_bytes(text.encode("utf-8-sig"))
    (folder / "c.TXT").write_bytes(text.replace("\n", "\r\n").encode())
    write_docx(folder / "d.docx", "".join(map(paragraph, text.splitlines())))
    (folder / "~$d.docx").write_bytes(b"Word has it open")
    (folder / "notes.pdf").write_bytes(b"x")
    result = annotate(str(pipeline), [folder], tmp_path / "out")
    assert result.encodings == {"GB18030": 1, "UTF-8 with BOM": 1, "UTF-8": 1, "Word": 1}
    assert [row["text"] for row in rows(tmp_path / "out")] == [text] * 4
    assert result.left_out == {"no .txt or .docx file": ["notes.pdf"]}
    assert result.labels == {"SYMPTOM": 4, "SITE": 4}
    (folder / "e.docx").write_bytes(b"x")
    with pytest.raises(DataError, match=r"e\.docx: is not a Word document"):
        annotate(str(pipeline), [folder / "e.docx"], tmp_path / "out")


def test_only_the_part_is_annotated(
    pipeline: Path, cohort: Path, make_split, tmp_path: Path
) -> None:
    split = make_split(p1="train", p2="val", p3="test", p4="test")
    result = annotate(str(pipeline), [cohort], tmp_path / "out", split=split, part="test")
    assert [row["id"] for row in rows(tmp_path / "out")] == ["p3", "p4"]
    assert result.left_out == {"not in the part test": ["p1", "p2"]}


def test_cases_without_record_and_empty_records_are_counted(pipeline: Path, tmp_path: Path) -> None:
    for name, text in {
        "a.txt": "头痛",
        "b.txt": "",
        "c.txt": " \n\u3000",
        "ct.nii.gz": "x",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    cases = [Case(name, record=f"{name}.txt") for name in "abc"]
    Cohort(tmp_path, "mine", (*cases, Case("ct", image="ct.nii.gz"))).save()
    result = annotate(str(pipeline), [tmp_path], tmp_path / "out")
    assert result.records == 1
    assert result.left_out == {"has no record": ["ct"], "is empty": ["b", "c"]}


def test_only_empty_records_are_refused(pipeline: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n", encoding="utf-8")
    with pytest.raises(DataError, match="all records are empty"):
        annotate(str(pipeline), [tmp_path / "a.txt"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_pipelines_without_sections_do_as_well(note: Path, tmp_path: Path) -> None:
    nlp = spacy.blank("zh")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "S", "pattern": "头痛"}])
    nlp.to_disk(tmp_path / "model")
    annotate(str(tmp_path / "model"), [note], tmp_path / "out")
    (row,) = rows(tmp_path / "out")
    assert row["sections"] == [] and row["findings"] is None
    assert row["spans"][0]["section"] is None


def bad_models(folder: Path, pipeline: Path) -> dict[str, str]:
    (folder / "empty").mkdir()
    (folder / "broken").mkdir()
    (folder / "broken" / "config.cfg").write_text("[nlp\n")
    (folder / "broken" / "meta.json").write_text("{}")
    (folder / "partial").mkdir()
    config = (pipeline / "config.cfg").read_text(encoding="utf-8")
    (folder / "partial" / "config.cfg").write_text(config, encoding="utf-8")
    (folder / "file").write_text("x")
    return {
        "none": "no such folder, nor an installed pipeline",
        "empty": "is not a spaCy pipeline (no config.cfg)",
        "file": "is not a spaCy pipeline",
        "broken": "cannot be loaded",
        "partial": "is not a spaCy pipeline (no meta.json)",
    }


def test_a_folder_that_is_no_model_is_refused(pipeline: Path, note: Path, tmp_path: Path) -> None:
    for name, words in bad_models(tmp_path, pipeline).items():
        with pytest.raises(DataError) as caught:
            annotate(str(tmp_path / name), [note], tmp_path / "out")
        assert words in str(caught.value), name
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_records_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    (tmp_path / "a" / "p1.txt").write_text("x")
    (tmp_path / "b" / "P1.txt").write_text("x")
    with pytest.raises(DataError, match="is called 'P1' like"):
        find_records([tmp_path / "a", tmp_path / "b"])


def test_a_name_that_cannot_name_a_page_everywhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p1?.txt").write_text("x")
    with pytest.raises(DataError, match="cannot name a file"):
        find_records([tmp_path])


def test_empty_folder_and_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no \.txt or \.docx files"):
        find_records([tmp_path])
    with pytest.raises(DataError, match="no such file or folder"):
        find_records([tmp_path / "none.txt"])


def test_hidden_files_are_no_records(tmp_path: Path) -> None:
    (tmp_path / "p1.txt").write_text("头痛", encoding="utf-8")
    (tmp_path / "._p1.txt").write_bytes(b"\0\5\26\7")  # as macOS leaves on other systems' disks
    records = find_records([tmp_path])
    records.check()
    assert ([record.id for record in records], records.left_out) == (["p1"], {})


def test_split_and_part_go_together(cohort: Path, make_split, note: Path) -> None:
    split = make_split(p1="train")
    for wrong in ({"split": split}, {"part": "test"}, {"split": split, "part": "tset"}):
        with pytest.raises(UsageError):
            find_records([cohort], **wrong)
    with pytest.raises(UsageError, match="is not a cohort"):
        find_records([note], split=split, part="test")


def test_unreadable_records_are_all_named(pipeline: Path, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes("头痛".encode("utf-16"))
    with pytest.raises(DataError) as caught:
        annotate(str(pipeline), [tmp_path], tmp_path / "out")
    assert len(caught.value.problems) == 2


def test_a_failure_leaves_the_earlier_annotations(
    pipeline: Path, note: Path, tmp_path: Path, monkeypatch
) -> None:
    out = tmp_path / "out"
    annotate(str(pipeline), [note], out)
    before = (out / "annotations.jsonl").read_bytes()

    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("text.pages.record_page.record_page", interrupted)
    with pytest.raises(KeyboardInterrupt):
        annotate(str(pipeline), [note], out)
    assert (out / "annotations.jsonl").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "p9.txt"]


def test_records_that_were_corrected_in_an_earlier_output_are_not_replaced(
    pipeline: Path, cohort: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    annotate(str(pipeline), [cohort], out, formats=["brat"])
    corrected = out / "brat" / "p1.ann"
    corrected.write_text("T1\tSITE 0 1\t男\n", encoding="utf-8")
    with pytest.raises(DataError, match="would be replaced"):
        annotate(str(pipeline), [out / "brat"], out)
    assert corrected.read_text(encoding="utf-8") == "T1\tSITE 0 1\t男\n"


def test_a_folder_of_other_things_is_not_overwritten(
    pipeline: Path, note: Path, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="is not overwritten"):
        annotate(str(pipeline), [note], tmp_path)
    assert note.exists()


@pytest.mark.parametrize("name", WRITERS)
def test_what_a_tool_gets_is_converted_to_the_same_spans(
    pipeline: Path, cohort: Path, name: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (cohort / "records" / "p1.txt").write_text("😀头痛１２\r\n👩‍⚕️脑干出血。", encoding="utf-8")
    annotate(str(pipeline), [cohort], out, formats=[name, name])
    folder = {"doccano": out / "doccano.jsonl", "label-studio": out / "label_studio.json"}
    convert(folder.get(name, out / name), tmp_path / "corpus")
    (path,) = (tmp_path / "corpus").iterdir()
    docs = DocBin().from_disk(path).get_docs(spacy.blank("zh").vocab)
    found = {
        doc.user_data["case"]: [(e.start_char, e.end_char, e.label_) for e in doc.ents]
        for doc in docs
    }
    assert found == {
        row["id"]: [(span["start"], span["end"], span["label"]) for span in row["spans"]]
        for row in rows(out)
    }
    assert found["p1"] == [(1, 3, "SYMPTOM"), (10, 14, "SITE")]


def test_an_unknown_format_is_refused(pipeline: Path, note: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--format prodigy: the formats are bioes, doccano,"):
        annotate(str(pipeline), [note], tmp_path / "out", formats=["prodigy"])


def test_without_pages_there_are_none(pipeline: Path, note: Path, tmp_path: Path) -> None:
    annotate(str(pipeline), [note], tmp_path / "out", pages=False)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["annotations.jsonl", "findings.csv"]


def test_several_processes_write_the_same(pipeline: Path, cohort: Path, tmp_path: Path) -> None:
    nlp = spacy.load(pipeline)
    if "hich_findings" not in nlp.pipe_names:
        nlp.add_pipe("hich_findings")
    nlp.to_disk(tmp_path / "model")
    for processes in (1, 2):
        out = tmp_path / f"{processes}"
        annotate(str(tmp_path / "model"), [cohort], out, processes=processes)
    for name in ("annotations.jsonl", "findings.csv"):
        one, two = ((tmp_path / folder / name).read_bytes() for folder in "12")
        assert one == two
    assert all(row["spans"] and row["findings"] for row in rows(tmp_path / "2"))
    with pytest.raises(UsageError, match="cannot share a GPU"):
        annotate(str(pipeline), [cohort], tmp_path / "out", processes=2, device=0)


COMMAND = """
import multiprocessing, sys
multiprocessing.set_start_method(sys.argv.pop(1))
from text.annotate import main, run
run(main)
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_processes_that_share_no_memory_write_the_same(
    method: str, root: Path, cohort: Path, tmp_path: Path
) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"{method} is not of this system")
    # Not the rules alone: what a trained recogniser holds goes to the processes too.
    nlp = spacy.blank("zh")
    for name in ("hich_ner", "hich_sections", "hich_findings"):
        nlp.add_pipe(name)
    doc = nlp.make_doc("主诉：头痛。")
    examples = [Example.from_dict(doc, {"entities": [(3, 5, "SYMPTOM")]})]
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    for _ in range(10):
        nlp.update(examples, sgd=optimizer)
    nlp.to_disk(tmp_path / "model")
    annotate(str(tmp_path / "model"), [cohort], tmp_path / "one")
    line = [sys.executable, "-c", COMMAND, method, tmp_path / "model", cohort]
    line += ["--output", tmp_path / "two", "--processes", "2"]
    done = subprocess.run(
        [str(word) for word in line], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    one, two = rows(tmp_path / "one"), rows(tmp_path / "two")
    assert one == two
    assert all(row["spans"] and row["findings"] for row in one)


def test_records_are_read_when_their_turn_comes(cohort: Path) -> None:
    records = find_records([cohort])
    records.check()
    texts = iter(records)
    assert next(texts).text.startswith("男，76岁")
    files = sorted((cohort / "records").glob("*.txt"))
    lengths = [len(path.read_text(encoding="utf-8")) for path in files]
    assert (records.characters, records.longest) == (sum(lengths), max(lengths))
    (cohort / "records" / "p2.txt").write_text("头痛", encoding="utf-8")
    assert next(texts).text == "头痛"


def test_the_command_says_what_it_did(
    pipeline: Path, cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    from text.annotate import main

    main([pipeline, cohort], tmp_path / "out")
    said = capsys.readouterr().out
    assert "4 records" in said and "SYMPTOM" in said and "Records in UTF-8: 4" in said


def test_pages_let_in_nothing_from_outside() -> None:
    page = record_page({"id": "p1", "text": "头痛", "spans": []}, Palette([]))
    policy = re.findall(r'Content-Security-Policy" content="(.*?)"', page)
    assert policy and "default-src &#39;none&#39;" in policy[0]
    assert "script-src &#39;none&#39;" in policy[0]


def test_ids_that_are_there_twice_are_told_once_each(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "id,text\np1,头痛\nP1,左侧\np2,头痛\np3,呕吐\n", encoding="utf-8"
    )
    (tmp_path / "b.csv").write_text("id,text\np3,头痛\np4,头痛\n", encoding="utf-8")
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    with pytest.raises(DataError) as caught:
        find_records([a, b]).check()
    assert caught.value.problems == (
        f"{a}: holds two records with the id 'P1'.",
        f"{b}: is called 'p3' like {a}; annotate them separately.",
    )
