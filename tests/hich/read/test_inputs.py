"""Folders of scans and notes, and tables of notes, paired by name."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

from cohort.base.errors import DataError, UsageError
from cohort.space.affine import make_affine
from cohort.space.nifti.volume import save_volume
from hich.read.failures import FAILED, Failure, write_failures
from hich.read.inputs import find_inputs

SHAPE = (8, 8, 4)
NOTE = "男，61岁。\n头颅CT：左侧基底节区出血，量约30ml。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    source.mkdir()
    for name in ("p1", "p2"):
        voxels = np.full(SHAPE, int(name[1]), np.int16)
        save_volume(source / f"{name}.nii.gz", voxels, make_affine("LPS", (1.0, 1.0, 5.0), SHAPE))
    return source


def test_scans_and_notes_beside_them_are_paired_by_name(folder: Path, tmp_path: Path) -> None:
    (folder / "p1.txt").write_text(NOTE, encoding="gb18030")
    (folder / "p3.txt").write_text(NOTE, encoding="utf-8")
    (folder / "p2.txt").write_text(" \n", encoding="utf-8")
    found = find_inputs(folder, tmp_path / "out")
    cases = {case.id: (bool(case.image), bool(case.record)) for case in found.cohort.cases}
    assert cases == {"p1": (True, True), "p2": (True, False), "p3": (False, True)}
    assert "1 note without a scan of that name: p3" in found.facts
    record = next(case.record for case in found.cohort.cases if case.id == "p1")
    assert record is not None
    assert found.cohort.path(record).read_text(encoding="utf-8") == NOTE
    assert [(failure.case, failure.half) for failure in found.failures] == [("p2", "record")]
    assert "is empty" in found.failures[0].why


def test_notes_of_a_table_are_those_of_the_scans(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "notes.csv"
    rows = [("编号", "病史"), ("p1", NOTE), ("p9", "another"), ("p1", "续。")]
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    found = find_inputs(folder, tmp_path / "out", table, "编号", "病史")
    texts = {c.id: c.record and found.cohort.path(c.record).read_text() for c in found.cohort.cases}
    assert texts == {"p1": f"{NOTE.strip()}\n\n续。", "p2": None}
    assert any("1 row of notes.csv without a scan" in fact for fact in found.facts)


def test_notes_of_one_name_are_told_of_and_end_nothing(folder: Path, tmp_path: Path) -> None:
    for name in ("P1.txt", "p1.txt", "p2.txt"):
        (folder / name).write_text(NOTE, encoding="utf-8")
    if len(list(folder.glob("*.txt"))) < 3:
        pytest.skip("the file system takes P1 for p1")
    found = find_inputs(folder, tmp_path / "out")
    assert [case.id for case in found.cohort.cases if case.record] == ["p1", "p2"]
    ((case, half, why),) = found.failures
    assert (case, half) == ("p1", "record")
    assert "P1.txt has its name, and is read" in why


def test_rows_without_text_are_told_of(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "notes.csv"
    table.write_text(f"PatientID,text\np1,\np2,\np1,{NOTE.strip()}\np9,\n", "utf-8")
    found = find_inputs(folder, tmp_path / "out", table)
    assert [case.id for case in found.cohort.cases if case.record] == ["p1"]
    assert found.failures == [("p2", "record", "notes.csv, row 3: has no text.")]


def test_ids_of_rows_that_name_one_file_are_one(tmp_path: Path) -> None:
    table = tmp_path / "notes.csv"
    table.write_text("PatientID,text\np1,first\nP1,second\n", "utf-8")
    (tmp_path / "none").mkdir()
    found = find_inputs(tmp_path / "none", tmp_path / "out", table)
    (case,) = found.cohort.cases
    assert case.record and found.cohort.path(case.record).read_text("utf-8") == "first\n\nsecond"


def test_a_row_that_cannot_be_read_ends_nothing(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "notes.csv"
    table.write_text(f"PatientID,text,file\n,合计,\np2,,gone.txt\np1,{NOTE[:6]},\n", "utf-8")
    found = find_inputs(folder, tmp_path / "out", table)
    assert [case.id for case in found.cohort.cases if case.record] == ["p1"]
    assert [(one.case, one.half, one.why.partition(": ")[2]) for one in found.failures] == [
        ("notes.csv, row 2", "record", "has no id."),
        ("notes.csv, row 3", "record", "the file that it names is not there."),
    ]
    table.write_text("PatientID,text\n,合计\n", "utf-8")
    with pytest.raises(DataError, match="row 2: has no id"):
        find_inputs(folder, tmp_path / "out2", table)


def test_table_is_read_as_a_workbook_too(folder: Path, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["住院号", "病历"])
    book.active.append(["p2", NOTE])
    book.save(tmp_path / "notes.xlsx")
    found = find_inputs(folder, tmp_path / "out", tmp_path / "notes.xlsx")
    assert [case.id for case in found.cohort.cases if case.record] == ["p2"]


def test_what_is_wrong_with_a_table_is_said(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "notes.csv"
    table.write_text("name,text\nq1,x\n", encoding="utf-8")
    with pytest.raises(DataError, match="no column 'nmae'"):
        find_inputs(folder, tmp_path / "out", table, "nmae")
    with pytest.raises(DataError, match="none of its 1 row has the name of a scan"):
        find_inputs(folder, tmp_path / "out", table, "name")
    with pytest.raises(UsageError, match="--notes"):
        find_inputs(folder, tmp_path / "out", None, "name")
    (folder / "p1.nii.gz").rename(folder / "0012.nii.gz")
    table.write_text("name,text\n12,x\n", encoding="utf-8")
    with pytest.raises(DataError, match="1 id would be the name of a scan but for zeros"):
        find_inputs(folder, tmp_path / "out", table, "name")


def test_file_in_place_of_the_folder_is_refused_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match="note.txt: is a file; name a folder of scans"):
        find_inputs(tmp_path / "note.txt", tmp_path / "out")


def test_folder_with_nothing_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError, match="neither scans nor notes"):
        find_inputs(tmp_path / "in", tmp_path / "out")


def test_failures_are_a_table(tmp_path: Path) -> None:
    write_failures(tmp_path, [Failure("p1", "ct", "p1.nii.gz: is damaged, try again.")])
    with (tmp_path / FAILED).open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            ["case", "half", "why"],
            ["p1", "ct", "p1.nii.gz: is damaged, try again."],
        ]
