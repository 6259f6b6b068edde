"""What can't be read among many: named in failed.csv with its reason, while the rest go on."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from cohort.base.errors import DataError
from cohort.space.affine import make_affine
from hich.read.__main__ import main
from hich.read.build import read
from hich.read.inputs import find_inputs
from tests.cohort.space.dicom.write_series import asymmetric, write_series
from tests.hich.patient.conftest import NOTE, SHAPE, SPACING
from tests.imaging.conftest import paint

FAILED = {
    ("4d", "ct"): "is 4D",
    ("4d", "record"): "is UTF-16 text",
    ("a<b>", "ct"): "cannot name a file",
    ("a<b>", "record"): "cannot name a file",
    ("chest", "ct"): "is of the chest",
    ("mr", "ct"): "not Hounsfield units",
    ("mr", "record"): "open it there and save it as plain text",
    ("mri", "ct"): "is MR, not CT",
    ("nan", "ct"): "holds NaN",
    ("nan", "record"): "is empty",
    ("p1", "ct"): "has its name",
    ("p3", "ct"): "is not a NIfTI volume",
    ("pdf", "record"): "is a PDF by its content",
    ("s0", "ct"): "and so are 1 others beside it",
    ("two", "ct"): "2 studies of 2 patients",
    ("zip", "ct"): "truncated or damaged",
}
"""Case and half to what is said of it."""


@pytest.fixture
def bad(phantoms: Path) -> Path:
    """Return a folder in which most cannot be read."""
    affine = make_affine("LPS", SPACING, SHAPE)
    hu, _ = paint(SHAPE, affine)
    hollow = hu.astype(np.float32)
    hollow[3, 3, 3] = np.nan
    grey = np.clip(hu, 0, 80) * 8
    for name, voxels in (
        ("nan", hollow),
        ("4d", np.stack([hu, hu], -1)),
        ("mr", grey),
        ("a<b>", hu),
    ):
        nib.save(nib.Nifti1Image(voxels.astype(np.float32), affine), phantoms / f"{name}.nii.gz")
    (phantoms / "p1.nrrd").write_bytes(b"another of this name")
    head = {"BodyPartExamined": "HEAD", "ConvolutionKernel": "STANDARD"}
    small = asymmetric()
    write_series(phantoms / "mri", small, Modality="MR")
    write_series(phantoms / "chest", small, BodyPartExamined="CHEST", SeriesDescription="Chest")
    for who in ("5", "6"):
        of = {"PatientID": who, "StudyInstanceUID": f"1.{who}", "SeriesInstanceUID": f"1.{who}.1"}
        write_series(phantoms / "two" / who, small, **head, **of)
    write_series(phantoms, small[:, :, :2], name="s{:d}.dcm", **head)
    (phantoms / "zip.zip").write_bytes(b"PK\x03\x04abc")
    (phantoms / "nan.txt").write_bytes(b"\xef\xbb\xbf \n")
    (phantoms / "4d.txt").write_bytes(NOTE.encode("utf-16"))
    (phantoms / "mr.pdf").write_bytes(b"%PDF-1.4")
    (phantoms / "pdf.txt").write_bytes(b"%PDF-1.4\n")
    (phantoms / "a<b>.txt").write_text(NOTE, encoding="utf-8")
    return phantoms


def test_bad_cases_are_named_and_the_rest_go_on(
    bad: Path, oracle: Path, tmp_path: Path, command: Any
) -> None:
    out = tmp_path / "out"
    line = (main, bad, "--output", out, "--model", oracle, "--processes", 1)
    done = command(*line)
    assert done.exit_code == 1 and "Traceback" not in done.stderr + done.stdout
    with (out / "failed.csv").open(encoding="utf-8-sig", newline="") as file:
        failed = {(row["case"], row["half"]): row["why"] for row in csv.DictReader(file)}
    assert failed.keys() == FAILED.keys()
    assert [key for key, why in failed.items() if FAILED[key] not in why] == []
    assert not any("--force" in why for why in failed.values())  # which this command hasn't
    with (out / "report" / "cases.csv").open(encoding="utf-8-sig", newline="") as file:
        read_cases = {row["id"]: row for row in csv.DictReader(file)}
    assert read_cases["p1"]["verdict_side"] == "agree"
    assert float(read_cases["p2"]["ct_hematoma_ml"]) > 1
    assert {path.stem for path in (out / "predictions" / "imaging").glob("*.json")} == {"p1", "p2"}


def test_ids_of_a_table_stay_in_their_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    table = tmp_path / "notes.csv"
    table.write_text("住院号,病历\n../../../x,男\np1,男\n", encoding="utf-8")
    found = find_inputs(tmp_path / "in", tmp_path / "out", table)
    assert [case.id for case in found.cohort.cases] == ["p1"]
    assert [(f.case, f.half) for f in found.failures] == [("../../../x", "record")]
    assert not list(tmp_path.rglob("x.txt")) and not (tmp_path.parent / "x.txt").exists()


@pytest.mark.parametrize("content", [None, b""])
def test_nothing_is_left_where_nothing_can_be_read(
    content: bytes | None, oracle: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    if content is not None:
        (tmp_path / "in" / "p1.txt").write_bytes(content)
    with pytest.raises(DataError, match="neither scans nor notes" if content is None else "empty"):
        read(tmp_path / "in", tmp_path / "out", model=oracle)
    assert not (tmp_path / "out").exists()
