"""Patients stay apart: no two have one id, and none has one that is another's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from cohort.base.errors import DataError
from cohort.importing.key_file import CohortKey
from tests.text.sharing.test_tables import share
from text.components.deidentify import stand_ins
from text.deidentify import deidentify
from text.sharing.report import REPORT

NOTE = "患者男，60岁，手机13800138000。病历号：{}。GCS 8分。"


def ids(tmp_path: Path, values: Sequence[object], name: str, heading: str = "病历号") -> list[str]:
    rows = share([[heading, "GCS"], *([value, 8] for value in values)], tmp_path, name)
    return [row[0] for row in rows[1:]]


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_each_patient_of_a_table_has_an_id_of_its_own(tmp_path: Path, name: str) -> None:
    own = range(1, 31)
    found = ids(tmp_path, own, name)
    assert len(set(map(str, found))) == 30 and not set(map(str, found)) & set(map(str, own))
    if name == "t.xlsx":  # a number stays one
        assert all(isinstance(value, int) for value in found)
    assert all(len(str(value)) == 12 and str(value)[0] != "0" for value in found)


def test_a_patient_has_one_id_however_the_table_is_written(tmp_path: Path) -> None:
    first = ids(tmp_path, ["7", "7.0", " 7", "8"], "a.csv")
    (tmp_path / "out").rename(tmp_path / "before")
    second = ids(tmp_path, [7, 7.0, "7", 8], "b.xlsx", heading="住院号")
    assert len(set(first[:3])) == 1 != len(set(first)) and first == list(map(str, second))


def test_a_note_tells_the_id_that_the_table_has(tmp_path: Path) -> None:
    rows = [["病历号", "病历"], ["00123456", NOTE.format("00123456")]]
    _, (own, note) = share(rows, tmp_path, "t.csv")
    assert f"病历号：{own}。" in note and len(own) == 12


def test_names_by_which_patients_are_told_become_numbers(tmp_path: Path) -> None:
    """24 surnames and some given names would make one of two of thirty people."""
    people = ["张志远", "王秀兰", "李国栋2", "a", "张志远"]
    rows = share(
        [["姓名", "GCS"], *([name, 8] for name in people)],
        tmp_path,
        "t.csv",
        id_column="姓名",
        key=tmp_path / "key.json",
    )
    found = [row[0] for row in rows[1:]]
    assert len(set(found)) == 4 and found[0] == found[4]
    assert all(value.isascii() for value in found) and "a" not in found


def test_what_a_cohort_calls_its_patients_stays(tmp_path: Path) -> None:
    key = CohortKey()
    key.patient_of(("id", "12345"))
    key.save(tmp_path / "key.json")
    assert ids(tmp_path, ["p0001", "12345"], "t.csv", "patient")[0] == "p0001"


def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw so few digits that two become one."""
    monkeypatch.setattr(stand_ins, "_DRAWN", 2)


def test_a_table_in_which_two_became_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow(monkeypatch)
    with pytest.raises(DataError, match="another one has; make another key"):
        ids(tmp_path, range(1, 31), "t.csv")
    assert not (tmp_path / "out").exists()


def test_a_table_in_which_one_got_the_id_of_another_is_refused(tmp_path: Path) -> None:
    (drawn,) = ids(tmp_path, ["1"], "t.csv")
    with pytest.raises(DataError, match="gives 1 patient an id that another one has"):
        ids(tmp_path, ["1", drawn], "t.csv")


def test_numbers_of_notes_that_became_one_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow(monkeypatch)
    notes = tmp_path / "notes"
    notes.mkdir()
    for number in range(24):
        text = f"患者男，60岁，病案号：{number + 10}。GCS 8分。"
        (notes / f"n{number:02d}.txt").write_text(text, encoding="utf-8")
    done = deidentify(notes, tmp_path / "out", tmp_path / "key.json")
    report = json.loads((tmp_path / "out" / REPORT).read_text(encoding="utf-8"))
    assert report["alike"] and report["to_look_at"] == done.leftovers >= len(report["alike"])
    assert set(report["alike"].values()) <= {
        "the stand-in of another NUMBER is the same",
        "the stand-in is another's own NUMBER",
    }
    assert set(report["alike"]) <= {f"n{number:02d}" for number in range(24)}


def test_numbers_of_notes_stay_apart(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    for number in range(8):
        (notes / f"n{number}.txt").write_text(NOTE.format(number + 10), encoding="utf-8")
    deidentify(notes, tmp_path / "out", tmp_path / "key.json")
    report = json.loads((tmp_path / "out" / REPORT).read_text(encoding="utf-8"))
    assert report["alike"] == {}
