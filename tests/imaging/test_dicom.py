"""DICOM goes through all commands: tilted and uneven slices are scored and measured as they lie."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from cohort.check import check
from cohort.import_files import import_files
from cohort.schema.manifest import Cohort
from cohort.space.affine import make_affine
from cohort.space.file_types import read_volume
from cohort.space.grid import Grid
from cohort.space.nifti.volume import save_volume
from cohort.space.same_grid import grid_difference
from imaging.evaluate import evaluate
from imaging.predict import predict
from tests.cohort.space.dicom.write_series import write_series
from tests.imaging.conftest import paint

SIZE, SPACING = (42, 51, 15), (2.0, 1.8, 2.5)
KEPT = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14]
"""Slices of the phantom that are kept: thin ones below, thick ones above."""


@pytest.fixture(scope="module")
def dicom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of a DICOM series with uneven slices, `ct/p1`, and of masks on its grid."""
    folder = tmp_path_factory.mktemp("dicom")
    hu, masks = paint(SIZE, make_affine("LPS", SPACING, SIZE))
    write_series(
        folder / "ct/p1",
        hu[..., KEPT],
        levels=[k * SPACING[2] for k in KEPT],
        origin=[-(n - 1) / 2 * mm for n, mm in zip(SIZE, SPACING, strict=True)],
        PixelSpacing=[SPACING[1], SPACING[0]],
        BodyPartExamined="HEAD",
        ConvolutionKernel="STANDARD",
    )
    voxels, header = read_volume(folder / "ct/p1")
    assert (voxels == hu[..., KEPT]).all() and not header.grid.even
    for name, mask in masks.items():
        save_volume(folder / f"masks/p1_{name}.nii.gz", mask[..., KEPT], header.grid)
    return folder


@pytest.fixture
def cohort(dicom: Path, tmp_path: Path) -> Path:
    masks = {
        name: str(dicom / f"masks/*_{name}.nii.gz")
        for name in ("hematoma", "midline", "ventricle_left", "ventricle_right")
    }
    import_files(tmp_path / "cohort", str(dicom / "ct/*"), masks)
    return tmp_path / "cohort"


def true_ml(cohort: Path, structure: str) -> float:
    """Return the volume of a mask by hand: pixels of 3.6 mm², each slice half way to the next."""
    mask, _ = read_volume(cohort / Cohort.load(cohort).cases[0].masks[structure])
    levels = np.array(KEPT) * SPACING[2]
    half = np.diff(levels) / 2
    thick = np.append(half[0], half) + np.append(half, half[-1])
    return float(mask.sum(axis=(0, 1)) @ thick * SPACING[0] * SPACING[1] / 1000)


def test_check_measures_masks_of_a_series_by_its_slices(cohort: Path) -> None:
    found = check(cohort)
    assert found.all_problems() == []
    for name, facts in found.cases["p1"].facts["masks"].items():
        assert facts["volume_ml"] == pytest.approx(true_ml(cohort, name), abs=1e-3)
    assert any(note.kind == "uneven slices" for note in found.all_notes())


def test_scores_are_in_true_mm_and_ml(
    cohort: Path, oracle: Path, make_split: Any, tmp_path: Path
) -> None:
    result = evaluate(
        oracle, cohort, make_split({"p1": "test"}, cohort="cohort"), "test", tmp_path / "m"
    )
    assert len(result.scores) == 4
    for score in result.scores:
        assert (score.dice, score.hd95_mm) == (1.0, 0.0)
        assert score.volume_ml == pytest.approx(true_ml(cohort, score.structure))
        mask, header = read_volume(cohort / Cohort.load(cohort).cases[0].masks[score.structure])
        even = Grid(header.shape, header.affine).volume_ml(mask)
        assert even != pytest.approx(score.volume_ml, rel=0.005)


def test_predicted_masks_lie_on_the_slices(dicom: Path, oracle: Path, tmp_path: Path) -> None:
    predict(oracle, [dicom / "ct/p1"], tmp_path / "out")
    summary = json.loads((tmp_path / "out/p1.json").read_text("utf-8"))
    _, header = read_volume(dicom / "ct/p1")
    for name, path in summary["masks"].items():
        mask, of_mask = read_volume(tmp_path / "out" / path)
        drawn, _ = read_volume(dicom / f"masks/p1_{name}.nii.gz")
        assert (mask == drawn).all() and grid_difference(of_mask.grid, header.grid) is None
        assert summary["volumes_ml"][name] == pytest.approx(header.grid.volume_ml(mask), abs=1e-3)
        assert nib.load(tmp_path / "out" / path).shape == header.shape
    assert any(note["kind"] == "uneven slices" for note in summary["notes"])


def test_exported_slices_have_their_own_thickness(dicom: Path, tmp_path: Path, root: Path) -> None:
    from imaging.export import export_files
    from imaging.model.config import DEFAULT_CONFIG, read_config
    from imaging.scans.preprocess import Preprocess

    preprocess = Preprocess.from_config(read_config(root / DEFAULT_CONFIG)["preprocess"])
    export_files([dicom / "ct/p1"], tmp_path / "png", preprocess)
    listed = json.loads((tmp_path / "png/datalist.json").read_text("utf-8"))["test"]
    thick = [entry["spacing"][2] for entry in listed]
    assert thick == pytest.approx([2.5] * 8 + [(2.5 + 5) / 2] + [5.0] * 3)


@pytest.mark.parametrize("written_as", ["seg.nrrd", "labelmap"])
def test_masks_in_one_file_come_back_onto_uneven_slices(
    dicom: Path, oracle: Path, tmp_path: Path, written_as: Any
) -> None:
    predict(oracle, [dicom / "ct/p1"], tmp_path / "out", written_as=written_as)
    kind = "--segmentations" if written_as == "seg.nrrd" else "label_maps"
    more: dict[str, Any] = (
        {"segmentations": str(tmp_path / "out/*.seg.nrrd")}
        if kind == "--segmentations"
        else {
            "label_maps": str(tmp_path / "out/*_labels.nii.gz"),
            "labels": {
                "1": "hematoma",
                "2": "midline",
                "3": "ventricle_left",
                "4": "ventricle_right",
            },
        }
    )
    import_files(tmp_path / "cohort", str(dicom / "ct/*"), **more)
    found = check(tmp_path / "cohort")
    assert found.all_problems() == []
    drawn, of_drawn = read_volume(dicom / "masks/p1_hematoma.nii.gz")
    assert found.cases["p1"].facts["masks"]["hematoma"]["volume_ml"] == pytest.approx(
        of_drawn.grid.volume_ml(drawn), abs=1e-3
    )


REAL = Path(__file__).parents[3] / "shared/data/dicom-head-ge/ge-head-tilt18.zip"


@pytest.mark.skipif(not REAL.is_file(), reason="needs the real series of ../shared/data")
def test_the_real_tilted_head_goes_through_prediction(oracle: Path, tmp_path: Path) -> None:
    os.symlink(REAL, tmp_path / "head.zip")
    predict(oracle, [tmp_path / "head.zip"], tmp_path / "out", written_as="nifti")
    summary = json.loads((tmp_path / "out/head.json").read_text("utf-8"))
    assert summary["shape"] == [512, 512, 28] and summary["axcodes"] == "LPS"
    # 13 distances of 4 mm, one of 1.08 and 13 of 7 mm; the ends reach half a slice further.
    assert summary["coverage"]["height_mm"] == pytest.approx(
        13 * 4 + 1.08 + 13 * 7 + 2 + 3.5, abs=0.2
    )
    assert {note["kind"] for note in summary["notes"]} >= {"uneven slices", "tilt"}
