"""A DICOM scan beside a note: whose they are, on the page, in the summary and on stderr."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from cohort.import_dicom import import_dicom
from cohort.schema.manifest import Cohort
from cohort.space.affine import make_affine
from hich.patient.__main__ import main
from hich.read.__main__ import main as read_main
from tests.cohort.space.dicom.write_series import write_series
from tests.hich.patient.conftest import NOTE, SHAPE, SPACING
from tests.imaging.conftest import paint

SECRETS = ("张三", "张^三", "Zhang", "李四")


@pytest.fixture
def dicom(tmp_path: Path) -> Path:
    """Return the folder of a phantom's DICOM series, of a man of 79."""
    affine = make_affine("LPS", SPACING, SHAPE)
    hu, _ = paint(SHAPE, affine)
    folder = tmp_path / "in" / "ct"
    stated: dict[str, Any] = {
        "PixelSpacing": [SPACING[1], SPACING[0]],
        "AcquisitionDate": "20260301",
    }
    stated |= {"PatientSex": "M", "PatientAge": "079Y", "PatientBirthDate": None}
    stated |= {"BodyPartExamined": "HEAD", "ConvolutionKernel": "STANDARD"}
    write_series(folder, np.round(hu), origin=(-42, -46, -15), **stated)
    return folder


def test_note_of_another_patient_is_told_and_nobody_quoted(
    dicom: Path, note: Path, oracle: Path, tmp_path: Path, command: Any
) -> None:
    note.write_text("姓名：李四  性别：女  年龄：61岁\n" + NOTE.split("\n", 1)[1], encoding="utf-8")
    out = tmp_path / "out"
    done = command(main, dicom, note, "--output", out, "--model", oracle)
    assert done.exit_code == 0, done.stderr
    assert "Note: CT and record may be of different patients" in done.stderr
    told = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert told["patients_differ_in"] == ["name", "sex", "age"]
    assert any("different patients: name, sex, age" in look for look in told["looks"])
    assert any("different patients" in said for said in told["ich_score"]["notes"])
    shown = (out / "index.html").read_text(encoding="utf-8")
    assert "don&#39;t agree on name, sex, age" in shown or "don't agree on name, sex, age" in shown
    written = (out / "summary.json").read_text(encoding="utf-8") + done.stdout + done.stderr
    assert not any(secret in written for secret in SECRETS)
    assert "张三" not in shown  # the note's own text is there, the header's name is nowhere


def test_age_by_the_header_is_an_item_of_the_score(
    dicom: Path, note: Path, oracle: Path, tmp_path: Path, command: Any
) -> None:
    """79 by the header and 80 by the record: one person, and two scores."""
    note.write_text(NOTE.replace("61岁", "80岁"), encoding="utf-8")
    done = command(main, dicom, note, "--output", tmp_path / "out", "--model", oracle)
    assert "different patients" not in done.stderr
    told = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert told["patients_differ_in"] == []
    score = told["ich_score"]
    (age,) = [item for item in score["items"] if item["name"] == "age"]
    assert age["ct"]["values"] == [{"number": 79.0, "unit": "years", "term": None, "sign": None}]
    assert age["record"]["values"][0]["number"] == 80 and age["contradicted"]
    assert "The age by the CT is what its DICOM header states." in age["reasons"]
    assert (score["by_ct"], score["by_record"]) == ([0, 1], [1, 2])  # the volume's error is open


def test_read_tells_it_of_each_case(
    dicom: Path, note: Path, oracle: Path, tmp_path: Path, command: Any
) -> None:
    note.rename(dicom.parent / "ct.txt")
    out = tmp_path / "out"
    line = (read_main, dicom.parent, "--output", out, "--model", oracle, "--processes", 1)
    done = command(*line)
    assert done.exit_code == 0, done.stderr
    assert "1 case whose record and DICOM header tell of different patients: ct." in done.stderr
    with (out / "report" / "cases.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert "other_patient" in row["notes"]
    page = (out / "report" / "index.html").read_text(encoding="utf-8")
    assert "different patients: age" in page and not any(s in page for s in SECRETS)


@pytest.mark.parametrize("age", ["079Y", "096Y"])
def test_sex_and_age_outlive_the_import_to_a_cohort(
    *, age: str, dicom: Path, note: Path, oracle: Path, tmp_path: Path, command: Any
) -> None:
    for file in dicom.iterdir():
        header = pydicom.dcmread(file)
        header.PatientAge = age
        header.save_as(file)
    cohort = tmp_path / "cohort"
    kept = "90" if age == "096Y" else "79"
    import_dicom(dicom, cohort, tmp_path / "key.json")
    (case,) = Cohort.load(cohort).cases
    assert case.dicom == {"patient_sex": "M", "patient_age": f"0{kept}Y"}
    note.write_text(f"女，{int(kept) + 8}岁。头颅CT：左侧基底节区脑出血。\n", encoding="utf-8")
    image, out = cohort / str(case.image), tmp_path / "out"
    done = command(main, image, note, "--output", out, "--model", oracle)
    assert done.exit_code == 0, done.stderr
    told = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert told["patients_differ_in"] == (["sex"] if kept == "90" else ["sex", "age"])
    (of_age,) = [item for item in told["ich_score"]["items"] if item["name"] == "age"]
    sign = "≥" if kept == "90" else None
    value = {"number": float(kept), "unit": "years", "term": None, "sign": sign}
    assert of_age["ct"]["values"] == [value]

    (cohort / "records").mkdir()
    (cohort / "records" / "p.txt").write_bytes(note.read_bytes())
    Cohort(cohort, "c", (replace(case, record="records/p.txt"),), ()).save()
    done = command(
        *(read_main, cohort, "--output", tmp_path / "read", "--model", oracle, "--processes", 1)
    )
    assert "tell of different patients: p0001_1" in done.stderr
