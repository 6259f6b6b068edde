"""Models that the first version saved: they still predict, are scored, annotate and are begun from.

`tests/data/first_version` holds a bundle and a pipeline of narrow networks, made by the program as
it was before it was rearranged (70 generated cases, 14 and 12 epochs).
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from cohort.base.files import open_table, read_json, write_json
from cohort.schema.manifest import Cohort
from tests.conftest import ROOT

DATA = ROOT / "tests/data/first_version"
BUNDLE, PIPELINE = DATA / "bundle", DATA / "pipeline"
CHANNELS = "[8, 12, 16, 24, 24, 24]"


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small generated cohort with a split: two cases to test, one to train and to val."""
    from cohort.synthesize import synthesize

    folder = tmp_path_factory.mktemp("first_version") / "cohort"
    synthesize(folder, cases=4, seed=5, size=192, slices=16, processes=1)
    ids = [case.id for case in Cohort.load(folder).cases]
    split = {"cohort": folder.name, "by": "patient", "seed": 0, "ratios": [0.25, 0.25, 0.5]}
    split["cases"] = dict(zip(ids, ("train", "val", "test", "test"), strict=True))
    write_json(folder.parent / "split.json", split)
    return folder


def test_the_bundle_predicts_and_is_scored(cohort: Path, tmp_path: Path) -> None:
    from imaging.evaluate import evaluate
    from imaging.predict import predict

    split = cohort.parent / "split.json"
    evaluate(BUNDLE, cohort, split, "test", tmp_path / "metrics")
    scores = read_json(tmp_path / "metrics" / "test.json")
    assert scores["structures"]["hematoma"]["dice"]["mean"] > 0.7
    predict(BUNDLE, [cohort], tmp_path / "masks", split, "test")
    lacking = {"ventricular_blood", "edema", "outer_blood"}
    for path in (tmp_path / "masks").glob("*.json"):
        found = read_json(path)
        assert set(found["cannot_be_told"]) == lacking
        assert set(found["cannot_be_told_kinds"].values()) == {"not learnt"}
        assert len(found["masks"]) == 4 and not lacking & set(found["volumes_ml"])
        assert not any("outer" in note["kind"] for note in found["notes"])
    assert not lacking & set(scores["structures"]) and set(scores["not_learnt"]) == lacking
    with open_table(tmp_path / "masks" / "measurements.csv") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 and all(float(row["hematoma_ml"]) > 1 for row in rows)


def test_a_training_begins_from_the_bundle(cohort: Path, tmp_path: Path, command: Any) -> None:
    from imaging.export import main as export
    from imaging.train import main as train

    corpus, config = tmp_path / "corpus", tmp_path / "mine.yaml"
    narrow = f"extends: unet.yaml\nnetwork_def: {{channels: {CHANNELS}}}\n"
    config.write_text(narrow, encoding="utf-8")
    split = cohort.parent / "split.json"
    made = command(
        export, cohort, corpus, "--split", split, "--config", config, extra_arguments=True
    )
    assert made.exit_code == 0, made.stderr
    words = ["--config", config, "--corpus", corpus, "--output", tmp_path / "out"]
    words += ["--init", BUNDLE, "--train.max_epochs", 1]
    result = command(train, *words, extra_arguments=True)
    assert result.exit_code == 0, result.stderr
    metadata = read_json(tmp_path / "out" / "model-best" / "configs" / "metadata.json")
    # One epoch of one case keeps what 70 cases taught.
    assert metadata["training"]["val_dice"]["hematoma"] > 0.5


def test_the_pipeline_annotates(cohort: Path, tmp_path: Path) -> None:
    from text.annotate import annotate

    annotate(str(PIPELINE), [cohort], tmp_path / "out")
    lines = (tmp_path / "out" / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) == 4
    for row in rows:
        assert len(row["spans"]) > 5 and row["sections"]
        assert {"age", "hematoma"} <= {finding["name"] for finding in row["findings"]}
