"""Names that one record of a patient tells are sought in all of the patient's records."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.text.sharing.test_tables import share
from text.annotate import main as annotate_main
from text.components.deidentify.replace import Deidentifier
from text.deidentify import deidentify
from text.sharing.report import FAILED

HEADED = "姓名：高峰，男，62岁。因头痛入院。"
LATER = "高峰今日病情平稳，继续脱水。高峰诉头痛减轻。"


def test_of_annotated_records_as_of_notes(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    at = LATER.index("头痛")
    rows = [
        {"id": "P1_a", "text": HEADED, "label": []},
        {"id": "P1_b", "text": LATER, "label": [[at, at + 2, "SYMPTOM"]]},
        {"id": "P2_a", "text": LATER, "label": []},
    ]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    source.write_text("".join(lines), encoding="utf-8")
    key = tmp_path / "key.json"
    deidentify(source, tmp_path / "out", key, patient="in-P*_")
    shared = [
        json.loads(line) for line in (tmp_path / "out" / "doccano.jsonl").open(encoding="utf-8")
    ]
    first, second, third = (row["text"] for row in shared)
    name = first.removeprefix("姓名：").partition("，")[0]
    assert name != "高峰" and second == LATER.replace("高峰", name)
    assert third == LATER  # nothing of that patient tells a name
    ((start, end, _),) = shared[1]["label"]
    assert second[start:end] == "头痛"
    notes = tmp_path / "notes"
    notes.mkdir()
    for row in rows[:2]:
        (notes / f"{row['id']}.txt").write_text(row["text"], encoding="utf-8")
    deidentify(notes, tmp_path / "again", key, patient="P*_")
    assert (tmp_path / "again" / "P1_b.txt").read_text(encoding="utf-8") == second


def with_two_notes(cohort: Path) -> Path:
    """Make two cases of a cohort those of one patient."""
    manifest = cohort / "cohort.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    cases = [case for case in content["cases"] if case.get("record")][:2]
    for case, text in zip(cases, (HEADED, LATER), strict=True):
        case["patient"] = "p0001"
        case.pop("tags", None)
        (cohort / case["record"]).write_text(text, encoding="utf-8")
    content["cases"] = cases
    manifest.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return cohort


def to_doccano(tmp_path: Path) -> list[Any]:
    labels = tmp_path / "labels.yaml"
    labels.write_text("hematoma_volume: VOLUME\n", encoding="utf-8")
    out = ["--output", tmp_path / "out", "--no-pages", "--mask"]
    return [*out, "--format", "doccano", "--labels", labels]


def test_of_tasks_for_a_tool(
    make_cohort: Callable[..., Path], tmp_path: Path, command: Any
) -> None:
    asked = [with_two_notes(make_cohort()), *to_doccano(tmp_path)]
    done = command(annotate_main, *asked)
    assert done.exit_code == 0, done.stderr
    tasks = (tmp_path / "out" / "doccano.jsonl").read_text(encoding="utf-8")
    assert "高峰" not in tasks and "[NAME]今日病情平稳，继续脱水。[NAME]诉头痛减轻。" in tasks


def test_of_tasks_one_that_the_rules_stumble_over_ends_no_other(
    tmp_path: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.txt").write_text(HEADED, encoding="utf-8")
    (notes / "b.txt").write_text(HEADED + "stumble", encoding="utf-8")
    own = Deidentifier.__call__

    def stumbles(self: Deidentifier, text: str, known: Any = ()) -> Any:
        if "stumble" in text:
            raise ValueError(f"a fault that quotes {text}")
        return own(self, text, known)

    monkeypatch.setattr(Deidentifier, "__call__", stumbles)
    done = command(annotate_main, notes, *to_doccano(tmp_path))
    assert done.exit_code == 1 and "b: the rules stumbled over it (ValueError)" in done.stderr
    (task,) = (tmp_path / "out" / "doccano.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(task)["text"] == HEADED.replace("高峰", "[NAME]")
    assert (tmp_path / "out" / FAILED).read_text(encoding="utf-8-sig").splitlines()[1:] == [
        "b,the rules stumbled over it (ValueError)."
    ]


def test_two_names_in_a_cell_are_two_people(tmp_path: Path) -> None:
    rows = [["住院号", "主管医生", "病历"], ["7", "卓玛/费扬", "卓玛今日查房，费扬记录。"]]
    _, (_, doctors, text) = share(rows, tmp_path, "t.csv")
    first, second = doctors.split("/")
    assert text == f"{first}今日查房，{second}记录。"
    assert not {first, second} & {"卓玛", "费扬"} and first != second


def test_names_of_a_patient_s_other_rows_are_sought(tmp_path: Path) -> None:
    rows = [
        ["住院号", "责任者", "主管医生", "病历"],
        ["7", 1, "费扬", HEADED],
        ["7", 2, "", LATER + "费扬已告知。"],
        ["8", 3, "", "患者今日病情平稳。"],
    ]
    shared = share(rows, tmp_path, "t.csv")
    assert "高峰" not in shared[2][3] and "费扬" not in shared[2][3]
    assert shared[2][3].endswith(f"{shared[1][2]}已告知。") and shared[3][3] == rows[3][3]
