"""Training: what it writes, that it is repeatable, and what it refuses."""

from __future__ import annotations

import copy
import csv
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from cohort.base.cli import run
from cohort.base.errors import DataError
from cohort.base.files import open_table
from cohort.facts.structures import STRUCTURE_IDS, STRUCTURES
from imaging.model.bundle import load_bundle
from imaging.train import main
from imaging.training.history import History
from imaging.training.loop import train

Config = Callable[[], dict[str, Any]]


def weights(output: Path, name: str = "model-last") -> dict[str, torch.Tensor]:
    return torch.load(output / name / "models" / "model.pt", weights_only=True)


def same(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    return one.keys() == two.keys() and all(torch.equal(one[key], two[key]) for key in one)


@pytest.fixture(scope="module")
def trained(
    corpus: Path, small_config: Config, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, History]:
    output = tmp_path_factory.mktemp("training") / "imaging"
    return output, train(small_config(), corpus, output)


def test_training_writes_models_history_and_checkpoint(trained: tuple[Path, History]) -> None:
    output, history = trained
    assert sorted(path.name for path in output.iterdir()) == [
        "checkpoint.pt",
        "history.csv",
        "learning_curve.png",
        "model-best",
        "model-last",
    ]
    with open_table(output / "history.csv") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert [float(row["loss"]) for row in rows] == [
        pytest.approx(epoch.loss, abs=1e-5) for epoch in history.epochs
    ]
    assert all(0 <= float(row["val_mean_dice"]) <= 1 for row in rows)


def test_model_stands_alone_and_says_what_it_is(
    small_config: Config, trained: tuple[Path, History]
) -> None:
    output, history = trained
    bundle = load_bundle(output / "model-best")
    assert bundle.config == small_config()
    assert bundle.preprocess.spacing == 1.0
    assert bundle.network(torch.zeros(1, 3, 16, 16)).shape == (1, len(STRUCTURE_IDS), 16, 16)
    assert bundle.metadata["structures"] == list(STRUCTURE_IDS)
    assert bundle.metadata["training"]["epoch"] == history.best.number
    assert bundle.metadata["training"]["val_dice"] == history.best.dice


def test_all_structures_are_learnt(corpus: Path, small_config: Config, tmp_path: Path) -> None:
    config = small_config()
    config["train"] |= {"max_epochs": 30, "batch_size": 1, "learning_rate": 0.02}
    config["augment"] |= {"flip": 0, "affine": 0, "intensity": 0}
    history = train(config, corpus, tmp_path / "out")
    assert history.last.loss < 0.6 * history.epochs[0].loss
    assert min(history.last.dice.values()) > 0.4


def test_same_seed_gives_same_weights(
    trained: tuple[Path, History], corpus: Path, small_config: Config, tmp_path: Path
) -> None:
    train(small_config(), corpus, tmp_path / "again")
    assert same(weights(trained[0]), weights(tmp_path / "again"))
    other = small_config()
    other["train"]["seed"] = 1
    train(other, corpus, tmp_path / "other")
    assert not same(weights(trained[0]), weights(tmp_path / "other"))


def test_training_stops_early_without_progress(
    corpus: Path, small_config: Config, tmp_path: Path
) -> None:
    config = small_config()
    config["train"] |= {"max_epochs": 9, "patience": 2, "learning_rate": 0.0}
    config["optimizer"]["weight_decay"] = 0
    config["network_def"]["norm"] = "INSTANCE"  # no statistics that move by themselves
    assert len(train(config, corpus, tmp_path / "out").epochs) == 3


def test_validation_takes_place_as_often_as_asked_and_at_the_end(
    corpus: Path, small_config: Config, tmp_path: Path
) -> None:
    config = small_config()
    config["train"] |= {"max_epochs": 5, "validate_every": 2}
    history = train(config, corpus, tmp_path / "out")
    assert [epoch.number for epoch in history.epochs if epoch.is_scored] == [2, 4, 5]
    assert history.best is not None and history.best.is_scored
    bundle = load_bundle(tmp_path / "out" / "model-best")
    assert bundle.metadata["training"]["epoch"] == history.best.number
    config["train"]["validate_every"] = 0
    with pytest.raises(DataError, match="'validate_every' must be a whole number from 1 on"):
        train(config, corpus, tmp_path / "other")


def test_new_training_replaces_what_it_writes_and_nothing_else(
    trained: tuple[Path, History], corpus: Path, small_config: Config, tmp_path: Path
) -> None:
    shutil.copytree(trained[0], tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    config = small_config()
    config["train"]["max_epochs"] = 1
    train(config, corpus, tmp_path / "out")
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert len((tmp_path / "out" / "history.csv").read_text().splitlines()) == 2


def test_validation_counts_false_alarms_and_leaves_out_what_is_absent(corpus: Path) -> None:
    from imaging.training.validation import make_evaluator, validated_dice

    image, label = (
        torch.zeros(3, 8, 8, 2, dtype=torch.uint8),
        torch.zeros(len(STRUCTURE_IDS), 8, 8, 2),
    )
    image[0, :4] = 255
    label[0, :2] = 1  # found: 16 of 32 voxels predicted, Dice 2 · 16 · 2 / (32 + 64)
    label[3] = -1  # not annotated
    network = torch.nn.Conv2d(3, len(STRUCTURE_IDS), 1)
    with torch.no_grad():
        network.weight.zero_()
        network.weight[:, 0] = torch.tensor([20.0, 20, 0, 20, 0, 0, 0])[:, None, None]
        network.bias.fill_(-10)
    network.strides = [1]
    evaluator = make_evaluator(network, [{"image": image, "label": label}], torch.device("cpu"))
    evaluator.run()
    # The midline is a false alarm, the left ventricle neither there nor predicted.
    assert validated_dice(evaluator) == {
        "hematoma": pytest.approx(2 / 3, abs=1e-6),
        "midline": 0.0,
        "ventricle_left": None,
        "ventricle_right": None,
        **dict.fromkeys(STRUCTURE_IDS[4:]),
    }


def with_value(section: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(config: dict[str, Any]) -> None:
        config[section] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["train"].update(max_epochs=0), "'max_epochs' must be a whole number"),
        (lambda c: c["preprocess"].update(spacing=0.5), "exported with other windows or another"),
        (lambda c: c["network_def"].update(channels=4), "network of 'network_def' can't be built"),
        (with_value("loss", {"_target_": "imaging.training.loss.NoSuch"}), "section 'loss'"),
        (lambda c: c.pop("optimizer"), "lacks the section 'optimizer'"),
        (lambda c: c["optimizer"].update(lr="@train::rate"), "section 'optimizer'"),
        (with_value("lr_scheduler", None), "lacks the section 'lr_scheduler'"),
        (lambda c: c["loss"].pop("_target_"), "'loss' builds dict, which has no 'forward'"),
        (with_value("augment", {"_target_": "torch.nn.Identity"}), "'augment' .* has no 'seed'"),
        (
            lambda c: c["lr_scheduler"].update(
                {"_target_": "torch.optim.lr_scheduler.OneCycleLR", "max_lr": 0.1, "total_steps": 3}
            ),
            "section 'lr_scheduler'",
        ),
    ],
)
def test_configurations_that_cannot_work_are_refused_in_a_sentence(
    corpus: Path,
    small_config: Config,
    tmp_path: Path,
    change: Callable[[dict[str, Any]], None],
    message: str,
) -> None:
    config = small_config()
    change(config)
    with pytest.raises(DataError, match=message):
        train(config, corpus, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_training_stops_when_the_loss_is_no_number(
    corpus: Path, small_config: Config, tmp_path: Path
) -> None:
    config = small_config()
    config["optimizer"]["lr"] = "$float('inf')"
    with pytest.raises(DataError, match="The loss is no longer a number in step 2; train again"):
        train(config, corpus, tmp_path / "out")
    assert load_bundle(tmp_path / "out" / "model-last").metadata["training"]["epoch"] == 1


def _without(entry: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != key}


def test_corpora_that_cannot_work_are_refused_with_advice(
    corpus: Path, small_config: Config, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="is not an imaging corpus .*hich export"):
        train(small_config(), tmp_path, tmp_path / "out")
    listed = json.loads((corpus / "datalist.json").read_text())
    for section, part in (("training", "train"), ("validation", "val")):
        shorter = copy.deepcopy(listed)
        shorter[section] = []
        (tmp_path / "datalist.json").write_text(json.dumps(shorter))
        shutil.copytree(corpus / "train", tmp_path / "train", dirs_exist_ok=True)
        with pytest.raises(DataError, match=f"the part '{part}' has no slices with masks"):
            train(small_config(), tmp_path, tmp_path / "out")
    (tmp_path / "datalist.json").write_text(json.dumps({**listed, "preprocess": {}}))
    with pytest.raises(DataError, match="was exported with other windows"):
        train(small_config(), tmp_path, tmp_path / "out")
    for content, said in (
        ({**listed, "preprocess": 5}, "'preprocess' must be an object, not 5"),
        ({"training": [1]}, "'training.0' must be an object"),
        ({**listed, "training": [{**listed["training"][0], "slice": "3"}]}, "a whole number"),
        ({**listed, "training": [_without(listed["training"][0], "structures")]}, "has no 'struc"),
        ({**listed, "schema_version": 2}, "is of schema_version 2"),
        ([], "must be an object"),
    ):
        (tmp_path / "datalist.json").write_text(json.dumps(content))
        with pytest.raises(DataError, match=f"is not a list of exported slices .*{said}"):
            train(small_config(), tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_folder_of_other_files_is_not_overwritten(
    corpus: Path, small_config: Config, tmp_path: Path
) -> None:
    (tmp_path / "model-best").mkdir()
    (tmp_path / "model-best" / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match="not overwritten"):
        train(small_config(), corpus, tmp_path)


def test_command_trains_with_overrides(
    corpus: Path,
    small_config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "net.yaml").write_text(
        yaml.safe_dump(small_config(), sort_keys=False), encoding="utf-8"
    )
    paths = ["--config", tmp_path / "net.yaml", "--corpus", corpus, "--output", tmp_path / "out"]

    def call(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["train", *map(str, paths), *arguments])
        with pytest.raises(SystemExit) as end:
            run(main, extra_arguments=True)
        output = capsys.readouterr()
        return int(end.value.code or 0), output.out + output.err

    code, text = call("--train.max_epochs", "1", "--train.batch_size=3")
    assert code == 0 and "Validation Dice" in text
    assert all(structure.name_en in text for structure in STRUCTURES) and "…" not in text
    assert load_bundle(tmp_path / "out" / "model-last").config["train"]["max_epochs"] == 1
    for arguments, message in [
        (["--train.max_epoch", "1"], "did you mean --train.max_epochs?"),
        (["--no-such-option", "1"], "No such option: --no-such-option"),
        (["--gpu-id", "99"], "--gpu-id 99"),
    ]:
        code, text = call(*arguments)
        assert code == 2 and message in text and "Traceback" not in text


def test_running_average_is_validated_and_saved(
    corpus: Path, small_config: Config, tmp_path: Path
) -> None:
    config = small_config()
    config["train"]["ema"] = 0.9
    history = train(config, corpus, tmp_path / "out")
    saved = torch.load(tmp_path / "out" / "checkpoint.pt", weights_only=True)
    average = {k[7:]: v for k, v in saved["average"].items() if k.startswith("module.")}
    assert same(weights(tmp_path / "out"), average)
    assert not same(saved["network"], average)
    # Without it the same steps are taken, and others are the weights that are scored.
    config["train"]["ema"] = 0
    plain = train(config, corpus, tmp_path / "plain")
    assert same(weights(tmp_path / "plain"), saved["network"])
    assert [epoch.loss for epoch in plain.epochs] == [epoch.loss for epoch in history.epochs]


def test_cases_that_were_forced_into_the_corpus_are_counted(
    corpus: Path, small_config: Config, tmp_path: Path
) -> None:
    forced = tmp_path / "forced"
    shutil.copytree(corpus, forced)
    listed = json.loads((forced / "datalist.json").read_text(encoding="utf-8"))
    for entry in listed["training"]:
        entry.update({"forced": True} if entry["case"] == "a" else {})
    listed["notes"] = {"a": [{"kind": "forced", "what": "a.nii.gz: Taken by --force: is odd."}]}
    (forced / "datalist.json").write_text(json.dumps(listed), encoding="utf-8")
    said: list[str] = []
    train(small_config(), forced, tmp_path / "out", say=said.append)
    assert said[0].startswith("1 training case would have been refused") and ": a. " in said[0]
    bundle = load_bundle(tmp_path / "out" / "model-last", torch.device("cpu"))
    assert bundle.metadata["training"]["forced_cases"] == 1
