"""`predict` and `export` on DICOM folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.facts.structures import STRUCTURE_IDS
from imaging.export import main as export
from imaging.predict import main, predict
from tests.cohort.space.dicom.on_disk import write_head
from tests.cohort.space.dicom.write_series import ACCESSION, BIRTH, ID, NAME


@pytest.fixture
def masks(tmp_path: Path, phantom: Any) -> dict[str, NDArray]:
    """Write a phantom as DICOM, in `p1`: soft (1.8.1.2) and bone (1.8.1.3); return its masks."""
    masks: dict[str, NDArray] = phantom(tmp_path / "phantom.nii.gz", "LPS")
    scan: Any = nib.load(tmp_path / "phantom.nii.gz")
    x, y, z = scan.affine[:3, 3]
    hu = np.asanyarray(scan.dataobj)
    for number, kernel in ((2, "STANDARD"), (3, "BONE")):
        write_head(
            *(tmp_path / "p1", number, "头颅平扫", kernel, 5, hu),
            origin=(-x, -y, z),
            PixelSpacing=[1.8, 2.0],
        )
    return masks


def test_dicom_folder_is_segmented_on_its_own_grid(
    tmp_path: Path, oracle: Path, masks: dict[str, NDArray]
) -> None:
    (scan,) = predict(oracle, [tmp_path / "p1"], tmp_path / "out").scans
    assert (scan["id"], scan["image"]) == ("p1", "p1")
    affine = nib.load(tmp_path / "phantom.nii.gz").affine
    for name in STRUCTURE_IDS:
        mask: Any = nib.load(tmp_path / f"out/p1_{name}.nii.gz")
        np.testing.assert_array_equal(np.asanyarray(mask.dataobj), masks[name])
        np.testing.assert_allclose(mask.affine, affine, atol=1e-4)
    assert "series choice" not in {note["kind"] for note in scan["notes"]}


def test_named_series_is_segmented_and_the_results_say_so(
    tmp_path: Path, oracle: Path, masks: dict[str, NDArray], command: Any
) -> None:
    out = tmp_path / "out"
    result = command(main, oracle, tmp_path / "p1", "--output", out, "--series", "1.8.1.3")
    assert result.exit_code == 0, result.stderr
    written = (out / "p1.json").read_text(encoding="utf-8")
    notes = {note["kind"]: note["what"] for note in json.loads(written)["notes"]}
    assert notes["series choice"] == ("was named with --series: it has a bone kernel (BONE).")
    assert "was named with --series" in (out / "measurements.csv").read_text(encoding="utf-8-sig")
    assert not [secret for secret in (NAME, ID, BIRTH, ACCESSION) if secret in written]


def test_results_are_not_written_into_the_dicom_folder(
    tmp_path: Path, oracle: Path, masks: dict[str, NDArray], command: Any
) -> None:
    result = command(main, oracle, tmp_path / "p1", "--output", tmp_path / "p1")
    assert result.exit_code == 2
    assert "holds the scans; name another folder" in result.stderr


def test_what_cannot_be_chosen_is_told(
    tmp_path: Path, oracle: Path, masks: dict[str, NDArray], command: Any
) -> None:
    for path in (tmp_path / "p1").glob("2_*"):
        path.unlink()
    result = command(main, oracle, tmp_path / "p1", "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert "series 3 has a bone kernel (BONE); to take it, name it with --series 1.8.1.3." in (
        result.stderr
    )


def test_dicom_folder_is_exported(tmp_path: Path, masks: dict[str, NDArray], command: Any) -> None:
    out = tmp_path / "slices"
    result = command(export, tmp_path / "p1", out, "--series", "1.8.1.3")
    assert result.exit_code == 0, result.stderr
    assert len(list(out.glob("p1_*.png"))) == masks["midline"].shape[2]
    assert "was named with --series: it has a bone kernel (BONE)." in result.stdout
