"""Masks in one file for each structure, in 3D Slicer's segmentation, in a label map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel as nib
import nrrd
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.facts.structures import BY_ID, STRUCTURE_IDS
from cohort.import_files import import_files
from cohort.schema.problems import parse
from cohort.schema.scans.scan import ScanResult
from cohort.space.file_types import read_header, read_volume
from cohort.space.label_maps import label_of
from cohort.space.masks import read_mask_volume
from cohort.space.nifti.volume import save_volume
from cohort.space.nrrd.volume import save_volume as save_nrrd
from cohort.space.same_grid import grid_difference
from hich.report.gather.predictions import read_mask, read_prediction, why_not_of
from imaging.export import export_cohort
from imaging.model.bundle import load_bundle
from imaging.model.inference import inference_transforms
from imaging.predict import main, predict
from imaging.prediction import mask_files, scan
from imaging.scans.given import ScanFile
from imaging.scans.preprocess import read_scan


def summary(folder: Path, scan_id: str = "p1") -> dict[str, Any]:
    return json.loads((folder / f"{scan_id}.json").read_text("utf-8"))


def hidden_notes(folder: Path) -> list[str]:
    return [note["what"] for note in summary(folder)["notes"] if note["kind"] == "hidden voxels"]


def predict_overlapping(
    oracle: Path, path: Path, out: Path, written_as: mask_files.MaskFormat
) -> dict[str, NDArray[np.uint8]]:
    """Write a prediction in which the bleed reaches over the left ventricle."""
    bundle = load_bundle(oracle)
    transforms = inference_transforms(bundle.preprocess)
    read = scan.read_to_predict(bundle, transforms, ScanFile("p1", path))
    found = scan.segment_read(bundle, read)
    bleed, left = (found.masks[BY_ID[name].channel] for name in ("hematoma", "ventricle_left"))
    bleed |= np.roll(left, 2, axis=0)
    scan.write_prediction(bundle, read, found, out, written_as)
    assert (bleed & left).any()
    return {name: found.masks[BY_ID[name].channel] for name in STRUCTURE_IDS}


def test_the_command_knows_all_formats() -> None:
    from imaging.predict import Format

    assert Format == mask_files.MaskFormat


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "SAL", "PIR"])
@pytest.mark.parametrize(
    ("written_as", "file"), [("seg.nrrd", "p1.seg.nrrd"), ("labelmap", "p1_labels.nii.gz")]
)
def test_one_file_holds_all_structures_on_the_scans_grid(
    tmp_path: Path,
    oracle: Path,
    phantom: Any,
    command: Any,
    axcodes: str,
    written_as: str,
    file: str,
) -> None:
    expected = phantom(tmp_path / "p1.nii.gz", axcodes, oblique=True)
    out = tmp_path / "out"
    end = command(main, oracle, tmp_path / "p1.nii.gz", "--output", out, "--format", written_as)
    assert end.exit_code == 0, end.stderr
    names = {path.name for path in out.iterdir()}
    assert names == {file, "p1.json", "p1.png", "measurements.csv", "provenance.json"}
    scan_header = read_header(tmp_path / "p1.nii.gz")
    for name, address in summary(out)["masks"].items():
        assert address.startswith(f"{file}/")
        mask, header = read_volume(out / address)
        assert np.array_equal(mask, expected[name])
        assert np.array_equal(header.affine, scan_header.affine)
    assert parse(ScanResult, summary(out))[1] == []
    assert hidden_notes(out) == []


@pytest.mark.parametrize("written_as", ["nifti", "seg.nrrd", "labelmap"])
def test_the_report_reads_all_of_them(
    tmp_path: Path, oracle: Path, phantom: Any, written_as: mask_files.MaskFormat
) -> None:
    phantom(tmp_path / "p1.nii.gz", "SAL")
    expected = predict_overlapping(oracle, tmp_path / "p1.nii.gz", tmp_path / "out", written_as)
    image = read_header(tmp_path / "p1.nii.gz")
    prediction = read_prediction(tmp_path / "out/p1.json")
    assert why_not_of(prediction, image) is None
    assert set(prediction.masks) == set(STRUCTURE_IDS)
    for name, path in prediction.masks.items():
        assert np.array_equal(read_mask(path, image), expected[name])


def test_what_a_label_map_hides_is_said_and_kept(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    phantom(tmp_path / "p1.nii.gz")
    out = tmp_path / "out"
    masks = predict_overlapping(oracle, tmp_path / "p1.nii.gz", out, "labelmap")
    voxels = int((masks["hematoma"] & masks["ventricle_left"]).sum())
    (note,) = hidden_notes(out)
    ml = voxels * 2 * 1.8 * 5 / 1000
    assert note == (
        f"Structures overlap, of which p1_labels.nii.gz shows one: it hides {voxels} voxels "
        f"({ml:.2f} mL) of left lateral ventricle. These are kept in p1_labels.hidden.nii.gz; "
        "volumes are of the whole structures."
    )
    assert summary(out)["volumes_ml"]["ventricle_left"] == pytest.approx(
        masks["ventricle_left"].sum() * 0.018
    )
    shown = np.asanyarray(nib.load(out / "p1_labels.nii.gz").dataobj)
    assert shown.dtype == np.uint8
    left = masks["ventricle_left"] & ~masks["hematoma"] & 1
    assert np.array_equal(shown == label_of(BY_ID["ventricle_left"]), left.astype(bool))
    # Results in another format take the place of these, and nothing of them is left.
    predict(oracle, [tmp_path / "p1.nii.gz"], out, written_as="seg.nrrd")
    assert not list(out.glob("p1_labels*"))
    predict(oracle, [tmp_path / "p1.nii.gz"], out)
    assert not list(out.glob("*.nrrd"))


def test_results_of_other_scans_are_replaced_whole(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    phantom(tmp_path / "p1.nii.gz")
    phantom(tmp_path / "p2.nii.gz")
    out = tmp_path / "out"
    predict_overlapping(oracle, tmp_path / "p1.nii.gz", out, "labelmap")
    assert (out / "p1_labels.hidden.nii.gz").is_file()
    predict(oracle, [tmp_path / "p2.nii.gz"], out, replace=True, written_as="labelmap")
    assert not list(out.glob("p1*"))


def test_overlapping_structures_have_layers(tmp_path: Path, oracle: Path, phantom: Any) -> None:
    phantom(tmp_path / "p1.nii.gz", "RAS")
    masks = predict_overlapping(oracle, tmp_path / "p1.nii.gz", tmp_path / "out", "seg.nrrd")
    numbers, header = nrrd.read(str(tmp_path / "out/p1.seg.nrrd"))
    assert numbers.shape == (2, *masks["hematoma"].shape)
    assert [header[f"Segment{n}_Layer"] for n in range(4)] == ["0", "0", "1", "0"]
    assert hidden_notes(tmp_path / "out") == []


def test_a_segmentation_that_slicer_cut_is_read_for_the_report(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    expected = phantom(tmp_path / "p1.nii.gz", "LPS", oblique=True)
    out = tmp_path / "out"
    predict(oracle, [tmp_path / "p1.nii.gz"], out, written_as="seg.nrrd")
    numbers, header = nrrd.read(str(out / "p1.seg.nrrd"))
    drawn = np.argwhere(numbers)
    start, stop = drawn.min(axis=0), drawn.max(axis=0) + 1
    cut = numbers[tuple(map(slice, start, stop))]
    assert cut.size < numbers.size / 2
    header["space origin"] = header["space origin"] + start @ header["space directions"]
    header["Segmentation_ReferenceImageExtentOffset"] = " ".join(map(str, start))
    nrrd.write(str(out / "p1.seg.nrrd"), cut, header)
    image = read_header(tmp_path / "p1.nii.gz")
    prediction = read_prediction(out / "p1.json")
    assert why_not_of(prediction, image) is None
    for name, path in prediction.masks.items():
        assert np.array_equal(read_mask(path, image), expected[name])
        assert np.array_equal(read_mask_volume(path, image.grid)[0], expected[name])


@pytest.mark.parametrize("written_as", ["nifti", "seg.nrrd", "labelmap"])
def test_a_scan_may_be_nrrd(
    tmp_path: Path, oracle: Path, phantom: Any, written_as: mask_files.MaskFormat
) -> None:
    expected = phantom(tmp_path / "p1.nii.gz", "PIR", oblique=True)
    voxels, header = read_volume(tmp_path / "p1.nii.gz")
    save_nrrd(tmp_path / "scans/p1.nrrd", voxels, header.grid)
    # Beside it lie masks, which are no scans.
    predict(oracle, [tmp_path / "p1.nii.gz"], tmp_path / "scans/masks", written_as="seg.nrrd")
    (tmp_path / "scans/masks/p1.seg.nrrd").rename(tmp_path / "scans/p1.seg.nrrd")
    save_volume(tmp_path / "scans/x.hidden.nii.gz", voxels, header.affine)
    out = tmp_path / "out"
    result = predict(oracle, [tmp_path / "scans"], out, written_as=written_as)
    assert [one["image"] for one in result.scans] == ["p1.nrrd"]
    for name, address in summary(out)["masks"].items():
        mask, own = read_volume(out / address)
        assert np.array_equal(mask, expected[name])
        assert grid_difference(own.grid, header.grid) is None
        assert own.oriented


def test_corrected_masks_come_back_into_a_cohort_and_its_corpus(
    tmp_path: Path, oracle: Path, phantom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A prediction, imported in each form, gives the same slices to train on."""
    monkeypatch.chdir(tmp_path)
    phantom(tmp_path / "scans/p1.nii.gz", "SAR", oblique=True)
    slices: dict[str, dict[str, bytes]] = {}
    for written_as in mask_files.MASK_FORMATS:
        out = tmp_path / written_as
        expected = predict_overlapping(oracle, tmp_path / "scans/p1.nii.gz", out, written_as)
        options: dict[str, Any] = {
            "nifti": {"masks": {name: f"nifti/*_{name}.nii.gz" for name in STRUCTURE_IDS}},
            "seg.nrrd": {"segmentations": "seg.nrrd/*.seg.nrrd"},
            "labelmap": {
                "label_maps": "labelmap/*_labels.nii.gz",
                "labels": {str(label_of(BY_ID[name])): name for name in STRUCTURE_IDS},
            },
        }[written_as]
        cohort = import_files(tmp_path / f"of {written_as}", "scans/*.nii.gz", **options).cohort
        (case,) = cohort.cases
        read = read_scan(
            inference_transforms(load_bundle(oracle).preprocess, masks=True),
            cohort.path(case.image or ""),
            {name: cohort.path(path) for name, path in case.masks.items()},
        )
        for name, mask in expected.items():
            assert np.array_equal(read["label"][BY_ID[name].channel], mask)
        kinds = [note.kind for note in read["notes"]]
        assert kinds == (["hidden voxels"] if written_as == "labelmap" else [])
        corpus = tmp_path / f"corpus {written_as}"
        export_cohort(cohort, corpus, load_bundle(oracle).preprocess, force=True)
        slices[written_as] = {p.name: p.read_bytes() for p in corpus.rglob("*_mask.png")}
    assert slices["nifti"] and slices["nifti"] == slices["seg.nrrd"] == slices["labelmap"]
