from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from cohort.base.workbook import CUT_SHORT, MOST_CHARACTERS, write_workbook


def cells(path: Path) -> list[list[tuple[Any, str]]]:
    sheet = load_workbook(path).active
    return [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()]


def test_text_is_no_formula_and_numbers_are_numbers(tmp_path: Path) -> None:
    rows = [["id", "=x", "c", "d"], ["=1+1", 2.5, None, True], ["a\x0bb", 3, "-2", False]]
    write_workbook(tmp_path / "cases.xlsx", rows)
    assert cells(tmp_path / "cases.xlsx") == [
        [("id", "s"), ("=x", "s"), ("c", "s"), ("d", "s")],
        [("=1+1", "s"), (2.5, "n"), (None, "n"), (True, "b")],
        [("ab", "s"), (3, "n"), ("-2", "s"), (False, "b")],
    ]


def test_date_stays_a_date(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", [[date(2024, 3, 4)]])
    (((value, kind),),) = cells(tmp_path / "a.xlsx")
    assert (value.date(), kind) == (date(2024, 3, 4), "d")


def test_no_digit_of_a_long_number_is_lost(tmp_path: Path) -> None:
    number = 110101199003071234  # Excel would show …000
    write_workbook(tmp_path / "a.xlsx", [[number, 10**15 - 1, float("nan")]])
    assert cells(tmp_path / "a.xlsx") == [[(str(number), "s"), (10**15 - 1, "n"), ("nan", "s")]]


def test_what_xml_cannot_hold_is_left_out(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", [["出血\ud800\ufffe\x00量", "行\n行"]])
    assert cells(tmp_path / "a.xlsx") == [[("出血量", "s"), ("行\n行", "s")]]


def test_text_that_a_cell_cannot_hold_says_that_it_is_cut(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", [["中" * MOST_CHARACTERS, "中" * (MOST_CHARACTERS + 1)]])
    ((whole, _), (cut, _)) = cells(tmp_path / "a.xlsx")[0]
    assert whole == "中" * MOST_CHARACTERS
    assert len(cut) == MOST_CHARACTERS and cut.endswith(CUT_SHORT)


def test_error_words_are_text(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", [["#N/A", "#REF!"]])
    assert cells(tmp_path / "a.xlsx") == [[("#N/A", "s"), ("#REF!", "s")]]


def test_sheet_has_its_name_and_its_frozen_cells(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", [["id"]], sheet="cases", freeze="B2")
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert (sheet.title, sheet.freeze_panes) == ("cases", "B2")
