"""Fine-tuning: a training that starts from a trained model."""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURE_IDS
from imaging.model.bundle import load_bundle
from imaging.training.finetune import _with_channels_of
from imaging.training.history import History
from imaging.training.loop import train

Config = Callable[[], dict[str, Any]]


@pytest.fixture(scope="module")
def model(small_config: Config, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a trained model."""
    output = tmp_path_factory.mktemp("general") / "imaging"
    train(small_config(), corpus, output)
    return output / "model-last"


@pytest.fixture(scope="module")
def one_case(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a corpus of one training case and nothing else."""
    folder = tmp_path_factory.mktemp("own") / "corpus"
    shutil.copytree(corpus, folder)
    listed = json.loads((folder / "datalist.json").read_text())
    listed["training"] = [entry for entry in listed["training"] if entry["case"] == "a"]
    listed["validation"] = []
    (folder / "datalist.json").write_text(json.dumps(listed))
    return folder


def frozen(config: dict[str, Any]) -> dict[str, Any]:
    """Return `config` so that no step changes a weight."""
    config["train"] |= {"max_epochs": 1, "learning_rate": 0.0, "ema": 0}
    config["optimizer"]["weight_decay"] = 0
    return config


def test_training_starts_from_the_weights_and_says_whose(
    small_config: Config, corpus: Path, model: Path, tmp_path: Path
) -> None:
    config = frozen(small_config())
    config["train"]["seed"] = 5
    train(config, corpus, tmp_path / "out", init=model)
    old, new = load_bundle(model), load_bundle(tmp_path / "out" / "model-best")
    before, after = dict(old.network.named_parameters()), dict(new.network.named_parameters())
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    weights = (model / "models" / "model.pt").read_bytes()
    assert new.metadata["training"]["initialised_from"] == {
        "model": model.name,
        "version": old.metadata["version"],
        "epoch": 2,
        "val_mean_dice": old.metadata["training"]["val_mean_dice"],
        "learnt": list(STRUCTURE_IDS),
        "learnt_stated": True,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
    }
    assert "initialised_from" not in old.metadata["training"]


def test_a_model_of_four_structures_keeps_them_and_learns_the_others_anew() -> None:
    def network(channels: int) -> torch.nn.Module:
        torch.manual_seed(channels)
        # The first layer, too, has as many channels as there are structures.
        return torch.nn.Sequential(
            torch.nn.ConvTranspose2d(8, channels, 3), torch.nn.Conv2d(channels, channels, 3)
        )

    had = ("midline", "hematoma", "ventricle_left", "ventricle_right")
    old, new = network(4).state_dict(), network(len(STRUCTURE_IDS)).state_dict()
    found = _with_channels_of(new, old, had)
    own = [had.index(name) for name in STRUCTURE_IDS[:4]]
    assert torch.equal(found["0.weight"][:, :4], old["0.weight"][:, own])
    assert torch.equal(found["0.weight"][:, 4:], new["0.weight"][:, 4:])
    assert torch.equal(found["1.weight"][:4, :4], old["1.weight"][own][:, own])
    assert torch.equal(found["1.weight"][4:], new["1.weight"][4:])
    assert torch.equal(found["1.bias"], torch.cat([old["1.bias"][own], new["1.bias"][4:]]))


def test_one_case_without_validation_trains_all_epochs_and_says_so(
    small_config: Config, one_case: Path, model: Path, tmp_path: Path
) -> None:
    config = small_config()
    config["train"] |= {"max_epochs": 4, "patience": 1}
    with pytest.raises(DataError, match="the part 'val' has no slices with masks"):
        train(config, one_case, tmp_path / "scratch")
    notes: list[str] = []
    history = train(config, one_case, tmp_path / "out", init=model, say=notes.append)
    (note,) = notes
    assert "all 4 epochs are trained, and model-best is the last" in note
    assert len(history.epochs) == 4 and history.best is history.last
    best = load_bundle(tmp_path / "out" / "model-best")
    assert best.metadata["training"]["epoch"] == 4
    assert best.metadata["training"]["val_mean_dice"] is None
    rows = (tmp_path / "out" / "history.csv").read_text().splitlines()
    assert rows[-1].split(",")[3:8] == [""] * 5


def test_resumed_fine_tuning_leaves_init_out(
    small_config: Config, one_case: Path, model: Path, tmp_path: Path
) -> None:
    config = small_config()
    config["train"]["max_epochs"] = 3
    whole = train(config, one_case, tmp_path / "whole", init=model)

    def break_off(step: int, steps: int, loss: float, history: History) -> None:
        if history.last:
            raise KeyboardInterrupt

    copied = tmp_path / "model"
    shutil.copytree(model, copied)
    with pytest.raises(KeyboardInterrupt):
        train(config, one_case, tmp_path / "out", init=copied, observe=break_off)
    shutil.rmtree(copied)
    notes: list[str] = []
    arguments = {"resume": True, "init": copied, "say": notes.append}
    resumed = train(config, one_case, tmp_path / "out", **arguments)
    assert any("is left out; the training that goes on has its weights" in n for n in notes)
    assert [epoch.loss for epoch in resumed.epochs] == [epoch.loss for epoch in whole.epochs]
    metadata = load_bundle(tmp_path / "out" / "model-last").metadata
    assert metadata["training"]["initialised_from"]["model"] == copied.name


def test_models_that_do_not_fit_are_refused_in_a_sentence(
    small_config: Config, corpus: Path, model: Path, tmp_path: Path
) -> None:
    config = small_config()
    config["network_def"]["act"] = "RELU"  # as many weights, but another meaning
    with pytest.raises(DataError, match=r"is another network .* --config .*train\.yaml"):
        train(config, corpus, tmp_path / "out", init=model)
    shutil.copytree(corpus, tmp_path / "corpus")
    config = small_config()
    config["preprocess"] = copy.deepcopy(config["preprocess"])
    config["preprocess"]["spacing"] = 0.5
    listed = json.loads((corpus / "datalist.json").read_text())
    listed["preprocess"] = config["preprocess"]
    (tmp_path / "corpus" / "datalist.json").write_text(json.dumps(listed))
    with pytest.raises(DataError, match="other windows or another spacing than the configuration"):
        train(config, tmp_path / "corpus", tmp_path / "out", init=model)
    with pytest.raises(DataError, match="no such model folder"):
        train(small_config(), corpus, tmp_path / "out", init=tmp_path / "nowhere")
    assert not (tmp_path / "out").exists()
