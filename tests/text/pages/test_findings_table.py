from __future__ import annotations

import csv
import json
import re
from html import escape
from pathlib import Path

import pytest

from cohort.base.files import open_table
from text.annotate import annotate, main
from text.components.findings.summary import FINDING_COLUMNS
from text.pages.diagnosis_codes import CODE_COLUMNS
from text.pages.findings_table import findings_html


def finding(**changes: object) -> dict:
    return {
        "name": "blood_pressure", "value": [179, 95], "unit": "mmHg", "side": None,
        "certainty": "affirmed", "section": None, "text": "179/95mmHg", **changes,
    }  # fmt: skip


def test_a_cohort_has_one_table_with_a_row_a_record(
    pipeline: Path, cohort: Path, tmp_path: Path
) -> None:
    annotate(str(pipeline), [cohort], tmp_path / "out")
    with (tmp_path / "out" / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["p1", "p2", "p3", "p4"]
    assert list(rows["p1"]) == ["id", *FINDING_COLUMNS, *CODE_COLUMNS, "notes"]
    filled = {key: value for key, value in rows["p1"].items() if value}
    assert filled == {
        "id": "p1", "age_years": "76", "sex": "male", "onset_to_admission_h": "4",
        "chief_symptom": "weakness", "chief_symptom_side": "right", "hematoma": "present",
        "hematoma_count": "1", "hematoma_site": "basal_ganglia", "hematoma_side": "left",
        "hematoma_volume_ml": "14", "hematoma_total_ml": "14",
        "hematoma_volume_method": "stated", "icd10": "I61.0",
    }  # fmt: skip
    assert rows["p4"]["hematoma_side"] == "" and rows["p4"]["hematoma_site"] == "brainstem"


def test_what_is_unusual_about_a_record_stands_beside_its_findings(
    pipeline: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p1.txt").write_text("头痛\ufffd\ufffd，血压179/95mmHg。", encoding="utf-8")
    out, note = tmp_path / "out", "holds characters damaged in an earlier conversion ('\ufffd'): 2."
    main([pipeline, tmp_path / "p1.txt"], out)
    with open_table(out / "findings.csv") as file:
        assert [row["notes"] for row in csv.DictReader(file)] == [note]
    line = json.loads((out / "annotations.jsonl").read_text(encoding="utf-8"))
    assert line["notes"] == [{"kind": "damaged text", "what": note}]
    assert escape(note) in (out / "pages" / "p1.html").read_text(encoding="utf-8")
    assert f"Note: p1: {note}" in capsys.readouterr().out


def test_each_page_has_its_findings(pipeline: Path, cohort: Path, tmp_path: Path) -> None:
    annotate(str(pipeline), [cohort], tmp_path / "out")
    page = (tmp_path / "out" / "pages" / "p2.html").read_text(encoding="utf-8")
    rows = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]
    assert [
        "hematoma_volume",
        "7",
        "mL",
        "right",
        "affirmed",
        "",
        "imaging_report",
        "7毫升",
    ] in rows


@pytest.mark.parametrize(
    ("value", "written"), [([179, 95], "179/95"), ([190, None], "190/?"), (14.0, "14"), (None, "")]
)
def test_values_stand_as_people_write_them(value: object, written: str) -> None:
    assert f"<td>{written}</td>" in findings_html([finding(value=value)])


def test_a_bound_stands_as_one() -> None:
    bounded = finding(name="hematoma_volume", value=30.0, bound="<")
    assert "<td>&lt; 30</td>" in findings_html([bounded])
    at_most = finding(name="gcs", value=None, range=[3, 8])
    assert "<td>3–8</td>" in findings_html([at_most])


def test_evidence_is_escaped() -> None:
    table = findings_html([finding(text="<b>179</b>/95 & more")])
    assert "&lt;b&gt;179&lt;/b&gt;/95 &amp; more" in table and "<b>" not in table


def test_without_findings_there_is_no_table() -> None:
    assert findings_html([]) == ""
