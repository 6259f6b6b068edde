"""Trained models as folders."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import torch

from cohort.base.errors import DataError
from imaging.model.bundle import load_bundle, save_bundle
from imaging.model.channels import NOWHERE
from imaging.model.network import build_network
from imaging.scans.preprocess import Preprocess

WINDOWS = {"brain": [0, 80], "blood": [-20, 180], "bone": [-500, 1300]}
UNET = {
    "_target_": "monai.networks.nets.UNet",
    "spatial_dims": 2,
    "in_channels": 3,
    "out_channels": 4,
    "channels": [4, 8],
    "strides": [2],
    "norm": "BATCH",
}
CONFIG = {"preprocess": {"windows": WINDOWS, "spacing": 1.0}, "network_def": UNET}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save_bundle(tmp_path / "model", build_network(CONFIG), CONFIG, {"version": "1"})
    return tmp_path / "model"


def test_a_model_computes_the_same_after_saving(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = build_network(CONFIG)
    network(torch.rand(2, 3, 8, 8))  # moves the batch norm's statistics
    save_bundle(tmp_path / "model", network, CONFIG, {"version": "1"})
    bundle = load_bundle(tmp_path / "model")
    scan = torch.rand(1, 3, 8, 8)
    assert not bundle.network.training
    found = bundle.network(scan)
    assert torch.equal(found[:, :4], network.eval()(scan))
    assert (found[:, 4:] == NOWHERE).all()  # of an earlier version, with four structures
    assert bundle.config == CONFIG and bundle.metadata == {"version": "1"}
    expected = {name: (float(low), float(high)) for name, (low, high) in WINDOWS.items()}
    assert bundle.preprocess == Preprocess(expected, 1.0)


def test_a_model_is_replaced_by_a_newer_one(model: Path) -> None:
    save_bundle(model, build_network(CONFIG), CONFIG, {"version": "2"})
    assert load_bundle(model).metadata == {"version": "2"}


def test_a_full_disk_leaves_the_model_as_it_was(
    model: Path, no_room: Callable[[int], AbstractContextManager[None]]
) -> None:
    with (
        no_room(1000),
        pytest.raises(OSError, match="too large; 0.0 MB are needed") as error,
    ):
        save_bundle(model, build_network(CONFIG), CONFIG, {"version": "2"})
    assert error.value.filename == str(model / "models" / "model.pt")
    assert load_bundle(model).metadata == {"version": "1"}
    assert [path.name for path in model.parent.iterdir()] == ["model"]


def test_a_folder_of_other_files_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match="not overwritten"):
        save_bundle(tmp_path, build_network(CONFIG), CONFIG, {})
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_folders_that_are_no_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such model folder; train"):
        load_bundle(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"is not a trained model \(lacks configs/metadata\.json"):
        load_bundle(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not weights", pickle.dumps([1, 2]), b".", b"K", b"X1"])
def test_damaged_weights_are_refused(model: Path, content: bytes) -> None:
    (model / "models/model.pt").write_bytes(content)
    with pytest.raises(DataError, match=r"model\.pt: holds no network weights"):
        load_bundle(model)


@pytest.mark.parametrize(
    ("content", "message"), [("[]", "is not metadata"), ("{", "not valid JSON")]
)
def test_damaged_metadata_is_refused(model: Path, content: str, message: str) -> None:
    (model / "configs/metadata.json").write_text(content)
    with pytest.raises(DataError, match=rf"metadata\.json: .*{message}"):
        load_bundle(model)


def test_weights_that_would_run_code_are_refused(model: Path, tmp_path: Path) -> None:
    class Attack:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "owned"),)

    torch.save({"weight": Attack()}, model / "models/model.pt")
    with pytest.raises(DataError, match="holds no network weights"):
        load_bundle(model)
    assert not (tmp_path / "owned").exists()


def test_weights_of_another_network_are_refused(model: Path) -> None:
    torch.save(torch.nn.Conv2d(3, 4, 1).state_dict(), model / "models/model.pt")
    with pytest.raises(DataError, match="don't fit the network"):
        load_bundle(model)
