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
from imaging.model.bundle import load_bundle, save_bundle
from imaging.model.channels import load_channels
from imaging.model.learnt import known_to
from imaging.model.network import build_network
from imaging.training.finetune import network_of, start_from
from imaging.training.history import History
from imaging.training.keeping import KeepKnown
from imaging.training.loop import train
from imaging.training.loss import NOT_ANNOTATED

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
        "learnt": list(known_to(old.metadata)),
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
    old, fresh = network(4).state_dict(), network(len(STRUCTURE_IDS))
    new = {name: value.clone() for name, value in fresh.state_dict().items()}
    load_channels(fresh, old, had)
    found = fresh.state_dict()
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


def test_network_is_that_of_the_model_whatever_the_configuration_says(
    small_config: Config, corpus: Path, model: Path, tmp_path: Path
) -> None:
    config = frozen(small_config())
    config["network_def"]["act"] = "RELU"  # as many weights, but another meaning
    notes: list[str] = []
    train(config, corpus, tmp_path / "out", init=model, say=notes.append)
    assert any("is another network than the configuration's" in note for note in notes)
    made = load_bundle(tmp_path / "out" / "model-best").config["network_def"]
    assert made == load_bundle(model).config["network_def"] != config["network_def"]


@pytest.fixture(scope="module")
def sure_config(small_config: Config) -> Config:
    """Return a function that returns a configuration by which the toy corpus is learnt well."""

    def build() -> dict[str, Any]:
        config = small_config()
        config["train"] |= {"max_epochs": 20, "validate_every": 20, "patience": 99, "ema": 0}
        config["train"] |= {"learning_rate": 0.02, "patch": [24, 20], "batch_size": 2}
        config["network_def"] |= {"channels": [8, 16, 16], "strides": [2, 2]}
        config["augment"] |= {"affine": 0.0, "intensity": 0.0, "flip": 0.0}
        return config

    return build


@pytest.fixture(scope="module")
def taught(sure_config: Config, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model that has learnt all four structures of the toy corpus."""
    output = tmp_path_factory.mktemp("taught") / "imaging"
    train(sure_config(), corpus, output)
    return output / "model-last"


@pytest.fixture(scope="module")
def hematoma_only(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the corpus with masks of the hematoma only."""
    folder = tmp_path_factory.mktemp("hematoma") / "corpus"
    shutil.copytree(corpus, folder)
    listed = json.loads((folder / "datalist.json").read_text())
    for entry in listed["training"]:
        entry["structures"] = ["hematoma"]
        entry["present"] = [name for name in entry["present"] if name == "hematoma"]
    (folder / "datalist.json").write_text(json.dumps(listed))
    return folder


def test_fine_tuning_on_hematoma_masks_keeps_what_was_known_of_the_rest(
    sure_config: Config, hematoma_only: Path, taught: Path, tmp_path: Path
) -> None:
    before = load_bundle(taught).metadata["training"]["val_dice"]
    assert min(before.values()) > 0.9
    lost = {}
    for keep in (1.0, 0.0):
        config = sure_config()
        config["train"] |= {"max_epochs": 10, "validate_every": 10, "keep": keep}
        notes: list[str] = []
        history = train(config, hematoma_only, tmp_path / str(keep), init=taught, say=notes.append)
        after = history.epochs[-1].dice
        assert after["hematoma"] > 0.9
        rest = [name for name in before if name != "hematoma"]
        lost[keep] = [before[name] - (after[name] or 0.0) for name in rest]
        undone = sum("as far as the training does not undo it" in note for note in notes)
        assert undone == (0 if keep else len(rest))
    assert max(lost[1.0]) < 0.03
    assert max(lost[0.0]) > 0.05  # else there is nothing to keep


def test_what_is_kept_is_what_the_old_model_says_where_nobody_drew() -> None:
    old = torch.nn.Conv2d(3, len(STRUCTURE_IDS), 1)
    keeping = KeepKnown(old, ["midline"], weight=2.0, amp=False)
    image, label = torch.rand(2, 3, 4, 4), torch.zeros(2, len(STRUCTURE_IDS), 4, 4)
    label[0] = NOT_ANNOTATED
    prepared = keeping.preparing(lambda image, label: (image, label))
    _, both = prepared(image, label)
    drawn, said = both.split(len(STRUCTURE_IDS), dim=1)
    assert torch.equal(drawn, label)
    midline = STRUCTURE_IDS.index("midline")
    torch.testing.assert_close(said[0, midline], old(image).sigmoid()[0, midline])
    others = [channel for channel in range(len(STRUCTURE_IDS)) if channel != midline]
    assert (said[0, others] == NOT_ANNOTATED).all() and (said[1] == NOT_ANNOTATED).all()
    same, other = old(image), old(image)
    other[0, midline] += 3
    other[0, others] += 3
    assert keeping(same, said).item() == pytest.approx(0, abs=1e-5)
    lost = keeping(other, said)
    only = old(image)
    only[0, midline] += 3
    assert lost.item() == pytest.approx(keeping(only, said).item()) and lost.item() > 0.1
    with torch.no_grad():
        old.weight.zero_()  # the training goes on with it
    torch.testing.assert_close(keeping.said(image, label), said)


def test_a_model_of_fewer_structures_is_begun_from_by_their_names(tmp_path: Path) -> None:
    three = ["ventricle_left", "hematoma", "midline"]
    definition = {"_target_": "torch.nn.Conv2d", "in_channels": 3, "out_channels": 3}
    config = {
        "preprocess": {"windows": {"a": [0, 80], "b": [0, 90], "c": [0, 99]}, "spacing": 1.0},
        "network_def": {**definition, "kernel_size": 1},
    }
    network = torch.nn.Conv2d(3, 3, 1)
    save_bundle(tmp_path / "model", network, config, {"structures": three})
    wider = {**config, "network_def": network_of(tmp_path / "model")}
    assert wider["network_def"]["out_channels"] == len(STRUCTURE_IDS)
    new = build_network(wider)
    untouched = {name: value.clone() for name, value in new.state_dict().items()}
    origin = start_from(tmp_path / "model", new, wider)
    assert set(origin["learnt"]) == set(three)
    for channel, name in enumerate(STRUCTURE_IDS):
        for key, value in new.state_dict().items():
            known = network.state_dict()[key][three.index(name)] if name in three else None
            assert torch.equal(value[channel], untouched[key][channel] if known is None else known)
