"""Training in several processes: the same steps as one, the same weights in all, one voice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
import yaml

from cohort.base.code.contents import PROVENANCE
from cohort.base.errors import DataError
from imaging.training.checkpoints import read_checkpoint
from imaging.training.distributed import BatchShares, share_volumes
from imaging.training.loop import train
from tests.conftest import ROOT

Config = Callable[[], dict[str, Any]]

# `python -m imaging.train` as torchrun does it, once for each list of arguments; its processes
# write down at the end what each of them holds. They are forked, so that torch and MONAI are
# loaded once: by `python -m torch.distributed.run` each would load them again.
WATCHED = """
import json, os, runpy, sys
from pathlib import Path
import torch
from torch.distributed.launcher.api import LaunchConfig, elastic_launch
from imaging.training.run import Training

def run(self, run=Training.run):
    history = run(self)
    held = {
        "network": self.network.state_dict(),
        "average": self.average.state_dict(),
        "dice": [dict(epoch.dice) for epoch in history.epochs],
        "loss": [epoch.loss for epoch in history.epochs],
    }
    torch.save(held, self.output.with_name(f"rank{os.environ['RANK']}.pt"))
    return history

def work(words):
    sys.argv = ["train", *words]
    try:
        runpy.run_module("imaging.train", run_name="__main__")
    except SystemExit as end:
        assert not end.code
    finally:
        threads = [(task / "comm").read_text() for task in Path("/proc/self/task").iterdir()]
        print("left:", [name for name in threads if "gloo" in name], flush=True)

Training.run = run
config = LaunchConfig(
    min_nodes=1, max_nodes=1, nproc_per_node=2, max_restarts=0, start_method="fork",
    rdzv_backend="c10d", rdzv_endpoint="localhost:0",
)
for words in json.loads(sys.argv[1]):
    elastic_launch(config, work)(words)
"""


class Launched(NamedTuple):
    """What two processes did: a folder for each training, with the model in `out`."""

    alike: Path
    resumed: Path


def without_chance(config: dict[str, Any]) -> dict[str, Any]:
    """Return `config` so that it makes no difference which process sees a slice."""
    config["train"] |= {"patch": [32, 32], "max_epochs": 3, "learning_rate": 0.01, "ema": 0.9}
    config["augment"] |= {"flip": 0, "affine": 0, "intensity": 0, "cut": 0}
    config["network_def"]["norm"] = "INSTANCE"
    # A mean over slices: the mean over processes is the same.
    config["loss"] = {"_target_": "torch.nn.BCEWithLogitsLoss"}
    return config


def with_average(config: dict[str, Any]) -> dict[str, Any]:
    config["train"] |= {"max_epochs": 3, "ema": 0.9}
    return config


@pytest.fixture(scope="module")
def launched(
    small_config: Config, corpus: Path, tmp_path_factory: pytest.TempPathFactory
) -> Launched:
    """Train in two processes: without chance, and then one epoch that is resumed."""
    if sys.platform != "linux":
        pytest.skip("processes that are forked, and named in /proc")
    folder = tmp_path_factory.mktemp("launched")
    (folder / "watched.py").write_text(WATCHED, encoding="utf-8")

    def words(name: str, config: dict[str, Any]) -> list[str]:
        (folder / name).mkdir()
        path = folder / name / "net.yaml"
        path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        options = ["--config", path, "--corpus", corpus, "--output", folder / name / "out"]
        return list(map(str, options))

    alike = words("alike", without_chance(small_config()))
    resumed = words("resumed", with_average(small_config()))
    trainings = [alike, [*resumed, "--train.max_epochs", "1"], [*resumed, "--resume"]]
    done = subprocess.run(
        [sys.executable, str(folder / "watched.py"), json.dumps(trainings)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    # One voice of each training.
    assert done.stdout.count("Validation Dice") == len(trainings)
    # A thread of the group that outlives it can abort the process at its end.
    assert done.stdout.count("left: []") == 2 * len(trainings), done.stdout
    assert "Warning" not in done.stderr
    return Launched(folder / "alike", folder / "resumed")


def test_two_processes_take_the_steps_of_one(
    small_config: Config, launched: Launched, corpus: Path, tmp_path: Path
) -> None:
    one = train(without_chance(small_config()), corpus, tmp_path / "one")
    outputs = launched.alike / "out", tmp_path / "one"
    saved = [read_checkpoint(output / "checkpoint.pt") for output in outputs]
    assert saved[0]["trainer"]["iteration"] == saved[1]["trainer"]["iteration"]
    losses = [[e["loss"] for e in each["history"]["epochs"]] for each in saved]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    dice = [each["history"]["epochs"][-1]["dice"] for each in saved]
    assert dice[0] == pytest.approx(dice[1], abs=0.02)
    # The command says how the model was made as well.
    assert {p.name for p in outputs[0].iterdir()} == {
        *(p.name for p in outputs[1].iterdir()),
        PROVENANCE,
    }
    assert one.last.loss < one.epochs[0].loss, "there was something to learn"


def test_all_processes_hold_the_same_and_go_on_together(
    small_config: Config, launched: Launched, corpus: Path, tmp_path: Path
) -> None:
    held = [torch.load(launched.resumed / f"rank{rank}.pt", weights_only=True) for rank in (0, 1)]
    for part in ("network", "average"):
        assert held[0][part].keys() == held[1][part].keys()
        assert all(torch.equal(held[0][part][k], held[1][part][k]) for k in held[0][part])
    assert held[0]["dice"] == held[1]["dice"] and held[0]["loss"] == held[1]["loss"]
    assert len(held[0]["loss"]) == 3
    # With Dice and batch norm over half a batch each: alike, within noise.
    alone = train(with_average(small_config()), corpus, tmp_path / "one")
    assert held[0]["loss"] == pytest.approx([e.loss for e in alone.epochs], rel=0.25)


def test_each_process_gets_its_share_of_each_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    order = list(range(100, 111))
    monkeypatch.setattr("ignite.distributed.get_world_size", lambda: 2)
    batches = []
    for rank in (0, 1):
        monkeypatch.setattr("ignite.distributed.get_rank", lambda rank=rank: rank)
        shares = BatchShares(order, 4)
        batches.append(list(shares))
        assert len(shares) == len(batches[-1]) == 2
    together = [one + two for one, two in zip(*batches, strict=True)]
    assert together == [[100, 101, 102, 103], [104, 105, 106, 107]]
    with pytest.raises(DataError, match="A batch of 5 slices can't be shared equally by 2"):
        BatchShares(order, 5)
    with pytest.raises(DataError, match="an epoch has 3 slices"):
        BatchShares(order[:3], 4)


def test_alone_a_batch_is_whole_and_a_small_corpus_is_one_batch() -> None:
    assert list(BatchShares([5, 6, 7, 8, 9], 2)) == [[5, 6], [7, 8]]
    assert list(BatchShares([5, 6, 7], 4)) == [[5, 6, 7]]


@pytest.mark.parametrize(
    ("volumes", "processes", "shares"),
    [("abc", 2, ["ac", "b"]), ("ab", 3, ["ab", "ab", "ab"]), ("", 2, ["", ""])],
)
def test_volumes_count_equally_however_many_processes_there_are(
    monkeypatch: pytest.MonkeyPatch, volumes: str, processes: int, shares: list[str]
) -> None:
    monkeypatch.setattr("ignite.distributed.get_world_size", lambda: processes)
    for rank, share in enumerate(shares):
        monkeypatch.setattr("ignite.distributed.get_rank", lambda rank=rank: rank)
        assert share_volumes(list(volumes)) == list(share)
