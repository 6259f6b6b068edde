"""Files of several records, named to text.annotate: each is read as what it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cohort.base.errors import DataError
from cohort.base.textfile import read_text
from text.annotate import annotate, main
from text.corpus.record_files import read_records
from text.corpus.records import Records, find_records


def write(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def checked(*paths: Path) -> Records:
    records = find_records(paths)
    records.check()
    return records


def found(*paths: Path) -> dict[str, str]:
    records = checked(*paths)
    return {record.id: record.text for record in records}


TAGS = "头 B-A\n痛 E-A\n\n  O\n左 S-B\n侧\tO\n"


@pytest.mark.parametrize(
    ("name", "content", "records"),
    [
        (
            "a.jsonl",
            '{"id": "p1", "text": "头痛"}\n{"text": "左侧"}',
            {"p1": "头痛", "a-2": "左侧"},
        ),
        ("a.json", '{\n"text": "头痛"\n}', {"a-1": "头痛"}),
        ("a.jsonl", '{"id": 7, "data": "头痛", "label": [[0, 9, "X"]]}', {"a-7": "头痛"}),
        (
            "a.json",
            json.dumps([{"id": 3, "data": {"report": "头\r\n痛"}, "annotations": []}]),
            {"a-3": "头\n痛"},
        ),
        ("a.jsonl", '{"text": "头痛", "spans": [], "answer": "reject"}', {"a-1": "头痛"}),
        (
            "a.csv",
            'id,text\np1,"头痛,\r\n左侧"\r\np2,无力\r\n',
            {"p1": "头痛,\n左侧", "p2": "无力"},
        ),
        ("a.csv", "病历;编号\n头痛，左侧;p1\n", {"p1": "头痛，左侧"}),
        ("a.tsv", "Text\tage\n头痛\t5\n", {"a-2": "头痛"}),
        ("a.csv", "text\n" + "头" * 200_000, {"a-2": "头" * 200_000}),
        *(
            (name, TAGS, {"a-1": "头痛", "a-2": " 左侧"})
            for name in ("a.bioes", "a.txt", "a.conll", "a.tsv", "a.train", "a")
        ),
        ("a.txt", "头痛\n左 侧\n", {"a": "头痛\n左 侧\n"}),
        ("a.csv", "id,text\np1,头痛\n,\n , ,,\n\n", {"p1": "头痛"}),
        *(
            (name, ' [\n{"id": "p1", "text": "头痛"}]', {"p1": "头痛"})
            for name in ("a.ndjson", "a.txt", "a.log")
        ),
        ("a.txt", "{头痛}\n[左侧]", {"a": "{头痛}\n[左侧]"}),
        ("a.log", "头痛", {"a": "头痛"}),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_is_read_as_what_it_is(
    name: str, content: str, records: dict[str, str], encoding: str, tmp_path: Path
) -> None:
    assert found(write(tmp_path / name, content, encoding)) == records


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", "编号,病历\np1,突发头痛\n"), ("a.bio", "突 O\n发 O\n" + TAGS)]
)
def test_tables_and_tag_files_may_be_gb18030(name: str, content: str, tmp_path: Path) -> None:
    records = checked(write(tmp_path / name, content, "gb18030"))
    assert set(records.encodings) == {"GB18030"}
    assert "突发头痛" in [record.text for record in records]


@pytest.mark.parametrize("name", ["p1.ann", "p1.bioes"])
def test_the_record_beside_an_annotation_file_is_annotated(name: str, tmp_path: Path) -> None:
    write(tmp_path / "p1.txt", "头痛\n左侧")
    assert found(write(tmp_path / name, "头 O\n痛 O\n左 O\n侧 O\n")) == {"p1": "头痛\n左侧"}


def test_tag_files_in_a_folder_of_records_are_no_raw_text(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", TAGS)
    write(tmp_path / "b.txt", "无力")
    assert found(tmp_path) == {"a-1": "头痛", "a-2": " 左侧", "b": "无力"}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", '{"id": 1}', "line 1: has no text; a row is like"),
        ("a.jsonl", '{"text": "头', "line 1: is not valid JSON"),
        ("a.csv", "id,text\np1,头痛,左侧\n", "line 2: has more or fewer cells than the header"),
        ("a.csv", "id,text\np1\n", "line 2: has more or fewer cells than the header"),
        ("a.csv", 'id,text\np1,"头痛\n', "line 2: is not a table"),
        ("a.csv", 'id,text\np1,头痛\np2,"头"痛\n', "line 3: is not a table"),
        ("a.csv", "id,text,Text\np1,头痛,左侧\n", "two columns of its header have one name"),
        ("a.csv", "", "is empty"),
        ("a.csv", "id,a,b\np1,x,y\n", "does not tell which column holds the records"),
        ("a.csv", "id,note,report\np1,x,y\n", "(its columns: id, note, report)"),
        ("a.csv", "id,text\np1,头痛\np1,左侧\n", "holds two records with the id 'p1'"),
        ("a.jsonl", '{"text": "\\ud83d痛"}', "the record a-1 holds half a character"),
        ("a.jsonl", '{"id": "\\ud83d", "text": "痛"}', "holds half a character"),
        ("a.jsonl", '{"id": "p/1", "text": "头痛"}', "p/1"),
        ("a.csv", "id,text\np1, \n", "all records are empty"),
        ("p1.ann", "T1\tA 0 1\tx\n", "has no p1.txt beside it"),
        ("a.bio", "头痛 O\n", "line 1: holds more than one character"),
        ("a.doc", "PK", "is not a text file; save each record as .txt"),
        ("a.html", "<p>头痛</p>", "is not a text file"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, content: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        checked(write(tmp_path / name, content))
    assert words in str(caught.value) and str(tmp_path / name) in str(caught.value)


def test_records_of_several_files_need_ids_of_their_own(tmp_path: Path) -> None:
    one = write(tmp_path / "one.csv", "id,text\np1,头痛\n")
    two = write(tmp_path / "two.jsonl", '{"id": "P1", "text": "左侧"}')
    with pytest.raises(DataError, match=r"two\.jsonl: is called 'P1' like .*one\.csv"):
        checked(one, two)


def test_empty_rows_are_left_out_and_the_others_keep_their_texts(
    pipeline: Path, command, tmp_path: Path
) -> None:
    table = write(tmp_path / "a.csv", "id,text\np1,头痛\np2,\np3,脑干出血\n")
    result = annotate(str(pipeline), [table], tmp_path / "out")
    assert (result.records, result.left_out) == (2, {"is empty": ["p2"]})
    lines = (tmp_path / "out" / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    spans = {row["id"]: [span["text"] for span in row["spans"]] for row in map(json.loads, lines)}
    assert spans == {"p1": ["头痛"], "p3": ["脑干出血"]}
    assert command(main, pipeline, table, "--output", tmp_path / "out").exit_code == 0


def test_what_annotate_wrote_can_be_annotated_again(pipeline: Path, tmp_path: Path) -> None:
    write(tmp_path / "p1.txt", "主诉：头痛。")
    annotate(str(pipeline), [tmp_path / "p1.txt"], tmp_path / "a", formats=["doccano"])
    for name in ("annotations.jsonl", "doccano.jsonl"):
        assert found(tmp_path / "a" / name) == {"p1": "主诉：头痛。"}
    annotate(str(pipeline), [tmp_path / "a" / "annotations.jsonl"], tmp_path / "b")
    first, again = ((tmp_path / x / "annotations.jsonl").read_bytes() for x in "ab")
    assert first == again


def test_findings_open_in_a_spreadsheet(pipeline: Path, tmp_path: Path) -> None:
    annotate(str(pipeline), [write(tmp_path / "王.txt", "主诉：头痛。")], tmp_path / "out")
    assert (tmp_path / "out" / "findings.csv").read_bytes().startswith("\ufeffid,".encode())


@pytest.mark.parametrize("text", ["头痛", "头痛\r\n", "头痛头", "CT: 头痛\n"])
def test_gb18030_that_is_valid_utf_8_by_chance_is_chinese(tmp_path: Path, text: str) -> None:
    data = text.encode("gb18030")
    assert data.decode("utf-8") != text
    (tmp_path / "a.txt").write_bytes(data)
    assert read_text(tmp_path / "a.txt") == (text, "GB18030")


@pytest.mark.parametrize(
    "text", ["37°C", "±5 µmol", "α-β", "Müller", "Dvořák", "боль в голове", "头痛°", "ʹ͵ 头"]
)
def test_utf_8_with_signs_that_gb18030_could_hold_stays_utf_8(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_bytes(text.encode())
    assert read_text(tmp_path / "a.txt") == (text, "UTF-8")


@pytest.mark.parametrize(
    "content",
    [
        'id,text\np1,"头痛\n2小时"\np2,呕吐\n',
        "id;text\np1;头痛\n",
        "\ufeffid,text\np1,头痛\n",
        "id,text\r\np1,头痛\r\n,\r\n",
    ],
)
def test_a_large_table_is_read_row_by_row_and_alike(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode())
    whole = list(read_records(path))
    monkeypatch.setattr("text.corpus.table_rows._LARGE", 0)
    assert list(read_records(path)) == whole and whole[0].text.startswith("头痛")
    path.write_bytes("id,text\np1,头痛\n".encode("gb18030"))
    assert [record.encoding for record in read_records(path)] == ["GB18030"]
    path.write_bytes("id,text\np1,头\0痛\n".encode())
    with pytest.raises(DataError, match="line 2: holds a NUL byte"):
        list(read_records(path))
