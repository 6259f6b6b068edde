"""Export of head CTs to PNG slices."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import yaml
from PIL import Image

from cohort.base.code.contents import made_files
from cohort.facts.structures import BY_ID, STRUCTURE_IDS
from cohort.links.same_scan import scan_digest
from cohort.schema.case import Case
from cohort.schema.datalist import Datalist
from cohort.schema.manifest import Cohort
from cohort.schema.split import Split
from cohort.space.affine import make_affine
from cohort.space.file_types import read_volume
from cohort.space.nifti.volume import save_volume
from imaging.export import export_cohort, main
from imaging.jobs.evaluation import choose_cases
from imaging.scans.preprocess import Preprocess
from imaging.scans.slices import palette, read_slice, read_slice_label, write_slice_label
from tests.conftest import undescribed
from tests.imaging.conftest import PAINTED

CONFIG = """
preprocess:
  windows: {brain: [0, 80], blood: [-20, 180], bone: [-500, 1300]}
  spacing: 2.0
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path / "net.yaml"


def datalist(folder: Path) -> Any:
    return json.loads((folder / "datalist.json").read_text(encoding="utf-8"))


def write_scan(path: Path, axcodes: str = "LPS") -> None:
    """Write a scan of 8 × 6 × 3 voxels (LPS): bright on the patient's left, in front, on top."""
    hounsfield = np.full((8, 6, 3), -1000, np.int16)
    hounsfield[6, 1, 2] = 80
    ornt = nib.orientations.ornt_transform(
        nib.orientations.axcodes2ornt("LPS"), nib.orientations.axcodes2ornt(axcodes)
    )
    affine = make_affine("LPS", (1, 1, 5), (8, 6, 3))
    affine = affine @ nib.orientations.inv_ornt_aff(ornt, (8, 6, 3))
    save_volume(path, nib.orientations.apply_orientation(hounsfield, ornt), affine)


def test_a_configuration_that_cannot_be_trained_is_refused_before_the_export(
    command: Any, phantom_cohort: Path, small_config: Callable, tmp_path: Path
) -> None:
    whole = small_config()
    for patch, code in ([15, 16], 1), ([16, 16], 0):
        whole["train"]["patch"] = patch
        (tmp_path / "net.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
        corpus = tmp_path / "corpus"
        result = command(main, phantom_cohort, corpus, "--config", tmp_path / "net.yaml")
        assert (result.exit_code, corpus.exists()) == (code, not code)
    assert "Traceback" not in result.stderr


def test_cohort_becomes_a_corpus(
    command: Any, phantom_cohort: Path, make_split: Callable, config: Path, tmp_path: Path
) -> None:
    split = make_split({"p1": "train", "p2": "val", "p3": "test"})
    corpus = tmp_path / "corpus"
    result = command(main, phantom_cohort, corpus, "--split", split, "--config", config)
    assert result.exit_code == 0, result.stderr
    assert "train: 7 slices of 1 scan\n" in result.stdout
    listed = datalist(corpus)
    assert undescribed(Datalist, listed) == []
    assert [e["image"] for e in listed["validation"]] == [f"val/p2_{k:03d}.png" for k in range(7)]
    entry = listed["training"][3]
    assert entry == {
        "image": "train/p1_003.png",
        "label": "train/p1_003_mask.png",
        "case": "p1",
        "slice": 3,
        "spacing": [2.0, 1.9957, 5.0],
        "structures": list(STRUCTURE_IDS),
        "present": list(PAINTED),
        "scan": scan_digest(read_volume(phantom_cohort / "images/p1.nii.gz")[0]),
    }
    assert listed["preprocess"]["spacing"] == 2.0
    files = {path.name for path in corpus.rglob("*.png")}
    assert len(files) == 3 * 7 * 2


def test_patients_stored_differently_are_exported_alike(
    command: Any, phantom_cohort: Path, config: Path, tmp_path: Path
) -> None:
    # p1 to p3 are one phantom in three orientations.
    command(main, phantom_cohort, tmp_path / "corpus", "--config", config)
    folder = tmp_path / "corpus" / "train"
    for kind in ("", "_mask"):
        first, *others = [
            np.asarray(Image.open(folder / f"{case}_003{kind}.png")) for case in ("p1", "p2", "p3")
        ]
        assert first.any()
        assert all(np.array_equal(first, other) for other in others)


def test_patients_left_is_on_the_right_of_picture_and_mask(
    command: Any, phantom_cohort: Path, config: Path, tmp_path: Path
) -> None:
    command(main, phantom_cohort, tmp_path / "corpus", "--config", config)
    picture = Image.open(tmp_path / "corpus/train/p2_003_mask.png")
    assert picture.mode == "P" and picture.size == (42, 46)
    bits = np.asarray(picture)
    columns = {
        name: np.mean(((bits >> BY_ID[name].channel) & 1).nonzero()[1]) for name in STRUCTURE_IDS
    }
    assert columns["ventricle_right"] < columns["midline"] < columns["ventricle_left"]
    colours = np.asarray(picture.convert("RGB"))[bits == 1 << BY_ID["hematoma"].channel]
    assert len(colours) and (colours == BY_ID["hematoma"].colour).all()


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "SAR", "PIL"])
def test_plain_file_becomes_radiological_pictures(
    command: Any, config: Path, tmp_path: Path, axcodes: str
) -> None:
    write_scan(tmp_path / "head.nii.gz", axcodes)
    output = tmp_path / "png"
    result = command(main, tmp_path / "head.nii.gz", output, "--config", config)
    assert result.exit_code == 0, result.stderr
    assert sorted(p.name for p in output.glob("*.png")) == [f"head_{k:03d}.png" for k in range(3)]
    picture = Image.open(output / "head_002.png")
    assert picture.mode == "RGB" and picture.size == (8, 6)
    # Patient's left is on the right, anterior on top.
    assert np.argwhere(np.asarray(picture)[..., 0]).tolist() == [[1, 6]]
    assert picture.getpixel((6, 1)) == (255, 128, 82)
    assert datalist(output)["test"][2]["spacing"] == [1.0, 1.0, 5.0]


def test_window_gives_single_grey_pictures(command: Any, config: Path, tmp_path: Path) -> None:
    write_scan(tmp_path / "scans" / "a.nii.gz")
    write_scan(tmp_path / "scans" / "b.nii")
    options = ["--config", config, "--window", "blood"]
    result = command(main, tmp_path / "scans", tmp_path / "png", *options)
    assert result.exit_code == 0, result.stderr
    assert len(list((tmp_path / "png").glob("*.png"))) == 6
    picture = Image.open(tmp_path / "png" / "b_002.png")
    assert picture.mode == "L" and picture.getpixel((6, 1)) == 128


def test_spacing_is_the_configurations_a_number_or_native(
    command: Any, phantom_cohort: Path, config: Path, tmp_path: Path
) -> None:
    sizes = {}
    for spacing in ("native", "4"):
        options = ["--config", config, "--spacing", spacing]
        assert command(main, phantom_cohort, tmp_path / spacing, *options).exit_code == 0
        sizes[spacing] = Image.open(tmp_path / spacing / "train/p1_000.png").size
    assert sizes == {"native": (42, 51), "4": (21, 23)}
    result = command(main, phantom_cohort, tmp_path / "x", "--spacing", "wide", "--config", config)
    assert result.exit_code == 2 and "in mm, or 'native'" in result.stderr


def test_the_same_input_gives_the_same_bytes(
    command: Any, phantom_cohort: Path, config: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        command(main, phantom_cohort, tmp_path / name, "--config", config)
    ones = made_files(tmp_path / "one")
    assert len(ones) == 3 * 7 * 2 + 1
    for one in ones:
        two = tmp_path / "two" / one.relative_to(tmp_path / "one")
        assert one.read_bytes() == two.read_bytes()


def test_split_by_slice_is_obeyed(
    command: Any, phantom_cohort: Path, make_split: Callable, config: Path, tmp_path: Path
) -> None:
    parts = ["train", "val", "test", "train", "train", "train", "test"]
    split = make_split({}, {case: parts for case in ("p1", "p2", "p3")})
    options = ["--split", split, "--config", config]
    assert command(main, phantom_cohort, tmp_path / "corpus", *options).exit_code == 0
    listed = datalist(tmp_path / "corpus")
    assert [e["slice"] for e in listed["training"] if e["case"] == "p3"] == [0, 3, 4, 5]
    assert [e["image"] for e in listed["test"] if e["case"] == "p1"] == [
        "test/p1_002.png",
        "test/p1_006.png",
    ]
    for others in (parts[:5], [*parts, "test"]):
        other = make_split({}, {case: others for case in ("p1", "p2", "p3")})
        options = ["--split", other, "--config", config]
        result = command(main, phantom_cohort, tmp_path / "corpus", *options)
        assert result.exit_code == 1
        assert f"has 7 slices, the split {len(others)}; split the cohort again" in result.stderr


def test_ct_that_came_after_the_split_by_slice_is_not_in_its_records_part(
    phantom_cohort: Path, make_split: Callable, tmp_path: Path
) -> None:
    parts = ["train"] * 7
    split = Split.load(make_split({"p3": "train"}, {case: parts for case in ("p1", "p2")}))
    cohort = Cohort.load(phantom_cohort)
    preprocess = Preprocess.from_config(yaml.safe_load(CONFIG)["preprocess"])
    exported = export_cohort(cohort, tmp_path / "corpus", preprocess, split)
    assert exported is not None and exported.left_out == {"p3": "is not in the split"}
    cases, left_out = choose_cases(cohort, split, "train")
    assert [case.id for case in cases] == ["p1", "p2"] and left_out == {"not in the split": 1}


def test_what_is_left_out_is_said(
    command: Any, phantom_cohort: Path, make_split: Callable, config: Path, tmp_path: Path
) -> None:
    cohort = Cohort.load(phantom_cohort)
    (phantom_cohort / "p9.txt").write_text("主诉", encoding="utf-8")
    Cohort(phantom_cohort, cohort.name, (*cohort.cases, Case("p9", record="p9.txt"))).save()
    split = make_split({"p1": "train", "p2": "val", "p9": "train"})
    options = ["--split", split, "--config", config]
    result = command(main, phantom_cohort, tmp_path / "corpus", *options)
    assert result.exit_code == 0
    assert "Left out: case 'p9' has no CT." in result.stdout
    assert "Left out: case 'p3' is not in the split." in result.stdout


def test_structures_without_mask_are_listed_as_not_annotated(
    command: Any, phantom_cohort: Path, config: Path, tmp_path: Path
) -> None:
    p1, p2, p3 = Cohort.load(phantom_cohort).cases
    only = Case("p1", p1.image, {"midline": p1.masks["midline"]})
    Cohort(phantom_cohort, "x", (only, Case("p2", p2.image), p3)).save()
    assert command(main, phantom_cohort, tmp_path / "corpus", "--config", config).exit_code == 0
    entries = {e["case"]: e for e in datalist(tmp_path / "corpus")["training"]}
    assert entries["p1"]["structures"] == ["midline"]
    assert entries["p2"]["structures"] == [] and "label" not in entries["p2"]


def test_unusual_masks_are_said(
    command: Any, phantom_cohort: Path, config: Path, tmp_path: Path
) -> None:
    path = phantom_cohort / "masks" / "p1_hematoma.nii.gz"
    mask = nib.load(path)
    save_volume(path, np.asarray(mask.dataobj) * np.uint8(255), mask.affine)
    result = command(main, phantom_cohort, tmp_path / "corpus", "--config", config)
    assert (
        result.exit_code == 0 and "p1_hematoma.nii.gz: 0/255 was read as 0 and 1" in result.stdout
    )


def test_all_bad_scans_are_listed_and_nothing_is_written(
    command: Any, phantom_cohort: Path, config: Path, tmp_path: Path
) -> None:
    (phantom_cohort / "images" / "p1.nii.gz").write_bytes(b"\r\n")
    save_volume(
        phantom_cohort / "masks" / "p3_midline.nii.gz", np.zeros((2, 2, 2), np.uint8), np.eye(4)
    )
    corpus = tmp_path / "corpus"
    result = command(main, phantom_cohort, corpus, "--config", config)
    assert result.exit_code == 1
    assert "p1.nii.gz: is not a NIfTI volume" in result.stderr
    assert "p3_midline.nii.gz: has 2×2×2 voxels" in result.stderr
    assert "Traceback" not in result.stderr
    assert not [p for p in tmp_path.iterdir() if "corpus" in p.name]


def test_former_export_survives_a_failed_one(
    command: Any, phantom_cohort: Path, config: Path, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    command(main, phantom_cohort, corpus, "--config", config)
    before = datalist(corpus)
    (phantom_cohort / "images" / "p1.nii.gz").write_bytes(b"\r\n")
    assert command(main, phantom_cohort, corpus, "--config", config).exit_code == 1
    assert datalist(corpus) == before and (corpus / "train" / "p1_000.png").is_file()


def test_folder_of_other_files_is_not_overwritten(
    command: Any, phantom_cohort: Path, config: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.txt").write_text("years of work")
    result = command(main, phantom_cohort, tmp_path / "thesis", "--config", config)
    assert result.exit_code == 1 and "is not overwritten" in result.stderr


def test_sources_that_are_none(
    command: Any, phantom_cohort: Path, config: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    for source, message in [
        ("empty", "holds no .nii, .nii.gz or .nrrd file, and no cohort.json"),
        ("nowhere", "nowhere: no such file"),
        ("net.yaml", "net.yaml: is not a NIfTI volume"),
    ]:
        result = command(main, tmp_path / source, tmp_path / "png", "--config", config)
        assert result.exit_code == 1 and message in result.stderr
    (phantom_cohort / "cohort.json").rename(tmp_path / "gone.json")
    result = command(main, phantom_cohort, tmp_path / "png", "--config", config)
    assert result.exit_code == 1 and "no cohort.json" in result.stderr
    assert not (tmp_path / "png").exists()


def test_options_that_do_not_go_together_are_bad_usage(
    command: Any, phantom_cohort: Path, config: Path, tmp_path: Path
) -> None:
    write_scan(tmp_path / "a.nii.gz")
    write_scan(tmp_path / "other" / "a.nii")
    scan, output = tmp_path / "a.nii.gz", tmp_path / "png"
    for arguments, code, message in [
        ((phantom_cohort, output, "--window", "brain"), 2, "--window is for plain scans"),
        ((scan, output, "--split", "split.json"), 2, "--split is for a cohort"),
        ((scan, output, "--window", "lung"), 2, "no window 'lung'; the configuration has brain"),
        ((scan, tmp_path / "other", output), 2, "would both be called 'a'"),
        ((scan, tmp_path / "nowhere", output), 1, "nowhere: no such file"),
    ]:
        result = command(main, *arguments, "--config", config)
        assert result.exit_code == code and message in result.stderr
        assert not output.exists()


def test_mask_pngs_hold_every_combination_exactly(tmp_path: Path) -> None:
    count = 1 << len(STRUCTURE_IDS)
    bits = np.arange(count, dtype=np.uint8).reshape(-1, 2)
    label = np.stack([(bits >> channel) & 1 for channel in range(len(STRUCTURE_IDS))])
    write_slice_label(tmp_path / "mask.png", label)
    assert np.array_equal(read_slice_label(tmp_path / "mask.png"), label)
    colours = np.array(palette()).reshape(count, 3)
    assert len({tuple(colour) for colour in colours.tolist()}) == count
    assert tuple(colours[1 << BY_ID["midline"].channel]) == BY_ID["midline"].colour


def test_network_sees_what_was_exported(
    command: Any, phantom_cohort: Path, config: Path, tmp_path: Path
) -> None:
    from imaging.model.config import read_config
    from imaging.scans.preprocess import Preprocess, read_scan, scan_transforms

    command(main, phantom_cohort, tmp_path / "corpus", "--config", config)
    transforms = scan_transforms(Preprocess.from_config(read_config(config)["preprocess"]))
    image = read_scan(transforms, phantom_cohort / "images" / "p3.nii.gz")["image"]
    exported = read_slice(tmp_path / "corpus/train/p3_004.png")
    assert np.array_equal(exported / np.float32(255), image[..., 4].numpy())
