"""Damaged files of annotated records: what comes out are entities of a text or a `DataError`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mutations import damaged, fuzz, json_files

from cohort.base.errors import DataError, UsageError
from cohort.tags.scheme import spans
from cohort.tags.tag_file import read_record_tags, read_tag_file
from text.corpus.annotated import MarkedRecord
from text.corpus.sources import read_source

RECORD = "主诉：左侧 无力😀。\n右侧\r\n头痛CT示出血，约１２ｍｌ。"
ENTITIES = [(3, 5, "SIDE"), (6, 9, "SIGN"), (11, 13, "SIDE"), (15, 17, "SIGN")]
MARKS = [{"start_offset": s, "end_offset": e, "label": label} for s, e, label in ENTITIES]


def _task(number: int, **more: object) -> dict[str, Any]:
    result = [
        {
            "id": str(index),
            "from_name": "label",
            "to_name": "text",
            "type": "labels",
            "value": {"start": s, "end": e, "text": RECORD[s:e], "labels": [label]},
        }
        for index, (s, e, label) in enumerate(ENTITIES)
    ]
    annotation = {"id": 1, "was_cancelled": False, "ground_truth": False, "result": result}
    return {
        "id": number,
        "data": {"text": RECORD, "record": "p1"},
        "annotations": [annotation],
    } | more


JSON: dict[str, list[Any]] = {
    "doccano": [
        {"id": 1, "text": RECORD, "label": [[0, 2, "A"], [3, 5, "SIDE"]], "record": "p1"},
        {"id": 2, "text": "头痛3小时。", "labels": [[0, 2, "SIGN"]], "Comments": []},
        {"id": 3, "text": RECORD, "entities": MARKS, "relations": [{"from_id": 1, "to_id": 2}]},
        {"id": 4, "text": "头痛", "annotations": [MARKS[0] | {"user": 1}]},
        {"id": 5, "data": "无", "label": []},
    ],
    "label-studio": [
        _task(1),
        _task(2, predictions=[{"result": [], "score": 0.5}], meta={}),
        _task(3, annotations=[], predictions=[{"result": _task(0)["annotations"][0]["result"]}]),
        {"id": 4, "data": {"text": "a", "title": "b"}, "annotations": [{"was_cancelled": True}]},
    ],
    "own": [
        {
            "id": "p1",
            "text": RECORD,
            "spans": [
                {"start": s, "end": e, "label": label, "text": RECORD[s:e], "answer": "accept"}
                for s, e, label in ENTITIES
            ],
            "findings": {"side": "left"},
        },
        {"id": "p2", "text": "头痛", "spans": [], "answer": "accept", "_input_hash": 3},
    ],
}
BRAT = (
    "T1\tSIDE 3 5\t左侧\nT2\tSIGN 6 8;8 9\t无力 😀\nT3\tSIDE 11 13\t右侧\n"
    "R1\tOf Arg1:T1 Arg2:T2\nA1\tNeg T1\n#1\tAnnotatorNotes T1\tsure\nE1\tSIGN:T2\n"
    "*\tEquiv T1 T3\n"
)
SCHEMES = {
    "BIO": "主 O\n诉 O\n左 B-SIDE\n侧 I-SIDE\n  O\n\n无 B-SIGN\n力 I-SIGN\n",
    "BIOES": "左\tB-SIDE\r\n侧\tE-SIDE\r\n痛\tS-SIGN\r\n\r\n。\tO\r\n",
    "reversed": "左 SIDE-B\n侧 SIDE-M\n方 SIDE-E\n O\n痛 SIGN-S\n\n",
    "BILOU": "左 B_SIDE\n侧 L_SIDE\n痛 U_SIGN\n。 O\n",
}


def notes_of(path: Path) -> list[MarkedRecord]:
    """Read a source as all commands do; what is read holds together, if anything is."""
    try:
        source = read_source(path)
        notes = [note for part in source.parts.values() for note in part]
        source.raise_problems()
    except (DataError, UsageError) as error:
        assert path.name in str(error)
        return []
    for note in notes:
        note.text.encode()
        note.id.encode()
        assert note.id and note.text.strip()
        end = 0
        for span in note.entities:
            assert end <= span.start < span.end <= len(note.text) and span.label
            span.label.encode()
            end = span.end
    return notes


def fresh(folder: Path) -> Path:
    """Return an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", JSON)
@fuzz(200)
@given(data=st.data())
def test_damaged_json(tmp_path: Path, name: str, data: st.DataObject) -> None:
    lines = data.draw(st.booleans())
    path = tmp_path / ("a.jsonl" if lines else "a.json")
    path.write_bytes(data.draw(json_files(JSON[name], lines)))
    notes_of(path)


DEEP = "[" * 3000 + "]" * 3000


@pytest.mark.parametrize(
    "content",
    [
        f'{{"text": "a", "label": {DEEP}}}',
        f'{{"text": "a", "label": [[0, {"9" * 5000}, "A"]]}}',
        '{"text": "a\\ud800", "label": []}',
        '{"text": "ab", "label": [[0, 1, "\\ud800"]]}',
        '{"text": "ab", "id": "\\ud800", "label": []}',
        '{"text": "ab", "label": [[true, 1, "A"]]}',
        '{"text": "ab", "label": [[0, NaN, "A"]]}',
        '{"text": "ab", "label": [[-2, 1, "A"]]}',
        '{"text": "ab", "spans": [{"start": 0, "end": 1, "label": ["A"]}]}',
        '[{"data": {"text": ["ab"]}, "annotations": [null]}]',
        '[{"data": {"text": "ab"}, "annotations": {"result": 1}}]',
        '[{"data": {"text": "ab"}, "annotations": [{"result": [{"type": "labels", "id": []}]}]}]',
        "[[]]",
        "[1, 2",
        "null",
        '"a"',
        "",
        "\ufeff",
    ],
)
def test_json_that_failed_or_could(tmp_path: Path, content: str) -> None:
    for name in ("a.json", "a.jsonl"):
        (tmp_path / name).write_text(content, encoding="utf-8")
        notes_of(tmp_path / name)


@fuzz(300)
@given(
    ann=damaged(BRAT.encode()),
    record=st.just(RECORD.encode()) | damaged(RECORD.encode(), most=1),
)
@example(ann=b"T1\tA 0 99999999999999999999\tb\n", record=b"ab")
@example(ann="T1\tA ٣ ٤\tb\n".encode(), record=b"abcdef")
@example(ann=b"T1\tA 3 1\tb\n", record=b"abcdef")
@example(ann=b"T1\tA " + b"9" * 5000 + b" 2\tb\n", record=b"abcdef")
def test_damaged_brat(tmp_path: Path, ann: bytes, record: bytes) -> None:
    folder = fresh(tmp_path / "brat")
    (folder / "p1.ann").write_bytes(ann)
    (folder / "p1.txt").write_bytes(record)
    notes_of(folder)


@fuzz(500)
@given(data=st.data())
def test_damaged_tag_files(tmp_path: Path, data: st.DataObject) -> None:
    text = SCHEMES[data.draw(st.sampled_from(sorted(SCHEMES)))]
    encoding = data.draw(st.sampled_from(("utf-8", "utf-8-sig", "gb18030", "utf-16")))
    content = data.draw(damaged(text.encode(encoding)))
    folder = fresh(tmp_path / "tags")
    path = folder / "p1.bioes"
    path.write_bytes(content)
    read = notes_of(path)
    try:
        file = read_tag_file(path)
    except DataError as error:
        assert str(path) in str(error) and not read
        return
    for document in file.documents:
        assert len(document.text) == len(document.tags) == len(document.lines)
    found = [(document.text, spans(document.tags)) for document in file.documents]
    assert [(note.text, list(note.entities)) for note in read] == [
        (text, entities) for text, entities in found if text.strip()
    ]
    # The same beside its record: the documents' characters, on lines of their own.
    record = "\n".join(text for text, _ in found)
    if "\r" in record:
        return  # a character with a tag here, the end of a line in the record
    tags = read_record_tags(path, record).documents[0].tags
    assert len(tags) == len(record)
    (folder / "p1.txt").write_text(record, encoding="utf-8", newline="\n")
    notes_of(folder)


def test_files_are_read_before_they_are_damaged(tmp_path: Path) -> None:
    """Otherwise the tests above try nothing."""
    for name, rows in JSON.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(rows[:2]), encoding="utf-8")
        assert any(note.entities for note in notes_of(path)), name
    for name, text in SCHEMES.items():
        path = tmp_path / f"{name}.bioes"
        path.write_text(text, encoding="utf-8", newline="\n")
        assert any(note.entities for note in notes_of(path)), name
    folder = fresh(tmp_path / "brat")
    (folder / "p1.ann").write_bytes(BRAT.encode())
    (folder / "p1.txt").write_bytes(RECORD.encode())
    assert len(notes_of(folder)[0].entities) == 3
