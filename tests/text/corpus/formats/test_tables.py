"""Tables of records in the encodings that hospitals send, for both commands; with annotations."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import spacy
from spacy.training.corpus import Corpus

from cohort.base.errors import DataError, UsageError
from cohort.base.textfile import plain_encoding, read_text
from text.annotate import annotate
from text.convert import convert
from text.corpus import table_rows
from text.corpus.annotated import ReadingTally
from text.corpus.formats import table
from text.corpus.sources import read_source
from text.deidentify import deidentify

ENCODINGS = [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with BOM"), ("gb18030", "GB18030")]
TEXTS = ["患者头痛3天。", "左侧肢体无力，\n血压160/90mmHg。", "𠮷氏，头痛"]
MARKS = [[[2, 4, "SIGN"]], [[0, 4, "SITE"], [4, 6, "SIGN"]], [[3, 5, "SIGN"]]]


def table_of(path: Path, encoding: str, head: str = "id,text,label", more: str = "") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        rows = csv.writer(file)
        rows.writerow(head.split(","))
        for number, (text, marks) in enumerate(zip(TEXTS, MARKS, strict=True)):
            rows.writerow([f"p{number}", text, json.dumps(marks, ensure_ascii=False)])
        file.write(more)
    return path


def entities(path: Path) -> list[tuple[str, list[tuple[str, str]]]]:
    docs = [one.reference for one in Corpus(path)(spacy.blank("zh"))]
    return [(doc.text, [(e.text, e.label_) for e in doc.ents]) for doc in docs]


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(("encoding", "name"), ENCODINGS)
def test_both_commands_read_a_table_in_any_encoding(
    encoding: str, name: str, large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = table_of(tmp_path / "notes.csv", encoding)
    if large:
        monkeypatch.setattr(table_rows, "_LARGE", 0)
        monkeypatch.setattr(table_rows, "read_text", None)  # which would hold all of the file
    result = convert(source, tmp_path / "out")
    assert [kind.encoding for kind in result.source.kinds] == [name]
    assert entities(tmp_path / "out" / "notes.spacy") == [
        (TEXTS[0], [("头痛", "SIGN")]),
        (TEXTS[1], [("左侧肢体", "SITE"), ("无力", "SIGN")]),
        (TEXTS[2], [("头痛", "SIGN")]),
    ]
    annotated = annotate(None, [source], tmp_path / "pages", pages=False)
    assert annotated.encodings == {name: 3}
    lines = (tmp_path / "pages" / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == TEXTS
    assert [json.loads(line)["id"] for line in lines] == ["p0", "p1", "p2"]


@pytest.mark.parametrize(
    "content",
    [
        "头痛".encode("gb18030"),  # by chance UTF-8 as well
        "頭痛嘔吐".encode("big5"),
        "头痛".encode("utf-16"),
        b"id,text\np1,headache\n",
        "头痛\0".encode(),
        "头痛".encode() + b"\xe5",
        "頭痛嘔吐，意識不清，右側肢體無力".encode("gb18030"),
        b"\xef\xbb\xbfheadache",
        "<html>头痛".encode(),
    ],
)
def test_an_encoding_beyond_doubt_is_that_of_the_whole_file(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    found = plain_encoding(path)
    assert found is None or found == read_text(path)[1]


@pytest.mark.parametrize(("encoding", "name"), ENCODINGS)
def test_an_encoding_is_told_across_blocks(encoding: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(("a" + "患者头痛" * 200_000).encode(encoding))
    assert plain_encoding(path) == name


def test_label_studios_table_and_offsets_in_utf16_units(tmp_path: Path) -> None:
    path = tmp_path / "project-1.csv"
    cell = [{"start": 4, "end": 6, "text": "头痛", "labels": ["SIGN"]}]
    none: list[object] = []
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["annotation_id", "id", "label", "text"])
        rows.writerow([1, 7, json.dumps(cell, ensure_ascii=False), "𠮷氏，头痛"])
        rows.writerow([2, 8, json.dumps(none), "无力"])
        rows.writerow([3, 9, "", "无人标注"])
    tally = ReadingTally()
    found = list(table.read(path, None, tally))
    assert [(note.id, [tuple(e) for e in note.entities]) for note in found] == [
        ("7", [(3, 5, "SIGN")]),
        ("8", []),
    ]
    assert tally.remarks["rows with an empty cell of annotations, left out"] == 1


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        ("id,text", "p1,头痛", "it has no column of them"),
        ("text,label,labels", "头痛,[],[]", "several columns of annotations (label, labels)"),
        ("text,label", "头痛,SIGN", "line 2: the annotations SIGN are not a list"),
        ("text,label", '头痛,"[[0, 2]]"', "line 2: the annotation [0, 2] is not"),
        ("text,label", '头痛,"[[0, 2, 7]]"', "line 2: the annotation [0, 2, 7] is not"),
        ("text,label", '头痛,"[[0, 3, ""X""]]"', "lies outside the record"),
        ("text,label", '头痛,"[{""start"": 0, ""end"": 1, ""label"": null}]"', "is not as in"),
    ],
)
def test_a_table_that_cannot_be_read_is_a_sentence(
    head: str, row: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(f"{head}\n{row}\n", encoding="utf-8")
    with pytest.raises(DataError) as error:
        convert(tmp_path / "a.csv", tmp_path / "out")
    assert said in str(error.value)
    assert not (tmp_path / "out").exists()


def test_of_a_folder_only_tables_with_annotations_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "findings.csv").write_text("id,age\np1,60\n", encoding="utf-8")
    table_of(folder / "a.csv", "utf-8")
    source = read_source(folder)
    assert [note.text for note in source.parts["in"]] == TEXTS
    assert list(source.left_out.values()) == [["findings.csv"]]
    for part in ("train", "val", "test"):
        table_of(folder / f"{part}.csv", "gb18030")
    (folder / "a.csv").unlink()
    assert list(read_source(folder).parts) == ["train", "val", "test"]


def test_without_identities_the_annotations_of_a_table_move_along(tmp_path: Path) -> None:
    text = "患者王建国，头痛3天。"
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text", "label"])
        rows.writerow(["p1", text, json.dumps([[6, 8, "SIGN"]])])
    with pytest.raises(UsageError, match=r"a\.csv is a table with annotations"):
        deidentify(tmp_path / "a.csv", tmp_path / "out", None, mask=True, id_column="id")
    deidentify(tmp_path / "a.csv", tmp_path / "out", None, mask=True)
    (note,) = read_source(tmp_path / "out" / "doccano.jsonl").parts["doccano"]
    assert "王建国" not in note.text
    assert [note.text[e.start : e.end] for e in note.entities] == ["头痛"]


@pytest.mark.parametrize("label", ["脑出血", ""])
def test_a_label_that_is_no_annotation_leaves_a_table_a_table(label: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"id,text,label\np1,患者王建国，头痛。,{label}\n", encoding="utf-8")
    assert not table.is_annotated(path)
    deidentify(path, tmp_path / "out", None, mask=True)
    with (tmp_path / "out/a.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["label"] == label and "王建国" not in row["text"] and "头痛" in row["text"]
