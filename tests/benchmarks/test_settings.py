"""The ways to train that benchmarks/training/settings.py compares, and its arithmetic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from cohort.facts.structures import STRUCTURE_IDS, STRUCTURES
from imaging.model.config import read_config
from imaging.scans.slices import write_slice, write_slice_label
from imaging.training.run import Training

WINDOWS = [(0.0, 80.0), (20.0, 120.0), (0.0, 255.0)]
SMALL = {"channels": [4, 8], "strides": [2]}


@pytest.fixture(autouse=True)
def in_the_project(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def configuration(name: str, folder: Path, **network: Any) -> dict[str, Any]:
    """Return the configuration of a setting, read as the program reads it."""
    from benchmarks.training.tried.settings import SETTINGS

    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump({"extends": "unet.yaml", **SETTINGS[name].sections}))
    return read_config(file, {f"network_def.{key}": value for key, value in network.items()})


def write_slices(folder: Path, case: str = "p1", count: int = 4) -> list[dict[str, Any]]:
    """Write slices of 32 × 32 pixels, each 10 HU brighter than the one below; return entries."""
    entries = []
    for k in range(count):
        shown = np.full((32, 32), 20.0 + 10 * k)
        levels = [(shown - low) / (high - low) * 255 for low, high in WINDOWS]
        label = np.zeros((len(STRUCTURES), 32, 32), np.uint8)
        label[:, 8:16, 8 : 16 + k] = 1
        names = {"image": f"{case}_{k}.png", "label": f"{case}_{k}_mask.png"}
        write_slice(folder / names["image"], np.clip(levels, 0, 255).round().astype(np.uint8))
        write_slice_label(folder / names["label"], label)
        ids = list(STRUCTURE_IDS)
        slice_ = {"case": case, "slice": k, "spacing": [1.0, 1.0, 5.0]}
        entries.append({**names, **slice_, "structures": ids, "present": ids})
    return entries


@pytest.fixture
def slices(tmp_path: Path) -> Path:
    """Return a corpus of 16 training and 4 validation slices, exported as unet.yaml says."""
    preprocess = read_config(Path("configs/imaging/unet.yaml"))["preprocess"]
    training = [e for case in "abcd" for e in write_slices(tmp_path, case)]
    listed = {"training": training, "validation": write_slices(tmp_path, "v"), "test": []}
    whole = {"schema_version": 1, "preprocess": preprocess, **listed, "notes": {}}
    (tmp_path / "datalist.json").write_text(json.dumps(whole))
    return tmp_path


def test_schedule_uses_up_the_budget() -> None:
    from benchmarks.training import settings

    assert settings.schedule(60, 0.05, 160) == (8, 150)
    assert settings.schedule(60, 0.05, 400) == (3, 400)
    assert settings.schedule(1, 0.05, 160) == (1, 20)


def test_steps_of_an_epoch_are_those_of_the_training(slices: Path) -> None:
    from benchmarks.training import settings
    from benchmarks.training.tried.settings import SETTINGS

    listed = json.loads((slices / "datalist.json").read_text())
    for entry in listed["training"][:10]:
        entry["present"] = []
    (slices / "datalist.json").write_text(json.dumps(listed))
    for name in ("usual", "batch", "background"):
        config = configuration(name, slices, **SMALL)
        training = Training(config, slices, slices / "out", torch.device("cpu"))
        assert settings.steps_an_epoch(SETTINGS[name], listed) == training.steps / 22


def test_settings_whose_steps_cost_the_same_are_measured_once() -> None:
    from benchmarks.training import settings

    alike = ("usual", "heads", "passes", "absent", "background", "rate", "two", "three")
    assert {settings.same_step(name) for name in alike} == {"usual"}
    other = ("batch", "wide", "narrow", "context", "residual", "deep", "neighbours", "hard")
    for name in (*other, "focal", "tversky"):
        assert settings.same_step(name) == name


def test_all_settings_build_and_take_a_step_backward(tmp_path: Path) -> None:
    from benchmarks.training import settings
    from benchmarks.training.tried.settings import SETTINGS
    from benchmarks.training.tried.ways import training_class
    from imaging.model.network import build_network
    from imaging.training.build import instantiate

    for name, setting in SETTINGS.items():
        config = configuration(name, tmp_path)
        if settings.same_step(name) != name:
            continue  # the network and the loss of another
        with training_class(setting.way):
            network = build_network(config)
        parts = instantiate(config, network, 10, torch.device("cpu"))
        inputs = config["network_def"]["in_channels"]
        logits = network(torch.rand(2, inputs, 64, 64))
        logits = logits[0] if setting.way == "deep" else logits
        label = torch.zeros(2, len(STRUCTURES), 64, 64)
        label[:, :, 20:40, 20:40] = 1
        parts["loss"](logits, label).backward()
        assert next(network.parameters()).grad.abs().sum() > 0, name


@pytest.mark.parametrize("name", ["deep", "neighbours", "hard", "two"])
def test_way_trains_validates_and_writes_its_models(
    name: str, slices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks.training.tried import program
    from benchmarks.training.tried.settings import SETTINGS, Setting

    small = {**SMALL, **({"in_channels": 9} if name == "neighbours" else {})}
    if name == "deep":
        small = {**SETTINGS[name].sections["network_def"], "channels": [4, 8, 8, 8]}
        small["strides"] = [2, 2, 2]
    sections = {
        **SETTINGS[name].sections,
        "network_def": small,
        "train": {"batch_size": 4, "patch": [32, 32]},
    }
    setting = Setting("", sections, way=SETTINGS[name].way, networks=SETTINGS[name].networks)
    monkeypatch.setitem(SETTINGS, name, setting)
    item = {"name": name, "corpus": str(slices), "epochs": 2, "steps_of_epoch": 3, "seed": 0}
    result = program.train(slices / "out", item)
    assert result["steps"] == 2 * 3 * setting.networks  # a whole epoch has 4
    assert 0 <= result["dice"]["mean"] <= 1
    assert (slices / "out" / "0" / "model-last" / "models" / "model.pt").is_file()
    if name == "two":
        assert len(result["each"]) == 2


def test_only_the_steps_asked_for_are_timed(slices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks.training.tried import program
    from benchmarks.training.tried.settings import SETTINGS, Setting

    sections = {"network_def": SMALL, "train": {"batch_size": 1, "patch": [32, 32]}}
    monkeypatch.setitem(SETTINGS, "usual", Setting("", sections))
    steps = program._steps("usual", slices, slices / "out")
    assert len(steps) == program.COUNTED
    assert min(steps) > 0
    assert not (slices / "out" / "model-last").exists()


def test_neighbours_are_the_slices_below_and_above(tmp_path: Path) -> None:
    from benchmarks.training.tried.neighbours import LoadThree, with_neighbours

    entries = write_slices(tmp_path)
    for entry in entries:
        entry.update({key: tmp_path / entry[key] for key in ("image", "label")})
    load = LoadThree(entries, WINDOWS)
    found = [load(entry)["hu"][:, 0, 0].float().numpy() for entry in entries]
    # 20 to 50 HU; at the ends the slice itself.
    assert found[0] == pytest.approx([20, 20, 30], abs=0.3)
    assert found[1] == pytest.approx([30, 20, 40], abs=0.3)
    assert found[3] == pytest.approx([50, 40, 50], abs=0.3)
    volume = torch.arange(4.0).view(1, 1, 1, 4)
    planes = with_neighbours(volume)[:, 0, 0]
    assert planes.T.tolist() == [[0, 0, 1], [1, 0, 2], [2, 1, 3], [3, 2, 3]]


def test_three_slices_change_alike_but_have_noise_of_their_own() -> None:
    from benchmarks.training.tried.neighbours import AugmentThree

    still = {"flip": 0.0, "affine": 0.0, "blur": 0.0, "cut": 0.0, "shade": 0.0}
    hu = torch.full((8, 3, 32, 32), 40.0)
    label = torch.zeros(8, 1, 32, 32, dtype=torch.uint8)
    augment = AugmentThree(**still, noise=0.0)
    all_drawn = torch.ones(8, len(STRUCTURE_IDS), dtype=torch.bool)
    changed, *_ = augment(hu.clone(), label, all_drawn)
    assert changed.std() > 1
    assert (changed - changed[:, :1]).abs().max() == 0
    rough = AugmentThree(**still, contrast=0.0, offset=0.0, intensity=1.0)
    noisy, *_ = rough(hu.clone(), label, all_drawn)
    beside = [torch.corrcoef(one.flatten(1))[0, 1].abs() for one in noisy]
    assert max(beside) < 0.3


def test_deep_network_is_the_plain_one_where_it_does_not_train() -> None:
    from monai.networks.nets import UNet

    from benchmarks.training.tried.deep import DeepUNet

    values = {"spatial_dims": 2, "in_channels": 3, "out_channels": 2}
    shape = {"channels": [4, 8, 8, 8], "strides": [2, 2, 2]}
    deep, plain = DeepUNet(**values, **shape), UNet(**values, **shape)
    known = {key: value for key, value in deep.state_dict().items() if "heads" not in key}
    plain.load_state_dict(known)
    image = torch.rand(1, 3, 32, 32)
    plain.eval(), deep.eval()
    assert torch.equal(deep(image), plain(image))
    assert [tuple(level.shape[2:]) for level in deep.train()(image)] == [(32, 32), (16, 16), (8, 8)]
    assert torch.allclose(deep.train()(image)[0], plain.train()(image), atol=1e-5)


def test_hard_slices_are_drawn_more_within_limits() -> None:
    from benchmarks.training.tried.hard import LIMITS, HardSampler

    order = HardSampler([True] * 3 + [False] * 2, 0.5)
    order.seed(0)
    assert sorted(list(order)[:4])[:3] == [0, 1, 2]  # SliceSampler's first epoch
    order.losses[:4] = torch.tensor([1.0, 2.0, 0.0, 1.0])
    # Each beside the mean of those that were shown, and half as often where nothing is shown.
    assert order.weights().tolist() == [1.0, 2.0, LIMITS[0], 0.5, 0.5]
    many = [index for _ in range(2000) for index in order]
    assert len(many) == 2000 * len(order)
    share = np.bincount(many, minlength=5) / len(many)
    assert share == pytest.approx(order.weights().numpy() / 4.25, abs=0.02)


def test_mean_of_networks_is_that_of_probabilities() -> None:
    from benchmarks.training.tried.program import MeanOfNetworks

    networks = [torch.nn.Conv2d(3, 1, 1) for _ in range(2)]
    for network, logit in zip(networks, (4.0, -2.0), strict=True):
        network.strides = [1]
        torch.nn.init.zeros_(network.weight)
        torch.nn.init.constant_(network.bias, logit)
    found = MeanOfNetworks(networks)(torch.zeros(1, 3, 2, 2)).sigmoid()
    wanted = torch.tensor([4.0, -2.0]).sigmoid().mean()
    assert found.detach().numpy() == pytest.approx(float(wanted), abs=1e-5)


def test_corpus_for_the_cost_is_the_first_slices_in_place(slices: Path, tmp_path: Path) -> None:
    from benchmarks.training import settings

    few = settings.first_slices(slices, slices.parent / "few")
    listed = json.loads((few / "datalist.json").read_text())
    assert len(listed["training"]) == 16
    assert {entry["case"] for entry in listed["validation"]} == {"v"}
    assert all((few / entry["image"]).is_file() for entry in listed["training"])
