"""Two annotators of the same records: figures, what they differ on, and what is no such pair."""

from __future__ import annotations

import csv
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError, UsageError
from cohort.schema.records.agreement import AgreementFile
from tests.conftest import undescribed
from text.agreement import compare_annotators
from text.convert import convert

TEXTS = {
    "p1": "主诉：头痛2小时。CT：左侧丘脑出血。",
    "p2": "主诉：呕吐<b>1天</b>。CT：脑干出血。",
    "p3": "主诉：头晕。",
}
ALICE = {
    "p1": [(3, 5, "SYMPTOM"), (12, 18, "SITE")],
    "p2": [(3, 5, "SYMPTOM")],
    "p3": [(3, 5, "SYMPTOM")],
}
BOB = {
    "p1": [(3, 5, "SYMPTOM"), (12, 16, "SITE")],
    "p2": [(3, 5, "SIGN"), (17, 21, "SITE")],
    "p3": [(3, 5, "SYMPTOM")],
}
Answers = dict[str, list[tuple[int, int, str]]]


def doccano(path: Path, answers: Answers, texts: dict[str, str] = TEXTS) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    rows = [{"text": texts[name], "label": marks} for name, marks in answers.items()]
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def annotation(who: Any, marks: list[tuple[int, int, str]], **more: Any) -> dict[str, Any]:
    results = [
        {"type": "labels", "value": {"start": start, "end": end, "labels": [label]}}
        for start, end, label in marks
    ]
    return {"completed_by": who, "result": results, **more}


def label_studio(path: Path, *answers: tuple[Any, Answers]) -> Path:
    tasks = [
        {
            "data": {"text": text, "record": name},
            "annotations": [annotation(who, its[name]) for who, its in answers if name in its],
        }
        for name, text in TEXTS.items()
    ]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return path


def brat(folder: Path, answers: Answers) -> None:
    folder.mkdir(parents=True)
    for name, marks in answers.items():
        (folder / f"{name}.txt").write_text(TEXTS[name], encoding="utf-8")
        lines = (f"T{n}\t{m[2]} {m[0]} {m[1]}\n" for n, m in enumerate(marks, 1))
        (folder / f"{name}.ann").write_text("".join(lines), encoding="utf-8")


def source(kind: str, folder: Path) -> tuple[Path, Path | None]:
    if kind == "two sets":
        return doccano(folder / "alice.jsonl", ALICE), doccano(folder / "bob.jsonl", BOB)
    if kind == "label studio":
        return label_studio(folder / "e.json", ({"email": "alice"}, ALICE), ("bob", BOB)), None
    if kind == "doccano":
        doccano(folder / "e" / "alice.jsonl", ALICE)
        doccano(folder / "e" / "all.jsonl", ALICE)
        doccano(folder / "e" / "bob.jsonl", BOB)
    else:
        brat(folder / "e" / "alice", ALICE)
        brat(folder / "e" / "bob", BOB)
    return folder / "e", None


@pytest.mark.parametrize("kind", ["two sets", "label studio", "doccano", "brat"])
def test_figures_are_the_same_wherever_the_answers_come_from(kind: str, tmp_path: Path) -> None:
    result = compare_annotators(*source(kind, tmp_path), tmp_path / "out")
    assert (result.first.name, result.second.name) == ("alice", "bob")
    # SYMPTOM: 3 and 2, 2 the same; SITE: 1 and 2, none the same; SIGN: 0 and 1.
    scores = {
        name: (s.gold, s.predicted, s.correct, round(s.f1, 3))
        for name, s in result.tally.labels.items()
    }
    assert scores == {
        "SYMPTOM": (3, 2, 2, 0.8),
        "SITE": (1, 2, 0, 0.0),
        "SIGN": (0, 1, 0, 0.0),
    }
    assert result.tally.kinds == {"correct": 2, "boundary": 1, "label": 1, "spurious": 1}
    # Both: O 30, SYMPTOM 4, SITE 4; alice alone SITE 2; SYMPTOM for SIGN 2; bob alone SITE 4.
    characters = sum(map(len, TEXTS.values()))
    assert result.over_all.characters == characters
    assert result.over_marked.characters == 16
    assert result.over_marked.observed == pytest.approx(8 / 16)
    # alice: SYMPTOM 6, SITE 6, O 4; bob: SYMPTOM 4, SITE 8, SIGN 2, O 2.
    chance = 6 * 4 + 6 * 8 + 4 * 2
    assert result.over_marked.value == pytest.approx((8 * 16 - chance) / (256 - chance))
    written = json.loads((tmp_path / "out" / "agreement.json").read_text(encoding="utf-8"))
    assert undescribed(AgreementFile, written) == []
    assert written["tasks"] == 2 and written["all"]["both"] == 2


def test_disagreements_are_a_table_and_a_page_with_text_as_text(tmp_path: Path) -> None:
    one = doccano(tmp_path / "al<i>ce.jsonl", ALICE)
    compare_annotators(one, doccano(tmp_path / "bob.jsonl", BOB), tmp_path / "out")
    with (tmp_path / "out" / "disagreements.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["kind"], row["first_text"], row["second_text"]) for row in rows] == [
        ("boundary", "左侧丘脑出血", "左侧丘脑"),
        ("label", "呕吐", "呕吐"),
        ("only second", "", "：脑干出"),
    ]
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "<b>" not in page and "<i>" not in page and "<script" not in page
    body = html.unescape(re.sub(r"<[^>]+>", "", page.split("</style>")[1]))
    assert "only bob" in body and "<b>1天</b>" in body and "al<i>ce" in body
    assert "al<i>ce marks “左侧丘脑出血” as SITE once; there bob does the same: 0." in body
    assert "Labels that bob alone uses: SIGN." in body


def test_tasks_hold_both_answers_and_are_read_again_beside_what_is_agreed(tmp_path: Path) -> None:
    compare_annotators(*source("two sets", tmp_path), tmp_path / "out")
    path = tmp_path / "out" / "adjudicate" / "label_studio.json"
    tasks = json.loads(path.read_text(encoding="utf-8"))
    assert [task["data"]["text"] for task in tasks] == [TEXTS["p1"], TEXTS["p2"]]
    shown = [
        {p["model_version"]: [r["value"]["text"] for r in p["result"]] for p in task["predictions"]}
        for task in tasks
    ]
    assert shown[0] == {"alice": ["头痛", "左侧丘脑出血"], "bob": ["头痛", "左侧丘脑"]}
    config = path.with_suffix(".xml").read_text(encoding="utf-8")
    assert all(f'value="{label}"' in config for label in ("SITE", "SYMPTOM", "SIGN"))
    # Somebody decides for alice, and the export lies beside what is agreed.
    for task in tasks:
        task["annotations"] = [{"result": task.pop("predictions")[0]["result"]}]
    folder = tmp_path / "decided"
    folder.mkdir()
    (folder / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
    agreed = (tmp_path / "out" / "agreed.jsonl").read_text(encoding="utf-8")
    (folder / "agreed.jsonl").write_text(agreed, encoding="utf-8")
    converted = convert(folder, tmp_path / "corpus").parts["decided"]
    assert (converted.records, converted.entities) == (3, {"SYMPTOM": 3, "SITE": 1})


@pytest.mark.parametrize("tool", ["doccano", "brat"])
def test_tools_that_show_one_answer_get_both_in_the_labels(tool: str, tmp_path: Path) -> None:
    compare_annotators(*source("label studio", tmp_path), tmp_path / "out", tool=tool)
    folder = tmp_path / "out" / "adjudicate"
    if tool == "doccano":
        row = json.loads((folder / "doccano.jsonl").read_text(encoding="utf-8").splitlines()[0])
        found = {(row["text"][start:end], label) for start, end, label in row["label"]}
    else:
        lines = (folder / "brat" / "p1.ann").read_text(encoding="utf-8").splitlines()
        found = {(words, mark.split()[0]) for _, mark, words in (ln.split("\t") for ln in lines)}
    assert found == {
        ("头痛", "SYMPTOM"),
        ("左侧丘脑出血", "SITE-by-A"),
        ("左侧丘脑", "SITE-by-B"),
    }


def test_records_of_one_alone_are_left_out_and_told(tmp_path: Path) -> None:
    one = doccano(tmp_path / "alice.jsonl", ALICE)
    other = doccano(tmp_path / "bob.jsonl", {"p3": BOB["p3"], "p1": BOB["p1"]})
    result = compare_annotators(one, other, tmp_path / "out")
    assert len(result.paired.documents) == 2
    assert result.notes == ["Only alice annotated 1 record (alice-2): left out."]
    assert result.tally.labels["SYMPTOM"].correct == 2


def test_the_last_answer_of_a_person_counts_and_skipped_ones_do_not(tmp_path: Path) -> None:
    tasks = [
        {
            "id": 1,
            "data": {"text": TEXTS["p1"]},
            "annotations": [
                annotation(1, ALICE["p1"]),
                annotation(2, ALICE["p1"], ground_truth=True),
                annotation(1, BOB["p1"]),
                annotation(2, BOB["p1"]),
            ],
        },
        {
            "id": 2,
            "data": {"text": TEXTS["p2"]},
            "annotations": [annotation(1, []), annotation(2, [], was_cancelled=True)],
        },
    ]
    (tmp_path / "e.json").write_text(json.dumps(tasks), encoding="utf-8")
    result = compare_annotators(tmp_path / "e.json", None, tmp_path / "out")
    assert len(result.paired.documents) == 1 and result.paired.only_first == ["e-2"]
    assert result.tally.kinds == {"correct": 1, "boundary": 1}
    (document,) = result.paired.documents
    assert [span[:2] for span in document.gold] == [(3, 5), (12, 16)]


def test_of_more_than_two_annotators_two_are_named(tmp_path: Path) -> None:
    answers = ((1, ALICE), (2, BOB), (3, {"p1": ALICE["p1"]}))
    path = label_studio(tmp_path / "e.json", *answers)
    with pytest.raises(UsageError, match=r"1 \(3 records\), 2 \(3 records\), 3 \(1 records?\)"):
        compare_annotators(path, None, tmp_path / "out")
    with pytest.raises(UsageError, match="--annotator 4: did not annotate"):
        compare_annotators(path, None, tmp_path / "out", annotators=["1", "4"])
    result = compare_annotators(path, None, tmp_path / "out", annotators=["3", "1"])
    assert (result.first.name, result.tasks) == ("3", 0)
    assert len(result.paired.only_second) == 2
    with pytest.raises(UsageError, match="these are two sets"):
        other = doccano(tmp_path / "bob.jsonl", BOB)
        compare_annotators(path, other, tmp_path / "out", annotators=["1"])


def test_what_is_no_pair_is_refused_in_a_sentence(tmp_path: Path) -> None:
    alice, bob = source("two sets", tmp_path)
    assert bob is not None
    only = label_studio(tmp_path / "only.json", ("alice", ALICE))
    (tmp_path / "a").mkdir()
    other_text = {**TEXTS, "p1": TEXTS["p1"].replace("2小时", "3小时")}
    changed = doccano(tmp_path / "a" / "alice.jsonl", ALICE, other_text)
    others = doccano(tmp_path / "c.jsonl", {"x": []}, {"x": "别的病历。"})
    blank = doccano(tmp_path / "blank.jsonl", {name: [] for name in TEXTS})
    also_blank = doccano(tmp_path / "also.jsonl", {name: [] for name in TEXTS})
    (tmp_path / "empty.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "nothing").mkdir()
    for one, other, problem in (
        (only, None, "has one annotator only (alice); name the set of a second one"),
        (alice, None, "does not tell who annotated what"),
        (tmp_path / "nothing", None, "does not tell who annotated what"),
        (alice, others, "have no record in common"),
        (alice, changed, "alice-1 has another text for"),
        (blank, also_blank, "nothing is marked"),
        (alice, tmp_path / "empty.jsonl", "is empty"),
        (alice, tmp_path / "nowhere", "no such file"),
    ):
        with pytest.raises(DataError) as caught:
            compare_annotators(one, other, tmp_path / "out")
        assert any(problem in said for said in caught.value.problems), caught.value.problems
    with pytest.raises(UsageError, match="is named twice"):
        compare_annotators(alice, alice, tmp_path / "out")
    with pytest.raises(UsageError, match="--format bioes: the formats are label-studio, doccano,"):
        compare_annotators(alice, bob, tmp_path / "out", tool="bioes")
    with pytest.raises(DataError, match="would be replaced"):
        compare_annotators(alice, bob, tmp_path)
    assert not (tmp_path / "out").exists()


def test_one_who_marked_nothing_agrees_on_nothing(tmp_path: Path) -> None:
    blank = doccano(tmp_path / "blank.jsonl", {name: [] for name in TEXTS})
    result = compare_annotators(doccano(tmp_path / "a.jsonl", ALICE), blank, tmp_path / "out")
    assert result.tally.all.f1 == 0 and result.over_all.value == 0
    assert result.tally.kinds == {"missed": 4}


def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    from text.agreement import main

    one, other = source("two sets", tmp_path)
    main(one, tmp_path / "out", other)
    said = " ".join(capsys.readouterr().out.split())
    assert "3 records that both annotated" in said and "Records to adjudicate: 2" in said
    assert "Note: Labels that bob alone uses: SIGN." in said
    assert "Cohen's kappa over the characters that either marks (16): 0.273" in said


def test_what_was_mended_on_reading_is_told_of_both(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    from text.agreement import main

    for name, relations in (("a", 2), ("b", 3)):
        row = {"text": "左侧丘脑出血", "label": [[0, 4, "SITE"]], "relations": [{}] * relations}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row), encoding="utf-8")
    main(tmp_path / "a.jsonl", tmp_path / "out", tmp_path / "b.jsonl")
    said = " ".join(capsys.readouterr().out.split())
    assert "On reading, relations between entities, left out: 5" in said
