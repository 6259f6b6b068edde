"""The network of a model folder: built of plain values, and nothing else run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from cohort.base.errors import DataError
from imaging.model.bundle import load_bundle, save_bundle
from imaging.model.folder import CONFIG as CONFIG_FILE
from imaging.model.network import build_network
from imaging.training.finetune import network_of
from imaging.training.rehearsal import rehearse

UNET: dict[str, Any] = {
    "_target_": "monai.networks.nets.UNet",
    "spatial_dims": 2,
    "in_channels": 3,
    "out_channels": 4,
    "channels": [4, 8],
    "strides": [2],
    "norm": "BATCH",
}
WINDOWS = {"brain": [0, 80], "blood": [-20, 180], "bone": [-500, 1300]}
CONFIG = {"preprocess": {"windows": WINDOWS, "spacing": 1.0}, "network_def": UNET}
MAKE = {"_target_": "os.mkdir", "path": "owned"}
SHELL = {"command": "mkdir owned"}
EXPRESSION = "$__import__('os').mkdir('owned')"

ATTACKS: dict[str, Any] = {
    "a function": MAKE,
    "a module's own import": {"_target_": "torch.nn.parallel.distributed.os.system", **SHELL},
    "by way of MONAI": {"_target_": "monai.networks.utils.torch.hub.os.system", **SHELL},
    "by way of the nets": {"_target_": "monai.networks.nets.unet.warnings.sys.exit"},
    "by way of the project": {"_target_": "imaging.model.bundle.Path.mkdir", "self": "owned"},
    "a function of the project": {"_target_": "imaging.model.bundle.write_text", "path": "owned"},
    "a class that is no network": {"_target_": "imaging.model.bundle.Path", "path": "x"},
    "torch's loader": {"_target_": "torch.nn.modules.module.torch.load", "f": "x"},
    "a relative name": {"_target_": "monai.networks.nets..UNet"},
    "a bare name": {**UNET, "_target_": "UNet"},
    "an expression as target": {"_target_": EXPRESSION},
    "a reference as target": {"_target_": "@preprocess"},
    "no text as target": {**UNET, "_target_": ["monai.networks.nets.UNet"]},
    "a mode": {**UNET, "_mode_": "debug"},
    "what is required first": {**UNET, "_requires_": EXPRESSION},
    "switched off": {**UNET, "_disabled_": True},
    "MONAI's debugger": {**UNET, "_debug_": True},
    "an expression": {**UNET, "channels": EXPRESSION},
    "an expression in a list": {**UNET, "channels": [EXPRESSION]},
    "an expression deep down": {**UNET, "act": ["PRELU", {"init": EXPRESSION}]},
    "an expression as key": {**UNET, "act": ["PRELU", {EXPRESSION: 1}]},
    "a reference": {**UNET, "channels": "@preprocess"},
    "a macro": {**UNET, "channels": "%configs/train.yaml::preprocess"},
    "another target": {**UNET, "act": MAKE},
    "another target in a list": {**UNET, "act": ["PRELU", MAKE]},
    "a network inside": {**UNET, "act": {"_target_": "torch.nn.ReLU"}},
    "weights of an address": {
        "_target_": "monai.networks.nets.HoVerNet",
        "pretrained_url": "http://127.0.0.1:9/x",
    },
    "weights by default": {"_target_": "monai.networks.nets.EfficientNetBN", "model_name": "b0"},
    "weights always": {"_target_": "monai.networks.nets.Transchex", "in_channels": 1},
    "arguments missing": {"_target_": "monai.networks.nets.UNet"},
    "a function of torch": {"_target_": "torch.nn.functional.relu", "input": 1},
    "none": None,
    "a list": [UNET],
}
REFUSED = "'network_def' must |the network of 'network_def' can't be built"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save_bundle(tmp_path / "model", build_network(CONFIG), CONFIG, {"version": "1"})
    return tmp_path / "model"


def poison(model: Path, definition: Any) -> None:
    config = yaml.safe_load((model / CONFIG_FILE).read_text())
    (model / CONFIG_FILE).write_text(yaml.safe_dump({**config, "network_def": definition}))


@pytest.mark.parametrize("definition", ATTACKS.values(), ids=ATTACKS)
def test_a_model_folder_runs_nothing(
    model: Path, monkeypatch: pytest.MonkeyPatch, definition: Any
) -> None:
    poison(model, definition)
    (place := model.parent / "place").mkdir()
    monkeypatch.chdir(place)
    for attempt in (
        lambda: load_bundle(model),
        lambda: network_of(model),  # `train --init`
        lambda: build_network({"network_def": definition}),
    ):
        with pytest.raises(DataError, match=REFUSED):
            attempt()
    assert not list(place.iterdir())


def test_no_other_section_of_a_model_folder_is_run(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = yaml.safe_load((model / CONFIG_FILE).read_text())
    config |= {"loss": MAKE, "augment": {"_target_": "x", "y": EXPRESSION}, "imports": [EXPRESSION]}
    (model / CONFIG_FILE).write_text(yaml.safe_dump(config))
    (place := model.parent / "place").mkdir()
    monkeypatch.chdir(place)
    load_bundle(model)
    assert network_of(model)["_target_"] == UNET["_target_"]
    assert not list(place.iterdir())


def test_a_python_object_in_a_models_configuration_is_refused(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (model / CONFIG_FILE).read_text()
    (model / CONFIG_FILE).write_text(text + "\nloss: !!python/object/apply:os.mkdir [owned]\n")
    (place := model.parent / "place").mkdir()
    monkeypatch.chdir(place)
    with pytest.raises(DataError, match="is not a configuration in YAML"):
        load_bundle(model)
    assert not list(place.iterdir())


def test_a_training_refuses_a_network_that_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    config = {**CONFIG, "network_def": ATTACKS["a module's own import"]}
    with pytest.raises(DataError, match=REFUSED):
        rehearse(config, torch.device("cpu"), "train.yaml")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "definition",
    [
        UNET,
        {**UNET, "_target_": "monai.networks.nets.unet.UNet"},
        {"_target_": "torch.nn.Conv2d", "in_channels": 3, "out_channels": 4, "kernel_size": 1},
        {**UNET, "act": ["LEAKYRELU", {"negative_slope": 0.25, "inplace": True}]},
        {
            "_target_": "monai.networks.nets.DynUNet",
            **{"spatial_dims": 2, "in_channels": 3, "out_channels": 4},
            **{"kernel_size": [3, 3, 3], "strides": [[1, 1], [2, 2], 2]},
            "upsample_kernel_size": [2, 2],
        },
    ],
)
def test_networks_are_built(definition: dict[str, Any]) -> None:
    network = build_network({"network_def": definition})
    assert network(torch.zeros(1, 3, 8, 8)).shape == (1, 4, 8, 8)
