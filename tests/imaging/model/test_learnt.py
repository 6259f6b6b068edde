"""What a model has not learnt is not predicted, measured, scored or drawn, and is said."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.manifest import Cohort
from imaging import evaluate as evaluate_command
from imaging import predict as predict_command
from imaging import train as train_command
from imaging.evaluate import evaluate
from imaging.model.bundle import load_bundle
from imaging.model.learnt import LEAST_DICE, UNSTATED, Lesson, borne_out, lessons, not_learnt
from imaging.predict import predict
from imaging.training.loop import train

ALL_TEST = {"p1": "test", "p2": "test", "p3": "test"}
ONLY_HEMATOMA = {"hematoma": Lesson(3, 2), "midline": Lesson(2, 0)}
NOT_ANNOTATED = "the model has not learnt it: annotated in no training case."
EMPTY = "the model has not learnt it: empty in all 2 training cases in which it is annotated."
UNTOLD = {
    "midline": EMPTY,
    "ventricle_left": NOT_ANNOTATED,
    "ventricle_right": NOT_ANNOTATED,
    **dict.fromkeys(("ventricular_blood", "edema", "outer_blood"), NOT_ANNOTATED),
}

Config = Callable[[], dict[str, Any]]


@pytest.fixture(scope="module")
def bleeds_only(make_oracle: Callable[..., Path], tmp_path_factory: Any) -> Path:
    """Return a model whose network marks four structures, and that has learnt one."""
    return make_oracle(tmp_path_factory.mktemp("oracle") / "model", learnt=ONLY_HEMATOMA)


def entry(case: str, structures: list[str], present: list[str]) -> dict[str, Any]:
    return {"case": case, "structures": structures, "present": present}


def with_masks_of(corpus: Path, folder: Path, annotated: list[str], shown: list[str]) -> Path:
    """Copy a corpus in which only some structures are annotated, and fewer are ever there."""
    shutil.copytree(corpus, folder)
    listed = json.loads((folder / "datalist.json").read_text())
    for item in [*listed["training"], *listed["validation"]]:
        item["structures"] = annotated
        item["present"] = [name for name in item["present"] if name in shown]
    (folder / "datalist.json").write_text(json.dumps(listed))
    return folder


def test_lessons_are_counted_by_case_and_not_by_slice() -> None:
    found = lessons(
        [
            entry("a", ["hematoma", "midline"], ["hematoma"]),
            entry("a", ["hematoma", "midline"], ["hematoma"]),
            entry("b", ["hematoma"], []),
        ],
        known=["ventricle_left"],
    )
    assert found["hematoma"] == Lesson(2, 1)
    assert found["midline"] == Lesson(1, 0) and not found["midline"].is_learnt
    assert found["ventricle_left"] == Lesson(0, 0, kept=True) and found["ventricle_left"].is_learnt
    assert found["ventricle_right"].why_not == "annotated in no training case"


def test_training_with_masks_of_the_hematoma_alone(
    small_config: Config, corpus: Path, tmp_path: Path
) -> None:
    folder = with_masks_of(corpus, tmp_path / "corpus", ["hematoma", "midline"], ["hematoma"])
    said: list[str] = []
    history = train(small_config(), folder, tmp_path / "out", say=said.append)
    assert set(history.epochs[-1].dice) == {"hematoma"}
    assert any(s.startswith("midline: empty in all 2 training cases") for s in said)
    assert any(s.startswith("ventricle_left: annotated in no training case, so") for s in said)
    metadata = load_bundle(tmp_path / "out" / "model-best").metadata
    assert metadata["learnt"]["hematoma"] == {"annotated": 2, "shown": 2, "kept": False}
    assert set(not_learnt(metadata)) == set(STRUCTURE_IDS) - {"hematoma"}
    row = (tmp_path / "out" / "history.csv").read_text(encoding="utf-8-sig").splitlines()[-1]
    assert row.split(",")[4:7] == ["", "", ""]


def test_what_validation_does_not_bear_out_counts_as_not_learnt(
    command: Any, small_config: Config, corpus: Path, tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    settings = small_config()
    settings["train"] |= {"learning_rate": 0.0, "validate_every": 1}
    config.write_text(json.dumps(settings), encoding="utf-8")
    arguments = ["--config", config, "--corpus", corpus, "--output", tmp_path / "out"]
    ended = command(train_command.main, *arguments, extra_arguments=True)
    assert not ended.exit_code, ended.stderr
    said = " ".join(ended.stdout.split())
    assert "edema: validation does not bear it out (Dice 0.0" in said
    assert "so the model counts as not having learnt it" in said
    for name in ("model-best", "model-last"):
        told = not_learnt(load_bundle(tmp_path / "out" / name).metadata)
        why = "the model has not learnt it: validation does not bear it out (Dice 0.0"
        assert told["edema"].startswith(why)
        # Scans that don't show the others are rare, and noted.
        assert "hematoma" not in told
    # The history says what was found of it all the same.
    head, *_, last = (tmp_path / "out" / "history.csv").read_text("utf-8-sig").splitlines()
    row = dict(zip(head.split(","), last.split(","), strict=True))
    assert float(row["val_dice_edema"]) < LEAST_DICE


def test_what_no_validation_case_has_is_not_known_to_be_found() -> None:
    shown = {"edema": Lesson(3, 2), "hematoma": Lesson(3, 2)}
    for dice in ({"edema": None, "hematoma": None}, {}):
        found = borne_out(shown, dice)
        assert found["edema"].why_not.startswith("no validation case has any, so nobody knows")
        assert not found["edema"].is_learnt and found["hematoma"].is_learnt
    assert borne_out(shown, {"edema": LEAST_DICE}) == shown


def test_what_a_model_knew_needs_no_proof() -> None:
    known = {"edema": Lesson(0, 0, kept=True)}
    assert borne_out(known, {"edema": None}) == known
    assert borne_out(known, {}) == known
    assert not borne_out(known, {"edema": 0.0})["edema"].is_learnt


def test_a_speck_where_no_case_has_any_says_nothing_of_what_a_model_knows() -> None:
    known = {"edema": Lesson(0, 0, kept=True)}
    none, some = {"edema": 0}, {"edema": 1}
    assert borne_out(known, {"edema": 0.0}, none) == known
    assert not borne_out(known, {"edema": 0.0}, some)["edema"].is_learnt
    # What is new has to be found, and a speck doesn't change the reason.
    for dice in (None, 0.0):
        found = borne_out({"edema": Lesson(3, 2)}, {"edema": dice}, none)["edema"]
        assert found.why_not.startswith("no validation case has any")


def test_masks_that_are_all_empty_teach_nothing(
    small_config: Config, corpus: Path, tmp_path: Path
) -> None:
    folder = with_masks_of(corpus, tmp_path / "corpus", ["hematoma"], [])
    with pytest.raises(DataError, match="the masks of the part 'train' are all empty"):
        train(small_config(), folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_fine_tuning_keeps_what_the_first_model_knew(
    small_config: Config, corpus: Path, tmp_path: Path
) -> None:
    first = with_masks_of(corpus, tmp_path / "a", ["hematoma", "midline"], ["hematoma", "midline"])
    train(small_config(), first, tmp_path / "first")
    second = with_masks_of(corpus, tmp_path / "b", ["hematoma"], ["hematoma"])
    said: list[str] = []
    config = small_config()
    config["train"]["max_epochs"] = 1
    train(
        config,
        second,
        tmp_path / "second",
        init=tmp_path / "first" / "model-best",
        say=said.append,
    )
    learnt = load_bundle(tmp_path / "second" / "model-best").metadata["learnt"]
    assert learnt["midline"] == {"annotated": 0, "shown": 0, "kept": True}
    assert learnt["ventricle_left"]["kept"] is False
    assert any(s.startswith("midline: annotated in no training case; what the model") for s in said)
    # A resumed training still knows where it came from.
    config["train"]["max_epochs"] = 2
    train(config, second, tmp_path / "second", resume=True)
    assert load_bundle(tmp_path / "second" / "model-last").metadata["learnt"] == learnt


def test_only_what_was_learnt_is_predicted(
    command: Any, bleeds_only: Path, phantom_cohort: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = [bleeds_only, phantom_cohort, "--output", out, "--uncertainty"]
    said = command(predict_command.main, *arguments).stdout
    assert f"3 of 3 cases (midline), such as p1: midline cannot be told: {EMPTY}" in said
    assert sorted(path.name for path in out.glob("p1*")) == [
        "p1.json",
        "p1.png",
        "p1_hematoma.nii.gz",
        "p1_hematoma_probability.nii.gz",
    ]
    summary = json.loads((out / "p1.json").read_text(encoding="utf-8"))
    assert summary["cannot_be_told"] == UNTOLD
    for part in ("masks", "volumes_ml", "removed", "probabilities", "confidence"):
        assert set(summary[part]) == {"hematoma"}, part
    found = summary["measurements"]
    assert found["hematoma"]["volume_ml"] > 1
    assert found["hematoma"]["distance_to_ventricle_mm"] is None
    assert found["hematoma"]["site"] is None
    assert set(found["midline"].values()) == {None}
    assert set(found["ventricles"].values()) == {None}
    with (out / "measurements.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["midline_shift_mm"] + row["ventricle_left_ml"] for row in rows] == [""] * 3
    assert all(f"midline cannot be told: {EMPTY}" in row["notes"] for row in rows)


def test_results_of_a_model_that_knew_more_are_removed(
    oracle: Path, bleeds_only: Path, phantom_cohort: Path, tmp_path: Path
) -> None:
    predict(oracle, [phantom_cohort], tmp_path / "out")
    assert (tmp_path / "out" / "p1_midline.nii.gz").exists()
    predict(bleeds_only, [phantom_cohort], tmp_path / "out")
    assert not (tmp_path / "out" / "p1_midline.nii.gz").exists()


def test_only_what_was_learnt_is_scored(
    command: Any, bleeds_only: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    split, out = make_split(ALL_TEST), tmp_path / "metrics"
    arguments = [bleeds_only, phantom_cohort, "--split", split, "--output", out]
    said = command(evaluate_command.main, *arguments).stdout
    assert f"midline: not scored; {EMPTY}" in " ".join(said.split())
    summary = json.loads((out / "test.json").read_text(encoding="utf-8"))
    assert set(summary["structures"]) == {"hematoma"}
    assert summary["not_learnt"] == UNTOLD
    assert summary["mean_dice"] == summary["structures"]["hematoma"]["dice"]["mean"]
    with (out / "test_cases.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["structure"] for row in csv.DictReader(file)} == {"hematoma"}
    with (out / "test_measurements.csv").open(encoding="utf-8-sig", newline="") as file:
        (row, *_) = csv.DictReader(file)
    assert (row["predicted_midline_shift_mm"], row["predicted_ventricle_left_ml"]) == ("", "")


def test_cases_without_masks_of_what_was_learnt_are_left_out(
    make_oracle: Callable[..., Path], phantom_cohort: Path, tmp_path: Path, make_split: Any
) -> None:
    model = make_oracle(tmp_path / "model", learnt={"midline": Lesson(1, 1)})
    cohort = Cohort.load(phantom_cohort)
    manifest = json.loads((phantom_cohort / "cohort.json").read_text(encoding="utf-8"))
    for case in manifest["cases"][1:]:
        del case["masks"]["midline"]
    (phantom_cohort / "cohort.json").write_text(json.dumps(manifest), encoding="utf-8")
    summary = evaluate(model, phantom_cohort, make_split(ALL_TEST), "test", tmp_path / "m").summary
    assert summary["cases"] == 1 < len(cohort.cases)
    assert summary["left_out"] == {"without masks of what the model has learnt": 2}


def test_a_model_saved_by_an_earlier_version_works_as_before_with_a_note(
    oracle: Path, phantom_cohort: Path, make_split: Any, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(oracle, model)
    path = model / "configs" / "metadata.json"
    metadata = json.loads(path.read_text(encoding="utf-8"))
    del metadata["learnt"]
    path.write_text(json.dumps(metadata), encoding="utf-8")
    (one, *_) = predict(model, [phantom_cohort], tmp_path / "out").scans
    assert set(one["masks"]) == set(STRUCTURE_IDS) and one["cannot_be_told"] == {}
    assert {"kind": "model", "what": UNSTATED} in one["notes"]
    summary = evaluate(model, phantom_cohort, make_split(ALL_TEST), "test", tmp_path / "m").summary
    assert set(summary["structures"]) == set(STRUCTURE_IDS)
    assert {"case": None, "kind": "model", "what": UNSTATED} in summary["notes"]


@pytest.mark.parametrize(
    ("learnt", "message"),
    [
        ({"hematoma": {"annotated": 0, "shown": 0, "kept": False}}, "has not learnt any structure"),
        ({"hematoma": 3}, "'learnt' does not hold"),
        ([], "'learnt' does not hold"),
    ],
)
def test_a_model_that_knows_nothing_or_says_nonsense_is_refused(
    oracle: Path, tmp_path: Path, learnt: Any, message: str
) -> None:
    model = tmp_path / "model"
    shutil.copytree(oracle, model)
    path = model / "configs" / "metadata.json"
    metadata = json.loads(path.read_text(encoding="utf-8")) | {"learnt": learnt}
    path.write_text(json.dumps(metadata), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        load_bundle(model)
