"""The command: what it writes, what it refuses, and that it writes nothing elsewhere."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cohort.base.cli import run as run_command
from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.report import ReportFile
from hich.report.build import MARKER, build, main
from hich.report.follow_up import of_cohort
from hich.report.gather.case import load_case
from hich.report.gather.case_source import CaseSource
from hich.report.gather.table import CASE_COLUMNS
from hich.report.model.cohort import CohortReport
from hich.report.settings import DEFAULT_CONFIG, VolumeSettings
from tests.conftest import undescribed
from tests.hich.report.conftest import (
    FINDINGS,
    MEASUREMENTS,
    RECORD,
    REFERENCE_ML,
    SHAPE,
    World,
    finding,
)

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Return a function that runs the command on a world; gives exit code and all output."""

    def run(world: World, *arguments: object, output: str = "reports") -> tuple[int, str]:
        words = [world.cohort, "--output", world.folder / output]
        words += ["--processes", 1, *world.options, *arguments]
        monkeypatch.setattr(sys, "argv", ["hich.report", *map(str, words)])
        monkeypatch.chdir(world.folder)  # not where a split of the project itself may lie
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            run_command(main, extra_arguments=True)
        captured = capsys.readouterr()
        return int(end.value.code or 0), captured.out + captured.err

    return run


def report_of(world: World, processes: int = 1) -> CohortReport:
    places = world.places
    return build(
        world.cohort,
        world.folder / "reports",
        split=places.split,
        predictions=places.predictions,
        metrics=places.metrics,
        training=places.training,
        processes=processes,
    )


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def table(world: World) -> dict[str, dict[str, str]]:
    with (world.folder / "reports" / "cases.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def test_command_writes_index_pages_table_and_description(whole: World, call: Call) -> None:
    code, said = call(whole)
    assert code == 0, said
    output = whole.folder / "reports"
    assert files(output) >= {"index.html", "cases/p1.html", "cases/p2.html", "cases.csv", MARKER}
    assert "Cases: 2. With a CT: 2, segmented: 2. With a record: 2, annotated: 2." in said
    assert "14 agree, 0 differ, 2 only ct, 0 only record, 0 uncertain" in said
    description = json.loads((output / MARKER).read_text(encoding="utf-8"))
    assert undescribed(ReportFile, description) == []
    assert description["counts"]["with_annotation"] == 2
    assert description["settings"]["compare"]["volume"]["within_ml"] == 5


def test_table_has_every_value(whole: World) -> None:
    whole.measure({"p1": {"hematoma_ml": REFERENCE_ML}})
    report_of(whole)
    row = table(whole)["p1"]
    assert tuple(row) == CASE_COLUMNS
    expected = {
        "part": "test",
        "ct_hematoma_ml": "30.4",
        "ct_hematoma_abc2_ml": "31.0",
        "ct_hematoma_tada_ml": "31.5",
        "ct_hematoma_a_mm": "50.0",
        "ct_hematoma_side": "left",
        "ct_hematoma_x_mm": "-20.0",
        "ct_hematoma_z_mm": "1.5",
        "ct_midline_shift_mm": "4.0",
        "ct_ventricle_compressed": "left",
        "reference_hematoma_ml": "0.72",
        "reference_midline_shift_mm": "",
        "record_age_years": "61",
        "record_hematoma_site": "basal_ganglia",
        "record_hematoma_volume_ml": "29.0",
        "record_midline_shift": "present",
        "record_midline_shift_mm": "5.0",
        "record_ventricle_compression_side": "left",
        "record_gcs": "",
        "compared_side": "left",
        "compared_hematoma_ml": "29.0",
        "compared_site": "basal_ganglia",
        "compared_midline_shift_mm": "5.0",
        "compared_ct_hematoma_ml": "31.5",
        "compared_ct_hematoma_ml_by": "tada",
        "ct_minus_record_hematoma_ml": "2.5",
        "ct_minus_record_midline_shift_mm": "-1.0",
        "ct_minus_reference_hematoma_ml": "29.68",
        "verdict_volume": "agree",
        "verdict_count": "only_ct",
        "dice_hematoma": "0.9",
        "status_hematoma": "found",
        "limits_crossed": "volume;shift",  # 31.5 and 29 mL, 4 and 5 mm
        "limits_perhaps_crossed": "",
        "ich_score_low": "0",  # open: GCS, volume (no error is known), blood in the ventricles
        "ich_score_high": "4",
        "ich_score_contradicted": "False",
        "urgency": "100.0",
        "notes": "",
    }
    assert {name: row[name] for name in expected} == expected


def test_table_leaves_open_what_can_be_read_in_several_ways(whole: World) -> None:
    whole.annotations.unlink()
    whole.annotate("p1", findings=[FINDINGS[2], FINDINGS[2] | {"value": 80.0}])
    report_of(whole)
    row = table(whole)["p1"]
    assert (row["verdict_volume"], row["compared_hematoma_ml"]) == ("uncertain", "")
    assert row["ct_minus_record_hematoma_ml"] == ""
    assert table(whole)["p2"]["notes"] == "no_annotation"


def test_cohort_is_counted_and_agreement_computed(whole: World) -> None:
    whole.add_cases(["p3"], image=False)
    whole.add_cases(["p4"], record=None, masks=False)
    whole.split({"p1": "test", "p2": "test", "p3": "test", "p4": "test"})
    report = report_of(whole)
    assert report.counts == {
        "cases": 4,
        "with_image": 3,
        "with_record": 3,
        "with_prediction": 2,
        "with_annotation": 2,
        "with_reference": 2,
        "needs_look": 2,  # both lie on two sides of 30 mL and of 5 mm
    }
    assert report.missing == {
        "note.no_annotation": ("p3",),
        "note.no_image": ("p3",),
        "note.no_record": ("p4",),
        "note.no_prediction": ("p4",),
        "note.no_reference": ("p4",),
    }
    volume, shift = report.agreements
    assert (volume.aspect, volume.beside, volume.unit) == ("volume", "record", "ml")
    assert (volume.cases, volume.measured) == (("p1", "p2"), (31.5,) * 2)
    assert volume.other == (29.0, 29.0)
    assert volume.summary["bias"] == pytest.approx(2.5)
    assert (shift.aspect, shift.beside) == ("midline_shift", "record")
    assert (shift.unit, shift.other) == ("mm", (5.0, 5.0))


def test_made_up_cohorts_are_said_to_be(world: World) -> None:
    world.add_cases(["p1"])
    assert report_of(world).made_up is None
    manifest = world.cohort / "cohort.json"
    value = json.loads(manifest.read_text())
    value["provenance"] = {"generator": "cohort.synthesize", "note": "Made up: no patients."}
    manifest.write_text(json.dumps(value))
    assert report_of(world).made_up == "Made up: no patients."


def test_several_processes_write_the_same(whole: World) -> None:
    output = whole.folder / "reports"
    one = report_of(whole)
    first = {name: (output / name).read_bytes() for name in files(output)}
    two = report_of(whole, processes=2)
    assert {name: (output / name).read_bytes() for name in files(output)} == first
    assert one == two


def test_ids_with_spaces_and_chinese_characters(world: World) -> None:
    ids = ["病例 12", "a%20b#c", "p'1&"]
    world.add_cases(ids)
    for case_id in ids:
        world.predict(case_id)
        world.annotate(case_id)
    report = report_of(world)
    assert files(world.folder / "reports" / "cases") == {f"{case_id}.html" for case_id in ids}
    assert [case.page for case in report.cases] == [f"cases/{case_id}.html" for case_id in ids]
    assert set(table(world)) == set(ids)


@pytest.mark.parametrize("bad", ["../p1", "a/b", "..", "C:p", "CON", "p1 "])
def test_ids_that_cannot_name_a_file_are_refused(whole: World, call: Call, bad: str) -> None:
    manifest = whole.cohort / "cohort.json"
    value = json.loads(manifest.read_text())
    value["cases"][0]["id"] = bad
    manifest.write_text(json.dumps(value))
    before = files(whole.folder)
    code, said = call(whole)
    assert code == 1
    assert "cannot name a file" in said
    assert files(whole.folder) == before


def test_ids_that_differ_in_case_only_are_refused(whole: World, call: Call) -> None:
    manifest = whole.cohort / "cohort.json"
    value = json.loads(manifest.read_text())
    value["cases"][1]["id"] = "P1"
    manifest.write_text(json.dumps(value))
    code, said = call(whole)
    assert code == 1
    assert "'p1' and 'P1'" in said


def test_nothing_is_written_outside_of_the_output(whole: World, call: Call) -> None:
    whole.annotate("../p3")
    (whole.predictions / "p3.json").write_text(json.dumps({"id": "../../p3"}))
    before = files(whole.folder)
    code, _ = call(whole)
    assert code == 0
    assert {
        name for name in files(whole.folder) - before if not name.startswith("reports/")
    } == set()


def test_report_is_replaced_whole(whole: World, call: Call) -> None:
    call(whole)
    whole.split({"p2": "test"})
    code, _ = call(whole)
    assert code == 0
    pages = {name for name in files(whole.folder / "reports") if name.startswith("cases/")}
    assert pages == {"cases/p2.html"}


def test_other_folders_are_not_replaced(whole: World, call: Call) -> None:
    (whole.folder / "mine").mkdir()
    (whole.folder / "mine" / "cases.csv").write_text("mine")
    (whole.folder / "mine" / "index.html").write_text("mine")
    code, said = call(whole, output="mine")
    assert code == 1
    assert "is not overwritten" in said
    assert files(whole.folder / "mine") == {"cases.csv", "index.html"}


@pytest.mark.parametrize("output", ["assets", "predictions", "metrics", "."])
def test_inputs_are_not_replaced(whole: World, call: Call, output: str) -> None:
    before = files(whole.folder)
    code, said = call(whole, output=output)
    assert code == 1
    assert "which would be replaced" in said
    assert files(whole.folder) == before


def test_earlier_report_stays_if_the_new_one_fails(
    whole: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    report_of(whole)
    before = table(whole)

    def fail(*_: object) -> str:
        raise DataError("the page cannot be drawn")

    monkeypatch.setattr("hich.report.pages.write.render_index", fail)
    whole.split({"p1": "test"})
    with pytest.raises(DataError):
        report_of(whole)
    assert table(whole) == before
    assert not list(whole.folder.glob(".*partial*"))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (
            ["--compare.volume.within_ml", "0.5", "--compare.volume.within_percent=1"]
            + ["--compare.volume.software_within_percent=1"],
            0,
            "2 differ",
        ),
        (["--compare.volume.within", "10"], 2, "did you mean"),
        (["--compare.volume.within_ml", "much"], 2, "must be a number"),
        (["--compare.volume.within_ml", "-1"], 1, "from 0 on"),
        (["--compare.sections", "diagnosis"], 1, "a list of names"),
        (["--processes", "0"], 2, "at least 1"),
        (["--part", "other"], 2, "other"),
        (["--part", "val"], 1, "no case is of the part 'val'"),
        (["--lang", "fr"], 2, "fr"),
        (["--split", "nowhere.json"], 1, "nowhere.json: no such file"),
        (["--config", "nowhere.yaml"], 1, "nowhere.yaml: no such file"),
    ],
)
def test_options(whole: World, call: Call, arguments: list[str], code: int, words: str) -> None:
    got, said = call(whole, *arguments)
    assert got == code, said
    assert words in said


def test_from_another_folder_the_usual_configuration_is_found(whole: World, call: Call) -> None:
    code, said = call(whole)
    assert code == 0, said
    assert not (Path.cwd() / DEFAULT_CONFIG).exists()
    described = json.loads((whole.folder / "reports" / MARKER).read_text(encoding="utf-8"))
    assert described["settings"]["compare"]["volume"]["within_ml"] == VolumeSettings().within_ml


def test_no_cohort_is_an_error(world: World, call: Call) -> None:
    code, said = call(world)
    assert code == 1
    assert "no such cohort folder" in said


def test_nothing_but_a_cohort_makes_a_report(world: World, call: Call) -> None:
    world.add_cases(["p1"])
    code, said = call(world)
    assert code == 0
    assert "Cases: 1. With a CT: 1, segmented: 0. With a record: 1, annotated: 0." in said
    assert "Cases with a CT that was not segmented (1): p1" in said


def test_report_says_nothing_of_the_machine(whole: World, call: Call) -> None:
    for path in (
        whole.predictions / "p1.json",
        whole.predictions / "p2_hematoma.nii.gz",
        whole.cohort / "masks" / "p2_midline.nii.gz",
        whole.folder / "metrics" / "imaging" / "test.json",
    ):
        path.write_text("{")
    whole.annotations.write_text(whole.annotations.read_text() + "{\n")
    code, _ = call(whole)
    assert code == 0
    output = whole.folder / "reports"
    for name in files(output):
        assert str(whole.folder) not in (output / name).read_text(encoding="utf-8"), name
    said = (output / MARKER).read_text(encoding="utf-8")
    assert undescribed(ReportFile, json.loads(said)) == []
    assert "text/annotations.jsonl, line 3" in said
    assert "imaging/test.json: is not valid JSON" in said
    assert "masks/p2_midline.nii.gz" in (output / "cases/p2.html").read_text(encoding="utf-8")


def test_damaged_files_are_said(whole: World, call: Call) -> None:
    (whole.predictions / "p1.json").write_text("{")
    whole.annotations.write_text(whole.annotations.read_text() + "{\n")
    code, said = call(whole)
    assert code == 0
    assert "Cases with files that can't be read (1): p1" in said
    assert "annotations.jsonl, line 3" in said
    assert RECORD[-4:-1] in (whole.folder / "reports/cases/p1.html").read_text(encoding="utf-8")


def test_a_patients_scans_are_reported_as_one(world: World, call: Call) -> None:
    world.add_cases(["p1-b", "p1-a", "p2"], masks=False)
    path = world.cohort / "cohort.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for case, hours in zip(manifest["cases"][:2], (24, 0), strict=True):
        case |= {"patient": "p1", "hours": hours}
    path.write_text(json.dumps(manifest), encoding="utf-8")
    error = {"expected_errors": {"measured_on": "t", "volumes": {}, "most_ml": {"hematoma": 1.0}}}
    for name, ml, changes in (("p1-a", 30.4, error), ("p1-b", 41.4, error), ("p2", 9.0, {})):
        hematoma = {**MEASUREMENTS["hematoma"], "volume_ml": ml}
        middle = np.zeros(SHAPE, np.uint8)
        middle[4:8, 4:8, 2] = 1
        masks = {structure: middle for structure in STRUCTURE_IDS}
        world.predict(name, {**MEASUREMENTS, "hematoma": hematoma}, masks, **changes)
    text = RECORD + "次日复查CT，血肿量约41ml。"
    for record in (world.cohort / "records").iterdir():
        record.write_text(text, encoding="utf-8")
    at = text.index("41ml")
    stated = finding("hematoma_volume", "29ml", 41, unit="mL")
    repeated = {**stated, "text": "41ml", "start": at, "end": at + 4}
    world.annotate("p1-a", text, findings=[*FINDINGS, repeated])
    assert call(world, "--part", "all")[0] == 0
    with (world.folder / "reports" / "cases.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    first, later, other = (rows[name] for name in ("p1-a", "p1-b", "p2"))
    assert later["first_scan"] == later["compared_with_scan"] == first["first_scan"] == "p1-a"
    assert (later["hours_after_first"], later["growth_in_window"]) == ("24.0", "True")
    assert (float(later["hematoma_change_ml"]), later["hematoma_change"]) == (11, "more")
    assert later["growth_standard"] == "yes" and other["first_scan"] == ""
    assert first["hematoma_change"] == "" and later["ich_score_low"] == ""
    assert first["compared_hematoma_ml"] == "29.0"  # not the record's of the later scan
    page = (world.folder / "reports" / "cases" / "p1-a.html").read_text(encoding="utf-8")
    assert "次日复查CT" in page and 'id="follow-data"' in page
    beside = (world.folder / "reports" / "cases" / "p1-b.html").read_text(encoding="utf-8")
    assert 'id="follow-up"' in beside and 'id="follow-data"' not in beside
    (world.predictions / "p1-a.json").rename(world.folder / "p1-a.json")
    call(world, "--part", "all")
    with (world.folder / "reports" / "cases.csv").open(encoding="utf-8-sig", newline="") as file:
        alone = {row["id"]: row for row in csv.DictReader(file)}
    assert alone["p1-b"]["ich_score_low"] == ""  # a later scan, though the only one that is left
    assert alone["p1-b"]["ct_hematoma_ml"] == later["ct_hematoma_ml"]
    (world.folder / "p1-a.json").rename(world.predictions / "p1-a.json")
    call(world, "--part", "all")
    index = (world.folder / "reports" / "index.html").read_text(encoding="utf-8")
    assert "Patients with several scans" in index and "Hematoma growth: Reached" in index


def test_each_scan_of_a_patient_is_read_twice_at_most(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ["a", "b", "c", "d"]
    world.add_cases(ids, masks=False)
    path = world.cohort / "cohort.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for hours, case in enumerate(reversed(manifest["cases"])):
        case |= {"patient": "p1", "hours": hours}
    path.write_text(json.dumps(manifest), encoding="utf-8")
    for case in ids:
        world.predict(case)
    read: list[str] = []

    def counted(source: CaseSource, *given: Any) -> Any:
        read.append(source.id)
        return load_case(source, *given)

    monkeypatch.setattr(of_cohort, "load_case", counted)
    report = report_of(world)
    assert [case.id for case in report.cases] == ids
    assert all(case.values["first_scan"] == "d" for case in report.cases)
    assert sorted(read) == sorted([*ids, *(case for case in ids if case != "d")])
