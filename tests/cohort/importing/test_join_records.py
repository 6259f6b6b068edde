"""Records of a table join the scans of their patients, and nobody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from cohort.base.errors import DataError
from cohort.import_dicom import import_dicom
from cohort.schema.manifest import Cohort
from tests.cohort.importing.dicom_studies import write_study
from tests.cohort.space.dicom.write_series import (
    ACCESSION,
    ID,
)


def table(path: Path, rows: list[list[Any]], encoding: str = "utf-8") -> Path:
    if path.suffix == ".xlsx":
        book = Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        path.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding)
    return path


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("notes.csv", "utf-8"), ("notes.csv", "gb18030"), ("notes.xlsx", "utf-8")],
)
def test_records_join_the_scans_of_their_patients(
    two_patients: Path, out: Path, key: Path, tmp_path: Path, name: str, encoding: str
) -> None:
    rows = [
        ["病人ID", "检查号", "病历"],
        [ID, "", "主诉：突发头痛3小时。"],  # the patient's first scan
        ["", "ACC-2", "复查：血肿较前吸收。"],
        [ID, "", "查体：神志清楚。"],
        ["ID-NOBODY", "", "无关。"],
    ]
    notes = table(tmp_path / name, rows, encoding)
    imported = import_dicom(two_patients, out, key, notes)
    assert imported.records == 2 and imported.facts == ["1 row of the table fit no case"]
    cases = {case.id: case for case in Cohort.load(out).cases}
    first = (out / str(cases["p0001_1"].record)).read_text("utf-8")
    assert first == "主诉：突发头痛3小时。\n\n查体：神志清楚。"
    assert (out / str(cases["p0001_2"].record)).read_text("utf-8") == "复查：血肿较前吸收。"
    assert cases["p0002_1"].record is None


def test_records_may_be_files_beside_the_table(
    two_patients: Path, out: Path, key: Path, tmp_path: Path
) -> None:
    (tmp_path / "n").mkdir()
    (tmp_path / "n/a.txt").write_text("右侧基底节区脑出血。", "gb18030")
    notes = table(tmp_path / "notes.csv", [["PatientID", "file"], [ID, "n/a.txt"]])
    assert import_dicom(two_patients, out, key, notes).records == 1
    assert (out / "records/p0001_1.txt").read_text("utf-8") == "右侧基底节区脑出血。"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [["PatientID", "text"], ["77", "x"], ["78", "y"]],
            "none of its 2 rows belongs to a case: they fit no case",
        ),
        ([["PatientID", "text"], ["4711", "x"]], "but for leading zeros"),
        ([["name", "text"], ["a", "x"]], "no column of ids"),
        ([["PatientID", "age"], ["a", "3"]], "no column of notes"),
        ([["PatientID", "MRN", "text"], ["a", "b", "x"]], "both taken for the patient"),
        ([["PatientID", "file"], [ID, "../../etc/passwd"]], "row 2: the file that it names lies"),
        ([["PatientID", "file"], [ID, "missing.txt"]], "row 2: the file that it names is not"),
        ([["PatientID", "text"], ["", "x"]], "row 2: has no id"),
        ([["PatientID", "text"]], "holds no records"),
    ],
)
def test_tables_that_are_no_use_are_refused_without_saying_who(
    tmp_path: Path, out: Path, key: Path, rows: list[list[str]], said: str
) -> None:
    write_study(tmp_path / "d", patient="0004711")
    notes = table(tmp_path / "notes.csv", rows)
    with pytest.raises(DataError) as error:
        import_dicom(tmp_path / "d", out, key, notes)
    assert said in str(error.value)
    assert "4711" not in str(error.value) and not out.exists() and not key.exists()


def test_a_table_without_a_heading_is_not_quoted(tmp_path: Path, out: Path, key: Path) -> None:
    write_study(tmp_path / "d")
    notes = table(tmp_path / "notes.csv", [[ID, "王小明", "左侧基底节出血"], ["2", "b", "c"]])
    with pytest.raises(DataError, match="The first row must be the heading") as error:
        import_dicom(tmp_path / "d", out, key, notes)
    assert ID not in str(error.value) and "王" not in str(error.value)


def test_an_id_of_both_kinds_must_fit_both(two_patients: Path, out: Path, key: Path) -> None:
    # Another patient's examination has the accession number of the first one.
    write_study(two_patients / "x", "ID-X", "1.2.8", ACCESSION)
    rows = [
        ["PatientID", "AccessionNumber", "text"],
        [ID, ACCESSION, "first"],
        ["ID-X", ACCESSION, "x"],
        ["ID-OTHER", ACCESSION, "contradicts itself"],
        ["ID-OTHER", "of an X-ray", "other"],
        ["", ACCESSION, "whose?"],
        ["", "ACC-3", "another line"],
    ]
    notes = table(two_patients.parent / "notes.csv", rows)
    imported = import_dicom(two_patients, out, key, notes)
    texts = {case.id: case.record for case in Cohort.load(out).cases}
    read = {name: (out / path).read_text("utf-8") for name, path in texts.items() if path}
    assert read == {"p0001_1": "first", "p0002_1": "other\n\nanother line", "p0003_1": "x"}
    assert sorted(imported.facts) == [
        "1 row of the table have an accession number of another patient",
        "1 row of the table have an accession number that several patients have, and no PatientID "
        "to tell them",
    ]


def test_a_record_stays_with_its_case_when_an_earlier_scan_arrives(
    two_patients: Path, out: Path, key: Path, tmp_path: Path
) -> None:
    notes = table(tmp_path / "notes.csv", [["PatientID", "text"], [ID, "a"], ["0ID-OTHER", "b"]])
    imported = import_dicom(two_patients, out, key, notes)
    assert ["but for leading zeros" in fact for fact in imported.facts] == [True]
    write_study(two_patients / "e", study="1.2.0", accession="E", when="20260201 081500")
    import_dicom(two_patients, out, key, notes)
    records = {case.id: case.record for case in Cohort.load(out).cases}
    assert records["p0001_1"] and not records["p0001_3"]
    # What was corrected stays, and that is said.
    (out / str(records["p0001_1"])).write_text("corrected", "utf-8")
    (sentence,) = import_dicom(two_patients, out, key, notes).left_out
    assert "p0001_1: has another record, which stays" in sentence
    assert (out / str(records["p0001_1"])).read_text("utf-8") == "corrected"


def test_damaged_and_huge_tables_are_refused(tmp_path: Path, out: Path, key: Path) -> None:
    write_study(tmp_path / "d")
    (tmp_path / "notes.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(DataError, match="not an XLSX table"):
        import_dicom(tmp_path / "d", out, key, tmp_path / "notes.xlsx")


def test_a_record_whose_scan_cannot_be_read_is_told(
    two_patients: Path, out: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cohort.importing.dicom import cohort as written

    whole, seen = written.read_series, []

    def read_series(series: Any, name: Path) -> Any:
        seen.append(name)
        if len(seen) == 1:
            raise DataError("its pixels are damaged.")
        return whole(series, name)

    monkeypatch.setattr(written, "read_series", read_series)
    rows = [["PatientID", "text"], [ID, "a"], ["ID-OTHER", "b"]]
    imported = import_dicom(two_patients, out, key, table(tmp_path / "notes.csv", rows))
    assert len(imported.added) == 2 and imported.records == 1
    assert imported.left_out[0] == "its pixels are damaged."
    assert "its record was not taken either, since its scan was not" in imported.left_out[1]
