"""Masks, volumes and a picture of each scan."""

from __future__ import annotations

import errno
import json
import sys
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from cohort.base.code.contents import PROVENANCE
from cohort.base.errors import DataError, UsageError
from cohort.facts.limits import OUTER_BLOOD_ML
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.problems import parse
from cohort.schema.scans.scan import ScanResult
from cohort.space.nifti.volume import save_volume
from cohort.work.job import PLAIN, Shard, Way
from imaging.model.bundle import load_bundle, save_bundle
from imaging.predict import main, predict
from imaging.prediction.scan import names_of
from imaging.prediction.table import TABLE
from tests.imaging.conftest import BLOOD_HU, PAINTED


def files_of(scan: str) -> set[str]:
    return {f"{scan}_{name}.nii.gz" for name in STRUCTURE_IDS} | {f"{scan}.json", f"{scan}.png"}


def names_in(folder: Path) -> set[str]:
    """Return the files in a folder, less the table of all scans in it and how it was made."""
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    return names - {TABLE, PROVENANCE}


@pytest.mark.parametrize("oblique", [False, True])
@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "SAL", "PIR"])
def test_masks_have_the_scans_grid_and_header(
    tmp_path: Path, oracle: Path, phantom: Any, axcodes: str, oblique: bool
) -> None:
    expected = phantom(tmp_path / "p1.nii.gz", axcodes, oblique=oblique)
    predict(oracle, [tmp_path / "p1.nii.gz"], tmp_path / "out")
    scan = nib.load(tmp_path / "p1.nii.gz")
    assert names_in(tmp_path / "out") == files_of("p1")
    for name in STRUCTURE_IDS:
        mask = nib.load(tmp_path / f"out/p1_{name}.nii.gz")
        assert mask.get_data_dtype() == np.uint8
        np.testing.assert_array_equal(np.asanyarray(mask.dataobj), expected[name])
        np.testing.assert_array_equal(mask.affine, scan.affine)
        np.testing.assert_array_equal(mask.get_qform(), scan.get_qform())
        for field in ("sform_code", "qform_code", "xyzt_units", "pixdim"):
            np.testing.assert_array_equal(mask.header[field], scan.header[field])


def test_patients_left_stays_left_in_every_orientation(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    for axcodes in ("LPS", "RAS", "SAL", "ARI"):
        phantom(tmp_path / f"scans/{axcodes}.nii", axcodes, oblique=True)
    predict(oracle, [tmp_path / "scans"], tmp_path / "out")
    for axcodes in ("LPS", "RAS", "SAL", "ARI"):
        for side, sign in (("left", -1), ("right", 1)):
            mask = nib.load(tmp_path / f"out/{axcodes}_ventricle_{side}.nii.gz")
            centre = np.argwhere(np.asanyarray(mask.dataobj)).mean(axis=0)
            assert sign * (mask.affine @ [*centre, 1])[0] > 5  # world x points to the right


def test_codes_scaling_and_unequal_affines_of_the_header_are_kept(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    expected = phantom(tmp_path / "plain.nii.gz")
    plain = nib.load(tmp_path / "plain.nii.gz")
    stored = (np.asanyarray(plain.dataobj) + 1024).astype(np.uint16)
    image = nib.Nifti1Image(stored, plain.affine)
    image.header.set_slope_inter(1, -1024)
    image.set_sform(plain.affine, code=2)
    shifted = plain.affine.copy()
    shifted[:3, 3] += 7
    image.set_qform(shifted, code=3)
    nib.save(image, tmp_path / "odd.nii.gz")
    predict(oracle, [tmp_path / "odd.nii.gz"], tmp_path / "out")
    mask = nib.load(tmp_path / "out/odd_midline.nii.gz")
    assert (int(mask.header["sform_code"]), int(mask.header["qform_code"])) == (2, 3)
    np.testing.assert_allclose(mask.get_qform(), shifted, atol=1e-4)
    np.testing.assert_array_equal(np.asanyarray(mask.dataobj), expected["midline"])


def test_summary_tells_volumes_and_grid(tmp_path: Path, oracle: Path, phantom: Any) -> None:
    expected = phantom(tmp_path / "p1.nii.gz", "SAL")
    predict(oracle, [tmp_path / "p1.nii.gz"], tmp_path / "out")
    summary = json.loads((tmp_path / "out/p1.json").read_text(encoding="utf-8"))
    assert parse(ScanResult, summary)[1] == []
    assert set(summary) <= {"schema_version", *ScanResult.__dataclass_fields__}
    voxel = 2.0 * 1.8 * 5.0 / 1000
    for name in STRUCTURE_IDS:
        volume = int(expected[name].sum()) * voxel
        assert summary["volumes_ml"][name] == pytest.approx(volume, abs=5e-4)
    assert summary["axcodes"] == "SAL"
    assert summary["spacing_mm"] == pytest.approx([5.0, 1.8, 2.0])
    assert summary["model"] == {"name": "oracle", "version": "1.2.3"}
    assert summary["image"] == "p1.nii.gz"
    said = "holds values from 2 to 182: neither air, which is near -1000 HU, nor bone, above 300."
    assert summary["notes"] == [{"kind": "values", "what": said}]
    assert str(tmp_path) not in json.dumps(summary)


def test_picture_is_radiological_whatever_the_orientation(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    for axcodes in ("LPS", "RAS", "SAL"):
        phantom(tmp_path / f"scans/{axcodes}.nii.gz", axcodes)
    predict(oracle, [tmp_path / "scans"], tmp_path / "out")
    pictures = [np.asarray(Image.open(tmp_path / f"out/{a}.png")) for a in ("LPS", "RAS", "SAL")]
    for other in pictures[1:]:
        np.testing.assert_array_equal(other[30:], pictures[0][30:])  # below the caption


@pytest.mark.parametrize("n_slices", [1, 40])
def test_scans_of_few_and_many_slices(
    tmp_path: Path, oracle: Path, phantom: Any, n_slices: int
) -> None:
    expected = phantom(tmp_path / "p1.nii.gz", "RAS", size=(42, 51, n_slices))
    predict(oracle, [tmp_path / "p1.nii.gz"], tmp_path / "out")
    found = nib.load(tmp_path / "out/p1_midline.nii.gz")
    np.testing.assert_array_equal(np.asanyarray(found.dataobj), expected["midline"])


def write_bad_scans(folder: Path) -> None:
    affine = np.diag([1.0, 1, 5, 1])
    volume = np.zeros((20, 20, 4), np.int16)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fake.nii.gz").write_bytes(b"no")
    save_volume(folder / "four.nii.gz", np.zeros((20, 20, 4, 2), np.int16), affine)
    save_volume(folder / "nan.nii.gz", np.full((20, 20, 4), np.nan, np.float32), affine)
    noise = np.random.default_rng(0).integers(0, 99, volume.shape).astype(np.int16)
    save_volume(folder / "torn.nii.gz", noise, affine)
    torn = (folder / "torn.nii.gz").read_bytes()
    (folder / "torn.nii.gz").write_bytes(torn[: len(torn) // 2])


def test_bad_scans_are_named_and_the_others_predicted(
    tmp_path: Path, oracle: Path, phantom: Any, command: Any
) -> None:
    write_bad_scans(tmp_path / "scans")
    phantom(tmp_path / "scans/good.nii.gz")
    phantom(tmp_path / "scans/zzz.nii.gz")
    end = command(
        main, oracle, tmp_path / "scans", tmp_path / "none.nii", "--output", tmp_path / "out"
    )
    assert end.exit_code == 1
    assert "Traceback" not in end.stderr
    for sentence in (
        "fake.nii.gz: is not a NIfTI volume",
        "four.nii.gz: is 4D",
        "nan.nii.gz: holds NaN",
        "torn.nii.gz: is truncated",
        "none.nii: no such file",
    ):
        assert sentence in end.stderr
    assert names_in(tmp_path / "out") == files_of("good") | files_of("zzz")


def test_a_split_of_another_cohort_is_refused(
    phantom_cohort: Path, oracle: Path, make_split: Any, tmp_path: Path, command: Any
) -> None:
    cohort = Cohort.load(phantom_cohort)
    Cohort(phantom_cohort, "others", cohort.cases).save()
    split = make_split({"p1": "test"})
    end = command(main, oracle, phantom_cohort, "--split", split, "--output", tmp_path / "out")
    assert end.exit_code == 1
    assert "splits the cohort 'phantoms', not 'others'; make its own split" in end.stderr
    assert not (tmp_path / "out").exists()


def test_cohort_is_predicted_by_case_id_and_part(
    phantom_cohort: Path, oracle: Path, make_split: Any, tmp_path: Path, command: Any
) -> None:
    one, two, three = Cohort.load(phantom_cohort).cases
    (phantom_cohort / "r.txt").write_text("病历", encoding="utf-8")
    renamed = Case("病例-3", three.image)
    Cohort(phantom_cohort, "phantoms", (one, two, renamed, Case("p4", record="r.txt"))).save()
    split = make_split({"p1": "train", "p2": "test", "病例-3": "test", "p4": "test"})
    end = command(main, oracle, phantom_cohort, "--split", split, "--output", tmp_path / "out")
    assert end.exit_code == 0, end.stderr
    assert names_in(tmp_path / "out") == files_of("p2") | files_of("病例-3")
    assert "Left out: 1 case not in the part 'test'." in end.stdout
    assert "Left out: 1 case without a CT." in end.stdout


def test_whole_cohort_and_split_by_slice(
    phantom_cohort: Path, oracle: Path, make_split: Any, tmp_path: Path
) -> None:
    assert len(predict(oracle, [phantom_cohort], tmp_path / "all").scans) == 3
    slices = {"p1": ["train", "val"], "p2": ["train", "test"], "p3": ["test", "test"]}
    result = predict(oracle, [phantom_cohort], tmp_path / "out", make_split({}, slices), "test")
    assert [scan["id"] for scan in result.scans] == ["p2", "p3"]


def test_two_scans_of_one_name_are_bad_usage(
    tmp_path: Path, oracle: Path, phantom: Any, command: Any
) -> None:
    phantom(tmp_path / "a/p1.nii.gz")
    phantom(tmp_path / "b/P1.nii")
    end = command(main, oracle, tmp_path / "a", tmp_path / "b", "--output", tmp_path / "out")
    assert end.exit_code == 2
    assert "would both be called" in end.stderr
    assert not (tmp_path / "out").exists()


def test_scan_named_twice_is_predicted_once(tmp_path: Path, oracle: Path, phantom: Any) -> None:
    phantom(tmp_path / "a/p1.nii.gz")
    result = predict(oracle, [tmp_path / "a", tmp_path / "a/p1.nii.gz"], tmp_path / "out")
    assert [scan["id"] for scan in result.scans] == ["p1"]


def test_output_among_the_inputs_is_bad_usage(tmp_path: Path, oracle: Path, phantom: Any) -> None:
    phantom(tmp_path / "p1.nii.gz")
    with pytest.raises(UsageError, match="holds the scans"):
        predict(oracle, [tmp_path], tmp_path)


def test_output_that_is_a_file_is_said_before_the_work(
    tmp_path: Path, oracle: Path, phantom: Any, command: Any
) -> None:
    phantom(tmp_path / "p1.nii.gz")
    (tmp_path / "out").write_text("mine")
    for output in (tmp_path / "out", tmp_path / "out" / "new"):
        end = command(main, oracle, tmp_path / "p1.nii.gz", "--output", output)
        assert (end.exit_code, end.stdout) == (1, "")
        assert f"{tmp_path / 'out'}: is a file; name a folder to write to." in end.stderr


def test_help_tells_the_defaults_that_the_model_or_the_split_sets(command: Any) -> None:
    words = command(main, "--help").stdout.replace("│", " ").split()
    assert "[default: (test)]" in " ".join(words)
    assert "[default: (as the model's configuration says)]" in " ".join(words)


def test_split_needs_a_cohort_and_part_a_split(
    tmp_path: Path, oracle: Path, phantom: Any, make_split: Any
) -> None:
    phantom(tmp_path / "p1.nii.gz")
    with pytest.raises(UsageError, match="--split is for cohorts"):
        predict(oracle, [tmp_path / "p1.nii.gz"], tmp_path / "out", make_split({"p1": "test"}))
    with pytest.raises(UsageError, match="--part needs --split"):
        predict(oracle, [tmp_path / "p1.nii.gz"], tmp_path / "out", part="val")


def test_empty_folder_and_empty_part_are_errors(
    tmp_path: Path, oracle: Path, phantom_cohort: Path, make_split: Any, command: Any
) -> None:
    (tmp_path / "empty").mkdir()
    end = command(main, oracle, tmp_path / "empty", "--output", tmp_path / "out")
    assert (end.exit_code, "holds no .nii, .nii.gz or .nrrd file" in end.stderr) == (1, True)
    split = make_split({"p1": "train"})
    with pytest.raises(DataError, match="no scan to predict .3 cases not in the part 'test'"):
        predict(oracle, [phantom_cohort], tmp_path / "out", split)


def test_a_folder_called_like_a_scan_is_said_and_the_scans_beside_it_are_predicted(
    tmp_path: Path, oracle: Path, phantom: Any, command: Any
) -> None:
    phantom(tmp_path / "in" / "P2.NII.GZ")
    phantom(tmp_path / "in" / "p1.nii" / "p1.nii.gz")
    end = command(main, oracle, tmp_path / "in", "--output", tmp_path / "out")
    said = f"{tmp_path / 'in' / 'p1.nii'}: is a folder, not a volume; name it too"
    assert end.exit_code == 1 and said in end.stderr
    assert (tmp_path / "out" / "P2.json").is_file() and not (tmp_path / "out" / "p1.json").exists()
    # Named itself, as 'in/*.nii' does, it is the folder that it is.
    end = command(main, oracle, tmp_path / "in" / "p1.nii", "--output", tmp_path / "out")
    assert end.exit_code == 0 and (tmp_path / "out" / "p1.json").is_file()


@pytest.mark.parametrize("exists", [False, True])
def test_model_folder_that_is_none(
    tmp_path: Path, phantom: Any, command: Any, exists: bool
) -> None:
    phantom(tmp_path / "p1.nii.gz")
    if exists:
        (tmp_path / "model").mkdir()
    end = command(main, tmp_path / "model", tmp_path / "p1.nii.gz", "--output", tmp_path / "out")
    assert end.exit_code == 1
    assert "model: " in end.stderr and "Traceback" not in end.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [(OSError(errno.ENOSPC, "No space left on device"), 1), (KeyboardInterrupt(), 130)],
)
def test_interrupted_writing_leaves_no_half_of_a_scan(
    tmp_path: Path,
    oracle: Path,
    phantom: Any,
    command: Any,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    exit_code: int,
) -> None:
    phantom(tmp_path / "scans/p1.nii.gz")
    phantom(tmp_path / "scans/p2.nii.gz")
    import imaging.prediction.scan

    save, calls = imaging.prediction.scan.save_montage, []

    def save_once(picture: Any, path: Path) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise error
        save(picture, path)

    monkeypatch.setattr(imaging.prediction.scan, "save_montage", save_once)
    end = command(main, oracle, tmp_path / "scans", "--output", tmp_path / "out")
    assert end.exit_code == exit_code
    assert names_in(tmp_path / "out") == files_of("p1")


def test_what_a_killed_run_left_of_the_same_scans_is_removed(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    phantom(tmp_path / "p1.nii.gz")
    out = tmp_path / "out"
    out.mkdir()
    left = [out / f".0123abcd.partial.{name}" for name in sorted(names_of("p1"))]
    others = [out / ".0123abcd.partial.p2.json", out / ".partial.p1.json"]
    for path in left + others:
        path.write_bytes(b"half")
    predict(oracle, [tmp_path / "p1.nii.gz"], out, uncertainty=True)
    probabilities = {f"p1_{name}_probability.nii.gz" for name in STRUCTURE_IDS}
    assert names_in(out) == files_of("p1") | probabilities | {path.name for path in others}


def test_scan_without_structures_has_volumes_of_zero(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    brain = np.full((42, 51, 1), 30, np.float32)
    brain[20:30] = 35
    save_volume(tmp_path / "p1.nii.gz", brain, np.diag([2.0, 2, 5, 1]))
    result = predict(oracle, [tmp_path / "p1.nii.gz"], tmp_path / "out")
    assert set(result.scans[0]["volumes_ml"].values()) == {0.0}


def with_rules(oracle: Path, folder: Path, **section: Any) -> Path:
    bundle = load_bundle(oracle)
    config = {**bundle.config, "postprocess": section}
    save_bundle(folder, bundle.network, config, bundle.metadata)
    return folder


def test_rules_of_the_model_clean_up_and_the_effect_is_told(
    tmp_path: Path, oracle: Path, phantom: Any, command: Any
) -> None:
    expected = phantom(tmp_path / "p1.nii.gz", "RAS")
    ml = float(expected["hematoma"].sum()) * 0.018
    model = with_rules(oracle, tmp_path / "model", smallest_ml={"hematoma": ml + 0.1})
    end = command(main, model, tmp_path / "p1.nii.gz", "--output", tmp_path / "out")
    assert end.exit_code == 0, end.stderr
    summary = json.loads((tmp_path / "out/p1.json").read_text(encoding="utf-8"))
    removed = summary["removed"]["hematoma"]["smallest_ml"]
    assert removed["components"] == 1 and removed["ml"] == pytest.approx(ml, abs=1e-3)
    assert summary["removed"]["midline"] == {}
    assert summary["volumes_ml"]["hematoma"] == 0 < summary["volumes_ml"]["midline"]
    assert summary["postprocess"]["smallest_ml"]["hematoma"] == pytest.approx(ml + 0.1)
    assert f"1 piece of hematoma too small ({ml:.2f} mL) in 1 scan." in end.stdout
    mask = nib.load(tmp_path / "out/p1_hematoma.nii.gz")
    assert not np.asanyarray(mask.dataobj).any()


def test_pieces_of_a_leaning_scan_are_measured_alike_by_rules_picture_and_volumes(
    tmp_path: Path, oracle: Path, phantom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = phantom(tmp_path / "p1.nii.gz")
    scan = nib.load(tmp_path / "p1.nii.gz")
    affine = scan.affine.copy()
    affine[1, 2] = 5 * np.tan(np.radians(20))  # slices still 5 mm apart, each further in front
    save_volume(tmp_path / "p1.nii.gz", np.asanyarray(scan.dataobj), affine)
    ml = float(expected["hematoma"].sum()) * 0.018
    drawn = []
    monkeypatch.setattr(
        "imaging.prediction.montage._legend",
        lambda masks, grid: drawn.append(grid.voxels_ml[0]) or [],
    )
    # By the product of the spacing it would be 6 % larger, and stay.
    model = with_rules(oracle, tmp_path / "model", smallest_ml={"hematoma": 1.03 * ml})
    (found,) = predict(model, [tmp_path / "p1.nii.gz"], tmp_path / "out").scans
    assert found["removed"]["hematoma"]["smallest_ml"]["ml"] == pytest.approx(ml, abs=1e-3)
    assert found["volumes_ml"]["midline"] == pytest.approx(expected["midline"].sum() * 0.018)
    assert drawn == [pytest.approx(0.018)]


def test_rules_may_be_left_out(tmp_path: Path, oracle: Path, phantom: Any, command: Any) -> None:
    expected = phantom(tmp_path / "p1.nii.gz", "RAS")
    model = with_rules(oracle, tmp_path / "model", smallest_ml=1000, inside_skull=True)
    arguments = (model, tmp_path / "p1.nii.gz", "--output", tmp_path / "out", "--no-clean-up")
    end = command(main, *arguments)
    assert end.exit_code == 0 and "Cleaned up" not in end.stdout
    mask = nib.load(tmp_path / "out/p1_hematoma.nii.gz")
    np.testing.assert_array_equal(np.asanyarray(mask.dataobj), expected["hematoma"])


def test_scan_without_bone_is_said_not_to_be_checked_for_bleeds_outside(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    expected = phantom(tmp_path / "p1.nii.gz")
    hu = np.asanyarray(nib.load(tmp_path / "p1.nii.gz").dataobj).copy()
    hu[hu > 100] = 30  # nothing as dense as bone
    save_volume(tmp_path / "p1.nii.gz", hu, nib.load(tmp_path / "p1.nii.gz").affine)
    model = with_rules(oracle, tmp_path / "model", inside_skull=True)
    (scan,) = predict(model, [tmp_path / "p1.nii.gz"], tmp_path / "out").scans
    assert any("not checked to lie inside the skull" in note["what"] for note in scan["notes"])
    assert scan["removed"]["hematoma"] == {}
    assert scan["volumes_ml"]["hematoma"] == pytest.approx(expected["hematoma"].sum() * 0.018)


def test_wrong_section_of_a_model_is_an_error(
    tmp_path: Path, oracle: Path, phantom: Any, command: Any
) -> None:
    phantom(tmp_path / "p1.nii.gz")
    model = with_rules(oracle, tmp_path / "model", smalest_ml=1)
    end = command(main, model, tmp_path / "p1.nii.gz", "--output", tmp_path / "out")
    assert end.exit_code == 1
    assert "'smalest_ml' is unknown; did you mean 'smallest_ml'?" in end.stderr


@pytest.mark.parametrize(("option", "flipped"), [("--flips", True), ("--no-flips", False)])
def test_flips_are_told_and_override_the_model(
    tmp_path: Path, oracle: Path, phantom: Any, command: Any, option: str, flipped: bool
) -> None:
    # The oracle tells the ventricles apart by HU: in the mean with its mirror image,
    # where it swaps them, neither is sure.
    phantom(tmp_path / "p1.nii.gz", "RAS")
    model = with_rules(oracle, tmp_path / "model", flips=not flipped, threshold=0.6)
    end = command(main, model, tmp_path / "p1.nii.gz", "--output", tmp_path / "out", option)
    assert end.exit_code == 0
    summary = json.loads((tmp_path / "out/p1.json").read_text(encoding="utf-8"))
    assert summary["postprocess"]["flips"] is flipped
    assert summary["volumes_ml"]["midline"] > 0
    assert (summary["volumes_ml"]["ventricle_left"] == 0) == flipped


@pytest.mark.parametrize("axcodes", ["LPS", "SAL"])
def test_uncertainty_writes_probabilities_on_the_scans_grid_and_confidence(
    tmp_path: Path, coarse_oracle: Path, phantom: Any, axcodes: str
) -> None:
    phantom(tmp_path / "p1.nii.gz", axcodes, oblique=True)
    predict(coarse_oracle, [tmp_path / "p1.nii.gz"], tmp_path / "out", uncertainty=True)
    summary = json.loads((tmp_path / "out/p1.json").read_text(encoding="utf-8"))
    names = {f"p1_{name}_probability.nii.gz" for name in STRUCTURE_IDS}
    assert set(summary["probabilities"].values()) == names
    assert names_in(tmp_path / "out") == files_of("p1") | names
    scan = nib.load(tmp_path / "p1.nii.gz")
    for name in STRUCTURE_IDS:
        image = nib.load(tmp_path / f"out/p1_{name}_probability.nii.gz")
        mask = np.asanyarray(nib.load(tmp_path / f"out/p1_{name}.nii.gz").dataobj)
        p = image.get_fdata()
        np.testing.assert_array_equal(image.affine, scan.affine)
        assert image.get_data_dtype() == np.uint8
        assert p.min() >= 0 and p.max() <= 1 and (p.max() > 0.9) == (name in PAINTED)
        np.testing.assert_array_equal(p >= 0.5, mask == 1)
        if name not in PAINTED:
            continue
        told = summary["confidence"][name]
        sure = np.maximum(p, 1 - p)[mask == 1].mean()
        assert told["certainty"] == pytest.approx(sure, abs=1e-3)
        dice = 2 * p[mask == 1].sum() / (p.sum() + mask.sum())
        assert told["expected_dice"] == pytest.approx(dice, abs=1e-3)
        low, volume, high = (
            told["volume_ml_low"],
            summary["volumes_ml"][name],
            told["volume_ml_high"],
        )
        assert low <= volume <= high


@pytest.mark.parametrize(("radius", "said"), [(3, False), (9, True)])
def test_blood_outside_the_brain_is_measured_and_said_from_some_ml_on(
    tmp_path: Path, make_oracle: Any, phantom: Any, radius: float, said: bool
) -> None:
    model = make_oracle(tmp_path / "model", other_blood=True)
    phantom(tmp_path / "p1.nii.gz")
    scan = nib.load(tmp_path / "p1.nii.gz")
    hu, index = np.asanyarray(scan.dataobj).copy(), np.moveaxis(np.indices(scan.shape), 0, -1)
    world = index @ scan.affine[:3, :3].T + scan.affine[:3, 3]
    outer = np.linalg.norm(world - (28, -30, 0), axis=-1) < radius
    hu[outer] = BLOOD_HU["outer_blood"]
    save_volume(tmp_path / "p1.nii.gz", hu, scan.affine)
    (found,) = predict(model, [tmp_path / "p1.nii.gz"], tmp_path / "out").scans
    ml = outer.sum() * abs(np.linalg.det(scan.affine[:3, :3])) / 1000
    assert found["measurements"]["outer_blood"]["volume_ml"] == pytest.approx(ml, abs=1e-3)
    assert (ml >= OUTER_BLOOD_ML) == said and ml > 0
    what = "blood outside of the brain: this program is made for intracerebral hemorrhage."
    note = {"kind": "outer blood", "what": what}
    assert (note in found["notes"]) == said
    assert (what in (tmp_path / "out" / TABLE).read_text(encoding="utf-8-sig")) == said
    assert found["measurements"]["ventricular_blood"]["volume_ml"] == 0
    assert found["measurements"]["edema"] == {"volume_ml": 0}


def test_probabilities_of_an_earlier_run_do_not_stay_beside_new_masks(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    phantom(tmp_path / "p1.nii.gz")
    predict(oracle, [tmp_path / "p1.nii.gz"], tmp_path / "out", uncertainty=True)
    (tmp_path / "out/p1_notes.txt").write_text("mine")
    predict(oracle, [tmp_path / "p1.nii.gz"], tmp_path / "out")
    assert names_in(tmp_path / "out") == files_of("p1") | {"p1_notes.txt"}


def test_replace_removes_probabilities_of_other_scans(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    for name in ("p1", "p2"):
        phantom(tmp_path / f"{name}.nii.gz")
    predict(oracle, [tmp_path / "p1.nii.gz"], tmp_path / "out", uncertainty=True)
    result = predict(oracle, [tmp_path / "p2.nii.gz"], tmp_path / "out", replace=True)
    assert result.removed == ["p1"]
    assert names_in(tmp_path / "out") == files_of("p2")


def test_the_table_tells_volumes_shift_and_ventricular_blood(
    tmp_path: Path, oracle: Path, phantom: Any, command: Any
) -> None:
    phantom(tmp_path / "p1.nii.gz")
    arguments = [oracle, tmp_path / "p1.nii.gz", "--output", tmp_path / "out"]
    told = command(main, *arguments).stdout
    assert "ventr." in told and "blood mL" in told
    summary = tmp_path / "out" / "p1.json"
    found = json.loads(summary.read_text(encoding="utf-8"))["measurements"]
    (row,) = (line for line in told.splitlines() if line.startswith(" p1 "))
    assert f"{found['hematoma']['volume_ml']:.1f}" in row.split()
    assert row.split()[-1] == f"{found['ventricular_blood']['volume_ml']:.1f}"


def test_json_on_stdout_is_what_the_files_hold_and_what_failed(
    tmp_path: Path, oracle: Path, phantom: Any, command: Any
) -> None:
    phantom(tmp_path / "p1.nii.gz")
    (tmp_path / "p2.nii.gz").write_bytes(b"no scan")
    out = tmp_path / "out"
    scans = tmp_path / "p1.nii.gz", tmp_path / "p2.nii.gz"
    end = command(main, oracle, *scans, "--output", out, "--json")
    assert end.exit_code == 1
    told = json.loads(end.stdout)
    assert told["scans"] == [json.loads((out / "p1.json").read_text(encoding="utf-8"))]
    assert told["model"].startswith("oracle 1.2.3")
    (problem,) = told["problems"]
    assert "p2.nii.gz: is not a NIfTI volume" in problem and problem in end.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="has no locks of folders")
def test_a_second_run_into_the_same_folder_removes_nothing(
    tmp_path: Path, oracle: Path, phantom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import imaging.prediction.scan

    phantom(tmp_path / "p1.nii.gz")
    out, save = tmp_path / "out", imaging.prediction.scan.save_montage
    resumed, refused = Way(resume=True), []

    def save_while_others_begin(picture: Any, path: Path) -> None:
        monkeypatch.setattr(imaging.prediction.scan, "save_montage", save)
        for way in (PLAIN, resumed):
            with pytest.raises(DataError, match="another process is writing to it") as error:
                predict(oracle, [tmp_path / "p1.nii.gz"], out, uncertainty=True, way=way)
            refused.append(error)
        save(picture, path)

    monkeypatch.setattr(imaging.prediction.scan, "save_montage", save_while_others_begin)
    predict(oracle, [tmp_path / "p1.nii.gz"], out)
    assert len(refused) == 2 and names_in(out) == files_of("p1")


@pytest.mark.skipif(sys.platform == "win32", reason="has no locks of folders")
def test_two_shards_that_hold_the_same_scan_are_both_complete(
    tmp_path: Path, oracle: Path, phantom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where an array of another size is begun before the last one has ended."""
    import imaging.prediction.scan

    phantom(tmp_path / "p1.nii.gz")
    out, save = tmp_path / "out", imaging.prediction.scan.save_montage
    seconds = []

    def save_beside_another(picture: Any, path: Path) -> None:
        monkeypatch.setattr(imaging.prediction.scan, "save_montage", save)
        way = Way(Shard(1, 2), in_shards=True)
        seconds.append(predict(oracle, [tmp_path / "p1.nii.gz"], out, way=way))
        save(picture, path)

    monkeypatch.setattr(imaging.prediction.scan, "save_montage", save_beside_another)
    first = predict(oracle, [tmp_path / "p1.nii.gz"], out, way=Way(Shard(1, 3), in_shards=True))
    assert [len(one.scans) for one in (first, *seconds)] == [1, 1]
    assert names_in(out) == files_of("p1")
