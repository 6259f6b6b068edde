"""Without a trained pipeline: sections and findings, and why there are no entities."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError, UsageError
from cohort.schema.problems import parse
from cohort.schema.records.record import AnnotatedRecord
from text.annotate import annotate, main
from text.model.named import pipeline_and_records


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "p9.txt"
    path.write_text("主诉：头痛。\nCT报告：左侧基底节区出血，约35ml。", encoding="utf-8")
    return path


def test_records_are_read_by_rules_and_results_say_why_there_are_no_entities(
    note: Path, tmp_path: Path, command: Any
) -> None:
    out = tmp_path / "out"
    done = command(main, note, "--output", out)
    assert done.exit_code == 0, done.stderr
    assert "Note: entities cannot be told" in done.stdout and "│" not in done.stdout  # no table
    row = json.loads((out / "annotations.jsonl").read_text(encoding="utf-8"))
    assert parse(AnnotatedRecord, row)[1] == []
    assert row["spans"] == [] and "no trained pipeline" in row["cannot_be_told"]["entities"]
    assert [s["label"] for s in row["sections"]] == ["chief_complaint", "imaging_report"]
    assert ("hematoma_volume", 35) in [(f["name"], f["value"]) for f in row["findings"]]
    for page in (out / "index.html", out / "pages" / "p9.html"):
        shown = page.read_text(encoding="utf-8")
        assert "no trained pipeline was named" in shown and "No entities found" not in shown


def test_entities_for_a_tool_need_a_pipeline(note: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--format doccano: is of entities"):
        annotate(None, [note], tmp_path / "out", formats=["doccano"])
    assert not (tmp_path / "out").exists()


def test_a_pipeline_is_told_by_its_files_or_named(pipeline: Path, note: Path) -> None:
    assert pipeline_and_records([pipeline, note]) == (str(pipeline), [note])
    assert pipeline_and_records([note], str(pipeline)) == (str(pipeline), [note])
    assert pipeline_and_records([note]) == (None, [note])
    assert pipeline_and_records([Path("spacy"), note]) == ("spacy", [note])  # if it is one: loading


def test_what_was_likely_meant_as_a_pipeline_is_not_read_by_rules(
    pipeline: Path, note: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="name the records after it"):
        pipeline_and_records([pipeline])
    with pytest.raises(UsageError, match="stands among the records"):
        pipeline_and_records([note, pipeline])
    with pytest.raises(DataError, match=re.escape(f"name {pipeline}")):
        pipeline_and_records([pipeline.parent, note])
    with pytest.raises(DataError, match="nor an installed pipeline"):
        pipeline_and_records([tmp_path / "model", note])
    with pytest.raises(DataError, match="nor an installed pipeline"):
        pipeline_and_records([note], "no_such_pipeline")
    half = tmp_path / "half"
    half.mkdir()
    (half / "config.cfg").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match=r"is not a spaCy pipeline \(no meta.json\)"):
        pipeline_and_records([half, note])
