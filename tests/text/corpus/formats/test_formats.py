"""What annotation tools write is read, and what is written for them comes back, span for span."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError
from cohort.tags.scheme import Span
from text.corpus.annotated import (
    DISCONTINUOUS,
    EMPTY_MARKS,
    EMPTY_RECORDS,
    OVERLAPPING,
    RELATIONS,
    WHOLE,
    MarkedRecord,
    ReadingTally,
    settle,
)
from text.corpus.formats import doccano, label_studio, rows
from text.corpus.formats.registry import WRITERS
from text.corpus.sources import Source, read_source

NOTES = [
    MarkedRecord(
        "plain",
        "主诉：头痛。左侧无力。",
        [Span(3, 5, "SIGN"), Span(6, 8, "SIDE"), Span(8, 10, "SIGN")],
    ),
    # An emoji and a rare character take two units in UTF-16, full-width digits one.
    MarkedRecord(
        "emoji",
        "😀头痛👩‍⚕️𠮷氏，１２３ｍｌ",
        [Span(0, 3, "A"), Span(7, 9, "姓名"), Span(10, 15, "VOLUME")],
    ),
    MarkedRecord("after", "🩺🩺🩺左侧", [Span(3, 5, "SIDE")]),
    MarkedRecord("edges", "见 左侧 出血 。", [Span(1, 5, "SIDE"), Span(5, 9, "SITE")]),
    MarkedRecord("inside", "言语\n不清\n\n  左侧\t无力", [Span(0, 5, "SIGN"), Span(9, 14, "SIGN")]),
    MarkedRecord("html", "血压<b>高</b>&amp;\"'\\", [Span(2, 6, "A"), Span(6, 16, "B")]),
    MarkedRecord("whole", "\u3000头\u202e痛\ufeff", [Span(0, 5, "A")]),
    MarkedRecord("none", "未见异常", []),
]


def written(name: str, notes: list[MarkedRecord], folder: Path) -> Path:
    """Write `notes` in the format `name`; return what to read again."""
    folder.mkdir(exist_ok=True)
    labels = sorted({span.label for note in notes for span in note.entities})
    writer = WRITERS[name](folder, labels)
    for note in notes:
        writer.add(note)
    writer.close()
    return {
        **{"doccano": folder / doccano.FILE, "label-studio": folder / label_studio.FILE},
    }.get(name, folder / name)


def read(path: Path) -> list[MarkedRecord]:
    source, notes = read_all(path)
    assert not +sum((part.tally.remarks for part in source.parts.values()), start=EMPTY)
    return notes


EMPTY = ReadingTally().remarks


def read_all(path: Path) -> tuple[Source, list[MarkedRecord]]:
    source = read_source(path)
    notes = [note for part in source.parts.values() for note in part]
    source.raise_problems()
    return source, notes


def remarks(source: Source) -> dict[str, int]:
    (part,) = source.parts.values()
    return {remark: count for remark, count in part.tally.remarks.items() if count}


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_written_comes_back_span_for_span(name: str, tmp_path: Path) -> None:
    path = written(name, NOTES, tmp_path / "out")
    _, notes = read_all(path)
    assert sorted(notes, key=lambda n: n.id) == sorted(NOTES, key=lambda n: n.id)


@pytest.mark.parametrize("name", WRITERS)
def test_windows_line_ends_added_on_the_way_move_no_span(name: str, tmp_path: Path) -> None:
    note = MarkedRecord("p1", "头痛。\n😀左侧\n无力", [Span(5, 7, "SIDE"), Span(8, 10, "SIGN")])
    path = written(name, [note], tmp_path / "out")
    for file in path.iterdir() if path.is_dir() else [path]:
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert read_all(path)[1] == [note]


def jsonl(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
    )
    return path


def test_both_generations_of_doccano_read_alike(tmp_path: Path) -> None:
    text = "😀头痛"
    path = jsonl(
        tmp_path / "all.jsonl",
        {"id": 7, "text": text, "label": [[2, 4, "SIGN"]]},
        {"text": text, "labels": [[2, 4, "SIGN"]]},
        {
            "id": 9,
            "text": text,
            "entities": [{"id": 1, "start_offset": 2, "end_offset": 4, "label": "SIGN"}],
            "relations": [{"from_id": 1, "to_id": 1, "type": "x"}],
            "record": "p9",
        },
        {"text": "未见异常", "label": []},
        {"text": " ", "label": []},
    )
    source, notes = read_all(path)
    assert notes == [
        MarkedRecord("all-7", text, [Span(1, 3, "SIGN")]),
        MarkedRecord("all-2", text, [Span(1, 3, "SIGN")]),
        MarkedRecord("p9", text, [Span(1, 3, "SIGN")]),
        MarkedRecord("all-4", "未见异常", []),
    ]
    assert remarks(source) == {EMPTY_RECORDS: 1, RELATIONS: 1}


def test_offsets_that_cannot_be_utf_16_are_read_as_code_points(tmp_path: Path) -> None:
    # Offset 1 lies inside the emoji: whoever wrote it counts as Python does.
    path = jsonl(tmp_path / "a.jsonl", {"text": "😀头痛", "label": [[1, 3, "SIGN"]]})
    source, (note,) = read_all(path)
    assert note.entities == [Span(1, 3, "SIGN")]
    assert remarks(source) == {"records whose offsets fit only as code points": 1}


def test_a_record_with_windows_line_ends_is_read_as_the_browser_counts(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", {"text": "头痛\r\n左侧\r\n", "label": [[4, 6, "SIDE"]]})
    assert read(path) == [MarkedRecord("a-1", "头痛\n左侧\n", [Span(3, 5, "SIDE")])]


def task(text: str, *annotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": 1, "data": {"text": text}, "annotations": list(annotations), **more}


def marked(*marks: tuple[int, int, str], text: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "result": [
            {
                "from_name": "label",
                "to_name": "text",
                "type": "labels",
                "value": {
                    "start": a,
                    "end": b,
                    "labels": [label],
                    **({"text": text} if text else {}),
                },
            }
            for a, b, label in marks
        ],
        **more,
    }


def tasks(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=2), encoding="utf-8")
    return path


def test_the_last_annotation_of_a_task_that_was_not_cancelled_counts(tmp_path: Path) -> None:
    path = tasks(
        tmp_path / "export.json",
        task("头痛", marked((0, 1, "A")), marked((0, 2, "B")), marked(was_cancelled=True)),
        task("头痛", marked((0, 2, "C"), was_cancelled=True), predictions=[marked((0, 2, "D"))]),
        task("头痛", predictions=[marked((0, 1, "E")), marked((0, 2, "F"))]),
        task("头痛", marked(), predictions=[marked((0, 2, "G"))]),
        task("头痛"),
        task("头痛", drafts=[marked((0, 1, "H"))]),
    )
    source, notes = read_all(path)
    assert [note.entities for note in notes] == [[Span(0, 2, "B")], []]
    assert remarks(source) == {
        "annotations of a task beside the one taken, left out": 1,
        "tasks that were only skipped or rejected, left out": 1,
        "tasks with predictions alone, left out, since others were annotated": 1,
        "tasks that neither a person nor a model annotated, left out": 1,
        "tasks with drafts alone, left out": 1,
    }


def test_drafts_and_predictions_beside_what_is_taken_are_counted(tmp_path: Path) -> None:
    draft = marked((0, 1, "H"))
    path = tasks(
        tmp_path / "export.json",
        task("头痛", marked(), drafts=[draft, marked()]),
        task("头痛", marked((0, 2, "B")), drafts=[17]),
    )
    assert remarks(read_all(path)[0]) == {"drafts of a task beside its annotation, left out": 2}
    path = tasks(tmp_path / "predicted.json", task("头痛", predictions=[draft, draft, draft]))
    assert remarks(read_all(path)[0]) == {
        "predictions of a task beside the one taken, left out": 2,
        "tasks that nobody annotated, their predictions taken": 1,
    }


def test_annotations_of_a_task_under_another_name_are_refused(tmp_path: Path) -> None:
    path = tasks(tmp_path / "a.json", task("头痛", marked(), reviewed=[marked((0, 2, "A"))]))
    with pytest.raises(DataError, match="line 2: has annotations under 'reviewed'"):
        read_all(path)
    path = tasks(tmp_path / "b.json", task("头痛", marked(), updated_by=[{"user_id": 1}]))
    assert read(path) == [MarkedRecord("b-1", "头痛", [])]


def test_an_object_with_a_key_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "头痛", "label": [[0, 2, "A"]], "label": []}', encoding="utf-8")
    with pytest.raises(DataError, match="line 1: .*the key 'label' twice"):
        read_all(path)


def test_predictions_count_where_nobody_annotated_anything(tmp_path: Path) -> None:
    path = tasks(
        tmp_path / "export.json",
        task("头痛", predictions=[marked((0, 1, "E")), marked((0, 2, "F"))]),
        task("头痛", marked((0, 1, "G"), was_cancelled=True)),
    )
    source, (note,) = read_all(path)
    assert note.entities == [Span(0, 2, "F")]
    assert remarks(source) == {
        "predictions of a task beside the one taken, left out": 1,
        "tasks that nobody annotated, their predictions taken": 1,
        "tasks that were only skipped or rejected, left out": 1,
    }


def test_the_ground_truth_of_a_task_counts_before_the_last(tmp_path: Path) -> None:
    path = tasks(
        tmp_path / "export.json",
        task("头痛", marked((0, 2, "A"), ground_truth=True), marked((0, 1, "B"))),
        task("头痛", marked((0, 2, "C"), ground_truth=True, was_cancelled=True), marked()),
    )
    _, notes = read_all(path)
    assert [note.entities for note in notes] == [[Span(0, 2, "A")], []]


def test_what_a_reviewer_rejected_does_not_count(tmp_path: Path) -> None:
    reviews = [{"accepted": True}, {"accepted": False}]
    path = tasks(
        tmp_path / "export.json",
        task("头痛", marked((0, 1, "A")), marked((0, 2, "B"), last_action="rejected")),
        task("头痛", marked((0, 1, "C"), reviews=reviews)),
        task("头痛", marked((0, 1, "D"), last_action="rejected", reviews=reviews[:1])),
    )
    source, notes = read_all(path)
    assert [note.entities for note in notes] == [[Span(0, 1, "A")], [Span(0, 1, "D")]]
    assert remarks(source) == {"tasks that were only skipped or rejected, left out": 1}


def of_texts(data: dict[str, Any], annotation: dict[str, Any]) -> dict[str, Any]:
    return {"data": data, "annotations": [annotation]}


def test_of_several_texts_of_a_task_the_marked_one_is_the_record(tmp_path: Path) -> None:
    data = {"patient": "王某", "report": "突发头痛", "hospital": "一院"}
    named = marked((2, 4, "A"))
    named["result"][0]["to_name"] = "report"
    path = tasks(
        tmp_path / "a.json",
        of_texts(data, marked()),  # only the others tell
        of_texts(data, marked((2, 4, "A"), text="头痛")),
        of_texts(data, named),
        of_texts({**data, "text": "头痛"}, marked((0, 2, "A"), text="头痛")),
    )
    assert [note.text for note in read(path)] == ["突发头痛", "突发头痛", "突发头痛", "头痛"]


def test_a_task_that_marks_several_texts_is_refused(tmp_path: Path) -> None:
    both = marked((0, 1, "A"), (0, 1, "B"))
    both["result"][0]["to_name"] = "history"
    path = tasks(tmp_path / "a.json", of_texts({"text": "头痛", "history": "头痛"}, both))
    with pytest.raises(DataError, match=r"line 2: the task marks several texts \(history, text\)"):
        read(path)


def test_the_marked_text_tells_how_label_studio_counted(tmp_path: Path) -> None:
    old = tasks(tmp_path / "old.json", task("😀头痛。", marked((2, 4, "SIGN"), text="头痛")))
    new = tasks(tmp_path / "new.json", task("😀头痛。", marked((1, 3, "SIGN"), text="头痛")))
    for path in (old, new):
        assert read_all(path)[1][0].entities == [Span(1, 3, "SIGN")]


def test_label_studio_folds_white_space_in_the_marked_text(tmp_path: Path) -> None:
    path = tasks(tmp_path / "a.json", task("头  \n痛", marked((0, 5, "SIGN"), text="头 痛")))
    assert read(path)[0].entities == [Span(0, 5, "SIGN")]


CHOICE = {"type": "choices", "value": {"choices": ["bleed"]}}


def test_results_that_mark_no_text_are_counted(tmp_path: Path) -> None:
    (mark,) = marked((0, 2, "A"))["result"]
    assert (
        len(read(tasks(tmp_path / "b.json", task("头痛", {"result": [{**mark, "id": []}]})))) == 1
    )
    of_mark = {"id": "m", "type": "choices", "value": {"start": 0, "end": 2, "choices": ["old"]}}
    link = {"type": "relation", "from_id": "m", "to_id": "m"}
    path = tasks(
        tmp_path / "a.json", task("头痛", {"result": [CHOICE, {**mark, "id": "m"}, of_mark, link]})
    )
    source, (note,) = read_all(path)
    assert note.entities == [Span(0, 2, "A")]
    assert remarks(source) == {WHOLE: 1, RELATIONS: 1, "choices of marked entities, left out": 1}


def test_a_task_with_answers_of_other_types_alone_is_not_annotated(tmp_path: Path) -> None:
    path = tasks(tmp_path / "a.json", task("头痛", {"result": [CHOICE]}), task("左侧", marked()))
    source, (note,) = read_all(path)
    assert note.text == "左侧"
    assert remarks(source) == {
        WHOLE: 1,
        "tasks with answers of other types alone (choices), left out": 1,
    }


def test_answers_on_another_field_are_counted_by_their_type(tmp_path: Path) -> None:
    box = {"type": "rectanglelabels", "to_name": "image", "value": {"x": 1, "y": 2, "width": 3}}
    (mark,) = marked((0, 2, "A"))["result"]
    source, (note,) = read_all(tasks(tmp_path / "a.json", task("头痛", {"result": [mark, box]})))
    assert note.entities == [Span(0, 2, "A")]
    assert remarks(source) == {"results of the type rectanglelabels, left out": 1}


def test_offsets_in_html_are_refused_with_the_reason(tmp_path: Path) -> None:
    value = {"globalOffsets": {"start": 0, "end": 2}, "hypertextlabels": ["A"], "text": "头痛"}
    mark = {"type": "hypertextlabels", "to_name": "text", "value": value}
    path = tasks(tmp_path / "a.json", task("<p>头痛</p>", {"result": [mark]}))
    with pytest.raises(DataError, match="line 2: the record is HTML, .* as plain text"):
        read(path)
    fits = tasks(tmp_path / "b.json", task("头痛，GCS<8", {"result": [mark]}))
    assert read(fits)[0].entities == [Span(0, 2, "A")]


@pytest.mark.parametrize("kind", ["paragraphlabels", "taxonomy", "textarea", "timeserieslabels"])
def test_text_marked_in_a_way_that_is_not_read_is_refused(kind: str, tmp_path: Path) -> None:
    mark = {"id": "x", "type": kind, "value": {"start": 0, "end": 2, kind: ["A"]}}
    path = tasks(tmp_path / "a.json", task("头痛", {"result": [mark]}))
    with pytest.raises(DataError, match=f"line 2: text is marked by results of the type '{kind}'"):
        read(path)


@pytest.mark.parametrize("result", [{}, {"result": None}, {"result": {}}])
def test_an_annotation_without_results_is_not_one_without_entities(
    result: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="line 2: an annotation has no list of results"):
        read(tasks(tmp_path / "a.json", task("头痛", {"id": 1, **result})))


def test_the_labeling_configuration_names_the_labels(tmp_path: Path) -> None:
    written("label-studio", [MarkedRecord("p1", "头痛", [Span(0, 2, 'A"<B>')])], tmp_path / "out")
    config = (tmp_path / "out" / label_studio.CONFIG).read_text(encoding="utf-8")
    assert "<Label value='A\"&lt;B&gt;'/>" in config
    assert '<Text name="text" value="$text"' in config


def test_a_row_over_many_lines_is_read_as_one(tmp_path: Path) -> None:
    row = {"text": "头痛", "label": [[0, 2, "A"]]}
    pretty = json.dumps(row, ensure_ascii=False, indent=2)
    for name, content in (("one.json", pretty), ("two.jsonl", f"{pretty}\n{pretty}\n")):
        (tmp_path / name).write_text(content, encoding="utf-8")
        assert {tuple(note.entities) for note in read(tmp_path / name)} == {(Span(0, 2, "A"),)}
    assert [line for line, _ in rows.rows(tmp_path / "two.jsonl")] == [1, 11]
    (tmp_path / "mixed.jsonl").write_text(f"{json.dumps(row)}\n{pretty}", encoding="utf-8")
    assert len(read(tmp_path / "mixed.jsonl")) == 2


@pytest.mark.parametrize("more", ["[]", '\n[{"text": "左侧", "label": []}]', " x"])
def test_what_stands_behind_a_list_is_not_dropped(more: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"text": "头痛", "label": []}\n]' + more, encoding="utf-8")
    with pytest.raises(DataError, match=f"line {3 if more[0] != '[' and more[0] != ' ' else 2}: "):
        read(path)


def test_a_fault_early_in_a_large_file_is_found_where_it_is(tmp_path: Path, monkeypatch) -> None:
    path = jsonl(tmp_path / "a.jsonl", *({"text": f"头痛{i}", "label": []} for i in range(999)))
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[4] = lines[4][:-9]
    path.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(rows, "_BLOCK", 400)
    with pytest.raises(DataError, match="line 5: is not valid JSON"):
        read(path)


@pytest.mark.parametrize("block", [1, 10, 100])
def test_a_list_of_tasks_is_read_row_by_row(block: int, tmp_path: Path, monkeypatch) -> None:
    path = tasks(tmp_path / "a.json", *(task(f"头痛{i}", marked((0, 2, "A"))) for i in range(30)))
    whole = list(rows.rows(path))
    monkeypatch.setattr(rows, "_BLOCK", block)
    assert list(rows.rows(path)) == whole
    lines = path.read_text(encoding="utf-8").splitlines()
    assert all(lines[line - 1].strip() == "{" for line, _ in whole)


def test_the_first_doccano_s_numbers_for_labels_are_refused(tmp_path: Path) -> None:
    mark = {"label": 7, "start_offset": 2, "end_offset": 4, "user": 1}
    row = {"id": 1, "text": "突发头痛3小时", "annotations": [mark], "meta": {}}
    with pytest.raises(DataError, match="line 1: an annotation has the label 7, a number"):
        read(jsonl(tmp_path / "a.jsonl", row))
    mark["label"] = "SIGN"
    assert read(jsonl(tmp_path / "b.jsonl", row))[0].entities == [Span(2, 4, "SIGN")]


def test_doccano_s_data_and_label_are_read(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", {"id": 1, "data": "头痛", "label": [[0, 2, "SIGN"]]})
    assert read(path) == [MarkedRecord("a-1", "头痛", [Span(0, 2, "SIGN")])]


@pytest.mark.parametrize("row", [{}, {"label": None}, {"tags": ["B-SIGN", "E-SIGN"]}])
def test_a_row_without_a_list_of_annotations_is_not_annotated(
    row: dict[str, Any], tmp_path: Path
) -> None:
    path = jsonl(tmp_path / "a.jsonl", {"text": "头痛", **row}, {"text": "左侧", "label": []})
    source, notes = read_all(path)
    assert [note.text for note in notes] == ["左侧"]
    keys = ", ".join(["text", *row])
    reason = f"rows without annotations ({keys}; no label or labels or entities or annotations)"
    assert remarks(source)[f"{reason}, left out"] == 1
    assert ("rows with 'tags', which is not read" in remarks(source)) == ("tags" in row)


@pytest.mark.parametrize(
    "marks",
    [
        [[0, 2, "SIGN"]],
        [["SIGN", 0, 2]],
        [{"start": 0, "end": 2, "type": "SIGN"}],
        {"entities": [{"start_offset": 0, "end_offset": 2}]},
        {"SIGN": {"头痛": [{"begin": 0}]}},
    ],
)
@pytest.mark.parametrize("known", [{"label": []}, {"spans": []}, {}])
def test_annotations_under_a_key_that_is_not_read_are_refused(
    known: dict[str, Any], marks: object, tmp_path: Path
) -> None:
    path = jsonl(tmp_path / "a.jsonl", {"text": "头痛", **known, "ner": marks})
    with pytest.raises(DataError, match="line 1: has annotations under 'ner', which is not read"):
        read(path)


def test_only_what_was_accepted_in_prodigy_counts(tmp_path: Path) -> None:
    row = {
        "text": "头痛",
        "_input_hash": 1,
        "tokens": [{"text": "头", "start": 0, "end": 1, "id": 0}],
        "spans": [{"start": 0, "end": 2, "label": "SIGN", "token_start": 0, "token_end": 1}],
        "_view_id": "ner_manual",
        "answer": "accept",
    }
    without = {key: value for key, value in row.items() if key != "spans"}
    path = jsonl(
        tmp_path / "a.jsonl",
        *(without, {**row, "answer": "reject"}, {**row, "answer": "ignore"}),
        *({**row, "_view_id": "ner"}, {**row, "spans": []}, row),
    )
    source, notes = read_all(path)
    assert [note.entities for note in notes] == [[], [Span(0, 2, "SIGN")]]
    found = remarks(source)
    assert found.pop("rows with the answer 'reject', left out") == 1
    assert found.pop("rows with the answer 'ignore', left out") == 1
    assert found.pop("yes or no answers of Prodigy to one entity a record, left out") == 1
    assert len(found) == 1 and "no spans" in found.popitem()[0]
    assert {kind.scheme for kind in source.kinds} == {"Prodigy JSONL"}
    with pytest.raises(DataError, match="line 1: has the answer 'maybe'"):
        read(jsonl(path, {**row, "answer": "maybe"}))


def brat_files(folder: Path, text: str, ann: str, name: str = "p1") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_bytes(text.encode())
    (folder / f"{name}.ann").write_bytes(ann.encode())
    return folder


def test_brat_pieces_become_one_span_and_are_counted(tmp_path: Path) -> None:
    folder = brat_files(
        tmp_path / "brat",
        "左侧及右侧基底节区\n出血",
        "T1\tSITE 0 2;5 9\t左侧 基底节区\nT2\tSIGN 9 9\t\nR1\tof Arg1:T1 Arg2:T2\n#1\tNote T1\t?\n",
    )
    source, (note,) = read_all(folder)
    assert note.entities == [Span(0, 9, "SITE")]
    assert remarks(source) == {
        DISCONTINUOUS: 1,
        EMPTY_MARKS: 1,
        "relations, events, attributes and notes of brat, left out": 2,
    }


def test_brat_pieces_that_overlap_are_read_as_one(tmp_path: Path) -> None:
    folder = brat_files(
        tmp_path / "brat", "左侧基底节区出血", "T1\tSITE 0 5;2 6\t左侧基底节 基底节区\n"
    )
    source, (note,) = read_all(folder)
    assert note.entities == [Span(0, 6, "SITE")]
    assert remarks(source) == {DISCONTINUOUS: 1}


def test_brat_pieces_hold_where_windows_line_ends_were_added(tmp_path: Path) -> None:
    folder = brat_files(
        tmp_path / "brat", "头痛\r\n左侧及右侧\r\n无力", "T1\tSIDE 3 5;6 8\t左侧 右侧\n"
    )
    _, (note,) = read_all(folder)
    assert note.text[note.entities[0].start : note.entities[0].end] == "左侧及右侧"


def test_an_empty_file_of_brat_is_said(tmp_path: Path) -> None:
    source, (note,) = read_all(brat_files(tmp_path / "brat", "头痛", "\n"))
    assert note.entities == []
    assert remarks(source) == {"empty .ann files of brat, read as records without entities": 1}


def test_a_record_beside_may_end_in_capitals(tmp_path: Path) -> None:
    (tmp_path / "p1.TXT").write_text("头\n痛", encoding="utf-8")
    (tmp_path / "p1.ANN").write_text("T1\tA 0 1\t头\n", encoding="utf-8")
    assert read(tmp_path) == [MarkedRecord("p1", "头\n痛", [Span(0, 1, "A")])]


def test_brat_counts_a_windows_line_end_as_two(tmp_path: Path) -> None:
    folder = brat_files(tmp_path / "brat", "头痛\r\n左侧\r\n", "T1\tSIDE 4 6\t左侧\r\n")
    assert read(folder) == [MarkedRecord("p1", "头痛\n左侧\n", [Span(3, 5, "SIDE")])]


def test_brat_gets_its_configuration_and_cuts_at_line_breaks(tmp_path: Path) -> None:
    folder = written("brat", [NOTES[4]], tmp_path / "out")
    assert (folder / "annotation.conf").read_text().startswith("[entities]\nSIGN\n\n[relations]\n")
    assert (folder / "inside.ann").read_text(encoding="utf-8") == (
        "T1\tSIGN 0 2;3 5\t言语 不清\nT2\tSIGN 9 14\t左侧\t无力\n"
    )


def test_a_label_that_brat_cannot_take_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'CT FINDING' holds white space"):
        written("brat", [MarkedRecord("p1", "头痛", [Span(0, 2, "CT FINDING")])], tmp_path / "out")


def test_texts_without_annotations_are_left_out_of_a_brat_folder(tmp_path: Path) -> None:
    folder = brat_files(tmp_path / "brat", "头痛", "T1\tSIGN 0 2\t头痛\n")
    (folder / "p2.txt").write_text("左侧", encoding="utf-8")
    source, notes = read_all(folder)
    assert [note.id for note in notes] == ["p1"]
    assert source.left_out["has no .ann file beside it"] == ["p2.txt"]


def test_of_overlapping_spans_the_longest_stays(tmp_path: Path) -> None:
    tally = ReadingTally()
    nested = [Span(0, 4, "B"), Span(0, 2, "A"), Span(2, 4, "A"), Span(3, 9, "C"), Span(9, 10, "D")]
    assert settle(nested, tally) == [Span(0, 2, "A"), Span(3, 9, "C"), Span(9, 10, "D")]
    assert tally.remarks[OVERLAPPING] == 2
    path = jsonl(tmp_path / "a.jsonl", {"text": "左侧基底节", "label": [[0, 2, "A"], [0, 5, "B"]]})
    source, (note,) = read_all(path)
    assert note.entities == [Span(0, 5, "B")]
    assert remarks(source) == {OVERLAPPING: 1}


def test_the_annotations_of_text_annotate_are_read(tmp_path: Path) -> None:
    span = {"start": 1, "end": 3, "label": "SIGN", "text": "头痛", "section": None}
    path = jsonl(tmp_path / "annotations.jsonl", {"id": "p1", "text": "😀头痛", "spans": [span]})
    assert read(path) == [MarkedRecord("p1", "😀头痛", [Span(1, 3, "SIGN")])]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "a.jsonl",
            '{"text": "头痛", "label": [[0, 3, "A"]]}',
            "line 1: A 0 to 3 lies outside the record",
        ),
        ("a.jsonl", '{"text": "头痛", "label": []}\n{"text": "头', "line 2: is not valid JSON"),
        (
            "a.jsonl",
            '{"text": "头痛", "label": ["bleed"]}',
            'line 1: the annotation "bleed" is not like',
        ),
        (
            "a.jsonl",
            '{"text": "头痛", "label": "bleed"}',
            "line 1: 'label' is not a list of annotations",
        ),
        ("a.jsonl", '{"text": "头痛", "label": []}\n{"label": []}', "line 2: has no text"),
        ("a.jsonl", '{"text": "头痛", "label": []}\n[1]', "line 2: is not a JSON object"),
        ("a.jsonl", '{"text": "\\ud83d痛", "label": []}', "holds half a character"),
        ("a.jsonl", '{"text": "痛", "record": "\\ud83d", "label": []}', "holds half a character"),
        ("a.jsonl", '{"text": "痛", "label": [[0, 1, "\\ud83d"]]}', "holds half a character"),
        ("a.jsonl", "", "is empty"),
        ("a.json", "[]", "is empty"),
        ("a.json", '[{"data": {"text": "头"}},\n{"data"', "line 2: is not valid JSON"),
        (
            "a.json",
            '[{"data": {"a": 5}, "annotations": [{"result": []}]}]',
            "line 1: the task's data have no text",
        ),
        (
            "a.json",
            '[{"data": {"a": "x", "b": "y"}, "annotations": [{"result": []}]}]',
            "line 1: the task's data have several texts ('a', 'b')",
        ),
        ("a.json", '[{"id": 1}]', "but not like that of doccano"),
        (
            "a.json",
            '[{"id": 1, "text": "头痛", "label": [{"start": 0, "end": 2, "labels": ["A"]}]}]',
            "not JSON-MIN",
        ),
        ("a.json", b"\xff\xfe[", "is not UTF-8 text"),
        # Label Studio can export numbers in the place of what they stand for.
        (
            "a.json",
            '[{"data": {"text": "头"}, "predictions": [7]}]',
            "'predictions' is not a list",
        ),
        (
            "a.json",
            '[{"data": {"text": "头"}, "annotations": 5}]',
            "'annotations' is not a list",
        ),
        (
            "a.json",
            '[{"data": {"text": "头"}, "annotations": [{"result": ["x"]}]}]',
            "line 1: 'result' is not a list of objects",
        ),
        *(
            (
                "a.json",
                '[{"data": {"text": "头痛"}, "annotations": [{"result": [{"type": "labels", '
                f'"value": {{"start": 0, "end": 2, "labels": {labels}}}}}]}}]}}]',
                "has no labels, or no start and end",
            )
            for labels in ('"SITE"', '[""]', "[null]")
        ),
        ("a.jsonl", '{"text": "头", "spans": []}\n{"text": 5, "spans": []}', "line 2: is not like"),
        *(
            (
                "a.jsonl",
                f'{{"text": "头痛", "spans": [{{"start": 0, "end": 2, {rest}}}]}}',
                "line 1: is not like the rows",
            )
            for rest in ('"label": ""', '"label": "A", "text": 5')
        ),
        ("a.jsonl", "[" * 100_000, "too deep to be read"),
    ],
)
def test_what_is_broken_is_named_with_file_and_line(
    name: str, content: str | bytes, words: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DataError) as caught:
        read_all(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("ann", "words"),
    [
        ("T1 SIGN 0 2 头痛\n", "line 1: is not like this: T1, a tab, the label"),
        ("#1\tx\nT1\tSIGN 0 9\t头痛\n", "line 2: SIGN 0 to 9 lies outside the record p1 (0 to 2)"),
        (" T1\tSIGN 0 2\t头痛\n", "line 1: is not a line of brat's"),
        ("t1\tSIGN 0 2\t头痛\n", "line 1: is not a line of brat's"),
        ("T1\tSIGN 0 1;1 2\t头晕\n", "should be '头晕', but the record p1 has '头痛' there"),
        ("T1\tSIGN 0 1;0 2\t头晕\n", "the pieces 0 1;0 2 should be '头晕'"),
        ("T1\tSIGN 2 0\t头痛\n", "line 1: SIGN 2 to 0 ends before it begins"),
        ("T1\tSIGN 0 2\t左侧\n", "should be '左侧', but the record p1 has '头痛' there"),
    ],
)
def test_what_is_broken_in_brat_is_named(ann: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_all(brat_files(tmp_path / "brat", "头痛", ann))
    assert words in str(caught.value) and "p1.ann, line" in str(caught.value)


def test_an_annotation_file_without_its_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p1.ann").write_text("T1\tA 0 2\tx\n")
    with pytest.raises(DataError, match="has no p1.txt beside it"):
        read_all(tmp_path)


@pytest.mark.parametrize("text", ["", " \n"])
def test_records_without_a_character_are_left_out_of_every_format(
    text: str, tmp_path: Path
) -> None:
    jsonl(tmp_path / "a.jsonl", {"text": text, "label": []})
    jsonl(tmp_path / "b.jsonl", {"id": "b", "text": text, "spans": []})
    tasks(tmp_path / "c.json", task(text, marked()))
    brat_files(tmp_path / "brat", text, "")
    source, notes = read_all(tmp_path)
    assert (notes, remarks(source)) == ([], {EMPTY_RECORDS: 3})
    source, notes = read_all(tmp_path / "brat")
    assert (notes, remarks(source)) == ([], {EMPTY_RECORDS: 1})


def test_parts_can_be_of_a_tool(tmp_path: Path) -> None:
    brat_files(tmp_path / "train", "头痛", "T1\tSIGN 0 2\t头痛\n")
    jsonl(tmp_path / "dev.jsonl", {"text": "左侧", "label": [[0, 2, "SIDE"]]})
    tasks(tmp_path / "test.json", task("右侧", marked((0, 2, "SIDE"))))
    source, notes = read_all(tmp_path)
    assert list(source.parts) == ["train", "val", "test"]
    assert [note.text for note in notes] == ["头痛", "左侧", "右侧"]
    assert {kind.scheme for kind in source.kinds} == {
        *("brat standoff", "doccano JSONL", "Label Studio JSON"),
    }
