"""Scoring a model on a part of a cohort."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ignite.engine import Engine, Events
from matplotlib.figure import Figure
from PIL import Image

from cohort.base.errors import DataError, UsageError
from cohort.base.files import PARTIAL, open_table
from cohort.facts.structures import STRUCTURE_IDS
from cohort.links.same_scan import scan_digest
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.problems import parse
from cohort.schema.scores import (
    MeasurementScores,
    MethodAgreement,
    ScoresFile,
    StructureSummary,
)
from cohort.space.file_types import read_header, read_volume
from cohort.space.nifti.volume import save_volume
from imaging.evaluate import evaluate, main
from imaging.model.bundle import load_bundle, save_bundle
from imaging.predict import predict
from imaging.scores.lesions import Lesions
from imaging.scores.metrics import MEASURES
from tests.imaging.conftest import PAINTED

BRAIN_HU, HEMATOMA_HU = 30, 64  # as the phantoms have them
ALL_TEST = {"p1": "test", "p2": "test", "p3": "test"}


def change_mask(cohort: Path, case: str, structure: str, **to: Any) -> None:
    path = cohort / f"masks/{case}_{structure}.nii.gz"
    mask, affine = read_volume(path)[0].copy(), read_header(path).affine
    path.unlink()
    save_volume(path, np.full_like(mask, to["fill"]), affine)


@pytest.fixture(autouse=True)
def pictures(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write empty pictures, since to draw one takes half of an evaluation; but where asked for."""
    if "picture" not in request.node.name:
        monkeypatch.setattr(Figure, "savefig", lambda _, path: Path(path).touch())


def rewrite(cohort: Path, *cases: Case) -> None:
    Cohort(cohort, "phantoms", cases).save()


def test_oracle_is_right_in_every_orientation(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    result = evaluate(oracle, phantom_cohort, make_split(ALL_TEST), "test", tmp_path / "metrics")
    assert len(result.scores) == 3 * len(STRUCTURE_IDS)
    for score in result.scores:
        if score.structure not in PAINTED:
            assert score.status == "absent"
            continue
        assert (score.status, score.dice, score.hd95_mm) == ("found", 1.0, 0.0)
        assert (score.nsd_1mm, score.nsd_2mm, score.volume_error_percent) == (1.0, 1.0, 0.0)
        if score.structure == "hematoma":
            assert score.lesions == Lesions(1, 1, 1, 0)
        if score.structure == "midline":
            assert score.shift_mm == score.reference_shift_mm == pytest.approx(0, abs=0.3)
        assert score.volume_ml == score.reference_ml > 0.3
    assert result.summary["mean_dice"] == 1.0


def test_summary_file_is_as_documented(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    evaluate(oracle, phantom_cohort, make_split(ALL_TEST), "test", tmp_path / "metrics")
    summary = json.loads((tmp_path / "metrics/test.json").read_text(encoding="utf-8"))
    assert parse(ScoresFile, summary)[1] == []
    assert set(summary) == {"schema_version", *ScoresFile.__dataclass_fields__}
    written = {key for found in summary["structures"].values() for key in found}
    assert written == set(StructureSummary.__dataclass_fields__)
    assert set(summary["measurements"]) == set(MeasurementScores.__dataclass_fields__)
    agreement = summary["measurements"]["hematoma_abc2_ml"]
    assert set(agreement) == set(MethodAgreement.__dataclass_fields__)
    assert summary["not_learnt"] == {}
    # The phantom's values are no HU, so that its ventricles are denser than its bleed.
    kinds = {"values", "mask density", "ventricles"}
    assert {note["kind"] for note in summary["notes"]} == kinds
    assert summary["cases"] == 3
    assert tuple(summary["structures"]) == STRUCTURE_IDS
    for name, value in summary["structures"].items():
        assert set(value["dice"]) == {"mean", "std", "median", "ci95", "median_ci95", "n"}
        assert set(MEASURES) <= set(value)
        counts = ("found", "missed", "false_alarms", "absent", "unannotated")
        there = name in PAINTED
        assert [value[count] for count in counts] == [3 * there, 0, 0, 3 * (not there), 0]
        assert not there or value["volume_agreement"]["limits"] == [0, 0]
    assert summary["measurements"]["ventricular_blood"]["agree"] == 3  # that there is none
    hematoma, midline = summary["structures"]["hematoma"], summary["structures"]["midline"]
    assert hematoma["lesions"]["sensitivity"] == hematoma["lesions"]["precision"] == 1
    assert hematoma["bleed_free"]["cases"] == 0
    assert (midline["shift"]["error_mm"]["median"], midline["shift"]["measured"]) == (0, 3)
    assert "lesions" not in midline and "shift" not in hematoma
    assert (summary["part"], summary["split_by"]) == ("test", "patient")
    assert str(tmp_path) not in json.dumps(summary)


def test_table_has_a_row_for_each_case_and_structure(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    change_mask(phantom_cohort, "p1", "midline", fill=0)
    evaluate(oracle, phantom_cohort, make_split(ALL_TEST), "test", tmp_path / "metrics")
    with open_table(tmp_path / "metrics/test_cases.csv") as file:
        rows = list(csv.DictReader(file))
    assert [(row["case"], row["structure"]) for row in rows] == [
        (case, name) for case in ALL_TEST for name in STRUCTURE_IDS
    ]
    assert (rows[1]["status"], rows[1]["dice"]) == ("false_alarm", "0.0")
    assert (rows[0]["status"], rows[0]["volume_error_ml"]) == ("found", "0.0")


def test_measurements_of_predicted_and_reference_masks_stand_side_by_side(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    # The reference of p1 shows no bleed, that of p2 one of the other side and of twice the size.
    change_mask(phantom_cohort, "p1", "hematoma", fill=0)
    path = phantom_cohort / "masks/p2_hematoma.nii.gz"
    header = read_header(path)
    index = np.moveaxis(np.indices(header.shape), 0, -1)
    world = index @ header.affine[:3, :3].T + header.affine[:3, 3]
    mirrored = np.linalg.norm((world - [20, 14, 5]) / [10, 12.6, 11.3], axis=-1) < 1
    path.unlink()
    save_volume(path, mirrored.astype(np.uint8), header.affine)
    split = make_split(ALL_TEST)
    output = tmp_path / "metrics"
    with pytest.raises(DataError, match="p2_hematoma.*would with axis 1 reversed"):
        evaluate(oracle, phantom_cohort, split, "test", output)
    assert not output.exists()
    result = evaluate(oracle, phantom_cohort, split, "test", output, force=True)
    with open_table(tmp_path / "metrics/test_measurements.csv") as file:
        rows = {row["case"]: row for row in csv.DictReader(file)}
    assert "p2_hematoma.nii.gz: Taken by --force" in rows["p2"]["notes"]
    sides = {case: (r["predicted_hematoma_side"], r["reference_hematoma_side"])
             for case, r in rows.items()}  # fmt: skip
    assert sides == {"p1": ("left", ""), "p2": ("left", "right"), "p3": ("left", "left")}
    assert float(rows["p1"]["reference_hematoma_ml"]) == 0
    one, other, same = (one.predicted.hematoma.abc2_ml for one in result.compared)
    assert one == pytest.approx(same, rel=0.1)
    assert float(rows["p2"]["predicted_hematoma_abc2_ml"]) == pytest.approx(other, abs=1e-3)
    found = result.summary["measurements"]
    references = [one.reference.hematoma.abc2_ml or 0 for one in result.compared]
    bias = np.mean(np.subtract([one, other, same], references))
    assert found["hematoma_abc2_ml"]["bias"] == pytest.approx(bias, abs=1e-5)
    assert found["hematoma_abc2_ml"]["n"] == 3
    side = found["hematoma_side"]
    assert (side["cases"], side["agree"], side["share"]) == (2, 1, 0.5)
    assert found["midline_toward"]["agree"] == found["midline_toward"]["cases"] == 3
    assert found["ventricle_compressed"]["cases"] == 3


def test_only_cases_of_the_part_with_ct_and_masks_count(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    one, two, three = Cohort.load(phantom_cohort).cases
    (phantom_cohort / "r.txt").write_text("病历", encoding="utf-8")
    rewrite(
        phantom_cohort,
        one,
        two,
        Case("p3", three.image),
        Case("p4", record="r.txt"),
        Case("p5", record="r.txt"),
    )
    split = make_split({"p1": "test", "p2": "train", "p3": "test", "p4": "test"})
    summary = evaluate(oracle, phantom_cohort, split, "test", tmp_path / "metrics").summary
    assert summary["cases"] == 1
    expected = {"without masks": 1, "without a CT": 1, "not in the split": 1}
    assert summary["left_out"] == expected


def test_structure_without_annotation_is_not_judged(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    one, two, three = Cohort.load(phantom_cohort).cases
    only = Case("p1", one.image, {"hematoma": one.masks["hematoma"]})
    rewrite(phantom_cohort, only, two, three)
    result = evaluate(oracle, phantom_cohort, make_split(ALL_TEST), "test", tmp_path / "metrics")
    midline = result.summary["structures"]["midline"]
    assert (midline["unannotated"], midline["dice"]["n"], midline["false_alarms"]) == (1, 2, 0)
    assert [score.structure for score in result.scores if score.case == "p1"] == ["hematoma"]


def test_split_by_slice_counts_only_the_slices_of_the_part(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    # The lower four of seven slices, whatever the orientation. The hematoma is in slices 3 to 5.
    parts = ["test"] * 4 + ["train"] * 3
    split = make_split({}, {case: parts for case in ALL_TEST})
    lower = evaluate(oracle, phantom_cohort, split, "test", tmp_path / "metrics")
    upper = evaluate(oracle, phantom_cohort, split, "train", tmp_path / "metrics")
    whole = evaluate(oracle, phantom_cohort, make_split(ALL_TEST), "test", tmp_path / "metrics")
    assert lower.summary["split_by"] == "slice"
    for low, high, both in zip(lower.scores, upper.scores, whole.scores, strict=True):
        assert low.reference_ml + high.reference_ml == pytest.approx(both.reference_ml)
    for result, share in ((lower, 0.29), (upper, 0.71)):
        volumes = [s.volume_ml for s in result.scores if s.structure == "hematoma"]
        assert volumes[0] == pytest.approx(volumes[1]) == pytest.approx(volumes[2])
        assert volumes[0] == pytest.approx(share * whole.scores[0].volume_ml, rel=0.05)


def test_evaluator_holds_the_mean_dice_of_each_structure(
    oracle: Path,
    phantom_cohort: Path,
    make_split: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from imaging.scores.case_scoring import CaseScoreHandler

    seen: dict[str, float] = {}
    attach = CaseScoreHandler.attach

    def attach_and_look(self: CaseScoreHandler, engine: Engine) -> None:
        attach(self, engine)
        engine.add_event_handler(Events.COMPLETED, lambda e: seen.update(e.state.metrics))

    monkeypatch.setattr(CaseScoreHandler, "attach", attach_and_look)
    evaluate(oracle, phantom_cohort, make_split(ALL_TEST), "test", tmp_path / "metrics")
    assert seen == {"mean_dice": 1.0, **{f"dice_{name}": 1.0 for name in PAINTED}}


def test_command_prints_a_table(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path, command: Any
) -> None:
    change_mask(phantom_cohort, "p2", "hematoma", fill=0)
    change_mask(phantom_cohort, "p1", "hematoma", fill=0)
    split = make_split({"p1": "test", "p2": "val"})
    line = (oracle, phantom_cohort, "--split", split, "--output", tmp_path / "m")
    end = command(main, *line, "--part", "val")
    assert end.exit_code == 0
    assert "Left out: 1 case not in the split." in end.stdout
    assert "Mean Dice over structures (without hematoma, outer_blood): 1.000" in end.stdout
    assert "Bleed-free: no hematoma reported in 0 of 1 cases" in end.stdout
    assert {path.name for path in (tmp_path / "m").iterdir()} == {
        "val.json",
        "val_cases.csv",
        "val_measurements.csv",
        "provenance.json",
    }
    end = command(main, *line, "--part", "val", "--part", "test")
    assert end.exit_code == 0
    assert "of the part 'val'" in end.stdout and "of the part 'test'" in end.stdout
    assert (tmp_path / "m" / "test.json").is_file()


def test_picture_shows_what_can_be_compared_and_does_not_outlive_it(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    picture = tmp_path / "metrics/test_agreement.png"
    evaluate(oracle, phantom_cohort, make_split(ALL_TEST), "test", tmp_path / "metrics")
    with Image.open(picture) as image:
        assert image.format == "PNG"
        assert image.width > 3 * image.height  # four panels side by side
    evaluate(oracle, phantom_cohort, make_split({"p1": "test"}), "test", tmp_path / "metrics")
    assert not picture.exists()


def test_a_case_without_bleed_in_which_none_is_reported_counts(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    change_mask(phantom_cohort, "p1", "hematoma", fill=0)  # the oracle sees one all the same
    image = phantom_cohort / "images/p2.nii.gz"
    hu, affine = read_volume(image)[0].copy(), read_header(image).affine
    hu[abs(hu - HEMATOMA_HU) < 6] = BRAIN_HU
    image.unlink()
    save_volume(image, hu, affine)
    change_mask(phantom_cohort, "p2", "hematoma", fill=0)
    split = make_split(ALL_TEST)
    hematoma = evaluate(oracle, phantom_cohort, split, "test", tmp_path / "m").summary["structures"]
    free = hematoma["hematoma"]["bleed_free"]
    assert (free["cases"], free["without_report"], free["share"]) == (2, 1, 0.5)
    lesions = hematoma["hematoma"]["lesions"]
    assert (lesions["reference"], lesions["detected"], lesions["false"]) == (1, 1, 1)
    assert (lesions["sensitivity"], lesions["precision"]) == (1.0, 0.5)


def test_shift_of_a_moved_midline_is_compared_in_every_orientation(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    # The reference line is pushed 6 mm toward the patient's left in all three orientations; the
    # oracle sees the straight one of the scan.
    for case in ALL_TEST:
        path = phantom_cohort / f"masks/{case}_midline.nii.gz"
        header = read_header(path)
        index = np.moveaxis(np.indices(header.shape), 0, -1)
        x, y = np.moveaxis(index @ header.affine[:3, :3].T + header.affine[:3, 3], -1, 0)[:2]
        line = np.abs(x + 6 * np.cos(np.pi * y / 60) ** 2) < 1.9  # -x is left in RAS
        path.unlink()
        save_volume(path, (line & (np.abs(y) < 30)).astype(np.uint8), header.affine)
    split = make_split(ALL_TEST)
    result = evaluate(oracle, phantom_cohort, split, "test", tmp_path / "metrics")
    for score in result.scores:
        if score.structure == "midline":
            # At the septum, before the middle of the line; pixels of 2 mm.
            assert score.reference_shift_mm == pytest.approx(4, abs=1)
            assert score.shift_error_mm == pytest.approx(4, abs=1)
    assert result.summary["structures"]["midline"]["shift"]["agreement"]["bias"] < -3


@pytest.mark.parametrize("wrong", ["model", "cohort", "split"])
def test_what_is_none_is_said_with_exit_code_1(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path, command: Any, wrong: str
) -> None:
    given = {"model": oracle, "cohort": phantom_cohort, "split": make_split(ALL_TEST)}
    given[wrong] = tmp_path / "nothing"
    output = tmp_path / "metrics"
    end = command(
        main, given["model"], given["cohort"], "--split", given["split"], "--output", output
    )
    assert end.exit_code == 1
    assert "nothing" in end.stderr and "Traceback" not in end.stderr
    assert not output.exists()


def test_part_without_cases_is_an_error(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    split = make_split({"p1": "train", "p2": "train", "p3": "train"})
    with pytest.raises(DataError, match="part 'test' has a CT with masks; split again"):
        evaluate(oracle, phantom_cohort, split, "test", tmp_path / "metrics")
    (phantom_cohort / "file").write_text("")
    with pytest.raises(DataError, match="file: is a file; name a folder to write to"):
        evaluate(oracle, phantom_cohort, split, "train", phantom_cohort / "file")


def test_all_that_is_to_be_mended_is_named_at_once(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    wrong = ["p1_hematoma.nii.gz", "p1_ventricle_left.nii.gz", "p2.nii.gz"]
    for name in ("masks/" + wrong[0], "masks/" + wrong[1], "images/" + wrong[2]):
        path = phantom_cohort / name
        path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError) as error:
        evaluate(oracle, phantom_cohort, make_split(ALL_TEST), "test", tmp_path / "metrics")
    assert [Path(str(one).split(":")[0]).name for one in error.value.problems] == wrong


def test_damaged_scan_is_named_and_nothing_is_written(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    image = phantom_cohort / "images/p2.nii.gz"
    image.write_bytes(image.read_bytes()[:-50])
    with pytest.raises(DataError, match="p2.nii.gz: is truncated"):
        evaluate(oracle, phantom_cohort, make_split(ALL_TEST), "test", tmp_path / "metrics")
    assert not (tmp_path / "metrics").exists()


def test_split_of_other_slices_is_an_error(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    split = make_split({}, {case: ["test"] * 6 for case in ALL_TEST})
    with pytest.raises(DataError, match="has 7 slices, the split 6"):
        evaluate(oracle, phantom_cohort, split, "test", tmp_path / "metrics")


def test_absent_gpu_is_bad_usage(oracle: Path, phantom_cohort: Path, make_split: Any) -> None:
    with pytest.raises(UsageError, match="gpu-id 99"):
        evaluate(oracle, phantom_cohort, make_split(ALL_TEST), "test", Path("m"), device=99)


def test_what_is_scored_is_cleaned_up_as_a_prediction_is(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    bundle = load_bundle(oracle)
    section = {"smallest_ml": {"hematoma": 1000}, "inside_skull": True}
    save_bundle(
        tmp_path / "model",
        bundle.network,
        {**bundle.config, "postprocess": section},
        bundle.metadata,
    )
    split = make_split(ALL_TEST)
    result = evaluate(tmp_path / "model", phantom_cohort, split, "test", tmp_path / "metrics")
    hematoma = result.summary["structures"]["hematoma"]
    assert (hematoma["missed"], hematoma["found"]) == (3, 0)
    assert result.summary["structures"]["ventricle_left"]["dice"]["mean"] == 1.0
    predicted = predict(tmp_path / "model", [phantom_cohort], tmp_path / "out").scans
    volumes = {(s.case, s.structure): s.volume_ml for s in result.scores}
    for scan in predicted:
        for name in STRUCTURE_IDS:
            volume = scan["volumes_ml"][name]
            assert volumes[scan["id"], name] == pytest.approx(volume, abs=1e-3)


def test_scans_that_a_model_was_trained_on_are_noted(
    make_oracle: Any, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    model, split = make_oracle(tmp_path / "model"), make_split({**ALL_TEST, "p3": "train"})
    for number, case in enumerate(ALL_TEST):  # they are one phantom in three orientations
        path = phantom_cohort / f"images/{case}.nii.gz"
        voxels, affine = read_volume(path)[0].copy(), read_header(path).affine
        voxels[tuple(size // 2 for size in voxels.shape)] += number
        path.unlink()
        save_volume(path, voxels, affine)
    digests = {
        case: scan_digest(read_volume(phantom_cohort / f"images/{case}.nii.gz")[0])
        for case in ALL_TEST
    }
    path = model / "configs/metadata.json"
    metadata = json.loads(path.read_text(encoding="utf-8"))

    def notes(training: dict[str, Any], part: str = "test") -> list[str]:
        path.write_text(json.dumps({**metadata, "training": training}), encoding="utf-8")
        found = evaluate(model, phantom_cohort, split, part, tmp_path / "metrics")  # type: ignore[arg-type]
        return [note["what"] for note in found.summary["notes"] if note["case"] is None]

    assert notes({}) == notes({"scans": [digests["p3"]]}) == []
    (own,) = notes({"scans": [digests["p2"], digests["p3"]]})
    assert own.startswith("1 of the 2 scans had been seen in the training of this model")
    assert ": p2. So these scores are too good" in own
    (before,) = notes({"scans": [], "initialised_from": {"scans": [digests["p1"]]}})
    assert ": p1. So these scores are too good" in before
    assert notes({"scans": [digests["p3"]]}, "train") == []  # is meant to have been seen


@pytest.mark.parametrize("ended_at", [1, 2, 3])
def test_new_scores_stand_beside_new_tables_alone(
    oracle: Path,
    phantom_cohort: Path,
    make_split: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ended_at: int,
) -> None:
    """However far putting in place has come when it is ended, as by kill -9."""
    out = tmp_path / "metrics"
    evaluate(oracle, phantom_cohort, make_split(ALL_TEST), "test", out)
    before = (out / "test.json").read_bytes()
    replace, placed = os.replace, []

    def ended(new: Path, path: Path) -> None:
        if Path(path).parent == out and not PARTIAL.fullmatch(Path(path).name):
            if len(placed) == ended_at - 1:
                raise KeyboardInterrupt
            placed.append(Path(path).name)
        replace(new, path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", ended)
        with pytest.raises(KeyboardInterrupt):
            evaluate(oracle, phantom_cohort, make_split({"p1": "test"}), "test", out)
    assert len(placed) == ended_at - 1 and (out / "test.json").read_bytes() == before
    # There is no picture of one case: the earlier one goes when the new tables stand.
    assert (out / "test_agreement.png").exists() == (ended_at < 3)
