"""The rehearsal of a training: what cannot work is found on a made-up batch, before any data."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import imaging.training.loop
from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURE_IDS
from imaging.dry_run import main as dry_run
from imaging.model.config import read_config
from imaging.train import main as train_main
from imaging.training.loop import train
from imaging.training.rehearsal import rehearse
from tests.conftest import ROOT

CPU = torch.device("cpu")
PARAMETERS = "$@network.parameters()"
HERE = "imaging.of_tests"
"""Name of this file as a module of the project's, as networks must be."""
Change = Callable[[dict[str, Any]], Any]


class Crop:
    """An augmentation that cuts the slices, but not their labels."""

    def seed(self, seed: int) -> None:
        """Do nothing."""

    def __call__(self, hu: torch.Tensor, *others: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return hu[..., :-1], *others


class TwoOutputs(torch.nn.Conv2d):
    """A network that returns more than logits."""

    def forward(self, image: torch.Tensor) -> Any:
        return [super().forward(image)] * 2


class OneSize(torch.nn.Conv2d):
    """A network for patches of 16 × 16 alone."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return super().forward(image) + torch.zeros(16, 16)


class ClassLoss(torch.nn.CrossEntropyLoss):
    """A loss that wants a class a pixel."""

    def forward(self, logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        return super().forward(logits, label[:, :3])


@pytest.fixture(autouse=True)
def as_module_of_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    here = types.SimpleNamespace(**globals())
    monkeypatch.setitem(sys.modules, HERE, here)
    monkeypatch.setattr(imaging, "of_tests", here, raising=False)
    for one in (TwoOutputs, OneSize):
        monkeypatch.setattr(one, "__module__", HERE)


def put(section: str, **values: Any) -> Change:
    return lambda config: config[section].update(values)


def instead(section: str, value: Any) -> Change:
    def change(config: dict[str, Any]) -> None:
        config[section] = value

    return change


def network(name: str) -> Change:
    target = f"{HERE}.{name}"
    return instead(
        "network_def",
        {
            "_target_": target,
            "in_channels": 3,
            "out_channels": len(STRUCTURE_IDS),
            "kernel_size": 1,
        },
    )


def schedule(name: str, **values: Any) -> Change:
    target = {"_target_": f"torch.optim.lr_scheduler.{name}", "optimizer": "@optimizer"}
    return instead("lr_scheduler", {**target, **values})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("train", patch=[17, 16]), r"'train.patch' must be multiples of 2, .* \[16, 16\]"),
        (put("train", patch=[1, 1]), r"'train.patch' must be multiples of 2, .* \[2, 2\]"),
        (put("train", patch=[16]), "'patch' must be two numbers of pixels"),
        (put("train", patch=[10**5, 16]), "'patch' must be two numbers of pixels up to 2048"),
        (put("train", batch_size=0), "'batch_size' must be a whole number from 1 on"),
        (put("train", batch_size=1, patch=[2, 2]), "'train.batch_size' and 'train.patch'.*1 value"),
        (put("train", amp="half"), "'amp' must be true or false"),
        (put("train", max_epoch=3), "'max_epoch' is unknown; did you mean 'max_epochs'"),
        (put("network_def", out_channels=9), "'out_channels' must be 7, one per structure, not 9"),
        (put("network_def", in_channels=1), "'in_channels' must be 3, one per CT window, not 1"),
        (put("network_def", spatial_dims=3), "'spatial_dims' must be 2"),
        (put("network_def", strides=[]), "'network_def' can't be built.*strides"),
        (put("network_def", strides=[2, 2, 2]), "'network_def': .*strides will not be used"),
        (put("train", warmup=2), "'train.warmup', a share of all steps from 0 to below 1"),
        (put("lr_scheduler", t_total=0), "'lr_scheduler.t_total': a schedule of 0 steps"),
        (put("network_def", channels=[4, "x"]), "'network_def' can't be built"),
        (put("network_def", norm="NONE"), "'network_def' can't be built"),
        (network("TwoOutputs"), "must return logits .* not list"),
        (network("OneSize"), "can't take slices of any size, such as 17 × 17"),
        (put("preprocess", windows={"brain": [0, 80]}), "must name three CT windows"),
        (put("postprocess", smallest=2), "'postprocess': .* did you mean 'smallest_ml'"),
        (put("augment", flip=50), "'augment' .* 'flip' must be a share between 0 and 1, not 50"),
        (put("augment", noise=-1), "'augment' .* 'noise' must be 0 or more, not -1"),
        (put("augment", rotate="far"), "section 'augment'"),
        (put("augment", turn=3), "section 'augment' .* 'turn'"),
        (instead("augment", {"_target_": f"{HERE}.Crop"}), "'augment' can't .* came back with"),
        (
            put("loss", weights=[1, 1]),
            "section 'loss' .* weights must be one number, or one per structure",
        ),
        (
            put("loss", weights=[*[1] * (len(STRUCTURE_IDS) - 1), float("nan")]),
            "section 'loss' .* the loss is nan",
        ),
        (instead("loss", {"_target_": f"{HERE}.ClassLoss"}), "section 'loss' can't compare"),
        (
            instead("loss", {"_target_": "torch.nn.MSELoss", "reduction": "none"}),
            "section 'loss' .* one number for the whole batch",
        ),
        (put("optimizer", momentum=0.9), "section 'optimizer' .* 'momentum'"),
        (put("optimizer", lr=-1.0), "section 'optimizer' .* -1"),
        (put("optimizer", lr="@train::rate"), "section 'optimizer'"),
        (
            instead("optimizer", {"_target_": "torch.optim.LBFGS", "params": PARAMETERS}),
            "section 'optimizer' can't take a step: .*closure",
        ),
        (schedule("ReduceLROnPlateau"), "section 'lr_scheduler' can't take a step: .*metrics"),
        (schedule("CosineAnnealingLR"), "section 'lr_scheduler' .*T_max"),
    ],
)
def test_what_does_not_fit_is_named_before_anything_is_read(
    small_config: Callable[[], dict[str, Any]], tmp_path: Path, change: Change, message: str
) -> None:
    config = small_config()
    change(config)
    with pytest.raises(DataError, match=message) as error:
        train(config, tmp_path / "no corpus", tmp_path / "out")
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("The configuration: ")
    assert not (tmp_path / "out").exists()


WRONG = """
extends: unet_short.yaml
preprocess: {spacing: -1, windows: {brain: [80, 0]}}
postprocess: {threshold: 2, lowest: 1}
train: {seeds: 1, max_epochs: 0, patch: [7], learning_rate: high}
loss: {dice: 1}
"""


def test_what_is_wrong_in_all_sections_is_said_at_once_with_the_file(
    tmp_path: Path, command: Any
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(WRONG, encoding="utf-8")
    for main, arguments in ((dry_run, ()), (train_main, ("--corpus", tmp_path / "none"))):
        result = command(main, "--config", path, *arguments, extra_arguments=True)
        assert result.exit_code == 1
        said = " ".join(result.stderr.replace("✘", "").split()).split(f"{path}: ")[1:]
        assert [re.split(" must|; did|: Ann|: '<=", sentence)[0].strip() for sentence in said] == [
            "section 'train': 'seeds' is unknown",
            "section 'train': 'max_epochs'",
            "section 'train': 'patch'",
            "section 'preprocess': window 'brain'",
            "section 'preprocess': 'spacing'",
            "section 'postprocess': 'threshold'",
            "section 'postprocess': 'lowest' is unknown",
            "section 'loss' can't be built",
            "section 'optimizer' can't be built",
        ]


@pytest.mark.parametrize("path", sorted((ROOT / "configs" / "imaging").glob("*.yaml")))
def test_configurations_of_the_project_can_be_trained_and_leave_random_states_as_they_were(
    path: Path,
) -> None:
    def states() -> tuple[Any, ...]:
        numpy = np.random.get_state()
        return random.getstate(), str(numpy), torch.get_rng_state().tolist()

    before = states()
    network = rehearse(read_config(path), CPU)
    assert sum(parameter.numel() for parameter in network.parameters()) > 10**5
    assert states() == before


def test_a_training_is_the_same_with_and_without(
    corpus: Path,
    small_config: Callable[[], dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train(small_config(), corpus, tmp_path / "with")
    monkeypatch.setattr(imaging.training.loop, "rehearse", lambda *_: None)
    train(small_config(), corpus, tmp_path / "without")
    one, other = (
        torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)
        for name in ("with", "without")
    )
    for part in ("network", "average"):
        assert one[part].keys() == other[part].keys()
        assert all(torch.equal(one[part][key], other[part][key]) for key in one[part])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--train.patch", "[200,200]"], 1, "such as [192, 192]"),
        (["--gpu-id", "99"], 2, "--gpu-id 99"),
    ],
)
def test_command_says_what_cannot_work(
    tmp_path: Path,
    command: Any,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    # From another folder, where the usual configuration does not lie.
    monkeypatch.chdir(tmp_path)
    done = command(dry_run, *arguments, extra_arguments=True)
    assert (done.exit_code, list(tmp_path.iterdir())) == (code, [])
    assert said in done.stdout + done.stderr and "Traceback" not in done.stderr


def test_command_says_that_it_can_work_with_no_more_than_python(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "imaging.dry_run"]
    env = {"PYTHONPATH": str(ROOT), "PATH": "", "COLUMNS": "200"}
    done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path, env=env)
    assert (done.returncode, list(tmp_path.iterdir())) == (0, [])
    assert "can be trained on cpu" in done.stdout and "Traceback" not in done.stderr
