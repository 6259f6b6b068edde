"""Tables that are shared: nothing of who is who in any cell, sheet, comment, property or name."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from cohort.base.errors import DataError
from text.deidentify import deidentify, main
from text.sharing.report import REPORT

NOTE = "张志远，男，95岁，2023年5月6日入院，其妻王秀兰代诉。右侧丘脑出血约10ml。"


def share(rows: list[list[Any]], tmp_path: Path, name: str = "t.xlsx", **more: Any) -> list[Any]:
    """Return the rows of a table as it is shared."""
    source = tmp_path / name
    if name.endswith(".xlsx"):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        book.save(source)
    else:
        with source.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    if not more:
        more["key"] = tmp_path / "key.json"
    deidentify(source, tmp_path / "out", **more)
    target = tmp_path / "out" / name
    if name.endswith(".xlsx"):
        return [list(row) for row in load_workbook(target).active.iter_rows(values_only=True)]
    with target.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def of_excel(days: int) -> int:
    """Return the year of a day as Excel counts them."""
    return (date(1899, 12, 30) + timedelta(days)).year


@pytest.mark.parametrize("name", ["t.xlsx", "t.csv"])
def test_numbers_under_headings_that_say_nothing_are_replaced(tmp_path: Path, name: str) -> None:
    rows = [["编码甲", "甲", "乙", "丙"], [1, 13812345678, 23456789, 25.5]]
    _, shared = share(rows, tmp_path, name)
    assert str(shared[1]) != "13812345678" and str(shared[2]) != "23456789"
    assert float(shared[3]) == 25.5


@pytest.mark.parametrize("heading", ["年龄", "年龄(岁)", "age", "age_years"])
@pytest.mark.parametrize("name", ["t.xlsx", "t.csv"])
def test_ages_over_89_are_replaced_under_any_heading_of_ages(
    tmp_path: Path, name: str, heading: str
) -> None:
    _, *shared = share([[heading, "n"], [95, 1], ["101岁", 2], [89, 3], [64.5, 4]], tmp_path, name)
    assert [str(row[0]) for row in shared] == ["90", "90岁以上", "89", "64.5"]


def test_columns_of_data_are_not_overwritten(tmp_path: Path) -> None:
    rows = [
        ["hospital_days", "in_hospital_death", "drug_name", "医生评分", "通知医生", "姓名"],
        [12, 1, "甘露醇", 15, "是", "张志远"],
        [3, 0, "华法林", 14, "否", "王秀兰"],
    ]
    heading, *shared = share(rows, tmp_path)
    assert heading == rows[0]
    assert [row[:5] for row in shared] == [row[:5] for row in rows[1:]]
    assert not {row[5] for row in shared} & {"张志远", "王秀兰"}
    told = json.loads((tmp_path / "out" / REPORT).read_text(encoding="utf-8"))["columns"]
    assert list(told) == ["column 5"] and "headed as NAME" in told["column 5"]


@pytest.mark.parametrize("form", [datetime(1925, 3, 4), date(1925, 3, 4), 9195, 19250304, 1925])
def test_births_that_tell_of_an_age_over_89_are_changed(tmp_path: Path, form: Any) -> None:
    rows = [["出生日期", "入院日期"], [form, datetime(2023, 5, 6, 10, 20)]]
    _, (born, admitted) = share(rows, tmp_path)
    assert admitted.year in range(2018, 2024) and (admitted.hour, admitted.minute) == (10, 20)
    if isinstance(born, int):
        year = of_excel(born) if form == 9195 else int(str(born)[:4])
    else:
        year = born.year
    assert admitted.year - year in (90, 91)


def test_births_in_text_are_changed_by_the_row_s_own_dates(tmp_path: Path) -> None:
    rows = [["出生日期", "入院日期", "病历"], ["1925年3月4日", "2023-05-06", "头痛2小时。"]]
    _, (born, admitted, text) = share(rows, tmp_path, "t.csv")
    assert int(admitted[:4]) - int(born[:4]) in (90, 91) and text == "头痛2小时。"


def test_dates_as_numbers_move_with_the_others(tmp_path: Path) -> None:
    rows = [
        ["住院号", "入院日期", "登记日期", "报告日期", "手术时间"],
        ["007", datetime(2023, 5, 6), 45052, 20230506, 120],
        ["007", date(2023, 5, 6), "2023/5/6", "20230506", time(8, 30)],
    ]
    _, first, second = share(rows, tmp_path)
    days = (first[1] - datetime(2023, 5, 6)).days
    assert days < 0 and first[2] - 45052 == days and first[4] == 120 and second[4] == time(8, 30)
    assert str(first[3]) == f"{first[1]:%Y%m%d}" == second[3]
    assert second[2] == f"{first[1].year}/{first[1].month}/{first[1].day}"


def test_texts_stay_texts(tmp_path: Path) -> None:
    source = tmp_path / "t.xlsx"
    book = Workbook()
    book.active.append(["GCS", "note"])
    book.active.append([15, "x"])
    book.active["B2"].value, book.active["B2"].data_type = "=HYPERLINK(1)", "s"
    book.save(source)
    deidentify(source, tmp_path / "out", mask=True)
    cell = load_workbook(tmp_path / "out" / "t.xlsx").active["B2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_nothing_of_a_workbook_beside_its_cells_is_passed_on(tmp_path: Path) -> None:
    source = tmp_path / "张志远住院.xlsx"
    book = Workbook()
    sheet = book.active
    sheet.title = "张志远"
    sheet.append(["住院号", "姓名", "病历"])
    sheet.append([123456, "张志远", NOTE])
    sheet["B2"].comment = Comment("张志远本人", "王医生")
    sheet.oddHeader.center.text = "张志远"
    book.properties.creator, book.properties.title = "王医生", "张志远"
    hidden = book.create_sheet("contacts")
    hidden.sheet_state = "hidden"
    hidden.append(["姓名", "电话"])
    hidden.append(["王秀兰", "13900001111"])
    book.create_sheet("Sheet3")
    book.save(source)
    done = deidentify(source, tmp_path / "out", tmp_path / "key.json")
    assert done.records == 2
    files = {path.name: path for path in (tmp_path / "out").iterdir()}
    (name,) = files.keys() - {REPORT}
    with zipfile.ZipFile(files[name]) as archive:
        held = b"".join(archive.read(member) for member in archive.namelist())
        members = " ".join(archive.namelist())
    held += files[REPORT].read_bytes() + f"{name} {members}".encode()
    for word in ("张志远", "志远", "王秀兰", "王医生", "123456", "13900001111", "95岁", "comments"):
        assert word.encode() not in held, word
    book = load_workbook(files[name])
    assert book.sheetnames == ["Sheet1", "contacts"]
    (_, row), (_, other) = (list(sheet.values) for sheet in book)
    assert "右侧丘脑出血约10ml" in row[2] and row[1] in row[2] and other[1].startswith("10")


def test_rows_of_a_patient_have_one_stand_in_in_every_file(tmp_path: Path) -> None:
    rows = [["住院号", "姓名"], [123456, "张志远"]]
    _, first = share(rows, tmp_path, "a.xlsx")
    deidentify(tmp_path / "a.xlsx", tmp_path / "again", tmp_path / "key.json")
    _, second = share([["住院号", "姓名"], ["123456", "张志远"]], tmp_path, "b.csv")
    assert [str(cell) for cell in first] == second


@pytest.mark.parametrize(
    "row", [["张志远", "男"], [123456, "男"], ["510702193003041234", "a"], ["a", NOTE * 2]]
)
def test_a_table_without_headings_is_refused_without_quoting_it(
    tmp_path: Path, row: list[Any]
) -> None:
    with pytest.raises(DataError, match="does not look like headings") as told:
        share([row, row], tmp_path)
    assert "张志远" not in str(told.value) and not (tmp_path / "out").exists()


def test_what_is_told_to_be_looked_at_is_a_place_and_no_word(tmp_path: Path) -> None:
    share([["住院号", "病历"], [123456, NOTE + "张志远的号码是 1234 5678 9"]], tmp_path)
    report = (tmp_path / "out" / REPORT).read_text(encoding="utf-8")
    assert "张志远" not in report and "row 2, column 2" in report


def test_tabs_part_the_cells_of_a_tsv(tmp_path: Path) -> None:
    source = tmp_path / "t.tsv"
    source.write_text("GCS\tnote\n15\ta, b\n", encoding="utf-8")
    deidentify(source, tmp_path / "out", mask=True)
    assert (tmp_path / "out" / "t.tsv").read_text(encoding="utf-8-sig").split() == [
        *("GCS", "note", "15", "a,", "b"),
    ]  # fmt: skip


def test_dates_as_numbers_move_in_a_csv_too(tmp_path: Path) -> None:
    rows = [
        ["住院号", "入院日期", "手术日期", "出生日期"],
        ["0012345", "2024-05-06", "45418", "1925"],
        ["0012345", "45418.35", "20240506", "9195"],
        ["0012345", "45418.0", "2024年5月6日", "1925-03-04"],
    ]
    _, first, second, third = share(rows, tmp_path, "t.csv")
    days = (date.fromisoformat(first[1]) - date(2024, 5, 6)).days
    moved = date(2024, 5, 6) + timedelta(days)
    assert days < 0 and first[2] == str(45418 + days)
    assert second[1:3] == [f"{45418 + days}.35", f"{moved:%Y%m%d}"]
    assert third[1:3] == [f"{45418 + days}.0", f"{moved.year}年{moved.month}月{moved.day}日"]
    births = [int(first[3]), of_excel(int(second[3])), int(third[3][:4])]
    assert all(moved.year - year in (90, 91) for year in births)
    assert json.loads((tmp_path / "out" / REPORT).read_text(encoding="utf-8"))["columns"] == {}


def test_dates_as_numbers_of_a_csv_are_masked(tmp_path: Path) -> None:
    rows = [["住院号", "入院日期"], ["0012345", "45418"], ["0012345", "45420.5"]]
    assert [row[1] for row in share(rows, tmp_path, "t.csv", mask=True)[1:]] == ["[DATE]"] * 2


def test_a_day_that_there_is_not_goes_out_of_no_table(tmp_path: Path) -> None:
    rows = [["入院日期", "手术时间"], ["2024年13月45日", "120"], ["2024-13-45", "3小时"]]
    assert share(rows, tmp_path, "t.csv")[1:] == [["某日", "120"], ["某日", "3小时"]]
    report = json.loads((tmp_path / "out" / REPORT).read_text(encoding="utf-8"))
    assert report["columns"] == {}


def test_digits_of_a_column_of_dates_that_are_none_are_told(tmp_path: Path) -> None:
    rows = [["入院日期", "出院时间"], ["0506240830", "10:30"], ["不详", "120"]]
    share(rows, tmp_path, "t.csv")
    report = json.loads((tmp_path / "out" / REPORT).read_text(encoding="utf-8"))
    shared = (tmp_path / "out" / "t.csv").read_text(encoding="utf-8")
    assert "0506240830" not in shared or list(report["columns"]) == ["column 1"]
    rows = [["入院日期", "出院时间"], ["240506", "10:30"], ["不详", "120"]]
    share(rows, tmp_path, "t.csv")
    report = json.loads((tmp_path / "out" / REPORT).read_text(encoding="utf-8"))
    assert list(report["columns"]) == ["column 1"]
    assert "digits that are no date" in report["columns"]["column 1"]


def test_formulas_without_a_value_are_told(tmp_path: Path, command: Any) -> None:
    """A program that writes workbooks doesn't reckon: their cells would be empty in silence."""
    source = tmp_path / "t.xlsx"
    book = Workbook()
    for row in (["GCS", "double", "note"], [8, "=A2*2", "x"], [9, 18, "=1"]):
        book.active.append(row)
    book.active["C3"].data_type = "s"  # a text that looks like one
    book.save(source)
    done = command(main, source, tmp_path / "out", "--mask")
    assert done.exit_code == 0, done.stderr
    assert "Left out, a formula whose value the workbook does not hold" in done.stdout
    assert "save it): 1 (row 2, column 2)" in done.stdout
    rows = list(load_workbook(tmp_path / "out" / "t.xlsx").active.values)
    assert rows[1:] == [(8, None, "x"), (9, 18, "=1")]
